"""Queries about accounts."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from shopdesk.domain.account import AccountStatus, Actor, Identity, NotAllowed, Right, Staff
from shopdesk.domain.errors import Refused
from shopdesk.domain.sentence import Sentence, sentence
from shopdesk.store import accounts
from shopdesk.store.session import Session


def any_account(session: Session) -> bool:
    """Return True if an account exists."""
    return not accounts.is_empty(session)


def everyone(session: Session, *, by: Actor) -> tuple[Staff, ...]:
    """Return all accounts, oldest first. Requires the right to let people in."""
    permitted(session, by, Right.PEOPLE)
    return accounts.everyone(session)


def waiting(session: Session, *, by: Actor) -> tuple[str, ...]:
    """Return the names of those who wait to be let in, oldest first; none for a person who may not let them in."""
    if not accounts.by_key(session, by.staff.key).may(Right.PEOPLE):
        return ()
    return tuple(one.name for one in accounts.everyone(session) if one.status is AccountStatus.WAITING)


def staff(session: Session, key: UUID) -> Staff | None:
    """Return one account in its present state, such as a new one that waits for the owner; None if unknown."""
    try:
        return accounts.by_key(session, key)
    except Refused:
        return None


def known_staff(session: Session, keys: Iterable[UUID]) -> tuple[Staff, ...]:
    """Return these accounts in their present state, without those that are unknown."""
    return tuple(known for key in keys if (known := staff(session, key)) is not None)


def identities(session: Session, *, by: Actor) -> tuple[Identity, ...]:
    """Return the actor's own links to sign-in providers, oldest first."""
    return accounts.identities_of(session, by.staff.key)


def permitted(session: Session, by: Actor, right: Right) -> None:
    """Check the actor's right for a query in the database. Raise NotAllowed without it."""
    now = Actor(accounts.by_key(session, by.staff.key), by.till, by.approver)
    if not now.may(right):
        raise NotAllowed(
            sentence(
                "{staff} ({role}) may not {right}.",
                staff=by.staff.name,
                role=Sentence(now.staff.role.value),
                right=Sentence(right.value),
            ),
            right=right,
        )
