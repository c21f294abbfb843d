"""Settings, Printer: the printer this till uses by default, and a test page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shopdesk.domain.document import Document, Draft, Kind, Line, State
from shopdesk.domain.money import QUANTITY_UNIT
from shopdesk.domain.shop import number_in_series
from shopdesk.render import receipt_pdf
from shopdesk.render.receipt_pdf import PaperSize
from shopdesk.row_keys import new_key
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr, translated
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.output import printing
from shopdesk.ui.output.printing import PrintJob
from shopdesk.ui.settings.save_settings import save_settings
from shopdesk.ui.settings.test_button import TestButton
from shopdesk.ui.widgets.form import ChoiceField, Form, hold_because
from shopdesk.ui.widgets.section import Section

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

_PRINTER = "till.printer"


class PrinterSection(Section):
    """The choice of the printer, and a test page."""

    def __init__(self, context: Context) -> None:
        super().__init__(
            context,
            tr("Printer"),
            tr("This till prints documents here by default. You can choose another when printing."),
        )
        self.form = Form()
        self.printer = ChoiceField(
            tr("Printer"), name=_PRINTER, hint=tr("Printers are added in the system's settings."), compact=True
        )
        papers = [(PaperSize.A4.value, tr("A4 sheet")), (PaperSize.ROLL_80.value, tr("80 mm roll"))]
        self.paper = ChoiceField(tr("Paper for the test page"), papers, name="paper", compact=True)
        self.test = TestButton(tr("Print a test page"), self._on_test, icon="print")
        self.form.add(self.printer)
        self.add_form(self.form)
        self.form.add_part(self.paper)
        self.form.add_part(self.test)
        self.form.finish()
        self.finish()
        self.form.save_wanted.connect(self._save)
        self.printer.edited.connect(self.test.reset)
        self._fill()

    def refresh(self) -> None:
        """Read the printers again, as one may have been switched on."""
        if not self.form.is_dirty:
            self._fill()

    def _fill(self) -> None:
        names = printing.printers()
        standard = tr("System default") if names else tr("None: this computer has no printer")
        self.printer.offer([("", standard), *((name, name) for name in names)])
        self.form.fill({_PRINTER: self.context.settings.till.printer})
        self.form.hold(locked=not self.may)
        self.test.button.setEnabled(bool(names))
        self.test.button.setToolTip("" if names else printing.no_printer())
        if held := self.held_by(_PRINTER):
            hold_because(self.printer, held)

    def _on_test(self) -> None:
        if self.context.settings.is_practice:
            self.context.navigation.notify(tr("Practice prints nothing."), tone=Tone.WARN)
            return
        names = printing.printers()
        name = self.printer.text() or (names[0] if names else "")
        paper = PaperSize(self.paper.text())
        printer = printing.opened(PrintJob(printer=name, paper=paper))
        self.test.start()
        self.context.background.run_in_pool(
            _printed,
            sample(self.context),
            paper,
            printer,
            owner=self,
            then=lambda _: self.test.succeeded(tr("The test page was sent to {name}.", name=name)),
            failed=lambda error: self.test.failed(translated(error)),
        )

    def _save(self) -> None:
        save_settings(self, self.form, {_PRINTER: self.printer.text() or None}, then=self._on_saved)

    def _on_saved(self) -> None:
        self._fill()
        self.context.navigation.notify(tr("The printer is saved."))


def sample(context: Context) -> Document:
    """Return a sample receipt with the shop's own header and footer; it is printed but never stored."""
    shop, today = context.shop, context.today()
    line = Line(item=tr("Test page"), quantity=QUANTITY_UNIT, unit_price=0, tax=shop.default_tax.rate)
    draft = Draft(
        key=new_key(),
        kind=Kind.RECEIPT,
        lines=(line,),
        date_on=today,
        currency=shop.currency,
        prices_include_tax=shop.prices_include_tax,
    )
    return Document(
        key=new_key(),
        draft_key=draft.key,
        kind=draft.kind,
        number=number_in_series(draft.kind.letter, context.actor.till.name, today, 0),
        state=State.ISSUED,
        revision=1,
        till=context.actor.till.name,
        seller=shop.seller,
        buyer=draft.buyer,
        currency=draft.currency,
        prices_include_tax=draft.prices_include_tax,
        language=shop.locale,
        lines=draft.lines,
        discount=None,
        totals=draft.totals(),
        note=tr("If you can read this, the printer works."),
        date_on=today,
        due_on=None,
        issued_at=context.now(),
        issued_by=context.actor.staff.name,
        issued_by_key=context.actor.staff.key,
    )


def _printed(document: Document, paper: PaperSize, printer: QPrinter) -> int:
    return printing.print_pages(receipt_pdf.receipt(document, paper=paper), printer, title=tr("Test page"))
