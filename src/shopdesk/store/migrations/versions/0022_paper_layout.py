"""The shop's choices for its papers: logo, barcode and own texts, and what each document prints of them for ever."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from shopdesk.store import acts_sql, document_snapshots
from shopdesk.store.columns import UuidKey
from shopdesk.store.migrations.sealed_documents import FIRST_FROZEN, guard_sealed

revision = "0022"
down_revision = "0021"

_WITH_LAYOUT = 5
"""The first version of snapshots that tell the layout."""


def upgrade() -> None:
    op.create_table(
        "logos",
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_logos"),
        sqlite_with_rowid=False,
    )
    boolean = sa.Boolean(create_constraint=False)
    op.add_column("shop", sa.Column("has_barcode", boolean, server_default=sa.true(), nullable=False))
    op.add_column("shop", sa.Column("logo", sa.String(length=64), server_default="", nullable=False))
    op.add_column("shop", sa.Column("own_texts", sa.Text(), server_default="", nullable=False))
    op.add_column("documents", sa.Column("layout", sa.Text(), server_default="", nullable=False))
    _fill_layouts()
    guard_sealed([*FIRST_FROZEN, "origin", "exemptions", "layout"])
    if op.get_bind().dialect.name == "postgresql":
        acts_sql.install(op.get_bind())


def _fill_layouts() -> None:
    """Take the layout of each document from the journal, where this version wrote it before the shop went back."""
    journal = sa.table(
        "journal",
        sa.column("document_key", UuidKey()),
        sa.column("snapshot", sa.LargeBinary()),
        sa.column("version", sa.Integer()),
    )
    documents = sa.table("documents", sa.column("key", UuidKey()), sa.column("layout", sa.Text()))
    connection = op.get_bind()
    rows = sa.select(journal.c.document_key, journal.c.snapshot).where(
        journal.c.version >= _WITH_LAYOUT, journal.c.document_key.is_not(None)
    )
    newest: dict[object, tuple[int, str]] = {}
    for key, snapshot in connection.execute(rows):
        facts = json.loads(document_snapshots.unpacked(snapshot))["document"]
        if "layout" in facts and facts["revision"] >= newest.get(key, (0, ""))[0]:
            newest[key] = (facts["revision"], document_snapshots.text_of(facts["layout"]))
    for key, (_, layout) in newest.items():
        connection.execute(sa.update(documents).where(documents.c.key == key).values(layout=layout))


def downgrade() -> None:
    guard_sealed([*FIRST_FROZEN, "origin", "exemptions"])
    op.execute("ALTER TABLE documents DROP COLUMN layout")
    for name in ("own_texts", "logo", "has_barcode"):
        op.execute(f"ALTER TABLE shop DROP COLUMN {name}")
    op.drop_table("logos")
