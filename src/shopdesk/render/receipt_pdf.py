"""A document as a PDF file for A4 or a roll: black on white but for the logo, searchable, reproducible."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING
from uuid import UUID

from shopdesk.domain.document import Document, PaperForm
from shopdesk.domain.paper_layout import USUAL_DOTS

if TYPE_CHECKING:
    from shopdesk.render.document_text import DocumentText
    from shopdesk.render.page_layout import PdfMetadata

_NONE: Mapping[UUID, str] = MappingProxyType({})


class PaperSize(Enum):
    """The paper size. To add one: 1. a value here, 2. a layout like ``receipt_a4``, 3. its entry in ``receipt``."""

    A4 = "A4"
    ROLL_80 = "80 mm"


def receipt(
    document: Document,
    *,
    paper: PaperSize = PaperSize.A4,
    form: PaperForm = PaperForm.ORIGINAL,
    copy: int = 0,
    numbers: Mapping[UUID, str] = _NONE,
    is_practice: bool = False,
    dots: int = USUAL_DOTS,
) -> bytes:
    """Return the document as a PDF file, in its own language and in one of its forms (``paper_forms``).

    ``copy`` is the n of “COPY n”, 0 for the original. ``is_practice`` writes across each page that it is not valid.
    ``numbers`` maps the keys of the documents it refers to (``corrects``, ``replaces``, ``corrected_by``) to their
    numbers; a reference without one is printed without. The same arguments give the same bytes on the same machine.
    Callable on any thread; Arabic and Hebrew need a QGuiApplication (see ``shaping``). ``dots`` is the width of the
    print head that a roll is laid out for: fewer than 480 dots are a roll of 58 mm.

    An invoice or a credit note on A4 is an e-invoice as well (Factur-X), if no fact is missing and it is no copy.
    """
    # Imported late: reportlab takes 0.1 s.
    from shopdesk.render import page_layout, receipt_a4, receipt_roll, shaping, text_layout
    from shopdesk.render.document_text import DocumentText
    from shopdesk.render.e_invoice_files import cii_of

    is_own = paper is PaperSize.A4 and form is PaperForm.ORIGINAL and not (is_practice or copy)
    layout = {PaperSize.A4: receipt_a4, PaperSize.ROLL_80: receipt_roll}[paper]
    contents = DocumentText(document, numbers, form, copy=copy, is_practice=is_practice)
    sheet = receipt_a4.page_format(contents) if paper is PaperSize.A4 else receipt_roll.page_format(contents, dots)
    with text_layout.reportlab_lock:
        try:
            return page_layout.draw(
                layout.pages(contents, sheet),
                sheet,
                _metadata(contents, cii_of(document, numbers) if is_own else b""),
                lambda page, of: layout.page_number(contents, sheet, page, of),
            )
        finally:
            shaping.release_fonts()


def _metadata(contents: DocumentText, xml: bytes) -> PdfMetadata:
    from shopdesk.render.page_layout import PdfMetadata

    document = contents.document
    return PdfMetadata(
        title=contents.title,
        author=document.seller.name,
        subject=" · ".join(filter(None, (contents.kind, document.seller.name, document.buyer.name))),
        language=contents.words.language,
        made_at=document.issued_at,
        watermark=contents.watermark,
        e_invoice=xml,
    )
