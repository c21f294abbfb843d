"""Quick switching at the till: by PIN, between people who signed in fully at this till before.

The program holds their names in memory while it runs. Five wrong PINs require the password; their count is stored.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from uuid import UUID

from shopdesk.domain.account import MAX_PIN_FAILURES, AccountStatus, Actor, Right, Staff, read_pin
from shopdesk.domain.activity import Activity, Change
from shopdesk.domain.errors import Refused
from shopdesk.domain.sentence import Sentence, counted_sentence, sentence
from shopdesk.store import accounts, journal, journaled_values
from shopdesk.store.journaled_values import Stored
from shopdesk.store.session import Session
from shopdesk.usecases import password_hashing
from shopdesk.usecases.accounts import SignInRefused

_TOO_MANY = sentence("Too many wrong PINs. Sign in with the password.")


def set_pin(session: Session, pin: str, *, password: str, pepper: bytes, by: Actor, now: datetime) -> None:
    """Set one's own PIN, after checking the password. ``pepper`` comes from the keyring and is never stored with it."""
    stored = journaled_values.person(session, by.staff.key)
    kept = accounts.credentials_of(session, by.staff.key)
    if kept.password_hash is None:
        raise Refused(sentence("Set a password first. You need it to set a PIN."), field="password")
    if not password_hashing.matches(kept.password_hash, password):
        raise Refused(sentence("The password is wrong."), field="password")
    hashed = password_hashing.hash_password(_peppered(read_pin(pin), pepper))
    accounts.change(session, by.staff.key, pin_hash=f"{_till_mark(pepper)}:{hashed}", pin_failures=0)
    _record(session, kept.staff, "set", stored=stored, by=by, now=now)


def remove_pin(session: Session, *, by: Actor, now: datetime) -> None:
    """Remove one's own PIN."""
    stored = journaled_values.person(session, by.staff.key)
    staff = accounts.by_key(session, by.staff.key)
    accounts.change(session, by.staff.key, pin_hash=None, pin_failures=0)
    if staff.has_pin:
        _record(session, staff, "removed", stored=stored, by=by, now=now)


def _record(session: Session, staff: Staff, after: str, *, stored: Stored, by: Actor, now: datetime) -> None:
    before = "set" if staff.has_pin else "none"
    change = Change(f"{staff.name} ({staff.user_name})", before, after)
    values = journaled_values.changes(stored, journaled_values.person(session, staff.key))
    journal.record_changes(session, Activity.PIN, [change], by=by, at=now, values=values)


def switch(session: Session, key: UUID, pin: str, *, opened: frozenset[UUID], pepper: bytes) -> Staff | SignInRefused:
    """Continue as ``key``, one of the people in ``opened``. A wrong PIN is counted, so it is returned, not raised."""
    staff = accounts.by_key(session, key)
    if key not in opened or staff.status is not AccountStatus.ACTIVE:
        return _password(sentence("Sign in with the password first. After that, the PIN is enough."))
    kept, failures = accounts.hold_pin(session, key)
    if kept is None:
        return _password(sentence("No PIN is set. Sign in with the password."))
    if failures >= MAX_PIN_FAILURES:
        return _password(_TOO_MANY)
    mark, _, hashed = kept.partition(":")
    if mark != _till_mark(pepper):  # no PIN can match here, so do not count a failure
        return _password(sentence("This PIN was set at another till. Sign in with the password and set a PIN here."))
    if not password_hashing.matches(hashed, _peppered(pin.strip(), pepper)):
        accounts.change(session, key, pin_failures=failures + 1)
        left = MAX_PIN_FAILURES - failures - 1
        if not left:
            return _password(_TOO_MANY)
        return SignInRefused(counted_sentence(left, "Wrong PIN. {count} try left.", "Wrong PIN. {count} tries left."))
    if failures:
        accounts.change(session, key, pin_failures=0)
    return staff


def approve(session: Session, user_name: str, pin: str, *, right: Right, pepper: bytes) -> Staff | SignInRefused:
    """Approve one action of another person (manager override), by the PIN of a person with ``right``."""
    known = accounts.credentials(session, user_name.strip())
    if known is None or not known.staff.may(right):
        return SignInRefused(sentence("This user is unknown, or may not {right} either.", right=Sentence(right.value)))
    return switch(session, known.staff.key, pin, opened=frozenset({known.staff.key}), pepper=pepper)


def _password(text: Sentence) -> SignInRefused:
    return SignInRefused(text, needs_password=True)


def _till_mark(pepper: bytes) -> str:
    """Return a mark that identifies the till's pepper without revealing it."""
    return hashlib.sha256(b"mark" + pepper).hexdigest()[:12]


def _peppered(pin: str, pepper: bytes) -> str:
    # A thief of the database can try ten thousand PINs in minutes; without the till's pepper that is of no use.
    return hmac.new(pepper, pin.encode(), hashlib.sha256).hexdigest()
