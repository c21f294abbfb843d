"""Widgets that two or more subjects share."""
