"""Quick switching at the till: by PIN, between people who signed in fully at this till before.

The program holds their names in memory while it runs. Five wrong PINs require the password; their count is stored.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from uuid import UUID

from shopdesk.domain.account import AccountStatus, Actor, Right, Staff, pin_digits, read_pin
from shopdesk.domain.activity import Activity, Change
from shopdesk.domain.errors import Refused
from shopdesk.domain.sentence import Sentence, counted_sentence, sentence
from shopdesk.store import accounts, acts, acts_books, journaled_values
from shopdesk.store.acts import Outcome
from shopdesk.store.journaled_values import Stored
from shopdesk.store.session import Session
from shopdesk.usecases import password_hashing
from shopdesk.usecases.accounts import WRONG_PASSWORD, SignInRefused, own_proof, require_right, signed_in

_TOO_MANY = sentence("Too many wrong PINs. Sign in with the password.")


def set_pin(session: Session, pin: str, *, password: str, pepper: bytes, by: Actor, now: datetime) -> None:
    """Set one's own PIN, after checking the password. ``pepper`` comes from the keyring and is never stored with it."""
    stored = journaled_values.person(session, by.staff.key)
    staff = accounts.by_key(session, by.staff.key)
    if not staff.has_password:
        raise Refused(sentence("Set a password first. You need it to set a PIN."), field="password")
    proof = own_proof(session, staff, password)
    require_right(acts.check_password(session, proof, by=by, at=now), WRONG_PASSWORD, field="password")
    hashed = password_hashing.hash_password(_peppered(read_pin(pin), pepper))
    tried = acts.set_pin(session, proof, f"{_till_mark(pepper)}:{hashed}", by=by, at=now)
    require_right(tried, WRONG_PASSWORD, field="password")
    _record(session, staff, "set", stored=stored, by=by, now=now)


def remove_pin(session: Session, *, by: Actor, now: datetime) -> None:
    """Remove one's own PIN."""
    stored = journaled_values.person(session, by.staff.key)
    staff = accounts.by_key(session, by.staff.key)
    acts.remove_pin(session, by=by)
    if staff.has_pin:
        _record(session, staff, "removed", stored=stored, by=by, now=now)


def _record(session: Session, staff: Staff, after: str, *, stored: Stored, by: Actor, now: datetime) -> None:
    before = "set" if staff.has_pin else "none"
    change = Change(f"{staff.name} ({staff.user_name})", before, after)
    values = journaled_values.changes(stored, journaled_values.person(session, staff.key))
    acts_books.record_changes(session, Activity.PIN, [change], by=by, at=now, values=values)


def switch(
    session: Session, key: UUID, pin: str, *, opened: frozenset[UUID], pepper: bytes, lends: Right | None = None
) -> Staff | SignInRefused:
    """Continue as ``key``, one of the people in ``opened``. A wrong PIN is counted, so it is returned, not raised.

    With ``lends``, the token of the account returned is good for one act of another person by that right.
    """
    staff = accounts.by_key(session, key)
    if key not in opened or staff.status is not AccountStatus.ACTIVE:
        return _password(sentence("Sign in with the password first. After that, the PIN is enough."))
    salt = acts.pin_salt(session, key)
    if salt is None:
        return _password(sentence("No PIN is set. Sign in with the password."))
    mark, _, salt = salt.partition(":")
    if mark != _till_mark(pepper):  # no PIN can match here, so do not count a failure
        return _password(sentence("This PIN was set at another till. Sign in with the password and set a PIN here."))
    proof = password_hashing.proof(salt, _peppered(pin_digits(pin), pepper))
    tried = acts.try_pin(session, key, proof, lends=lends)
    if tried.outcome is Outcome.RIGHT:
        return signed_in(session, tried)
    if tried.left:
        return SignInRefused(
            counted_sentence(tried.left, "Wrong PIN. {count} try left.", "Wrong PIN. {count} tries left.")
        )
    return _password(_TOO_MANY)


def approve(session: Session, user_name: str, pin: str, *, right: Right, pepper: bytes) -> Staff | SignInRefused:
    """Approve one action of another person (manager override), by the PIN of a person with ``right``."""
    known = accounts.by_name(session, user_name.strip())
    if known is None or not known.may(right):
        return SignInRefused(sentence("This user is unknown, or may not {right} either.", right=Sentence(right.value)))
    return switch(session, known.key, pin, opened=frozenset({known.key}), pepper=pepper, lends=right)


def _password(text: Sentence) -> SignInRefused:
    return SignInRefused(text, needs_password=True)


def _till_mark(pepper: bytes) -> str:
    """Return a mark that identifies the till's pepper without revealing it."""
    return hashlib.sha256(b"mark" + pepper).hexdigest()[:12]


def _peppered(pin: str, pepper: bytes) -> str:
    # A thief of the database can try ten thousand PINs in minutes; without the till's pepper that is of no use.
    return hmac.new(pepper, pin.encode(), hashlib.sha256).hexdigest()
