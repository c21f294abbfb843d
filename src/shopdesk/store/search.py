"""Search for customers and products by the beginnings of words and the ends of codes, with the same index everywhere.

An ending is stored back to front, so that it is found by its beginning, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, insert, or_, select, union_all

from shopdesk.domain.search_words import LONGEST_WORD, SearchWords, reversed_ending, words_of
from shopdesk.store.session import Session
from shopdesk.store.tables import search_words
from shopdesk.store.unindexed import is_among, one_by_one, unordered

Keys = Select[tuple[UUID]]

ENDINGS = "<"
"""Added to a kind, this is the kind of its endings."""


def kinds(kind: str) -> tuple[str, str]:
    """Return the kinds of the words and of the endings of this kind."""
    return kind, kind + ENDINGS


def save_words(session: Session, kind: str, key: UUID, found_by: SearchWords) -> None:
    """Replace the search words of ``key``."""
    delete_words(session, [key])
    add_words(session, kind, [(key, found_by)])


def delete_words(session: Session, keys: Iterable[UUID]) -> None:
    """Delete the search words of some keys: they are no longer found."""
    session.execute(delete(search_words).where(search_words.c.key.in_(list(keys))))


def add_words(session: Session, kind: str, entries: Iterable[tuple[UUID, SearchWords]]) -> None:
    """Insert the search words of many keys that have none yet."""
    rows = [
        {"kind": of_kind, "word": word, "key": key}
        for key, found_by in entries
        for of_kind, words in ((kind, found_by.words), (kind + ENDINGS, found_by.endings))
        for word in words
    ]
    if rows:
        session.execute(insert(search_words), rows)


def keys_matching(kind: str, text: str) -> Keys | None:
    """Return a query for the keys that have all words of ``text``, or all of them as one; None if it has no word.

    A key may come several times.
    """
    wanted = words_of(text)
    if not wanted:
        return None
    found = _with_all(kind, wanted)
    whole = "".join(wanted)
    if len(wanted) == 1 or len(whole) > LONGEST_WORD:
        return found
    return select(union_all(found, _with_all(kind, [whole])).subquery().c.key)


def is_found(kind: str, text: str, key: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Return the condition that ``keys_matching`` has a key, for a query that looks at keys one by one."""
    wanted = words_of(text)
    found = and_(*(_is_of(kind, word, key) for word in wanted))
    whole = "".join(wanted)
    if len(wanted) == 1 or len(whole) > LONGEST_WORD:
        return found
    return or_(found, _is_of(kind, whole, key))


def _is_of(kind: str, word: str, key: ColumnElement[UUID]) -> ColumnElement[bool]:
    # By the key alone: PostgreSQL may expect few rows with such a word, and read all of them for each key.
    columns = (unordered(search_words.c.kind), unordered(search_words.c.word))
    has, ending = _begins(kind, word, columns), reversed_ending(word)
    if ending:
        has = or_(has, _begins(kind + ENDINGS, ending, columns))
    return one_by_one(select(search_words.c.key).where(search_words.c.key == key, has))


def _with_all(kind: str, words: list[str]) -> Select[tuple[UUID]]:
    # The longest word probably matches fewest keys: it comes first, the others are looked up for those that it has.
    longest, *others = sorted(words, key=len, reverse=True)
    return _with(kind, longest, [_with(kind, word, []) for word in others])


def _with(kind: str, word: str, also: list[Keys]) -> Keys:
    """Return a query for the keys with a word that all other queries find.

    One range of the index comes after the other: where only some of the keys are needed, they are not all read.
    """
    found = search_words.alias()
    columns, among = (found.c.kind, found.c.word), [is_among(found.c.key, keys) for keys in also]
    begun = select(found.c.key).where(_begins(kind, word, columns), *among)
    if not (ending := reversed_ending(word)):
        return begun
    ended = select(found.c.key).where(_begins(kind + ENDINGS, ending, columns), *among)
    return select(union_all(begun, ended).subquery().c.key)


_Columns = tuple[ColumnElement[str], ColumnElement[str]]


def _begins(kind: str, word: str, columns: _Columns) -> ColumnElement[bool]:
    of_kind, column = columns
    return and_(of_kind == kind, column >= word, column < word + "\U0010ffff")
