"""Sign-in through a provider, by (issuer, subject) only, never by an e-mail address."""

from __future__ import annotations

import re
from datetime import datetime

from shopdesk.domain.account import AccountStatus, Actor, Identity, Staff
from shopdesk.domain.activity import Activity, Change
from shopdesk.domain.clean_text import clean
from shopdesk.domain.errors import Refused
from shopdesk.domain.sentence import sentence
from shopdesk.store import accounts, journal, journaled_values
from shopdesk.store.journaled_values import Stored
from shopdesk.store.session import Session
from shopdesk.usecases import password_hashing
from shopdesk.usecases.accounts import SignInRefused, newcomer, record_newcomer


def sign_in(session: Session, identity: Identity, *, now: datetime) -> Staff | SignInRefused:
    """Return the account of an identity, registering a new one: the first owns the shop, others wait for the owner.

    An e-mail address shared with an existing account is ignored: it is no proof of identity.
    """
    known = accounts.by_identity(session, identity.issuer, identity.subject)
    if known is None:
        accounts.lock(session)
        known = accounts.by_identity(session, identity.issuer, identity.subject)  # it may have signed in meanwhile
    if known is None:
        return _registered(session, identity, now)
    if known.status is AccountStatus.BLOCKED:
        return SignInRefused(sentence("This account is blocked. Ask the owner to unblock it."))
    accounts.change(session, known.key, pin_failures=0)
    return known


def link(session: Session, identity: Identity, *, password: str, by: Actor, now: datetime) -> None:
    """Link an identity to one's own account, after checking the password. Raise Refused if it has another account."""
    stored = journaled_values.person(session, by.staff.key)
    kept = accounts.credentials_of(session, by.staff.key)
    if kept.password_hash is None or not password_hashing.matches(kept.password_hash, password):
        raise Refused(sentence("The password is wrong."), field="password")
    owner = accounts.by_identity(session, identity.issuer, identity.subject)
    if owner is not None and owner.key != by.staff.key:
        raise Refused(
            sentence(
                "This {identity} account is already linked to another account of the shop.", identity=identity.label
            )
        )
    if owner is None:
        accounts.link(session, by.staff.key, identity, at=now)
        _record(session, kept.staff, "", identity.label, stored=stored, by=by, now=now)


def unlink(session: Session, *, issuer: str, subject: str, by: Actor, now: datetime) -> None:
    """Remove a link from one's own account. Raise Refused for the last way to sign in."""
    stored = journaled_values.person(session, by.staff.key)
    kept = accounts.credentials_of(session, by.staff.key)
    if kept.password_hash is None and len(accounts.identities_of(session, by.staff.key)) <= 1:
        raise Refused(sentence("This is the only way to sign in to the account. Set a password first."))
    linked = accounts.identities_of(session, by.staff.key)
    label = next((one.label for one in linked if (one.issuer, one.subject) == (issuer, subject)), None)
    accounts.unlink(session, by.staff.key, issuer=issuer, subject=subject)
    if label is not None:
        _record(session, kept.staff, label, "", stored=stored, by=by, now=now)


def _record(
    session: Session, staff: Staff, before: str, after: str, *, stored: Stored, by: Actor, now: datetime
) -> None:
    change = Change(f"{staff.name} ({staff.user_name})", before, after)
    values = journaled_values.changes(stored, journaled_values.person(session, staff.key))
    journal.record_changes(session, Activity.PROVIDER, [change], by=by, at=now, values=values)


def _registered(session: Session, identity: Identity, now: datetime) -> Staff:
    name = clean(identity.name[:200], max_length=400) or f"{identity.label} {identity.subject}"[:200]
    email = identity.email if identity.email_verified else ""
    staff = newcomer(session, user_name=_free_name(session, identity), name=name, email=email, has_password=False)
    accounts.add(session, staff, password_hash=None, at=now)
    accounts.link(session, staff.key, identity, at=now)
    record_newcomer(session, staff, now=now)
    return staff


def _free_name(session: Session, identity: Identity) -> str:
    base = re.sub(r"[^\w.@+-]", "", f"{identity.name or identity.subject}".casefold().replace(" ", "."))[:40] or "user"
    for count in range(1, 10_000):
        name = f"{base}@{identity.label.casefold()}" + (str(count) if count > 1 else "")
        name = re.sub(r"[^\w.@+-]", "", name)[:64]
        if accounts.credentials(session, name) is None:
            return name
    raise Refused(sentence("No unused user name was found for this account."))
