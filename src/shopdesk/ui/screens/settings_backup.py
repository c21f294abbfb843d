"""Settings, Backup: a checked copy of everything in one file, and the way back from it."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QSettings, QStandardPaths

from shopdesk.domain.errors import Refused
from shopdesk.ui.desk import Desk
from shopdesk.ui.doors import Whereabouts
from shopdesk.ui.exporting import ask_where
from shopdesk.ui.text import tr
from shopdesk.ui.widgets.buttons import Button
from shopdesk.ui.widgets.cards import Card
from shopdesk.ui.widgets.field import Field
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.sections import Copyable, Section, Trial, beside_field, size_in_words

_LAST = "backup/last"
_ENDING = "*.db"


class BackupSection(Section):
    """Back up now; how to restore."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(
            desk,
            tr("Backup"),
            tr("A backup is one file with everything: documents, journal, customers, products, people."),
        )
        self.file = Field(tr("File"), name="file", hint=tr("Best on another disk. A file is never overwritten."))
        self.browse = Button(tr("Browse …"), self._on_browse)
        self.last = Label(role="soft")
        self.now = Trial(tr("Back up now"), self._on_now, icon="backup", is_primary=True)
        self.server = Label(role="soft", wrap=True)
        self.server.hide()
        make = Card(tr("Back up"))
        make.add(self.server)
        make.add(beside_field(self.file, self.browse))
        make.add(self.now)
        make.add(self.last)
        self.add(make)
        back = Card(tr("Restore"))
        for text in (
            tr("1. Close shopdesk on every till."),
            tr("2. In a terminal, run this with the file of the backup:"),
        ):
            back.add(Label(text, "soft", wrap=True))
        self.command = Copyable(tr("the command"))
        self.command.show_text("shopdesk restore FILE")
        back.add(self.command)
        back.add(
            Label(
                tr("3. The file is checked first. What was there before is kept beside it, so nothing is lost twice."),
                "soft",
                wrap=True,
            )
        )
        self.add(back)
        self.finish()
        self.now.button.setEnabled(self.may)
        self.file.setEnabled(self.may)
        self.browse.setEnabled(self.may)

    def begin(self) -> None:
        """A free name is offered; a database on a server is backed up there."""
        if not self.file.text():
            self.file.set_text(str(_folder() / self._name()))
        self._show_last()
        if self.may:
            self.desk.background.reach(
                self.desk.doors.whereabouts, owner=self, then=self._on_where, failed=lambda _: None
            )

    def _on_where(self, where: Whereabouts) -> None:
        for part in (self.file, self.browse, self.now):
            part.setEnabled(where.is_file)
        self.server.setVisible(not where.is_file)
        if not where.is_file:
            self.server.setText(
                tr(
                    "The shop's data is on a server: {place}. Back it up there, with pg_dump, every night.",
                    place=where.place,
                )
            )

    def _name(self) -> str:
        shop = re.sub(r"[^\w-]+", "-", self.desk.shop.seller.name).strip("-") or "shop"
        stamp = self.desk.now().astimezone().strftime("%Y-%m-%d-%H%M")
        return f"{shop}-{stamp}.db"

    def _show_last(self) -> None:
        last = str(QSettings().value(_LAST) or "")
        if last:
            when = self.desk.instant(datetime.fromisoformat(last))
            self.last.setText(tr("The last backup from this machine: {when}", when=when))
        else:
            self.last.setText(tr("No backup was made from this machine yet."))

    def _on_browse(self) -> None:
        name = Path(self.file.text()).name or self._name()
        kinds = [tr("Backup") + f" ({_ENDING})"]
        ask_where(tr("Back up to"), name, kinds, self, lambda path: self.file.set_text(str(path)))

    def _on_now(self) -> None:
        path = Path(self.file.text().strip()).expanduser()
        if not path.name or not path.is_absolute():
            self.file.show_fault(tr("Say where: a whole path, with the name of the file."))
            return
        self.now.begin()
        reach, back_up = self.desk.background.reach, self.desk.doors.back_up
        reach(back_up, path, owner=self, then=lambda size: self._on_done(path, size), failed=self._on_failed)

    def _on_done(self, path: Path, size: int) -> None:
        self.now.went_well(tr("{size} are in {file}. The copy was checked.", size=size_in_words(size), file=str(path)))
        QSettings().setValue(_LAST, self.desk.now().isoformat())
        self._show_last()
        self.file.set_text("")

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, Refused):
            self.now.forget()
            self.file.show_fault(str(error))
        else:
            self.now.went_wrong(str(error))


def _folder() -> Path:
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(place) if place else Path.home()
