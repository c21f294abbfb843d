"""The account that an unpaid invoice is paid to, with its code, and the slip of a Swiss QR-bill below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shopdesk.domain.identifiers import spaced_iban
from shopdesk.domain.payment_code import CodeKind, PaymentCode, PostalAddress, payment_code
from shopdesk.render import formatting, text_layout
from shopdesk.render.a4_parts import GAP, MARGIN, SOFT, lines, small_label, space
from shopdesk.render.document_text import DocumentText
from shopdesk.render.page_layout import Align, Block, CodeSquare, Frame, PageFormat, PdfPage, Rule, Text, beside
from shopdesk.render.qr_code import modules

_MM = 72 / 25.4
_EPC_SIZE = 27 * _MM
_SLIP_HEIGHT, _RECEIPT_WIDTH, _EDGE = 105 * _MM, 62 * _MM, 5 * _MM
_SWISS_SIZE = 46 * _MM


def transfer(contents: DocumentText, sheet: PageFormat) -> list[Block]:
    """Return the account to pay to, with the code for a banking app where there is one; a slip says it by itself."""
    rows = contents.transfer()
    if not rows or has_slip(contents):
        return []
    code = payment_code(contents.document)
    is_epc = code is not None and code.kind is CodeKind.EPC
    start = MARGIN + (_EPC_SIZE + GAP if is_epc else 0)
    labels = max(text_layout.width(label, 8.5) for label, _ in rows) + GAP
    told: list[Block] = []
    for label, value in rows:
        values = lines(value, 8.5, sheet.end - start - labels, at=start + labels)
        values[0].texts.append(Text(start, 8.5 * 1.05, label, 8.5, gray=SOFT))
        told += values
    title = small_label(contents.words.pay_by_transfer)
    if code is None or not is_epc:
        return [space(14, with_next=True), title, *_kept(told)]
    square = Block(_EPC_SIZE, codes=[CodeSquare(MARGIN, 0, _EPC_SIZE, modules(code.content))])
    return [space(14, with_next=True), title, *beside([square], told, most=sheet.lowest)]


def _kept(blocks: list[Block]) -> list[Block]:
    for block in blocks[:-1]:
        block.with_next = True
    return blocks


# --- the Swiss slip ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _SlipWords:
    receipt: str
    payment_part: str
    account: str
    further: str
    payable_by: str
    payable_by_blank: str
    currency: str
    amount: str
    acceptance: str


# The words are those of the guidelines, annex D; the slip has no other language.
_SLIP_WORDS = {
    "en": _SlipWords(
        receipt="Receipt",
        payment_part="Payment part",
        account="Account / Payable to",
        further="Additional information",
        payable_by="Payable by",
        payable_by_blank="Payable by (name/address)",
        currency="Currency",
        amount="Amount",
        acceptance="Acceptance point",
    ),
    "de": _SlipWords(
        receipt="Empfangsschein",
        payment_part="Zahlteil",
        account="Konto / Zahlbar an",
        further="Zusätzliche Informationen",
        payable_by="Zahlbar durch",
        payable_by_blank="Zahlbar durch (Name/Adresse)",
        currency="Währung",
        amount="Betrag",
        acceptance="Annahmestelle",
    ),
    "fr": _SlipWords(
        receipt="Récépissé",
        payment_part="Section paiement",
        account="Compte / Payable à",
        further="Informations supplémentaires",
        payable_by="Payable par",
        payable_by_blank="Payable par (nom/adresse)",
        currency="Monnaie",
        amount="Montant",
        acceptance="Point de dépôt",
    ),
}


def has_slip(contents: DocumentText) -> bool:
    """Return True if a document has the slip of a QR-bill."""
    return _slip_code(contents) is not None


def _slip_code(contents: DocumentText) -> PaymentCode | None:
    code = payment_code(contents.document) if contents.transfer() else None
    return code if code is not None and code.kind is CodeKind.SWISS else None


def with_slip(pages: list[PdfPage], contents: DocumentText, sheet: PageFormat) -> list[PdfPage]:
    """Return the pages with the slip of a QR-bill at the foot of the last one, or of a new one if it is too full."""
    code = _slip_code(contents)
    if code is None:
        return pages
    last = pages[-1]
    top = last.height - _SLIP_HEIGHT
    if max(y + block.height for y, block in last.blocks) > top:
        last = PdfPage(last.height)
        pages = [*pages, last]
    last.blocks.append((top, _Slip(contents, code, sheet).block()))
    last.has_number = False
    return pages


class _Slip:
    """The slip, by the measures of the guidelines (style guide QR-bill): receipt, then payment part; never mirrored."""

    def __init__(self, contents: DocumentText, code: PaymentCode, sheet: PageFormat) -> None:
        self._document = contents.document
        self._code = code
        self._sheet = sheet
        self._words = _SLIP_WORDS.get(contents.words.language, _SLIP_WORDS["en"])
        self._block = Block(_SLIP_HEIGHT)

    def block(self) -> Block:
        """Return it as one block, as wide as the page."""
        words, receipt, part = self._words, _EDGE, _RECEIPT_WIDTH + _EDGE
        self._cuts()
        self._write(receipt, 9 * _MM, words.receipt, 11, bold=True)
        self._write(part, 9 * _MM, words.payment_part, 11, bold=True)
        self._parties(receipt, 12 * _MM, heading=6, size=8, room=52 * _MM, has_reference=False)
        self._parties(part + 51 * _MM, 5 * _MM, heading=8, size=10, room=87 * _MM, has_reference=True)
        self._amount(receipt, heading=6, size=8)
        self._amount(part, heading=8, size=10)
        self._write(_RECEIPT_WIDTH - _EDGE, 84 * _MM, words.acceptance, 6, bold=True, is_end=True)
        left = self._x(part) - (_SWISS_SIZE if self._sheet.is_rtl else 0)
        square = CodeSquare(left, 17 * _MM, _SWISS_SIZE, modules(self._code.content), has_cross=True)
        self._block.codes.append(square)
        return self._block

    def _cuts(self) -> None:
        """Draw the lines to cut along, with scissors."""
        self._block.rules.append(Rule(0, self._sheet.width, 0, 0.5))
        left, right = sorted((self._x(_RECEIPT_WIDTH), self._x(_RECEIPT_WIDTH + 0.01)))
        self._block.frames.append(Frame(left, right, 0, _SLIP_HEIGHT, 0.5))
        self._write(_EDGE, 1.2 * _MM, "✂", 10)

    def _parties(self, x: float, y: float, *, heading: float, size: float, room: float, has_reference: bool) -> None:
        seller, buyer = self._document.seller, self._document.buyer
        groups = [(self._words.account, [spaced_iban(seller.iban), *_printed(seller.name, self._code.creditor)])]
        if has_reference:
            groups.append((self._words.further, [self._document.number]))
        if self._code.debtor is not None:
            groups.append((self._words.payable_by, _printed(buyer.name, self._code.debtor)))
        for title, told in groups:
            y = self._lines(x, y, [title], heading, room, bold=True)
            y = self._lines(x, y, told, size, room) + size
        if self._code.debtor is None:
            y = self._lines(x, y, [self._words.payable_by_blank], heading, room, bold=True)
            self._box(x, y + 2, 52 * _MM if heading == 6 else 65 * _MM, 20 * _MM if heading == 6 else 25 * _MM)

    def _amount(self, x: float, *, heading: float, size: float) -> None:
        amount = formatting.swiss_amount(self._document.balance)
        for offset, title, value in (
            (0.0, self._words.currency, "CHF"),
            (14 * _MM if heading == 6 else 17 * _MM, self._words.amount, amount),
        ):
            self._write(x + offset, 70 * _MM, title, heading, bold=True)
            self._write(x + offset, 70 * _MM + size * 1.4, value, size)

    def _lines(self, x: float, y: float, told: list[str], size: float, room: float, *, bold: bool = False) -> float:
        """Write lines below each other and return the y below them."""
        for line in told:
            for part in text_layout.wrap(formatting.tidy(line), size, room, bold=bold):
                y += size * 1.15
                self._write(x, y, part, size, bold=bold)
        return y

    def _box(self, x: float, y: float, width: float, height: float) -> None:
        """Draw the corners of the field that the payer fills in."""
        corner = 3 * _MM
        for left in (x, x + width - corner):
            for top in (y, y + height):
                self._block.rules.append(Rule(self._x(left), self._x(left + corner), top, 0.75))
        for side in (x, x + width):
            for top in (y, y + height - corner):
                edges = sorted((self._x(side), self._x(side + 0.01)))
                self._block.frames.append(Frame(edges[0], edges[1], top, top + corner, 0.75))

    def _write(self, x: float, y: float, text: str, size: float, *, bold: bool = False, is_end: bool = False) -> None:
        is_start = is_end == self._sheet.is_rtl  # of the page, which begins at the right in Arabic and Hebrew
        self._block.texts.append(
            Text(self._x(x), y, text, size, bold=bold, align=Align.START if is_start else Align.END)
        )

    def _x(self, x: float) -> float:
        """Return the distance from the start edge of the page for one from its left edge."""
        return self._sheet.width - x if self._sheet.is_rtl else x


def _printed(name: str, address: PostalAddress | None) -> list[str]:
    """Return an address as the guidelines print it, without the country where it is Switzerland."""
    return list(_address_lines(name, address)) if address else [name]


def _address_lines(name: str, address: PostalAddress) -> Iterator[str]:
    yield name
    if address.street:
        yield address.street
    country = "" if address.country in {"CH", "LI"} else f"{address.country} "
    yield f"{country}{address.postcode} {address.town}"
