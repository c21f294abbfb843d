"""Which way a message takes to a customer."""

import pytest

from shopdesk.domain.message import Channel
from shopdesk.domain.message_route import ChannelOrder, MessageRoute, PreferredChannel, Reachability

MAIL = MessageRoute(Channel.EMAIL, "ada@example.org")
TEXT = MessageRoute(Channel.SMS, "+254712345678")


@pytest.mark.parametrize(
    ("order", "preferred", "email", "phone", "route"),
    [
        ("email", "", True, True, MAIL),
        ("email", "", False, True, None),
        ("email", "sms", True, True, MAIL),  # the shop sends none
        ("email sms", "", True, True, MAIL),
        ("email sms", "", False, True, TEXT),
        ("email sms", "sms", True, True, TEXT),
        ("email sms", "sms", True, False, MAIL),
        ("sms email", "", True, True, TEXT),
        ("sms email", "", True, False, MAIL),
        ("sms email", "email", True, True, MAIL),
        ("sms", "", True, True, TEXT),
        ("sms", "email", True, False, None),
        ("email sms", "none", True, True, None),
    ],
)
def test_the_first_channel_that_the_customer_has_and_wants(
    order: str, preferred: str, *, email: bool, phone: bool, route: MessageRoute | None
) -> None:
    reached = Reachability(
        email=MAIL.recipient if email else "",
        phone=TEXT.recipient if phone else "",
        preferred=PreferredChannel(preferred),
        has_sms_consent=True,
        order=ChannelOrder(order),
    )
    assert reached.route() == route


def test_no_text_message_goes_out_without_consent() -> None:
    reached = Reachability(phone=TEXT.recipient, preferred=PreferredChannel.SMS, order=ChannelOrder.SMS_EMAIL)
    assert reached.route() is None
    assert reached.why_not() == "The customer has not agreed to text messages."


@pytest.mark.parametrize(
    ("order", "preferred", "why"),
    [
        ("email", "", "The customer has no e-mail address."),
        ("sms", "", "The customer has no phone number."),
        ("sms email", "", "The customer has neither an e-mail address nor a phone number."),
        ("email sms", "none", "The customer wants no messages."),
    ],
)
def test_the_reason_why_there_is_no_route(order: str, preferred: str, why: str) -> None:
    assert Reachability(preferred=PreferredChannel(preferred), order=ChannelOrder(order)).why_not() == why
