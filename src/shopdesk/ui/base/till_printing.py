"""The prints of this till by its settings, and its cash drawer. Practice prints nothing and opens no drawer."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from shopdesk.domain.document import Kind
from shopdesk.domain.paper_layout import USUAL_DOTS
from shopdesk.domain.payment import Method, Payment
from shopdesk.domain.print_job import PrintRequest, request_at_save
from shopdesk.domain.printer import AutoPrint, PaperChoice
from shopdesk.settings import Settings, known_receipt_printer
from shopdesk.ui.base.context import Context


def paper_of(settings: Settings, kind: Kind) -> PaperChoice:
    """Return the paper that this till prints documents of this kind on."""
    return settings.till.receipt_paper if kind is Kind.RECEIPT else settings.till.invoice_paper


def at_save(settings: Settings, kind: Kind) -> PrintRequest | None:
    """Return the print to ask for together with Save; None for none, or if the user is asked."""
    second = slips_of(settings, kind) > 1
    return request_at_save(auto=_auto(settings, kind), paper=paper_of(settings, kind), has_second_slip=second)


def slips_of(settings: Settings, kind: Kind) -> int:
    """Return the number of prints of a document after Save: a receipt may have a second slip, for the shop."""
    return 2 if kind is Kind.RECEIPT and settings.till.second_slip else 1


def asks_after_save(settings: Settings, kind: Kind) -> bool:
    """Return True if the user is asked after Save whether to print."""
    return _auto(settings, kind) is AutoPrint.ASK


def _auto(settings: Settings, kind: Kind) -> AutoPrint:
    if settings.is_practice:
        return AutoPrint.NEVER
    return settings.till.print_receipts if kind is Kind.RECEIPT else settings.till.print_invoices


def has_printer(settings: Settings, paper: PaperChoice) -> bool:
    """Return True if a printer for this paper is set, so that no dialog has to ask for one.

    On Windows sheets are printed by the dialog.
    """
    if paper is PaperChoice.ROLL:
        return bool(settings.till.receipt_printer)
    return bool(settings.till.printer) and sys.platform != "win32"


def shown_paper(settings: Settings, kind: Kind) -> PaperChoice:
    """Return the paper that a document is shown on first: the one that it is printed on, if there is a printer."""
    paper = paper_of(settings, kind)
    return paper if has_printer(settings, paper) else PaperChoice.A4


def roll_dots(settings: Settings) -> int:
    """Return the width in dots that a roll is laid out for: the print head of this till's receipt printer."""
    printer = known_receipt_printer(settings.till)
    return USUAL_DOTS if printer is None else printer.width


def has_drawer(settings: Settings) -> bool:
    """Return True if a cash drawer is at this till's receipt printer."""
    return bool(settings.till.receipt_printer and settings.till.drawer) and not settings.is_practice


def open_drawer_for(context: Context, payments: Iterable[Payment]) -> None:
    """Open the drawer if one of these payments moved cash."""
    if has_drawer(context.settings) and any(payment.method is Method.CASH for payment in payments):
        context.ports.printing.open_drawer()
