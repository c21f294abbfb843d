"""A form: fields with their errors, and a Save button that is enabled while there are changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QCompleter,
    QHBoxLayout,
    QLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from shopdesk.domain.errors import FieldError, Refused, sentence_of
from shopdesk.domain.sentence import sentence
from shopdesk.ui.base import shortcuts, theme, tokens
from shopdesk.ui.base.i18n import StatusLook, as_written, tr, translated
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.buttons import PrimaryButton, QuietButton
from shopdesk.ui.widgets.centered_page import beside
from shopdesk.ui.widgets.enter_navigation import EnterNavigation
from shopdesk.ui.widgets.field import Field, MessageLine, show_faults
from shopdesk.ui.widgets.labels import Drawing, Label
from shopdesk.ui.widgets.page_parts import Scroll, set_margins

_SHORTEST_CHOICE = 6
"""Minimum width of a combo box in characters; its longest entry does not widen it."""


class Form(QWidget):
    """Fields by their names. ``fill`` sets the saved values, against which changes are detected.

    With ``scrolls`` the fields scroll and the buttons stay in sight. ``bar`` holds the buttons and the message above
    them; it may be moved elsewhere.
    """

    save_wanted = Signal()  # emitted when Save is pressed
    undone = Signal()  # emitted when changes are undone
    dirtied = Signal(bool)  # emitted with True when the form has changes, with False when it has none

    def __init__(self, *, save: str = "", scrolls: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fields: dict[str, Field] = {}
        self._filled: dict[str, str] = {}
        self._was_dirty = False
        self._is_busy = False
        self._is_locked = False
        self.reason = Reason()
        self.save = PrimaryButton(save or tr("Save"), self._on_save)
        self.undo = QuietButton(tr("Undo changes"), self._on_undo, icon="undo")
        self.answer = MessageLine()
        self.answer.hide()
        content = QWidget()
        content.setProperty("role", "column")
        self._parts = QVBoxLayout(content)
        set_margins(self._parts, 0, 0, tokens.L if scrolls else 0, 0)
        self._parts.setSpacing(tokens.S)
        self.foot = QHBoxLayout()
        self.foot.setSpacing(tokens.S)
        self.foot.addWidget(self.save)
        self.foot.addWidget(self.undo)
        self.foot.addStretch(1)
        self.bar = QWidget()
        bar = QVBoxLayout(self.bar)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.setSpacing(tokens.S)
        bar.addWidget(self.answer)
        bar.addLayout(self.foot)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.S)
        column.addWidget(self.reason)
        column.addWidget(Scroll(content) if scrolls else content, 1)
        column.addWidget(self.bar)
        shortcuts.bind(self, "save", self._on_save)
        self._show_state()

    # --- construction ---

    def add(self, *fields: Field) -> None:
        """Add a field below the others, or several in one row."""
        for field in fields:
            self.fields[field.name] = field
            field.edited.connect(self._on_edited)
        self._parts.addLayout(beside(*fields)) if len(fields) > 1 else self._parts.addWidget(fields[0])

    def add_part(self, part: QWidget | QLayout) -> None:
        """Add any other widget or layout below."""
        if isinstance(part, QWidget):
            self._parts.addWidget(part)
        else:
            self._parts.addLayout(part)

    def add_heading(self, text: str) -> None:
        """Start a group of fields with a heading."""
        if self.fields:
            self._parts.addSpacing(tokens.L)
        self._parts.addWidget(Label(text, "heading"))

    def finish(self) -> None:
        """Finish the layout after all fields were added, and let Enter move through them and save in the last."""
        self._parts.addStretch(1)
        single = [field for field in self.fields.values() if not isinstance(field.control, QPlainTextEdit)]
        EnterNavigation(single, self._on_save, parent=self)

    # --- values ---

    def fill(self, values: Mapping[str, str]) -> None:
        """Set the saved values, and replace anything typed."""
        self._filled = {}  # setting the values below is not a change
        for name, field in self.fields.items():
            field.set_text(values.get(name, ""))
            field.clear_fault()
        self._filled = self.values()
        self.show_message(None)
        self._show_state()

    def values(self) -> dict[str, str]:
        """Return the current values by field name."""
        return {name: field.text() for name, field in self.fields.items()}

    @property
    def is_dirty(self) -> bool:
        """True if there are unsaved changes."""
        return bool(self._filled) and self.values() != self._filled

    # --- saving ---

    def set_busy(self, busy: bool) -> None:
        """Disable Save while the form is being saved."""
        self._is_busy = busy
        self._show_state()

    def show_message(self, look: StatusLook | None) -> None:
        """Show a message above the buttons, or none."""
        self.answer.show_state(look)
        self.answer.setVisible(look is not None)

    def refuse(self, error: Refused) -> None:
        """Show each error at its field, and errors without a field above the buttons."""
        self.set_busy(False)
        rest = show_faults(error, self.fields)
        self.show_message(
            StatusLook(" ".join(translated(fault.text) for fault in rest), "warn", Tone.BAD) if rest else None
        )

    def show_error(self, error: Exception) -> None:
        """Show why saving failed: each fault at its field, any other error above the buttons."""
        self.refuse(error if isinstance(error, Refused) else Refused(sentence_of(error)))

    def rebase(self, theirs: Mapping[str, str], joined: Mapping[str, str]) -> None:
        """Fill in the values that another user saved, then the merged values as unsaved changes."""
        self.fill(theirs)
        for name, text in joined.items():
            if text != theirs[name]:
                self.fields[name].set_text(text)

    def show_conflicts(self, error: Refused, theirs: Mapping[str, str]) -> None:
        """Show at each field with a conflict the value that the other user saved."""
        text = sentence("Another user has changed this to “{theirs}”. Save again to keep yours.")
        faults = [FieldError(text.filled(theirs=theirs.get(one.field) or "–"), one.field) for one in error.faults]
        self.refuse(Refused(faults))

    def lock(self, reason: str) -> None:
        """Make the form read-only and show the reason; an empty reason makes it editable."""
        self.reason.set_text(reason)
        self.hold(locked=bool(reason))

    def hold(self, *, locked: bool) -> None:
        """Make the form read-only or editable, without showing a reason."""
        self._is_locked = locked
        for field in self.fields.values():
            hold(field, locked=locked)
        self.bar.setVisible(not locked)
        self._show_state()

    def _on_save(self) -> None:
        if self.save.isEnabled() and not self._is_locked:
            self.show_message(None)
            self.save_wanted.emit()

    def _on_undo(self) -> None:
        self.fill(dict(self._filled))
        self.undone.emit()

    def _on_edited(self) -> None:
        if self._filled:
            self.show_message(None)
            self._show_state()

    def _show_state(self) -> None:
        dirty = self.is_dirty
        self.save.setEnabled(dirty and not self._is_busy)
        self.undo.setEnabled(dirty and not self._is_busy)
        if dirty != self._was_dirty:
            self._was_dirty = dirty
            self.dirtied.emit(dirty)


class Reason(QWidget):
    """The reason why something cannot be changed here."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, tokens.S)
        row.setSpacing(tokens.S)
        row.addWidget(Drawing("lock"), alignment=Qt.AlignmentFlag.AlignTop)
        self._text = Label(role="soft", wrap=True)
        row.addWidget(self._text, 1)
        self.hide()

    @property
    def text(self) -> str:
        """The reason shown."""
        return self._text.text()

    def set_text(self, text: str) -> None:
        """Show the reason; an empty text hides it."""
        self._text.setText(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))


class CheckField(Field):
    """A check box. Its text is "yes" or empty."""

    def __init__(self, label: str, *, name: str, hint: str = "", parent: QWidget | None = None) -> None:
        self.box = QCheckBox(as_written(label))
        super().__init__("", self.box, name=name, hint=hint, compact=True, parent=parent)
        self.label.hide()
        self.box.setAccessibleName(label)

    def text(self) -> str:
        """Return ``"yes"`` if checked, else an empty text."""
        return "yes" if self.box.isChecked() else ""

    def set_text(self, text: str) -> None:
        """Check the box unless the text is empty."""
        self.box.setChecked(bool(text))


class ChoiceField(Field):
    """A choice of a few entries; its text is the value of the entry."""

    def __init__(
        self,
        label: str,
        choices: Sequence[tuple[str, str]] = (),
        *,
        name: str,
        hint: str = "",
        compact: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        self.combo = QComboBox()
        self.combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.combo.setMinimumContentsLength(_SHORTEST_CHOICE)
        super().__init__(label, self.combo, name=name, hint=hint, compact=compact, parent=parent)
        self.combo.currentTextChanged.connect(self.combo.setToolTip)  # a long one is elided
        self.offer(choices)

    def offer(self, choices: Sequence[tuple[str, str]]) -> None:
        """Set the entries, as pairs of value and label."""
        chosen = self.text()
        self.combo.blockSignals(True)
        self.combo.clear()
        for value, word in choices:
            self.combo.addItem(word, value)
        self.combo.setCurrentIndex(max(self.combo.findData(chosen), 0) if choices else -1)
        self.combo.blockSignals(False)
        self.combo.setToolTip(self.combo.currentText())

    def set_text(self, text: str) -> None:
        """Select the entry with this value; an unknown value is added, so that saving does not change it."""
        at = self.combo.findData(text)
        if at < 0:
            self.combo.addItem(text or "–", text)
            at = self.combo.count() - 1
        self.combo.setCurrentIndex(at)


class LongChoiceField(ChoiceField):
    """A choice of many entries, found by typing any part of one."""

    def __init__(self, label: str, choices: Sequence[tuple[str, str]] = (), *, name: str, hint: str = "") -> None:
        super().__init__(label, choices, name=name, hint=hint, compact=True)
        find_by_typing(self.combo)

    def text(self) -> str:
        """Return the value of the entry selected or typed in full, else an empty text."""
        typed = self.combo.currentText().strip()
        at = self.combo.findText(typed, Qt.MatchFlag.MatchFixedString)
        if at < 0:
            at = self.combo.findData(typed.upper())
        return str(self.combo.itemData(at)) if at >= 0 else ""


def find_by_typing(box: QComboBox) -> None:
    """Let the user type any part of an entry; if only one entry begins with it or contains it, select that one."""
    box.setEditable(True)
    if (edit := box.lineEdit()) is not None:
        edit.setAccessibleName(box.accessibleName())
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    box.setMaxVisibleItems(12)
    completer = QCompleter(box.model(), box)
    completer.setFilterMode(Qt.MatchFlag.MatchContains)
    completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    if popup := completer.popup():
        popup.setProperty("role", "suggestions")
        theme.style_window(popup)
    box.setCompleter(completer)
    if edit := box.lineEdit():
        edit.editingFinished.connect(lambda: _pick_only_match(box))


def _pick_only_match(box: QComboBox) -> None:
    typed = box.currentText().strip()
    if not typed:
        return
    at = box.findText(typed, Qt.MatchFlag.MatchFixedString)
    if at < 0:
        at = box.findData(typed.upper())
    if at >= 0:  # Qt itself does so only for a name, not for a code
        box.setCurrentIndex(at)
        return
    for how in (Qt.MatchFlag.MatchStartsWith, Qt.MatchFlag.MatchContains):
        found = box.model().match(box.model().index(0, 0), Qt.ItemDataRole.DisplayRole, typed, 2, how)
        if len(found) == 1:
            box.setCurrentIndex(found[0].row())
            return


def lines_field(label: str, *, name: str, rows: int = 3, hint: str = "", compact: bool = False) -> Field:
    """Return a field of several lines; Tab leaves it."""
    edit = QPlainTextEdit()
    edit.setTabChangesFocus(True)
    edit.setFixedHeight(rows * (tokens.L + tokens.RING) + tokens.L)
    return Field(label, edit, name=name, hint=hint, compact=compact)


def hold(field: Field, *, locked: bool) -> None:
    """Make a field read-only; its text can still be copied."""
    control = field.control
    if isinstance(control, QLineEdit):
        control.setReadOnly(locked)
    else:
        control.setEnabled(not locked)


def hold_because(field: Field, reason: str) -> None:
    """Make a field read-only and show the reason below; an empty reason makes it editable."""
    hold(field, locked=bool(reason))
    field.control.setAccessibleDescription(reason)
    field.show_hint(StatusLook(reason, "lock", Tone.SOFT) if reason else None)
