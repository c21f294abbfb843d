"""Looks whether everything the program needs works, and says what to do where it does not."""
