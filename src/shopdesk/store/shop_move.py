"""Move a whole shop to another database. The old database stays as a read-only copy.

The order is essential. In one transaction of the old database, in which no other program can write, it is closed,
copied and compared; then the new database is committed, then the program's settings are switched to it, and last the
old one is committed. If the program is killed before that, the old database is still the shop, without sales made
meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from shopdesk.domain.errors import MOVED, Refused, Unavailable
from shopdesk.domain.message import DeliveryStatus
from shopdesk.domain.sentence import Sentence, sentence
from shopdesk.store import shop_copy, upgrade
from shopdesk.store.database import Database
from shopdesk.store.error_text import describe
from shopdesk.store.moved_marker import FUNCTION_BODY, TRIGGER
from shopdesk.store.session import Session
from shopdesk.store.tables import metadata, outbox


class NotClosed(Unavailable):
    """All ``rows`` have moved, but the old database could not be closed for sales; ``why`` is the reason."""

    def __init__(self, rows: int, why: Sentence) -> None:
        super().__init__(
            sentence("The old database may still accept sales: {why}", why=why),
            advice=sentence("Do not use it any more."),
        )
        self.rows = rows


def move(
    source: Database,
    target: Database,
    *,
    place: str,
    switch: Callable[[], object],
    now: datetime,
    progress: shop_copy.Progress = lambda _done, _all: None,
) -> int:
    """Move every row to ``target``, which must be migrated and empty, and return their number.

    ``place`` is the name of the target for users; ``switch`` makes the program use it from its next start. ``progress``
    may raise to cancel. After any error the old database is still the shop and the target has none, except after
    NotClosed: then the shop has moved.
    """
    rows = None
    try:
        with source.sessions.begin() as origin:
            _hold(origin)
            _refuse_while_sending(origin, now)
            _close(origin, f"{MOVED}{place} on {now:%Y-%m-%d %H:%M} UTC")
            copied = shop_copy.copy(origin, target, progress=progress)
            try:
                switch()
            except BaseException:
                upgrade.migrate(target, "base")
                raise
            rows = copied
    except DBAPIError as error:
        if rows is None:
            raise
        raise NotClosed(rows, describe(error, source.path).what) from error
    return rows


def _hold(origin: Session) -> None:
    """Lock all tables against other writers. (On SQLite, a writing transaction does so already.)"""
    if origin.dialect == "postgresql":
        origin.execute(text(f"LOCK TABLE {', '.join(metadata.tables)} IN EXCLUSIVE MODE"))


def _refuse_while_sending(origin: Session, now: datetime) -> None:
    """Raise Refused while a message is being sent: its result could not be stored, and it would be sent again."""
    leased = select(func.count()).where(outbox.c.state == DeliveryStatus.SENDING.value, outbox.c.lease_until > now)
    if origin.execute(leased).scalar_one():
        raise Refused(sentence("A message is being sent right now. Try again in a minute. Nothing was changed."))


def _close(origin: Session, sentence: str) -> None:
    """Add triggers by which the database itself refuses every change, from any program."""
    connection = origin.connection
    for statement in _closing(origin.dialect, sentence.replace("'", "''")):
        connection.exec_driver_sql(statement.replace("%", "%%") if origin.dialect == "postgresql" else statement)


def _closing(dialect: str, sentence: str) -> Iterator[str]:
    if dialect == "postgresql":
        yield (
            f"CREATE OR REPLACE FUNCTION {TRIGGER}() RETURNS trigger LANGUAGE plpgsql "
            "SET search_path = pg_catalog, pg_temp AS "
            f"$${FUNCTION_BODY}$$"
        )
        for table in metadata.tables:
            yield (
                f"CREATE TRIGGER {TRIGGER} BEFORE INSERT OR UPDATE OR DELETE ON {table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {TRIGGER}('{sentence}')"
            )
        return
    events = [f"{act} ON {table}" for table in metadata.tables for act in ("INSERT", "UPDATE", "DELETE")]
    for at, event in enumerate(events, 1):
        yield f"CREATE TRIGGER {TRIGGER}_{at} BEFORE {event} BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
