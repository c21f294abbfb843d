"""Invoices as Factur-X: the XML inside, and what PDF/A-3b asks of the file around it."""

import io
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from PIL import ImageCms
from pypdfium2.raw import FPDFDoc_GetAttachmentCount

from render.documents import document, lines
from render.e_invoices import CAFE, MILL, invoice
from render.reading import metadata, opened, text
from shopdesk.domain.document import Document, Kind, PaperForm, State
from shopdesk.domain.e_invoice import to_e_invoice
from shopdesk.render.cii import cii
from shopdesk.render.icc import srgb
from shopdesk.render.receipt_pdf import PaperSize, receipt


def _attachments(pdf: bytes) -> dict[str, bytes]:
    with opened(pdf) as found:
        count = FPDFDoc_GetAttachmentCount(found)
        attached = [found.get_attachment(at) for at in range(count)]
        return {one.get_name(): bytes(one.get_data()) for one in attached}


def _objects(pdf: bytes) -> dict[int, bytes]:
    """The objects at the places that the table names, each up to its end."""
    start = int(re.findall(rb"startxref\n(\d+)", pdf)[-1])
    assert pdf[start:].startswith(b"xref\n")
    places = [int(found) for found in re.findall(rb"(?m)^(\d{10}) \d{5} n", pdf[start:])]
    for number, place in enumerate(places, start=1):
        assert pdf[place:].startswith(b"%d 0 obj" % number), number
    return {number: pdf[place : pdf.index(b"\nendobj\n", place)] for number, place in enumerate(places, start=1)}


def test_an_invoice_has_its_xml_inside() -> None:
    made = invoice(3)
    pdf = receipt(made)
    assert _attachments(pdf) == {"factur-x.xml": cii(to_e_invoice(made))}
    assert "Rechnung" in text(pdf)


def test_a_credit_note_names_what_it_corrects_inside_too() -> None:
    made = replace(invoice(1, kind=Kind.CREDIT_NOTE), corrects=invoice().key, note="I-A-2026-000411")
    for pdf in (receipt(made), receipt(replace(made, note=""), numbers={invoice().key: "I-A-2026-000411"})):
        (xml,) = _attachments(pdf).values()
        assert b"<ram:IssuerAssignedID>I-A-2026-000411<" in xml
        assert b"IncludedNote" not in xml


def test_the_same_invoice_gives_the_same_bytes_and_another_one_another_id() -> None:
    made = invoice(3)
    assert receipt(made) == receipt(made)
    ids = [re.findall(rb"/ID \n\[<(\w+)>", receipt(one))[0] for one in (made, replace(made, number="I-A-2026-000413"))]
    assert ids[0] != ids[1]


@pytest.mark.parametrize("count", [1, 40])
def test_every_stream_has_its_length_and_a_line_end_before_its_end(count: int) -> None:
    pdf = receipt(invoice(count))
    streams = [one for one in _objects(pdf).values() if one.endswith(b"endstream")]
    assert len(streams) > 6
    for one in streams:
        head, content = one.split(b"\nstream\n", 1)
        length = re.search(rb"/Length (\d+)", head)
        assert length
        assert content[int(length[1]) :] == b"\nendstream"


def _xmp(pdf: bytes) -> ET.Element:
    (found,) = [one for one in _objects(pdf).values() if b"/Type /Metadata" in one]
    content = found.split(b"\nstream\n", 1)[1].removesuffix(b"\nendstream")
    assert content.startswith('<?xpacket begin="\ufeff"'.encode())
    return ET.fromstring(content)


def test_the_metadata_name_standard_profile_and_what_the_file_says_of_itself() -> None:
    made = invoice(seller=replace(MILL, name="A < B & C"))
    pdf = receipt(made)
    xmp = _xmp(pdf)
    said = {
        one.tag.rpartition("}")[2]: "".join(one.itertext()).strip()
        for one in xmp.iter()
        if "pdfa/ns/prop" not in one.tag
    }
    assert (said["part"], said["conformance"]) == ("3", "B")
    assert (said["DocumentFileName"], said["DocumentType"], said["Version"], said["ConformanceLevel"]) == (
        "factur-x.xml",
        "INVOICE",
        "1.0",
        "EN 16931",
    )
    info = metadata(pdf)
    assert (said["title"], said["creator"], said["description"]) == (info["Title"], info["Author"], info["Subject"])
    assert said["creator"] == "A < B & C"
    assert (said["CreatorTool"], said["Producer"]) == (info["Creator"], info["Producer"])
    assert said["CreateDate"] == said["ModifyDate"] == "2026-11-22T10:41:00+00:00"
    assert info["CreationDate"] == info["ModDate"] == "D:20261122104100+00'00'"


def test_the_file_is_tied_to_the_document_as_its_other_form() -> None:
    pdf = receipt(invoice())
    assert pdf.startswith(b"%PDF-1.7\n")
    objects = _objects(pdf)
    (catalog,) = [one for one in objects.values() if b"/Type /Catalog" in one]
    (tied,) = re.findall(rb"/AF \[ (\d+) 0 R \]", catalog)
    named = re.findall(rb"\(factur-x.xml\) (\d+) 0 R", b"".join(objects.values()))
    assert [tied] == named
    assert b"/AFRelationship /Alternative" in objects[int(tied)]
    (file,) = [one for one in objects.values() if b"/Type /EmbeddedFile" in one]
    assert b"/Subtype /text#2Fxml" in file
    assert re.search(rb"/S /GTS_PDFA1", catalog)


def test_every_font_is_embedded_and_no_colour_is_outside_the_profile() -> None:
    pdf = receipt(invoice(3))
    fonts = [one for one in _objects(pdf).values() if b"/Type /Font\n" in one or b"/Type /Font " in one]
    described = [one for one in _objects(pdf).values() if b"/FontFile2" in one]
    assert len(fonts) == len(described) > 1
    assert b"/BaseFont /Helvetica" not in pdf


def test_the_colour_profile_is_srgb() -> None:
    profile: Any = ImageCms.ImageCmsProfile(io.BytesIO(srgb()))
    assert ImageCms.getProfileDescription(profile).strip() == "sRGB"
    own: Any = ImageCms.createProfile("sRGB")
    assert profile.profile.red_colorant[0] == pytest.approx(own.red_colorant[0], abs=0.001)
    assert len(srgb()) == int.from_bytes(srgb()[:4], "big")


@pytest.mark.parametrize(
    "made",
    [
        replace(invoice(), buyer=replace(CAFE, country="")),
        replace(invoice(), state=State.VOIDED),
        document(lines(1), kind=Kind.INVOICE, currency="KWD", seller=MILL, buyer=CAFE),
        document(lines(1), seller=MILL, buyer=CAFE),
    ],
)
def test_what_cannot_be_an_e_invoice_is_a_plain_pdf(made: Document) -> None:
    assert _attachments(receipt(made)) == {}


def test_other_forms_other_papers_and_practice_are_plain() -> None:
    made = invoice()
    assert _attachments(receipt(made, form=PaperForm.DELIVERY_NOTE)) == {}
    assert _attachments(receipt(made, paper=PaperSize.ROLL_80)) == {}
    assert _attachments(receipt(made, is_practice=True)) == {}
