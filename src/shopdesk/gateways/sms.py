"""Sending of text messages over HTTP: Africa's Talking, and any gateway that the owner describes by a template.

A text message is not idempotent: each request is sent once, without redirects and repeats. What was refused in so many
words is final, what never left may be tried again, and everything else may have been sent: that is ``OutcomeUnknown``.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from shopdesk.domain.errors import AuthenticationFailed, OutcomeUnknown, Refused, Unavailable, sentence_of
from shopdesk.domain.http_template import HttpRequest, HttpTemplate
from shopdesk.domain.sentence import Sentence, joined, sentence
from shopdesk.gateways import africastalking
from shopdesk.gateways.gateway_words import SETTINGS, refused, require_not_refused, unclear, words_of
from shopdesk.gateways.providers import is_safe
from shopdesk.gateways.server_text import shown
from shopdesk.gateways.single_request import Answer, exchange
from shopdesk.settings import SmsGateway, SmsSettings

_A_NUMBER = "+15550100"


def send(sms: SmsSettings, secret: str | None, text: str, *, recipient: str) -> str:
    """Send one text message and return the gateway's answer, such as “101 Success KES 0.8000 ATXid_1”.

    ``recipient`` is E.164. Raises OutcomeUnknown where it may have been sent; AuthenticationFailed where no message can
    be sent until the settings change; Unavailable with ``final`` when the gateway refuses it, else when nothing was
    sent and it may work later. It takes 70 seconds at most.
    """
    _require_usable(sms, secret)
    if sms.gateway is SmsGateway.AFRICASTALKING:
        return africastalking.send(sms, secret or "", text, recipient=recipient)
    return _accepted(exchange(_request(sms, secret, text, recipient)), sms.accepted_text)


def check(sms: SmsSettings, secret: str | None) -> Sentence:
    """Check the settings and that the gateway answers, without sending a message. Raises Unavailable."""
    _require_usable(sms, secret)
    try:
        if sms.gateway is SmsGateway.AFRICASTALKING:
            return africastalking.balance(sms, secret or "")
        parts = urlsplit(_request(sms, secret, "", _A_NUMBER).address)
        answer = exchange(HttpRequest("HEAD", f"{parts.scheme}://{parts.netloc}/", {}, b""))
    except OutcomeUnknown as error:  # no message was in it
        raise Unavailable(error.what, advice=SETTINGS) from error
    return sentence("{server} answers ({status}).", server=parts.netloc, status=str(answer.status))


def _require_usable(sms: SmsSettings, secret: str | None) -> None:
    if sms.gateway is SmsGateway.NONE:
        raise AuthenticationFailed(sentence("No gateway for text messages is set up."), advice=SETTINGS)
    if sms.gateway is SmsGateway.AFRICASTALKING and not sms.username:
        raise AuthenticationFailed(sentence("The user name at Africa's Talking is missing."), advice=SETTINGS)
    needs_secret = sms.gateway is SmsGateway.AFRICASTALKING or "{secret}" in "".join(
        (sms.address, sms.body, *sms.headers)
    )
    if needs_secret and not secret:
        what = sentence("The key of the gateway for text messages is missing.")
        raise AuthenticationFailed(what, advice=joined((sentence("Enter it."), SETTINGS)))
    if sms.address and not is_safe(sms.address.partition("{")[0]):
        raise AuthenticationFailed(sentence("The address of the gateway must begin with https://."), advice=SETTINGS)


def _request(sms: SmsSettings, secret: str | None, text: str, recipient: str) -> HttpRequest:
    template = HttpTemplate(method=sms.method, address=sms.address, headers=sms.headers, body=sms.body)
    values = {"to": recipient, "digits": recipient.removeprefix("+"), "text": text, "sender": sms.sender}
    try:
        return template.filled(values | {"secret": secret or ""})
    except Refused as error:
        raise AuthenticationFailed(sentence_of(error), advice=SETTINGS) from error


def _accepted(answer: Answer, accepted_text: str) -> str:
    """Return the words of an answer that accepts a message: by its status, and by the text to look for if one is set.

    A web page is no answer of a gateway: a network that wants a sign-in shows one in its place.
    """
    if answer.status == 401:
        what = sentence("The gateway rejected the key: {text}.", text=shown(answer.text))
        raise AuthenticationFailed(what, advice=SETTINGS)
    require_not_refused(answer)
    is_page = answer.text.lstrip()[:15].lower().startswith(("<!doctype html", "<html"))
    if not 200 <= answer.status <= 299 or (is_page and not (accepted_text and accepted_text in answer.text)):
        raise unclear(words_of(answer))
    if accepted_text not in answer.text:
        raise refused(words_of(answer))
    return words_of(answer)
