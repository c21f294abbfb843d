"""Settings, Receipts and invoices: the logo, the barcode and the shop's own texts, beside the paper they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import cast

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout

from shopdesk.domain.conflict import MergeConflict
from shopdesk.domain.document import Document, Kind
from shopdesk.domain.errors import Refused
from shopdesk.domain.paper_layout import (
    PLACEHOLDERS,
    Logo,
    PaperTexts,
    base_language,
    own_text,
    read_texts,
    with_texts,
)
from shopdesk.domain.shop import Shop
from shopdesk.render.receipt_pdf import PaperSize, receipt
from shopdesk.render.translations import wording
from shopdesk.ui.base import display_names, document_languages, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import listed, tr, translated
from shopdesk.ui.output.pdf_view import PdfView
from shopdesk.ui.settings.logo_card import LogoCard
from shopdesk.ui.settings.sample_document import sample
from shopdesk.ui.widgets.buttons import Segment
from shopdesk.ui.widgets.field import Field
from shopdesk.ui.widgets.flow_layout import FlowLayout
from shopdesk.ui.widgets.form import CheckField, ChoiceField, Form, hold, lines_field
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.section import Section
from shopdesk.usecases import papers as usecase

_TEXTS = ("title", "terms", "thanks", "footer")
_AT_THE_END = frozenset({"thanks", "footer", "has_barcode"})


class PapersSection(Section):
    """The logo, the texts of one kind and language at a time, and a sample of the paper as it will print."""

    def __init__(self, context: Context) -> None:
        super().__init__(
            context,
            tr("Receipts and invoices"),
            tr("What new documents print. Those that were issued stay as they are."),
            is_wide=True,
        )
        self._base = context.shop
        self._edition = 0
        self._is_at_end = False
        self.logo = LogoCard(context, may=self.may)
        self.add(self.logo)
        self.kind = ChoiceField(tr("Document"), _kinds(), name="kind", compact=True)
        self.language = ChoiceField(tr("Language"), document_languages.choices(), name="language", compact=True)
        self.language.set_text(base_language(context.shop.language))
        self.form = self._form()
        self.view = PdfView(context.background)
        self.view.setAccessibleName(tr("Sample of the paper"))
        self.view.setMinimumHeight(tokens.NARROW)
        self.papers = QButtonGroup(self)
        self.add_form(self.form, beside=self._sample())
        self.finish()
        self._settled = QTimer(self, singleShot=True, interval=tokens.MOTION_MS)
        self._settled.timeout.connect(self._draw)
        for choice in (self.kind, self.language):
            choice.edited.connect(self._fill)
        for name, field in self.form.fields.items():
            field.edited.connect(partial(self._on_edited, name))
        self.form.dirtied.connect(self._hold_choices)
        self.form.save_wanted.connect(self._save)
        self.logo.read.connect(self._draw)
        self.view.drawn.connect(self._show_end)
        context.shop_changed.connect(self._on_changed)
        self._fill()

    def refresh(self) -> None:
        """Read the logo again, and draw the sample with what is typed."""
        self.logo.refresh()
        self._draw()

    def _form(self) -> Form:
        form = Form()
        choices = QHBoxLayout()
        choices.setSpacing(tokens.S)
        choices.addWidget(self.kind, 1)
        choices.addWidget(self.language, 1)
        form.add_part(choices)
        form.add(Field(tr("Title"), name="title", compact=True))
        form.add(lines_field(tr("Terms of payment"), name="terms", rows=2, compact=True))
        form.add(lines_field(tr("Thanks"), name="thanks", rows=2, compact=True))
        form.add(lines_field(tr("Footer"), name="footer", rows=3, compact=True))
        names = listed([f"{{{name}}}" for name in PLACEHOLDERS])
        said = tr("Filled in on paper: {names}. A line is left out if something of it is missing.", names=names)
        form.add_part(Label(said, "small", wrap=True))
        form.add(
            CheckField(
                tr("Barcode of the number"),
                name="has_barcode",
                hint=tr("On documents of every kind. A scan of it opens the document, such as for a return."),
            )
        )
        form.finish()
        return form

    def _sample(self) -> QVBoxLayout:
        row = FlowLayout()
        for at, (paper, label) in enumerate(_papers()):
            segment = Segment(label, self._draw)
            segment.setChecked(paper is PaperSize.ROLL_80)
            self.papers.addButton(segment, at)
            row.addWidget(segment)
        column = QVBoxLayout()
        column.setSpacing(tokens.S)
        column.addLayout(row)
        column.addWidget(self.view, 1)
        return column

    # --- the texts ---

    @property
    def _place(self) -> tuple[Kind, str]:
        return Kind(self.kind.text()), self.language.text()

    def _on_changed(self) -> None:
        self.logo.refresh()
        if not self.form.is_dirty:
            self._base = self.context.shop
            self._fill()

    def _fill(self) -> None:
        kind, language = self._place
        self.form.fill(_values(own_text(self._base.own_texts, kind.value, language), self._base))
        for name, text in _usual(self._base, kind, language).items():
            control = cast(QLineEdit | QPlainTextEdit, self.form.fields[name].control)
            control.setPlaceholderText(text)
        self.form.hold(locked=not self.may)
        self._draw()

    def _hold_choices(self, is_dirty: bool) -> None:
        """Hold the choices while a text is not saved: what was typed would be lost."""
        said = tr("Save or undo the changes first.") if is_dirty else ""
        for choice in (self.kind, self.language):
            hold(choice, locked=is_dirty)
            choice.setToolTip(said)

    def _on_edited(self, name: str) -> None:
        self._is_at_end = name in _AT_THE_END
        self._settled.start()

    def _typed(self) -> PaperTexts:
        values = self.form.values()
        return PaperTexts(**{name: values[name] for name in _TEXTS})

    @property
    def _has_barcode(self) -> bool:
        return bool(self.form.values()["has_barcode"])

    def _save(self) -> None:
        self.form.set_busy(True)
        self.context.do(
            usecase.change_texts,
            {self._place: self._typed()},
            has_barcode=self._has_barcode,
            base=self._base,
            owner=self,
            then=self._on_saved,
            failed=self._on_failed,
        )

    def _on_saved(self, shop: Shop) -> None:
        self.form.set_busy(False)
        self._base = shop
        self.form.fill(_values(own_text(shop.own_texts, self.kind.text(), self.language.text()), shop))
        self.context.navigation.notify(tr("New documents print these texts."))

    def _on_failed(self, error: Exception) -> None:
        self.form.set_busy(False)
        if isinstance(error, MergeConflict):
            kind, language = self._place
            own = with_texts(self._base.own_texts, kind.value, language, error.theirs)
            self._base = replace(self._base, own_texts=own)
            theirs = _values(error.theirs, self._base)
            self.form.rebase(theirs, _values(error.joined, self._base))
            self.form.show_conflicts(error, theirs)
        elif isinstance(error, Refused):
            self.form.refuse(error)
        else:
            self.context.report_error(error)

    # --- the sample ---

    def _draw(self) -> None:
        """Draw the paper with what is typed; while a text is refused, the one before stays in sight."""
        try:
            texts = read_texts(self._typed())
        except Refused as refused:
            for fault in refused.faults:
                self.form.fields[fault.field].show_fault(translated(fault.text))
            return
        self._edition += 1
        edition = self._edition
        paper, _ = _papers()[self.papers.checkedId()]

        def then(pdf: bytes) -> None:
            if edition == self._edition:
                self.view.show_pdf(pdf)

        make = partial(receipt, self._document(texts), paper=paper, is_practice=self.context.settings.is_practice)
        self.context.background.run_in_pool(make, owner=self, then=then)

    def _show_end(self) -> None:
        """Bring the end of the paper into sight where it is what was changed."""
        if self._is_at_end:
            self._is_at_end = False
            self.view.verticalScrollBar().setValue(self.view.verticalScrollBar().maximum())

    def _document(self, texts: PaperTexts) -> Document:
        """Return a sample in the language, with the texts that it has from another one where none is typed."""
        kind, language = self._place
        own = with_texts(self._base.own_texts, kind.value, language, texts)
        layout = replace(self._base, own_texts=own).layout(kind.value, language)
        logo = Logo("", self.logo.content) if self.logo.content else None
        layout = replace(layout, has_barcode=self._has_barcode, logo=logo)
        return replace(sample(self.context, kind, language), layout=layout)


def _values(texts: PaperTexts, shop: Shop) -> Mapping[str, str]:
    barcode = "yes" if shop.has_barcode else ""
    return asdict(texts) | {"has_barcode": barcode}


def _usual(shop: Shop, kind: Kind, language: str) -> Mapping[str, str]:
    """Return what is printed in place of each empty text: that of the shop's language, else the usual words."""
    words, other = wording(language), PaperTexts()
    if language != base_language(shop.language):
        other = own_text(shop.own_texts, kind.value, shop.language)
    return {
        "title": other.title or words.kinds[kind],
        "terms": other.terms,
        "thanks": other.thanks or (words.thanks if kind.is_order else ""),
        "footer": other.footer or shop.seller.footer,
    }


def _kinds() -> list[tuple[str, str]]:
    first = (Kind.RECEIPT, Kind.INVOICE, Kind.QUOTE, Kind.CREDIT_NOTE, Kind.DEBIT_NOTE)
    return [(kind.value, display_names.kind(kind)) for kind in first]


def _papers() -> list[tuple[PaperSize, str]]:
    return [(PaperSize.ROLL_80, tr("80 mm roll")), (PaperSize.A4, tr("A4 sheet"))]
