"""Delivery of the outbox: claims a message, makes its bytes once, sends it and records the server's answer.

No server is called inside a transaction, and every step is committed. If the program is killed after the server
accepted a message and before that is recorded, the same bytes with the same Message-ID are sent again, and mail systems
recognise the repeat. Delivery exactly once is not possible over SMTP. Nothing recognises the repeat of a text message:
it becomes unclear instead, and only a person sends it again.
"""

from __future__ import annotations

import logging
import random
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from shopdesk.domain.errors import AuthenticationFailed, DatabaseUnavailable, OutcomeUnknown, Unavailable
from shopdesk.domain.message import Channel, DeliveryStatus, backoff
from shopdesk.queries import sent_messages
from shopdesk.row_keys import new_key
from shopdesk.store import outbox
from shopdesk.store.database import Database

_log = logging.getLogger(__name__)

LONGEST_NAP = timedelta(seconds=60)
AFTER_TROUBLE = timedelta(seconds=10)
AFTER_SETTLING = timedelta(seconds=5)
"""The time until the next few sent messages: old ones are settled beside the day's work, some 7,000 an hour."""
_AGAIN = "shopdesk will try again."
DATABASE_AWAY = (DBAPIError, NoConnection, DatabaseUnavailable)
"""Not every error of SQLAlchemy: a message without its journal row fails alone and does not hold up the others."""
EXPECTED: tuple[type[Exception], ...] = (Unavailable, *DATABASE_AWAY)


class Send(Protocol):
    """A function that sends a complete message to a server and returns its answer. Raises Unavailable."""

    def __call__(self, content: bytes, *, recipient: str) -> str:
        """Send ``content`` to ``recipient``."""


@dataclass(frozen=True, slots=True)
class Mailer:
    """A function that sends the messages of one channel, and the sender's address, which an e-mail names."""

    sender: str
    send: Send
    channel: Channel = Channel.EMAIL


def deliver_next(
    database: Database, mailer: Mailer, *, worker: UUID, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> DeliveryStatus | None:
    """Send the next message that is due; return its new state, or None if none was due.

    Raises AuthenticationFailed after putting the message back: no message can be sent then, so the queue must stop.
    """
    with database.reads() as session:
        due = outbox.next_due(session, now(), channel=mailer.channel)
    if due is None or due > now():
        return None
    with database.sessions.begin() as session:
        if not mailer.channel.can_repeat and outbox.mark_lost(session, at=now()):
            return DeliveryStatus.UNKNOWN
        key = outbox.claim(session, channel=mailer.channel, worker=worker, at=now())
    if key is None:
        return None
    try:
        message = _prepared(database, key, mailer, worker)
        if message.body is None:
            return DeliveryStatus.SENDING  # the claim ended, and another till has it
        answer = mailer.send(message.body, recipient=message.recipient)
    except AuthenticationFailed as error:
        # Due again at once: the queue stops here and is started again once the password is corrected.
        _record_result(database, key, worker, DeliveryStatus.QUEUED, last_error=str(error), next_at=now())
        raise
    except DATABASE_AWAY:
        raise
    except OutcomeUnknown as error:
        _record_result(database, key, worker, DeliveryStatus.UNKNOWN, last_error=str(error)[:500], next_at=None)
        return DeliveryStatus.UNKNOWN
    except Unavailable as error:
        return _failed(database, key, worker, now(), str(error), final=error.final)
    except Exception as error:
        _log.exception("message %s could not be prepared or sent", key)
        return _failed(database, key, worker, now(), f"Internal error in shopdesk: {type(error).__name__}.", final=True)
    _record_result(database, key, worker, DeliveryStatus.SENT, sent_at=now(), next_at=None, last_error=answer[:500])
    return DeliveryStatus.SENT


def _prepared(database: Database, key: UUID, mailer: Mailer, worker: UUID) -> outbox.OutgoingMessage:
    """Return the claimed message with its bytes, which are made once and stored before the first attempt."""
    with database.reads() as session:
        message = outbox.outgoing(session, key)
        if message.body is not None:
            return message
        body = sent_messages.made(session, message, sender=mailer.sender)
    with database.sessions.begin() as session:
        outbox.save_body(session, key, body, worker=worker)
    with database.reads() as session:
        return outbox.outgoing(session, key)


def _failed(database: Database, key: UUID, worker: UUID, at: datetime, words: str, *, final: bool) -> DeliveryStatus:
    with database.reads() as session:
        attempts = outbox.outgoing(session, key).attempts
    if final:
        _record_result(database, key, worker, DeliveryStatus.FAILED, last_error=words[:500], next_at=None)
        return DeliveryStatus.FAILED
    again = at + backoff(attempts, jitter=random.uniform(-1, 1))  # noqa: S311 - spreads retries, keeps no secret
    _record_result(database, key, worker, DeliveryStatus.QUEUED, last_error=f"{words[:450]} {_AGAIN}", next_at=again)
    return DeliveryStatus.QUEUED


def _record_result(database: Database, key: UUID, worker: UUID, state: DeliveryStatus, **columns: Any) -> None:
    database.sessions.run(partial(outbox.record_result, key=key, worker=worker, state=state, **columns))


def settle_bytes(database: Database, *, most: int = 10) -> bool:
    """Drop the bytes of some sent e-mails that can be made again, and keep the others; return False if there are none.

    They are made again before the transaction, in which a sale would wait for it.
    """
    with database.reads() as session:
        verdicts = sent_messages.verdicts(session, limit=most)
    if verdicts:
        with database.sessions.begin() as session:
            for verdict in verdicts:
                outbox.settle(session, verdict)
    return bool(verdicts)


class RepeatingThread(ABC):
    """A thread that does rounds of its work until it is stopped; an error ends a round, never the thread.

    A rejected sign-in is reported to ``troubled``, on this thread; it must return at once. Until ``resume`` the thread
    ``is_refused``, and a round must not sign in: a server locks an account that keeps failing.
    """

    expected = EXPECTED
    """The errors of the world, which end a round with a line in the log."""

    def __init__(self, name: str, *, troubled: Callable[[Exception], object], after_trouble: timedelta) -> None:
        self._troubled = troubled
        self._after_trouble = after_trouble
        self._wake = threading.Event()
        self._is_stopping = False
        self._resumed = 0
        self._refused_at: int | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @abstractmethod
    def _round(self) -> timedelta:
        """Do what is due; return the time until the next round."""

    def start(self) -> None:
        """Start the thread, which does a round at once."""
        self._thread.start()

    def wake(self) -> None:
        """Do a round at once, because there is something to do."""
        self._wake.set()

    def resume(self) -> None:
        """Do a round at once, also after a rejected sign-in: the settings changed, or the user asked for a retry."""
        self._resumed += 1
        self._wake.set()

    @property
    def is_refused(self) -> bool:
        """True if the sign-in was rejected and nothing has changed since."""
        return self._refused_at == self._resumed

    @property
    def is_stopping(self) -> bool:
        """True after ``stop``; it cannot be started again."""
        return self._is_stopping

    def stop(self) -> None:
        """Begin nothing after what is being done; returns at once."""
        self._is_stopping = True
        self._wake.set()

    def close(self) -> None:
        """Finish what is being done, then end the thread."""
        self.stop()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._is_stopping:
            nap, began = self._after_trouble, self._resumed
            try:
                nap = self._round()
            except AuthenticationFailed as error:
                self._refused_at = began
                self._troubled(error)
            except self.expected as error:
                said = error if isinstance(error, Unavailable) else type(error).__name__
                _log.info("the thread “%s” tries again later: %s", self._thread.name, said)
            except Exception:
                _log.exception("unexpected error on the thread “%s”; it continues", self._thread.name)
            self._wake.wait(nap.total_seconds())
            self._wake.clear()


class Delivery(RepeatingThread):
    """The thread that empties the outbox of one channel while the program runs.

    ``mailer`` is called before each round and returns None while no server is set up; ``changed`` and ``troubled``
    are called on this thread and must return at once.
    """

    def __init__(
        self,
        database: Database,
        *,
        mailer: Callable[[], Mailer | None],
        channel: Channel = Channel.EMAIL,
        changed: Callable[[frozenset[str]], object],
        troubled: Callable[[Exception], object],
    ) -> None:
        super().__init__(f"delivery {channel.value}", troubled=troubled, after_trouble=AFTER_TROUBLE)
        self._database = database
        self._mailer = mailer
        self._channel = channel
        self._changed = changed
        self._worker = new_key()
        self._is_released = database.path is None

    def _release(self) -> None:
        """Take back what a crash left claimed: only one program uses a local file."""
        if not self._is_released:
            with self._database.sessions.begin() as session:
                outbox.release_all(session, channel=self._channel)
            self._is_released = True

    def _round(self) -> timedelta:
        """Send all messages that are due; return the time until the next one is."""
        self._release()
        mailer = self._mailer()
        if mailer is None or self.is_refused:
            return LONGEST_NAP
        try:
            while not self._is_stopping and deliver_next(self._database, mailer, worker=self._worker) is not None:
                self._changed(frozenset({"outbox"}))
        except AuthenticationFailed:
            self._changed(frozenset({"outbox"}))  # the message was put back
            raise
        has_settled = self._channel is Channel.EMAIL and settle_bytes(self._database)
        now = datetime.now(UTC)
        with self._database.reads() as session:
            due = outbox.next_due(session, now, channel=self._channel)
        if due is not None and due <= now and self._database.path is None:
            return AFTER_TROUBLE  # another till is claiming it, or it is not due by the server's clock
        nap = AFTER_SETTLING if has_settled else LONGEST_NAP
        return nap if due is None else max(timedelta(0), min(nap, due - now))
