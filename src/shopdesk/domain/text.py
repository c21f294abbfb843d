"""Text as people type and paste it: trimmed, composed, without control characters, never too long."""

from __future__ import annotations

import unicodedata

from shopdesk.domain.errors import Refused

# UAX 9: these turn around whatever follows, even what the program itself writes behind them. (Direction marks and
# joiners stay: names need them.) The last is the byte order mark, left over from the start of a file.
_DROPPED = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"))


def clean(text: str, *, most: int, field: str = "", row: int | None = None) -> str:
    """One line of text in NFC; control characters become spaces. Raises Refused when longer than ``most``."""
    return _composed(" ".join(_writable(text).split()), most, field, row)


def clean_lines(text: str, *, most: int, field: str = "") -> str:
    """Several lines of text in NFC (an address, a note); other control characters become spaces."""
    lines = (" ".join(line.split()) for line in _writable(text.replace("\r\n", "\n"), keep="\n").splitlines())
    return _composed("\n".join(lines).strip(), most, field, None)


def bare(text: str) -> str:
    """Trimmed, and without characters that show nothing, as they come along with what is pasted.

    For numbers, dates, addresses: a direction mark or a zero-width space says nothing there.
    """
    if text.isascii():
        return text.strip()
    return "".join(mark for mark in text if unicodedata.category(mark) != "Cf").strip()


def quoted(text: str) -> str:
    """What somebody typed, as a sentence quotes it: in quotation marks, on one line, not longer than 40 characters."""
    shown = " ".join(_writable(text[:200]).split())
    shown = "".join(mark for mark in shown if mark.isprintable())
    return f"“{shown}”" if len(shown) <= 40 else f"“{shown[:39]}…”"


def _writable(text: str, *, keep: str = "") -> str:
    if text.isprintable():
        return text
    return "".join(" " if _is_control(mark) and mark not in keep else mark for mark in text.translate(_DROPPED))


def _is_control(mark: str) -> bool:
    """Control characters, and what no file may hold: lone surrogates and noncharacters.

    Letters that this Python does not know yet (Cn) stay: the newest emoji are among them.
    """
    number = ord(mark)
    is_noncharacter = number & 0xFFFE == 0xFFFE or 0xFDD0 <= number <= 0xFDEF
    return is_noncharacter or unicodedata.category(mark) in {"Cc", "Cs"}


def _composed(text: str, most: int, field: str, row: int | None) -> str:
    # Composing makes a text at most four times shorter, and takes minutes for a megabyte of accents: judge it before.
    if len(text) <= 4 * most:
        text = unicodedata.normalize("NFC", text)
    if len(text) > most:
        raise Refused(f"This text has {len(text)} characters; at most {most} fit here.", field=field, row=row)
    return text if _shows(text) else ""


def _shows(text: str) -> bool:
    """Whether there is anything to see: not direction marks, joiners and spaces alone."""
    return text.isprintable() or any(unicodedata.category(mark) not in {"Cc", "Cf", "Zs"} for mark in text)
