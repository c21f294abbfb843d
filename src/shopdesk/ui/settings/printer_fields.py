"""The fields of Settings, Printer: an address that is chosen or typed, and the choices with their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtWidgets import QComboBox, QCompleter

from shopdesk.domain.printer import PROFILES, SIMPLE_PROFILE, AutoPrint, Connection, PaperChoice, read_printer_address
from shopdesk.message_catalogues import Marked, mark
from shopdesk.ui.base import theme
from shopdesk.ui.base.i18n import tr, tr_marked
from shopdesk.ui.base.ports import FoundPrinter
from shopdesk.ui.widgets.form import ChoiceField

_PAPERS: Mapping[PaperChoice, Marked] = {PaperChoice.ROLL: mark("Receipt printer"), PaperChoice.A4: mark("A4 sheet")}
_WHEN: Mapping[AutoPrint, Marked] = {
    AutoPrint.ALWAYS: mark("always"),
    AutoPrint.ASK: mark("ask each time"),
    AutoPrint.NEVER: mark("never"),
    AutoPrint.NO_EMAIL: mark("unless sent by e-mail"),
}
_WIDTHS = (384, 432, 504, 512, 546, 576, 640)
_NARROW = 432
"""The widest print head of 58 mm paper in dots."""


class PrinterAddressField(ChoiceField):
    """A receipt printer: one that was found, or an address that is typed. Its text is the address, or empty."""

    def __init__(self, label: str, *, name: str) -> None:
        super().__init__(label, name=name, compact=True)
        self.combo.setEditable(True)
        self.combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        if (completer := self.combo.completer()) is not None:  # offers entries, and leaves alone what is typed
            completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
            if popup := completer.popup():
                theme.style_window(popup)
        if (edit := self.combo.lineEdit()) is not None:
            edit.setAccessibleName(label)
        self.show_found(())

    def show_found(self, printers: Iterable[FoundPrinter]) -> None:
        """Offer these printers, and keep what is chosen or typed."""
        chosen = self.text()
        entries = [(each.address, _label(each)) for each in printers]
        self.offer([("", tr("No receipt printer")), *entries])
        self.combo.blockSignals(True)
        self.set_text(chosen)
        self.combo.blockSignals(False)

    def text(self) -> str:
        """Return the address of the entry shown, or what is typed."""
        typed = self.combo.currentText().strip()
        at = self.combo.findText(typed)
        return str(self.combo.itemData(at)) if at >= 0 else typed

    def set_text(self, text: str) -> None:
        """Show the entry of an address, or the address."""
        at = self.combo.findData(text)
        self.combo.setCurrentIndex(at)
        if at < 0:
            self.combo.setEditText(text)


def _label(printer: FoundPrinter) -> str:
    if printer.queue:
        return queue_label(printer)
    address = read_printer_address(printer.address)
    if address.connection is Connection.SERIAL:
        return tr("Serial port: {device}", device=address.target)
    return tr("USB: {device}", device=address.target)


def queue_label(printer: FoundPrinter) -> str:
    """Return the name of a queue; one that takes bytes as they are is marked."""
    return tr("{name} (receipt printer)", name=printer.queue) if printer.is_raw else printer.queue


def models() -> list[tuple[str, str]]:
    """Return the choices of the model of a receipt printer, the others last."""
    others = {
        key: tr("Another model without a cutter") if key == SIMPLE_PROFILE else tr("Another model")
        for key, profile in PROFILES.items()
        if not profile.name
    }
    known = [(key, profile.name) for key, profile in PROFILES.items() if profile.name]
    return [*others.items(), *known]


def widths(profile: str) -> list[tuple[str, str]]:
    """Return the choices of the width; the first is that of the model, if it is known."""
    usual = PROFILES[profile].width if profile in PROFILES else 0
    first = tr("{dots} dots (model)", dots=str(usual)) if usual else tr("Choose …")
    return [("0", first), *((str(width), _width_label(width)) for width in _WIDTHS)]


def _width_label(width: int) -> str:
    paper = 58 if width <= _NARROW else 80
    return tr("{dots} dots ({paper} mm paper)", dots=str(width), paper=str(paper))


def drawers() -> list[tuple[str, str]]:
    """Return the choices of the cash drawer."""
    return [("0", tr("No drawer")), *((str(pin), tr("Pin {pin}", pin=pin)) for pin in (2, 5))]


def papers() -> list[tuple[str, str]]:
    """Return the choices of the paper of a kind of document."""
    return [(paper.value, tr_marked(words)) for paper, words in _PAPERS.items()]


def times() -> list[tuple[str, str]]:
    """Return the choices of when a kind of document is printed by itself."""
    return [(when.value, tr_marked(words)) for when, words in _WHEN.items()]
