"""Who may do what is decided here, in every use case, from the books and not from what a window remembers."""

from __future__ import annotations

from shopdesk.domain.account import Actor, NotAllowed, Right
from shopdesk.store import accounts
from shopdesk.store.session import Session


def allowed(session: Session, by: Actor, right: Right) -> Actor:
    """The actor as the books know them now. Raises NotAllowed when neither they nor the lender have the right."""
    staff = accounts.by_key(session, by.staff.key)
    lender = accounts.by_key(session, by.lender.key) if by.lender else None
    actor = Actor(staff, by.till, lender)
    if not actor.may(right):
        raise NotAllowed(
            f"{staff.name} ({staff.role.value}) may not {right.value}. Somebody with that right can do it, or lend it.",
            right=right,
        )
    return actor
