"""The pages of a PDF as pictures, drawn by PDFium on workers, never on the window thread.

PDFium is not thread-safe, so every call in the process holds one lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from PySide6.QtCore import QSizeF
from PySide6.QtGui import QImage

POINTS_PER_INCH = 72
_ONE_AT_A_TIME = Lock()


def sizes(pdf: bytes) -> tuple[QSizeF, ...]:
    """Return the size of each page in points (1/72 inch)."""
    with _opened(pdf) as document:
        return tuple(QSizeF(*document.get_page_size(at)) for at in range(len(document)))


def picture(pdf: bytes, page: int, *, width: int) -> QImage:
    """Draw one page on white, ``width`` pixels wide; the height follows from the page."""
    with _opened(pdf) as document:
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


@contextmanager
def _opened(pdf: bytes) -> Iterator[Any]:
    import pypdfium2  # loads a library of several MB: only when a document is shown

    with _ONE_AT_A_TIME:
        document = pypdfium2.PdfDocument(pdf)
        try:
            yield document
        finally:
            document.close()
