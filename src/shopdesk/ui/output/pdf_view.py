"""The PDF view: pages one below the other, fitted to the width, sharp on every screen.

Only visible pages are rendered, on a worker thread. A page is blank until it is rendered; while the window is resized,
the old picture is scaled.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFocusEvent, QImage, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from shopdesk.background import Background
from shopdesk.ui.base import tokens
from shopdesk.ui.output import pdf_pages

_ZOOMS = (1.0, 1.25, 1.5, 2.0, 3.0)
_WIDEST = tokens.READING + tokens.READING // 2
"""Maximum width of a page in pixels when fitted: longer lines are harder to read."""
_KEPT = 6
"""Number of pictures kept of pages out of sight; a page at 200 % takes about 10 MB."""


class PdfView(QAbstractScrollArea):
    """The pages of a PDF. Ctrl with +, - or the wheel zooms, Ctrl+0 fits the width."""

    drawn = Signal()  # emitted when every visible page is rendered

    def __init__(self, background: Background, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._pdf = b""
        self._awaited = b""
        self._sizes: tuple[QSizeF, ...] = ()
        self._pages: list[QRect] = []
        self._pictures: dict[int, QImage] = {}
        self._asked: set[int] = set()
        self._edition = 0
        self._zoom = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setSizePolicy(self.sizePolicy().Policy.Expanding, self.sizePolicy().Policy.Expanding)
        self._settled = QTimer(self, singleShot=True, interval=tokens.MOTION_MS)
        self._settled.timeout.connect(self._redraw)
        self.verticalScrollBar().valueChanged.connect(self._ask)
        for bar in (self.verticalScrollBar(), self.horizontalScrollBar()):
            bar.setSingleStep(tokens.XXL)

    @property
    def page_count(self) -> int:
        """The number of pages."""
        return len(self._sizes)

    @property
    def is_drawn(self) -> bool:
        """True if every visible page is rendered at the current size."""
        wanted = [page for page in self._in_sight() if page not in self._pictures]
        waits = self._asked or self._awaited or self._settled.isActive()
        return bool(self._sizes) and not wanted and not waits

    def show_pdf(self, pdf: bytes) -> None:
        """Show a PDF; do nothing if it is shown already.

        The pages shown before stay in sight until the new ones are rendered. Call ``clear`` first if they are of
        another document.
        """
        if pdf == (self._awaited or self._pdf):
            return
        self._awaited = pdf
        self._edition += 1
        self._asked.clear()
        edition = self._edition

        def then(sizes: tuple[QSizeF, ...]) -> None:
            if edition == self._edition:
                self._pdf, self._sizes, self._awaited = pdf, sizes, b""
                self._lay_out()
                self._pictures = {at: self._pictures[at] for at in self._in_sight() if at in self._pictures}
                self._settled.stop()
                self._ask(again=True)

        self._background.run_in_pool(pdf_pages.sizes, pdf, owner=self, then=then)

    def clear(self) -> None:
        """Show nothing."""
        self._pdf = self._awaited = b""
        self._sizes = ()
        self._clear()
        self._lay_out()
        self.verticalScrollBar().setValue(0)

    def zoom(self, steps: int) -> None:
        """Zoom in or out by steps; 0 fits the width."""
        self._zoom = min(max(self._zoom + steps, 0), len(_ZOOMS) - 1) if steps else 0
        self._lay_out()
        self._settled.start()

    # --- layout ---

    def _lay_out(self) -> None:
        """Place the pages one below the other and set the scroll bars, keeping the position in the document."""
        bar = self.verticalScrollBar()
        place = bar.value() / bar.maximum() if bar.maximum() else 0.0
        room = self.viewport().size()
        fitting = min(room.width() - 2 * tokens.L, _WIDEST)
        widest = max((size.width() for size in self._sizes), default=1.0)
        scale = max(fitting, 1) * _ZOOMS[self._zoom] / widest
        self._pages = []
        width = round(widest * scale) + 2 * tokens.L
        y = tokens.L
        for size in self._sizes:
            page = QSize(round(size.width() * scale), round(size.height() * scale))
            self._pages.append(QRect(QPoint((max(width, room.width()) - page.width()) // 2, y), page))
            y += page.height() + tokens.L
        self.verticalScrollBar().setPageStep(room.height())
        self.verticalScrollBar().setRange(0, max(0, y - room.height()))
        self.horizontalScrollBar().setPageStep(room.width())
        self.horizontalScrollBar().setRange(0, max(0, width - room.width()))
        bar.setValue(round(place * bar.maximum()))
        self.viewport().update()

    def _origin(self) -> QPoint:
        return QPoint(self.horizontalScrollBar().value(), self.verticalScrollBar().value())

    def _in_sight(self) -> list[int]:
        seen = QRect(self._origin(), self.viewport().size())
        return [at for at, page in enumerate(self._pages) if page.intersects(seen)]

    # --- drawing ---

    def _clear(self) -> None:
        self._edition += 1
        self._pictures.clear()
        self._asked.clear()

    def _redraw(self) -> None:
        """Render the visible pages for the new size; the old pictures stay until then."""
        if self._awaited:
            return  # the new pages are rendered for this size
        self._edition += 1
        self._asked.clear()
        self._ask(again=True)

    def _ask(self, *_: object, again: bool = False) -> None:
        """Render the visible pages that are missing, or all of them with ``again``."""
        if self._settled.isActive() or self._awaited:
            return
        seen = self._in_sight()
        for page in seen:
            if page not in self._asked and (again or page not in self._pictures):
                self._asked.add(page)
                self._render(page)
        for page in [page for page in self._pictures if page not in seen][:-_KEPT]:
            del self._pictures[page]

    def _render(self, page: int) -> None:
        edition, ratio = self._edition, self.devicePixelRatioF()

        def then(picture: QImage) -> None:
            if edition == self._edition:
                picture.setDevicePixelRatio(ratio)
                self._pictures[page] = picture
                self._asked.discard(page)
                self.viewport().update()
                if self.is_drawn:
                    self.drawn.emit()

        width = max(1, round(self._pages[page].width() * ratio))
        self._background.run_in_pool(pdf_pages.picture, self._pdf, page, width=width, owner=self, then=then)

    # --- Qt events ---

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the pages on the window background, each with a thin border."""
        colours = tokens.colours()
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.viewport().rect(), QColor(colours.ground))
        for at in self._in_sight():
            page = self._pages[at].translated(-self._origin())
            painter.fillRect(page, Qt.GlobalColor.white)
            if at in self._pictures:
                painter.drawImage(page, self._pictures[at])
            painter.setPen(QPen(QColor(colours.line), tokens.HAIR))
            painter.drawRect(page.adjusted(-tokens.HAIR, -tokens.HAIR, 0, 0))
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.accent), tokens.RING))
            painter.drawRect(self.viewport().rect().adjusted(tokens.HAIR, tokens.HAIR, -tokens.HAIR, -tokens.HAIR))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the pages to the new width; render them again once it is stable, unless they keep their size."""
        super().resizeEvent(event)
        before = [page.size() for page in self._pages]
        self._lay_out()
        if before == [page.size() for page in self._pages]:
            self._ask()
        elif self._pictures:
            self._settled.start()
        else:
            self._redraw()

    def event(self, event: QEvent) -> bool:
        """Render again when the screen's pixel ratio changes."""
        if event.type() == QEvent.Type.DevicePixelRatioChange and self._sizes:
            self._settled.start()
        return super().event(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Repaint the pages at the new position."""
        self.viewport().update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus ring."""
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the focus ring."""
        super().focusOutEvent(event)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom on Ctrl with +, - or 0; go to the ends on Home and End; leave scrolling keys to Qt."""
        bar = self.verticalScrollBar()
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        match event.key():
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal if control:
                self.zoom(1)
            case Qt.Key.Key_Minus if control:
                self.zoom(-1)
            case Qt.Key.Key_0 if control:
                self.zoom(0)
            case Qt.Key.Key_Home:
                bar.setValue(bar.minimum())
            case Qt.Key.Key_End:
                bar.setValue(bar.maximum())
            case _:
                super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll, or zoom with Ctrl."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
            return
        super().wheelEvent(event)
