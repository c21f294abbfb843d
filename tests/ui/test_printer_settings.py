"""Settings, Printer: what is found and typed, the words for what is wrong, and tests on real printers."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from shopdesk import settings as kept
from shopdesk.app import adapters, printers
from shopdesk.domain.account import Role
from shopdesk.domain.printer import AutoPrint, PaperChoice
from shopdesk.settings import Settings
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.ports import FoundPrinter, Ports
from shopdesk.ui.settings.printer_settings import PrinterSection
from support.accessibility import unnamed_controls, unreachable_by_tab
from support.context import NavigationSpy, Show
from support.print_server import PrintServer
from support.qtbot import QtBot
from support.receipt_printers import NetworkReceiptPrinter
from support.systems import IS_POSIX

Opened = Callable[[], PrinterSection]


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    """The folder with this installation's shopdesk.toml."""
    folder = tmp_path / "installation"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def opened(context: Context, installation: Path, show: Show, settled: Callable[[], None]) -> Opened:
    """The section with the real ports, read and ready."""

    def save(changes: Any) -> Settings:
        kept.save(installation, changes)
        return kept.load(installation, {})

    def shown() -> PrinterSection:
        context.ports = Ports(save_settings=save, printer=printers.port())
        section = show(PrinterSection(context))
        section.refresh()
        settled()
        return section

    return shown


@pytest.fixture
def click(qtbot: QtBot, settled: Callable[[], None]) -> Callable[[Any], None]:
    def clicked(button: QWidget) -> None:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        settled()

    return clicked


@pytest.fixture(autouse=True)
def no_print_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """No queue of this computer takes part."""
    monkeypatch.setenv("CUPS_SERVER", "/nowhere/cups.sock")


def _said(field: QWidget) -> str:
    return " ".join(label.text() for label in field.findChildren(QLabel))


def test_a_printer_in_the_network_is_typed_tried_and_saved(
    opened: Opened,
    click: Callable[[Any], None],
    receipt_printer: NetworkReceiptPrinter,
    installation: Path,
    navigation: NavigationSpy,
) -> None:
    section = opened()
    section.receipt_printer.combo.setEditText(f"127.0.0.1:{receipt_printer.port}")
    section.model.set_text("TM-T88V")
    section.drawer.set_text("2")
    click(section.status.button)
    assert section.status.words == "The printer is ready."
    click(section.slip.button)
    assert section.slip.words == "Printed."
    (slip,) = receipt_printer.slips
    assert slip.is_cut
    assert receipt_printer.kicks == [2]
    picture = slip.picture()
    assert picture.width == 512
    rulers = [(x, y) for x in range(512) for y in (0, picture.height - 1)]
    ticks = [(x, y) for x in (0, 511) for y in range(24)]
    assert {picture.getpixel(dot) for dot in (*rulers, *ticks)} == {0}
    click(section.form.save)
    assert navigation.words == ["The printers are saved."]
    till = kept.load(installation, {}).till
    assert (till.receipt_printer, till.receipt_profile) == (f"tcp://127.0.0.1:{receipt_printer.port}", "TM-T88V")
    assert (till.receipt_width, till.drawer) == (0, 2)
    assert not section.form.is_dirty


def test_a_fault_of_the_printer_is_told_in_words(
    opened: Opened, click: Callable[[Any], None], receipt_printer: NetworkReceiptPrinter
) -> None:
    section = opened()
    section.receipt_printer.combo.setEditText(str(receipt_printer.address))
    section.head.set_text("576")
    receipt_printer.rows_left = 0
    click(section.status.button)
    assert section.status.words == "The printer has no paper."
    click(section.slip.button)
    assert section.slip.words == "The printer has no paper."
    assert not receipt_printer.slips
    receipt_printer.close()
    click(section.status.button)
    assert "cannot be reached: Connection refused" in section.status.words


def test_what_cannot_be_is_said_beside_the_field(opened: Opened, click: Callable[[Any], None]) -> None:
    section = opened()
    section.receipt_printer.combo.setEditText("somewhere else")
    click(section.form.save)
    assert section.receipt_printer.fault.startswith("“somewhere else” is not the address of a printer.")
    assert section.receipt_printer.text() == "somewhere else"
    section.receipt_printer.combo.setEditText("192.0.2.7")
    click(section.form.save)
    assert section.head.fault == "The width of this printer is not known. Choose it."


def test_without_a_printer_there_is_nothing_to_try(opened: Opened) -> None:
    section = opened()
    assert section.receipt_printer.text() == ""
    assert section.printer.combo.currentText() == "None: this computer has no printer"
    no_server = "The print server does not answer: No such file or directory."
    assert (no_server if IS_POSIX else "Printers are added in the system's settings.") in _said(section.printer)
    assert not any(each.button.isEnabled() for each in (section.status, section.slip, section.kick, section.test))


def test_what_is_printed_is_saved(opened: Opened, click: Callable[[Any], None], installation: Path) -> None:
    section = opened()
    for name, value in (
        ("receipt_paper", "a4"),
        ("invoice_paper", "roll"),
        ("print_receipts", "always"),
        ("print_invoices", "no_email"),
        ("second_slip", "yes"),
    ):
        section.form.fields[f"till.{name}"].set_text(value)
    click(section.form.save)
    till = kept.load(installation, {}).till
    assert (till.receipt_paper, till.invoice_paper) == (PaperChoice.A4, PaperChoice.ROLL)
    assert (till.print_receipts, till.print_invoices) == (AutoPrint.ALWAYS, AutoPrint.NO_EMAIL)
    assert till.second_slip is True
    section.form.fields["till.second_slip"].set_text("")
    click(section.form.save)
    assert kept.load(installation, {}).till.second_slip is False


def test_the_queues_of_the_system_are_offered_for_what_they_are(
    opened: Opened,
    click: Callable[[Any], None],
    settled: Callable[[], None],
    print_server: PrintServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CUPS_SERVER", print_server.address)
    print_server.run("lpadmin", "-p", "Slips", "-o", "printer-error-policy=retry-job")
    section = opened()
    offered = [section.printer.combo.itemText(at) for at in range(section.printer.combo.count())]
    assert offered == ["System default", "Letters", "Sheets", "Slips (receipt printer)"]
    section.receipt_printer.set_text("queue://Slips")
    section.head.set_text("576")
    assert "lpadmin -p Slips -o printer-error-policy=abort-job" in _said(section.receipt_printer)
    print_server.run("lpadmin", "-p", "Slips", "-o", "printer-error-policy=abort-job")
    click(section.slip.button)
    assert section.slip.words == "It was given to the print queue Slips."
    section.printer.set_text("Slips")
    click(section.form.save)
    assert section.printer.fault == "Slips is a receipt printer. Choose another one for sheets."
    section.printer.set_text("Sheets")
    click(section.test.button)
    assert section.test.words == "The test page was sent to Sheets."
    section.printer.set_text("Letters")
    section.refresh()
    settled()
    assert section.printer.text() == "Letters"
    click(section.test.button)
    assert section.test.words == "Letters has no paper of the size A4. It has: Letter."


def test_a_printer_that_is_found_is_chosen_by_its_name(opened: Opened) -> None:
    section = opened()
    section.receipt_printer.show_found(
        [
            FoundPrinter(address="file:///dev/usb/lp0"),
            FoundPrinter(address="serial:///dev/ttyUSB0?baud=9600"),
            FoundPrinter(address="queue://Kitchen", queue="Kitchen", is_raw=False),
        ]
    )
    combo = section.receipt_printer.combo
    assert [combo.itemText(at) for at in range(combo.count())] == [
        "No receipt printer", "USB: /dev/usb/lp0", "Serial port: /dev/ttyUSB0", "Kitchen",
    ]  # fmt: skip
    combo.setEditText("USB: /dev/usb/lp0")
    assert section.receipt_printer.text() == "file:///dev/usb/lp0"
    section.receipt_printer.show_found([])
    assert section.receipt_printer.text() == "file:///dev/usb/lp0"


def test_practice_prints_nothing_and_opens_no_drawer(
    opened: Opened,
    click: Callable[[Any], None],
    context: Context,
    receipt_printer: NetworkReceiptPrinter,
    navigation: NavigationSpy,
) -> None:
    context.settings = replace(context.settings, is_practice=True)
    section = opened()
    section.receipt_printer.combo.setEditText(str(receipt_printer.address))
    section.head.set_text("576")
    section.drawer.set_text("2")
    for button in (section.slip, section.kick, section.status):
        click(button.button)
    assert navigation.words == ["Practice prints nothing."] * 3
    assert not receipt_printer.connections
    assert adapters.for_practice(context.ports).printer == type(context.ports.printer)()


def test_a_cashier_may_look(opened: Opened, context: Context) -> None:
    staff = replace(context.actor.staff, role=Role.CASHIER)
    context.actor = replace(context.actor, staff=staff)
    section = opened()
    assert not section.receipt_printer.control.isEnabled()
    assert not section.slip.button.isEnabled()


def test_every_control_has_a_name_and_is_reached_by_tab(opened: Opened) -> None:
    section = opened()
    assert not unnamed_controls(section)
    assert not unreachable_by_tab(section)
