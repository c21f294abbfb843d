"""The files of logos. Each is kept for as long as the shop is: documents name the one that they were issued with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

from sqlalchemy import insert, select

from shopdesk.domain.document import Document
from shopdesk.domain.paper_layout import Logo
from shopdesk.store.session import Session
from shopdesk.store.tables import documents, logos, shop

_MOST_READ = 8
_read: dict[str, bytes] = {}
"""The files read last, by their marks: what has a mark is the same in every database."""


def mark_of(content: bytes) -> str:
    """Return the mark of a file: its SHA-256 in hexadecimal digits."""
    return sha256(content).hexdigest()


def add(session: Session, content: bytes) -> None:
    """Add a file that is not there yet. No till on a server may: see ``store/acts.py``."""
    mark = mark_of(content)
    if session.execute(select(logos.c.mark).where(logos.c.mark == mark)).first() is None:
        session.execute(insert(logos), {"mark": mark, "content": content})


def read(session: Session, mark: str) -> Logo | None:
    """Return the logo with a mark and its file; None for an empty mark."""
    return Logo(mark, content(session, mark)) if mark else None


def content(session: Session, mark: str) -> bytes:
    """Return the file with a mark; no bytes where there is none, which ``violations`` tells."""
    found = _read.get(mark)
    if found is None:
        found = bytes(session.execute(select(logos.c.content).where(logos.c.mark == mark)).scalar() or b"")
        while len(_read) >= _MOST_READ:
            _read.pop(next(iter(_read)), None)
        if found:
            _read[mark] = found
    return found


def filled(session: Session, document: Document) -> Document:
    """Return a document with the file of its logo."""
    layout = document.layout
    if layout is None or layout.logo is None or layout.logo.content:
        return document
    return replace(document, layout=replace(layout, logo=read(session, layout.logo.mark)))


def violations(session: Session) -> Iterator[str]:
    """Yield the logos whose file is another than the mark says, and those that are named but missing."""
    known = set()
    for mark, stored in session.execute(select(logos.c.mark, logos.c.content)):
        known.add(mark)
        if mark_of(stored) != mark:
            yield f"The logo {mark[:16]} is damaged."
    named = set(session.execute(select(shop.c.logo)).scalars())
    layouts = session.execute(select(documents.c.layout).where(documents.c.layout != "").distinct())
    named.update(json.loads(layout)["logo"] for layout in layouts.scalars())
    for mark in sorted(named - known - {""}):
        yield f"The logo {mark[:16]} is missing."
