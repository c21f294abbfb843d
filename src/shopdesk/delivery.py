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
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from shopdesk.domain.errors import AuthenticationFailed, DatabaseUnavailable, OutcomeUnknown, Unavailable
from shopdesk.domain.message import Channel, DeliveryStatus, MessageReason, backoff
from shopdesk.row_keys import new_key
from shopdesk.store import documents, journal, outbox
from shopdesk.store.database import Database
from shopdesk.store.session import Session

_log = logging.getLogger(__name__)

LONGEST_NAP = timedelta(seconds=60)
_AFTER_TROUBLE = timedelta(seconds=10)
_AGAIN = "shopdesk will try again."
_DATABASE_AWAY = (DBAPIError, NoConnection, DatabaseUnavailable)
"""Not every error of SQLAlchemy: a message without its journal row fails alone and does not hold up the others."""


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
    except _DATABASE_AWAY:
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
        body = _body(session, message, mailer)
    with database.sessions.begin() as session:
        outbox.save_body(session, key, body, worker=worker)
    with database.reads() as session:
        return outbox.outgoing(session, key)


def _body(session: Session, message: outbox.OutgoingMessage, mailer: Mailer) -> bytes:
    """Return the bytes of a message, made of the content of its journal row."""
    from shopdesk.render import email_message, sms_message

    if message.channel is Channel.SMS:
        return sms_message.sms(journal.document_at(session, message.ref), message.reason).encode()
    if message.reason is MessageReason.STATEMENT:
        return email_message.statement_mail(
            journal.statement_at(session, message.ref),
            message_id=message.message_id,
            recipient=message.recipient,
            sender=mailer.sender,
            at=message.created_at,
        )
    document = journal.document_at(session, message.ref)
    return email_message.mail(
        document,
        message_id=message.message_id,
        recipient=message.recipient,
        sender=mailer.sender,
        at=message.created_at,
        reason=message.reason,
        numbers=documents.related_numbers(session, document),
    )


def _failed(database: Database, key: UUID, worker: UUID, at: datetime, words: str, *, final: bool) -> DeliveryStatus:
    with database.reads() as session:
        attempts = outbox.outgoing(session, key).attempts
    if final:
        _record_result(database, key, worker, DeliveryStatus.FAILED, last_error=words[:500], next_at=None)
        return DeliveryStatus.FAILED
    again = at + backoff(attempts, jitter=random.uniform(-1, 1))  # noqa: S311 - spreads retries, keeps no secret
    _record_result(database, key, worker, DeliveryStatus.QUEUED, last_error=f"{words[:450]} {_AGAIN}", next_at=again)
    return DeliveryStatus.QUEUED


def _record_result(database: Database, key: UUID, worker: UUID, state: DeliveryStatus, **columns: object) -> None:
    with database.sessions.begin() as session:
        outbox.record_result(session, key, worker=worker, state=state, **columns)


class Delivery:
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
        self._database = database
        self._mailer = mailer
        self._channel = channel
        self._changed = changed
        self._troubled = troubled
        self._worker = new_key()
        self._wake = threading.Event()
        self._is_stopping = False
        self._resumed = 0
        self._refused_at: int | None = None
        self._thread = threading.Thread(target=self._run, name=f"delivery {channel.value}", daemon=True)

    def start(self) -> None:
        """Start the thread. Only one program uses a local file, so leases left by a crash are released at once."""
        self._thread.start()

    def wake(self) -> None:
        """Check the outbox at once, because a message was queued."""
        self._wake.set()

    def resume(self) -> None:
        """Try again at once, also after a rejected sign-in: the settings changed, or the user asked for a retry."""
        self._resumed += 1
        self._wake.set()

    @property
    def is_stopping(self) -> bool:
        """True after ``stop``; it cannot be started again."""
        return self._is_stopping

    def stop(self) -> None:
        """Send nothing after the message being sent; returns at once."""
        self._is_stopping = True
        self._wake.set()

    def close(self) -> None:
        """Finish the message being sent, then end the thread."""
        self.stop()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        is_released = self._database.path is None
        while not self._is_stopping:
            nap, began = _AFTER_TROUBLE, self._resumed
            try:
                if not is_released:
                    self._release()
                    is_released = True
                nap = self._round()
            except AuthenticationFailed as error:
                # Report it once and do not retry: a mail server locks an account that keeps failing.
                self._refused_at = began
                self._changed(frozenset({"outbox"}))
                self._troubled(error)
                nap = LONGEST_NAP
            except _DATABASE_AWAY as error:
                _log.info("the outbox cannot be read: %s", type(error).__name__)
            except Exception:
                _log.exception("unexpected error in delivery; it continues")
            self._wake.wait(nap.total_seconds())
            self._wake.clear()

    def _release(self) -> None:
        with self._database.sessions.begin() as session:
            outbox.release_all(session, channel=self._channel)

    def _round(self) -> timedelta:
        """Send all messages that are due; return the time until the next one is."""
        mailer = self._mailer()
        if mailer is None or self._refused_at == self._resumed:
            return LONGEST_NAP
        while not self._is_stopping and deliver_next(self._database, mailer, worker=self._worker) is not None:
            self._changed(frozenset({"outbox"}))
        now = datetime.now(UTC)
        with self._database.reads() as session:
            due = outbox.next_due(session, now, channel=self._channel)
        if due is not None and due <= now and self._database.path is None:
            return _AFTER_TROUBLE  # another till is claiming it, or it is not due by the server's clock
        return LONGEST_NAP if due is None else max(timedelta(0), min(LONGEST_NAP, due - now))
