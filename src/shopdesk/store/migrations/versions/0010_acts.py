"""Passwords and PINs in a table of their own, and, on a server, people and settings changed by functions only.

What is stored of a password becomes the SHA-256 of what Argon2id made of it: a till sends the latter, and who reads the
table still cannot sign in.
"""

from __future__ import annotations

import base64
import hashlib
import os

import sqlalchemy as sa
from alembic import op

from shopdesk.store import acts_sql
from shopdesk.store.columns import UuidKey

revision = "0010"
down_revision = "0009"

_ACCOUNTS = sa.table(
    "accounts",
    sa.column("key", UuidKey()),
    sa.column("password_hash", sa.String()),
    sa.column("pin_hash", sa.String()),
    sa.column("pin_failures", sa.Integer()),
    sa.column("password_mark", sa.String()),
    sa.column("pin_mark", sa.String()),
)
_CREDENTIALS = sa.table(
    "credentials",
    sa.column("account_key", UuidKey()),
    sa.column("password_hash", sa.String()),
    sa.column("pin_hash", sa.String()),
    sa.column("pin_failures", sa.Integer()),
)


def upgrade() -> None:
    connection = op.get_bind()
    op.create_table(
        "credentials",
        sa.Column("account_key", UuidKey(length=16), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("pin_hash", sa.String(length=200), nullable=True),
        sa.Column("pin_failures", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["account_key"], ["accounts.key"], name="fk_credentials_account_key_accounts", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_key", name="pk_credentials"),
    )
    op.add_column("accounts", sa.Column("password_mark", sa.String(length=24), nullable=True))
    op.add_column("accounts", sa.Column("pin_mark", sa.String(length=16), nullable=True))
    if connection.dialect.name == "postgresql":
        acts_sql.install(connection)
    columns = _ACCOUNTS.c
    for row in connection.execute(sa.select(_ACCOUNTS).where(columns.password_hash.is_not(None))).all():
        password, pin = _hashed(row.password_hash), _hashed(row.pin_hash)
        given = {"account_key": row.key, "password_hash": password, "pin_hash": pin, "pin_failures": row.pin_failures}
        connection.execute(sa.insert(_CREDENTIALS), given)
        marks = {"password_mark": _mark(password), "pin_mark": _mark(pin)}
        connection.execute(sa.update(_ACCOUNTS).where(columns.key == row.key).values(marks))
    for name in ("password_hash", "pin_hash", "pin_failures"):
        op.execute(f"ALTER TABLE accounts DROP COLUMN {name}")


def downgrade() -> None:
    """Go back without a password that the older program accepts: it cannot be made of its SHA-256."""
    connection = op.get_bind()
    op.add_column("accounts", sa.Column("password_hash", sa.String(length=200), nullable=True))
    op.add_column("accounts", sa.Column("pin_hash", sa.String(length=200), nullable=True))
    op.add_column("accounts", sa.Column("pin_failures", sa.Integer(), server_default="0", nullable=False))
    for row in connection.execute(sa.select(_CREDENTIALS)).all():
        given = {"password_hash": row.password_hash, "pin_hash": row.pin_hash, "pin_failures": row.pin_failures}
        connection.execute(sa.update(_ACCOUNTS).where(_ACCOUNTS.c.key == row.account_key).values(given))
    op.drop_table("credentials")
    for name in ("password_mark", "pin_mark"):
        op.execute(f"ALTER TABLE accounts DROP COLUMN {name}")
    if connection.dialect.name == "postgresql":
        acts_sql.uninstall(connection)


def _hashed(stored: str | None) -> str | None:
    """Return “…$argon2id$version$parameters$salt$hash” with the SHA-256 of the hash, and more bytes for its mark.

    After a downgrade it is so already.
    """
    if stored is None or "$argon2id$" not in stored:
        return stored
    start, _, last = stored.replace("$argon2id$", "$argon2id-sha256$").rpartition("$")
    digest = hashlib.sha256(base64.b64decode(last + "=" * (-len(last) % 4))).digest()
    return f"{start}${_base64(digest)}${_base64(os.urandom(16))}"


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).rstrip(b"=").decode("ascii")


def _mark(stored: str | None) -> str | None:
    if stored is None:
        return None
    return ("once:" if stored.startswith("once:") else "") + hashlib.sha256(stored.encode()).hexdigest()[:16]
