"""Rows and how they are kept: tables, engine, migrations, numbering, journal; values into rows and back."""
