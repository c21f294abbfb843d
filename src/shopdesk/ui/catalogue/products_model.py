"""The list of products, and the lines of a file to import."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtCore import QObject

from shopdesk.domain.money import Currency
from shopdesk.domain.product import Product
from shopdesk.message_catalogues import mark
from shopdesk.render.export import Cell
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, tr, tr_marked
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.paged_model import ColumnOf, PagedModel
from shopdesk.usecases.products import ImportLine, Verdict


class ProductsModel(PagedModel[Product]):
    """All products, sorted by name; retired ones are marked."""

    def __init__(self, context: Context, *, parent: QObject | None = None) -> None:
        price = tr("Price, {currency}", currency=context.shop.currency.code)
        columns: tuple[ColumnOf[Product], ...] = (
            ColumnOf(title=tr("Code"), text=lambda row: row.code, width=104, tip=lambda row: row.barcode or row.code),
            ColumnOf(title=tr("Name"), text=_name, tip=_detail),
            ColumnOf(title=price, text=lambda row: context.format.price(row.price), width=104, is_number=True),
        )
        super().__init__(context, columns, parent=parent)


def _name(row: Product) -> str:
    return tr("{name} (not on sale)", name=row.name) if row.is_retired else row.name


def _detail(row: Product) -> str:
    return " · ".join(filter(None, (row.name, row.department, row.category)))


def file_head() -> tuple[str, ...]:
    """Return the column names of an exported list, which are those that the import reads."""
    return ("product_id", "barcode", "name", "department", "category", "price", "on_sale")


def file_row(row: Product, currency: Currency) -> tuple[Cell, ...]:
    """Return a product as a row of an exported list, with its exact price in major units."""
    price = Decimal(row.price).scaleb(-currency.digits - 2)
    least = price.quantize(Decimal(1).scaleb(-currency.digits))
    shown = least if least == price else price.normalize()
    return (row.code, row.barcode, row.name, row.department, row.category, shown, "" if row.is_retired else "yes")


VERDICTS = {
    Verdict.NEW: (mark("new"), "new", Tone.GOOD),
    Verdict.CHANGED: (mark("changed"), "edit", Tone.WARN),
    Verdict.SAME: (mark("unchanged"), "level", Tone.SOFT),
    Verdict.WRONG: (mark("wrong"), "bad", Tone.BAD),
}


def verdict(which: Verdict) -> StatusLook:
    """Return in words what the import will do with a line."""
    word, icon, tone = VERDICTS[which]
    return StatusLook(tr_marked(word), icon, tone)


class ImportModel(PagedModel[ImportLine]):
    """The lines of a file to import, with the result for each; all lines are in memory."""

    def __init__(self, context: Context, *, parent: QObject | None = None) -> None:
        columns: tuple[ColumnOf[ImportLine], ...] = (
            ColumnOf(title=tr("Line"), text=lambda row: context.format.count(row.number), width=64, is_number=True),
            ColumnOf(title=tr("Result"), text=_word, look=lambda row: verdict(row.verdict), width=116),
            ColumnOf(title=tr("Code"), text=lambda row: row.code, width=96),
            ColumnOf(title=tr("Name"), text=lambda row: row.name, tip=lambda row: row.name),
            ColumnOf(title=tr("Price"), text=lambda row: row.price, width=80, is_number=True),
            ColumnOf(title=tr("Details"), text=lambda row: why(row, context), tip=lambda row: why(row, context)),
        )
        super().__init__(context, columns, parent=parent)

    def show_lines(self, lines: Sequence[ImportLine]) -> None:
        """Show the lines."""
        self._replace(tuple(lines), len(lines) + 1)


def _word(row: ImportLine) -> str:
    return verdict(row.verdict).word


_WORDS = {
    "barcode": mark("barcode"),
    "name": mark("name"),
    "department": mark("department"),
    "category": mark("category"),
}


def why(line: ImportLine, context: Context) -> str:
    """Return the error in a line, or the changes it makes: “price 0.89 → 0.99, name”."""
    before, after = line.before, line.product
    if before is None or after is None:
        return line.why
    changes = []
    if before.price != after.price:
        changes.append(
            tr("price {old} → {new}", old=context.format.price(before.price), new=context.format.price(after.price))
        )
    changes += [tr_marked(word) for name, word in _WORDS.items() if getattr(before, name) != getattr(after, name)]
    return ", ".join(changes)
