"""The pages of a PDF as pictures, drawn by PDFium; called on workers, never on the window thread.

The one thing to know: PDFium may do one thing at a time in a whole process, so every call stands under one lock.
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
    """How large each page is, in points."""
    with _opened(pdf) as document:
        return tuple(QSizeF(*document.get_page_size(at)) for at in range(len(document)))


def picture(pdf: bytes, page: int, *, width: int) -> QImage:
    """One page on white, so many pixels wide; as high as it then is."""
    with _opened(pdf) as document:
        drawn = document[page]
        try:
            # PDFium rounds up to whole pixels: half a one less gives exactly the width.
            bitmap = drawn.render(scale=(width - 0.5) / drawn.get_width(), prefer_bgrx=True)
            try:
                made = QImage(
                    bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride, QImage.Format.Format_RGB32
                )
                return made.copy()  # the bytes above are Python's, and go
            finally:
                bitmap.close()
        finally:
            drawn.close()


@contextmanager
def _opened(pdf: bytes) -> Iterator[Any]:
    import pypdfium2  # loads a library of several MB: not before somebody looks at a document

    with _ONE_AT_A_TIME:
        document = pypdfium2.PdfDocument(pdf)
        try:
            yield document
        finally:
            document.close()
