"""The page on which the owner chooses the column of a file for each field, and answers what the file leaves open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.money import NumberSymbols, read_price
from shopdesk.message_catalogues import mark
from shopdesk.ui.base import tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, tr, tr_marked
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.centered_page import beside
from shopdesk.ui.widgets.enter_navigation import EnterNavigation
from shopdesk.ui.widgets.field import Field, show_faults
from shopdesk.ui.widgets.form import ChoiceField
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.page_parts import Scroll, set_margins
from shopdesk.usecases.import_file import ENCODINGS, Row, text_of
from shopdesk.usecases.import_layout import Layout, Subject
from shopdesk.usecases.imports import Questions

_UNANSWERED = "?"
_HEADS = 10
_LONGEST = 32
_ENCODINGS = {
    "cp1252": mark("Western European"),
    "cp1250": mark("Central European"),
    "cp1251": mark("Cyrillic"),
    "cp1253": mark("Greek"),
    "cp1254": mark("Turkish"),
    "cp1255": mark("Hebrew"),
    "cp1256": mark("Arabic"),
    "cp1257": mark("Baltic"),
    "cp1258": mark("Vietnamese"),
    "cp874": mark("Thai"),
    "cp932": mark("Japanese"),
    "cp949": mark("Korean"),
    "gb18030": mark("Chinese, simplified"),
    "big5": mark("Chinese, traditional"),
    "cp850": mark("Western European, DOS"),
    "mac-roman": mark("Western European, old Mac"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePreview:
    """A file as the page shows it: its first rows, the headings and first values of its columns, and its letters.

    ``encoding`` is the code page it is read in; empty where the file is Unicode.
    """

    layout: Layout
    questions: Questions
    rows: tuple[Row, ...]
    headings: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]
    encoding: str


class ColumnsPage(QWidget):
    """A field for each field of a product or a customer: the column that fills it."""

    head_chosen = Signal(int)  # emitted with the number of the row that has the headings, 0 for none
    encoding_chosen = Signal(str)  # emitted with another code page
    confirmed = Signal()  # emitted on Enter in the last field

    def __init__(self, subject: Subject, context: Context, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Columns"))
        self._subject = subject
        self._context = context
        self._view: FilePreview | None = None
        self.fields: dict[str, Field] = {}
        self._frame = QVBoxLayout(self)
        self._frame.setContentsMargins(0, 0, 0, 0)

    def show_file(self, view: FilePreview) -> None:
        """Show what is known of a file, and its questions beside their fields."""
        self._view = view
        self.fields = {}
        while (old := self._frame.takeAt(0)) is not None:
            if (widget := old.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._frame.addWidget(Scroll(self._content(view)))
        for field in self.fields.values():
            field.edited.connect(lambda field=field: self._show_sample(field))
            self._show_sample(field)
        EnterNavigation(list(self.fields.values()), self.confirmed.emit, parent=self)
        self.show_errors(view.questions.errors)

    def show_errors(self, errors: Sequence[FieldError]) -> None:
        """Show each question beside its field, and move to the first one; without any, to the first field."""
        if errors:
            show_faults(Refused(errors), self.fields)
        else:
            next(iter(self.fields.values())).control.setFocus(Qt.FocusReason.OtherFocusReason)

    def chosen_layout(self) -> Layout | None:
        """Return the layout as it is chosen; None while a tax has no answer, which is shown at its field."""
        view = self._view
        if view is None:
            return None
        unanswered = [field for field in self._taxes.values() if field.text() == _UNANSWERED]
        for field in unanswered:
            field.show_fault(tr("Choose a rate."))
        if unanswered:
            unanswered[0].control.setFocus(Qt.FocusReason.OtherFocusReason)
            return None
        shown = {field.name for field in self._subject.fields}
        chosen = {name: int(text) for name in shown if (text := self.fields[name].text())}
        hidden = {name: at for name, at in view.layout.columns if name not in shown and at not in chosen.values()}
        layout = view.layout.with_columns(hidden | chosen)
        if "decimal" in self.fields:
            taxes = dict(view.layout.taxes) | {name: field.text() for name, field in self._taxes.items()}
            with_tax = {"yes": True, "no": False}.get(self.fields["with_tax"].text())
            decimal = self.fields["decimal"].text()
            layout = replace(layout, decimal=decimal, with_tax=with_tax, taxes=tuple(taxes.items()))
        return layout

    # --- building ---

    def _content(self, view: FilePreview) -> QWidget:
        content = QWidget()
        content.setProperty("role", "column")
        column = QVBoxLayout(content)
        set_margins(column, 0, 0, tokens.L, 0)
        column.setSpacing(tokens.S)
        lead = tr("Choose the column of the file for each field. This is remembered for files with the same headings.")
        column.addWidget(Label(lead, "soft", wrap=True))
        self._add(column, [self._column_field(view, one.name, tr_marked(one.label)) for one in self._subject.fields])
        column.addSpacing(tokens.M)
        column.addWidget(Label(tr("How it is written"), "heading"))
        self._add(column, self._written(view))
        self._taxes = self._tax_fields(view)
        if self._taxes:
            column.addSpacing(tokens.M)
            column.addWidget(Label(tr("Taxes in the file"), "heading"))
            self._add(column, list(self._taxes.values()))
        column.addStretch(1)
        return content

    def _add(self, column: QVBoxLayout, fields: Sequence[Field]) -> None:
        """Add fields, two in a row."""
        for field in fields:
            self.fields[field.name] = field
        for at in range(0, len(fields), 2):
            pair = fields[at : at + 2]
            column.addLayout(beside(*pair, *([QWidget()] if len(pair) == 1 else [])))

    def _column_field(self, view: FilePreview, name: str, label: str) -> Field:
        choices = [("", tr("Not in the file"))]
        for at, heading in enumerate(view.headings):
            sample = next(iter(view.samples[at]), "")
            choices.append((str(at), _shortened(f"{heading}: {sample}" if sample else heading)))
        field = ChoiceField(label, choices, name=name, compact=True)
        chosen = view.layout.at(name)
        field.set_text("" if chosen is None else str(chosen))
        return field

    def _written(self, view: FilePreview) -> list[Field]:
        head = ChoiceField(tr("Headings"), self._heads(view), name="head", compact=True)
        head.set_text(str(view.layout.head))
        head.edited.connect(lambda: self.head_chosen.emit(int(head.text())))
        fields: list[Field] = [head]
        if any(field.name == "price" for field in self._subject.fields):
            fields += [self._decimal(view), self._with_tax(view)]
        if view.encoding:
            choices = [(code, f"{tr_marked(_ENCODINGS[code])} ({code})") for code in ENCODINGS]
            letters = ChoiceField(tr("Letters"), choices, name="encoding", compact=True)
            letters.set_text(view.encoding)
            letters.edited.connect(lambda: self.encoding_chosen.emit(letters.text()))
            fields.append(letters)
        return fields

    def _heads(self, view: FilePreview) -> list[tuple[str, str]]:
        rows = view.rows[:_HEADS]
        texts = [(row.number, ", ".join(filter(None, (text_of(cell).strip() for cell in row.cells)))) for row in rows]
        choices = [
            (str(number), _shortened(tr("Line {number}: {text}", number=number, text=text))) for number, text in texts
        ]
        return [*choices, ("0", tr("The file has no headings"))]

    def _decimal(self, view: FilePreview) -> Field:
        doubtful = view.questions.doubtful
        marks = ((".", tr("Decimal point")), (",", tr("Decimal comma")))
        choices = [("", tr("As the prices show"))] if not doubtful else [("", "–")]
        choices += [(sign, self._read_as(name, sign, doubtful)) for sign, name in marks]
        field = ChoiceField(tr("Decimals"), choices, name="decimal", compact=True)
        field.set_text(view.layout.decimal)
        return field

    def _read_as(self, name: str, decimal: str, doubtful: str) -> str:
        """Return a decimal mark with how a doubtful price is read with it: “Decimal comma: 1.234 is 1,234.00”."""
        symbols = NumberSymbols(decimal, "," if decimal == "." else ".")
        try:
            price = read_price(doubtful, symbols, self._context.shop.currency)
        except Refused:
            return name
        return tr("{name}: {text} is {price}", name=name, text=doubtful, price=self._context.format.price(price))

    def _with_tax(self, view: FilePreview) -> Field:
        own = tr("As in this shop (with tax)") if self._context.shop.prices_include_tax else tr("As in this shop (net)")
        choices = [("", own), ("yes", tr("With tax")), ("no", tr("Without tax"))]
        field = ChoiceField(tr("Prices"), choices, name="with_tax", compact=True)
        field.set_text({None: "", True: "yes", False: "no"}[view.layout.with_tax])
        return field

    def _tax_fields(self, view: FilePreview) -> Mapping[str, Field]:
        """Return a field for each tax of the file that is none of the shop's, or that was chosen before."""
        chosen = dict(view.layout.taxes)
        percent = self._context.format.percent
        rates = [(tax.key.hex, f"{tax.name} {percent(tax.rate.milli)}") for tax in self._context.shop.taxes]
        fields: dict[str, Field] = {}
        for at, name in enumerate(dict.fromkeys((*chosen, *view.questions.taxes))):
            choices = [("", tr("Shop default")), *rates]
            if name not in chosen:
                choices.insert(0, (_UNANSWERED, tr("Choose a rate …")))
            field = ChoiceField(name, choices, name=f"taxes {at}" if at else "taxes", compact=True)
            field.set_text(chosen.get(name, _UNANSWERED))
            fields[name] = field
        return fields

    # --- showing ---

    def _show_sample(self, field: Field) -> None:
        """Show the first values of the chosen column below a field."""
        if self._view is None or field.name not in {one.name for one in self._subject.fields}:
            return
        text = field.text()
        values = self._view.samples[int(text)] if text else ()
        field.show_hint(StatusLook(_shortened(" · ".join(values), 2 * _LONGEST), "info", Tone.SOFT) if values else None)


def _shortened(text: str, most: int = _LONGEST + 8) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
