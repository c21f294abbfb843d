"""The parts of an XLSX workbook beside the rows of its sheets (ECMA-376)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_CORE = "application/vnd.openxmlformats-package.core-properties+xml"
_CORE_RELATION = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"

SHEET_END = b"</sheetData></worksheet>"
_FIRST_CUSTOM = 164
"""The number of the first format of a workbook's own (ECMA-376, 18.8.30)."""


def sheet_head(widths: Sequence[int]) -> bytes:
    """Return the beginning of a sheet whose first row stays in sight, with the widths of its columns in characters."""
    columns = "".join(
        f'<col min="{at}" max="{at}" width="{width}" customWidth="1"/>' for at, width in enumerate(widths, start=1)
    )
    pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    view = f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
    return f'{_XML}<worksheet xmlns="{_MAIN}">{view}{_listed("cols", columns)}<sheetData>'.encode()


def parts(sheets: Sequence[str], formats: Sequence[str], *, title: str, made_at: datetime) -> Iterator[tuple[str, str]]:
    """Yield the names of the parts and their contents.

    The styles of cells: 0 is plain, 1 bold, 2 text that looks like a formula, from 3 on ``formats``.
    """
    yield "[Content_Types].xml", _content_types(len(sheets))
    yield (
        "_rels/.rels",
        _relations((f"{_OFFICE}/officeDocument", "xl/workbook.xml"), (_CORE_RELATION, "docProps/core.xml")),
    )
    yield "docProps/core.xml", _core(title, made_at)
    yield "xl/workbook.xml", _workbook(sheets)
    yield (
        "xl/_rels/workbook.xml.rels",
        _relations(
            *((f"{_OFFICE}/worksheet", f"worksheets/sheet{at}.xml") for at in range(1, len(sheets) + 1)),
            (f"{_OFFICE}/styles", "styles.xml"),
        ),
    )
    yield "xl/styles.xml", _styles(formats)


def _content_types(sheets: int) -> str:
    overrides = [
        ("/xl/workbook.xml", f"{_TYPES}.sheet.main+xml"),
        ("/xl/styles.xml", f"{_TYPES}.styles+xml"),
        ("/docProps/core.xml", _CORE),
        *((f"/xl/worksheets/sheet{at}.xml", f"{_TYPES}.worksheet+xml") for at in range(1, sheets + 1)),
    ]
    listed = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in overrides)
    return (
        f'{_XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{listed}</Types>'
    )


def _relations(*targets: tuple[str, str]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{at}" Type="{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(targets, start=1)
    )
    return f'{_XML}<Relationships xmlns="{_RELATIONS}">{listed}</Relationships>'


def _core(title: str, made_at: datetime) -> str:
    at = made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    dates = "".join(
        f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{at}</dcterms:{name}>' for name in ("created", "modified")
    )
    return (
        f'{_XML}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>shopdesk</dc:creator>{dates}</cp:coreProperties>"
    )


def _workbook(sheets: Sequence[str]) -> str:
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{at}" r:id="rId{at}"/>' for at, name in enumerate(sheets, start=1)
    )
    return f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>'


def _styles(formats: Sequence[str]) -> str:
    numbered = list(enumerate(formats, start=_FIRST_CUSTOM))
    own = "".join(f'<numFmt numFmtId="{at}" formatCode={quoteattr(code)}/>' for at, code in numbered)
    of_cells = [
        '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>',
        '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>',
        '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1"/>',
        *(
            f'<xf numFmtId="{at}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
            for at, _ in numbered
        ),
    ]
    font = '<sz val="11"/><name val="Calibri"/><family val="2"/>'
    return (
        f'{_XML}<styleSheet xmlns="{_MAIN}">{_listed("numFmts", own)}'
        f"<fonts><font>{font}</font><font><b/>{font}</font></fonts>"
        '<fills><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
        "<borders><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
        '<cellStyleXfs><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f"<cellXfs>{''.join(of_cells)}</cellXfs>"
        '<cellStyles><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def _listed(name: str, content: str) -> str:
    """Return an element of a list; nothing for an empty one, which the schema forbids."""
    return f"<{name}>{content}</{name}>" if content else ""
