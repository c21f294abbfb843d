"""The head of each till's journal now, and what was changed since an earlier one (``domain/fiscal.py``)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select

from shopdesk.domain.fiscal import JournalHead, TillHead
from shopdesk.store import shop
from shopdesk.store.session import Session
from shopdesk.store.tables import journal, tills


def current(session: Session, *, program: str, now: datetime) -> JournalHead:
    """Return the heads of all tills, by name. ``program`` is the version that makes them."""
    the_shop = shop.current(session)
    rows = session.execute(
        select(tills.c.key, tills.c.name, tills.c.journal_seq, tills.c.journal_hash, journal.c.at)
        .join_from(
            tills, journal, (journal.c.till_key == tills.c.key) & (journal.c.seq == tills.c.journal_seq), isouter=True
        )
        .order_by(tills.c.name)
    )
    seller = the_shop.seller
    return JournalHead(
        shop=seller.name,
        country=seller.country,
        tax_id=seller.tax_id,
        program=program,
        made_at=now,
        tills=tuple(
            TillHead(key=row.key, name=row.name, entries=row.journal_seq, hash=row.journal_hash.hex(), at=row.at)
            for row in rows
        ),
    )


def changes_since(session: Session, head: JournalHead) -> Iterator[str]:
    """Yield a sentence for each till whose journal does not go on from the head."""
    when = head.made_at.date().isoformat()
    known = set(session.execute(select(tills.c.key)).scalars())
    for till in head.tills:
        if till.key not in known:
            yield f"Till {till.name} is gone. On {when} its journal had {till.entries} entries."
            continue
        entries = select(func.max(journal.c.seq)).where(journal.c.till_key == till.key)
        last = session.execute(entries).scalar() or 0
        at_head = select(journal.c.hash).where(journal.c.till_key == till.key, journal.c.seq == till.entries)
        found = session.execute(at_head).scalar()
        if last < till.entries:
            yield f"Journal of till {till.name}: it has {last} entries now, but had {till.entries} on {when}."
        elif till.entries and (found is None or found.hex() != till.hash):
            yield (
                f"Journal of till {till.name}: entry {till.entries} is not the one of {when}. "
                f"It or an entry before it was changed since."
            )
