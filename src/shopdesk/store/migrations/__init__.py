"""Migrations from one database version to the next; they never import ``store.tables``."""
