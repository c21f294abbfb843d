"""The four kinds of error: the rules say no, ask first, the world's fault; anything else is our bug."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOVED = "This shop was moved to "
"""How a database's own refusal begins, once the shop lives elsewhere (``store/moving``)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One sentence for the person at the counter, and the field (and row, from 0) it stands beside."""

    text: str
    field: str = ""
    row: int | None = None


class Refused(Exception):
    """The rules say no. Carries one or more faults, each to be shown beside its field; nothing was changed."""

    def __init__(self, text: str | Sequence[Fault], *, field: str = "", row: int | None = None) -> None:
        self.faults: tuple[Fault, ...] = (Fault(text, field, row),) if isinstance(text, str) else tuple(text)
        super().__init__(" ".join(fault.text for fault in self.faults))


class NeedsYes(Exception):
    """Allowed, but ask first. ``question`` is what to ask; repeat the act with ``sure={answer}`` for yes."""

    def __init__(self, question: str, *, answer: str) -> None:
        super().__init__(question)
        self.question = question
        self.answer = answer


class Unavailable(Exception):
    """The world's fault: database, disk, network, keyring. ``advice`` says what to do; the act may be repeated.

    ``final`` tells that repeating the same call cannot help (the server refused for good).
    """

    def __init__(self, what: str, *, advice: str = "", final: bool = False) -> None:
        super().__init__(f"{what} {advice}".strip())
        self.what = what
        self.advice = advice
        self.final = final


class DatabaseAway(Unavailable):
    """The database did not do what it should; what was typed stays where it is, and may be tried again.

    ``is_gone`` tells that it cannot be reached at all: until it can, whatever asks is answered with this.
    """

    def __init__(self, what: str, *, advice: str = "", is_gone: bool = False) -> None:
        super().__init__(what, advice=advice)
        self.is_gone = is_gone


class Damaged(Unavailable):
    """The shop's file is damaged, or none at all: a backup can take its place."""


class PasswordRefused(Unavailable):
    """A server wants a password and has none, or another one, from us: somebody has to type it."""
