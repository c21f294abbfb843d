"""Pure functions that render a document as PDF or e-mail, and a list as CSV or XLSX."""
