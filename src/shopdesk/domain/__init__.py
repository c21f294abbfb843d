"""What a shop is: money, tax, lines, totals, documents and their legal moves, refusals; no clock, no I/O, no Qt, no SQL."""
