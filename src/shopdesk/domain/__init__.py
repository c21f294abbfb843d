"""The rules of the shop: money, tax, documents and their states, shifts, e-invoices; no clock, I/O, Qt or SQL."""
