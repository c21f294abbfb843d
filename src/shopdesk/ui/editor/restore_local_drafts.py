"""Restores local drafts at sign-in: documents saved on this machine while the database was unreachable."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from PySide6.QtCore import QObject

from shopdesk.domain.account import Right
from shopdesk.ui.base.context import Desk
from shopdesk.ui.base.i18n import counted, tr
from shopdesk.ui.base.ports import OnShelf
from shopdesk.ui.base.theme import Tone
from shopdesk.usecases import drafts


def bring_back(desk: Desk, *, owner: QObject, then: Callable[[], object]) -> None:
    """Store this till's local drafts in the database, then call ``then``; on failure they stay on this machine."""

    def found(shelf: OnShelf) -> None:
        for trouble in shelf.troubles:
            desk.notify(trouble, tone=Tone.WARN, stays=True)
        ours = [one for one in shelf.documents if one.till_key == desk.actor.till.key]
        if not ours or not desk.may(Right.SELL):
            then()
            return
        desk.background.do(
            drafts.bring_back, ours, by=desk.actor, now=desk.now(), owner=owner, then=back, failed=failed
        )

    def back(keys: tuple[UUID, ...]) -> None:
        for key in keys:
            desk.background.write(desk.doors.unshelve, key, owner=owner)
        said = counted(len(keys), "{count} draft", "{count} drafts")
        desk.notify(tr("Restored {documents} that this till saved while the database was unreachable.", documents=said))
        then()

    def failed(_error: Exception) -> None:
        then()

    desk.background.write(desk.doors.shelved, owner=owner, then=found, failed=failed)
