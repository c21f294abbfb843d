"""A document as the XML file of its e-invoice: CII for the PDF, UBL alone."""

from __future__ import annotations

from shopdesk.domain.document import Document
from shopdesk.domain.e_invoice import EInvoice, is_e_invoice, missing_facts, to_e_invoice
from shopdesk.render.cii import cii
from shopdesk.render.document_text import DocumentText, RelatedNumbers, corrected_number
from shopdesk.render.ubl import ubl


def cii_of(document: Document, numbers: RelatedNumbers) -> bytes:
    """Return the XML for a document's PDF; nothing if it cannot be an e-invoice."""
    if not is_e_invoice(document) or missing_facts(document):
        return b""
    return cii(_e_invoice(document, numbers))


def ubl_of(document: Document, numbers: RelatedNumbers) -> bytes:
    """Return a document as UBL. Raise Refused with the missing facts."""
    return ubl(_e_invoice(document, numbers))


def _e_invoice(document: Document, numbers: RelatedNumbers) -> EInvoice:
    terms = DocumentText(document, numbers).terms
    return to_e_invoice(document, corrects=corrected_number(document, numbers), terms=terms)
