"""Text messages from the sale to the gateway, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from shopdesk.delivery import Mailer, deliver_next
from shopdesk.domain.customer import Customer
from shopdesk.domain.document import Document
from shopdesk.domain.errors import Refused
from shopdesk.domain.message import Channel, DeliveryStatus, Message
from shopdesk.domain.message_route import ChannelOrder
from shopdesk.gateways import sms
from shopdesk.queries import outbox as ask
from shopdesk.queries import verify
from shopdesk.row_keys import new_key
from shopdesk.settings import SmsSettings
from shopdesk.store import outbox
from shopdesk.store.tables import customers
from shopdesk.usecases import customers as do_customers
from shopdesk.usecases import documents
from shopdesk.usecases import outbox as do_outbox
from shopdesk.usecases.statements_by_mail import send_statement
from support.shops import SampleShop
from support.sms_gateway import KEY, Fault, SmsServer

PHONE = "+254712345678"
ME = new_key()


def grace(shop: SampleShop, **fields: str) -> Customer:
    given = {"name": "Grace", "phone": PHONE, "sms_consent_on": "2026-11-20", **fields}
    return shop.do(do_customers.save, Customer(key=new_key(), **given))


def message(shop: SampleShop, document: Document) -> Message:
    return shop.ask(ask.of_document, document.key)[-1]


def sell(shop: SampleShop, customer: Customer) -> Document:
    return shop.issue(customer=customer.name)


def through(settings: SmsSettings) -> Mailer:
    def send(content: bytes, *, recipient: str) -> str:
        return sms.send(settings, KEY, content.decode(), recipient=recipient)

    return Mailer("", send, Channel.SMS)


def deliver(shop: SampleShop, settings: SmsSettings, *, after: timedelta = timedelta(0)) -> DeliveryStatus | None:
    return deliver_next(shop.database, through(settings), worker=ME, now=lambda: shop.now + after)


def test_a_sale_is_told_by_text_message(sample_shop: SampleShop, sms_gateway: SmsServer) -> None:
    sample_shop.change_shop(message_channels=ChannelOrder.EMAIL_SMS)
    document = sell(sample_shop, grace(sample_shop))
    assert deliver(sample_shop, sms_gateway.africastalking) is DeliveryStatus.SENT
    assert deliver(sample_shop, sms_gateway.africastalking) is None
    (request,) = sms_gateway.requests
    assert (request.form["to"], document.number in request.form["message"]) == (PHONE, True)
    sent = message(sample_shop, document)
    assert (sent.channel, sent.recipient, sent.state) == (Channel.SMS, PHONE, DeliveryStatus.SENT)
    assert sent.last_error == "101 Success KES 0.8000 ATXid_1"
    assert sample_shop.ask(ask.text_of, sent.key) == request.form["message"]
    assert sample_shop.ask(lambda session: list(verify.violations(session))) == []


@pytest.mark.parametrize(
    ("order", "fields", "channel"),
    [
        (ChannelOrder.EMAIL, {}, None),
        (ChannelOrder.SMS_EMAIL, {"email": "grace@example.org"}, Channel.SMS),
        (ChannelOrder.EMAIL_SMS, {"email": "grace@example.org"}, Channel.EMAIL),
        (ChannelOrder.EMAIL_SMS, {"email": "grace@example.org", "preferred_channel": "sms"}, Channel.SMS),
        (ChannelOrder.SMS_EMAIL, {"email": "grace@example.org", "sms_consent_on": ""}, Channel.EMAIL),
        (ChannelOrder.SMS, {"sms_consent_on": ""}, None),
        (ChannelOrder.SMS, {"preferred_channel": "none"}, None),
    ],
)
def test_the_channel_follows_the_shop_and_the_customer(
    sample_shop: SampleShop, order: ChannelOrder, fields: dict[str, str], channel: Channel | None
) -> None:
    sample_shop.change_shop(message_channels=order)
    document = sell(sample_shop, grace(sample_shop, **fields))
    found = sample_shop.ask(ask.of_document, document.key)
    assert [one.channel for one in found] == ([channel] if channel else [])
    route = sample_shop.ask(ask.reachability, document.buyer).route()
    assert (route.channel if route else None) is channel
    if channel is None:
        with pytest.raises(Refused, match="The customer"):
            sample_shop.do(documents.resend, document.key)
    else:
        sample_shop.do(documents.resend, document.key)
        assert message(sample_shop, document).channel is channel


def test_a_merged_customers_consent_counts_and_an_erased_ones_does_not(sample_shop: SampleShop) -> None:
    sample_shop.change_shop(message_channels=ChannelOrder.SMS)
    first, other = grace(sample_shop), grace(sample_shop, name="Gracy", phone="+254712345679", sms_consent_on="")
    of_first, of_other = sell(sample_shop, first), sell(sample_shop, other)
    sample_shop.do(do_customers.merge, first, other, base=first)
    sample_shop.do(documents.resend, of_other.key)
    assert message(sample_shop, of_other).recipient == "+254712345679"
    sample_shop.do(do_customers.erase, first.key)
    row_of = select(customers.c.preferred_channel, customers.c.sms_consent_on).where(customers.c.key == first.key)
    assert sample_shop.ask(lambda session: tuple(session.execute(row_of).one())) == ("", "")
    with pytest.raises(Refused, match="has not agreed"):
        sample_shop.do(documents.resend, of_first.key)


def test_a_customer_who_wants_no_messages_gets_no_statement(sample_shop: SampleShop) -> None:
    silent = grace(sample_shop, email="grace@example.org", preferred_channel="none")
    sell(sample_shop, silent)
    with pytest.raises(Refused, match="The customer wants no messages"):
        sample_shop.do(send_statement, silent.key, since=sample_shop.today, until=sample_shop.today)


def test_an_unclear_answer_is_repeated_only_by_a_person(sample_shop: SampleShop, sms_gateway: SmsServer) -> None:
    sample_shop.change_shop(message_channels=ChannelOrder.SMS)
    document = sell(sample_shop, grace(sample_shop))
    sms_gateway.fault = Fault.CLOSED
    assert deliver(sample_shop, sms_gateway.africastalking) is DeliveryStatus.UNKNOWN
    assert message(sample_shop, document).last_error.endswith("The message may have been sent.")
    sms_gateway.fault = None
    assert sample_shop.do(do_outbox.retry_all) == 0
    assert deliver(sample_shop, sms_gateway.africastalking, after=timedelta(days=1)) is None
    assert len(sms_gateway.requests) == 1
    assert sample_shop.do(do_outbox.retry, message(sample_shop, document).key) == 1
    assert deliver(sample_shop, sms_gateway.africastalking) is DeliveryStatus.SENT
    assert sms_gateway.requests[0].body == sms_gateway.requests[1].body


def test_what_never_left_is_sent_later_and_what_is_refused_is_not(
    sample_shop: SampleShop, sms_gateway: SmsServer
) -> None:
    sample_shop.change_shop(message_channels=ChannelOrder.SMS)
    document = sell(sample_shop, grace(sample_shop))
    nowhere = replace(sms_gateway.africastalking, address="http://127.0.0.1:1")
    assert deliver(sample_shop, nowhere) is DeliveryStatus.QUEUED
    sms_gateway.code = 405
    assert deliver(sample_shop, sms_gateway.africastalking, after=timedelta(minutes=1)) is DeliveryStatus.FAILED
    assert message(sample_shop, document).last_error.startswith("The gateway refused it: 405 InsufficientBalance")
    assert sample_shop.do(do_outbox.retry_all) == 1


@pytest.mark.parametrize("has_body", [True, False])
def test_a_message_whose_till_died_may_have_been_sent_once_it_had_its_text(
    sample_shop: SampleShop, sms_gateway: SmsServer, *, has_body: bool
) -> None:
    sample_shop.change_shop(message_channels=ChannelOrder.SMS)
    document = sell(sample_shop, grace(sample_shop))
    with sample_shop.database.sessions.begin() as session:
        key = outbox.claim(session, channel=Channel.SMS, worker=ME, at=sample_shop.now)
        assert key is not None
        if has_body:
            outbox.save_body(session, key, b"Hello", worker=ME)
    later = outbox.LEASE + timedelta(seconds=1)
    ended = deliver(sample_shop, sms_gateway.africastalking, after=later)
    assert ended is (DeliveryStatus.UNKNOWN if has_body else DeliveryStatus.SENT)
    assert len(sms_gateway.requests) == (not has_body)
    assert message(sample_shop, document).state is ended


def test_what_may_have_been_sent_is_claimed_by_no_one(sample_shop: SampleShop) -> None:
    sample_shop.change_shop(message_channels=ChannelOrder.SMS)
    document = sell(sample_shop, grace(sample_shop))
    later = sample_shop.now + outbox.LEASE + timedelta(seconds=1)
    with sample_shop.database.sessions.begin() as session:
        key = outbox.claim(session, channel=Channel.SMS, worker=ME, at=sample_shop.now)
        assert key is not None
        outbox.save_body(session, key, b"Hello", worker=ME)
        assert outbox.claim(session, channel=Channel.SMS, worker=new_key(), at=later) is None
        assert outbox.mark_lost(session, at=later) == 1
    assert message(sample_shop, document).state is DeliveryStatus.UNKNOWN


def test_a_local_file_that_is_opened_again_marks_what_may_have_been_sent(sample_shop: SampleShop) -> None:
    sample_shop.change_shop(message_channels=ChannelOrder.SMS)
    document = sell(sample_shop, grace(sample_shop))
    with sample_shop.database.sessions.begin() as session:
        key = outbox.claim(session, channel=Channel.SMS, worker=ME, at=sample_shop.now)
        assert key is not None
        outbox.save_body(session, key, b"Hello", worker=ME)
    with sample_shop.database.sessions.begin() as session:
        outbox.release_all(session, channel=Channel.EMAIL)
    assert message(sample_shop, document).state is DeliveryStatus.SENDING
    with sample_shop.database.sessions.begin() as session:
        outbox.release_all(session, channel=Channel.SMS)
    assert message(sample_shop, document).state is DeliveryStatus.UNKNOWN


def test_each_channel_takes_its_own_messages(sample_shop: SampleShop) -> None:
    sample_shop.change_shop(message_channels=ChannelOrder.SMS_EMAIL)
    document = sell(sample_shop, grace(sample_shop))
    with sample_shop.database.sessions.begin() as session:
        assert outbox.next_due(session, sample_shop.now, channel=Channel.EMAIL) is None
        assert outbox.claim(session, channel=Channel.EMAIL, worker=ME, at=sample_shop.now) is None
        assert outbox.claim(session, channel=Channel.SMS, worker=ME, at=sample_shop.now) == (
            sample_shop.ask(ask.of_document, document.key)[0].key
        )
