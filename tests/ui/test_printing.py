"""A PDF on paper: every page, letters sharp, on sheets and on rolls; a printer that takes nothing is told in words."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QImage
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication, QComboBox, QSpinBox, QWidget

from shopdesk.domain.document import Document, Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import Unavailable
from shopdesk.render import receipt_pdf
from shopdesk.render.receipt_pdf import PaperSize
from shopdesk.ui.output import pdf_pages, printing
from shopdesk.ui.output.printing import PrintDialog, PrintJob
from support.qtbot import QtBot
from support.shops import SampleShop


@pytest.fixture
def document(shop: SampleShop) -> Document:
    return shop.issue(*[DraftRow(f"Item {count}", "1", "2.00") for count in range(60)], kind=Kind.INVOICE)


def into_file(path: Path, paper: PaperSize = PaperSize.A4) -> QPrinter:
    """A printer as the page opens it, whose paper is a file."""
    printer = printing.opened(PrintJob(printer="", paper=paper))
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(path))
    return printer


def ink(picture: QImage) -> tuple[float, ...]:
    """Where the ink of a page begins and ends: left, top, right, bottom, as parts of its width and height."""
    gray = picture.convertToFormat(QImage.Format.Format_Grayscale8)
    width, height, line = gray.width(), gray.height(), gray.bytesPerLine()
    dots = bytes(gray.constBits())
    rows = [at for at in range(height) if min(dots[at * line : at * line + width]) < 128]
    columns = [at for at in range(width) if min(dots[at::line]) < 128]
    return columns[0] / width, rows[0] / height, columns[-1] / width, rows[-1] / height


def test_every_page_of_the_document_is_printed(qapp: QApplication, document: Document, tmp_path: Path) -> None:
    pdf = receipt_pdf.receipt(document)
    count = len(pdf_pages.sizes(pdf))
    assert count > 1
    path = tmp_path / "out.pdf"
    assert printing.print_pages(pdf, into_file(path), title=document.number) == count
    printed = path.read_bytes()
    sizes = pdf_pages.sizes(printed)
    assert len(sizes) == count
    assert (round(sizes[0].width()), round(sizes[0].height())) == (595, 842)
    for at in range(count):
        wanted = ink(pdf_pages.picture(pdf, at, width=600))
        assert ink(pdf_pages.picture(printed, at, width=600)) == pytest.approx(wanted, abs=0.01)


def test_a_roll_is_as_long_as_what_is_printed_on_it(qapp: QApplication, document: Document, tmp_path: Path) -> None:
    pdf = receipt_pdf.receipt(document, paper=PaperSize.ROLL_80)
    path = tmp_path / "roll.pdf"
    printing.print_pages(pdf, into_file(path, PaperSize.ROLL_80), title=document.number)
    (wanted,) = pdf_pages.sizes(pdf)
    (size,) = pdf_pages.sizes(path.read_bytes())
    assert size.width() == pytest.approx(wanted.width(), abs=2)
    assert size.height() == pytest.approx(wanted.height(), abs=2)


def test_a_page_may_be_drawn_while_another_is(
    qtbot: QtBot, document: Document, context: object, tmp_path: Path
) -> None:
    """PDFium does one thing at a time; four workers ask at once."""
    from shopdesk.ui.base.context import Context

    assert isinstance(context, Context)
    pdf = receipt_pdf.receipt(document)
    pictures: list[QImage] = []
    for width in range(300, 312):
        context.background.run_in_pool(pdf_pages.picture, pdf, 0, width=width, owner=context, then=pictures.append)
    qtbot.waitUntil(lambda: len(pictures) == 12)
    assert sorted(picture.width() for picture in pictures) == list(range(300, 312))


def test_a_printer_that_takes_nothing_is_told_in_words(
    qapp: QApplication, document: Document, tmp_path: Path, expect_log: Callable[[str], object]
) -> None:
    expect_log("QPainter::begin")
    printer = into_file(tmp_path / "nowhere" / "out.pdf")
    with pytest.raises(Unavailable, match="did not accept") as caught:
        printing.print_pages(receipt_pdf.receipt(document), printer, title="R")
    assert "print again" in caught.value.advice


def test_the_question_lists_the_printers_and_remembers_the_choice(qtbot: QtBot, themed_app: QApplication) -> None:
    window = QWidget()
    qtbot.addWidget(window)

    def asked(preferred: str) -> PrintDialog:
        dialog = PrintDialog("Print receipt R-1", ["Office", "Till"], preferred=preferred, parent=window)
        dialog.open()
        return dialog

    QSettings().clear()
    dialog = asked("Till")
    assert dialog.windowTitle() == "Print receipt R-1"
    assert dialog.job == PrintJob(printer="Till", paper=PaperSize.A4, copies=1)
    printer, paper, copies = dialog.printer.control, dialog.paper.control, dialog.copies.control
    assert isinstance(printer, QComboBox)
    assert isinstance(paper, QComboBox)
    assert isinstance(copies, QSpinBox)
    assert [printer.accessibleName(), paper.accessibleName(), copies.accessibleName()] == [
        "Printer",
        "Paper",
        "Copies",
    ]
    qtbot.keyClick(printer, Qt.Key.Key_Up)
    qtbot.keyClick(paper, Qt.Key.Key_Down)
    copies.setValue(3)
    jobs: list[PrintJob] = []
    dialog.accepted.connect(lambda: jobs.append(dialog.job))
    qtbot.keyClick(printer, Qt.Key.Key_Return)
    assert jobs == [PrintJob(printer="Office", paper=PaperSize.ROLL_80, copies=3)]
    configured = asked("Till")
    assert configured.job.printer == "Till"
    configured.reject()
    again = asked("")
    assert again.job == PrintJob(printer="Office", paper=PaperSize.ROLL_80, copies=1)
    again.reject()


def test_no_copies_are_not_offered(qtbot: QtBot, themed_app: QApplication) -> None:
    dialog = PrintDialog("Print", ["Till"])
    qtbot.addWidget(dialog)
    assert isinstance(dialog.copies.control, QSpinBox)
    dialog.copies.control.setValue(0)
    assert dialog.job.copies == 1
    dialog.copies.control.setValue(10_000)
    assert dialog.job.copies == printing.MOST_COPIES
