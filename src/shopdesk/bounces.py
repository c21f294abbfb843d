"""Reads from the mailbox which messages came back, every few minutes, on a thread of its own.

The place where the last look ended is in a file of this installation. Where it is lost, or the server made the folder
anew, the last two weeks are read again: a message that came back is stored as such once.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Protocol
from uuid import UUID

from shopdesk import atomic_file
from shopdesk.delivery import EXPECTED, RepeatingThread
from shopdesk.gateways.imap import Folder, Place, Reading
from shopdesk.store import outbox
from shopdesk.store.database import Database

_log = logging.getLogger(__name__)

FILE = "bounces.json"
INTERVAL = timedelta(minutes=5)
_BACK = timedelta(days=14)
"""The time that the first look goes back: servers give up after five days at most."""


class Read(Protocol):
    """A function that reads the folder; see ``imap.read``."""

    def __call__(self, after: Place | None, *, since: date, opened: Callable[[Folder], object]) -> Reading:
        """Read what came after a place, or since a day."""


@dataclass(frozen=True, slots=True)
class BounceFolder:
    """The folder that bounces come to: its name, which no other folder has, and a function that reads it."""

    name: str
    read: Read


def read_next(
    database: Database,
    mailbox: BounceFolder,
    file: Path,
    *,
    now: datetime,
    opened: Callable[[Folder], object] = lambda _: None,
) -> tuple[int, bool]:
    """Read what is new in the mailbox and store it; return how many messages came back, and if nothing is left.

    The place is stored after the messages. Raises as ``imap.read`` does, and what the database raises.
    """
    reading = mailbox.read(_place(file, mailbox.name), since=(now - _BACK).date(), opened=opened)
    count = 0
    for bounce in reading.bounces:
        ours = re.match("<([0-9a-f]{32})@", bounce.message_id)
        if ours is not None:
            key, words, reported_at = UUID(ours[1]), bounce.words, bounce.reported_at
            stored = partial(outbox.record_bounce, key=key, words=words, at=now, reported_at=reported_at)
            count += database.sessions.run(stored)[0]
    if reading.place is not None:
        atomic_file.write(file, json.dumps({"mailbox": mailbox.name} | asdict(reading.place)).encode())
    return count, reading.is_whole


def _place(file: Path, mailbox: str) -> Place | None:
    try:
        kept = json.loads(file.read_bytes())
        return Place(int(kept["validity"]), int(kept["uid"])) if kept["mailbox"] == mailbox else None
    except (OSError, ValueError, LookupError, TypeError):  # none yet, or a file that is no such file
        return None


class BounceReader(RepeatingThread):
    """The thread that reads bounces while the program runs.

    ``mailbox`` is called before each look and returns None while none is set up; ``changed`` and ``troubled`` are
    called on this thread and must return at once.
    """

    expected = (*EXPECTED, OSError)  # the file of the place

    def __init__(
        self,
        database: Database,
        file: Path,
        *,
        mailbox: Callable[[], BounceFolder | None],
        changed: Callable[[frozenset[str]], object],
        troubled: Callable[[Exception], object],
    ) -> None:
        super().__init__("bounces", troubled=troubled, after_trouble=INTERVAL)
        self._database = database
        self._file = file
        self._mailbox = mailbox
        self._changed = changed
        self._folder: Folder | None = None

    def stop(self) -> None:
        """End the look at the mailbox; returns at once."""
        super().stop()
        if (folder := self._folder) is not None:
            folder.abort()

    def _round(self) -> timedelta:
        """Look at the mailbox once; what was too much for one look is read at once."""
        mailbox = None if self.is_refused else self._mailbox()
        if mailbox is None:
            return INTERVAL
        try:
            count, is_whole = read_next(
                self._database, mailbox, self._file, now=datetime.now(UTC), opened=self._on_opened
            )
        finally:
            self._folder = None
        if count:
            self._changed(frozenset({"outbox"}))
        return INTERVAL if is_whole else timedelta(0)

    def _on_opened(self, folder: Folder) -> None:
        self._folder = folder
        if self._is_stopping:
            folder.abort()
