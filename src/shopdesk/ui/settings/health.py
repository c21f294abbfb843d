"""Settings, Health: checks what the program needs and shows how to fix what fails; update checks."""

from __future__ import annotations

from pathlib import Path

from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr, translated
from shopdesk.ui.base.ports import AvailableUpdate
from shopdesk.ui.output.export import ask_where, save_bytes
from shopdesk.ui.settings.save_settings import save_settings
from shopdesk.ui.settings.test_button import TestButton
from shopdesk.ui.widgets.buttons import Button
from shopdesk.ui.widgets.check_results import CheckResults
from shopdesk.ui.widgets.field import Field
from shopdesk.ui.widgets.form import Form, hold_because
from shopdesk.ui.widgets.page_parts import Card
from shopdesk.ui.widgets.section import Section

_ADDRESS = "update_address"


class HealthSection(Section):
    """Runs the checks as soon as the section is opened."""

    def __init__(self, context: Context) -> None:
        super().__init__(
            context,
            tr("Health"),
            tr("Checks everything the program needs. Nothing is changed or sent."),
        )
        self.examination = CheckResults(context.navigation.restore_wanted.emit)
        self.save = Button(tr("Save report …"), self._on_save, icon="save")
        self.examination.head.addWidget(self.save)
        self.examination.finished.connect(self._on_finished)
        self.add(self.examination)
        self.form = Form()
        self.address = Field(
            tr("Address of the version file"),
            name=_ADDRESS,
            hint=tr("Starts with https://. Checked at most once a day; leave empty to turn this off."),
            compact=True,
        )
        self.ask = TestButton(tr("Check now"), self._on_ask, icon="retry")
        self.form.add(self.address)
        self.form.add_part(self.ask)
        self.form.finish()
        self.form.save_wanted.connect(self._save)
        self.address.edited.connect(self.ask.reset)
        self.newer = Card(tr("Newer versions"))
        self.newer.add(self.form)
        self.add(self.newer)
        self.finish()
        self._fill()
        if not self.may:
            self.reason.set_text(tr("Only the owner can see this."))
            self.examination.hide()
            self.newer.hide()

    def refresh(self) -> None:
        """Run the checks again each time the section is opened."""
        if self.may:
            self.save.setEnabled(False)
            self.examination.start()

    # --- newer versions ---

    def _fill(self) -> None:
        self.form.fill({_ADDRESS: self.context.settings.update_address})
        self.form.hold(locked=not self.may)
        if held := self.held_by(_ADDRESS):
            hold_because(self.address, held)

    def _save(self) -> None:
        save_settings(self, self.form, {_ADDRESS: self.address.text().strip() or None}, then=self._on_saved)

    def _on_saved(self) -> None:
        self._fill()
        if self.context.settings.update_address:
            self._on_ask()

    def _on_ask(self) -> None:
        if not self.context.settings.update_address:
            self.ask.failed(tr("Save an address first."))
            return
        self.ask.start()
        run, newer = self.context.background.run_in_pool, self.context.ports.available_update
        run(newer, owner=self, then=self._on_answer, failed=lambda error: self.ask.failed(translated(error)))

    def _on_answer(self, newer: AvailableUpdate | None) -> None:
        if newer is None:
            self.ask.succeeded(tr("You have the newest version."))
        else:
            self.ask.succeeded(tr("shopdesk {version} is available.", version=newer.version))

    # --- the report ---

    def _on_finished(self) -> None:
        self.save.setEnabled(bool(self.examination.report))

    def _on_save(self) -> None:
        name = f"shopdesk-report-{self.context.today()}.txt"
        ask_where(tr("Save the report"), name, [tr("Text") + " (*.txt)"], self, self._write)

    def _write(self, path: Path) -> None:
        self.context.background.run_in_pool(
            save_bytes,
            path,
            self.examination.report.encode(),
            owner=self,
            then=lambda _: self.context.navigation.notify(tr("Report saved to {file}.", file=str(path))),
        )
