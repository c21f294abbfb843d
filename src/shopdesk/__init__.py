"""A till program: invoices and receipts, paid, printed and sent."""

__version__ = "0.4.0"
