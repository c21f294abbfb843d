"""The shop counter on one screen: invoices and receipts, paid, printed and sent."""

__version__ = "0.1.0"
