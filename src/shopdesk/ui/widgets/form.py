"""A form: fields under each other, what is wrong beside each, and Save only while there is something to save."""

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

from shopdesk.domain.errors import Fault, Refused
from shopdesk.ui import keys, theme
from shopdesk.ui.text import Look, tr
from shopdesk.ui.theme import Tone
from shopdesk.ui.widgets.buttons import PrimaryButton, QuietButton
from shopdesk.ui.widgets.cards import Scroll
from shopdesk.ui.widgets.enter import EnterGoesOn
from shopdesk.ui.widgets.entry import beside
from shopdesk.ui.widgets.field import Field, Line, show_faults
from shopdesk.ui.widgets.labels import Drawing, Label

_SHORTEST_CHOICE = 6
"""A list of choices is as wide as its place, not as its longest entry."""


class Form(QWidget):
    """Fields by their names. ``fill`` sets what is there now; from then on the form knows whether it was changed.

    With ``scrolls`` the fields scroll above the buttons, which stay in sight. ``bar`` has the buttons and what is said
    above them; whoever shows the form may put it elsewhere.
    """

    save_wanted = Signal()
    undone = Signal()
    dirtied = Signal(bool)  # whether it differs from what it was filled with

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
        self.answer = Line()
        self.answer.hide()
        content = QWidget()
        content.setProperty("role", "column")
        self._parts = QVBoxLayout(content)
        self._parts.setContentsMargins(0, 0, theme.L if scrolls else 0, 0)
        self._parts.setSpacing(theme.S)
        self.foot = QHBoxLayout()
        self.foot.setSpacing(theme.S)
        self.foot.addWidget(self.save)
        self.foot.addWidget(self.undo)
        self.foot.addStretch(1)
        self.bar = QWidget()
        bar = QVBoxLayout(self.bar)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.setSpacing(theme.S)
        bar.addWidget(self.answer)
        bar.addLayout(self.foot)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(self.reason)
        column.addWidget(Scroll(content) if scrolls else content, 1)
        column.addWidget(self.bar)
        keys.bind(self, "save", self._on_save)
        self._show_state()

    # --- how it is made ---

    def add(self, *fields: Field) -> None:
        """Put the next field below, or several beside each other."""
        for field in fields:
            self.fields[field.name] = field
            field.edited.connect(self._on_edited)
        self._parts.addLayout(beside(*fields)) if len(fields) > 1 else self._parts.addWidget(fields[0])

    def add_part(self, part: QWidget | QLayout) -> None:
        """Put anything else below."""
        if isinstance(part, QWidget):
            self._parts.addWidget(part)
        else:
            self._parts.addLayout(part)

    def add_heading(self, text: str) -> None:
        """A group of fields begins."""
        if self.fields:
            self._parts.addSpacing(theme.L)
        self._parts.addWidget(Label(text, "heading"))

    def finish(self) -> None:
        """All fields are there: from now on Enter goes from one to the next, and in the last one it saves."""
        self._parts.addStretch(1)
        single = [field for field in self.fields.values() if not isinstance(field.control, QPlainTextEdit)]
        EnterGoesOn(single, self._on_save, parent=self)

    # --- what is in it ---

    def fill(self, values: Mapping[str, str]) -> None:
        """Show these; what was typed before is gone."""
        self._filled = {}  # what is set now is no change
        for name, field in self.fields.items():
            field.set_text(values.get(name, ""))
            field.clear_fault()
        self._filled = self.values()
        self.say(None)
        self._show_state()

    def values(self) -> dict[str, str]:
        """What is typed and chosen, by the fields' names."""
        return {name: field.text() for name, field in self.fields.items()}

    @property
    def is_dirty(self) -> bool:
        """Whether something was changed and not saved."""
        return bool(self._filled) and self.values() != self._filled

    # --- saving ---

    def set_busy(self, busy: bool) -> None:
        """While it is being saved, Save cannot be pressed twice."""
        self._is_busy = busy
        self._show_state()

    def say(self, look: Look | None) -> None:
        """One sentence above the buttons."""
        self.answer.say(look)
        self.answer.setVisible(look is not None)

    def refuse(self, error: Refused) -> None:
        """Put each fault beside its field, and those of no field above the buttons."""
        self.set_busy(False)
        rest = show_faults(error, self.fields)
        self.say(Look(" ".join(fault.text for fault in rest), "warn", Tone.BAD) if rest else None)

    def rebase(self, theirs: Mapping[str, str], joined: Mapping[str, str]) -> None:
        """Somebody else saved meanwhile: what they changed is shown, and where both did, mine with what theirs is."""
        self.fill(theirs)
        for name, text in joined.items():
            if text != theirs[name]:
                self.fields[name].set_text(text)

    def tell_collision(self, error: Refused, theirs: Mapping[str, str]) -> None:
        """Beside each field that two people changed: what the other one wrote there."""
        said = tr("Somebody else changed this to “{theirs}” meanwhile. Save again to keep yours.")
        faults = [Fault(said.format(theirs=theirs.get(one.field) or "–"), one.field) for one in error.faults]
        self.refuse(Refused(faults))

    def lock(self, reason: str) -> None:
        """Let nobody change it, and say why; an empty reason opens it again."""
        self.reason.say(reason)
        self.hold(locked=bool(reason))

    def hold(self, *, locked: bool) -> None:
        """The same where the reason is said elsewhere."""
        self._is_locked = locked
        for field in self.fields.values():
            hold(field, locked=locked)
        self.bar.setVisible(not locked)
        self._show_state()

    def _on_save(self) -> None:
        if self.save.isEnabled() and not self._is_locked:
            self.say(None)
            self.save_wanted.emit()

    def _on_undo(self) -> None:
        self.fill(dict(self._filled))
        self.undone.emit()

    def _on_edited(self) -> None:
        if self._filled:
            self.say(None)
            self._show_state()

    def _show_state(self) -> None:
        dirty = self.is_dirty
        self.save.setEnabled(dirty and not self._is_busy)
        self.undo.setEnabled(dirty and not self._is_busy)
        if dirty != self._was_dirty:
            self._was_dirty = dirty
            self.dirtied.emit(dirty)


class Reason(QWidget):
    """Why something cannot be changed here."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, theme.S)
        row.setSpacing(theme.S)
        row.addWidget(Drawing("lock"), alignment=Qt.AlignmentFlag.AlignTop)
        self._text = Label(role="soft", wrap=True)
        row.addWidget(self._text, 1)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence."""
        return self._text.text()

    def say(self, text: str) -> None:
        """Say it, or nothing."""
        self._text.setText(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))


class CheckField(Field):
    """Yes or no. Its text is "yes" or empty."""

    def __init__(self, label: str, *, name: str, hint: str = "", parent: QWidget | None = None) -> None:
        self.box = QCheckBox(label)
        super().__init__("", self.box, name=name, hint=hint, compact=True, parent=parent)
        self.label.hide()
        self.box.setAccessibleName(label)

    def text(self) -> str:
        """``"yes"`` or nothing."""
        return "yes" if self.box.isChecked() else ""

    def set_text(self, text: str) -> None:
        """Tick it for anything but nothing."""
        self.box.setChecked(bool(text))


class ChoiceField(Field):
    """One of a few, by the entry's own value."""

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
        self.offer(choices)

    def offer(self, choices: Sequence[tuple[str, str]]) -> None:
        """Offer these: (value, word)."""
        chosen = self.text()
        self.combo.blockSignals(True)
        self.combo.clear()
        for value, word in choices:
            self.combo.addItem(word, value)
        self.combo.setCurrentIndex(max(self.combo.findData(chosen), 0) if choices else -1)
        self.combo.blockSignals(False)

    def set_text(self, text: str) -> None:
        """Choose the entry of this value; one that is not offered is added, so that it does not change unseen."""
        at = self.combo.findData(text)
        if at < 0:
            self.combo.addItem(text or "–", text)
            at = self.combo.count() - 1
        self.combo.setCurrentIndex(at)


class LongChoiceField(ChoiceField):
    """One of many: typing any part of an entry finds it."""

    def __init__(self, label: str, choices: Sequence[tuple[str, str]] = (), *, name: str, hint: str = "") -> None:
        super().__init__(label, choices, name=name, hint=hint, compact=True)
        find_by_typing(self.combo)

    def text(self) -> str:
        """The value of the entry that is chosen or typed in full, else nothing."""
        typed = self.combo.currentText().strip()
        at = self.combo.findText(typed, Qt.MatchFlag.MatchFixedString)
        if at < 0:
            at = self.combo.findData(typed.upper())
        return str(self.combo.itemData(at)) if at >= 0 else ""


def find_by_typing(box: QComboBox) -> None:
    """Let any part of an entry be typed; where only one entry begins with it, or has it, that is the one meant."""
    box.setEditable(True)
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    box.setMaxVisibleItems(12)
    completer = QCompleter(box.model(), box)
    completer.setFilterMode(Qt.MatchFlag.MatchContains)
    completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    if popup := completer.popup():
        popup.setProperty("role", "suggestions")
    box.setCompleter(completer)
    if edit := box.lineEdit():
        edit.editingFinished.connect(lambda: _take_the_only(box))


def _take_the_only(box: QComboBox) -> None:
    typed = box.currentText().strip()
    if not typed or box.findText(typed, Qt.MatchFlag.MatchFixedString) >= 0 or box.findData(typed.upper()) >= 0:
        return
    for how in (Qt.MatchFlag.MatchStartsWith, Qt.MatchFlag.MatchContains):
        found = box.model().match(box.model().index(0, 0), Qt.ItemDataRole.DisplayRole, typed, 2, how)
        if len(found) == 1:
            box.setCurrentIndex(found[0].row())
            return


def lines_field(label: str, *, name: str, rows: int = 3, hint: str = "", compact: bool = False) -> Field:
    """A field of several lines; Tab leaves it."""
    edit = QPlainTextEdit()
    edit.setTabChangesFocus(True)
    edit.setFixedHeight(rows * (theme.L + theme.RING) + theme.L)
    return Field(label, edit, name=name, hint=hint, compact=compact)


def hold(field: Field, *, locked: bool) -> None:
    """Let a field be read but not changed: a line can still be copied."""
    control = field.control
    if isinstance(control, QLineEdit):
        control.setReadOnly(locked)
    else:
        control.setEnabled(not locked)


def hold_because(field: Field, reason: str) -> None:
    """The same for one field, with the reason under it; an empty reason opens it again."""
    hold(field, locked=bool(reason))
    field.control.setAccessibleDescription(reason)
    field.show_hint(Look(reason, "lock", Tone.SOFT) if reason else None)
