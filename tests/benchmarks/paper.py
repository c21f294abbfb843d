"""A receipt as PDF, against a bare reportlab canvas that draws the same strings in the same font."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

from benchmarks import books
from benchmarks.measure import Result, in_turns
from shopdesk.domain.draft import DraftRow
from shopdesk.render import fonts, receipt_a4
from shopdesk.render.document_text import DocumentText
from shopdesk.render.receipt_pdf import receipt


def printing(folder: Path, *, lines: int, rounds: int) -> Iterator[Result]:
    """Different documents, one after the other: nothing of a page can be kept for the next."""
    sample_shop = books.sample_shop(books.shop(folder))
    with contextlib.closing(sample_shop.database):
        documents = [
            sample_shop.issue(
                *(DraftRow(f"Item {number + line}", "2", f"{number + line}.25") for line in range(1, lines + 1))
            )
            for number in range(rounds + 10)
        ]
    strings = [list(_strings(DocumentText(document, {}))) for document in documents]
    times = in_turns(rounds, lambda turn: receipt(documents[turn]), lambda turn: _bare(strings[turn]), warm_up=10)
    yield from times.results(f"PDF of {lines} lines")


def _strings(contents: DocumentText) -> Iterator[tuple[float, float, str, float, bool]]:
    """Every string of the pages as it is laid out: where, what, how large, and whether bold."""
    form = receipt_a4.page_format(contents)
    pages = receipt_a4.pages(contents, form)
    for count, page in enumerate(pages, start=1):
        for top, whole in [*page.blocks, (0.0, receipt_a4.page_number(contents, form, count, len(pages)))]:
            for y, block in whole.each(top):
                for text in block.texts:
                    yield text.x, page.height - y - text.y, text.text, text.size, text.bold


def _bare(strings: list[tuple[float, float, str, float, bool]]) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, pageCompression=1)
    for x, y, text, size, bold in strings:
        canvas.setFont(fonts.face(bold=bold).name, size)
        canvas.drawString(x, y, text)
    canvas.showPage()
    canvas.save()
    return file.getvalue()
