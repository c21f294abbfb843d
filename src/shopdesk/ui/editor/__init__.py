"""The editor of a new document: its fields, rows, totals, autosave and saving."""
