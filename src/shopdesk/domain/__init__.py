"""The rules of the shop: money, tax, lines, totals, documents and their states; no clock, I/O, Qt or SQL."""
