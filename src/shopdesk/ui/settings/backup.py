"""Settings, Backup: the last backup, the folder, the pass phrase, and restoring a backup."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.sentence import sentence
from shopdesk.message_catalogues import mark
from shopdesk.settings import Settings
from shopdesk.ui.base import display_names
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, tr, tr_marked, translated
from shopdesk.ui.base.ports import Backups
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.settings.copyable import Copyable
from shopdesk.ui.settings.test_button import TestButton
from shopdesk.ui.widgets.buttons import Button, QuietButton
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.field import Field, MessageLine, PasswordField
from shopdesk.ui.widgets.form import Form, hold_because
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.page_parts import Card
from shopdesk.ui.widgets.paged_model import ColumnOf, PagedModel
from shopdesk.ui.widgets.section import Section, row, size_in_words
from shopdesk.ui.widgets.table import ShortTable

if TYPE_CHECKING:
    from shopdesk.daily_backup import StoredBackup

_FOLDER = "backup.folder"
_ROWS = 6
_STEPS = {
    "copy": mark("Copying the shop's file … (1 of 4)"),
    "check": mark("Checking the data in the copy … (2 of 4)"),
    "pack": mark("Packing and verifying it … (3 of 4)"),
    "keep": mark("Moving it into the folder … (4 of 4)"),
}


class BackupSection(Section):
    """Daily backups of a database file; for a server, the command that backs it up."""

    def __init__(self, context: Context) -> None:
        super().__init__(
            context,
            tr("Backup"),
            tr("A backup is one file with everything: documents, journal, customers, products, people."),
        )
        self._own_folder = ""
        self.last = MessageLine()
        self.last.words.setAccessibleName(tr("Last backup"))
        self.now = TestButton(tr("Back up now"), self._on_now, icon="backup", is_primary=True)
        self.checked = MessageLine()
        self.checked.words.setAccessibleName(tr("Check of everything"))
        self.check = TestButton(tr("Check everything"), self._on_check)
        self.file_parts: tuple[QWidget, ...] = (self._every_day(), self._where(), self._lock(), self._restore_part())
        self.server = self._server()
        for part in (*self.file_parts, self.server):
            part.hide()
            self.add(part)
        self.add(self._whole())
        self.finish()
        self.folder.save_wanted.connect(self._on_folder)
        self.phrase.save_wanted.connect(self._on_phrase)
        context.background.changed.connect(self._on_changed)
        self._fill()

    # --- building the page ---

    def _every_day(self) -> Card:
        card = Card(tr("Every day"))
        card.add(
            Label(
                tr(
                    "While the program is open, it makes and checks a backup every day. It keeps one for each of the "
                    "last 7 days, 4 weeks and 12 months."
                ),
                "soft",
                wrap=True,
            )
        )
        card.add(self.last)
        card.add(self.now)
        self.model = _BackupsModel(self.context, parent=self)
        self.kept = ShortTable(tr("Kept backups"), self.model, most=_ROWS)
        card.add(self.kept)
        return card

    def _where(self) -> Card:
        self.folder = Form(save=tr("Use this folder"))
        self.folder.add(Field(tr("Folder"), name=_FOLDER, compact=True))
        self.browse = Button(tr("Browse …"), self._on_browse)
        self.folder.foot.insertWidget(0, self.browse)
        self.folder.finish()
        card = Card(tr("Backup folder"))
        card.add(self.folder)
        return card

    def _lock(self) -> Card:
        self.state = Label(role="soft", wrap=True)
        self.phrase = Form(save=tr("Encrypt backups"))
        self.phrase.add(
            PasswordField(tr("Pass phrase"), name="phrase", compact=True),
            PasswordField(tr("Repeat pass phrase"), name="again", compact=True),
        )
        self.phrase.finish()
        self.open_again = QuietButton(tr("Stop encrypting"), self._on_stop)
        self.phrase.foot.insertWidget(2, self.open_again)
        card = Card(tr("Pass phrase"))
        card.add(self.state)
        card.add(self.phrase)
        return card

    def _restore_part(self) -> Card:
        card = Card(tr("Restore"))
        card.add(
            Label(
                tr(
                    "The backup is checked first, and you see what it contains. The shop's current file is kept, so "
                    "nothing is lost."
                ),
                "soft",
                wrap=True,
            )
        )
        self.restore = Button(tr("Restore a backup …"), self.context.navigation.restore_wanted.emit, icon="restore")
        card.add(row(self.restore))
        return card

    def _whole(self) -> Card:
        card = Card(tr("Check of everything"))
        self.about_check = Label(role="soft", wrap=True)
        card.add(self.about_check)
        card.add(self.checked)
        card.add(self.check)
        return card

    def _server(self) -> Card:
        card = Card(tr("The server"))
        card.add(
            Label(
                tr(
                    "The shop's data is on a PostgreSQL server. Back it up every night, best with a scheduled task "
                    "on the server. This command makes a dump with pg_dump and checks it."
                ),
                "soft",
                wrap=True,
            )
        )
        self.command = Copyable(tr("the command"))
        self.command.show_text("shopdesk backup FILE.dump")
        card.add(self.command)
        self.dumped = MessageLine()
        self.dumped.words.setAccessibleName(tr("Last known dump"))
        card.add(self.dumped)
        return card

    # --- showing ---

    def refresh(self) -> None:
        """Read how the shop is backed up."""
        self.context.background.run_in_pool(
            self.context.ports.backup.state, owner=self, then=self._show, failed=self._on_unknown
        )

    def _on_changed(self, tables: frozenset[str]) -> None:
        if "backups" in tables and self.isVisible():
            self.refresh()

    def _show(self, backups: Backups) -> None:
        for part in self.file_parts:
            part.setVisible(backups.is_file)
        self.server.setVisible(not backups.is_file)
        line = self.last if backups.is_file else self.dumped
        line.show_state(display_names.backup(backups, now=self.context.now(), instant=self.context.format.instant))
        everything = tr(
            "A check of everything compares every document, the journal and all sums from the first day on. The shop "
            "stays open meanwhile."
        )
        each_day = tr("Each daily backup checks what is new, and once a week everything.")
        self.about_check.setText(f"{each_day} {everything}" if backups.is_file else everything)
        self.checked.show_state(
            display_names.whole_check(backups, now=self.context.now(), instant=self.context.format.instant)
        )
        self.model.show_backups(backups.kept)
        self.kept.setVisible(bool(backups.kept))
        hint = tr("A separate disk is safer, such as a USB stick or a folder on another machine.")
        if not self.held_by(_FOLDER):
            self.folder.fields[_FOLDER].show_hint(StatusLook(hint, "info", Tone.SOFT) if backups.is_same_disk else None)
        self._own_folder = "" if self.context.settings.backup.folder else backups.folder
        self.folder.fill({_FOLDER: backups.folder})
        self._show_lock(is_locked=backups.is_locked)

    def _show_lock(self, *, is_locked: bool) -> None:
        self.open_again.setVisible(is_locked)
        self.phrase.save.set_label(tr("Change the pass phrase") if is_locked else tr("Encrypt backups"))
        told = (
            tr("New backups are encrypted. Older ones keep the pass phrase they were made with.")
            if is_locked
            else tr("Anyone who finds a backup can read it. With a pass phrase, only people who know it can.")
        )
        alone = tr("Write it down and keep it elsewhere. Without it no one, including us, can restore a backup.")
        self.state.setText(f"{told} {alone}")

    def _on_unknown(self, error: Exception) -> None:
        self.file_parts[0].show()
        self.last.show_state(StatusLook(translated(error), "warn", Tone.WARN))

    def _fill(self) -> None:
        self.folder.fill({_FOLDER: self.context.settings.backup.folder})
        self.phrase.fill({})
        for form in (self.folder, self.phrase):
            form.hold(locked=not self.may)
        for button in (self.now.button, self.check.button, self.browse, self.restore):
            button.setEnabled(self.may)
        if held := self.held_by(_FOLDER):
            hold_because(self.folder.fields[_FOLDER], held)
            self.browse.setEnabled(False)

    # --- backing up now ---

    def _on_now(self) -> None:
        self.now.start()
        self.context.background.run_in_pool(
            self.context.ports.backup.make,
            owner=self,
            then=lambda _: self.now.succeeded(tr("Backup created and checked.")),
            failed=lambda error: self.now.failed(translated(error)),
            on_progress=lambda step: self.now.show_progress(self._words_of(step)),
        )

    def _words_of(self, step: str) -> str:
        """Return a step of a backup in words, with the part of the check that is done."""
        name, _, percent = step.partition(" ")
        words = tr_marked(_STEPS[name])
        return f"{words} {self._percent(percent)}" if percent else words

    def _percent(self, percent: str) -> str:
        return self.context.format.percent(int(percent) * 1000)

    def _on_check(self) -> None:
        self.check.start()
        self.context.background.run_in_pool(
            self.context.ports.backup.check,
            owner=self,
            then=lambda result: self.check.succeeded(translated(result)),
            failed=lambda error: self.check.failed(translated(error)),
            on_progress=lambda percent: self.check.show_progress(
                tr("Checking everything … {percent}", percent=self._percent(percent))
            ),
        )

    # --- the folder ---

    def _on_browse(self) -> None:
        _ask_folder(
            self.folder.fields[_FOLDER].text(), self, lambda chosen: self.folder.fields[_FOLDER].set_text(chosen)
        )

    def _on_folder(self) -> None:
        typed = self.folder.values()[_FOLDER].strip()
        self.folder.set_busy(True)
        self.context.background.run_in_pool(
            self.context.ports.backup.use_folder,
            "" if typed == self._own_folder else typed,
            owner=self,
            then=self._on_used,
            failed=self.folder.show_error,
        )

    def _on_used(self, settings: Settings) -> None:
        self.folder.set_busy(False)
        self.context.settings = settings
        self.context.navigation.notify(tr("New backups go to this folder. Older ones stay where they are."))
        self.refresh()

    # --- the pass phrase ---

    def _on_phrase(self) -> None:
        values = self.phrase.values()
        if values["phrase"] != values["again"]:
            self.phrase.refuse(Refused([FieldError(sentence("The pass phrases do not match."), "again")]))
            return
        self._set_phrase(values["phrase"])

    def _on_stop(self) -> None:
        text = tr("Anyone who finds a new backup will be able to read it. Older backups stay encrypted.")
        ConfirmDialog(tr("Stop encrypting backups?"), text=text, yes=tr("Stop encrypting"), parent=self).ask(
            lambda: self._set_phrase("")
        )

    def _set_phrase(self, phrase: str) -> None:
        self.phrase.set_busy(True)
        self.phrase.show_message(
            StatusLook(tr("Preparing the encryption. This takes a few seconds …"), "waiting", Tone.SOFT)
        )
        self.context.background.run_in_pool(
            self.context.ports.backup.set_phrase,
            phrase,
            owner=self,
            then=lambda _: self._on_locked(),
            failed=self.phrase.show_error,
        )

    def _on_locked(self) -> None:
        self.phrase.set_busy(False)
        self.phrase.fill({})
        self.context.navigation.notify(tr("Saved. This applies to all new backups."))
        self.refresh()


@dataclass(frozen=True, slots=True)
class _Row:
    key: str
    backup: StoredBackup


class _BackupsModel(PagedModel[_Row]):
    def __init__(self, context: Context, *, parent: QWidget) -> None:
        columns: tuple[ColumnOf[_Row], ...] = (
            ColumnOf(
                title=tr("Made"),
                text=lambda one: context.format.instant(one.backup.at),
                tip=lambda one: str(one.backup.path),
            ),
            ColumnOf(title=tr("Age"), text=lambda one: context.ago(one.backup.at), width=136),
            ColumnOf(title=tr("Size"), text=lambda one: size_in_words(one.backup.size), width=104, is_number=True),
            ColumnOf(
                title=tr("Encrypted"), text=lambda one: tr("yes") if one.backup.is_locked else tr("no"), width=104
            ),
        )
        super().__init__(context, columns, parent=parent)

    def show_backups(self, kept: tuple[StoredBackup, ...]) -> None:
        """Show the backups in the given order, newest first."""
        self._replace(tuple(_Row(str(one.path), one) for one in kept), len(kept) + 1)


def _ask_folder(folder: str, parent: QWidget, then: Callable[[str], object]) -> None:
    """Open the system's folder dialog, without blocking, and call ``then`` with the chosen folder."""
    dialog = QFileDialog(parent, tr("Backup folder"), folder if Path(folder).is_dir() else str(Path.home()))
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(then)
    dialog.open()
