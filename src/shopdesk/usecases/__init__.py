"""Everything the shop does: one verb, one function, no SQL of its own."""
