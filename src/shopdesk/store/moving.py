"""A whole shop moves to another database and goes on there; the old one stays as it was then, and is sold into no more.

The one thing to know: the order. In one transaction of the old database, in which nobody else can write: it is closed,
copied and compared; then the new one is committed, then the program is told of it, and last the old one is committed.
Killed at any moment before that, the old database is still the shop; nobody could sell into it meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from shopdesk.domain.errors import MOVED, Refused, Unavailable
from shopdesk.domain.message import Sending
from shopdesk.store import copying, upgrade
from shopdesk.store.database import Database
from shopdesk.store.session import Session
from shopdesk.store.tables import metadata, outbox

_CLOSED = "shopdesk_moved"


class NotClosed(Unavailable):
    """The shop has moved, all ``rows`` of it, but the old database may not know."""

    def __init__(self, rows: int) -> None:
        super().__init__(
            "The old database went away before it was closed.",
            advice="Let nobody sell there any more.",
        )
        self.rows = rows


def move(
    source: Database,
    target: Database,
    *,
    place: str,
    switch: Callable[[], object],
    now: datetime,
    progress: copying.Progress = lambda _done, _all: None,
) -> int:
    """Move every row to ``target``, which must be migrated and empty; returns how many.

    ``place`` is how people call the target; ``switch`` makes the program work there from its next start. ``progress``
    may raise to give it up. Whatever is raised, the old database is still the shop, and the target holds none; but for
    NotClosed, with which the shop has moved.
    """
    rows = None
    try:
        with source.sessions.begin() as origin:
            _hold(origin)
            _refuse_while_sending(origin, now)
            _close(origin, f"{MOVED}{place} on {now:%Y-%m-%d %H:%M} UTC")
            copied = copying.copy(origin, target, progress=progress)
            try:
                switch()
            except BaseException:
                upgrade.migrate(target, "base")
                raise
            rows = copied
    except DBAPIError as error:
        if rows is None:
            raise
        raise NotClosed(rows) from error
    return rows


def moved_to(connection: Connection) -> str | None:
    """The sentence that says where the shop of this database went, if it did."""
    if connection.dialect.name == "sqlite":
        query = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = :name"
        found = re.search(r"RAISE\(ABORT, '(.*)'\)", connection.scalar(text(query), {"name": f"{_CLOSED}_1"}) or "")
        return found[1].replace("''", "'") if found else None
    query = "SELECT tgargs FROM pg_trigger WHERE tgname = :name LIMIT 1"
    arguments = connection.scalar(text(query), {"name": _CLOSED})
    return bytes(arguments).rstrip(b"\0").decode() if arguments else None


def _hold(origin: Session) -> None:
    """From now on nobody else writes. (A writing transaction of SQLite is that already.)"""
    if origin.dialect == "postgresql":
        origin.execute(text(f"LOCK TABLE {', '.join(metadata.tables)} IN EXCLUSIVE MODE"))


def _refuse_while_sending(origin: Session, now: datetime) -> None:
    """Whoever sends it could not write down that it went, and it would go again."""
    leased = select(func.count()).where(outbox.c.state == Sending.SENDING.value, outbox.c.lease_until > now)
    if origin.execute(leased).scalar_one():
        raise Refused("A message is being sent at this moment. Try again in a minute: nothing was changed.")


def _close(origin: Session, sentence: str) -> None:
    """Let the database itself refuse every change from now on, whoever has it open."""
    connection = origin.connection
    for statement in _closing(origin.dialect, sentence.replace("'", "''")):
        connection.exec_driver_sql(statement.replace("%", "%%") if origin.dialect == "postgresql" else statement)


def _closing(dialect: str, sentence: str) -> Iterator[str]:
    if dialect == "postgresql":
        yield (
            f"CREATE OR REPLACE FUNCTION {_CLOSED}() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$"
        )
        for table in metadata.tables:
            yield (
                f"CREATE TRIGGER {_CLOSED} BEFORE INSERT OR UPDATE OR DELETE ON {table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {_CLOSED}('{sentence}')"
            )
        return
    events = [f"{act} ON {table}" for table in metadata.tables for act in ("INSERT", "UPDATE", "DELETE")]
    for at, event in enumerate(events, 1):
        yield f"CREATE TRIGGER {_CLOSED}_{at} BEFORE {event} BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
