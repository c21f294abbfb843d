"""Settings, Keyboard: the keys of this till, and the kind of its new documents."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter

from shopdesk.domain.document import Kind
from shopdesk.domain.errors import FieldError, Refused, sentence_of
from shopdesk.domain.till_preferences import TillPreferences
from shopdesk.ui.base import display_names, shortcuts
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr, tr_marked
from shopdesk.ui.base.shortcuts import Shortcut
from shopdesk.ui.widgets.field import Field
from shopdesk.ui.widgets.form import ChoiceField, Form
from shopdesk.ui.widgets.section import Section
from shopdesk.usecases import shop

_KIND = "default_kind"
_SEPARATOR = ", "


class KeyboardSection(Section):
    """The default kind, and a field with the keys of each shortcut that a till may change."""

    def __init__(self, context: Context) -> None:
        super().__init__(
            context,
            tr("Keyboard and till"),
            tr(
                "These belong to till {till}. Write keys like F4 or Ctrl+N, several with a comma between them. An "
                "empty field stands for the usual ones. F1 shows all keys.",
                till=context.actor.till.name,
            ),
        )
        self.form = Form()
        self.kind = ChoiceField(
            tr("New documents are"), [(kind.value, display_names.kind(kind)) for kind in Kind], name=_KIND, compact=True
        )
        self.form.add(self.kind)
        self._rows = tuple(row for row in shortcuts.SHORTCUTS if row.can_change)
        for scope, rows in groupby(self._rows, key=attrgetter("scope")):
            self.form.add_heading(tr_marked(scope.value))
            self._add_fields(list(rows))
        self.form.finish()
        self.add_form(self.form)
        self.finish()
        self.form.save_wanted.connect(self._on_save)
        self._fill()

    def _add_fields(self, rows: list[Shortcut]) -> None:
        """Add the fields of one place, two beside each other."""
        fields = []
        for row in rows:
            field = Field(tr_marked(row.does), name=row.name, compact=True)
            field.control.setProperty("placeholderText", _written(row.keys))
            fields.append(field)
        for at in range(0, len(fields), 2):
            self.form.add(*fields[at : at + 2])

    def refresh(self) -> None:
        """Show the keys that are in use."""
        if not self.form.is_dirty:
            self._fill()

    def _fill(self) -> None:
        mine = self.context.till_preferences
        self.form.fill({_KIND: mine.default_kind.value} | {name: _written(keys) for name, keys in mine.keys.items()})
        self.form.hold(locked=not self.may)

    def _on_save(self) -> None:
        try:
            preferences = TillPreferences(default_kind=Kind(self.kind.text()), keys=self._read())
        except Refused as refused:
            self.form.refuse(refused)
            return
        self.form.set_busy(True)
        self.context.do(shop.set_preferences, preferences, owner=self, then=self._on_saved, failed=self.form.show_error)

    def _read(self) -> dict[str, tuple[str, ...]]:
        """Return the keys that differ from the usual ones. Raise Refused with a fault for each field that is wrong."""
        keys: dict[str, tuple[str, ...]] = {}
        faults: list[FieldError] = []
        for row in self._rows:
            try:
                typed = shortcuts.read_keys(self.form.fields[row.name].text(), row.keys)
            except Refused as refused:
                faults.append(FieldError(sentence_of(refused), row.name))
                continue
            if typed and typed != row.keys:
                keys[row.name] = typed
        if faults:
            raise Refused(faults)
        shortcuts.check(keys)
        return keys

    def _on_saved(self, preferences: TillPreferences) -> None:
        self.form.set_busy(False)
        self.context.till_preferences = preferences
        self._fill()
        self.context.navigation.notify(tr("Saved for till {till}.", till=self.context.actor.till.name))


def _written(keys: tuple[str, ...]) -> str:
    return _SEPARATOR.join(dict.fromkeys(map(shortcuts.shown, keys)))
