"""Alembic's entry point. The connection is handed in by `ivr.store.migrate`; there is no offline mode."""

from alembic import context

from ivr.store.tables import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables,
    # SQLite cannot alter a table in place: later revisions copy it.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
