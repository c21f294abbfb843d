"""The actions of the shop: one verb, one function, no SQL of its own."""
