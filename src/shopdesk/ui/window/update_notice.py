"""A notice of a newer version: checked once a day, shown to the owner only, repeated until it was read."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSettings

from shopdesk import __version__
from shopdesk.domain.account import Right
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.base.notice import Notice, NoticeAction
from shopdesk.ui.base.ports import AvailableUpdate
from shopdesk.ui.base.tokens import Tone

LATER_MS = 30_000
"""The delay after sign-in, so that the check does not disturb the user's first steps."""
_ASKED = "updates/asked"
_READ = "updates/read"


def check_for_update(context: Context, browse: Callable[[str], object]) -> None:
    """Check for a newer version once a day, if an address is set. Errors are left to the health check."""
    kept, today = QSettings(), str(context.today())
    if not context.settings.update_address or not context.may(Right.SETTINGS) or kept.value(_ASKED) == today:
        return
    kept.setValue(_ASKED, today)

    def tell(newer: AvailableUpdate | None) -> None:
        if newer is not None and kept.value(_READ) != newer.version:
            show = NoticeAction(newer.text or tr("What's new"), lambda: browse(newer.link)) if newer.link else None
            text = tr("shopdesk {version} is available. You have {own}.", version=newer.version, own=__version__)
            read = lambda: kept.setValue(_READ, newer.version)  # noqa: E731
            context.navigation.noted.emit(
                Notice(text=text, tone=Tone.PLAIN, action=show, stays=True, on_dismissed=read)
            )

    context.background.run_in_pool(context.ports.available_update, owner=context, then=tell, failed=lambda _: None)
