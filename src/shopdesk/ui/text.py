"""Text for people, and how a state shows: what every part of the windows needs before anything of the shop is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from shopdesk.ui.theme import Tone


def tr(text: str, /, **values: object) -> str:
    """The text in the language of the windows, with ``{name}`` filled in: ``tr("Delete {what}?", what=number)``."""
    translated = QCoreApplication.translate("shopdesk", text)
    return translated.format(**values) if values else translated


def counted(count: int, one: str, many: str) -> str:
    """``counted(2, "{count} row", "{count} rows")`` is “2 rows”."""
    return tr(one if count == 1 else many, count=f"{count:,}")


class Look(NamedTuple):
    """How a state shows: its word, its icon and its tone; the word is never left out."""

    word: str
    icon: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Action:
    """A button on a notice or a banner."""

    label: str
    act: Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One sentence at the top of the window. ``stays`` until it is read when something must be done.

    ``read`` hears that somebody closed it or took its action; not that it went by itself or with whoever signed out.
    """

    text: str
    tone: Tone = Tone.GOOD
    action: Action | None = None
    stays: bool = False
    read: Callable[[], object] | None = None
