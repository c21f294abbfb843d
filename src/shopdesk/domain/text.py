"""Text as people type and paste it: trimmed, composed, without control characters, never too long."""

from __future__ import annotations

import unicodedata

from shopdesk.domain.errors import Refused


def clean(text: str, *, most: int, field: str = "", row: int | None = None) -> str:
    """One line of text in NFC; control characters become spaces. Raises Refused when longer than ``most``."""
    return _limited(" ".join(_visible(text, keep="").split()), most, field, row)


def clean_lines(text: str, *, most: int, field: str = "") -> str:
    """Several lines of text in NFC (an address, a note); other control characters become spaces."""
    lines = (" ".join(line.split()) for line in _visible(text, keep="\n").splitlines())
    return _limited("\n".join(lines).strip(), most, field, None)


def _visible(text: str, *, keep: str) -> str:
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    # Cc: control, Cs: lone surrogates (no encoding can write them); joiners and direction marks (Cf) are kept.
    return "".join(
        mark if mark in keep or unicodedata.category(mark) not in {"Cc", "Cs", "Co", "Cn"} else " " for mark in composed
    )


def _limited(text: str, most: int, field: str, row: int | None) -> str:
    if len(text) > most:
        raise Refused(f"This text has {len(text)} characters; at most {most} fit here.", field=field, row=row)
    return text
