"""The quick switch at the till: a PIN, between people who opened this till with their full sign-in.

Who they are, the program remembers while it runs; five wrong PINs ask for the password, and that is kept.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from uuid import UUID

from shopdesk.domain.account import MOST_PIN_FAILURES, Actor, Right, Staff, Standing, read_pin
from shopdesk.domain.errors import Refused
from shopdesk.store import accounts
from shopdesk.store.session import Session
from shopdesk.usecases import passwords
from shopdesk.usecases.accounts import SignInRefused

_TOO_MANY = "Too many wrong PINs. Sign in with the password."


def set_pin(session: Session, pin: str, *, password: str, pepper: bytes, by: Actor, now: datetime) -> None:
    """Set one's own PIN, after the password again. ``pepper`` comes from the keyring and is never stored with it."""
    del now
    kept = accounts.credentials_of(session, by.staff.key)
    if kept.password_hash is None:
        raise Refused("Set a password first: it is asked for before a PIN is set.", field="password")
    if not passwords.matches(kept.password_hash, password):
        raise Refused("The password is wrong.", field="password")
    hashed = passwords.hash_password(_peppered(read_pin(pin), pepper))
    accounts.change(session, by.staff.key, pin_hash=f"{_till_mark(pepper)}:{hashed}", pin_failures=0)


def remove_pin(session: Session, *, by: Actor, now: datetime) -> None:
    """Do without a PIN from now on."""
    del now
    accounts.change(session, by.staff.key, pin_hash=None, pin_failures=0)


def switch(session: Session, key: UUID, pin: str, *, opened: frozenset[UUID], pepper: bytes) -> Staff | SignInRefused:
    """Go on as ``key``, one of those who ``opened`` this till. A wrong PIN is counted, so it does not raise."""
    staff = accounts.by_key(session, key)
    if key not in opened or staff.standing is not Standing.ACTIVE:
        return _password("Open the till with the password first; after that the PIN is enough.")
    kept, failures = accounts.pin(session, key)
    if kept is None:
        return _password("No PIN is set. Sign in with the password.")
    if failures >= MOST_PIN_FAILURES:
        return _password(_TOO_MANY)
    mark, _, hashed = kept.partition(":")
    if mark != _till_mark(pepper):  # no PIN could be right, so none is counted as wrong
        return _password("This PIN was set at another till. Sign in with the password and set it here anew.")
    if not passwords.matches(hashed, _peppered(pin.strip(), pepper)):
        accounts.change(session, key, pin_failures=failures + 1)
        left = MOST_PIN_FAILURES - failures - 1
        if not left:
            return _password(_TOO_MANY)
        return SignInRefused(f"Wrong PIN. {left} more {'tries' if left > 1 else 'try'}.")
    if failures:
        accounts.change(session, key, pin_failures=0)
    return staff


def lend(session: Session, user_name: str, pin: str, *, right: Right, pepper: bytes) -> Staff | SignInRefused:
    """Somebody with ``right`` allows one act of somebody else, by their PIN. The journal will have both names."""
    known = accounts.credentials(session, user_name.strip())
    if known is None or not known.staff.may(right):
        return SignInRefused(f"This person may not {right.value} either, or does not work here.")
    return switch(session, known.staff.key, pin, opened=frozenset({known.staff.key}), pepper=pepper)


def _password(text: str) -> SignInRefused:
    return SignInRefused(text, needs_password=True)


def _till_mark(pepper: bytes) -> str:
    """Tells which till's pepper is in a hash, and nothing about the pepper."""
    return hashlib.sha256(b"mark" + pepper).hexdigest()[:12]


def _peppered(pin: str, pepper: bytes) -> str:
    # Ten thousand PINs are tried in minutes by whoever has the database; without the till's pepper they have nothing.
    return hmac.new(pepper, pin.encode(), hashlib.sha256).hexdigest()
