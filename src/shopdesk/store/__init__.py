"""Rows and how they are kept: tables, column types, engine, migrations, numbering, journal; turns values into rows and back."""
