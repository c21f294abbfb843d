"""Actions on products: saving one, or importing thousands, all of them or none."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shopdesk.domain.account import Actor, Right
from shopdesk.domain.activity import Activity, Change
from shopdesk.domain.clean_text import clean
from shopdesk.domain.conflict import merge
from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.money import PRICE_PER_MINOR, Currency, NumberSymbols, read_price
from shopdesk.domain.product import Product
from shopdesk.row_keys import new_key
from shopdesk.store import journal, products, shop
from shopdesk.store.session import Session
from shopdesk.usecases.rights import authorize


def save(session: Session, product: Product, *, by: Actor, now: datetime, base: Product | None = None) -> Product:
    """Store a new product, or change one. Raise Refused with one error for each wrong field.

    ``base`` is the product as the edit began; other users' changes since then are merged. Raise Collided where both
    changed the same field.
    """
    actor = authorize(session, by, Right.CATALOGUE)
    cleaned = _checked(product)
    before = products.find(session, product.key, for_update=True)
    if base is not None:
        cleaned = merge(base, cleaned, before or products.by_key(session, product.key))
    products.save(session, cleaned)
    _record(session, [(before, cleaned)], by=actor, now=now)
    return cleaned


def _record(session: Session, saved: Sequence[tuple[Product | None, Product]], *, by: Actor, now: datetime) -> None:
    """Journal the prices that are new or another than before."""
    currency = shop.current(session).currency
    changes = [
        Change(f"{after.name} ({after.code})", _price_text(before.price, currency) if before else "", price)
        for before, after in saved
        if (price := _price_text(after.price, currency)) and (before is None or before.price != after.price)
    ]
    journal.record_changes(session, Activity.PRICE, changes, by=by, at=now)


def _price_text(price: int, currency: Currency) -> str:
    """Return a price as plain decimal text, with the currency's decimals at least: ``0.0125``, ``9.50``."""
    decimals = len(str(PRICE_PER_MINOR)) - 1
    text = f"{Decimal(price).scaleb(-currency.digits - decimals):f}"
    for _ in range(decimals):
        text = text.removesuffix("0") if "." in text else text
    return text.removesuffix(".")


class Verdict(StrEnum):
    """The effect that an import would have for one line of the file."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "unchanged"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLine:
    """The verdict on one line, counted from 1 including the header; ``why`` is the error.

    ``product`` is the product to store, None for a wrong line; ``before`` the one stored now, if any.
    """

    number: int
    code: str
    name: str
    price: str
    verdict: Verdict
    why: str = ""
    before: Product | None = None
    product: Product | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCheck:
    """The effect of importing a file, line by line. ``ignored`` names the columns that are not used."""

    lines: tuple[ImportLine, ...]
    ignored: tuple[str, ...]

    def count(self, verdict: Verdict) -> int:
        """Return the number of lines with this verdict."""
        return sum(line.verdict is verdict for line in self.lines)

    @property
    def is_good(self) -> bool:
        """True if all lines can be imported, and there is at least one."""
        return bool(self.lines) and not self.count(Verdict.WRONG)


def check_import(session: Session, file: bytes, *, by: Actor, now: datetime) -> ImportCheck:
    """Read a CSV file of products and return what importing it would do; nothing is written.

    Its columns are product_id (or code), name, price, and optionally barcode, department and category; others are
    ignored and reported. A product with the same code is changed, and keeps its values for missing columns. Prices have
    a decimal point; in a file whose columns are separated by semicolons, a decimal comma. Raise Refused for a file that
    is no such table.
    """
    authorize(session, by, Right.CATALOGUE)
    del now
    return _check(session, _read(file))


def import_all(session: Session, file: bytes, *, by: Actor, now: datetime) -> ImportCheck:
    """Import a CSV file of products after checking it again. Raise Refused when one of its lines is wrong."""
    actor = authorize(session, by, Right.CATALOGUE)
    check = _check(session, _read(file))
    if wrong := check.count(Verdict.WRONG):
        lines = "1 line has" if wrong == 1 else f"{wrong} lines have"
        raise Refused(f"{lines} an error, so nothing was imported.", field="file")
    ready = [(line.verdict, line.product) for line in check.lines if line.product is not None]
    products.add_all(session, [product for verdict, product in ready if verdict is Verdict.NEW])
    products.change_all(session, [product for verdict, product in ready if verdict is Verdict.CHANGED])
    _record(session, [(line.before, line.product) for line in check.lines if line.product], by=actor, now=now)
    return check


_AS_FLOAT = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)
_DESTROYED = (
    "A spreadsheet made the number {code} of this code, and its last digits are lost. Export the list again, and set "
    "the column to Text before you open it."
)


def _checked(product: Product) -> Product:
    cleaned = replace(
        product,
        code=clean(product.code, max_length=64, field="code"),
        barcode=clean(product.barcode, max_length=64, field="barcode"),
        name=clean(product.name, max_length=500, field="name"),
        department=clean(product.department, max_length=100, field="department"),
        category=clean(product.category, max_length=100, field="category"),
    )
    faults = []
    if not cleaned.name:
        faults.append(FieldError("A product needs a name.", "name"))
    codes = {"code": cleaned.code, "barcode": cleaned.barcode}
    faults += [
        FieldError(_DESTROYED.format(code=code), field) for field, code in codes.items() if _AS_FLOAT.fullmatch(code)
    ]
    if not cleaned.code:
        faults.append(FieldError("A product needs a code.", "code"))
    if cleaned.price < 0:
        faults.append(FieldError("A price cannot be negative.", "price"))
    if faults:
        raise Refused(faults)
    return cleaned


# --- a file of products ---------------------------------------------------------------------------------------------

# The header of a column, in lower case, and the field of a product that it fills. To add one: name it here.
_COLUMNS: Mapping[str, str] = {
    "product_id": "code",
    "code": "code",
    "barcode": "barcode",
    "name": "name",
    "department": "department",
    "category": "category",
    "price": "price",
}
_NEEDED = {"code": "product_id", "name": "name", "price": "price"}
_MOST_LINES = 200_000
_COUNTRY_MARKS = {",": NumberSymbols(".", ","), ";": NumberSymbols(",", "."), "\t": NumberSymbols(".", ",")}


@dataclass(frozen=True, slots=True)
class _File:
    """A parsed file: the texts of each line by product field, and the number symbols of the file."""

    lines: Sequence[tuple[int, dict[str, str], str]]
    ignored: tuple[str, ...]
    symbols: NumberSymbols


def _read(file: bytes) -> _File:
    """Read a CSV file (RFC 4180; semicolons and tabs too). Raise Refused when it is not a table of products."""
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("This is not a UTF-8 text file. Save it as “CSV UTF-8” and try again.", field="file") from None
    first = text.partition("\n")[0]
    separator = max(_COUNTRY_MARKS, key=first.count)
    rows = _rows(text, separator)
    head = [name.strip().casefold() for name in next(rows, (0, []))[1]]
    fields = [_COLUMNS.get(name, "") for name in head]
    missing = [name for field, name in _NEEDED.items() if field not in fields]
    if missing:
        columns = ", ".join(f"“{name}”" for name in missing)
        raise Refused(f"The first line must name the columns. Missing: {columns}.", field="file")
    if twice := next((name for name in head if name in _COLUMNS and fields.count(_COLUMNS[name]) > 1), ""):
        raise Refused(f"There are two columns for “{twice}”.", field="file")
    lines = [(number, *_named(fields, row)) for number, row in rows if any(cell.strip() for cell in row)]
    ignored = tuple(name for name, field in zip(head, fields, strict=True) if not field and name)
    return _File(lines, ignored, _COUNTRY_MARKS[separator])


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for row in reader:
            if reader.line_num > _MOST_LINES:
                raise Refused(f"The file has more than {_MOST_LINES:,} lines. Split it into several.", field="file")
            yield reader.line_num, row
    except csv.Error as error:
        raise Refused(f"Line {reader.line_num} is not valid CSV: {error}.", field="file") from None


def _named(fields: Sequence[str], row: Sequence[str]) -> tuple[dict[str, str], str]:
    """Return the cells of a row by product field, and the error of the row as such, if any."""
    named = {field: cell for field, cell in zip(fields, row, strict=False) if field}
    wrong = "" if len(row) == len(fields) else f"The line has {len(row)} columns, but the header has {len(fields)}."
    return dict.fromkeys(filter(None, fields), "") | named, wrong


def _check(session: Session, file: _File) -> ImportCheck:
    currency = shop.current(session).currency
    lines = [_line(number, texts, wrong, currency, file.symbols) for number, texts, wrong in file.lines]
    known = products.with_codes(session, [line.product.code for line in lines if line.product is not None])
    seen: dict[str, int] = {}
    for at, line in enumerate(lines):
        if line.product is None:
            continue
        first = seen.setdefault(line.product.code, line.number)
        if first != line.number:
            lines[at] = replace(line, why=f"Line {first} has the same code.", product=None)
        else:
            lines[at] = _compared(line, line.product, known.get(line.product.code), file.lines[at][1])
    return ImportCheck(lines=tuple(lines), ignored=file.ignored)


def _line(number: int, texts: Mapping[str, str], wrong: str, currency: Currency, symbols: NumberSymbols) -> ImportLine:
    """Return a line with its product, or with its error."""
    line = ImportLine(
        number=number, code=texts["code"], name=texts["name"], price=texts["price"], verdict=Verdict.WRONG, why=wrong
    )
    if wrong:
        return line
    try:
        return replace(line, product=_checked(_product(texts, currency, symbols)))
    except Refused as refused:
        return replace(line, why=str(refused))


def _compared(line: ImportLine, read: Product, before: Product | None, texts: Mapping[str, str]) -> ImportLine:
    """Return the verdict on a valid line; a known product keeps its values for missing columns."""
    if before is None:
        return replace(line, verdict=Verdict.NEW, product=replace(read, key=new_key()))
    after = replace(before, **{name: getattr(read, name) for name in texts})
    verdict = Verdict.SAME if after == before else Verdict.CHANGED
    return replace(line, verdict=verdict, before=before, product=after)


_NO_KEY = UUID(int=0)


def _product(texts: Mapping[str, str], currency: Currency, symbols: NumberSymbols) -> Product:
    if not texts["price"].strip():
        raise Refused("The price is missing.")
    price = read_price(texts["price"], symbols, currency)
    return Product(key=_NO_KEY, **{**texts, "price": price})  # type: ignore[arg-type]
