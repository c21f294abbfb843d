"""Windows: gather, ask, show."""
