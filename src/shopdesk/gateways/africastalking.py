"""Text messages by Africa's Talking, version 1 of its API: a form, and an answer in JSON with a status code each."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from shopdesk.domain.errors import AuthenticationFailed
from shopdesk.domain.http_template import FORM, HttpRequest, header_value
from shopdesk.domain.sentence import Sentence, sentence
from shopdesk.gateways.gateway_words import SETTINGS, refused, require_not_refused, unclear, words_of
from shopdesk.gateways.server_text import shown
from shopdesk.gateways.single_request import Answer, exchange
from shopdesk.settings import SmsSettings

_SANDBOX, _LIVE = "https://api.sandbox.africastalking.com", "https://api.africastalking.com"
_ACCEPTED = frozenset({100, 101, 102})
"""Status codes of a recipient: processed, sent, queued."""
_UNCLEAR = frozenset({401, 500, 501})
"""Held back for a check, internal error, error at the next gateway: it may still be sent."""


def send(sms: SmsSettings, key: str, text: str, *, recipient: str) -> str:
    """Send one text message and return the status in words. Raises as ``sms.send`` does."""
    form = {"username": sms.username, "to": recipient, "message": text}
    if sms.sender:
        form["from"] = sms.sender
    headers = _headers(key) | {"Content-Type": FORM}
    address = f"{_host(sms)}/version1/messaging"
    return _accepted(exchange(HttpRequest("POST", address, headers, urlencode(form).encode())))


def balance(sms: SmsSettings, key: str) -> Sentence:
    """Return the balance of the account as a sentence, which shows that name and key are right. Raises Unavailable."""
    address = f"{_host(sms)}/version1/user?{urlencode({'username': sms.username})}"
    answer = exchange(HttpRequest("GET", address, _headers(key), b""))
    _require_sign_in(answer)
    account = _object(answer).get("UserData")
    if answer.status != 200 or not isinstance(account, dict):
        raise refused(words_of(answer))
    return sentence("Africa's Talking answers. The balance is {balance}.", balance=shown(str(account.get("balance"))))


def _host(sms: SmsSettings) -> str:
    return sms.address.rstrip("/") or (_SANDBOX if sms.username == "sandbox" else _LIVE)


def _headers(key: str) -> dict[str, str]:
    return {"apiKey": header_value(key), "Accept": "application/json"}


def _accepted(answer: Answer) -> str:
    """Return the words of an answer that accepts the message; only a JSON object with its recipient does."""
    _require_sign_in(answer)
    require_not_refused(answer)
    told = _object(answer).get("SMSMessageData")
    recipients = told.get("Recipients") if isinstance(told, dict) else None
    if answer.status not in {200, 201} or not isinstance(told, dict) or not isinstance(recipients, list):
        raise unclear(words_of(answer))
    if not recipients:
        raise refused(shown(str(told.get("Message"))))
    if len(recipients) != 1 or not isinstance(recipients[0], dict):
        raise unclear(words_of(answer))
    code = recipients[0].get("statusCode")
    said = shown(" ".join(str(recipients[0].get(name, "")) for name in ("statusCode", "status", "cost", "messageId")))
    if code in _UNCLEAR or not isinstance(code, int):
        raise unclear(said)
    if code not in _ACCEPTED:
        raise refused(said)
    return said


def _require_sign_in(answer: Answer) -> None:
    if answer.status == 401:
        what = sentence("Africa's Talking rejected the user name or the key: {text}.", text=shown(answer.text))
        raise AuthenticationFailed(what, advice=SETTINGS)


def _object(answer: Answer) -> dict[str, Any]:
    """Return the object in an answer; an empty one where it is none, such as a web page or a part of one."""
    try:
        found = json.loads(answer.text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
