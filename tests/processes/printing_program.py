"""Prints the next job of a till and is killed on the way. Run by tests/test_print_delivery.py.

``python printing_program.py URL TILL``: each line of input is a place and a port. A child prints at that port and waits
at the place: ``before`` the claim or ``after`` the last byte; at ``in`` the printer makes it wait. The child says that
it waits; the next line of input kills it.
"""

import os
import signal
import sys
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import numpy as np  # noqa: F401 - loaded once for all children
import pypdfium2  # noqa: F401

from shopdesk.domain.printer import Connection, Picture, PrinterAddress, PrintResult, ReceiptPrinter
from shopdesk.gateways import receipt_printer
from shopdesk.print_delivery import Printers, SlipPrinter, TillPrinting
from shopdesk.render import text_layout
from shopdesk.store.database import connect


def wait_at(here: str, place: str) -> None:
    """Wait to be killed if this is the place."""
    if here == place:
        print("waiting", flush=True)
        signal.pause()


def run(url: str, till: UUID, place: str, port: int) -> None:
    """Print the next job and wait at a place."""
    printer = ReceiptPrinter(address=PrinterAddress(Connection.NETWORK, "127.0.0.1", port), width=384)

    def now() -> datetime:
        wait_at("before", place)
        return datetime.now(UTC)

    def send(picture: Picture, title: str) -> PrintResult:
        result = receipt_printer.print_picture(printer, picture, title=title)
        wait_at("after", place)
        return result

    slips = SlipPrinter(384, send, partial(receipt_printer.kick_drawer, printer))
    TillPrinting(connect(url), till, now=now).print_next(Printers(slips))


def main(url: str, till: UUID) -> None:
    """Run and kill a child for each place."""
    text_layout.width("The children share what is loaded here.", 8.0)
    while line := sys.stdin.readline():
        place, port = line.split()
        pid = os.fork()
        if pid == 0:
            run(url, till, place, int(port))
            os._exit(1)
        sys.stdin.readline()
        os.kill(pid, signal.SIGKILL)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], UUID(sys.argv[2]))
