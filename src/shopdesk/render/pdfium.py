"""PDF files opened in PDFium. It is not thread-safe: every call in the process holds one lock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

POINTS_PER_INCH = 72
_ONE_AT_A_TIME = Lock()


@contextmanager
def opened(pdf: bytes) -> Iterator[Any]:
    """Open a PDF as ``PdfDocument`` and hold the lock until it is closed."""
    import pypdfium2  # loads a library of several MB: only when a document is shown

    with _ONE_AT_A_TIME:
        document = pypdfium2.PdfDocument(pdf)
        try:
            yield document
        finally:
            document.close()
