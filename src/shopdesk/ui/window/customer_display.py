"""The customer display: a second window on a second screen, with the row, the total, the change and thanks."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QFontMetrics, QGuiApplication, QPainter, QPaintEvent, QScreen
from PySide6.QtWidgets import QWidget

from shopdesk.render import formatting
from shopdesk.ui.base import tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.customer_view import CustomerSum, CustomerView
from shopdesk.ui.base.i18n import tr


class CustomerDisplay(QWidget):
    """The window. It takes neither focus nor keys, and does not keep the program running."""

    def __init__(self) -> None:
        flags = Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowDoesNotAcceptFocus
        super().__init__(None, flags)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, on=False)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setWindowTitle(tr("Customer display"))
        self._shop = ""
        self._practice = ""
        self._view: CustomerView | None = None
        self._is_blank = False
        self._soon = QTimer(self, singleShot=True, interval=tokens.DISPLAY_MS)
        self._soon.timeout.connect(self.update)

    def show_on(self, screen: QScreen) -> None:
        """Cover this screen."""
        self.setGeometry(screen.geometry())  # before it is shown: else it opens on the first screen
        self.showFullScreen()

    def show_shop(self, name: str, language: str, *, is_practice: bool) -> None:
        """Show the shop's name between two sales, in its language, and that it is practice."""
        self._shop = name
        self._practice = tr("Practice") if is_practice else ""
        is_rtl = formatting.is_rtl(language)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft if is_rtl else Qt.LayoutDirection.LeftToRight)
        self._renew()

    def show_view(self, view: CustomerView | None) -> None:
        """Show a sale, or the shop's name."""
        if view != self._view:
            self._view = view
            self._renew()

    def set_blank(self, blank: bool) -> None:
        """Show nothing, while the till is locked, or the sale again."""
        self._is_blank = blank
        self._renew()
        self.update()  # at once

    @property
    def texts(self) -> tuple[str, ...]:
        """All texts that are shown, from above."""
        if self._is_blank:
            return ()
        view = self._view
        if view is None:
            found: tuple[str, ...] = (self._shop,)
        else:
            sums = (text for one in view.sums for text in (one.label, one.amount))
            found = (view.item, view.detail, view.amount, *sums, view.thanks)
        return tuple(text for text in (self._practice, *found) if text)

    def _renew(self) -> None:
        """Paint soon, after the till's own window, and once for codes that are scanned one after the other."""
        self.setAccessibleName(" · ".join(self.texts))
        if not self._soon.isActive():
            self._soon.start()

    # --- painting ---

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the texts, as large as the screen allows."""
        colours = tokens.colours()
        with QPainter(self) as painter:
            painter.setLayoutDirection(self.layoutDirection())
            painter.fillRect(self.rect(), QColor(colours.ground))
            if self._is_blank:
                return
            margin = self.height() // tokens.DISPLAY_MARGIN
            room = self.rect().adjusted(margin, margin, -margin, -margin)
            if self._practice:
                self._write(painter, room, self._practice, tokens.DISPLAY_SMALL, colours.warn, top=True)
                room.adjust(0, 2 * self.height() // tokens.DISPLAY_SMALL, 0, 0)
            if self._view is None:
                self._write(painter, room, self._shop, tokens.DISPLAY_LOUD, colours.text, middle=True)
            else:
                self._paint_view(painter, room, self._view)

    def _paint_view(self, painter: QPainter, room: QRect, view: CustomerView) -> None:
        colours, line = tokens.colours(), self.height() // tokens.DISPLAY_LINE
        if not view.is_saved:
            self._write(painter, room, view.item, tokens.DISPLAY_LINE, colours.text, top=True)
            below = room.adjusted(0, line + line // 2, 0, 0)
            self._write(painter, below, view.detail, tokens.DISPLAY_LINE, colours.soft, top=True)
            self._write(painter, below, view.amount, tokens.DISPLAY_LINE, colours.text, top=True, at_end=True)
        if view.thanks:
            self._write(painter, room, view.thanks, tokens.DISPLAY_LINE, colours.accent, top=True)
        bottom = room.bottom()
        for one in reversed(view.sums):
            bottom = self._paint_sum(painter, room, bottom, one)

    def _paint_sum(self, painter: QPainter, room: QRect, bottom: int, one: CustomerSum) -> int:
        """Paint a sum above ``bottom``, and return the bottom of the one above it."""
        colours = tokens.colours()
        share = tokens.DISPLAY_LOUD if one.is_loud else tokens.DISPLAY_LINE
        height = 4 * self.height() // (3 * share)
        place = QRect(room.left(), bottom - height, room.width(), height)
        tone = colours.text if one.is_loud else colours.soft
        self._write(painter, place, one.label, tokens.DISPLAY_LINE, colours.soft, middle=True, at_start=True)
        self._write(painter, place, one.amount, share, tone, middle=True, at_end=True)
        return place.top()

    def _write(
        self,
        painter: QPainter,
        place: QRect,
        text: str,
        share: int,
        colour: str,
        *,
        top: bool = False,
        middle: bool = False,
        at_start: bool = False,
        at_end: bool = False,
    ) -> None:
        """Write one line, smaller if it is too wide; without a side, a line in the middle is centred."""
        width = place.width() // 2 if at_start else place.width()
        font = _fitting(text, self.height() // share, width)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        is_left = self.layoutDirection() is Qt.LayoutDirection.LeftToRight
        side = Qt.AlignmentFlag.AlignLeft if is_left != at_end else Qt.AlignmentFlag.AlignRight
        if middle and not (at_start or at_end):
            side = Qt.AlignmentFlag.AlignHCenter
        height = Qt.AlignmentFlag.AlignTop if top else Qt.AlignmentFlag.AlignVCenter
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, width)
        painter.drawText(place, side | height | Qt.AlignmentFlag.AlignAbsolute, shown)


def _fitting(text: str, size: int, width: int) -> QFont:
    """Return the font of a size, or of the smaller one in which the text is as wide as its place, down to half."""
    font = tokens.tabular(tokens.font(size, QFont.Weight.DemiBold))
    needed = QFontMetrics(font).horizontalAdvance(text)
    if needed > width:
        font.setPixelSize(max(size * width // needed, size // 2, 1))
    return font


class CustomerScreen(QObject):
    """Shows the customer display while someone is signed in, on the screen that the settings of the till name.

    ``window`` is the till's own: the display never covers the screen where that is.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._context: Context | None = None
        self.display: CustomerDisplay | None = None
        self._over = QTimer(self, singleShot=True, interval=tokens.THANKS_MS)
        self._over.timeout.connect(lambda: self._on_view(None))
        if (handle := window.windowHandle()) is not None:
            handle.screenChanged.connect(self._place)
        if isinstance(app := QGuiApplication.instance(), QGuiApplication):
            app.screenAdded.connect(self._place)
            app.screenRemoved.connect(self._place)

    def follow(self, context: Context) -> None:
        """Show what happens in this workspace."""
        self._context = context
        context.navigation.customer_view_changed.connect(self._on_view)
        context.settings_changed.connect(self._place)
        context.shop_changed.connect(self._place)
        self._place()

    def set_blank(self, blank: bool) -> None:
        """Show nothing while the till is locked."""
        if self.display is not None:
            self.display.set_blank(blank)

    def close(self) -> None:
        """Close the display: no one is signed in."""
        self._context = None
        self._over.stop()
        self._place()

    def _on_view(self, view: CustomerView | None) -> None:
        if self.display is None or (view is None and self._over.isActive()):
            return  # thanks stay until the next row
        self._over.stop()
        if view is not None and view.is_saved:
            self._over.start()
        self.display.show_view(view)

    def _place(self) -> None:
        context, screen = self._context, self._screen()
        if context is None or screen is None:
            if self.display is not None:
                self.display.close()
                self.display.deleteLater()
                self.display = None
            return
        if self.display is None:
            self.display = CustomerDisplay()
        shop = context.shop
        self.display.show_shop(shop.seller.name, shop.locale, is_practice=context.settings.is_practice)
        self.display.show_on(screen)

    def _screen(self) -> QScreen | None:
        name = self._context.settings.till.customer_display if self._context else ""
        others = (screen for screen in QGuiApplication.screens() if screen is not self._window.screen())
        return next((screen for screen in others if name and screen.name() == name), None)
