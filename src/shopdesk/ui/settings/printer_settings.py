"""Settings, Printer: the receipt printer and the printer for sheets of this till, what each prints, and test pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from shopdesk import settings
from shopdesk.domain.errors import Refused, sentence_of
from shopdesk.domain.printer import (
    AutoPrint,
    PaperChoice,
    PrinterStatus,
    PrintOutcome,
    PrintResult,
    ReceiptPrinter,
    read_printer_address,
)
from shopdesk.domain.sentence import sentence
from shopdesk.settings import TillSettings
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, tr, translated
from shopdesk.ui.base.ports import FoundPrinter, FoundPrinters, PrinterPort
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.settings import printer_fields, printer_test_pages
from shopdesk.ui.settings.printer_fields import PrinterAddressField
from shopdesk.ui.settings.save_settings import save_settings
from shopdesk.ui.settings.test_button import TestButton
from shopdesk.ui.widgets.buttons import QuietButton
from shopdesk.ui.widgets.form import CheckField, ChoiceField, Form, LongChoiceField, hold_because
from shopdesk.ui.widgets.section import Section

_RECEIPT_PRINTER, _PROFILE, _WIDTH, _DRAWER = (
    f"till.{name}" for name in ("receipt_printer", "receipt_profile", "receipt_width", "drawer")
)
_PRINTER = "till.printer"
_Try = Callable[[PrinterPort, ReceiptPrinter], PrinterStatus | PrintResult]


class PrinterSection(Section):
    """Both printers, what is printed on which and when, and their tests."""

    def __init__(self, context: Context) -> None:
        super().__init__(
            context,
            tr("Printer"),
            tr("Slips go to a receipt printer, sheets to a printer of the system. Both belong to this till."),
        )
        self._found = FoundPrinters()
        self.form = self._form()
        self.add_form(self.form)
        self.form.finish()
        self.finish()
        self.form.save_wanted.connect(self._save)
        self._fill()

    def _form(self) -> Form:
        form = Form()
        self._add_receipt_printer(form)
        self._add_sheet_printer(form)
        form.add_heading(tr("Documents"))
        form.add(
            ChoiceField(tr("Receipts on"), printer_fields.papers(), name="till.receipt_paper", compact=True),
            ChoiceField(tr("Print after Save"), printer_fields.times(), name="till.print_receipts", compact=True),
        )
        form.add(
            ChoiceField(
                tr("Invoices and credit notes on"), printer_fields.papers(), name="till.invoice_paper", compact=True
            ),
            ChoiceField(tr("Print after Save"), printer_fields.times(), name="till.print_invoices", compact=True),
        )
        form.add(CheckField(tr("Print a second slip of each receipt, for the shop"), name="till.second_slip"))
        return form

    def _add_receipt_printer(self, form: Form) -> None:
        form.add_heading(tr("Receipt printer"))
        self.receipt_printer = PrinterAddressField(tr("Printer or address"), name=_RECEIPT_PRINTER)
        self.receipt_printer.add_beside(QuietButton(tr("Search again"), self._find, icon="retry"))
        self.model = LongChoiceField(tr("Model"), printer_fields.models(), name=_PROFILE)
        self.head = ChoiceField(tr("Width of the print head"), name=_WIDTH, compact=True)
        self.drawer = ChoiceField(tr("Cash drawer"), printer_fields.drawers(), name=_DRAWER, compact=True)
        form.add(self.receipt_printer)
        form.add(self.model, self.head, self.drawer)
        self.status = TestButton(tr("Ask for the status"), self._on_status, icon="info")
        self.slip = TestButton(tr("Print a test slip"), self._on_slip, icon="print")
        self.kick = TestButton(tr("Open the cash drawer"), self._on_kick, icon="money")
        for button in (self.status, self.slip, self.kick):
            form.add_part(button)
        self.model.edited.connect(self._on_model)
        for field in (self.receipt_printer, self.model, self.head, self.drawer):
            field.edited.connect(self._on_edited)

    def _add_sheet_printer(self, form: Form) -> None:
        form.add_heading(tr("Printer for sheets"))
        self.printer = ChoiceField(
            tr("Printer"),
            name=_PRINTER,
            hint=tr("Printers are added in the system's settings."),
            compact=True,
        )
        form.add(self.printer)
        self.test = TestButton(tr("Print a test page"), self._on_test, icon="print")
        form.add_part(self.test)
        self.printer.edited.connect(self.test.reset)

    # --- what is there ---

    def refresh(self) -> None:
        """Look for printers again, as one may have been switched on."""
        if not self.form.is_dirty:
            self._fill()
        self._find()

    def _find(self) -> None:
        self.context.background.run_in_pool(
            self.context.ports.printer.find, owner=self, then=self._on_found, failed=lambda _: None
        )

    def _on_found(self, found: FoundPrinters) -> None:
        self._found = found
        self.receipt_printer.show_found(found.printers)
        self._offer_sheet_printers()
        self._show_state()
        words = translated(found.trouble) or tr("Printers are added in the system's settings.")
        if not self.held_by(_PRINTER):
            self.printer.show_hint(StatusLook(words, "info", Tone.SOFT))

    def _offer_sheet_printers(self) -> None:
        queues, chosen = self._queues(), self.printer.text()
        standard = tr("System default") if queues else tr("None: this computer has no printer")
        self.printer.offer([("", standard), *((each.queue, printer_fields.queue_label(each)) for each in queues)])
        self.printer.set_text(chosen)

    def _fill(self) -> None:
        till = self.context.settings.till
        self.head.offer(printer_fields.widths(till.receipt_profile))
        self._offer_sheet_printers()
        self.form.fill(
            {
                _RECEIPT_PRINTER: till.receipt_printer,
                _PROFILE: till.receipt_profile,
                _WIDTH: str(till.receipt_width),
                _DRAWER: str(till.drawer),
                _PRINTER: till.printer,
                "till.receipt_paper": till.receipt_paper.value,
                "till.invoice_paper": till.invoice_paper.value,
                "till.print_receipts": till.print_receipts.value,
                "till.print_invoices": till.print_invoices.value,
                "till.second_slip": "yes" if till.second_slip else "",
            }
        )
        self.form.hold(locked=not self.may)
        for name, field in self.form.fields.items():
            if held := self.held_by(name):
                hold_because(field, held)
        self._show_state()

    def _on_model(self) -> None:
        self.head.offer(printer_fields.widths(self.model.text()))

    def _on_edited(self) -> None:
        for button in (self.status, self.slip, self.kick):
            button.reset()
        self._show_state()

    def _show_state(self) -> None:
        """Enable the tests of what there is, and warn of a queue that would print a slip twice."""
        has_printer = bool(self.receipt_printer.text())
        for button in (self.status, self.slip):
            button.button.setEnabled(has_printer)
        self.kick.button.setEnabled(has_printer and self.drawer.text() != "0")
        self.test.button.setEnabled(bool(self._queues()))
        if not self.held_by(_RECEIPT_PRINTER):
            self.receipt_printer.show_hint(self._hint())

    def _hint(self) -> StatusLook:
        chosen = self.receipt_printer.text()
        for queue in self._queues():
            if queue.address == chosen and queue.repeats:
                command = f"lpadmin -p {queue.queue} -o printer-error-policy=abort-job"
                words = tr(
                    "This queue repeats a slip that broke off, by itself. To stop that: {command}", command=command
                )
                return StatusLook(words, "warn", Tone.WARN)
        example = "192.0.2.7"
        words = tr("Choose one, or type the address of one in the network, such as {example}.", example=example)
        return StatusLook(words, "info", Tone.SOFT)

    def _queues(self) -> list[FoundPrinter]:
        return [each for each in self._found.printers if each.queue]

    # --- trying ---

    def _on_status(self) -> None:
        self._try(self.status, lambda port, printer: port.status(printer))

    def _on_kick(self) -> None:
        self._try(self.kick, lambda port, printer: port.kick_drawer(printer))

    def _on_slip(self) -> None:
        document = printer_test_pages.slip(self.context, self.head.combo.currentText())
        self._try(self.slip, lambda port, printer: printer_test_pages.print_slip(port, printer, document))

    def _try(self, button: TestButton, act: _Try) -> None:
        """Run a test with the printer as it is typed, on a worker; faults are shown beside their fields."""
        if self._is_practice():
            return
        try:
            printer = settings.receipt_printer(self._typed())
        except Refused as refused:
            self.form.refuse(refused)
            return
        button.start()
        self.context.background.run_in_pool(
            act,
            self.context.ports.printer,
            printer,
            owner=self,
            then=lambda result: _show_result(button, result),
            failed=lambda error: button.failed(translated(error)),
        )

    def _on_test(self) -> None:
        if self._is_practice():
            return
        name = self.printer.text()
        sent = tr("The test page was sent to {name}.", name=name or tr("System default"))
        self.test.start()
        self.context.background.run_in_pool(
            printer_test_pages.sheet_printing(self.context.ports.printer, name),
            printer_test_pages.sheet(self.context),
            owner=self,
            then=lambda _: self.test.succeeded(sent),
            failed=lambda error: self.test.failed(translated(error)),
        )

    def _is_practice(self) -> bool:
        if self.context.settings.is_practice:
            self.context.navigation.notify(tr("Practice prints nothing."), tone=Tone.WARN)
        return self.context.settings.is_practice

    # --- saving ---

    def _typed(self) -> TillSettings:
        """Return the settings as typed. Raise Refused for what cannot be, with its field."""
        till = read_form(self.form.values(), self.context.settings.till)
        if any(each.is_raw and each.queue == till.printer for each in self._queues()):
            words = sentence("{name} is a receipt printer. Choose another one for sheets.", name=till.printer)
            raise Refused(words, field=_PRINTER)
        return till

    def _save(self) -> None:
        try:
            till = self._typed()
        except Refused as refused:
            self.form.refuse(refused)
            return
        names = [name.removeprefix("till.") for name in self.form.fields]
        changes = {f"till.{name}": _or_default(getattr(till, name), name) for name in names}
        save_settings(self, self.form, changes, then=self._on_saved)

    def _on_saved(self) -> None:
        self._fill()
        self.context.navigation.notify(tr("The printers are saved."))


def read_form(values: Mapping[str, str], till: TillSettings) -> TillSettings:
    """Return the settings of the till with what is typed. Raise Refused with the field of what cannot be."""
    address = values[_RECEIPT_PRINTER].strip()
    if address:
        try:
            address = str(read_printer_address(address))
        except Refused as refused:
            raise Refused(sentence_of(refused), field=_RECEIPT_PRINTER) from None
    if not values[_PROFILE]:
        raise Refused(sentence("Choose a model from the list."), field=_PROFILE)
    chosen = replace(
        till,
        receipt_printer=address,
        receipt_profile=values[_PROFILE],
        receipt_width=int(values[_WIDTH]),
        drawer=int(values[_DRAWER]),
        printer=values[_PRINTER],
        receipt_paper=PaperChoice(values["till.receipt_paper"]),
        invoice_paper=PaperChoice(values["till.invoice_paper"]),
        print_receipts=AutoPrint(values["till.print_receipts"]),
        print_invoices=AutoPrint(values["till.print_invoices"]),
        second_slip=bool(values["till.second_slip"]),
    )
    settings.receipt_printer(chosen)
    return chosen


def _or_default(value: object, name: str) -> object:
    return None if value == getattr(TillSettings(), name) else value


def _show_result(button: TestButton, result: PrinterStatus | PrintResult) -> None:
    if isinstance(result, PrintResult):
        is_good = result.outcome in (PrintOutcome.PRINTED, PrintOutcome.GIVEN)
    else:
        is_good = not result.is_fault
    (button.succeeded if is_good else button.failed)(translated(result.words))
