"""The search page: one box for documents, customers and products. Arrow keys choose while typing, Enter opens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHeaderView, QLineEdit, QStackedLayout, QVBoxLayout, QWidget

from shopdesk.domain.customer import Customer
from shopdesk.domain.product import Product
from shopdesk.queries import customers, documents, products
from shopdesk.queries.documents import DocumentFilter, DocumentSummary
from shopdesk.ui.base import display_names, icons, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, tr
from shopdesk.ui.base.pages import Page
from shopdesk.ui.base.scanner import keep_scans
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.documents.documents_model import buyer, paid
from shopdesk.ui.widgets.page_parts import Column, EmptyState, Head
from shopdesk.ui.widgets.paged_model import ROW_ROLE, Index
from shopdesk.ui.widgets.table import Table

_OF_EACH = 5
"""The number of hits shown per group; the group's own page finds more."""
_TYPING_MS = 120


@dataclass(frozen=True, slots=True)
class SearchHits:
    """The hits for a search text."""

    text: str
    documents: tuple[DocumentSummary, ...] = ()
    customers: tuple[Customer, ...] = ()
    products: tuple[Product, ...] = ()


def everything(session: Any, text: str) -> SearchHits:
    """Return the first hits of each group, all read in one transaction. A query for ``context.ask``."""
    if not text.strip():
        return SearchHits("")
    return SearchHits(
        text,
        documents.page(session, find=DocumentFilter(text=text), after=None, limit=_OF_EACH),
        customers.suggest(session, text, limit=_OF_EACH),
        products.suggest(session, text, limit=_OF_EACH),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One row: the heading of a group, or a hit that can be opened."""

    title: str
    detail: str = ""
    amount: str = ""
    look: StatusLook | None = None
    open: Callable[[], object] | None = None

    @property
    def is_head(self) -> bool:
        """True if this is only the heading of a group."""
        return self.open is None


class SearchHitsModel(QAbstractTableModel):
    """The hits under the headings of their groups. Headings cannot be selected or opened."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.hits: tuple[Hit, ...] = ()

    def show(self, hits: tuple[Hit, ...]) -> None:
        """Replace the hits."""
        self.beginResetModel()
        self.hits = hits
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.hits)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 3

    def flags(self, index: Index) -> Qt.ItemFlag:
        if self.hits[index.row()].is_head:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        hit = self.hits[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return (hit.title, hit.detail, hit.amount)[index.column()]
            case Qt.ItemDataRole.DecorationRole if hit.look and index.column() == 0:
                return icons.icon(hit.look.icon, hit.look.tone)
            case Qt.ItemDataRole.FontRole if hit.is_head:
                return tokens.font(tokens.SMALL, QFont.Weight.DemiBold)
            case Qt.ItemDataRole.ForegroundRole if hit.is_head or index.column() == 1:
                return tokens.colour(Tone.SOFT)
            case Qt.ItemDataRole.TextAlignmentRole if index.column() == 2:
                return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            case _ if role == ROW_ROLE:
                return hit
            case _:
                return None


class SearchScreen(QWidget):
    """The search box, and below it the hits, group by group."""

    found = Signal(object)  # SearchHits: emitted when they are shown

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._asked = 0
        self._opens_first = False
        self.box = QLineEdit()
        keep_scans(self.box)
        self.box.setAccessibleName(tr("Search"))
        self.box.setPlaceholderText(tr("A number, a customer's name, e-mail or phone, a product's name or code"))
        self.box.setClearButtonEnabled(True)
        self.box.addAction(icons.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.box.setMinimumHeight(tokens.PRIMARY)
        self.box.installEventFilter(self)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self._ask)
        self.box.textChanged.connect(lambda _: self._typing.start())
        self.model = SearchHitsModel(self)
        self.table = Table(tr("Search results"))
        self.table.setModel(self.model)
        self._dress_table()
        self.table.opened.connect(self._on_opened)
        self.table.typed.connect(self._on_typed)
        self.empty = EmptyState("search", "")
        self._lay_out()
        self.setFocusProxy(self.box)
        self._show(SearchHits(""))

    def _dress_table(self) -> None:
        header = self.table.horizontalHeader()
        header.hide()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)

    def _lay_out(self) -> None:
        body = QWidget()
        self._body = QStackedLayout(body)
        self._body.addWidget(self.table)
        self._body.addWidget(self.empty)
        page = Column(spacing=tokens.M)
        page.add(Head(tr("Search")))
        page.add(self.box)
        page.add(body, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(page)

    # --- typing ---

    def showEvent(self, event: QShowEvent) -> None:
        """Select the last search text, ready to be typed over, and search again."""
        super().showEvent(event)
        self.box.selectAll()
        self._ask()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Handle the list's keys while the box has the focus."""
        if watched is not self.box or not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        match event.key():
            case Qt.Key.Key_Down:
                self._move(1)
            case Qt.Key.Key_Up:
                self._move(-1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._on_enter()
            case Qt.Key.Key_Escape if self.box.text():
                self.box.clear()
            case Qt.Key.Key_Escape:
                self._context.navigation.show_page(Page.DASHBOARD)
            case _:
                return super().eventFilter(watched, event)
        return True

    def _move(self, step: int) -> None:
        at = self.table.currentIndex().row() + step
        while 0 <= at < len(self.model.hits) and self.model.hits[at].is_head:
            at += step
        if 0 <= at < len(self.model.hits):
            self.table.selectRow(at)

    def _on_enter(self) -> None:
        if self._typing.isActive():  # a scanner sends Enter before the typing pause has passed
            self._opens_first = True
            self._ask()
        elif (hit := self.table.current()) is not None:
            self._on_opened(hit)

    def _on_typed(self, text: str) -> None:
        self.box.setFocus(Qt.FocusReason.OtherFocusReason)
        self.box.insert(text)

    def _on_opened(self, hit: Hit) -> None:
        if hit.open is not None:
            hit.open()

    # --- finding ---

    def _ask(self) -> None:
        self._typing.stop()
        self._asked += 1
        asked = self._asked

        def then(found: SearchHits) -> None:
            if asked == self._asked:
                self._show(found)

        self._context.ask(everything, self.box.text(), owner=self, then=then)

    def _show(self, found: SearchHits) -> None:
        hits = [
            *_group(tr("Documents"), [self._document(one) for one in found.documents]),
            *_group(tr("Customers"), [self._customer(one) for one in found.customers]),
            *_group(tr("Products"), [self._product(one) for one in found.products]),
        ]
        self.model.show(tuple(hits))
        self.table.clearSpans()
        for at, hit in enumerate(hits):
            if hit.is_head:
                self.table.setSpan(at, 0, 1, self.model.columnCount())
        self._body.setCurrentWidget(self.table if hits else self.empty)
        if found.text:
            self.empty.set_text(
                tr("Nothing found for “{text}”", text=found.text.strip()),
                tr("Try typing only the beginning of each word."),
            )
        else:
            self.empty.set_text(
                tr("Search everything"),
                tr("Documents by number or customer, customers by name, e-mail or phone, products by name or code."),
            )
        if hits:
            self._move(1)
        if self._opens_first:
            self._opens_first = False
            if (hit := self.table.current()) is not None:
                self._on_opened(hit)
        self.found.emit(found)

    def _document(self, row: DocumentSummary) -> Hit:
        context, key = self._context, row.key
        look = paid(row)
        return Hit(
            title=f"{display_names.kind(row.kind)} {row.number}",
            detail=" · ".join((buyer(row), context.format.day(row.date_on), look.word)),
            amount=context.format.money(row.gross),
            look=look,
            open=lambda: context.navigation.open_document(key),
        )

    def _customer(self, customer: Customer) -> Hit:
        context, key = self._context, customer.key
        return Hit(
            title=customer.name,
            detail=" · ".join(part for part in (customer.email, customer.phone) if part and part != customer.name),
            look=StatusLook("", "customer", Tone.SOFT),
            open=lambda: context.navigation.find_documents(DocumentFilter(customer_key=key)),
        )

    def _product(self, product: Product) -> Hit:
        context, name = self._context, product.name
        return Hit(
            title=name,
            detail=" · ".join(filter(None, (product.code, product.barcode, product.department))),
            amount=context.format.price(product.price),
            look=StatusLook("", "products", Tone.SOFT),
            open=lambda: context.navigation.find_documents(DocumentFilter(item=name)),
        )


def _group(name: str, hits: list[Hit]) -> list[Hit]:
    return [Hit(title=name), *hits] if hits else []
