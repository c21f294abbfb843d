"""Authorization: every use case checks the actor's rights in the database, not in the window's memory."""

from __future__ import annotations

from dataclasses import replace

from shopdesk.domain.account import Actor, NotAllowed, Right, Staff
from shopdesk.domain.errors import Refused
from shopdesk.domain.sentence import Sentence, sentence
from shopdesk.store import accounts
from shopdesk.store.session import Session


def authorize(session: Session, by: Actor, right: Right) -> Actor:
    """Return the actor as stored in the database now. Raise NotAllowed when neither they nor the approver may."""
    staff = _now(session, by.staff)
    if staff.must_change_password:
        raise Refused(sentence("Choose a password of your own first: sign out and sign in again."))
    actor = Actor(staff, by.till, _now(session, by.approver) if by.approver else None)
    if not actor.may(right):
        raise NotAllowed(
            sentence(
                "{staff} ({role}) may not {right}. Ask the owner, or a person with this right.",
                staff=staff.name,
                role=Sentence(staff.role.value),
                right=Sentence(right.value),
            ),
            right=right,
        )
    return actor


def _now(session: Session, staff: Staff) -> Staff:
    return replace(accounts.by_key(session, staff.key), token=staff.token)
