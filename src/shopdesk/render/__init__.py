"""Pure functions that render documents and statements as PDF or e-mail, and lists as CSV or XLSX."""
