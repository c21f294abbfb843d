"""Alembic's entry point. ``store.upgrade`` passes the connection; migrations cannot be run in another way."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
