"""The database layer: tables, engine, migrations, journal, rows as values, and the acts of a server as functions."""
