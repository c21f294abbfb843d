"""Queries of the doctor about the database and the messages in the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import and_, case, func, select, text

from shopdesk.domain.message import DeliveryStatus
from shopdesk.store.session import Session
from shopdesk.store.tables import documents, journal, outbox, products, tills

_LONG_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingMessages:
    """The number of unsent messages: failed, unclear, and queued for longer than an hour."""

    failed: int
    unknown: int
    long_queued: int


def broken_pages(session: Session) -> list[str]:
    """Return the errors that SQLite finds in its file; an empty list when it is intact."""
    found = session.execute(text("PRAGMA integrity_check(20)")).scalars().all()
    return [] if list(found) == ["ok"] else list(found)


def same_articles(session: Session) -> list[tuple[str, tuple[str, ...]]]:
    """Return the barcodes that several products on sale have, each with the names of the products."""
    on_sale = products.c.is_retired.is_(False)
    article = case((products.c.gtin != "", products.c.gtin), else_=products.c.barcode)
    several = (
        select(article.label("article"))
        .where(on_sale, products.c.barcode != "")
        .group_by(article)
        .having(func.count() > 1)
        .subquery()
    )
    statement = (
        select(products.c.barcode, products.c.name, article)
        .join(several, article == several.c.article)
        .where(on_sale, products.c.barcode != "")
        .order_by(article, products.c.name)
    )
    found = groupby(session.execute(statement), key=lambda row: row[2])
    return [(rows[0].barcode, tuple(row.name for row in rows)) for _, group in found if (rows := list(group))]


def server_settings(session: Session) -> dict[str, str]:
    """Return the PostgreSQL settings that decide whether commits survive a power cut."""
    names = ("fsync", "full_page_writes", "synchronous_commit", "data_checksums")
    return {name: str(session.execute(text(f"SHOW {name}")).scalar()) for name in names}


def server_clock(session: Session) -> datetime | None:
    """Return the server's time; None for a local file."""
    if session.dialect == "sqlite":
        return None
    at: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return at


def last_act(session: Session) -> datetime | None:
    """Return the latest time of a document or of the last journal row of a till."""
    issued = session.execute(select(func.max(documents.c.issued_at))).scalar()
    ends = and_(journal.c.till_key == tills.c.key, journal.c.seq == tills.c.journal_seq)
    written = session.execute(select(func.max(journal.c.at)).join_from(tills, journal, ends)).scalar()
    return max((at for at in (issued, written) if at is not None), default=None)


def waiting(session: Session, *, now: datetime) -> PendingMessages:
    """Count the messages that need attention."""
    states = [DeliveryStatus.FAILED.value, DeliveryStatus.UNKNOWN.value]
    counted = select(outbox.c.state, func.count()).where(outbox.c.state.in_(states)).group_by(outbox.c.state)
    count: dict[str, int] = dict(session.execute(counted).all())
    old = select(func.count()).where(
        outbox.c.state == DeliveryStatus.QUEUED.value, outbox.c.created_at < now - _LONG_WAIT
    )
    return PendingMessages(
        failed=count.get(DeliveryStatus.FAILED.value, 0),
        unknown=count.get(DeliveryStatus.UNKNOWN.value, 0),
        long_queued=session.execute(old).scalar_one(),
    )
