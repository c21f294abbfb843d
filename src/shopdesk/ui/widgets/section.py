"""A section of Settings: its title, its description and its parts, at a readable width."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from shopdesk.domain.account import Right
from shopdesk.render import formatting
from shopdesk.ui.base import shortcuts, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import counted, language, tr
from shopdesk.ui.widgets.field import Field
from shopdesk.ui.widgets.flow_layout import FlowLayout
from shopdesk.ui.widgets.form import Form, Reason
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.page_parts import Card, Scroll, Separator


class Section(QWidget):
    """The base of all sections. ``may`` is True if the user may change settings here."""

    def __init__(
        self,
        context: Context,
        title: str,
        lead: str,
        *,
        right: Right = Right.SETTINGS,
        is_wide: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self.context = context
        self.may = context.may(right)
        content = QWidget()
        content.setProperty("role", "column")
        widest = tokens.READING + (tokens.DETAILS if is_wide else 0)
        content.setMaximumWidth(widest + 2 * tokens.XL)
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(tokens.XL, tokens.L, tokens.XL, tokens.XL)
        self._column.setSpacing(tokens.L)
        head = QVBoxLayout()
        head.setSpacing(tokens.XS)
        head.addWidget(Label(title, "title"))
        head.addWidget(Label(lead, "soft", wrap=True))
        self._column.addLayout(head)
        self.reason = Reason()
        self._column.addWidget(self.reason)
        frame = QWidget()
        frame.setProperty("role", "column")
        row = QHBoxLayout(frame)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(content, 1)
        row.addStretch(0)
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, 0)
        self._outer.setSpacing(0)
        self._outer.addWidget(Scroll(frame), 1)
        if not self.may:
            self.reason.set_text(tr("Only the owner can change this. You can view it."))

    def add(self, part: QWidget | QLayout) -> None:
        """Put the next part below."""
        if isinstance(part, QWidget):
            self._column.addWidget(part)
        else:
            self._column.addLayout(part)

    def add_form(self, form: Form, *, beside: QLayout | None = None) -> None:
        """Add a form as a card, and its buttons at the foot of the section, where they stay in sight.

        ``beside`` is put at the end of the card, half of it wide.
        """
        card = Card()
        if beside is None:
            card.add(form)
        else:
            halves = QHBoxLayout()
            halves.setSpacing(tokens.L)
            halves.addWidget(form, 1)
            halves.addLayout(beside, 1)
            card.add(halves)
        self.add(card)
        foot = QVBoxLayout()
        foot.setContentsMargins(tokens.XL, tokens.S, tokens.XL, tokens.M)
        foot.addWidget(form.bar)
        self._outer.addWidget(Separator())
        self._outer.addLayout(foot)
        shortcuts.bind(form.bar, "save", form.save.click)

    def finish(self) -> None:
        """Finish the layout after all parts were added; extra height stays below them."""
        self._column.addStretch(1)

    def refresh(self) -> None:
        """Read the data of the section; called when it is shown."""

    def held_by(self, key: str) -> str:
        """Return why a setting is read-only (an environment variable sets it), or an empty text."""
        name = self.context.ports.overridden.get(key, "")
        return tr("Set by the variable {name} on this machine.", name=name) if name else ""


def row(*parts: QWidget) -> FlowLayout:
    """Return a row of parts at the side where a line begins, each at its own width."""
    layout = FlowLayout()
    for part in parts:
        layout.addWidget(part)
    return layout


def beside_field(field: Field, *parts: QWidget) -> QHBoxLayout:
    """Return a row of a field and buttons aligned with its control."""
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(tokens.S)
    layout.addWidget(field, 1)
    for part in parts:
        raised = QVBoxLayout()
        raised.setContentsMargins(0, tokens.L + tokens.XS, 0, 0)
        raised.addWidget(part)
        raised.addStretch(1)
        layout.addLayout(raised)
    return layout


def size_in_words(size: int) -> str:
    """Return a size in bytes in words: “12.3 MB”."""
    if size < 1000:
        return counted(size, "{count} byte", "{count} bytes")
    value, unit = next((size / step, unit) for step, unit in _UNITS if size < 1000 * step or unit == "GB")
    if value >= 100:
        return f"{formatting.count(round(value), language())} {unit}"
    return f"{formatting.tenths(round(10 * value), language())} {unit}"


_UNITS = ((1e3, "kB"), (1e6, "MB"), (1e9, "GB"))
