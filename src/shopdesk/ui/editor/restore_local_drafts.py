"""Restores local drafts at sign-in: documents saved on this machine while the database was unreachable."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from PySide6.QtCore import QObject

from shopdesk.domain.account import Right
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import counted, tr
from shopdesk.ui.base.ports import StoredLocalDrafts
from shopdesk.ui.base.tokens import Tone
from shopdesk.usecases import drafts


def restore_local_drafts(context: Context, *, owner: QObject, then: Callable[[], object]) -> None:
    """Store this till's local drafts in the database, then call ``then``; on failure they stay on this machine."""

    def found(shelf: StoredLocalDrafts) -> None:
        for trouble in shelf.troubles:
            context.navigation.notify(trouble, tone=Tone.WARN, stays=True)
        ours = [one for one in shelf.documents if one.till_key == context.actor.till.key]
        if not ours or not context.may(Right.SELL):
            then()
            return
        context.background.do(
            drafts.restore_local, ours, by=context.actor, now=context.now(), owner=owner, then=back, failed=failed
        )

    def back(keys: tuple[UUID, ...]) -> None:
        for key in keys:
            context.background.run_on_file_thread(context.ports.local_drafts.remove, key, owner=owner)
        said = counted(len(keys), "{count} draft", "{count} drafts")
        context.navigation.notify(
            tr("Restored {documents} that this till saved while the database was unreachable.", documents=said)
        )
        then()

    def failed(_error: Exception) -> None:
        then()

    context.background.run_on_file_thread(context.ports.local_drafts.load, owner=owner, then=found, failed=failed)
