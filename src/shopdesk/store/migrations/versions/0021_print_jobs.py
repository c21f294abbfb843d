"""Prints of documents, each at its till."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shopdesk.store import acts_sql
from shopdesk.store.columns import Instant, UuidKey, WholeNumber

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "print_jobs",
        sa.Column("key", UuidKey(length=16), nullable=False),
        sa.Column("document_key", UuidKey(length=16), nullable=False),
        sa.Column("till_key", UuidKey(length=16), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("form", sa.String(length=20), nullable=False),
        sa.Column("paper", sa.String(length=10), nullable=False),
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.Column("journal_seq", WholeNumber(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_by", UuidKey(length=16), nullable=True),
        sa.Column("last_words", sa.Text(), nullable=False),
        sa.Column("queue", sa.String(length=200), nullable=False),
        sa.Column("queue_number", sa.Integer(), nullable=True),
        sa.Column("submitted_at", Instant(length=27), nullable=True),
        sa.Column("created_at", Instant(length=27), nullable=False),
        sa.Column("ended_at", Instant(length=27), nullable=True),
        sa.ForeignKeyConstraint(["document_key"], ["documents.key"], name="fk_print_jobs_document_key_documents"),
        sa.ForeignKeyConstraint(["till_key"], ["tills.key"], name="fk_print_jobs_till_key_tills"),
        sa.PrimaryKeyConstraint("key", name="pk_print_jobs"),
    )
    op.create_index("ix_print_jobs_document_key", "print_jobs", ["document_key"])
    op.create_index("ix_print_jobs_till_key_ended_at", "print_jobs", ["till_key", "ended_at"])
    newest = [sa.text("created_at DESC"), sa.text('"key" DESC')]
    op.create_index("ix_print_jobs_till_key_created_at_key", "print_jobs", ["till_key", *newest])
    if op.get_bind().dialect.name == "postgresql":
        acts_sql.install(op.get_bind())


def downgrade() -> None:
    op.drop_table("print_jobs")
