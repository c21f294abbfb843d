"""The doctor's findings as they come in, each with what to do, and the report for support.

The one thing to know: the doctor is a process of its own. Books are computed through without slowing the counter, and a
server or a keyring that never answers ends with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from PySide6.QtCore import QProcess, Qt, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from shopdesk.paths import command
from shopdesk.ui import theme
from shopdesk.ui.text import Action, Look, counted, tr
from shopdesk.ui.theme import Tone
from shopdesk.ui.widgets.buttons import Button, PrimaryButton
from shopdesk.ui.widgets.cards import Card, Rule, Scroll
from shopdesk.ui.widgets.labels import Label, StateBadge

_WAITING = Look("looking", "waiting", Tone.SOFT)
_LOOKS = {
    "ok": Look("well", "good", Tone.GOOD),
    "warn": Look("look at it", "warn", Tone.WARN),
    "fail": Look("fails", "bad", Tone.BAD),
}


_URGENT = ("fail", "warn", "ok", "")


class _Part(QWidget):
    """One check: its name, what was found and what to do at the left, its state at the right."""

    def __init__(self, name: str, act: Action | None) -> None:
        super().__init__()
        self.name = name
        self.act = Button(act.label, act.act) if act is not None else None
        self.state = ""
        self.text = Label(role="soft", wrap=True)
        self.advice = Label(wrap=True)
        self.badge = StateBadge(_WAITING)
        words = QVBoxLayout()
        words.setSpacing(theme.XS)
        words.addWidget(Label(tr(name), "strong"))
        for label in (self.text, self.advice):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.hide()
            words.addWidget(label)
        if self.act is not None:
            self.act.hide()
            words.addWidget(self.act, alignment=Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout()
        row.setContentsMargins(0, theme.S, 0, theme.S)
        row.setSpacing(theme.L)
        row.addLayout(words, 1)
        row.addWidget(self.badge, alignment=Qt.AlignmentFlag.AlignTop)
        self.rule = Rule()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.rule)
        column.addLayout(row)
        self.setAccessibleName(tr("{name}: looking", name=tr(name)))

    def show_finding(self, state: str, text: str, advice: str) -> None:
        """Say it."""
        look = _LOOKS[state]
        self.state = state
        self.badge.show_look(Look(tr(look.word), look.icon, look.tone))
        for label, words in ((self.text, text), (self.advice, advice)):
            label.setText(words)
            label.setVisible(bool(words))
        if self.act is not None:
            self.act.setVisible(state == "fail")
        self.setAccessibleName(f"{tr(self.name)}: {self.badge.word}. {text} {advice}".strip())


class Examination(QWidget):
    """Begin it, and end it when nobody looks any more. ``restore`` is offered where pages of the file are broken."""

    finished = Signal()

    def __init__(self, restore: Callable[[], object], *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._acts = {"Broken pages": Action(tr("Restore a backup …"), restore)}
        self.report = ""
        self.parts: dict[str, _Part] = {}
        self._process: QProcess | None = None
        self.summary = Label(role="heading", wrap=True)
        self.again = Button(tr("Look again"), self.begin, icon="retry")
        self.copy = Button(tr("Copy report"), self._on_copy, icon="copy")
        self.copy.setToolTip(tr("For support: versions, kinds and numbers. It names nobody."))
        self.head = QHBoxLayout()
        self.head.setSpacing(theme.S)
        self.head.addWidget(self.summary, 1)
        self.head.addWidget(self.again)
        self.head.addWidget(self.copy)
        self._card = Card(margin=theme.L, spacing=0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        column.addLayout(self.head)
        column.addWidget(self._card)
        self._card.hide()

    def begin(self) -> None:
        """Look at everything anew."""
        self.end()
        self.report = ""
        self.copy.setEnabled(False)
        self.copy.set_label(tr("Copy report"))
        self.summary.setText(tr("Looking …"))
        process = QProcess(self)
        process.readyReadStandardOutput.connect(self._on_read)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_finished)
        self._process = process
        program, *arguments = command("doctor", "--lines")
        process.start(program, arguments)

    def end(self) -> None:
        """Stop looking; what was found stays."""
        process, self._process = self._process, None
        if process is not None:
            process.blockSignals(True)
            process.kill()
            process.waitForFinished()
            process.deleteLater()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks."""
        super().hideEvent(event)
        self.end()

    def _on_read(self) -> None:
        while self._process is not None and self._process.canReadLine():
            said = json.loads(bytes(self._process.readLine().data()))
            if isinstance(said, list):
                self._lay_out(said)
            elif isinstance(said, dict):
                name = said.pop("name")
                self.parts[name].show_finding(**said)
            else:
                self.report = said

    def _lay_out(self, names: list[str]) -> None:
        if list(self.parts) == names:  # looked at before: what was found stands until it is found anew
            return
        self.parts = {name: _Part(name, self._acts.get(name)) for name in names}
        self._put_in_order()
        self._card.show()

    def _put_in_order(self) -> None:
        """What fails stands first, then what is worth a look."""
        parts = sorted(self.parts.values(), key=lambda part: _URGENT.index(part.state))
        for at, part in enumerate(parts):
            part.rule.setVisible(at > 0)
            self._card.column.insertWidget(at, part)

    def _on_finished(self) -> None:
        self._on_read()
        said = bytes(self._process.readAllStandardError().data()).decode(errors="replace") if self._process else ""
        self.end()
        self._put_in_order()
        states = [part.state for part in self.parts.values()]
        failing, worth = states.count("fail"), states.count("warn")
        if not self.report:
            self.summary.setText(said.strip() or tr("The doctor did not come to an end. Look again."))
        elif failing:
            self.summary.setText(counted(failing, "{count} part does not work", "{count} parts do not work"))
        elif worth:
            self.summary.setText(counted(worth, "All works; look at {count} part", "All works; look at {count} parts"))
        else:
            self.summary.setText(tr("All is well"))
        self.copy.setEnabled(bool(self.report))
        self.finished.emit()

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report)
        self.copy.set_label(tr("Copied"))


class ExaminationDialog(QDialog):
    """The same where there is no page for it yet: the program cannot begin."""

    def __init__(self, restore: Callable[[], object], *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = tr("Health")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._restore = restore
        self.examination = Examination(self._on_restore)
        content = QWidget()
        content.setProperty("role", "column")
        inside = QVBoxLayout(content)
        inside.setContentsMargins(theme.XL, theme.XL, theme.XL, theme.L)
        inside.addWidget(self.examination)
        inside.addStretch(1)
        self.close_button = PrimaryButton(tr("Close"), self.reject)
        foot = QHBoxLayout()
        foot.setContentsMargins(theme.XL, theme.M, theme.XL, theme.L)
        foot.addStretch(1)
        foot.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Scroll(content), 1)
        column.addWidget(Rule())
        column.addLayout(foot)
        self.resize(theme.KEY_SHEET)
        self.close_button.setFocus()
        self.examination.begin()

    def _on_restore(self) -> None:
        self.reject()
        self._restore()
