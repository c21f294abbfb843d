"""A PDF as PDF/A-3b with an e-invoice inside: Factur-X 1.0 and ZUGFeRD 2 (ISO 19005-3, level B).

It is so by construction: every font is embedded, colours are shades of grey, nothing is encrypted or transparent. What
is missing for it is added here: an output intent, metadata as XMP, the file with its relation to the document.
"""

from __future__ import annotations

import re
from bisect import bisect
from datetime import UTC, datetime
from hashlib import md5
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from reportlab.pdfbase.pdfdoc import XMP, PDFArray, PDFDictionary, PDFName, PDFStream, PDFString, PDFZCompress

from shopdesk.render.cii import PROFILE
from shopdesk.render.icc import srgb

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

FILE_NAME = "factur-x.xml"
VERSION = (1, 7)
"""The version of PDF that the standard is built on."""


def attach(canvas: Canvas, xml: bytes, *, made_at: datetime) -> None:
    """Attach an e-invoice to the document of a canvas and make it PDF/A-3b; call it after title and author are set."""
    pdf: Any = canvas._doc  # type: ignore[attr-defined]  # reportlab has no public way
    catalog, made_at = pdf.Catalog, made_at.astimezone(UTC)
    # Reportlab writes only the entries that it knows.
    catalog.__NoDefault__ = [*catalog.__NoDefault__, "AF", "OutputIntents"]
    file = pdf.Reference(_attachment(pdf, xml, made_at))
    canvas.setCatalogEntry("AF", PDFArray([file]))
    named = PDFDictionary({"Names": PDFArray([PDFString(FILE_NAME), file])})
    canvas.setCatalogEntry("Names", PDFDictionary({"EmbeddedFiles": named}))
    canvas.setCatalogEntry("OutputIntents", PDFArray([_output_intent(pdf)]))
    canvas.setCatalogEntry("Metadata", XMP(creator=lambda _: _metadata(pdf.info, made_at).encode()))


def _attachment(pdf: Any, xml: bytes, made_at: datetime) -> PDFDictionary:
    checksum = md5(xml, usedforsecurity=False).hexdigest()  # ISO 32000-1, table 46 wants this one
    facts = {
        "ModDate": PDFString(f"D:{made_at:%Y%m%d%H%M%S}+00'00'"),
        "Size": len(xml),
        "CheckSum": f"<{checksum}>",
    }
    kind = "/text#2Fxml"  # PDFName leaves the slash as it is, which begins another name
    embedded = {"Type": PDFName("EmbeddedFile"), "Subtype": kind, "Params": PDFDictionary(facts)}
    stream = pdf.Reference(PDFStream(PDFDictionary(embedded), xml, filters=[PDFZCompress]))
    return PDFDictionary(
        {
            "Type": PDFName("Filespec"),
            "F": PDFString(FILE_NAME),
            "UF": PDFString(FILE_NAME),
            "Desc": PDFString("Factur-X"),
            "AFRelationship": PDFName("Alternative"),  # the file is the whole invoice
            "EF": PDFDictionary({"F": stream, "UF": stream}),
        }
    )


def _output_intent(pdf: Any) -> PDFDictionary:
    profile = pdf.Reference(PDFStream(PDFDictionary({"N": 3}), srgb(), filters=[PDFZCompress]))
    return PDFDictionary(
        {
            "Type": PDFName("OutputIntent"),
            "S": PDFName("GTS_PDFA1"),
            "OutputConditionIdentifier": PDFString("sRGB"),
            "Info": PDFString("sRGB"),
            "DestOutputProfile": profile,
        }
    )


def with_line_ends(pdf: bytes) -> bytes:
    """Return a file of reportlab with a line end before each “endstream”, which ISO 19005-3 demands (6.1.7.1).

    WORKAROUND(findings/reportlab_stream_ends.sh): it leaves them out. Each place in the table of objects moves by the
    line ends before it.
    """
    table = pdf.rindex(b"\nxref\n") + 1
    objects, rest = pdf[:table], pdf[table:]
    ends = [found.start() for found in _STREAM_END.finditer(objects)]

    def moved(place: int) -> int:
        return place + bisect(ends, place)

    rest = _PLACE.sub(lambda found: b"%010d%s" % (moved(int(found[1])), found[2]), rest)
    rest = _START.sub(lambda found: found[1] + b"%d" % moved(int(found[2])), rest)
    return _STREAM_END.sub(b"\nendstream\nendobj\n", objects) + rest


_STREAM_END = re.compile(rb"endstream\nendobj\n")
_PLACE = re.compile(rb"(?m)^(\d{10})( \d{5} n)")
_START = re.compile(rb"(startxref\n)(\d+)")


def _metadata(info: Any, made_at: datetime) -> str:
    """Return title, author, dates and the e-invoice as XMP; the standard demands what the file's Info says."""
    return _XMP.format(
        **{name: escape(getattr(info, name)) for name in ("title", "author", "subject", "creator", "producer")},
        at=f"{made_at:%Y-%m-%dT%H:%M:%S}+00:00",
        file=FILE_NAME,
        profile=PROFILE,
        schema="\n".join(_PROPERTY.format(name=name, words=words) for name, words in _PROPERTIES),
    )


_PROPERTIES = (
    ("DocumentFileName", "The name of the embedded XML file"),
    ("DocumentType", "The type of the document: INVOICE"),
    ("Version", "The version of the schema of the XML file"),
    ("ConformanceLevel", "The profile of the XML file"),
)
_PROPERTY = """\
<rdf:li rdf:parseType="Resource">
<pdfaProperty:name>{name}</pdfaProperty:name>
<pdfaProperty:valueType>Text</pdfaProperty:valueType>
<pdfaProperty:category>external</pdfaProperty:category>
<pdfaProperty:description>{words}</pdfaProperty:description>
</rdf:li>"""
_XMP = """\
<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>3</pdfaid:part>
<pdfaid:conformance>B</pdfaid:conformance>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<xmp:CreatorTool>{creator}</xmp:CreatorTool>
<xmp:CreateDate>{at}</xmp:CreateDate>
<xmp:ModifyDate>{at}</xmp:ModifyDate>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<pdf:Producer>{producer}</pdf:Producer>
<pdf:Keywords></pdf:Keywords>
<pdf:Trapped>False</pdf:Trapped>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"\
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>fx</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq>
{schema}
</rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#">
<fx:DocumentFileName>{file}</fx:DocumentFileName>
<fx:DocumentType>INVOICE</fx:DocumentType>
<fx:Version>1.0</fx:Version>
<fx:ConformanceLevel>{profile}</fx:ConformanceLevel>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
"""
