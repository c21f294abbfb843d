"""The port of the printers, implemented with the gateways. Each function runs on a worker."""

from __future__ import annotations

import sys

from shopdesk.domain.errors import Unavailable, sentence_of
from shopdesk.domain.printer import Connection, Picture, PrinterAddress, PrintResult, ReceiptPrinter
from shopdesk.ui.base.ports import FoundPrinter, FoundPrinters, PrinterPort


def port() -> PrinterPort:
    """Build the port."""
    from shopdesk.gateways import receipt_printer

    return PrinterPort(
        find=found,
        status=receipt_printer.status,
        print_test=_print_test,
        kick_drawer=receipt_printer.kick_drawer,
        print_sheet=_print_sheet,
    )


def found() -> FoundPrinters:
    """Return the queues and the devices of this computer."""
    from shopdesk.gateways import printer_devices

    devices = tuple(FoundPrinter(address=str(address)) for address in printer_devices.found())
    try:
        return FoundPrinters(printers=(*_queues(), *devices))
    except Unavailable as error:
        return FoundPrinters(printers=devices, trouble=sentence_of(error))


def _queues() -> list[FoundPrinter]:
    if sys.platform == "win32":
        from shopdesk.gateways import windows_spooler

        return [FoundPrinter(address=_address(name), queue=name) for name in windows_spooler.names()]
    from shopdesk.gateways import print_queue

    return [
        FoundPrinter(address=_address(each.name), queue=each.name, is_raw=each.is_raw, repeats=each.repeats)
        for each in print_queue.queues()
    ]


def _address(queue: str) -> str:
    return str(PrinterAddress(Connection.QUEUE, queue))


def _print_test(printer: ReceiptPrinter, picture: Picture, title: str) -> PrintResult:
    from shopdesk.gateways import receipt_printer

    return receipt_printer.print_picture(printer, picture, title=title, kick_drawer=True)


def _print_sheet(queue: str, pdf: bytes, title: str) -> None:
    from shopdesk.gateways import sheet_printer

    sheet_printer.submit(queue, pdf, title=title)
