"""What a shop is: money, tax, lines, totals, documents and their legal moves; no clock, no I/O, no Qt, no SQL."""
