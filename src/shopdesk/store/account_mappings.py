"""The accounts and headings that were chosen for the accountant's export, for all tills."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import select

from shopdesk.domain.accounting import AccountMapping
from shopdesk.store.session import Session, insert
from shopdesk.store.tables import account_mappings

SUBJECT = "accountant"
"""The only export with accounts."""


def current(session: Session) -> AccountMapping:
    """Return the choices; none before the first."""
    of_export = select(account_mappings.c.mapping).where(account_mappings.c.subject == SUBJECT)
    kept = session.execute(of_export).scalar()
    return AccountMapping(json.loads(kept) if kept else {})


def save(session: Session, mapping: AccountMapping, *, at: datetime) -> None:
    """Store the choices in place of the earlier ones."""
    values = {"mapping": to_text(mapping), "changed_at": at}
    session.execute(
        insert(account_mappings, session.dialect)
        .values(values | {"subject": SUBJECT})
        .on_conflict_do_update(index_elements=["subject"], set_=values)
    )


def to_text(mapping: AccountMapping) -> str:
    """Return the choices as they are stored."""
    return json.dumps(dict(mapping.chosen), ensure_ascii=False, sort_keys=True)
