"""A statement of account as a PDF file for A4, in the customer's language."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from shopdesk.domain.statement import Statement, StatementLine
from shopdesk.render import formatting
from shopdesk.render.translations import wording

if TYPE_CHECKING:
    from shopdesk.render.page_layout import Block, PageFormat

_DATE, _NUMBER = 84.0, 88.0
"""The width of the column of dates, and of each column of amounts, in points."""
_TITLE, _NAME, _FACT = 18.0, 15.0, 8.5
_ROW = 18.0


class StatementText:
    """The texts of a statement; the mail has them, too."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.words = wording(statement.language)
        self.language = statement.language or self.words.language
        self.is_rtl = formatting.is_rtl(self.words.language)

    def amount(self, minor: int) -> str:
        """Return minor units as text, without the currency."""
        return formatting.amount(minor, self.statement.currency, self.language)

    @property
    def period(self) -> str:
        """The first and the last day."""
        days = (formatting.day(day, self.language) for day in (self.statement.since, self.statement.until))
        first, last = (f"\u200e{day}\u200e" if self.is_rtl else day for day in days)  # UAX 9, W2
        return self.words.statement.period.format(first=first, last=last)

    def seller(self) -> list[str]:
        """Return the lines below the shop's name."""
        seller = self.statement.seller
        reach = " · ".join(filter(None, (seller.phone, seller.email)))
        tax_id = f"{self.words.tax_id} {seller.tax_id}" if seller.tax_id else ""
        return [line for line in (*seller.address.splitlines(), reach, tax_id) if line.strip()]

    def buyer(self) -> list[str]:
        """Return the customer's lines, name first."""
        buyer = self.statement.buyer
        tax_id = f"{self.words.tax_id} {buyer.tax_id}" if buyer.tax_id else ""
        below = (*buyer.address.splitlines(), buyer.email, buyer.phone, tax_id)
        return [buyer.name, *(line for line in below if line.strip() and line != buyer.name)]

    def line(self, line: StatementLine) -> str:
        """Return what a line is about."""
        kind = f"{self.words.kinds[line.kind]} {line.number}"
        if line.method is None:
            return kind
        paid = self.words.statement.payment if line.amount <= 0 else self.words.statement.refund
        return paid.format(number=line.number, method=self.words.methods[line.method])

    def closing(self) -> tuple[str, str]:
        """Return the balance at the end with its label: due, or in the customer's favour."""
        closing, words = self.statement.closing, self.words.statement
        label = words.closing if closing >= 0 else words.credit
        return f"{label} {self.statement.currency.code}", self.amount(abs(closing))

    def ageing(self) -> list[tuple[str, str]]:
        """Return what is open by its age; empty if nothing is."""
        parts = zip(self.words.statement.ages, self.statement.ageing, strict=True)
        return [(label, self.amount(minor)) for label, minor in parts] if any(self.statement.ageing) else []


def statement_pdf(statement: Statement, *, made_at: datetime) -> bytes:
    """Return the statement as a PDF file; the same arguments give the same bytes. ``made_at`` is aware."""
    # Imported late: reportlab takes 0.1 s.
    from shopdesk.render import page_layout, shaping, text_layout
    from shopdesk.render.a4_parts import later_page_header, page_footer, sheet_of
    from shopdesk.render.page_layout import PdfMetadata

    contents = StatementText(statement)
    sheet = sheet_of(is_rtl=contents.is_rtl)
    title, seller = contents.words.statement.title, statement.seller.name
    metadata = PdfMetadata(
        title=f"{title}, {contents.period}",
        author=seller,
        subject=" · ".join(filter(None, (title, seller, statement.buyer.name))),
        language=contents.words.language,
        made_at=made_at,
    )

    def footer(page: int, of: int) -> Block:
        return page_footer(f"{seller} · {title}", contents.words.page.format(page=page, pages=of), sheet)

    with text_layout.reportlab_lock:
        try:
            pages = page_layout.paginate(
                _blocks(contents, sheet),
                sheet,
                table_header=_head(contents, sheet),
                page_header=later_page_header(seller, f"{title}, {contents.period}", sheet),
            )
            return page_layout.draw(pages, sheet, metadata, footer)
        finally:
            shaping.release_fonts()


def _blocks(contents: StatementText, sheet: PageFormat) -> list[Block]:
    from shopdesk.render.a4_parts import GAP, HEIGHT, MARGIN, SOFT, lines, logo_above, small_label, space
    from shopdesk.render.page_layout import Align, beside

    words, half = contents.words, (sheet.end - MARGIN) / 2 - GAP
    logo = contents.statement.logo
    seller = logo_above(logo.content) if logo else []
    seller += [*lines(contents.statement.seller.name, _NAME, half, bold=True), space(3)]
    for line in contents.seller():
        seller += lines(line, _FACT, half, gray=SOFT)
    title = [
        *lines(words.statement.title, _TITLE, half, bold=True, at=sheet.end, align=Align.END),
        *lines(contents.period, 10, half, at=sheet.end, align=Align.END),
    ]
    name, *below = contents.buyer()
    buyer = [small_label(words.customer), *lines(name, 10, half, bold=True)]
    for line in below:
        buyer += lines(line, _FACT, half)
    head = _head(contents, sheet)
    head.with_next = True
    blocks = [*beside(seller, title, most=HEIGHT / 2), space(26), *buyer, space(20), head]
    blocks += _rows(contents, sheet)
    blocks[-1].with_next = True  # the last row stays with the balance
    label, value = contents.closing()
    blocks += [space(8, with_next=True), *_total(label, value, sheet), *_ageing(contents, sheet)]
    return blocks


def _edges(contents: StatementText, sheet: PageFormat) -> tuple[float, float]:
    """Return where the numbers of the two columns end: at the right in every language."""
    from shopdesk.render.a4_parts import GAP

    starts = sheet.end - 2 * _NUMBER - GAP, sheet.end - _NUMBER
    return starts if contents.is_rtl else (starts[0] + _NUMBER, sheet.end)


def _head(contents: StatementText, sheet: PageFormat) -> Block:
    from shopdesk.render.a4_parts import MARGIN, SMALL, SOFT
    from shopdesk.render.page_layout import Align, Block, Rule, Text

    words, (amount, balance) = contents.words, _edges(contents, sheet)
    code = contents.statement.currency.code
    return Block(
        15,
        texts=[
            Text(MARGIN, 10, words.date, SMALL, gray=SOFT),
            Text(MARGIN + _DATE, 10, words.statement.document, SMALL, gray=SOFT),
            Text(amount, 10, f"{words.amount} {code}", SMALL, gray=SOFT, align=Align.NUMBER),
            Text(balance, 10, words.statement.balance, SMALL, gray=SOFT, align=Align.NUMBER),
        ],
        rules=[Rule(MARGIN, sheet.end, 15, 0.9)],
    )


def _rows(contents: StatementText, sheet: PageFormat) -> list[Block]:
    statement, words = contents.statement, contents.words.statement
    rows = [_row(("", words.brought_forward, "", contents.amount(statement.opening)), contents, sheet)]
    for line, balance in zip(statement.lines, statement.balances(), strict=True):
        cells = (
            formatting.day(line.on, contents.language),
            contents.line(line),
            contents.amount(line.amount),
            contents.amount(balance),
        )
        rows.append(_row(cells, contents, sheet))
    if not statement.lines:
        rows.append(_row(("", words.nothing, "", ""), contents, sheet))
    return rows


def _row(cells: tuple[str, str, str, str], contents: StatementText, sheet: PageFormat) -> Block:
    from shopdesk.render import text_layout
    from shopdesk.render.a4_parts import BODY, GAP, LEADING, MARGIN, THIN, THIN_GRAY
    from shopdesk.render.page_layout import Align, Block, Rule, Text

    day, about, amount, balance = cells
    edges = _edges(contents, sheet)
    room = sheet.end - MARGIN - _DATE - 2 * (_NUMBER + GAP)
    wrapped = text_layout.wrap(formatting.tidy(about), BODY, room)
    texts = [
        Text(MARGIN, 12, day, BODY),
        *(Text(MARGIN + _DATE, 12 + at * BODY * LEADING, line, BODY) for at, line in enumerate(wrapped)),
        Text(edges[0], 12, amount, BODY, align=Align.NUMBER),
        Text(edges[1], 12, balance, BODY, align=Align.NUMBER),
    ]
    height = _ROW + (len(wrapped) - 1) * BODY * LEADING
    return Block(
        height, [text for text in texts if text.text], [Rule(MARGIN, sheet.end, height, THIN, THIN_GRAY)], is_row=True
    )


def _total(label: str, value: str, sheet: PageFormat) -> list[Block]:
    from shopdesk.render import text_layout
    from shopdesk.render.a4_parts import GAP, MARGIN, lines
    from shopdesk.render.page_layout import Align, Block, Rule, Text, stack

    start, size = MARGIN + (sheet.end - MARGIN) / 2, 14.0
    room = sheet.end - start - text_layout.width(value, size, bold=True) - GAP
    while text_layout.width(label, size, bold=True) > room and size > 9:
        size -= 1
    block = stack([Block(6), *lines(label, size, max(room, 60), bold=True, at=start)])
    block.texts.append(Text(sheet.end, 6 + size * 1.05, value, size, bold=True, align=Align.END))
    block.rules.append(Rule(start, sheet.end, 2, 0.9))
    return [block]


def _ageing(contents: StatementText, sheet: PageFormat) -> list[Block]:
    """Return what is open by its age, as a small table over the whole width."""
    from shopdesk.render.a4_parts import BODY, MARGIN, SMALL, SOFT, THIN, THIN_GRAY, small_label, space
    from shopdesk.render.page_layout import Align, Block, Rule, Text

    parts = contents.ageing()
    if not parts:
        return [space(20)]
    width = (sheet.end - MARGIN) / len(parts)
    texts = []
    for at, (label, value) in enumerate(parts):
        edge = MARGIN + at * width if contents.is_rtl else MARGIN + (at + 1) * width
        texts += [
            Text(edge, 9, label, SMALL, gray=SOFT, align=Align.NUMBER),
            Text(edge, 25, value, BODY, align=Align.NUMBER),
        ]
    table = Block(34, texts, [Rule(MARGIN, sheet.end, 13, THIN, THIN_GRAY)])
    return [space(24), small_label(contents.words.statement.ageing), table, space(20)]
