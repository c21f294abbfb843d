"""Prefix search for customers and products, with the same index on both databases."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, insert, select

from shopdesk.store.session import Session
from shopdesk.store.tables import search_words

LONGEST_WORD = 64
MOST_WORDS = 40


def words_of(*texts: str) -> list[str]:
    """Return the words of some texts as stored and searched: casefolded, without accents, sorted."""
    found: set[str] = set()
    for text in texts:
        folded = unicodedata.normalize("NFKD", text.casefold())
        plain = "".join(mark for mark in folded if not unicodedata.combining(mark))
        found.update("".join(mark if mark.isalnum() else " " for mark in plain).split())
    return sorted(word[:LONGEST_WORD] for word in found)[:MOST_WORDS]


def save_words(session: Session, kind: str, key: UUID, *texts: str) -> None:
    """Replace the search words of ``key`` by those of these texts."""
    session.execute(delete(search_words).where(search_words.c.key == key))
    add_words(session, kind, [(key, texts)])


def add_words(session: Session, kind: str, entries: Iterable[tuple[UUID, tuple[str, ...]]]) -> None:
    """Insert the search words of many keys that have none yet."""
    rows = [{"kind": kind, "word": word, "key": key} for key, texts in entries for word in words_of(*texts)]
    if rows:
        session.execute(insert(search_words), rows)


def keys_matching(kind: str, text: str) -> Select[tuple[UUID]] | None:
    """Return a query for the keys with a word for each prefix in ``text``; None if the text has no word."""
    # The longest word probably matches fewest keys: it comes first, the others filter.
    wanted = sorted(words_of(text), key=len, reverse=True)
    if not wanted:
        return None
    found = select(search_words.c.key).where(*_begins(kind, wanted[0]))
    for word in wanted[1:]:
        found = found.where(search_words.c.key.in_(select(search_words.c.key).where(*_begins(kind, word))))
    return found.distinct()


def _begins(kind: str, word: str) -> tuple[ColumnElement[bool], ...]:
    column = search_words.c.word
    return search_words.c.kind == kind, column >= word, column < word + "\U0010ffff"
