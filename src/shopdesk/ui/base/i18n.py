"""Texts, state labels and notices: what every window needs, independent of any shop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from shopdesk.ui.base.tokens import Tone


def tr(text: str, /, **values: object) -> str:
    """Translate a text and fill in its placeholders: ``tr("Delete {what}?", what=number)``."""
    translated = QCoreApplication.translate("shopdesk", text)
    return translated.format(**values) if values else translated


def counted(count: int, one: str, many: str) -> str:
    """Return a number with its noun: ``counted(2, "{count} row", "{count} rows")`` is “2 rows”."""
    return tr(one if count == 1 else many, count=f"{count:,}")


class StatusLook(NamedTuple):
    """The look of a state: word, icon and tone. Never shown without the word."""

    word: str
    icon: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class NoticeAction:
    """A button on a notice or a banner."""

    label: str
    act: Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice of one sentence. With ``stays`` it is shown until the user closes it.

    ``read`` is called when the user closes the notice or presses its button, not when it expires or at sign-out.
    """

    text: str
    tone: Tone = Tone.GOOD
    action: NoticeAction | None = None
    stays: bool = False
    on_dismissed: Callable[[], object] | None = None
