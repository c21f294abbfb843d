"""Products and customers: lists, details, import, many prices at once, accounts of customers."""
