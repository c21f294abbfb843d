"""The windows: collect input, call use cases and queries, show the results."""
