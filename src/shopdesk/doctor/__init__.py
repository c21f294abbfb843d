"""Checks of everything the program needs, with advice for what does not work."""
