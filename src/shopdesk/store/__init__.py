"""The database layer: tables, engine, migrations, numbering, journal, and the conversion of values to rows and back."""
