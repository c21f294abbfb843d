"""A notice of a newer version: checked once a day, shown to the owner only, repeated until it was read."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSettings

from shopdesk import __version__
from shopdesk.domain.account import Right
from shopdesk.ui.base.context import Desk
from shopdesk.ui.base.i18n import Action, Note, tr
from shopdesk.ui.base.ports import Newer
from shopdesk.ui.base.theme import Tone

LATER_MS = 30_000
"""The delay after sign-in, so that the check does not disturb the user's first steps."""
_ASKED = "updates/asked"
_READ = "updates/read"


def look(desk: Desk, browse: Callable[[str], object]) -> None:
    """Check for a newer version once a day, if an address is set. Errors are left to the health check."""
    kept, today = QSettings(), str(desk.today())
    if not desk.settings.update_address or not desk.may(Right.SETTINGS) or kept.value(_ASKED) == today:
        return
    kept.setValue(_ASKED, today)

    def tell(newer: Newer | None) -> None:
        if newer is not None and kept.value(_READ) != newer.version:
            show = Action(newer.text or tr("What's new"), lambda: browse(newer.link)) if newer.link else None
            text = tr("shopdesk {version} is available. You have {own}.", version=newer.version, own=__version__)
            read = lambda: kept.setValue(_READ, newer.version)  # noqa: E731
            desk.noted.emit(Note(text=text, tone=Tone.PLAIN, action=show, stays=True, read=read))

    desk.background.reach(desk.doors.newer, owner=desk, then=tell, failed=lambda _: None)
