"""A slip at the real windows, from Save to the paper of a printer in the network: copies, no paper, paper again."""

from pathlib import Path

from PySide6.QtCore import Qt

from shopdesk.domain.document import Document
from shopdesk.render import receipt_picture
from shopdesk.render.receipt_pdf import PaperSize, receipt
from shopdesk.ui.documents.document_screen import DocumentScreen
from shopdesk.ui.documents.prints_screen import PrintsScreen
from support.receipt_printers import NetworkReceiptPrinter
from support.windows import Begin, Window

_DOTS = 384
_TOML = """[till]
receipt_printer = "{address}"
receipt_width = {dots}
drawer = 2
print_receipts = "always"
"""


def save_receipt(program: Window, item: str) -> DocumentScreen:
    """Type a receipt of one row, save it with cash, and return the view page."""
    program.workspace.new_document()
    program.rest()
    program.enter(item, "2", "0.89", "", "")
    program.press("Save")
    program.see("Cash 1.78")  # the question how it is paid
    program.press("Save")
    view = program.find("view", DocumentScreen)
    program.until(lambda: view.details is not None and view.paper.is_drawn)
    program.until_at("Done")
    return view


def roll(document: Document, *, copy: int = 0) -> bytes:
    return receipt(document, paper=PaperSize.ROLL_80, copy=copy, dots=_DOTS)


def slip(document: Document, *, copy: int = 0) -> bytes:
    return receipt_picture.picture(roll(document, copy=copy), width=_DOTS).rows


def test_a_slip_follows_save_and_when_paper_ends_none_is_lost_and_none_repeated(
    begin: Begin, home: Path, receipt_printer: NetworkReceiptPrinter
) -> None:
    home.mkdir()
    (home / "shopdesk.toml").write_text(_TOML.format(address=receipt_printer.address, dots=_DOTS))
    program = begin()
    program.open_shop()
    view = save_receipt(program, "Milk")
    program.until(lambda: view.printing.badge.word == "printed" and bool(receipt_printer.kicks))
    first = program.view.document
    assert view._pdf == roll(first), "the page shows the roll of this printer"
    program.key(Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    program.until(lambda: view.printing.said.text() == "Roll · Copy 1" and view.printing.badge.word == "printed")
    assert [b"".join(one.rows) for one in receipt_printer.slips] == [slip(first), slip(first, copy=1)]
    receipt_printer.rows_left = 100
    program.key(Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    program.until(lambda: view.printing.said.text() == "Roll · Copy 2" and view.printing.badge.word == "unclear")
    assert view.printing.words.text().startswith("The printer has no paper.")
    save_receipt(program, "Bread")
    program.until(lambda: view.printing.words.text().startswith("The printer has no paper. It is printed as soon as"))
    assert len(receipt_printer.slips) == 3
    receipt_printer.rows_left = None
    program.press("Print again")
    program.until(lambda: view.printing.badge.word == "printed")
    assert b"".join(receipt_printer.slips[3].rows) == slip(program.view.document)
    program.workspace.show_prints()
    program.rest()
    model = program.find("Prints", PrintsScreen).model
    assert [model.index(row, 0).data() for row in range(4)] == ["printed", "unclear", "printed", "printed"]
    assert receipt_printer.kicks == [2, 2]
