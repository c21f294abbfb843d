"""Layout of a document on an 80 mm roll: one column, as long as its content; black only, as thermal printers print."""

from __future__ import annotations

from collections.abc import Iterator

from shopdesk.render import formatting, text_layout
from shopdesk.render.document_text import DocumentText, LineText, TotalsRow, Weight
from shopdesk.render.page_layout import Align, Block, Frame, PageFormat, PdfPage, Rule, Text, paginate

_WIDTH = 226.77  # 80 mm
MARGIN = 11.34  # 4 mm: the print heads are 72 mm wide
_ROOM = _WIDTH - 2 * MARGIN
_END = _WIDTH - MARGIN
_CENTER = _WIDTH / 2
_LEADING = 1.35
_BODY = 8.0
_SMALL = 7.0
_GAP = 8.0


def page_format(contents: DocumentText) -> PageFormat:
    """Return the page format; its height follows the content."""
    return roll_of(is_rtl=contents.is_rtl)


def roll_of(*, is_rtl: bool) -> PageFormat:
    """Return the page format of any paper on the roll."""
    return PageFormat(_WIDTH, None, MARGIN, top=12.0, bottom=22.0, is_rtl=is_rtl, watermark_gray=0.0)


def pages(contents: DocumentText, sheet: PageFormat) -> list[PdfPage]:
    """Return the pages of the document: one, unless it is longer than PDF allows."""
    blocks = [*_head(contents), *_facts(contents), _rule(0.8)]
    for line in contents.lines():
        blocks += _row(contents, line)
    if contents.has_prices:
        blocks += [_rule(0.8), *(_sum(row) for row in contents.totals()), _space(4)]
        blocks += [*(_sum(row) for row in contents.payments()), _space(4)]
        blocks += _taxes(contents)
    else:
        blocks += [_rule(0.8), _space(34), _rule(0.4), *_lines(contents.words.received_by, _SMALL)]
    if contents.note:
        blocks += [_rule(0.4), *_lines(contents.note, _BODY)]
    return paginate(blocks, sheet, foot=_foot(contents))


def page_number(contents: DocumentText, _sheet: PageFormat, page: int, of: int) -> Block:
    """Return the page number if there are several pages, else an empty block."""
    if of == 1:
        return _space(0)
    return Block(14, [Text(_CENTER, 4, contents.words.page.format(page=page, pages=of), _SMALL, align=Align.CENTER)])


def _head(contents: DocumentText) -> Iterator[Block]:
    yield from _lines(contents.document.seller.name, 12, bold=True, align=Align.CENTER)
    for line in contents.seller():
        yield from _lines(line, _SMALL, align=Align.CENTER)
    yield _space(7)
    yield from _lines(contents.kind, 11, bold=True, align=Align.CENTER)
    yield from _lines(contents.number, 9, align=Align.CENTER)
    for remark in contents.remarks():
        yield from _lines(remark, _SMALL, align=Align.CENTER)
    for word in contents.badges:
        half = min(text_layout.width(word, 11, bold=True) / 2 + 8, _ROOM / 2)
        text = Text(_CENTER, 18, word, 11, bold=True, align=Align.CENTER)
        yield Block(26, [text], frames=[Frame(_CENTER - half, _CENTER + half, 4, 24, 1.2)])
    yield _space(6)


def _facts(contents: DocumentText) -> Iterator[Block]:
    buyer = contents.buyer()
    rows = contents.facts() if not buyer else [*contents.facts(), (contents.words.customer, buyer[0])]
    for label, value in rows:
        yield _pair(label, value, _BODY)
    for line in buyer[1:]:
        yield from _lines(line, _SMALL, align=Align.END)
    yield _space(3)


def _row(contents: DocumentText, line: LineText) -> list[Block]:
    """Return item and amount on one line if that is all; else the item, then quantity × price and the amount."""
    if not contents.has_prices:
        return [_pair(line.item, contents.figure(line.quantity), _BODY)]
    details = [contents.figure(f"{line.quantity} × {line.unit_price}")]
    if line.discount:
        details.append(f"{contents.words.discount} {contents.figure(line.discount)}")
    if line.tax and len(contents.document.totals.groups) > 1:
        details.append(contents.figure(line.tax))
    if len(details) == 1 and line.quantity == "1":
        return [_pair(line.item, line.amount, _BODY)]
    names = _lines(line.item, _BODY)
    names[-1].with_next = True
    return [*names, _pair(contents.join(details), line.amount, _BODY, indent=8)]


def _sum(row: TotalsRow) -> Block:
    size = {Weight.PLAIN: _BODY, Weight.TOTAL: 13.0, Weight.STRONG: 10.0}[row.weight]
    return _pair(row.label, row.value, size, bold=row.weight is not Weight.PLAIN)


def _taxes(contents: DocumentText) -> Iterator[Block]:
    table = contents.taxes()
    if not table:
        return
    yield _rule(0.4)
    natural = [max(text_layout.width(row[at], _SMALL) for row in table) for at in range(4)]
    size = _SMALL * min(1.0, (_ROOM - 3 * _GAP) / sum(natural))
    widths = [width * size / _SMALL for width in natural]
    gap = (_ROOM - sum(widths)) / 3
    for row in table:
        x = MARGIN
        texts = [Text(x, size * 1.05, row[0], size)]
        for before, width, cell in zip(widths, widths[1:], row[1:], strict=False):
            x += before + gap
            texts.append(Text(x if contents.is_rtl else x + width, size * 1.05, cell, size, align=Align.NUMBER))
        yield Block(size * _LEADING, texts)
    yield _space(2)
    for remark in contents.tax_remarks():
        yield from _lines(remark, _SMALL)


def _foot(contents: DocumentText) -> list[Block]:
    blocks = [_space(10)]
    if contents.thanks:
        blocks += _lines(contents.thanks, 9, bold=True, align=Align.CENTER)
    for line in contents.document.seller.footer.splitlines():
        blocks += _lines(line, _SMALL, align=Align.CENTER)
    return blocks


def _pair(label: str, value: str, size: float, *, bold: bool = False, indent: float = 0.0) -> Block:
    """Return a label at the start and a value at the end, or below it if both do not fit on one line."""
    label, value = formatting.tidy(label), formatting.tidy(value)
    taken = text_layout.width(value, size, bold=bold)
    shares = _ROOM - indent - _GAP - taken >= min(_ROOM * 0.35, text_layout.width(label, size, bold=bold))
    labels = text_layout.wrap(label, size, _ROOM - indent - (_GAP + taken if shares else 0), bold=bold)
    values = [value] if taken <= _ROOM else text_layout.wrap(value, size, _ROOM, bold=bold)
    leading = size * _LEADING
    texts = [Text(MARGIN + indent, leading * at + size * 1.05, line, size, bold) for at, line in enumerate(labels)]
    first = len(labels) - 1 if shares else len(labels)
    texts += [
        Text(_END, leading * (first + at) + size * 1.05, line, size, bold, align=Align.END)
        for at, line in enumerate(values)
    ]
    return Block(leading * (first + len(values)), texts)


def _lines(text: str, size: float, *, bold: bool = False, align: Align = Align.START) -> list[Block]:
    at = {Align.START: MARGIN, Align.CENTER: _CENTER}.get(align, _END)
    return [
        Block(size * _LEADING, [Text(at, size * 1.05, line, size, bold, align=align)])
        for paragraph in text.splitlines() or [""]
        for line in text_layout.wrap(formatting.tidy(paragraph), size, _ROOM, bold=bold)
    ]


def _rule(weight: float) -> Block:
    return Block(8, rules=[Rule(MARGIN, _END, 4, weight)])


def _space(height: float) -> Block:
    return Block(height)
