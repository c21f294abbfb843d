"""Settings, Health: whether everything works that the program needs, and what to do where it does not."""

from __future__ import annotations

from pathlib import Path

from shopdesk.ui.desk import Desk
from shopdesk.ui.exporting import ask_where
from shopdesk.ui.text import tr
from shopdesk.ui.widgets.buttons import Button
from shopdesk.ui.widgets.examination import Examination
from shopdesk.ui.widgets.sections import Section


class HealthSection(Section):
    """The doctor looks as soon as the section is opened."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(
            desk,
            tr("Health"),
            tr("The doctor looks at everything the program needs. Nothing is changed, nothing is sent."),
        )
        self.examination = Examination(desk.restore_wanted.emit)
        self.save = Button(tr("Save report …"), self._on_save, icon="save")
        self.examination.head.addWidget(self.save)
        self.examination.finished.connect(self._on_finished)
        self.add(self.examination)
        self.finish()
        if not self.may:
            self.reason.say(tr("Only the owner sees this."))
            self.examination.hide()

    def begin(self) -> None:
        """Look anew each time somebody comes here."""
        if self.may:
            self.save.setEnabled(False)
            self.examination.begin()

    def _on_finished(self) -> None:
        self.save.setEnabled(bool(self.examination.report))

    def _on_save(self) -> None:
        name = f"shopdesk-report-{self.desk.today()}.txt"
        ask_where(tr("Save the report"), name, [tr("Text") + " (*.txt)"], self, self._write)

    def _write(self, path: Path) -> None:
        self.desk.background.reach(
            path.write_text,
            self.examination.report,
            "utf-8",
            owner=self,
            then=lambda _: self.desk.notify(tr("The report is in {file}.", file=str(path))),
        )
