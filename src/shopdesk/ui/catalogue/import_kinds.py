"""The two kinds of import, products and customers, each with its texts, use cases and the columns of its lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from shopdesk.domain.product import Product
from shopdesk.message_catalogues import Marked, mark
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, counted, listed, tr, tr_marked, translated
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.paged_model import ColumnOf, PagedModel
from shopdesk.usecases import customers, products
from shopdesk.usecases.customer_import import CUSTOMERS
from shopdesk.usecases.import_layout import Subject
from shopdesk.usecases.imports import ImportCheck, ImportLine, Verdict
from shopdesk.usecases.product_import import PRODUCTS

Line = ImportLine[Any]
Check = ImportCheck[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportKind:
    """One kind of import. ``texts`` are columns of its list of lines: field, title, width, and True for a number."""

    subject: Subject
    title: Marked
    choose: Marked
    waiting: Marked
    empty: Marked
    inspect: Callable[..., Any]
    check: Callable[..., Check]
    import_all: Callable[..., Check]
    texts: tuple[tuple[str, Marked, int, bool], ...]
    button: Callable[[int], str]
    done: Marked


PRODUCTS_IMPORT = ImportKind(
    subject=PRODUCTS,
    title=mark("Import products"),
    choose=mark("Choose a file of products"),
    waiting=mark(
        "A CSV or Excel file, from a spreadsheet or another program. Products whose code exists already are updated, "
        "others are added."
    ),
    empty=mark("The file contains no products."),
    inspect=products.inspect_import,
    check=products.check_import,
    import_all=products.import_all,
    texts=(
        ("code", mark("Code"), 96, False),
        ("name", mark("Name"), 184, False),
        ("price", mark("Price"), 104, True),
    ),
    button=lambda count: counted(count, "Import {count} product", "Import {count} products"),
    done=mark("Products imported: {new} new, {changed} changed."),
)

CUSTOMERS_IMPORT = ImportKind(
    subject=CUSTOMERS,
    title=mark("Import customers"),
    choose=mark("Choose a file of customers"),
    waiting=mark(
        "A CSV or Excel file, from a spreadsheet or another program. Customers who are known already, by e-mail or by "
        "phone and name, are updated, others are added."
    ),
    empty=mark("The file contains no customers."),
    inspect=customers.inspect_import,
    check=customers.check_import,
    import_all=customers.import_all,
    texts=(
        ("name", mark("Name"), 160, False),
        ("email", mark("E-mail"), 168, False),
        ("phone", mark("Phone"), 120, False),
    ),
    button=lambda count: counted(count, "Import {count} customer", "Import {count} customers"),
    done=mark("Customers imported: {new} new, {changed} changed."),
)


# --- the lines ------------------------------------------------------------------------------------------------------

_VERDICTS = {
    Verdict.NEW: (mark("new"), "new", Tone.GOOD),
    Verdict.CHANGED: (mark("changed"), "edit", Tone.WARN),
    Verdict.SAME: (mark("unchanged"), "level", Tone.SOFT),
    Verdict.SKIPPED: (mark("skipped"), "level", Tone.SOFT),
    Verdict.WRONG: (mark("wrong"), "bad", Tone.BAD),
}


def verdict(which: Verdict) -> StatusLook:
    """Return in words what the import will do with a line."""
    word, icon, tone = _VERDICTS[which]
    return StatusLook(tr_marked(word), icon, tone)


class ImportModel(PagedModel[Line]):
    """The lines of a checked file, with the result for each, read page by page."""

    def __init__(self, kind: ImportKind, context: Context, *, parent: Any = None) -> None:
        columns: tuple[ColumnOf[Line], ...] = (
            ColumnOf(title=tr("Line"), text=lambda row: context.format.count(row.number), width=64, is_number=True),
            ColumnOf(title=tr("Result"), text=_word, look=_look, width=116),
            *(_column(context, *column) for column in kind.texts),
            ColumnOf(
                title=tr("Details"), text=lambda row: details(row, context), tip=lambda row: details(row, context)
            ),
        )
        super().__init__(context, columns, parent=parent)

    def show_check(self, check: Check, which: Verdict | None, *, warned: bool = False) -> None:
        """Show the lines of a check: all, those with one verdict, or those with a warning."""
        self.show(_page, check=check, verdict=which, warned=warned)


def _page(_session: object, *, check: Check, after: Line | None, limit: int, **which: Any) -> tuple[Line, ...]:
    return check.lines.page(after=after, limit=limit, **which)


def _column(context: Context, field: str, title: Marked, width: int, is_number: bool) -> ColumnOf[Line]:
    def text(row: Line) -> str:
        if field == "price" and isinstance(row.after, Product):
            return context.format.price(row.after.price)  # as it is read: 1.234 may be a thousand
        return " ".join(row.texts.get(field, "").split())

    return ColumnOf(title=tr_marked(title), text=text, width=width, is_number=is_number, tip=text)


def _word(row: Line) -> str:
    return verdict(row.verdict).word


def _look(row: Line) -> StatusLook:
    look = verdict(row.verdict)
    return look._replace(icon="warn", tone=Tone.WARN) if row.is_warned else look


_CHANGES = {
    "barcode": mark("barcode"),
    "name": mark("name"),
    "department": mark("department"),
    "category": mark("category"),
    "tax_key": mark("tax"),
    "is_retired": mark("on sale"),
    "email": mark("e-mail"),
    "phone": mark("phone"),
    "address": mark("address"),
    "tax_id": mark("tax number"),
    "language": mark("language"),
    "note": mark("note"),
}


def details(line: Line, context: Context) -> str:
    """Return the error or warning of a line, or the changes it makes: “price 0.89 → 0.99, name”."""
    before, after = line.before, line.after
    changes = []
    if before is not None and after is not None:
        if isinstance(before, Product) and before.price != after.price:
            old, new = context.format.price(before.price), context.format.price(after.price)
            changes.append(tr("price {old} → {new}", old=old, new=new))
        changed = {one.name for one in fields(before) if getattr(before, one.name) != getattr(after, one.name)}
        changes += [tr_marked(word) for name, word in _CHANGES.items() if name in changed]
    return " ".join(filter(None, (translated(line.why), listed(changes))))
