"""Setting the accounts and headings of the accountant's export."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from shopdesk.domain.account import Actor, Right
from shopdesk.domain.accounting import AccountMapping, read_mapping
from shopdesk.domain.activity import Change
from shopdesk.store import account_mappings, acts_lists
from shopdesk.store.session import Session
from shopdesk.usecases.rights import authorize


def set_mapping(
    session: Session, typed: Mapping[str, str], *, columns: Iterable[str], by: Actor, now: datetime
) -> AccountMapping:
    """Remember the accounts and headings as typed, for all tills; see ``read_mapping``.

    Requires the rights to see statistics and to export.
    """
    authorize(session, by, Right.STATISTICS)
    actor = authorize(session, by, Right.EXPORT)
    mapping = read_mapping(typed, columns=columns)
    before = account_mappings.current(session)
    old, new = before.chosen, mapping.chosen
    changes = [
        Change(f"accountant's export: {key}", old.get(key, ""), new.get(key, ""))
        for key in sorted({*old, *new})
        if old.get(key) != new.get(key)
    ]
    acts_lists.save_account_mapping(session, mapping, changes, by=actor, at=now)
    return mapping
