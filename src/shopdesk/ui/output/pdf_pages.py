"""The pages of a PDF as pictures for the screen, drawn by PDFium on workers, never on the window thread."""

from __future__ import annotations

from PySide6.QtCore import QSizeF
from PySide6.QtGui import QImage

from shopdesk.render import pdfium


def sizes(pdf: bytes) -> tuple[QSizeF, ...]:
    """Return the size of each page in points (1/72 inch)."""
    with pdfium.opened(pdf) as document:
        return tuple(QSizeF(*document.get_page_size(at)) for at in range(len(document)))


def picture(pdf: bytes, page: int, *, width: int) -> QImage:
    """Draw one page on white, ``width`` pixels wide; the height follows from the page."""
    with pdfium.opened(pdf) as document:
        drawn = document[page]
        try:
            # PDFium rounds up to whole pixels: half a pixel less gives exactly the width.
            bitmap = drawn.render(scale=(width - 0.5) / drawn.get_width(), prefer_bgrx=True)
            try:
                made = QImage(
                    bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride, QImage.Format.Format_RGB32
                )
                return made.copy()  # the bytes above are freed by Python
            finally:
                bitmap.close()
        finally:
            drawn.close()
