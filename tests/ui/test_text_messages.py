"""Text messages at the windows: shown before they leave by hand, and asked about where they may arrive twice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from shopdesk.domain.customer import Contact, Customer
from shopdesk.domain.document import Document
from shopdesk.domain.message import Channel, DeliveryStatus
from shopdesk.domain.message_route import ChannelOrder
from shopdesk.queries import documents as ask_documents
from shopdesk.queries import outbox as ask
from shopdesk.queries import shop as ask_shop
from shopdesk.queries.documents import DocumentFilter
from shopdesk.row_keys import new_key
from shopdesk.settings import SmsGateway, SmsSettings
from shopdesk.store import outbox
from shopdesk.ui.base.context import Context
from shopdesk.ui.catalogue.customers_screen import CustomersScreen
from shopdesk.ui.documents.document_screen import DocumentScreen
from shopdesk.ui.documents.documents_screen import DocumentsScreen
from shopdesk.ui.documents.messages_screen import MessagesScreen
from shopdesk.ui.documents.several_documents import SeveralDocuments
from shopdesk.ui.documents.sms_dialog import SmsDialog
from shopdesk.ui.editor.checkout_prompt import Saved, where_to
from shopdesk.ui.editor.customer_field import understood
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.usecases import customers as do_customers
from support.accessibility import unnamed_controls
from support.context import Show
from support.qtbot import QtBot
from support.shops import SampleShop

PHONE = "+254712345678"


@pytest.fixture
def sold(shop: SampleShop, context: Context) -> Document:
    """A sale to Grace, who agreed to text messages, at a shop that sends them."""
    shop.change_shop(message_channels=ChannelOrder.SMS_EMAIL)
    facts = shop.ask(ask_shop.current)
    assert facts is not None
    context.set_shop(facts, context.symbols)
    context.settings = replace(
        context.settings, sms=SmsSettings(gateway=SmsGateway.AFRICASTALKING, segment_cost="0.80 KES")
    )
    grace = Customer(key=new_key(), name="Grace", phone=PHONE, sms_consent_on="2026-11-20")
    shop.do(do_customers.save, grace)
    return shop.issue(customer="Grace")


def end_unclear(shop: SampleShop) -> None:
    worker = new_key()
    with shop.database.sessions.begin() as session:
        key = outbox.claim(session, channel=Channel.SMS, worker=worker, at=shop.now)
        assert key is not None
        outbox.save_body(session, key, b"Hello", worker=worker)
        outbox.record_result(session, key, worker=worker, state=DeliveryStatus.UNKNOWN, last_error="No answer.")


def dialog(qtbot: QtBot) -> SmsDialog:
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), SmsDialog))
    found = QApplication.activeModalWidget()
    assert isinstance(found, SmsDialog)
    return found


@pytest.mark.parametrize(
    ("customer", "hint", "prompt"),
    [
        (
            {"phone": PHONE, "sms_consent_on": "2026-11-20"},
            "text message goes to +254712345678",
            "Text message to +254",
        ),
        ({"phone": PHONE}, "no e-mail address", "No message. The customer has not agreed to text messages."),
        ({"email": "a@example.org"}, "e-mail goes to a@example.org", "E-mail to a@example.org with the receipt"),
        ({"preferred_channel": "none"}, "wants no messages", "No message. The customer wants no messages."),
        ({}, "no e-mail address", "No message: the customer has no address"),
    ],
)
def test_the_cashier_sees_where_the_message_goes(
    qtbot: QtBot, shop: SampleShop, customer: dict[str, str], hint: str, prompt: str
) -> None:
    grace = Customer(key=new_key(), name="Grace", **customer)
    order = ChannelOrder.SMS_EMAIL
    assert understood("Grace", grace, "US", order).word == f"Known customer · {hint}"
    saved = Saved(shop.draft(), Contact())
    assert where_to(saved, grace.reached(order)).startswith(prompt)


def test_the_text_and_what_it_costs_are_shown_before_it_is_sent_again(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, sold: Document
) -> None:
    screen = DocumentScreen(context)
    screen.show_document(sold.key)
    show(screen)
    qtbot.waitUntil(lambda: screen.details is not None)
    assert screen.message.said.text() == f"Text message to {PHONE}: waiting to be sent."
    screen.do_send()
    asked = dialog(qtbot)
    (waiting,) = shop.ask(ask.of_document, sold.key)
    assert asked.text.text() == shop.ask(ask.text_of, waiting.key)
    facts = {name: asked.fact(name) for name in ("To", "Alphabet", "Segments", "Cost")}
    assert facts == {"To": PHONE, "Alphabet": "GSM, 160 characters a message", "Segments": "1", "Cost": "0.80 KES"}
    assert asked.yes.isDefault()
    with qtbot.waitSignal(context.navigation.sending_wanted):
        qtbot.mouseClick(asked.yes, Qt.MouseButton.LeftButton)


def test_several_text_messages_are_asked_about_with_their_cost(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, settled: Callable[[], None], sold: Document
) -> None:
    rows = shop.ask(ask_documents.page, find=DocumentFilter(), after=None)
    screen = show(DocumentsScreen(context))
    SeveralDocuments(context, screen).send(rows)
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), ConfirmDialog))
    asked = QApplication.activeModalWidget()
    assert isinstance(asked, ConfirmDialog)
    assert (asked.windowTitle(), asked.fact("Cost")) == ("Send 1 text message?", "0.80 KES")
    assert len(shop.ask(ask.of_document, sold.key)) == 1
    qtbot.mouseClick(asked.yes, Qt.MouseButton.LeftButton)
    settled()
    assert len(shop.ask(ask.of_document, sold.key)) == 2


def test_an_unclear_message_is_asked_about_before_it_goes_twice(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, settled: Callable[[], None], sold: Document
) -> None:
    end_unclear(shop)
    screen = show(MessagesScreen(context))
    settled()
    screen.retry_all.click()
    settled()
    assert shop.ask(ask.of_document, sold.key)[0].state is DeliveryStatus.UNKNOWN
    screen.details.retry.click()
    asked = dialog(qtbot)
    assert asked.windowTitle() == "Send this text message again?"
    assert "the customer gets it twice" in asked.accessibleDescription()
    assert asked.no.isDefault()
    qtbot.mouseClick(asked.yes, Qt.MouseButton.LeftButton)
    settled()
    assert shop.ask(ask.of_document, sold.key)[0].state is DeliveryStatus.QUEUED


def test_a_customers_consent_is_the_day_on_which_it_was_ticked(
    shop: SampleShop, context: Context, show: Show, settled: Callable[[], None], sold: Document
) -> None:
    screen = show(CustomersScreen(context))
    settled()
    screen.list.choose(sold.buyer.key)
    settled()
    consent, channel = screen.form.fields["sms_consent_on"], screen.form.fields["preferred_channel"]
    assert consent.text() == "2026-11-20"
    assert not screen.form.is_dirty
    consent.set_text("")
    assert (consent.text(), screen.form.is_dirty) == ("", True)
    consent.control.setChecked(True)  # type: ignore[attr-defined]
    assert date.fromisoformat(consent.text()) == context.today()
    channel.set_text("none")
    screen.form.save.click()
    settled()
    stored = shop.ask(ask.reachability, sold.buyer)
    assert (stored.route(), stored.has_sms_consent) == (None, True)
    assert unnamed_controls(screen) == []
