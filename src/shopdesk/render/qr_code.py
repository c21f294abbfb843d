"""QR codes (ISO/IEC 18004) as rows of modules, drawn as vectors."""

from __future__ import annotations

from functools import lru_cache

Modules = tuple[tuple[bool, ...], ...]
"""Rows of a code from the top, True for black."""
_MASK = 3
"""One of eight, which every reader knows. Choosing the best, as the standard advises, takes twelve times as long."""


@lru_cache(maxsize=32)
def modules(content: str) -> Modules:
    """Return the code of a text in UTF-8, with error correction M: a seventh of it may be unreadable."""
    # Imported late: all kinds of bar codes come with it, which takes as long as a page.
    from reportlab.graphics.barcode.qrencoder import QR8bitByte, QRCode, QRErrorCorrectLevel

    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(QR8bitByte(content.encode()))
    code.version = code.calculate_version()  # type: ignore[no-untyped-call]
    code.makeImpl(False, _MASK)
    return tuple(map(tuple, code.modules))
