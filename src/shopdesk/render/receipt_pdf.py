"""A document as PDF, on A4 or on an 80 mm roll: black on white, searchable, the same bytes every time."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING
from uuid import UUID

from shopdesk.domain.document import Document

if TYPE_CHECKING:
    from shopdesk.render.contents import Contents
    from shopdesk.render.sheet import Imprint

_NONE: Mapping[UUID, str] = MappingProxyType({})


class Paper(Enum):
    """What it is printed on. To add one: 1. a value here, 2. its layout beside ``receipt_a4``, 3. its case below."""

    A4 = "A4"
    ROLL_80 = "80 mm"


def receipt(document: Document, *, paper: Paper = Paper.A4, numbers: Mapping[UUID, str] = _NONE) -> bytes:
    """The document as a PDF file, in the document's language.

    ``numbers`` has the numbers of the documents it refers to (``corrects``, ``replaces``, ``corrected_by``) by key;
    a reference whose number is not there is printed without one. Pure: the same arguments give the same bytes on the
    same machine. May be called on any thread; see ``shaping`` for what it needs to print Arabic or Hebrew well.
    """
    # reportlab takes a tenth of a second to import: not before somebody prints.
    from shopdesk.render import ink, receipt_a4, receipt_roll, shaping, sheet
    from shopdesk.render.contents import Contents

    layout = {Paper.A4: receipt_a4, Paper.ROLL_80: receipt_roll}[paper]
    contents = Contents(document, numbers)
    form = layout.form(contents)
    with ink.press:
        try:
            return sheet.draw(
                layout.pages(contents, form),
                form,
                _imprint(contents),
                lambda page, of: layout.folio(contents, form, page, of),
            )
        finally:
            shaping.let_go()


def _imprint(contents: Contents) -> Imprint:
    from shopdesk.render.sheet import Imprint

    document = contents.document
    return Imprint(
        title=contents.title,
        author=document.seller.name,
        subject=" · ".join(filter(None, (contents.kind, document.seller.name, document.buyer.name))),
        language=contents.words.language,
        made_at=document.issued_at,
        across=contents.words.voided.upper() if contents.is_voided else "",
    )
