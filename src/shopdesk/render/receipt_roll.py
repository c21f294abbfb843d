"""Layout of a document on a roll: one column, as long as its content; black only, as thermal printers print.

The roll is 80 mm wide, or 58 mm for a print head of fewer dots. Codes and logo are placed on the dots of the print
head, so that a picture of the page in these dots has them as they are meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from shopdesk.domain.paper_layout import USUAL_DOTS
from shopdesk.domain.payment_code import CodeKind, payment_code
from shopdesk.render import code_128, formatting, logo, qr_code, text_layout
from shopdesk.render.document_text import DocumentText, LineText, TotalsRow, Weight
from shopdesk.render.page_layout import (
    Align,
    Block,
    CodeBars,
    CodeSquare,
    Frame,
    PageFormat,
    PdfPage,
    PlacedImage,
    Rule,
    Text,
    paginate,
)

_WIDTH = 226.77  # 80 mm
MARGIN = 11.34  # 4 mm: the print heads are 72 mm wide
_NARROW = 158.74  # 56 mm: what a print head of 48 mm has on a roll of 58 mm, and the same margins
_LEAST_DOTS_OF_WIDE = 480
"""Print heads have 512 and more dots on 72 mm, and 384 to 432 on 48 mm."""
_LEADING = 1.35
_BODY = 8.0
_SMALL = 7.0
_GAP = 8.0
_LOGO = (0.66, 0.3)
"""The largest logo, as parts of the printed width."""
_BARS = 28.0
"""The height of a bar code: 10 mm."""
_DOTS_OF_BAR, _DOTS_OF_SQUARE, _DOTS_OF_PAYMENT = 2, 5, 4
"""The dots of a module: of a bar code, of the QR code in its place, and of a payment code."""


def page_format(contents: DocumentText, dots: int = USUAL_DOTS) -> PageFormat:
    """Return the page format for a print head of so many dots; its height follows the content."""
    return roll_of(is_rtl=contents.is_rtl, dots=dots)


def roll_of(*, is_rtl: bool, dots: int = USUAL_DOTS) -> PageFormat:
    """Return the page format of any paper on the roll."""
    width = _WIDTH if dots >= _LEAST_DOTS_OF_WIDE else _NARROW
    dot = (width - 2 * MARGIN) / dots
    return PageFormat(width, None, MARGIN, top=12.0, bottom=22.0, is_rtl=is_rtl, watermark_gray=0.0, dot=dot)


def pages(contents: DocumentText, sheet: PageFormat) -> list[PdfPage]:
    """Return the pages of the document: one, unless it is longer than PDF allows."""
    blocks = [*_logo(contents, sheet), *_head(contents, sheet), *_facts(contents, sheet), _rule(sheet, 0.8)]
    for line in contents.lines():
        blocks += _row(contents, line, sheet)
    if contents.has_prices:
        blocks += [_rule(sheet, 0.8), *(_sum(row, sheet) for row in contents.totals()), _space(4)]
        blocks += [*(_sum(row, sheet) for row in contents.payments()), _space(4)]
        blocks += _taxes(contents, sheet)
    else:
        blocks += [_rule(sheet, 0.8), _space(34), _rule(sheet, 0.4)]
        blocks += _lines(contents.words.received_by, _SMALL, sheet)
    blocks += _how_to_pay(contents, sheet)
    if contents.note:
        blocks += [_rule(sheet, 0.4), *_lines(contents.note, _BODY, sheet)]
    return paginate(blocks, sheet, foot=[*_foot(contents, sheet), *_barcode(contents, sheet)])


def page_number(contents: DocumentText, sheet: PageFormat, page: int, of: int) -> Block:
    """Return the page number if there are several pages, else an empty block."""
    if of == 1:
        return _space(0)
    return Block(
        14, [Text(sheet.width / 2, 4, contents.words.page.format(page=page, pages=of), _SMALL, align=Align.CENTER)]
    )


def _head(contents: DocumentText, sheet: PageFormat) -> Iterator[Block]:
    yield from _lines(contents.document.seller.name, 12, sheet, bold=True, align=Align.CENTER)
    for line in contents.seller():
        yield from _lines(line, _SMALL, sheet, align=Align.CENTER)
    yield _space(7)
    yield from _lines(contents.kind, 11, sheet, bold=True, align=Align.CENTER)
    yield from _lines(contents.number, 9, sheet, align=Align.CENTER)
    for remark in contents.remarks():
        yield from _lines(remark, _SMALL, sheet, align=Align.CENTER)
    center = sheet.width / 2
    for word in contents.badges:
        half = min(text_layout.width(word, 11, bold=True) / 2 + 8, sheet.room / 2)
        text = Text(center, 18, word, 11, bold=True, align=Align.CENTER)
        yield Block(26, [text], frames=[Frame(center - half, center + half, 4, 24, 1.2)])
    yield _space(6)


def _facts(contents: DocumentText, sheet: PageFormat) -> Iterator[Block]:
    buyer = contents.buyer()
    rows = contents.facts() if not buyer else [*contents.facts(), (contents.words.customer, buyer[0])]
    for label, value in rows:
        yield _pair(label, value, _BODY, sheet)
    for line in buyer[1:]:
        yield from _lines(line, _SMALL, sheet, align=Align.END)
    yield _space(3)


def _row(contents: DocumentText, line: LineText, sheet: PageFormat) -> list[Block]:
    """Return item and amount on one line if that is all; else the item, then quantity × price and the amount."""
    if not contents.has_prices:
        return [_pair(line.item, contents.figure(line.quantity), _BODY, sheet)]
    details = [contents.figure(f"{line.quantity} × {line.unit_price}")]
    if line.discount:
        details.append(f"{contents.words.discount} {contents.figure(line.discount)}")
    if line.tax and len(contents.document.totals.groups) > 1:
        details.append(contents.figure(line.tax))
    if len(details) == 1 and line.quantity == "1":
        return [_pair(line.item, line.amount, _BODY, sheet)]
    names = _lines(line.item, _BODY, sheet)
    names[-1].with_next = True
    return [*names, _pair(contents.join(details), line.amount, _BODY, sheet, indent=8)]


def _sum(row: TotalsRow, sheet: PageFormat) -> Block:
    size = {Weight.PLAIN: _BODY, Weight.TOTAL: 13.0, Weight.STRONG: 10.0}[row.weight]
    return _pair(row.label, row.value, size, sheet, bold=row.weight is not Weight.PLAIN)


def _taxes(contents: DocumentText, sheet: PageFormat) -> Iterator[Block]:
    table = contents.taxes()
    if not table:
        return
    yield _rule(sheet, 0.4)
    natural = [max(text_layout.width(row[at], _SMALL) for row in table) for at in range(4)]
    size = _SMALL * min(1.0, (sheet.room - 3 * _GAP) / sum(natural))
    widths = [width * size / _SMALL for width in natural]
    gap = (sheet.room - sum(widths)) / 3
    for row in table:
        x = sheet.margin
        texts = [Text(x, size * 1.05, row[0], size)]
        for before, width, cell in zip(widths, widths[1:], row[1:], strict=False):
            x += before + gap
            texts.append(Text(x if contents.is_rtl else x + width, size * 1.05, cell, size, align=Align.NUMBER))
        yield Block(size * _LEADING, texts)
    yield _space(2)
    for remark in contents.tax_remarks():
        yield from _lines(remark, _SMALL, sheet)


def _logo(contents: DocumentText, sheet: PageFormat) -> Iterator[Block]:
    """Yield the shop's logo, a dot of the print head for each of its pixels."""
    wide, high = round(sheet.room / sheet.dot * _LOGO[0]), round(sheet.room / sheet.dot * _LOGO[1])
    bitmap = logo.on_roll(contents.logo, wide, high) if contents.logo else None
    if bitmap is not None:
        width, height = bitmap.width * sheet.dot, bitmap.height * sheet.dot
        down = -sheet.top % sheet.dot
        image = PlacedImage(_centered(width, sheet), down, width, height, bitmap)
        yield Block(down + height + 6, images=[image])


def _how_to_pay(contents: DocumentText, sheet: PageFormat) -> Iterator[Block]:
    """Yield the terms of payment and the account to pay to, with the code for a banking app in euros if it fits."""
    if contents.terms:
        yield _rule(sheet, 0.4)
        yield from _lines(contents.terms, _BODY, sheet)
    rows = [] if contents.is_of_old else contents.transfer()
    if not rows:
        return
    yield _rule(sheet, 0.4)
    yield from _lines(contents.words.pay_by_transfer, _BODY, sheet, bold=True)
    for label, value in rows:
        yield _pair(label, value, _SMALL, sheet)
    code = payment_code(contents.document)
    if code is None or code.kind is not CodeKind.EPC:
        return
    square = _square(qr_code.modules(code.content), _DOTS_OF_PAYMENT, sheet)
    if square.height <= sheet.room:
        yield _space(6)
        yield square


def _barcode(contents: DocumentText, sheet: PageFormat) -> Iterator[Block]:
    """Yield the barcode of the number: Code 128 where it fits at two dots a module, else a QR code."""
    if not contents.barcode:
        return
    widths = code_128.bars(contents.barcode)
    module = _DOTS_OF_BAR * sheet.dot
    yield _space(8)
    if module * (sum(widths) + 2 * code_128.QUIET_ZONE) <= sheet.room:
        bars = CodeBars(_centered(module * sum(widths), sheet), 0, module, _BARS, widths)
        yield Block(_BARS, bars=[bars])
    else:
        yield _square(qr_code.modules(contents.barcode), _DOTS_OF_SQUARE, sheet)
    yield from _lines(contents.figure(contents.barcode), _SMALL, sheet, align=Align.CENTER)


def _square(modules: qr_code.Modules, dots: int, sheet: PageFormat) -> Block:
    """Return a QR code in the middle, each module so many dots wide, with a white edge above and below."""
    edge, size = 2 * dots * sheet.dot, len(modules) * dots * sheet.dot
    return Block(size + 2 * edge, codes=[CodeSquare(_centered(size, sheet), edge, size, modules)])


def _centered(width: float, sheet: PageFormat) -> float:
    """Return the x of what is as wide as some dots and in the middle: the edge of a dot of the print head."""
    return sheet.margin + int((sheet.room - width) / 2 / sheet.dot) * sheet.dot


def _foot(contents: DocumentText, sheet: PageFormat) -> list[Block]:
    blocks = [_space(10)]
    if contents.thanks:
        blocks += _lines(contents.thanks, 9, sheet, bold=True, align=Align.CENTER)
    for line in contents.footer.splitlines():
        blocks += _lines(line, _SMALL, sheet, align=Align.CENTER)
    return blocks


def _pair(label: str, value: str, size: float, sheet: PageFormat, *, bold: bool = False, indent: float = 0.0) -> Block:
    """Return a label at the start and a value at the end, or below it if both do not fit on one line."""
    label, value = formatting.tidy(label), formatting.tidy(value)
    room = sheet.room
    taken = text_layout.width(value, size, bold=bold)
    shares = room - indent - _GAP - taken >= min(room * 0.35, text_layout.width(label, size, bold=bold))
    labels = text_layout.wrap(label, size, room - indent - (_GAP + taken if shares else 0), bold=bold)
    values = [value] if taken <= room else text_layout.wrap(value, size, room, bold=bold)
    leading = size * _LEADING
    texts = [
        Text(sheet.margin + indent, leading * at + size * 1.05, line, size, bold) for at, line in enumerate(labels)
    ]
    first = len(labels) - 1 if shares else len(labels)
    texts += [
        Text(sheet.end, leading * (first + at) + size * 1.05, line, size, bold, align=Align.END)
        for at, line in enumerate(values)
    ]
    return Block(leading * (first + len(values)), texts)


def _lines(text: str, size: float, sheet: PageFormat, *, bold: bool = False, align: Align = Align.START) -> list[Block]:
    at = {Align.START: sheet.margin, Align.CENTER: sheet.width / 2}.get(align, sheet.end)
    return [
        Block(size * _LEADING, [Text(at, size * 1.05, line, size, bold, align=align)])
        for paragraph in text.splitlines() or [""]
        for line in text_layout.wrap(formatting.tidy(paragraph), size, sheet.room, bold=bold)
    ]


def _rule(sheet: PageFormat, weight: float) -> Block:
    return Block(8, rules=[Rule(sheet.margin, sheet.end, 4, weight)])


def _space(height: float) -> Block:
    return Block(height)
