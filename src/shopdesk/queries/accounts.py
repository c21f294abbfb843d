"""What is asked about the people of the shop."""

from __future__ import annotations

from uuid import UUID

from shopdesk.domain.account import Actor, Identity, NotAllowed, Right, Staff
from shopdesk.domain.errors import Refused
from shopdesk.store import accounts
from shopdesk.store.session import Session


def any_account(session: Session) -> bool:
    """Whether anybody has registered yet."""
    return not accounts.is_empty(session)


def everyone(session: Session, *, by: Actor) -> tuple[Staff, ...]:
    """All accounts, oldest first. Needs the right to let people in."""
    permitted(session, by, Right.PEOPLE)
    return accounts.everyone(session)


def staff(session: Session, key: UUID) -> Staff | None:
    """One account as it stands now: a window asks to see whether the owner has let somebody in."""
    try:
        return accounts.by_key(session, key)
    except Refused:
        return None


def identities(session: Session, *, by: Actor) -> tuple[Identity, ...]:
    """Where else one signs in from, oldest first: one's own links alone."""
    return accounts.identities_of(session, by.staff.key)


def permitted(session: Session, by: Actor, right: Right) -> None:
    """Refuse a question that the actor, as the books know them now, has no right to ask."""
    now = Actor(accounts.by_key(session, by.staff.key), by.till, by.lender)
    if not now.may(right):
        raise NotAllowed(f"{by.staff.name} ({now.staff.role.value}) may not {right.value}.", right=right)
