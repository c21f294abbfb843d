"""Inspection of another database, and the move of the shop to it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from shopdesk import settings
from shopdesk.app.credentials import Credentials
from shopdesk.app.environment import Environment
from shopdesk.domain.account import Actor, Right
from shopdesk.domain.errors import Refused, Unavailable, sentence_of
from shopdesk.domain.sentence import NOTHING, Sentence, joined, sentence
from shopdesk.queries import shop
from shopdesk.store import database as databases
from shopdesk.store import error_text, shop_move, upgrade
from shopdesk.store.database import Database
from shopdesk.ui.base.ports import InspectedDatabase, MoveRequest, MoveResult
from shopdesk.usecases.rights import authorize


class _CancelledError(Exception):
    """The user pressed Cancel."""


def inspect_database(
    written: str, password: str | None, *, environment: Environment, credentials: Credentials
) -> InspectedDatabase:
    """Connect to a database and report what it contains, without a change. Raises Refused and Unavailable."""
    url = _address(written, environment.home)
    path = databases.sqlite_path(url)
    if path is not None and not path.exists():
        return InspectedDatabase(
            words=sentence(
                "The file {path} does not exist yet. It will be created when shopdesk starts with it.", path=path
            )
        )
    with closing(_connected(url, password, credentials)) as tried:
        try:
            with tried.engine.connect() as connection:
                version = upgrade.current_version(connection)
            found = _shop_in(tried) if version else None
        except DBAPIError as error:
            raise error_text.describe(error, path) from error
    return found or InspectedDatabase(words=sentence("The database answers and is empty."))


class _Worker(Protocol):
    """A service that works on the database by a thread of its own."""

    def start(self) -> None: ...  # pragma: no cover
    def close(self) -> None: ...  # pragma: no cover


def move(
    wanted: MoveRequest,
    *,
    by: Actor,
    environment: Environment,
    credentials: Credentials,
    workers: Sequence[_Worker],
    source: Database,
    cancelled: threading.Event,
    on_progress: Callable[[tuple[int, int]], object],
) -> MoveResult | None:
    """Move the open shop to another database and use that from now on; return None if it was cancelled.

    ``on_progress`` gets (rows copied, rows in all). After an error the shop stays where it is. Raises Refused and
    Unavailable.
    """
    if environment.variables.get("SHOPDESK_DATABASE_URL"):
        raise Refused(sentence("The variable SHOPDESK_DATABASE_URL sets the database. Change it there."))
    with source.reads() as session:
        authorize(session, by, Right.SETTINGS)
    url = _address(wanted.written, environment.home)
    path = databases.sqlite_path(url)
    is_new = path is not None and not path.exists()
    place = str(path or url.set(drivername="postgresql"))

    def progress(done: int, total: int) -> None:
        on_progress((done, total))
        if cancelled.is_set():
            raise _CancelledError

    for worker in workers:  # a message sent or printed while nothing can be written would be sent twice
        worker.close()
    is_moved, unclosed = False, NOTHING
    try:
        with closing(_connected(url, wanted.password, credentials)) as target:
            upgrade.open_ready(target)
            rows = shop_move.move(
                source,
                target,
                place=place,
                switch=lambda: settings.save(environment.home, _changes(wanted, by)),
                now=datetime.now(UTC),
                progress=progress,
            )
        is_moved = True
    except shop_move.NotClosed as error:
        is_moved, rows, unclosed = True, error.rows, sentence_of(error)
    except _CancelledError:
        return None
    except DBAPIError as error:
        raise error_text.describe(error) from error
    finally:
        if not is_moved:
            for worker in workers:
                worker.start()
            if is_new and path is not None:
                _remove(path)
    kept = "" if unclosed else str(source.path or "")
    return MoveResult(
        place=place, kept=kept, rows=rows, unclosed=unclosed, unkept=_store_password(wanted.password, url, credentials)
    )


def _changes(wanted: MoveRequest, by: Actor) -> dict[str, object]:
    """Return the settings to save; the old server's standby does not belong to the new database."""
    return {"database": wanted.written, "database_read": None, "till.name": by.till.name}


def _address(written: str, home: Path) -> URL:
    url = databases.parse(settings.database_url(written, home))
    if url.password or "password" in url.query:
        raise Refused(sentence("Remove the password from the address and enter it in its own field."), field="database")
    return url


def _connected(url: URL, password: str | None, credentials: Credentials) -> Database:
    if url.get_backend_name() != "sqlite" and not password:
        with suppress(Unavailable):  # the server may need none, and reports it otherwise
            password = credentials.secret("database")
    return databases.connect(url, password=password)


def _shop_in(database: Database) -> InspectedDatabase | None:
    with database.reads() as session:
        found, tills = shop.current(session), tuple(till.name for till in shop.tills(session))
    if found is None:
        return None
    return InspectedDatabase(
        words=sentence("The database answers and contains the shop “{shop}”.", shop=found.seller.name),
        has_shop=True,
        tills=tills,
    )


def _store_password(password: str | None, url: URL, credentials: Credentials) -> Sentence:
    """Store the server's password for the next start; return the reason if that fails, else an empty text."""
    if url.get_backend_name() == "sqlite" or not password:
        return NOTHING
    try:
        credentials.store("database", password)
    except Unavailable as error:
        instead = sentence("You can set the variable SHOPDESK_DATABASE_URL instead.")
        return joined((sentence_of(error), instead))
    return NOTHING


def _remove(path: Path) -> None:
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)
