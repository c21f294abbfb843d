"""The page that restores a backup: choose the file, check it, see what it contains, confirm.

It needs no open database, so it works on a new machine, with a damaged file and in a running
shop alike.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from shopdesk import paths
from shopdesk.background import Background
from shopdesk.domain.errors import FieldError, Refused, Unavailable
from shopdesk.domain.sentence import sentence
from shopdesk.render.formatting import count, instant
from shopdesk.ui.base import country_defaults, shortcuts, tokens
from shopdesk.ui.base.i18n import StatusLook, tr, translated
from shopdesk.ui.base.ports import BackupContents, Restoring
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.buttons import Button, PrimaryButton, QuietButton
from shopdesk.ui.widgets.centered_page import CenteredPage, beside
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.field import Field, MessageLine, PasswordField, show_faults
from shopdesk.ui.widgets.section import beside_field

_KINDS = "*.zip *.db"


class RestoreScreen(CenteredPage):
    """Collects the file and its pass phrase, checks the backup and asks to confirm."""

    wanted = Signal()  # confirmed: the checked backup is to replace the shop's file
    left = Signal()  # "Back" was pressed; nothing changes

    def __init__(self, restoring: Restoring, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(tr("Restore a backup"), icon="restore", width=tokens.WIDE, parent=parent)
        self._restoring = restoring
        self._background = background
        self._is_busy = False
        self.set_text(
            tr("Restore a backup"),
            tr("The backup is checked first, and you see what it contains. An existing file is kept."),
        )
        self.file = Field(tr("Backup file"), name="file", compact=True)
        self.phrase = PasswordField(tr("Pass phrase of the backup"), name="phrase", compact=True)
        self.phrase.hide()
        self.answer = MessageLine()
        self.look = PrimaryButton(tr("Check the backup"), self._on_look, icon="search")
        self.back = QuietButton(tr("Back"), self.leave, icon="back")
        self.file.edited.connect(self._on_edited)
        self.phrase.edited.connect(lambda: self.answer.show_state(None))
        for field in (self.file, self.phrase):
            field.control.returnPressed.connect(self._on_look)  # type: ignore[attr-defined]
        self.add(beside_field(self.file, Button(tr("Browse …"), self._on_browse)))
        self.add(self.phrase)
        self.add(self.answer)
        acts = beside(self.back, self.look)
        acts.setStretch(0, 0)
        self.add(acts)
        self.setFocusProxy(self.file)
        shortcuts.bind(self, "back", self.leave)

    def _on_browse(self) -> None:
        dialog = QFileDialog(self, tr("Choose a backup"), str(Path(self.file.text()).parent))
        dialog.setNameFilters([tr("Backups") + f" ({_KINDS})", tr("All files") + " (*)"])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.file.set_text)
        dialog.open()

    def _on_edited(self) -> None:
        """Clear the pass phrase, as another file may need none or a different one."""
        self.answer.show_state(None)
        self.phrase.clear()
        self.phrase.hide()

    def _on_look(self) -> None:
        if self._is_busy:
            return
        chosen = paths.typed(self.file.text())
        if not self.file.text().strip() or not chosen.is_absolute():
            self._on_failed(Refused([FieldError(sentence("Choose a backup file."), "file")]))
            return
        self._set_busy(True)
        self._background.run_in_pool(
            self._restoring.look,
            chosen,
            self.phrase.text() or None,
            owner=self,
            then=self._on_found,
            failed=self._on_failed,
        )

    def _on_found(self, found: BackupContents) -> None:
        self._set_busy(False)
        language = country_defaults.language()
        last = f"{found.last_number}, {instant(found.last_at, language)}" if found.last_at else tr("none")
        question = ConfirmDialog(
            tr("Restore this backup?"),
            text=tr("The shop will be as it was when the backup was made. Later sales are not in it."),
            facts=(
                (tr("Shop"), found.shop or tr("not set up yet")),
                (tr("Documents"), count(found.documents, language)),
                (tr("Last document"), last),
                (tr("Verification"), _verified(found.faults)),
            ),
            yes=tr("Restore"),
            is_dangerous=bool(found.faults),
            parent=self,
        )
        question.ask(self.wanted.emit, self._discard)

    def _on_failed(self, error: Exception) -> None:
        self._set_busy(False)
        if isinstance(error, Refused):
            asked = {fault.field for fault in error.faults}
            self.phrase.setVisible("phrase" in asked or self.phrase.isVisible())
            known = [fault if fault.field else FieldError(fault.text, "file") for fault in error.faults]
            show_faults(Refused(known), [self.file, self.phrase])
        elif isinstance(error, Unavailable):
            self.answer.show_state(StatusLook(translated(error), "warn", Tone.BAD))
        else:
            self.answer.show_state(StatusLook(tr("The backup could not be checked."), "warn", Tone.BAD))
            self._background.report(error)

    def _set_busy(self, busy: bool) -> None:
        self._is_busy = busy
        self.answer.show_state(StatusLook(tr("Checking the backup …"), "waiting", Tone.SOFT) if busy else None)

    def _discard(self) -> None:
        self._background.run_in_pool(self._restoring.forget, owner=self)

    def leave(self) -> None:
        """Go back to the previous page, unless a backup is being checked."""
        if not self._is_busy:
            self._discard()
            self.left.emit()


def _verified(faults: tuple[str, ...]) -> str:
    if not faults:
        return tr("No errors")
    return tr("Errors: {count}. The first: {first}", count=len(faults), first=faults[0])
