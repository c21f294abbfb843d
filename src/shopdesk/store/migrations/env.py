"""Alembic's entry: ``store.upgrade`` gives the connection; there is no other way to run a migration."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
