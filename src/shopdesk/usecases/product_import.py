"""The lines of a file of products: how each is read, compared with what is stored, and stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from shopdesk.domain.clean_text import clean, quoted, strip_invisible
from shopdesk.domain.errors import FieldError, Refused, sentence_of
from shopdesk.domain.money import PRICE_PER_MINOR, NumberSymbols, read_price, rounded
from shopdesk.domain.product import MAX_CODE_LENGTH, Product, cleaned, comparable_barcode
from shopdesk.domain.sentence import NOTHING, Sentence, sentence
from shopdesk.domain.shop import Shop, ShopTax
from shopdesk.domain.unit import Unit
from shopdesk.message_catalogues import mark
from shopdesk.render.formatting import currency_signs, number_symbols
from shopdesk.row_keys import new_key
from shopdesk.store import products
from shopdesk.store.session import Session
from shopdesk.usecases import import_layout, imports
from shopdesk.usecases.import_file import Cell, ImportFile, Progress, ignore_progress, text_of
from shopdesk.usecases.import_headings import PRODUCT_COLUMNS, PRODUCT_PROGRAMS, Program
from shopdesk.usecases.import_layout import ImportField, Layout, Subject, decimal_mark, is_yes
from shopdesk.usecases.imports import ImportLine, Questions, RawLine, Verdict

V = TypeVar("V")


def _missing(fields: frozenset[str]) -> tuple[str, ...]:
    has_code = fields & {"code", "barcode", "handle"}
    return tuple(name for name in ("name", "price") if name not in fields) + (() if has_code else ("code",))


PRODUCTS = Subject(
    name="products",
    fields=(
        ImportField(name="code", label=mark("Code"), is_needed=True),
        ImportField(name="barcode", label=mark("Barcode")),
        ImportField(name="name", label=mark("Name"), is_needed=True),
        ImportField(name="price", label=mark("Price"), is_needed=True),
        ImportField(name="tax", label=mark("Tax")),
        ImportField(name="tax_rate", label=mark("Tax rate")),
        ImportField(name="department", label=mark("Department")),
        ImportField(name="category", label=mark("Category")),
        ImportField(name="on_sale", label=mark("On sale")),
    ),
    columns=PRODUCT_COLUMNS,
    programs=PRODUCT_PROGRAMS,
    missing=_missing,
)

# The fields of a file, and the field of a product that each belongs to.
_FILLS = {
    "barcode": "barcode",
    "barcode2": "barcode",
    "name": "name",
    "price": "price",
    "tax": "tax_key",
    "tax_rate": "tax_key",
    "tax_status": "tax_key",
    "taxable": "tax_key",
    "department": "department",
    "category": "category",
    "on_sale": "is_retired",
    "retired": "is_retired",
    "unit": "unit",
}
_TYPES_WITHOUT_PRICE = {"variable", "grouped"}
_OPEN_PRICES = {"variable", "variable price"}
_PLAIN_OPTIONS = {"default title", "regular", ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductLine(ImportLine[Product]):
    """A line of a file of products."""

    @property
    def product(self) -> Product | None:
        """The product to store; None for a wrong or skipped line."""
        return self.after

    @property
    def price(self) -> str:
        """The price in the file."""
        return self.texts.get("price", "")


# --- what has to be known before the lines can be checked -----------------------------------------------------------


_MOST_TAXES = 30
_BOTH_MARKS = "1.50, 1,50"
"""The doubtful value of a column in which some values prove one decimal mark, and some the other."""


def questions(
    file: ImportFile,
    layout: Layout,
    shop: Shop,
    *,
    retired_taxes: Sequence[ShopTax] = (),
    progress: Progress = ignore_progress,
) -> Questions:
    """Return the questions that the file leaves open, and its decimal mark if all its prices agree on one."""
    errors = imports.missing_columns(PRODUCTS, layout)
    decimal, doubtful = _decimal(file, layout, shop, progress)
    if doubtful == _BOTH_MARKS:
        why = sentence("Some prices have a decimal point, others a decimal comma. Which is right?")
        errors.append(FieldError(why, "decimal"))
    elif doubtful:
        why = sentence("Which mark begins the decimals in {text}? The prices fit both.", text=quoted(doubtful))
        errors.append(FieldError(why, "decimal"))
    taxes = _open_taxes(file, layout, shop.with_taxes((*shop.taxes, *retired_taxes)))
    if taxes:
        names = tuple(quoted(name) for name in taxes)
        errors.append(FieldError(sentence("Which tax rates of this shop are {names}?", names=names), "taxes"))
    return Questions(errors=tuple(errors), decimal=decimal, doubtful=doubtful, taxes=taxes)


def _decimal(file: ImportFile, layout: Layout, shop: Shop, progress: Progress) -> tuple[str, str]:
    """Return the decimal mark of the prices, or a price that leaves it open."""
    signs = currency_signs(shop.currency, shop.locale)
    texts = import_layout.values(file, layout, "price", clean=lambda text: _bare(text, signs), progress=progress)
    proved, doubtful = decimal_mark(texts)
    if len(proved) == 1:  # also against what was chosen for an earlier file
        return next(iter(proved)), ""
    if layout.decimal:
        return layout.decimal, ""
    program = imports.program_named(PRODUCTS, layout.program)
    if program is not None and program.decimal and file.separator in {"", program.separator}:
        return program.decimal, ""
    return "", _BOTH_MARKS if proved else doubtful


def _open_taxes(file: ImportFile, layout: Layout, shop: Shop) -> tuple[str, ...]:
    """Return the names of taxes in the file that are none of the shop's, and that the owner has not placed yet."""
    if not layout.fields & {"tax", "tax_rate", "tax_status", "taxable"}:
        return ()
    seen: dict[str, bool] = {}
    for _, record, _ in import_layout.records(file, layout):
        name, rate = _tax_texts(record)
        label = _tax_label(name, rate)
        if label and label not in seen and len(seen) < _MOST_TAXES:
            seen[label] = _tax(name, rate, layout, shop, before=None) is not None
    return tuple(label for label, is_known in seen.items() if not is_known)


# --- reading a line -------------------------------------------------------------------------------------------------


class ProductChecker:
    """Compares the lines of a file with the products that are stored."""

    def __init__(
        self, session: Session, file: ImportFile, layout: Layout, shop: Shop, *, for_update: bool = False
    ) -> None:
        self._session = session
        self._file = file
        self._layout = layout
        self._shop = shop
        self._for_update = for_update
        self._program = imports.program_named(PRODUCTS, layout.program)
        self._signs = currency_signs(shop.currency, shop.locale)
        group = "," if layout.decimal == "." else "."
        self._symbols = NumberSymbols(layout.decimal or ".", group, number_symbols(shop.locale).sizes)
        self._filled = frozenset(_FILLS[name] for name in layout.fields if name in _FILLS)
        self._handle = ""
        self._inherited: dict[str, Cell] = {}

    def __call__(self, reads: Sequence[RawLine]) -> list[ProductLine]:
        """Return the verdict on each line."""
        ready = [(read, self._completed(read.record)) for read in reads]
        codes = [text_of(record["code"]).strip() for _, (record, skipped) in ready if not skipped]
        known = products.with_codes(self._session, [_clean_code(code) for code in codes], for_update=self._for_update)
        lines = [self._line(read, record, skipped, known) for read, (record, skipped) in ready]
        return self._with_warnings(lines)

    def _line(
        self, read: RawLine, record: dict[str, Cell], skipped: Sentence, known: Mapping[str, Product]
    ) -> ProductLine:
        texts = {name: text_of(record.get(name, "")) for name in ("code", "name", "price")}
        line = ProductLine(number=read.number, texts=texts, verdict=Verdict.WRONG, why=read.wrong)
        if read.wrong:
            return line
        if skipped:
            return replace(line, verdict=Verdict.SKIPPED, why=skipped)
        before = known.get(_clean_code(text_of(record["code"])))
        try:
            product = self._product(record, before)
        except Refused as refused:
            return replace(line, why=sentence_of(refused))
        first = self._file.first_with("code", product.code, read.number)
        if first != read.number:
            return replace(line, why=sentence("Line {line} has the same code.", line=first))
        return self._compared(line, product, before)

    def _compared(self, line: ProductLine, read: Product, before: Product | None) -> ProductLine:
        """Return the verdict on a valid line; a known product keeps its values for missing columns."""
        if before is None:
            is_ours = self._program is not None and self._program.name == "shopdesk"
            why = sentence("It is not on sale.") if read.is_retired and not is_ours else NOTHING
            return replace(line, verdict=Verdict.NEW, after=replace(read, key=new_key()), why=why)
        after = replace(before, **{name: getattr(read, name) for name in self._filled}, tax=None)
        verdict = Verdict.SAME if after == before else Verdict.CHANGED
        return replace(line, verdict=verdict, before=before, after=after)

    def _completed(self, record: dict[str, Cell]) -> tuple[dict[str, Cell], Sentence]:
        """Return a record with what it takes over from the lines before it, and why it is skipped, if it is."""
        own = {name: text_of(cell).strip() for name, cell in record.items()}
        skipped = _skipped(own, self._program)
        handle = own.get("handle", "")
        record = {"code": "", "name": "", "price": "", **record}
        if handle and handle == self._handle:
            record |= {name: cell for name, cell in self._inherited.items() if not own.get(name)}
        else:
            self._handle = handle
            self._inherited = {name: record[name] for name in _INHERITED if record.get(name)} if handle else {}
        options = [own.get(f"option{at}", "") for at in (1, 2, 3)]
        options = [option for option in options if option.casefold() not in _PLAIN_OPTIONS]
        name = text_of(record["name"]).strip()
        if not name and self._program is not None:
            name = own.get(self._program.name_from, "")
        record["name"] = " – ".join(filter(None, (name, *options))) if name else ""
        if not text_of(record["code"]).strip():
            record["code"] = self._other_code(record, options)
        return record, skipped

    def _other_code(self, record: Mapping[str, Cell], options: Sequence[str]) -> str:
        """Return what stands in for an empty code: the barcode, or the program's own key with the variant."""
        for name in self._layout.code_from:
            if text := text_of(record.get(name, "")).strip():
                return text if name in {"barcode", "barcode2"} else "-".join((text, *options))
        return ""

    def _product(self, record: Mapping[str, Cell], before: Product | None) -> Product:
        """Return the product of a record. Raise Refused with everything that is wrong with it."""
        faults: list[FieldError] = []

        def read(call: Callable[..., V], *args: object, default: V) -> V:
            try:
                return call(*args)
            except Refused as refused:
                faults.extend(refused.faults)
                return default

        tax = read(self._read_tax, record, before, default=None)
        department, category = _group(record, self._program.path if self._program else "")
        product = Product(
            key=before.key if before else UUID(int=0),
            code=text_of(record["code"]).strip(),
            barcode=_barcode(record),
            name=text_of(record["name"]),
            price=read(self._price, record["price"], tax, default=0),
            department=department,
            category=category,
            tax_key=tax.key if tax else None,
            is_retired=read(_retired, record, default=False),
            unit=read(_unit, record, default=Unit.PIECE),
        )
        product = read(cleaned, product, default=product)
        if faults:
            raise Refused(faults)
        return product

    def _price(self, cell: Cell, tax: ShopTax | None) -> int:
        if not text_of(cell).strip():
            raise Refused(sentence("The price is missing."))
        if isinstance(cell, str):
            price = read_price(_amount(cell, self._signs, self._shop), self._symbols, self._shop.currency)
        else:
            price = read_price(text_of(cell), NumberSymbols(), self._shop.currency)
        with_tax = self._layout.with_tax
        if with_tax is None or with_tax is self._shop.prices_include_tax:
            return price
        rate = (tax or self._shop.default_tax).rate.milli
        if with_tax:
            return rounded(price * 100_000, 100_000 + rate)
        # A price with tax is what is asked for at the counter: whole minor units.
        return rounded(price * (100_000 + rate), 100_000 * PRICE_PER_MINOR) * PRICE_PER_MINOR

    def _read_tax(self, record: Mapping[str, Cell], before: Product | None) -> ShopTax | None:
        name, rate = _tax_texts(record)
        found = _tax(name, rate, self._layout, self._shop, before=before)
        if found is None:
            label = quoted(_tax_label(name, rate))
            raise Refused(sentence("The shop has no tax {label}. Choose a rate for it under Columns.", label=label))
        return found.tax

    def _with_warnings(self, lines: list[ProductLine]) -> list[ProductLine]:
        """Return the lines; those whose barcode another product on sale has, too, with a warning."""
        sold = {
            line.number: comparable_barcode(line.after.barcode)
            for line in lines
            if line.after is not None and line.after.barcode and not line.after.is_retired
        }
        others = products.on_sale_with_barcodes(self._session, list(sold.values()))
        warned = []
        for line in lines:
            barcode, after = sold.get(line.number), line.after
            if barcode and after is not None:
                first = self._file.first_with("barcode", barcode, line.number)
                other = next((one for one in others.get(barcode, ()) if one.code != after.code), None)
                if first != line.number:
                    line = replace(line, why=sentence("Line {line} has the same barcode.", line=first))
                elif other is not None:
                    line = replace(
                        line, why=sentence("“{name}” ({code}) has the same barcode.", name=other.name, code=other.code)
                    )
            warned.append(line)
        return warned


_INHERITED = ("name", "department", "category", "on_sale", "tax", "tax_rate", "taxable")
"""Fields that the further lines of a product (its variants) leave empty."""


def _skipped(own: Mapping[str, str], program: Program | None) -> Sentence:
    """Return why a line is no product of its own, or an empty text.

    Some programs have lines for further pictures or barcodes of the product before.
    """
    kind = own.get("type", "").casefold()
    if _TYPES_WITHOUT_PRICE & {part.strip() for part in kind.split(",")}:
        return sentence("A group of products has no price of its own.")
    if own.get("price", "").casefold() in _OPEN_PRICES:
        return sentence("Its price is typed at each sale. Add it by hand.")
    if not any(own.get(name) for name in ("code", "name", "price")) and (program or not own.get("barcode")):
        return sentence("There is no product in this line.")
    return NOTHING


# --- codes ---


def _clean_code(text: str) -> str:
    """Return a code as it is stored; an empty text for one that is too long."""
    try:
        return clean(text, max_length=MAX_CODE_LENGTH)
    except Refused:
        return ""


def _barcode(record: Mapping[str, Cell]) -> str:
    for name in ("barcode", "barcode2"):
        text = text_of(record.get(name, "")).strip()
        if re.fullmatch(r"'\d+", text):  # Shopify's way of keeping a spreadsheet from shortening it
            text = text[1:]
        if re.fullmatch(r"\d{6,14}[.,]0+", text):
            text = re.split("[.,]", text)[0]
        if text:
            return text
    return ""


# --- prices ---


def _bare(text: str, signs: Sequence[str]) -> str:
    """Return an amount without the currency's sign, its spaces, and the dash that stands for no cents: ``12.-``."""
    body = strip_invisible(text)
    for sign in signs:
        if body.casefold().startswith(sign.casefold()):
            body = body[len(sign) :].strip()
        elif body.casefold().endswith(sign.casefold()):
            body = body[: -len(sign)].strip()
    body = re.sub(r"[.,][-–—]{1,2}$", "", body)
    return re.sub(r"(?<=\d)[\s'’](?=\d{3}(?!\d))", "", body)


_OTHER_SIGN = re.compile(r"[\u00a3\u00a5\u20a0-\u20c0$]|\b[A-Z]{3}\b")


def _amount(text: str, signs: Sequence[str], shop: Shop) -> str:
    body = _bare(text, signs)
    if _OTHER_SIGN.search(body) and any(mark.isdecimal() for mark in body):
        raise Refused(
            sentence("{text} is not in {code}, the currency of this shop.", text=quoted(text), code=shop.currency.code)
        )
    return body


# --- taxes ---


@dataclass(frozen=True, slots=True)
class _TaxFound:
    """A tax of the shop; None for the shop's default."""

    tax: ShopTax | None


_DEFAULT_TAXES = frozenset({"standard", "taxable", "default", "parent", "taxable goods"})
_NO_TAX = frozenset({"no tax", "none", "zero-rate", "not taxable", "tax exempt"})
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?) ?%")


def _tax_texts(record: Mapping[str, Cell]) -> tuple[str, str]:
    """Return the name and the rate of a line's tax, as the file has them."""
    name = " ".join(text_of(record.get("tax", "")).split())
    rate = text_of(record.get("tax_rate", "")).strip()
    is_untaxed = text_of(record.get("tax_status", "")).strip().casefold() in {"none", "shipping"}
    if is_untaxed or ("taxable" in record and is_yes(record["taxable"]) is False and record["taxable"] != ""):
        return "No tax", ""
    return name, rate


def _tax_label(name: str, rate: str) -> str:
    percent = _milli(rate)
    shown = f"{Decimal(percent) / 1000:f}%" if percent is not None else rate
    return " ".join(filter(None, (name, shown)))


def _milli(text: str) -> int | None:
    """Return a percentage in thousandths of a per cent, None if the text is none."""
    found = re.fullmatch(r"(\d{1,3}(?:[.,]\d{1,6})?) ?%?", text)
    if not found:
        return None
    milli = Decimal(found[1].replace(",", ".")) * 1000
    return int(milli) if milli == int(milli) and milli <= 100_000 else None


def _tax(name: str, rate: str, layout: Layout, shop: Shop, *, before: Product | None) -> _TaxFound | None:
    """Return a line's tax, None where it is not clear: the one that the owner chose, else by name and rate."""
    if not name and not rate:
        return _TaxFound(None)
    chosen_key = dict(layout.taxes).get(_tax_label(name, rate))
    if chosen_key is not None:
        chosen = next((tax for tax in shop.taxes if tax.key.hex == chosen_key), None)
        return _TaxFound(chosen) if chosen is not None or not chosen_key else None
    percent = _PERCENT.search(name)
    milli = _milli(rate) if rate else _milli(percent[1]) if percent else None
    if milli is None and rate:
        return None
    bare = _PERCENT.sub("", name).strip(" ()") if percent else name
    return _of_shop(bare.casefold(), milli, shop, before)


def _of_shop(name: str, milli: int | None, shop: Shop, before: Product | None) -> _TaxFound | None:
    own = before.tax if before is not None else None
    known = ([own] if own is not None else []) + list(shop.taxes)
    by_rate = [tax for tax in known if milli is None or tax.rate.milli == milli]
    by_name = [tax for tax in by_rate if tax.name.casefold() == name]
    if by_name:
        return _TaxFound(by_name[0])
    if milli is None and name in _DEFAULT_TAXES:
        return _TaxFound(None)
    if milli is None:
        by_rate = [tax for tax in shop.taxes if name in _NO_TAX and not tax.rate.milli]
    if own is not None and own in by_rate:
        return _TaxFound(own)
    return _TaxFound(by_rate[0]) if len({tax.key for tax in by_rate}) == 1 else None


# --- the rest ---


def _retired(record: Mapping[str, Cell]) -> bool:
    """Return True for a product that is not on sale; no word at all means that it is not, as in our own export."""
    if "retired" in record:
        answer = is_yes(record["retired"])
    elif "on_sale" in record:
        on_sale = is_yes(record["on_sale"])
        answer = None if on_sale is None else not on_sale
    else:
        return False
    if answer is None:
        text = quoted(text_of(record.get("retired", record.get("on_sale", ""))))
        raise Refused(sentence("{text} is neither yes nor no.", text=text))
    return answer


def _unit(record: Mapping[str, Cell]) -> Unit:
    text = text_of(record.get("unit", "")).strip()
    try:
        return Unit(text or Unit.PIECE)
    except ValueError:
        raise Refused(sentence("{text} is no unit. Write it like KGM.", text=quoted(text))) from None


def _group(record: Mapping[str, Cell], between: str) -> tuple[str, str]:
    """Return department and category; of a program's paths (“Clothing > Shirts, Sale”) root and leaf of the first."""
    department, category = (text_of(record.get(name, "")).strip() for name in ("department", "category"))
    if between and between in category:
        path = category.partition(", ")[0].split(between)
        return department or path[0].strip(), path[-1].strip()
    return department, category
