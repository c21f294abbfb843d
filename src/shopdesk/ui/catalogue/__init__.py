"""Products and customers: lists, details, import."""
