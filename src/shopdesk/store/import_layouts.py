"""The layouts of imported files that the owner chose, for all tills."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select, update

from shopdesk.store.session import Session
from shopdesk.store.tables import import_layouts


def remembered(session: Session, subject: str, headings: Sequence[str]) -> dict[str, str]:
    """Return the layouts of files with these headings (hashes), as JSON."""
    rows = session.execute(
        select(import_layouts.c.headings, import_layouts.c.layout).where(
            import_layouts.c.subject == subject, import_layouts.c.headings.in_(headings)
        )
    )
    return {row.headings: row.layout for row in rows}


def save(session: Session, subject: str, headings: str, layout: str, *, at: datetime) -> None:
    """Store the layout of files with these headings."""
    values = {"layout": layout, "changed_at": at}
    this = (import_layouts.c.subject == subject, import_layouts.c.headings == headings)
    changed = update(import_layouts).where(*this).values(values)
    if session.execute(changed.returning(import_layouts.c.headings)).first() is None:
        session.execute(insert(import_layouts), values | {"subject": subject, "headings": headings})
