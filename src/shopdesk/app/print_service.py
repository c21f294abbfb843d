"""Prints at this till with the current settings."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from shopdesk.background import Background
from shopdesk.domain.print_job import QueueJob
from shopdesk.domain.printer import Connection, Picture, PrintResult, ReceiptPrinter
from shopdesk.gateways import receipt_printer as slips
from shopdesk.gateways import sheet_printer as sheets
from shopdesk.gateways.sheet_printer import SheetJob
from shopdesk.print_delivery import PrintDelivery, Printers, SlipPrinter
from shopdesk.settings import Settings, known_receipt_printer
from shopdesk.store import shop
from shopdesk.store.database import Database
from shopdesk.store.session import Session


class PrintService:
    """The printing of this till with the current settings. In practice nothing is printed."""

    def __init__(self, settings: Settings, database: Database, background: Background) -> None:
        self.settings = settings
        self._database = database
        self._background = background
        self.delivery = self._create_delivery()

    def start(self) -> None:
        """Start to print; may be called again after ``close``."""
        if self.settings.is_practice:
            return
        if self.delivery.is_stopping:
            self.delivery = self._create_delivery()
        self.delivery.start()

    def close(self) -> None:
        """Finish the document being printed and print no other."""
        self.delivery.close()

    def open_drawer(self) -> None:
        """Open the cash drawer, and report if that fails. Returns at once."""
        self.delivery.open_drawer()

    def resume(self) -> None:
        """Try the printers again at once."""
        self.delivery.resume()

    def on_committed(self, tables: frozenset[str]) -> None:
        """Look for prints at once, if one was written. Callable on any thread."""
        if "print_jobs" in tables:
            self.delivery.wake()

    def _create_delivery(self) -> PrintDelivery:
        return PrintDelivery(
            self._database,
            till=self._till,
            printers=self._printers,
            changed=self._background.announce,
            troubled=self._background.report,
        )

    def _till(self, session: Session) -> UUID | None:
        """Return the key of this till, or None before it is registered."""
        name = self.settings.till.name
        return next((till.key for till in shop.all_tills(session) if till.name == name), None)

    def _printers(self) -> Printers:
        till = self.settings.till
        printer = known_receipt_printer(till)
        is_on_cups = sys.platform != "win32"
        return Printers(
            slips=_slip_printer(printer) if printer is not None else None,
            submit_sheet=partial(_submit, till.printer) if is_on_cups else None,
            state_of=_state_of if is_on_cups else None,
        )


def _slip_printer(printer: ReceiptPrinter) -> SlipPrinter:
    def send(picture: Picture, title: str) -> PrintResult:
        return slips.print_picture(printer, picture, title=title)

    address = printer.address
    queue = address.target if address.connection is Connection.QUEUE else ""
    return SlipPrinter(printer.width, send, partial(slips.kick_drawer, printer), queue)


def _submit(queue: str, pdf: bytes, title: str) -> QueueJob:
    job = sheets.submit(queue, pdf, title=title)
    return QueueJob(job.queue, job.number, datetime.fromtimestamp(job.submitted_at, UTC))


def _state_of(job: QueueJob, title: str) -> PrintResult | None:
    at = round(job.submitted_at.timestamp())
    return sheets.state_of(SheetJob(queue=job.queue, number=job.number, title=title, submitted_at=at))
