"""The way a message takes to a customer: by which channel, to which address, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shopdesk.domain.message import Channel
from shopdesk.domain.sentence import Sentence, sentence


class ChannelOrder(StrEnum):
    """The channels that a shop uses, in the order in which they are tried: the words of its value."""

    EMAIL = "email"
    EMAIL_SMS = "email sms"
    SMS_EMAIL = "sms email"
    SMS = "sms"

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels, the first choice first."""
        return tuple(map(Channel, self.split()))


class PreferredChannel(StrEnum):
    """The channel that a customer prefers: that of the shop, one of its channels, or no messages at all."""

    SHOP = ""
    EMAIL = "email"
    SMS = "sms"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class MessageRoute:
    """The channel of a message and its recipient: an e-mail address, or a phone number in E.164."""

    channel: Channel
    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachability:
    """All that decides on the route of a message to a customer.

    Text messages need the customer's consent; a channel that the customer prefers counts if the shop uses it.
    """

    email: str = ""
    phone: str = ""
    preferred: PreferredChannel = PreferredChannel.SHOP
    has_sms_consent: bool = False
    order: ChannelOrder = ChannelOrder.EMAIL

    def route(self) -> MessageRoute | None:
        """Return the first channel by which the customer can be reached; None if there is none."""
        if self.preferred is PreferredChannel.NONE:
            return None
        in_order = sorted(self.order.channels, key=lambda channel: channel.value != self.preferred.value)
        to = {Channel.EMAIL: self.email, Channel.SMS: self.phone if self.has_sms_consent else ""}
        return next((MessageRoute(channel, to[channel]) for channel in in_order if to[channel]), None)

    def why_not(self) -> Sentence:
        """Return the reason why there is no route."""
        if self.preferred is PreferredChannel.NONE:
            return sentence("The customer wants no messages.")
        if Channel.SMS not in self.order.channels:
            return sentence("The customer has no e-mail address.")
        if self.phone:
            return sentence("The customer has not agreed to text messages.")
        if Channel.EMAIL not in self.order.channels:
            return sentence("The customer has no phone number.")
        return sentence("The customer has neither an e-mail address nor a phone number.")
