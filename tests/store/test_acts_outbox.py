"""On PostgreSQL a till's role delivers messages by functions that let it change nothing else of them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shopdesk.delivery import Mailer, deliver_next
from shopdesk.domain.customer import Customer
from shopdesk.domain.document import Document
from shopdesk.domain.errors import Refused
from shopdesk.domain.message import Channel, DeliveryStatus, Message
from shopdesk.domain.message_route import ChannelOrder
from shopdesk.queries import outbox as ask
from shopdesk.queries import verify
from shopdesk.row_keys import new_key
from shopdesk.store import acts_lists, outbox
from shopdesk.usecases import accounts, customers
from shopdesk.usecases import outbox as do_outbox
from shopdesk.usecases.statements_by_mail import send_statement
from support.shops import SampleShop
from support.tills import TwoTills, call, signed_in

WORKER = new_key()


def message_about(shop: SampleShop, document: Document) -> Message:
    (found,) = shop.ask(ask.of_document, document.key)
    return found


def claim(shop: SampleShop, worker: UUID = WORKER) -> UUID:
    with shop.database.sessions.begin() as session:
        key = outbox.claim(session, channel=Channel.EMAIL, worker=worker, at=shop.now)
    assert key is not None
    return key


def settle(shop: SampleShop, key: UUID, state: DeliveryStatus, worker: UUID = WORKER, **columns: Any) -> bool:
    with shop.database.sessions.begin() as session:
        outbox.save_body(session, key, b"the bytes", worker=worker)
        return outbox.record_result(session, key, worker=worker, state=state, **columns)


def test_messages_are_delivered_where_nobody_is_signed_in(tills: TwoTills) -> None:
    sent: list[str] = []

    def send(content: bytes, *, recipient: str) -> str:
        sent.append(recipient)
        return "250 ok"

    document = tills.ada.issue()
    with tills.ada.database.sessions.begin() as session:
        accounts.sign_out(session, tills.ada.by.staff.token)
    state = deliver_next(tills.ben.database, Mailer("shop@example.org", send), worker=WORKER)
    assert (state, sent) == (DeliveryStatus.SENT, ["ada@example.org"])
    assert message_about(tills.ben, document).state is DeliveryStatus.SENT
    assert tills.ben.ask(lambda session: list(verify.violations(session))) == []
    with tills.superuser.engine.connect() as connection:
        told = connection.execute(text("SELECT attempt, db_role, state FROM shopdesk_acts.deliveries")).one()
    assert told == (1, "till_of_ben", "sent")


def test_the_server_sends_a_text_message_only_where_the_customer_agreed(tills: TwoTills) -> None:
    tills.ada.change_shop(message_channels=ChannelOrder.SMS)
    ben = signed_in(tills.ben, "ben")
    for name, consent_on in (("Grace", "2026-11-20"), ("Hedy", "")):
        given = {"name": name, "phone": "+254712345678", "sms_consent_on": consent_on}
        confirmed = frozenset({customers.SHARED_ADDRESS})
        ben.do(customers.save, Customer(key=new_key(), **given), confirmed=confirmed)
    agreed, other = ben.issue(customer="Grace"), ben.issue(customer="Hedy")
    told = message_about(ben, agreed)
    assert (told.channel, told.recipient) == (Channel.SMS, "+254712345678")
    assert ben.ask(ask.of_document, other.key) == ()
    with ben.database.sessions.begin() as session:
        key = outbox.claim(session, channel=Channel.SMS, worker=WORKER, at=ben.now)
        assert key == told.key
        outbox.save_body(session, key, b"Hello", worker=WORKER)
        assert outbox.mark_lost(session, at=ben.now) == 0
    with tills.superuser.engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET lease_until = now() - interval '1 second'"))
    with tills.ada.database.sessions.begin() as session:
        assert outbox.mark_lost(session, at=ben.now) == 1
    assert message_about(ben, agreed).state is DeliveryStatus.UNKNOWN
    assert ben.ask(lambda session: list(verify.violations(session))) == []
    with pytest.raises(Refused, match="no such channel or day"):
        save_directly(ben, Customer(key=new_key(), name="Ida", preferred_channel="pigeon"))


def save_directly(shop: SampleShop, customer: Customer) -> None:
    with shop.database.sessions.begin() as session:
        acts_lists.save_customer(session, customer, language="en", by=shop.by, at=shop.now)


def test_a_failed_message_is_sent_again_by_who_is_signed_in(tills: TwoTills) -> None:
    ben = signed_in(tills.ben, "ben")
    document = ben.issue()
    for state in (DeliveryStatus.FAILED, DeliveryStatus.QUEUED):
        assert settle(ben, claim(ben), state, next_at=datetime.now(UTC) + timedelta(days=400))
        assert ben.do(do_outbox.retry, message_about(ben, document).key) == 1
    assert message_about(ben, document).attempts == 2
    with tills.ben.database.sessions.begin() as session:
        accounts.sign_out(session, ben.by.staff.token)
    with pytest.raises(Exception, match="has ended"):
        ben.do(do_outbox.retry_all)


def test_the_longest_wait_is_the_longest_backoff(tills: TwoTills) -> None:
    document = tills.ada.issue()
    settle(tills.ada, claim(tills.ada), DeliveryStatus.QUEUED, next_at=datetime.now(UTC) + timedelta(days=400))
    next_at = message_about(tills.ada, document).next_at
    assert next_at is not None
    assert next_at < datetime.now(UTC) + timedelta(hours=8)


def test_a_statement_is_journaled_and_queued_by_one_act(tills: TwoTills) -> None:
    ben = signed_in(tills.ben, "ben")
    buyer = tills.ada.issue().buyer.key
    assert buyer is not None
    address = ben.do(send_statement, buyer, since=ben.today - timedelta(days=9), until=ben.today)
    assert address == "ada@example.org"
    assert ben.ask(lambda session: list(verify.violations(session))) == []


_WHO = "_token => :token, _lent => NULL, _lender => NULL, _actor => :ben, _till => :till"
_STATEMENT = f"SELECT shopdesk_acts.send_statement({_WHO}, _key => gen_random_uuid(), _detail => 'x', _at => NULL, "
HOSTILE = {
    "called sent": "UPDATE outbox SET state = 'sent', sent_at = now(), next_at = NULL, attempts = 1, body = 'x'",
    "sent elsewhere": "UPDATE outbox SET recipient = 'eve@example.org'",
    "an invented text": "UPDATE outbox SET body = 'x'",
    "withdrawn": "UPDATE outbox SET state = 'withdrawn'",
    "removed": "DELETE FROM outbox",
    "deliveries read": "SELECT * FROM shopdesk_acts.deliveries",
    "deliveries removed": "DELETE FROM shopdesk_acts.deliveries",
    "another state": "SELECT shopdesk_acts.record_delivery(:claimed, :worker, 'withdrawn', '', NULL, NULL)",
    "queued again without a token": "SELECT shopdesk_acts.requeue_messages(NULL, NULL, NULL, :ada, :till, NULL, NULL)",
    "another's address": _STATEMENT
    + """_changes => '[]', _statement => '{"buyer": {"key": ":buyer", "email": "e@x"}}')""",
    "no JSON": _STATEMENT + """_changes => '[],"by":"x"', _statement => '{}')""",
    "the claim asked": "SELECT shopdesk_acts.holds_claim(:claimed, :worker)",
    "a row of the journal": "SELECT shopdesk_acts.append_journal(:till, :ada, NULL, 'setting', now(), '')",
    "a loan used": "SELECT shopdesk_acts.use_loan(:token, 'sell')",
}
WITHOUT_EFFECT = (
    "SELECT shopdesk_acts.record_delivery(:claimed, :worker, 'sent', '', NULL, NULL)",
    "SELECT shopdesk_acts.record_delivery(:queued, :worker, 'sent', '', NULL, NULL)",
    "SELECT shopdesk_acts.save_body(:claimed, :worker, 'x')",
    "SELECT shopdesk_acts.record_bounce(:claimed, 'x', NULL)",
    "SELECT shopdesk_acts.record_bounce(:queued, 'x', NULL)",
)
"""What another role has claimed, and what no one has, is not changed by who has not."""


def test_raw_sql_changes_no_message(tills: TwoTills) -> None:
    ben = signed_in(tills.ben, "ben")
    first, second = tills.ada.issue(), tills.ada.issue(customer="Grace <grace@example.org>")
    claimed = claim(tills.ada)
    (queued,) = {message_about(ben, one).key for one in (first, second)} - {claimed}
    given = {
        "token": ben.by.staff.token,
        "ben": ben.by.staff.key,
        "till": ben.by.till.key,
        "worker": WORKER,
        "ada": tills.ada.by.staff.key,
        "claimed": claimed,
        "queued": queued,
        "document": first.key,
    }
    before = tills.rows()
    came = {}
    for what, statement in HOSTILE.items():
        statement = statement.replace(":buyer", str(first.buyer.key))
        used = {name: value for name, value in given.items() if f":{name}" in statement}
        with pytest.raises(DBAPIError) as refused:
            call(ben, statement, **used)
        came[what] = getattr(refused.value.orig, "sqlstate", None)
    assert {what: code for what, code in came.items() if code not in {"42501", "SD001", "SD004", "22P02"}} == {}
    for statement in WITHOUT_EFFECT:
        call(ben, statement, **{name: value for name, value in given.items() if f":{name}" in statement})
    assert tills.rows() == before


def test_the_server_keeps_which_role_said_that_a_message_came_back(tills: TwoTills) -> None:
    document = tills.ada.issue()
    key = claim(tills.ada)
    settle(tills.ada, key, DeliveryStatus.SENT)
    with tills.ben.database.sessions.begin() as session:
        assert outbox.record_bounce(session, key, "550 no such user", at=tills.ben.now)
    assert message_about(tills.ada, document).state is DeliveryStatus.BOUNCED
    with tills.superuser.engine.connect() as connection:
        told = connection.execute(text("SELECT db_role, state, bounced_by FROM shopdesk_acts.deliveries")).one()
    assert told == ("till_of_ada", "sent", "till_of_ben")
