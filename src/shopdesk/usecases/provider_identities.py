"""Sign-in through a provider, by (issuer, subject) only, never by an e-mail address."""

from __future__ import annotations

import re
from datetime import datetime

from shopdesk.domain.account import Actor, Identity, Staff
from shopdesk.domain.activity import Activity, Change
from shopdesk.domain.clean_text import clean
from shopdesk.domain.errors import Refused
from shopdesk.domain.sentence import sentence
from shopdesk.store import accounts, acts, acts_books, journaled_values
from shopdesk.store.acts import Outcome
from shopdesk.store.journaled_values import Stored
from shopdesk.store.session import Session
from shopdesk.usecases.accounts import (
    WRONG_PASSWORD,
    SignInRefused,
    newcomer,
    own_proof,
    record_newcomer,
    require_right,
    signed_in,
)


def sign_in(session: Session, identity: Identity, *, now: datetime) -> Staff | SignInRefused:
    """Return the account of an identity, registering a new one: the first owns the shop, others wait for the owner.

    An e-mail address shared with an existing account is ignored: it is no proof of identity.
    """
    known = accounts.by_identity(session, identity.issuer, identity.subject)
    if known is None:
        accounts.lock(session)
        known = accounts.by_identity(session, identity.issuer, identity.subject)  # it may have signed in meanwhile
    tried = acts.sign_in_by_provider(session, identity, known or _newcomer(session, identity), at=now)
    if tried.outcome is Outcome.BLOCKED:
        return SignInRefused(sentence("This account is blocked. Ask the owner to unblock it."))
    staff = signed_in(session, tried)
    if tried.outcome is Outcome.NEW:
        record_newcomer(session, staff, now=now)
    return staff


def link(session: Session, identity: Identity, *, password: str, by: Actor, now: datetime) -> None:
    """Link an identity to one's own account, after checking the password. Raise Refused if it has another account."""
    stored = journaled_values.person(session, by.staff.key)
    staff = accounts.by_key(session, by.staff.key)
    proof = own_proof(session, staff, password)
    if not staff.has_password:
        raise Refused(WRONG_PASSWORD, field="password")
    require_right(acts.check_password(session, proof, by=by, at=now), WRONG_PASSWORD, field="password")
    owner = accounts.by_identity(session, identity.issuer, identity.subject)
    if owner is not None and owner.key != by.staff.key:
        raise Refused(
            sentence(
                "This {identity} account is already linked to another account of the shop.", identity=identity.label
            )
        )
    if owner is None:
        tried = acts.link(session, proof, identity, by=by, at=now)
        require_right(tried, WRONG_PASSWORD, field="password")
        _record(session, staff, "", identity.label, stored=stored, by=by, now=now)


def unlink(session: Session, *, issuer: str, subject: str, by: Actor, now: datetime) -> None:
    """Remove a link from one's own account. Raise Refused for the last way to sign in."""
    stored = journaled_values.person(session, by.staff.key)
    staff = accounts.by_key(session, by.staff.key)
    if not staff.has_password and len(accounts.identities_of(session, by.staff.key)) <= 1:
        raise Refused(sentence("This is the only way to sign in to the account. Set a password first."))
    linked = accounts.identities_of(session, by.staff.key)
    label = next((one.label for one in linked if (one.issuer, one.subject) == (issuer, subject)), None)
    acts.unlink(session, issuer=issuer, subject=subject, by=by)
    if label is not None:
        _record(session, staff, label, "", stored=stored, by=by, now=now)


def _record(
    session: Session, staff: Staff, before: str, after: str, *, stored: Stored, by: Actor, now: datetime
) -> None:
    change = Change(f"{staff.name} ({staff.user_name})", before, after)
    values = journaled_values.changes(stored, journaled_values.person(session, staff.key))
    acts_books.record_changes(session, Activity.PROVIDER, [change], by=by, at=now, values=values)


def _newcomer(session: Session, identity: Identity) -> Staff:
    name = clean(identity.name[:200], max_length=400) or f"{identity.label} {identity.subject}"[:200]
    email = identity.email if identity.email_verified else ""
    return newcomer(_free_name(session, identity), name=name, email=email, has_password=False)


def _free_name(session: Session, identity: Identity) -> str:
    base = re.sub(r"[^\w.@+-]", "", f"{identity.name or identity.subject}".casefold().replace(" ", "."))[:40] or "user"
    for count in range(1, 10_000):
        name = f"{base}@{identity.label.casefold()}" + (str(count) if count > 1 else "")
        name = re.sub(r"[^\w.@+-]", "", name)[:64]
        if accounts.by_name(session, name) is None:
            return name
    raise Refused(sentence("No unused user name was found for this account."))
