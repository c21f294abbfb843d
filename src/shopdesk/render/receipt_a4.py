"""Layout of a document on A4: head, customer, table, totals under the amounts, thanks at the end of the last page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shopdesk.render import formatting, text_layout
from shopdesk.render.document_text import DocumentText, LineText, TotalsRow, Weight
from shopdesk.render.page_layout import Align, Block, Frame, PageFormat, PdfPage, Rule, Text, beside, paginate

_WIDTH, _HEIGHT = 595.28, 841.89  # 210 × 297 mm
_MARGIN = 48.0
_LEADING = 1.4
_SOFT = 0.33
"""The gray of secondary text; it survives a photocopy."""
_THIN, _THIN_GRAY = 0.4, 0.6

_BODY = 9.0
_SMALL = 7.5
_TABLE_SIZES = (9.0, 8.0, 7.0, 6.0)
_GAP = 14.0
"""The gap between columns, in points."""
_LEAST_ITEM = 150.0
_ROW_PAD = 4.5
_MOST_LINES = 8
"""The most lines of a row that is never split between pages."""


def page_format(contents: DocumentText) -> PageFormat:
    """Return the page format."""
    return PageFormat(_WIDTH, _HEIGHT, _MARGIN, top=50.0, bottom=58.0, is_rtl=contents.is_rtl)


def pages(contents: DocumentText, sheet: PageFormat) -> list[PdfPage]:
    """Return the pages of the document."""
    table = _Table(contents, sheet)
    blocks = [*_head(contents, sheet), *_parties(contents, sheet), *table.rows()]
    blocks[-1].with_next = True  # keeps the last row on the page of the totals
    blocks += _sums(contents, sheet, table) if contents.has_prices else _signature(contents, sheet)
    if contents.note:
        note = _lines(contents.note, _BODY, sheet.end - _MARGIN)
        # A short note stays with the totals.
        blocks[-1].with_next = len(note) <= _MOST_LINES
        for above in note[:-1]:
            above.with_next = len(note) <= _MOST_LINES
        blocks += [_space(14, with_next=True), _label(contents.words.note), *note]
    return paginate(
        blocks, sheet, table_header=table.head(), page_header=_page_header(contents, sheet), foot=_foot(contents, sheet)
    )


def page_number(contents: DocumentText, sheet: PageFormat, page: int, of: int) -> Block:
    """Return the page footer: shop, document and page number."""
    count = contents.words.page.format(page=page, pages=of)
    taken = text_layout.width(count, _SMALL) + _GAP
    name = _shortened(f"{contents.document.seller.name} · {contents.title}", sheet.end - _MARGIN - taken)
    return Block(
        40.0,
        texts=[
            Text(_MARGIN, 12, name, _SMALL, gray=_SOFT),
            Text(sheet.end, 12, count, _SMALL, gray=_SOFT, align=Align.END),
        ],
        rules=[Rule(_MARGIN, sheet.end, 0, _THIN, _THIN_GRAY)],
    )


# --- the head -------------------------------------------------------------------------------------------------------


def _head(contents: DocumentText, sheet: PageFormat) -> list[Block]:
    half = (sheet.end - _MARGIN) / 2
    room = half - _GAP
    # Puts the shop's name on the same line as the kind.
    seller = [_space(5), *_lines(contents.document.seller.name, 15, room, bold=True), _space(3)]
    for line in contents.seller():
        seller += _lines(line, 8.5, room, gray=_SOFT)
    title = [
        *_lines(contents.kind, 20, room, bold=True, at=sheet.end, align=Align.END),
        *_lines(contents.number, 13, room, at=sheet.end, align=Align.END),
    ]
    for remark in contents.remarks():
        title += [_space(2), *_lines(remark, 8.5, room, gray=_SOFT, at=sheet.end, align=Align.END)]
    if contents.is_voided:
        title += [_space(5), _badge(contents.words.voided.upper(), sheet)]
    return [*beside(seller, title, most=_HEIGHT / 2), _space(26)]


def _badge(word: str, sheet: PageFormat) -> Block:
    """Return the word VOIDED in a frame, at the top of the first page."""
    width = text_layout.width(word, 12, bold=True)
    text = Text(sheet.end - 10, 16, word, 12, bold=True, align=Align.END)
    return Block(24, texts=[text], frames=[Frame(sheet.end - width - 20, sheet.end, 1, 23, 1.4)])


def _parties(contents: DocumentText, sheet: PageFormat) -> list[Block]:
    half = (sheet.end - _MARGIN) / 2
    buyer: list[Block] = []
    for count, line in enumerate(contents.buyer()):
        if count == 0:
            buyer += [_label(contents.words.customer), *_lines(line, 10, half - _GAP, bold=True)]
        else:
            buyer += _lines(line, 8.5, half - _GAP)
    facts: list[Block] = []
    at = _MARGIN + half
    for label, value in contents.facts():
        used = text_layout.width(label, 8.5) + _GAP
        rows = _lines(value, 8.5, max(half - used, half / 3), at=sheet.end, align=Align.END)
        rows[0].texts.append(Text(at, 8.5 * 1.05, label, 8.5, gray=_SOFT))
        facts += rows
    return [*beside(buyer, facts, most=_HEIGHT / 2), _space(20)]


# --- the table ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Column:
    heading: str
    cells: list[str]
    least: float = 0.0

    def width(self, size: float) -> float:
        return max(
            [
                text_layout.width(self.heading, min(_SMALL, size)),
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
        return self._sheet.end - _MARGIN - sum(widths) - _GAP * len(widths)

    def _right_edges(self, widths: Sequence[float]) -> Iterator[float]:
        """Yield the x of each column's right edge: its end, or its start in right-to-left layout."""
        x = self._sheet.end - sum(widths) - _GAP * (len(widths) - 1)
        for width in widths:
            yield x if self._sheet.is_rtl else x + width
            x += width + _GAP

    @property
    def amounts(self) -> float:
        """The x of the right edge of the amounts."""
        return self._edges[-1]

    def head(self) -> Block:
        """Return the table header, which is repeated on every page with rows."""
        size = min(_SMALL, self._size)
        texts = [Text(_MARGIN, 10, self._contents.words.item, size, gray=_SOFT)]
        texts += [
            Text(edge, 10, column.heading, size, gray=_SOFT, align=Align.NUMBER)
            for edge, column in zip(self._edges, self._columns, strict=True)
        ]
        return Block(15, texts=texts, rules=[Rule(_MARGIN, self._sheet.end, 15, 0.9)])

    def rows(self) -> Iterator[Block]:
        """Yield the table header and the rows."""
        head = self.head()
        head.with_next = True
        yield head
        for at, line in enumerate(self._lines):
            yield from self._row(at, line)

    def _row(self, at: int, line: LineText) -> Iterator[Block]:
        size, leading = self._size, self._size * _LEADING
        wrapped = text_layout.wrap(formatting.tidy(line.item), size, self._item_room)
        first = _ROW_PAD + size * 0.95
        numbers = [
            Text(edge, first, column.cells[at], size, align=Align.NUMBER)
            for edge, column in zip(self._edges, self._columns, strict=True)
            if column.cells[at]
        ]
        below = leading * 0.27 + _ROW_PAD
        if len(wrapped) <= _MOST_LINES:
            items = [Text(_MARGIN, first + row * leading, text, size) for row, text in enumerate(wrapped)]
            height = first + (len(wrapped) - 1) * leading + below
            yield Block(height, [*items, *numbers], [self._rule(height)], is_row=True)
            return
        for row, text in enumerate(wrapped):
            is_last = row == len(wrapped) - 1
            baseline = first if row == 0 else leading - leading * 0.27
            height = baseline + (below if is_last else leading * 0.27)
            marks = [Text(_MARGIN, baseline, text, size), *(numbers if row == 0 else ())]
            yield Block(height, marks, [self._rule(height)] if is_last else [], is_row=True)

    def _rule(self, y: float) -> Rule:
        return Rule(_MARGIN, self._sheet.end, y, _THIN, _THIN_GRAY)


# --- the totals -------------------------------------------------------------------------------------------------------


def _sums(contents: DocumentText, sheet: PageFormat, table: _Table) -> list[Block]:
    """Return totals and payments, under the amounts, and taxes in small type beside or, if too wide, below them."""
    start = _middle(sheet)
    rows = [*(_sum(row, sheet, table.amounts) for row in contents.totals()), _space(5)]
    rows += [_sum(row, sheet, table.amounts) for row in contents.payments()]
    first = [_space(8, with_next=True)]
    room = start - 2 * _GAP - _MARGIN
    if _width(contents.taxes(), _SMALL) <= room:
        return [*first, *beside(_taxes(contents, room), rows, most=_HEIGHT / 2)]
    return [*first, *beside([], rows, most=_HEIGHT / 2), _space(10), *_taxes(contents, sheet.end - _MARGIN)]


def _middle(sheet: PageFormat) -> float:
    return _MARGIN + (sheet.end - _MARGIN) * 0.5


def _size(row: TotalsRow, room: float) -> float:
    """Return the largest font size for the weight of a row at which label and value fit side by side."""
    wanted = {Weight.PLAIN: (_BODY, 8.0, 7.0), Weight.TOTAL: (14.0, 12.0, 10.0), Weight.STRONG: (11.0, 10.0, 9.0)}
    bold = _is_bold(row)
    pair = row.label + row.value
    sizes = wanted[row.weight]
    return next((size for size in sizes if text_layout.width(pair, size, bold=bold) <= room - _GAP), sizes[-1])


def _is_bold(row: TotalsRow) -> bool:
    return row.weight is not Weight.PLAIN


def _sum(row: TotalsRow, sheet: PageFormat, edge: float) -> Block:
    start = _middle(sheet)
    size, bold = _size(row, sheet.end - start), _is_bold(row)
    value = text_layout.width(row.value, size, bold=bold)
    room = (edge if sheet.is_rtl else sheet.end - value) - _GAP - start
    above = 6.0 if row.weight is Weight.TOTAL else 2.0
    block = Block(above)
    for line in _lines(row.label, size, max(room, 60), bold=bold, at=start):
        block.add(line)
    block.texts.append(Text(edge, above + size * 1.05, row.value, size, bold, align=Align.NUMBER))
    if row.weight is Weight.TOTAL:
        block.rules.append(Rule(start, sheet.end, 2, 0.9))
    return block


_TaxRow = tuple[str, str, str, str]


def _widths(rows: Sequence[_TaxRow], size: float) -> list[float]:
    return [max(text_layout.width(row[at], size) for row in rows) for at in range(4)]


def _width(rows: Sequence[_TaxRow], size: float) -> float:
    return sum(_widths(rows, size)) + 3 * _GAP if rows else 0.0


def _taxes(contents: DocumentText, room: float) -> list[Block]:
    """Return net, tax and gross of each rate, and the remarks on tax, in small type."""
    rows = contents.taxes()
    if not rows:
        return []
    size = _SMALL * min(1.0, room / _width(rows, _SMALL))
    widths = _widths(rows, size)
    blocks = [_space(4)]
    for count, row in enumerate(rows):
        x = _MARGIN
        texts = [Text(x, 8, row[0], size, gray=_SOFT)]
        for before, width, cell in zip(widths, widths[1:], row[1:], strict=False):
            x += before + _GAP
            texts.append(Text(x if contents.is_rtl else x + width, 8, cell, size, gray=_SOFT, align=Align.NUMBER))
        rules = [Rule(_MARGIN, x + widths[-1], 12, _THIN, _THIN_GRAY)] if count == 0 else []
        blocks.append(Block(13.5 if count == 0 else 11.5, texts, rules))
    blocks.append(_space(3))
    for remark in contents.tax_remarks():
        blocks += _lines(remark, _SMALL, room, gray=_SOFT)
    return blocks


def _signature(contents: DocumentText, sheet: PageFormat) -> list[Block]:
    """Return the line where the customer signs for the goods."""
    line = Block(2, rules=[Rule(_middle(sheet), sheet.end, 0, _THIN)], with_next=True)
    words = _lines(contents.words.received_by, _SMALL, sheet.end - _middle(sheet), gray=_SOFT, at=_middle(sheet))
    return [_space(48, with_next=True), line, *words]


# --- the foot -------------------------------------------------------------------------------------------------------


def _foot(contents: DocumentText, sheet: PageFormat) -> list[Block]:
    """Return the thank-you line and the shop's footer text."""
    room = sheet.end - _MARGIN
    blocks = _lines(contents.thanks, 10, room, bold=True) if contents.thanks else []
    for line in contents.document.seller.footer.splitlines():
        blocks += _lines(line, 8, room, gray=_SOFT)
    return [_space(20), *blocks, _space(8)] if blocks else []


def _page_header(contents: DocumentText, sheet: PageFormat) -> Block:
    """Return the header of the second and each later page."""
    block = Block(30, rules=[])
    name = _shortened(contents.document.seller.name, (sheet.end - _MARGIN) * 0.6)
    block.texts.append(Text(_MARGIN, 9, name, 9, bold=True))
    block.texts.append(Text(sheet.end, 9, contents.title, 9, align=Align.END))
    return block


# --- pieces ---------------------------------------------------------------------------------------------------------


def _lines(
    text: str,
    size: float,
    room: float,
    *,
    bold: bool = False,
    gray: float = 0.0,
    at: float = _MARGIN,
    align: Align = Align.START,
) -> list[Block]:
    """Return one block for each line, so that a long text can continue on the next page."""
    return [
        Block(size * _LEADING, [Text(at, size * 1.05, line, size, bold, gray, align)])
        for paragraph in text.splitlines() or [""]
        for line in text_layout.wrap(formatting.tidy(paragraph), size, room, bold=bold)
    ]


def _label(text: str) -> Block:
    return Block(13, [Text(_MARGIN, 8, text, _SMALL, gray=_SOFT)], with_next=True)


def _space(height: float, *, with_next: bool = False) -> Block:
    return Block(height, with_next=with_next)


def _shortened(text: str, room: float) -> str:
    """Return one line that fits, cut with an ellipsis if necessary; the full text is in the head of the first page."""
    tidied = formatting.tidy(text)
    lines = text_layout.wrap(tidied, _BODY, room - _BODY)
    return lines[0] if len(lines) == 1 else f"{lines[0]}…"
