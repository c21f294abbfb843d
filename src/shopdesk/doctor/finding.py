"""What a check finds, and what it looks at.

The one thing to know: a finding says the same twice. ``text`` and ``advice`` are for whoever keeps the shop, and may
name its places and people; ``plain`` goes to support, and is made of numbers and kinds alone, so that nothing has to
be taken out of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.settings import Settings


class State(StrEnum):
    """How it is: nothing to do, something to know, something that does not work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: in words, with what to do about it, and in numbers and kinds for support."""

    state: State
    text: str
    advice: str = ""
    plain: str = ""


def well(text: str, *, plain: str = "") -> Finding:
    """It is as it should be."""
    return Finding(State.OK, text, plain=plain)


def warn(text: str, advice: str, *, plain: str = "") -> Finding:
    """It works, but somebody should know or do something."""
    return Finding(State.WARN, text, advice, plain)


def fail(text: str, advice: str, *, plain: str = "") -> Finding:
    """It does not work."""
    return Finding(State.FAIL, text, advice, plain)


def not_working(error: Refused | Unavailable, state: State = State.FAIL) -> Finding:
    """What an error says; support hears of its kinds alone."""
    what, advice = (error.what, error.advice) if isinstance(error, Unavailable) else (str(error), "")
    return Finding(state, what, advice, kinds(error))


def kinds(error: BaseException) -> str:
    """The kinds of an error and its causes: “Unavailable from ConnectionRefusedError”."""
    chain = [error]
    while before := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(before)
    return " from ".join(type(each).__name__ for each in chain)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """The installation that is looked at, and what the checks need to reach it.

    ``settings`` are the defaults where ``trouble`` says why the real ones cannot be read.
    """

    home: Path
    environ: Mapping[str, str]
    settings: Settings
    trouble: Refused | Unavailable | None
    now: Callable[[], datetime]
    printers: Callable[[], Sequence[str]]
    qt: str
