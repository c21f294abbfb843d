"""Pure functions that render documents, e-invoices, statements and reports as PDF, XML or e-mail, lists as files."""
