"""Tiles for goods without a code, beside the rows of the editor: one tap or key adds the product.

The panel is hidden while no product is shown as a tile. Each product has its tile on a page, of its own or of its
department; the owner chooses that in Products.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from shopdesk.domain.product import Product
from shopdesk.queries import products as ask
from shopdesk.ui.base import tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.widgets.page_parts import clear_layout

_SIDEWAYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class Tile(QPushButton):
    """A product as a button: its name, its price and the stripe of its colour."""

    moved = Signal(int)  # emitted with an arrow's key

    def __init__(self, product: Product, price: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.product = product
        self._price = price
        self.setProperty("role", "tile")
        self.setAccessibleName(tr("Add {name}, {price}", name=product.name, price=price))
        self.setToolTip(f"{product.name} · {price}")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a tap leaves the focus where the scanner types
        self.setAutoDefault(False)
        self.setFixedHeight(tokens.TILE)

    def sizeHint(self) -> QSize:
        """Return the smallest size; the grid widens it."""
        return QSize(tokens.TILE_WIDTH, tokens.TILE)

    def minimumSizeHint(self) -> QSize:
        """Return the smallest size, whatever the name."""
        return QSize(tokens.TILE, tokens.TILE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the button, its colour at its upper edge, the name in up to two lines and the price below."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self.product.tile_colour
        if colour is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.tile_colour(colour)))
            stripe = QRectF(tokens.XS, tokens.XS, self.width() - 2 * tokens.XS, tokens.XS)
            painter.drawRoundedRect(stripe, tokens.RING, tokens.RING)
        text = self.rect().adjusted(tokens.S, tokens.M, -tokens.S, -tokens.XS)
        line = self.fontMetrics().height()
        painter.setPen(QColor(tokens.colours().text))
        names = QRect(text.left(), text.top(), text.width(), text.height() - line)
        start = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignTop
        painter.setLayoutDirection(self.layoutDirection())
        painter.drawText(names, int(start | Qt.TextFlag.TextWordWrap), self._name(names))
        painter.setPen(QColor(tokens.colours().soft))
        painter.setFont(tokens.tabular(tokens.font(tokens.SMALL)))
        end = Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignBottom
        painter.drawText(text, int(end), self._price)

    def _name(self, room: QRect) -> str:
        """Return the name, shortened to what fits into its lines."""
        metrics, name = self.fontMetrics(), self.product.name
        flags = int(Qt.TextFlag.TextWordWrap)
        while metrics.boundingRect(room, flags, name).height() > room.height() and len(name) > 2:
            name = name[:-2].rstrip(" …") + "…"
        widest = max(name.split(), key=metrics.horizontalAdvance, default="")
        if metrics.horizontalAdvance(widest) > room.width():
            return metrics.elidedText(name, Qt.TextElideMode.ElideRight, room.width())
        return name

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press on Enter, too, and move with the arrows."""
        key = Qt.Key(event.key())
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
        elif key in {*_SIDEWAYS, Qt.Key.Key_Up, Qt.Key.Key_Down}:
            self.moved.emit(key.value)
        else:
            super().keyPressEvent(event)


class TilesPanel(QFrame):
    """The tiles of one page, in as many columns as there is room for."""

    chosen = Signal(object)  # Product: the tile pressed

    def __init__(self, context: Context, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._is_stale = True
        self._products: tuple[Product, ...] = ()
        self._columns = 0
        self.tiles: list[Tile] = []
        self.setAccessibleName(tr("Tiles"))
        self.setMinimumWidth(tokens.TILES)
        self.setMaximumWidth(2 * tokens.TILES)
        self.page = QComboBox()
        self.page.setAccessibleName(tr("Page of tiles"))
        self.page.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.page.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.page.currentIndexChanged.connect(lambda _: self._fill())
        body = QWidget()
        body.setProperty("role", "column")
        self._grid = QGridLayout()
        self._grid.setSpacing(tokens.S)
        inner = QVBoxLayout(body)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addLayout(self._grid)
        inner.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(body)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.S)
        column.addWidget(self.page)
        column.addWidget(self._scroll, 1)
        self.hide()
        context.background.changed.connect(self._on_changed)
        context.shop_changed.connect(self._fill)

    # --- reading ---

    def read(self) -> None:
        """Read the tiles if they may have changed since they were read last."""
        if self._is_stale:
            self._is_stale = False
            self._context.ask(ask.tiles, owner=self, then=self._on_read, failed=self._on_failed)

    def _on_changed(self, tables: frozenset[str]) -> None:
        if "products" in tables:
            self._is_stale = True
            parent = self.parentWidget()
            if parent is not None and parent.isVisible():
                self.read()

    def _on_failed(self, error: Exception) -> None:
        self._is_stale = True
        self._context.report_unanswered(error)

    def _on_read(self, products: tuple[Product, ...]) -> None:
        if products != self._products:
            self._products = products
            self._offer_pages()
            self._fill()
        self.setVisible(bool(products))

    def _offer_pages(self) -> None:
        shown = self.page.currentText()
        names = list(dict.fromkeys(map(_page_of, self._products)))
        self.page.blockSignals(True)
        self.page.clear()
        self.page.addItems(names)
        self.page.setCurrentIndex(max(0, self.page.findText(shown)))
        self.page.blockSignals(False)
        self.page.setVisible(len(names) > 1)

    # --- showing ---

    def _fill(self) -> None:
        """Show the tiles of the chosen page; the one with the focus keeps it."""
        focused = next((tile.product.key for tile in self.tiles if tile.hasFocus()), None)
        clear_layout(self._grid)
        page, price = self.page.currentText(), self._context.format.price
        self.tiles = [Tile(one, price(one.price)) for one in self._products if _page_of(one) == page]
        for tile in self.tiles:
            tile.clicked.connect(lambda _=False, product=tile.product: self.chosen.emit(product))
            tile.moved.connect(self._on_moved)
        self._place()
        again = next((tile for tile in self.tiles if tile.product.key == focused), None)
        if again is not None:
            again.setFocus()

    def _place(self) -> None:
        room = self._scroll.viewport().width()
        self._columns = max(1, (room + tokens.S) // (tokens.TILE_WIDTH + tokens.S))
        for at, tile in enumerate(self.tiles):
            self._grid.addWidget(tile, at // self._columns, at % self._columns)
        before: QWidget = self.page
        for tile in self.tiles:
            QWidget.setTabOrder(before, tile)
            before = tile

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many columns as there is room for."""
        super().resizeEvent(event)
        if self.tiles:
            self._place()

    # --- the keyboard ---

    def take_focus(self) -> None:
        """Go to the first tile."""
        if self.tiles:
            self.tiles[0].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_moved(self, key: int) -> None:
        at = next((at for at, tile in enumerate(self.tiles) if tile.hasFocus()), -1)
        step = _SIDEWAYS.get(Qt.Key(key))
        if step is None:
            step = self._columns if Qt.Key(key) is Qt.Key.Key_Down else -self._columns
        elif self.isRightToLeft():
            step = -step
        if at >= 0 and 0 <= at + step < len(self.tiles):
            self.tiles[at + step].setFocus(Qt.FocusReason.OtherFocusReason)
            self._scroll.ensureWidgetVisible(self.tiles[at + step])


def _page_of(product: Product) -> str:
    return product.tile_page or product.department or tr("Others")
