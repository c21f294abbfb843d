"""The use case that sends a customer the statement of its account."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from shopdesk.domain.account import Actor, Right
from shopdesk.domain.errors import Refused
from shopdesk.domain.message_route import PreferredChannel
from shopdesk.domain.sentence import sentence
from shopdesk.store import outbox, statements
from shopdesk.store.session import Session
from shopdesk.usecases.rights import authorize


def send_statement(session: Session, key: UUID, *, since: date, until: date, by: Actor, now: datetime) -> str:
    """Queue the statement of a customer's account, as it is now, to its e-mail address, and return that.

    The journal keeps what is sent. Raise Refused without an address, for a customer who wants no messages, or for a
    period that is none or too long.
    """
    actor = authorize(session, by, Right.SELL)
    statement = statements.read(session, key, since=since, until=until)
    if not statement.buyer.email:
        raise Refused(sentence("The customer has no e-mail address."), field="customer")
    reached = outbox.reachability(session, statement.buyer)
    if reached.preferred is PreferredChannel.NONE:
        raise Refused(reached.why_not(), field="customer")
    outbox.send_statement(session, statement, by=actor, at=now)
    return statement.buyer.email
