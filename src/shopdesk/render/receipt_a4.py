"""Layout of a document on A4: head, customer, table, totals under the amounts, thanks at the end of the last page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shopdesk.render import code_128, formatting, payment_part, text_layout
from shopdesk.render.a4_parts import (
    BODY,
    GAP,
    HEIGHT,
    LEADING,
    MARGIN,
    SMALL,
    SOFT,
    THIN,
    THIN_GRAY,
    later_page_header,
    lines,
    logo_above,
    page_footer,
    sheet_of,
    small_label,
    space,
)
from shopdesk.render.document_text import DocumentText, LineText, TotalsRow, Weight
from shopdesk.render.page_layout import (
    Align,
    Block,
    CodeBars,
    Frame,
    PageFormat,
    PdfPage,
    Rule,
    Text,
    beside,
    paginate,
)

_TABLE_SIZES = (9.0, 8.0, 7.0, 6.0)
_LEAST_ITEM = 150.0
_ROW_PAD = 4.5
_MOST_LINES = 8
"""The most lines of a row that is never split between pages."""
_MODULE, _BARS = 0.25 * 72 / 25.4, 23.0
"""The module and the height of the bar code: 0.25 and 8 mm."""


def page_format(contents: DocumentText) -> PageFormat:
    """Return the page format."""
    return sheet_of(is_rtl=contents.is_rtl)


def pages(contents: DocumentText, sheet: PageFormat) -> list[PdfPage]:
    """Return the pages of the document."""
    table = _Table(contents, sheet)
    blocks = [*_head(contents, sheet), *_parties(contents, sheet), *table.rows()]
    blocks[-1].with_next = True  # keeps the last row on the page of the totals
    blocks += _sums(contents, sheet, table) if contents.has_prices else _signature(contents, sheet)
    if contents.terms:
        blocks += [space(10, with_next=True), *lines(contents.terms, BODY, sheet.end - MARGIN)]
    blocks += payment_part.transfer(contents, sheet)
    if contents.note:
        note = lines(contents.note, BODY, sheet.end - MARGIN)
        # A short note stays with the totals.
        blocks[-1].with_next = len(note) <= _MOST_LINES
        for above in note[:-1]:
            above.with_next = len(note) <= _MOST_LINES
        blocks += [space(14, with_next=True), small_label(contents.words.note), *note]
    foot = _foot(contents, sheet)
    if payment_part.has_slip(contents):  # it takes the place of the foot
        blocks, foot = [*blocks, *foot], []
    laid_out = paginate(blocks, sheet, table_header=table.head(), page_header=_page_header(contents, sheet), foot=foot)
    return payment_part.with_slip(laid_out, contents, sheet)


def page_number(contents: DocumentText, sheet: PageFormat, page: int, of: int) -> Block:
    """Return the page footer: shop, document and page number."""
    name = f"{contents.document.seller.name} · {contents.title}"
    return page_footer(name, contents.words.page.format(page=page, pages=of), sheet)


# --- the head -------------------------------------------------------------------------------------------------------


def _head(contents: DocumentText, sheet: PageFormat) -> list[Block]:
    half = (sheet.end - MARGIN) / 2
    room = half - GAP
    # Puts the shop's name on the same line as the kind.
    seller = [
        *logo_above(contents.logo),
        space(5),
        *lines(contents.document.seller.name, 15, room, bold=True),
        space(3),
    ]
    for line in contents.seller():
        seller += lines(line, 8.5, room, gray=SOFT)
    title = [
        *lines(contents.kind, 20, room, bold=True, at=sheet.end, align=Align.END),
        *lines(contents.number, 13, room, at=sheet.end, align=Align.END),
    ]
    for remark in contents.remarks():
        title += [space(2), *lines(remark, 8.5, room, gray=SOFT, at=sheet.end, align=Align.END)]
    title += _barcode(contents, sheet)
    for word in contents.badges:
        title += [space(5), _badge(word, sheet)]
    return [*beside(seller, title, most=HEIGHT / 2), space(26)]


def _barcode(contents: DocumentText, sheet: PageFormat) -> list[Block]:
    """Return the bar code of the number, on the dots of a picture with 203 to an inch."""
    if not contents.barcode:
        return []
    widths = code_128.bars(contents.barcode)
    left = int((sheet.end - _MODULE * sum(widths)) / _MODULE) * _MODULE
    return [space(5), Block(_BARS + 3, bars=[CodeBars(left, 0, _MODULE, _BARS, widths)])]


def _badge(word: str, sheet: PageFormat) -> Block:
    """Return a word in a frame, at the top of the first page."""
    width = text_layout.width(word, 12, bold=True)
    text = Text(sheet.end - 10, 16, word, 12, bold=True, align=Align.END)
    return Block(24, texts=[text], frames=[Frame(sheet.end - width - 20, sheet.end, 1, 23, 1.4)])


def _parties(contents: DocumentText, sheet: PageFormat) -> list[Block]:
    half = (sheet.end - MARGIN) / 2
    buyer: list[Block] = []
    for count, line in enumerate(contents.buyer()):
        if count == 0:
            buyer += [small_label(contents.words.customer), *lines(line, 10, half - GAP, bold=True)]
        else:
            buyer += lines(line, 8.5, half - GAP)
    facts: list[Block] = []
    at = MARGIN + half
    for label, value in contents.facts():
        used = text_layout.width(label, 8.5) + GAP
        rows = lines(value, 8.5, max(half - used, half / 3), at=sheet.end, align=Align.END)
        rows[0].texts.append(Text(at, 8.5 * 1.05, label, 8.5, gray=SOFT))
        facts += rows
    return [*beside(buyer, facts, most=HEIGHT / 2), space(20)]


# --- the table ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Column:
    heading: str
    cells: list[str]
    least: float = 0.0

    def width(self, size: float) -> float:
        return max(
            [
                text_layout.width(self.heading, min(SMALL, size)),
                self.least,
                *(text_layout.width(cell, size) for cell in set(self.cells)),
            ]
        )


class _Table:
    """The table of rows; empty columns are left out."""

    def __init__(self, contents: DocumentText, sheet: PageFormat) -> None:
        self._contents = contents
        self._sheet = sheet
        self._lines = list(contents.lines())
        text = contents.words
        room = sheet.end - _middle(sheet)
        sums = [*contents.totals(), *contents.payments()] if sheet.is_rtl else []
        # In right-to-left layout the totals grow towards the margin, so the amounts must be as wide as they are.
        least = max((text_layout.width(row.value, _size(row, room), bold=_is_bold(row)) for row in sums), default=0.0)
        columns = [
            _Column(text.quantity, [line.quantity for line in self._lines]),
            _Column(text.unit_price, [line.unit_price for line in self._lines]),
            _Column(text.discount, [line.discount for line in self._lines]),
            _Column(text.tax, [line.tax for line in self._lines]),
            _Column(f"{text.amount} {contents.document.currency.code}", [line.amount for line in self._lines], least),
        ]
        self._columns = [column for column in columns if any(column.cells)]
        self._size = next((size for size in _TABLE_SIZES if self._room(size) >= _LEAST_ITEM), _TABLE_SIZES[-1])
        self._item_room = self._room(self._size)
        self._edges = list(self._right_edges([column.width(self._size) for column in self._columns]))

    def _room(self, size: float) -> float:
        """Return the width that the columns of numbers leave for the item."""
        widths = [column.width(size) for column in self._columns]
        return self._sheet.end - MARGIN - sum(widths) - GAP * len(widths)

    def _right_edges(self, widths: Sequence[float]) -> Iterator[float]:
        """Yield the x of each column's right edge: its end, or its start in right-to-left layout."""
        x = self._sheet.end - sum(widths) - GAP * (len(widths) - 1)
        for width in widths:
            yield x if self._sheet.is_rtl else x + width
            x += width + GAP

    @property
    def amounts(self) -> float:
        """The x of the right edge of the amounts."""
        return self._edges[-1]

    def head(self) -> Block:
        """Return the table header, which is repeated on every page with rows."""
        size = min(SMALL, self._size)
        texts = [Text(MARGIN, 10, self._contents.words.item, size, gray=SOFT)]
        texts += [
            Text(edge, 10, column.heading, size, gray=SOFT, align=Align.NUMBER)
            for edge, column in zip(self._edges, self._columns, strict=True)
        ]
        return Block(15, texts=texts, rules=[Rule(MARGIN, self._sheet.end, 15, 0.9)])

    def rows(self) -> Iterator[Block]:
        """Yield the table header and the rows."""
        head = self.head()
        head.with_next = True
        yield head
        for at, line in enumerate(self._lines):
            yield from self._row(at, line)

    def _row(self, at: int, line: LineText) -> Iterator[Block]:
        size, leading = self._size, self._size * LEADING
        wrapped = text_layout.wrap(formatting.tidy(line.item), size, self._item_room)
        first = _ROW_PAD + size * 0.95
        numbers = [
            Text(edge, first, column.cells[at], size, align=Align.NUMBER)
            for edge, column in zip(self._edges, self._columns, strict=True)
            if column.cells[at]
        ]
        below = leading * 0.27 + _ROW_PAD
        if len(wrapped) <= _MOST_LINES:
            items = [Text(MARGIN, first + row * leading, text, size) for row, text in enumerate(wrapped)]
            height = first + (len(wrapped) - 1) * leading + below
            yield Block(height, [*items, *numbers], [self._rule(height)], is_row=True)
            return
        for row, text in enumerate(wrapped):
            is_last = row == len(wrapped) - 1
            baseline = first if row == 0 else leading - leading * 0.27
            height = baseline + (below if is_last else leading * 0.27)
            marks = [Text(MARGIN, baseline, text, size), *(numbers if row == 0 else ())]
            yield Block(height, marks, [self._rule(height)] if is_last else [], is_row=True)

    def _rule(self, y: float) -> Rule:
        return Rule(MARGIN, self._sheet.end, y, THIN, THIN_GRAY)


# --- the totals -------------------------------------------------------------------------------------------------------


def _sums(contents: DocumentText, sheet: PageFormat, table: _Table) -> list[Block]:
    """Return totals and payments, under the amounts, and taxes in small type beside or, if too wide, below them."""
    start = _middle(sheet)
    rows = [*(_sum(row, sheet, table.amounts) for row in contents.totals()), space(5)]
    rows += [_sum(row, sheet, table.amounts) for row in contents.payments()]
    first = [space(8, with_next=True)]
    room = start - 2 * GAP - MARGIN
    if _width(contents.taxes(), SMALL) <= room:
        return [*first, *beside(_taxes(contents, room), rows, most=HEIGHT / 2)]
    return [*first, *beside([], rows, most=HEIGHT / 2), space(10), *_taxes(contents, sheet.end - MARGIN)]


def _middle(sheet: PageFormat) -> float:
    return MARGIN + (sheet.end - MARGIN) * 0.5


def _size(row: TotalsRow, room: float) -> float:
    """Return the largest font size for the weight of a row at which label and value fit side by side."""
    wanted = {Weight.PLAIN: (BODY, 8.0, 7.0), Weight.TOTAL: (14.0, 12.0, 10.0), Weight.STRONG: (11.0, 10.0, 9.0)}
    bold = _is_bold(row)
    pair = row.label + row.value
    sizes = wanted[row.weight]
    return next((size for size in sizes if text_layout.width(pair, size, bold=bold) <= room - GAP), sizes[-1])


def _is_bold(row: TotalsRow) -> bool:
    return row.weight is not Weight.PLAIN


def _sum(row: TotalsRow, sheet: PageFormat, edge: float) -> Block:
    start = _middle(sheet)
    size, bold = _size(row, sheet.end - start), _is_bold(row)
    value = text_layout.width(row.value, size, bold=bold)
    room = (edge if sheet.is_rtl else sheet.end - value) - GAP - start
    above = 6.0 if row.weight is Weight.TOTAL else 2.0
    block = Block(above)
    for line in lines(row.label, size, max(room, 60), bold=bold, at=start):
        block.add(line)
    block.texts.append(Text(edge, above + size * 1.05, row.value, size, bold, align=Align.NUMBER))
    if row.weight is Weight.TOTAL:
        block.rules.append(Rule(start, sheet.end, 2, 0.9))
    return block


_TaxRow = tuple[str, str, str, str]


def _widths(rows: Sequence[_TaxRow], size: float) -> list[float]:
    return [max(text_layout.width(row[at], size) for row in rows) for at in range(4)]


def _width(rows: Sequence[_TaxRow], size: float) -> float:
    return sum(_widths(rows, size)) + 3 * GAP if rows else 0.0


def _taxes(contents: DocumentText, room: float) -> list[Block]:
    """Return net, tax and gross of each rate, and the remarks on tax, in small type."""
    rows = contents.taxes()
    if not rows:
        return []
    size = SMALL * min(1.0, room / _width(rows, SMALL))
    widths = _widths(rows, size)
    blocks = [space(4)]
    for count, row in enumerate(rows):
        x = MARGIN
        texts = [Text(x, 8, row[0], size, gray=SOFT)]
        for before, width, cell in zip(widths, widths[1:], row[1:], strict=False):
            x += before + GAP
            texts.append(Text(x if contents.is_rtl else x + width, 8, cell, size, gray=SOFT, align=Align.NUMBER))
        rules = [Rule(MARGIN, x + widths[-1], 12, THIN, THIN_GRAY)] if count == 0 else []
        blocks.append(Block(13.5 if count == 0 else 11.5, texts, rules))
    blocks.append(space(3))
    for remark in contents.tax_remarks():
        blocks += lines(remark, SMALL, room, gray=SOFT)
    return blocks


def _signature(contents: DocumentText, sheet: PageFormat) -> list[Block]:
    """Return the line where the customer signs for the goods."""
    line = Block(2, rules=[Rule(_middle(sheet), sheet.end, 0, THIN)], with_next=True)
    words = lines(contents.words.received_by, SMALL, sheet.end - _middle(sheet), gray=SOFT, at=_middle(sheet))
    return [space(48, with_next=True), line, *words]


# --- the foot -------------------------------------------------------------------------------------------------------


def _foot(contents: DocumentText, sheet: PageFormat) -> list[Block]:
    """Return the thank-you line and the shop's footer text."""
    room = sheet.end - MARGIN
    blocks = lines(contents.thanks, 10, room, bold=True) if contents.thanks else []
    for line in contents.footer.splitlines():
        blocks += lines(line, 8, room, gray=SOFT)
    return [space(20), *blocks, space(8)] if blocks else []


def _page_header(contents: DocumentText, sheet: PageFormat) -> Block:
    """Return the header of the second and each later page."""
    return later_page_header(contents.document.seller.name, contents.title, sheet)
