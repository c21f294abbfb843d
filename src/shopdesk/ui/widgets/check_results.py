"""The results of the health checks as they arrive, each with advice, and the report for support.

The doctor runs as a separate process: it does not slow the till, and a server or keyring that never answers can be
stopped with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from PySide6.QtCore import QProcess, Qt, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from shopdesk.domain.sentence import Sentence
from shopdesk.message_catalogues import Marked, mark
from shopdesk.paths import command
from shopdesk.ui.base import tokens
from shopdesk.ui.base.i18n import StatusLook, counted, tr, tr_marked, translated
from shopdesk.ui.base.notice import NoticeAction
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.buttons import Button, PrimaryButton
from shopdesk.ui.widgets.flow_layout import FlowLayout
from shopdesk.ui.widgets.labels import Label, StateBadge
from shopdesk.ui.widgets.page_parts import Card, Scroll, Separator

_LOOKS = {
    "ok": (mark("OK"), "good", Tone.GOOD),
    "warn": (mark("warning"), "warn", Tone.WARN),
    "fail": (mark("failed"), "bad", Tone.BAD),
}


_URGENT = ("fail", "warn", "ok", "")


class _Part(QWidget):
    """One check: its name, result and advice at the left, its state at the right."""

    def __init__(self, name: Marked, act: NoticeAction | None) -> None:
        super().__init__()
        self.name = tr_marked(name)
        self.act = Button(act.label, act.act) if act is not None else None
        self.state = ""
        self.text = Label(role="soft", wrap=True)
        self.advice = Label(wrap=True)
        self.badge = StateBadge(StatusLook(tr("checking"), "waiting", Tone.SOFT))
        words = QVBoxLayout()
        words.setSpacing(tokens.XS)
        words.addWidget(Label(self.name, "strong"))
        for label in (self.text, self.advice):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.hide()
            words.addWidget(label)
        if self.act is not None:
            self.act.hide()
            words.addWidget(self.act, alignment=Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout()
        row.setContentsMargins(0, tokens.S, 0, tokens.S)
        row.setSpacing(tokens.L)
        row.addLayout(words, 1)
        row.addWidget(self.badge, alignment=Qt.AlignmentFlag.AlignTop)
        self.rule = Separator()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.rule)
        column.addLayout(row)
        self.setAccessibleName(tr("{name}: checking", name=self.name))

    def show_finding(self, state: str, text: str, advice: str) -> None:
        """Show the result: state "ok", "warn" or "fail", text and advice."""
        word, icon, tone = _LOOKS[state]
        self.state = state
        self.badge.show_look(StatusLook(tr_marked(word), icon, tone))
        for label, words in ((self.text, text), (self.advice, advice)):
            label.setText(words)
            label.setVisible(bool(words))
        if self.act is not None:
            self.act.setVisible(state == "fail")
        self.setAccessibleName(f"{self.name}: {self.badge.word}. {text} {advice}".strip())


class CheckResults(QWidget):
    """The list of health checks; hiding it stops them. ``restore`` is offered if pages of the file are broken."""

    finished = Signal()  # emitted when all checks are done or the doctor failed

    def __init__(self, restore: Callable[[], object], *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._acts = {"Broken pages": NoticeAction(tr("Restore a backup …"), restore)}
        self.report = ""
        self.parts: dict[str, _Part] = {}
        self._process: QProcess | None = None
        self.summary = Label(role="heading", wrap=True)
        self.again = Button(tr("Check again"), self.start, icon="retry")
        self.copy = Button(tr("Copy report"), self._on_copy, icon="copy")
        self.copy.setToolTip(tr("For support: versions, types and figures, without personal data."))
        self.head = FlowLayout()
        self.head.addWidget(self.again)
        self.head.addWidget(self.copy)
        self._card = Card(margin=tokens.L, spacing=0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.M)
        column.addWidget(self.summary)
        column.addLayout(self.head)
        column.addWidget(self._card)
        self._card.hide()

    def start(self) -> None:
        """Run all checks again."""
        self.stop()
        self.report = ""
        self.copy.setEnabled(False)
        self.copy.set_label(tr("Copy report"))
        self.summary.setText(tr("Checking …"))
        process = QProcess(self)
        process.readyReadStandardOutput.connect(self._on_read)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_finished)
        self._process = process
        program, *arguments = command("doctor", "--lines")
        process.start(program, arguments)

    def stop(self) -> None:
        """Stop the checks; results so far stay."""
        process, self._process = self._process, None
        if process is not None:
            process.blockSignals(True)
            process.kill()
            process.waitForFinished()
            process.deleteLater()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop the checks when the list is hidden."""
        super().hideEvent(event)
        self.stop()

    def _on_read(self) -> None:
        while self._process is not None and self._process.canReadLine():
            said = json.loads(bytes(self._process.readLine().data()))
            if isinstance(said, list):
                self._lay_out(said)
            elif isinstance(said, dict):
                text, advice = (translated(Sentence.from_json(said[key])) for key in ("text", "advice"))
                self.parts[said["name"]].show_finding(said["state"], text, advice)
            else:
                self.report = said

    def _lay_out(self, names: list[str]) -> None:
        if list(self.parts) == names:  # run again: keep the old results until the new ones arrive
            return
        self.parts = {name: _Part(Marked(name), self._acts.get(name)) for name in names}
        self._put_in_order()
        self._card.show()

    def _put_in_order(self) -> None:
        """Sort the checks: failed first, then warnings."""
        parts = sorted(self.parts.values(), key=lambda part: _URGENT.index(part.state))
        for at, part in enumerate(parts):
            part.rule.setVisible(at > 0)
            self._card.column.insertWidget(at, part)

    def _on_finished(self) -> None:
        self._on_read()
        said = bytes(self._process.readAllStandardError().data()).decode(errors="replace") if self._process else ""
        self.stop()
        self._put_in_order()
        states = [part.state for part in self.parts.values()]
        failing, worth = states.count("fail"), states.count("warn")
        if not self.report:
            self.summary.setText(said.strip() or tr("The check did not finish. Run it again."))
        elif failing:
            self.summary.setText(counted(failing, "{count} check failed", "{count} checks failed"))
        elif worth:
            self.summary.setText(counted(worth, "No errors, {count} warning", "No errors, {count} warnings"))
        else:
            self.summary.setText(tr("No problems found"))
        self.copy.setEnabled(bool(self.report))
        self.finished.emit()

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report)
        self.copy.set_label(tr("Copied"))


class CheckResultsDialog(QDialog):
    """The health checks in a dialog, for when the program cannot start."""

    def __init__(self, restore: Callable[[], object], *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = tr("Health")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._restore = restore
        self.examination = CheckResults(self._on_restore)
        content = QWidget()
        content.setProperty("role", "column")
        inside = QVBoxLayout(content)
        inside.setContentsMargins(tokens.XL, tokens.XL, tokens.XL, tokens.L)
        inside.addWidget(self.examination)
        inside.addStretch(1)
        self.close_button = PrimaryButton(tr("Close"), self.reject)
        foot = QHBoxLayout()
        foot.setContentsMargins(tokens.XL, tokens.M, tokens.XL, tokens.L)
        foot.addStretch(1)
        foot.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Scroll(content), 1)
        column.addWidget(Separator())
        column.addLayout(foot)
        self.resize(tokens.KEY_SHEET)
        self.close_button.setFocus()
        self.examination.start()

    def _on_restore(self) -> None:
        self.reject()
        self._restore()
