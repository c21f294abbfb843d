"""A document as a PDF file for A4 or an 80 mm roll: black on white, searchable, reproducible."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING
from uuid import UUID

from shopdesk.domain.document import Document

if TYPE_CHECKING:
    from shopdesk.render.document_text import Contents
    from shopdesk.render.page_layout import Imprint

_NONE: Mapping[UUID, str] = MappingProxyType({})


class Paper(Enum):
    """The paper size. To add one: 1. a value here, 2. a layout like ``receipt_a4``, 3. its entry in ``receipt``."""

    A4 = "A4"
    ROLL_80 = "80 mm"


def receipt(document: Document, *, paper: Paper = Paper.A4, numbers: Mapping[UUID, str] = _NONE) -> bytes:
    """Return the document as a PDF file, in its own language.

    ``numbers`` maps the keys of the documents it refers to (``corrects``, ``replaces``, ``corrected_by``) to their
    numbers; a reference without an entry is printed without a number. The same arguments give the same bytes on the
    same machine. Callable on any thread; Arabic and Hebrew need a QGuiApplication (see ``shaping``).
    """
    # Imported late: reportlab takes 0.1 s.
    from shopdesk.render import page_layout, receipt_a4, receipt_roll, shaping, text_layout
    from shopdesk.render.document_text import Contents

    layout = {Paper.A4: receipt_a4, Paper.ROLL_80: receipt_roll}[paper]
    contents = Contents(document, numbers)
    form = layout.form(contents)
    with text_layout.press:
        try:
            return page_layout.draw(
                layout.pages(contents, form),
                form,
                _imprint(contents),
                lambda page, of: layout.folio(contents, form, page, of),
            )
        finally:
            shaping.let_go()


def _imprint(contents: Contents) -> Imprint:
    from shopdesk.render.page_layout import Imprint

    document = contents.document
    return Imprint(
        title=contents.title,
        author=document.seller.name,
        subject=" · ".join(filter(None, (contents.kind, document.seller.name, document.buyer.name))),
        language=contents.words.language,
        made_at=document.issued_at,
        across=contents.words.voided.upper() if contents.is_voided else "",
    )
