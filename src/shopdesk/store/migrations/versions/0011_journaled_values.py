"""The journal tells what people, settings, tax rates and prices are, so that ``verify`` can compare them.

What there is now is taken as it is: one row at the end of the first till's chain tells of it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from shopdesk.store.columns import Instant, UuidKey, WholeNumber

revision = "0011"
down_revision = "0010"

_BY = UUID(int=0)
_BY_NAME = "shopdesk"
_TILLS = sa.table(
    "tills",
    sa.column("key", UuidKey()),
    sa.column("name"),
    sa.column("journal_seq", WholeNumber()),
    sa.column("journal_hash", sa.LargeBinary()),
)
_JOURNAL = sa.table(
    "journal",
    sa.column("till_key", UuidKey()),
    sa.column("seq", WholeNumber()),
    sa.column("version", sa.Integer()),
    sa.column("at", Instant()),
    sa.column("act", sa.String()),
    sa.column("document_key", UuidKey()),
    sa.column("number", sa.String()),
    sa.column("by_key", UuidKey()),
    sa.column("by_name", sa.String()),
    sa.column("lender_name", sa.String()),
    sa.column("detail", sa.String()),
    sa.column("snapshot", sa.LargeBinary()),
    sa.column("hash", sa.LargeBinary()),
)
_ACCOUNTS = sa.table(
    "accounts",
    sa.column("key", UuidKey()),
    *map(sa.column, ("user_name", "user_name_folded", "name", "email", "role", "standing")),
    *map(sa.column, ("password_mark", "pin_mark")),
)
_IDENTITIES = sa.table(
    "identities", *map(sa.column, ("issuer", "subject", "label")), sa.column("account_key", UuidKey())
)
_SHOP_TEXTS = (
    *("name", "address", "country", "tax_id", "email", "phone", "footer", "currency", "language", "seal"),
    *("smallest_coin", "lock_after_minutes", "due_days", "cashier_discount_milli", "in_store_codes"),
)
_SHOP = sa.table("shop", *map(sa.column, _SHOP_TEXTS), sa.column("prices_include_tax", sa.Boolean()))
_RATES = sa.table(
    "tax_rates",
    sa.column("key", UuidKey()),
    *map(sa.column, ("name", "rate_milli", "category")),
    sa.column("is_default", sa.Boolean()),
    sa.column("is_retired", sa.Boolean()),
)
_PRODUCTS = sa.table(
    "products", sa.column("key", UuidKey()), sa.column("price_centi", WholeNumber()), sa.column("tax_key", UuidKey())
)


def upgrade() -> None:
    connection = op.get_bind()
    till = connection.execute(sa.select(_TILLS).order_by(_TILLS.c.name).limit(1)).first()
    opened = sa.select(_JOURNAL.c.seq).where(_JOURNAL.c.act == "opened", _JOURNAL.c.document_key.is_(None))
    if till is None or connection.execute(opened.limit(1)).first():
        return  # no shop yet; or one that this step had reached before it went back
    at = datetime.now(UTC)
    content = _canonical(
        {
            "version": 2,
            "document": None,
            "changes": [],
            "values": [
                [kind, key, {name: [value] for name, value in values.items()}] for kind, key, values in _stored()
            ],
            "till": str(till.key),
            "seq": till.journal_seq + 1,
            "at": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "act": "opened",
            "by": str(_BY),
            "by_name": _BY_NAME,
            "lender": "",
            "detail": "",
        }
    )
    head = {"journal_seq": till.journal_seq + 1, "journal_hash": sha256(till.journal_hash + content).digest()}
    row = {
        "till_key": till.key,
        "seq": head["journal_seq"],
        "version": 2,
        "at": at,
        "act": "opened",
        "document_key": None,
        "number": "",
        "by_key": _BY,
        "by_name": _BY_NAME,
        "lender_name": "",
        "detail": "",
        "snapshot": zlib.compress(content, 1),
        "hash": head["journal_hash"],
    }
    connection.execute(sa.insert(_JOURNAL), row)
    connection.execute(sa.update(_TILLS).where(_TILLS.c.key == till.key).values(head))


def downgrade() -> None:
    """Change nothing: the journal keeps its rows, and an older program reads over the values in them."""


def _stored() -> Iterator[tuple[str, str, dict[str, Any]]]:
    ask = op.get_bind().execute
    linked: dict[UUID, list[Any]] = {}
    for one in ask(sa.select(_IDENTITIES).order_by(_IDENTITIES.c.issuer, _IDENTITIES.c.subject)):
        linked.setdefault(one.account_key, []).append((one.issuer, one.subject, one.label))
    for row in ask(sa.select(_ACCOUNTS)):
        person = {name: row._mapping[name] for name in ("user_name", "user_name_folded", "name", "role", "standing")}
        marks = {"password": row.password_mark, "pin": row.pin_mark}
        secrets = {"email": row.email, "providers": json.dumps(linked.get(row.key, []))}
        yield "person", row.key.hex, person | marks | {name: _mark(secret) for name, secret in secrets.items()}
    for row in ask(sa.select(_SHOP)):
        yield "shop", "", dict(row._mapping)
    for row in ask(sa.select(_RATES)):
        yield "rate", row.key.hex, {name: value for name, value in row._mapping.items() if name != "key"}
    for row in ask(sa.select(_PRODUCTS)):
        yield "product", row.key.hex, {"price": row.price_centi, "tax": row.tax_key and row.tax_key.hex}


def _mark(secret: str | None) -> str | None:
    return None if secret is None else sha256(secret.encode()).hexdigest()[:16]


def _canonical(facts: dict[str, Any]) -> bytes:
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
