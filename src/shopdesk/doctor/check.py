"""The result of a check, and the installation that is checked.

Each result has text for the owner and anonymous text for support: ``text`` and ``advice`` may name the shop's files
and people; ``plain`` holds numbers and kinds only, so that nothing has to be removed from it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from shopdesk.domain.errors import Refused, Unavailable, sentence_of
from shopdesk.domain.sentence import NOTHING, Localized, Sentence
from shopdesk.render import formatting
from shopdesk.settings import Settings


class CheckState(StrEnum):
    """The result of a check: it works, needs attention, or does not work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of a check: text and advice for the owner, and anonymous ``plain`` text for support."""

    state: CheckState
    text: Sentence
    advice: Sentence = NOTHING
    plain: str = ""


def ok(text: Sentence, *, plain: str = "") -> CheckResult:
    """Return a finding without a problem."""
    return CheckResult(CheckState.OK, text, plain=plain)


def warn(text: Sentence, advice: Sentence, *, plain: str = "") -> CheckResult:
    """Return a finding of what works but needs attention."""
    return CheckResult(CheckState.WARN, text, advice, plain)


def fail(text: Sentence, advice: Sentence, *, plain: str = "") -> CheckResult:
    """Return a finding of what does not work."""
    return CheckResult(CheckState.FAIL, text, advice, plain)


def not_working(error: Refused | Unavailable, state: CheckState = CheckState.FAIL) -> CheckResult:
    """Return an error as a finding; support sees only the kinds of error."""
    what, advice = (error.what, error.advice) if isinstance(error, Unavailable) else (sentence_of(error), NOTHING)
    return CheckResult(state, what, advice, kinds(error))


def kinds(error: BaseException) -> str:
    """Return the kinds of an error and its causes: “Unavailable from ConnectionRefusedError”."""
    chain = [error]
    while before := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(before)
    return " from ".join(type(each).__name__ for each in chain)


def moment(at: datetime) -> Localized:
    """Return an instant in local time, as a text of a check: “22 Nov 2026, 10:41”."""
    return formatting.localized(formatting.instant, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """The installation that is checked, and what the checks need to reach it.

    Where the settings cannot be read, ``trouble`` is the reason and ``settings`` are the defaults.
    """

    home: Path
    settings: Settings
    trouble: Refused | Unavailable | None
    now: Callable[[], datetime]
    printers: Callable[[], Sequence[str]]
    qt: str
