"""The settings page, one module a section."""
