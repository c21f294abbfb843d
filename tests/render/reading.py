"""What a PDF says and where: read back with pdfium, which is not what wrote it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw
from PIL import Image, ImageOps

from shopdesk.render import receipt_picture

Box = tuple[float, float, float, float]


@contextmanager
def opened(pdf: bytes) -> Iterator[Any]:
    """The document, closed afterwards."""
    document = pdfium.PdfDocument(pdf)
    try:
        yield document
    finally:
        document.close()


def pages(pdf: bytes) -> list[str]:
    """The text of each page; one space wherever there is space of any kind, so that line breaks do not matter."""
    with opened(pdf) as document:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


def text(pdf: bytes) -> str:
    """The text of all pages."""
    return " ".join(pages(pdf))


def rows(pdf: bytes) -> list[str]:
    """The text of all pages, line by line."""
    with opened(pdf) as document:
        return [line.strip() for page in document for line in page.get_textpage().get_text_range().splitlines()]


def metadata(pdf: bytes) -> dict[str, str]:
    """Title, author, dates …"""
    with opened(pdf) as document:
        return dict(document.get_metadata_dict())


def sizes(pdf: bytes) -> list[tuple[float, float]]:
    """Width and height of each page, in points."""
    with opened(pdf) as document:
        return [page.get_size() for page in document]


def glyphs(pdf: bytes) -> list[list[tuple[str, Box]]]:
    """Every visible letter of each page with its box: left, bottom, right, top."""
    with opened(pdf) as document:
        return [list(_glyphs(page.get_textpage())) for page in document]


def _glyphs(textpage: Any) -> Iterator[tuple[str, Box]]:
    for at in range(textpage.count_chars()):
        letter = chr(raw.FPDFText_GetUnicode(textpage, at))
        # pdfium adds spaces and line ends that were never drawn.
        if not letter.isspace() and not raw.FPDFText_IsGenerated(textpage, at):
            yield letter, textpage.get_charbox(at)


def symbols(pdf: bytes) -> list[list[Box]]:
    """The bounds of everything that is drawn on each page, text or not."""
    with opened(pdf) as document:
        return [[thing.get_bounds() for thing in page.get_objects(max_depth=1)] for page in document]


def printed(pdf: bytes, dots: int) -> Image.Image:
    """The printed part of a roll in the dots of a print head, black on white."""
    made = receipt_picture.picture(pdf, width=dots)
    return ImageOps.invert(Image.frombytes("1", (made.width, made.height), made.rows).convert("L"))
