"""The confirmation dialog: a question, its facts, and two answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

from shopdesk.ui.base import shortcuts, tokens
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.widgets.buttons import Button, DangerButton, PrimaryButton
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.page_parts import lay_out


class ConfirmDialog(QDialog):
    """A modal confirmation dialog. ``facts`` are rows of a name and a value; ``body`` takes further widgets.

    Enter presses the default button, which has the focus; the key that saves means yes, Esc means no. ``is_dangerous``
    makes "no" the default. Open it with ``ask``, which does not block.
    """

    def __init__(
        self,
        title: str,
        *,
        text: str = "",
        facts: Sequence[tuple[str, str]] = (),
        yes: str,
        no: str = "",
        is_dangerous: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setModal(True)
        self.setMinimumWidth(tokens.QUESTION)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.body = QVBoxLayout()
        self.body.setSpacing(tokens.M)
        self._facts = QFormLayout()
        self._facts.setHorizontalSpacing(tokens.XL)
        self._facts.setVerticalSpacing(tokens.S)
        self._facts.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self._values: dict[str, Label] = {}
        self.yes = (DangerButton if is_dangerous else PrimaryButton)(yes, self.accept, shortcut="confirm")
        self.no = Button(no or tr("Cancel"), self.reject)
        self.no.setMinimumHeight(tokens.PRIMARY)
        self.yes.setMinimumHeight(tokens.PRIMARY)
        self.answers = QHBoxLayout()
        self.answers.setSpacing(tokens.S)
        self.answers.addStretch(1)
        self.answers.addWidget(self.no)
        self.answers.addWidget(self.yes)
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.XL, tokens.XL, tokens.XL, tokens.L)
        column.setSpacing(tokens.L)
        self._title = Label("", "title", wrap=True)
        self._text = Label("", "soft", wrap=True)
        column.addWidget(self._title)
        column.addWidget(self._text)
        self.facts = QHBoxLayout()
        self.facts.setSpacing(tokens.L)
        self.facts.addLayout(self._facts, 1)
        column.addLayout(self.facts)
        column.addLayout(self.body)
        column.addSpacing(tokens.S)
        column.addLayout(self.answers)
        for name, value in facts:
            self.add_fact(name, value)
        self.set_question(title, text)
        default = self.no if is_dangerous else self.yes
        default.setDefault(True)
        default.setFocus()
        shortcuts.bind(self, "confirm", self.yes.click)

    def set_question(self, title: str, text: str = "") -> None:
        """Set the title and the text below it; the answers stay."""
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        facts = (value.accessibleName() for value in self._values.values())
        self.setAccessibleDescription(". ".join(filter(None, (text, *facts))))

    def add_fact(self, name: str, value: str, *, role: str = "") -> Label:
        """Add a row to the facts; return the label of its value, which may be changed later."""
        said = self._values[name] = Label("", role, wrap=True)
        self.set_fact(name, value)
        self._facts.addRow(Label(name, "soft"), said)
        return said

    def set_fact(self, name: str, value: str) -> None:
        """Change the value of a fact."""
        self._values[name].setText(value)
        self._values[name].setAccessibleName(f"{name}: {value}")

    def fact(self, name: str) -> str:
        """Return the value of a fact by its name."""
        return self._values[name].text()

    def ask(self, yes: Callable[[], object], no: Callable[[], object] | None = None) -> None:
        """Show the dialog; exactly one of ``yes`` and ``no`` is called with the answer."""
        self.accepted.connect(yes)
        if no is not None:
            self.rejected.connect(no)
        self.open()

    def setVisible(self, visible: bool) -> None:
        """Open in the final size."""
        if visible and not self.isVisible():
            lay_out(self)
        super().setVisible(visible)
