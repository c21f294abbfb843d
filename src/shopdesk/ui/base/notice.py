"""A notice that a window shows, and the button on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shopdesk.ui.base.tokens import Tone


@dataclass(frozen=True, slots=True)
class NoticeAction:
    """A button on a notice or a banner."""

    label: str
    act: Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice of one sentence. With ``stays`` it is shown until the user closes it.

    ``on_dismissed`` is called when the user closes the notice or presses its button, not when it expires or at
    sign-out.
    """

    text: str
    tone: Tone = Tone.GOOD
    action: NoticeAction | None = None
    stays: bool = False
    on_dismissed: Callable[[], object] | None = None
