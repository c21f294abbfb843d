"""A form field: its label, its control, and the line under it with a hint or an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from shopdesk.domain.errors import FieldError, Refused
from shopdesk.ui.base import icons, theme, tokens
from shopdesk.ui.base.i18n import StatusLook, tr, translated
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.buttons import IconButton
from shopdesk.ui.widgets.labels import Drawing, Label, ShortLabel


class MessageLine(QWidget):
    """The line under a control: a hint, or an error with its icon. Empty, it is as high as one line: nothing jumps."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawing = Drawing("warn", Tone.BAD, size=tokens.SMALL + tokens.RING)
        self.words = Label(role="small", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, tokens.RING, 0, 0)
        row.setSpacing(tokens.XS)
        row.addWidget(self._drawing, alignment=Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1)
        self.setMinimumHeight(tokens.XL)
        self._drawing.hide()

    def sizeHint(self) -> QSize:
        """Return the height of one line; Qt's guess for wrapped text would make the form jump."""
        return QSize(super().sizeHint().width(), self.minimumSizeHint().height())

    def show_state(self, look: StatusLook | None) -> None:
        """Show a text with its icon and tone, or nothing. A screen reader says one that is no hint."""
        before = self.words.text()
        self._drawing.setVisible(look is not None and look.tone is not Tone.SOFT)
        self.words.setText(look.word if look is not None else "")
        if look is not None:
            self._drawing.show_icon(look.icon, look.tone)
            theme.set_role(self.words, theme.SMALL_ROLES.get(look.tone, "small"))
            if look.tone is not Tone.SOFT and look.word != before and self.isVisible():
                from shopdesk.ui.base.accessibility import announce  # imported late: the first page says nothing

                announce(self, look.word)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Adapt the height to the new width."""
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        """Adapt the height to a text that was set while it was hidden."""
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Set the height for the width: layouts that ignore height-for-width would cut longer texts."""
        self.setMinimumHeight(max(tokens.XL, self.heightForWidth(self.width()) if self.words.text() else 0))
        if (row := self.layout()) is not None:
            row.setGeometry(self.contentsRect())  # Qt does not, where this happens while it is being resized


class Field(QWidget):
    """A label, a control and a line for errors. ``name`` is the field's name in ``FieldError.field``.

    The default control is a line edit. The label is its accessible name, the error its accessible description; editing
    the control clears the error.
    """

    edited = Signal()  # emitted when the control's value changes

    def __init__(
        self,
        label: str,
        control: QWidget | None = None,
        *,
        name: str = "",
        hint: str = "",
        compact: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.name = name
        self.control: QWidget = control or QLineEdit()
        self._hint = StatusLook(hint, "info", Tone.SOFT) if hint else None
        self._fault = ""
        self.label = ShortLabel(label, "label")
        self.label.setToolTip(label)
        self.label.setBuddy(self.control)
        self._line: MessageLine | None = None
        self._row = QHBoxLayout()
        self._row.setSpacing(tokens.XS)
        self._row.addWidget(self.control, 1)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.XS)
        column.addWidget(self.label)
        column.addLayout(self._row)
        column.addStretch(1)  # extra space goes below, so that neighbours line up
        self._compact = compact
        self.control.setAccessibleName(label)
        self.setFocusProxy(self.control)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._show_note()
        _watch(self.control, self._on_edited)

    def add_beside(self, part: QWidget) -> None:
        """Put a widget, such as a button, right of the control."""
        self._row.addWidget(part)

    def text(self) -> str:
        """Return the value as text. A combo box returns the selected entry's data if that is a string."""
        from PySide6.QtWidgets import QComboBox, QPlainTextEdit

        control = self.control
        if isinstance(control, QComboBox):
            chosen = control.currentData()
            return chosen if isinstance(chosen, str) and not control.isEditable() else control.currentText()
        if isinstance(control, QPlainTextEdit):
            return control.toPlainText()
        return str(control.property("text") or "")

    def set_text(self, text: str) -> None:
        """Fill the control; a combo box selects the entry with this data, else with this text."""
        from PySide6.QtWidgets import QComboBox, QPlainTextEdit

        control = self.control
        if isinstance(control, QComboBox):
            at = control.findData(text)
            control.setCurrentIndex(at if at >= 0 else control.findText(text))
        elif isinstance(control, QPlainTextEdit):
            control.setPlainText(text)
        else:
            control.setProperty("text", text)

    @property
    def fault(self) -> str:
        """The error text, or empty."""
        return self._fault

    def show_fault(self, text: str) -> None:
        """Show an error until the field is edited; an empty text clears it."""
        self._fault = text
        self.control.setAccessibleDescription(text)
        theme.set_state(self.control, "fault" if text else "")
        self._show_note()

    def clear_fault(self) -> None:
        """Clear the error."""
        if self._fault:
            self.show_fault("")

    def show_hint(self, look: StatusLook | None) -> None:
        """Set the hint, shown while there is no error."""
        self._hint = look
        self._show_note()

    def _show_note(self) -> None:
        look = StatusLook(self._fault, "warn", Tone.BAD) if self._fault else self._hint
        if self._line is None:
            if self._compact and look is None:
                return  # a compact field has no line, which takes up space, until there is a text for it
            self._line = MessageLine()
            self._column.insertWidget(2, self._line)
        self._line.setVisible(not self._compact or look is not None)
        self._line.show_state(look)

    def _on_edited(self) -> None:
        self.clear_fault()
        self.edited.emit()


def _watch(control: QWidget, slot: Callable[[], None]) -> None:
    """Call ``slot`` when the control's value changes, by the notify signal of its user property."""
    signal = control.metaObject().userProperty().notifySignal().name().toStdString()
    getattr(control, signal).connect(slot)


class PasswordField(Field):
    """A password field with a button to show it; ``judge`` returns a hint on its strength as it is typed."""

    def __init__(
        self,
        label: str,
        *,
        name: str = "password",
        judge: Callable[[str], StatusLook] | None = None,
        compact: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        edit = QLineEdit()
        super().__init__(label, edit, name=name, compact=compact, parent=parent)
        self.edit = edit
        edit.setEchoMode(QLineEdit.EchoMode.Password)
        edit.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoAutoUppercase
            | Qt.InputMethodHint.ImhHiddenText
        )
        self._eye = IconButton(tr("Show password"), self._on_eye, icon="show")
        self.add_beside(self._eye)
        if judge is not None:
            self.edited.connect(lambda: self.show_hint(judge(self.text())))
            self.show_hint(judge(""))

    def clear(self) -> None:
        """Clear the password and hide it again."""
        self.edit.clear()
        if self.edit.echoMode() is QLineEdit.EchoMode.Normal:
            self._on_eye()

    def _on_eye(self) -> None:
        show = self.edit.echoMode() is QLineEdit.EchoMode.Password
        self.edit.setEchoMode(QLineEdit.EchoMode.Normal if show else QLineEdit.EchoMode.Password)
        self._eye.setIcon(icons.icon("hide" if show else "show"))
        self._eye.set_label(tr("Hide password") if show else tr("Show password"))


def show_faults(error: Refused, fields: Mapping[str, Field] | list[Field]) -> tuple[FieldError, ...]:
    """Show each error at its field and focus the first; return the errors without a field here."""
    named = {field.name: field for field in fields} if isinstance(fields, list) else dict(fields)
    elsewhere: list[FieldError] = []
    first: Field | None = None
    said: dict[str, list[str]] = {}
    for fault in error.faults:
        if fault.field in named:
            said.setdefault(fault.field, []).append(translated(fault.text))
        else:
            elsewhere.append(fault)
    for name, field in named.items():
        if name in said:
            field.show_fault(" ".join(said[name]))
            first = first or field
    if first is not None:
        first.control.setFocus(Qt.FocusReason.OtherFocusReason)
    return tuple(elsewhere)


def show_refusal(error: Refused, fields: Mapping[str, Field] | list[Field], rest: MessageLine) -> None:
    """Show each error at its field and focus the first; show the errors without a field here in the line ``rest``."""
    said = " ".join(translated(fault.text) for fault in show_faults(error, fields))
    rest.show_state(StatusLook(said, "warn", Tone.BAD) if said else None)
