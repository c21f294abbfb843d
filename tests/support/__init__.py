"""Guards and servers that the tests stand on; conftest.py tells which."""
