"""The answers of gateways for text messages, in their own words."""

from __future__ import annotations

from shopdesk.domain.errors import OutcomeUnknown, Unavailable
from shopdesk.domain.sentence import sentence
from shopdesk.gateways.server_text import shown
from shopdesk.gateways.single_request import Answer

SETTINGS = sentence("See Settings, Text messages.")


def refused(said: str, *, final: bool = True) -> Unavailable:
    """Return the error for a message that the gateway refuses, with what it said."""
    return Unavailable(sentence("The gateway refused it: {text}.", text=said), final=final)


def require_not_refused(answer: Answer) -> None:
    """Raise the error of a status that refuses a message: with 429 for now (RFC 6585, 4), else for good."""
    if 400 <= answer.status <= 499:
        raise refused(words_of(answer), final=answer.status != 429)


def unclear(said: str) -> OutcomeUnknown:
    """Return the error for an answer that does not tell whether the message was accepted."""
    return OutcomeUnknown(sentence("The gateway's answer is unclear: {text}.", text=said))


def words_of(answer: Answer) -> str:
    """Return the status and the text of an answer as one short line."""
    return shown(f"{answer.status} {answer.text}")
