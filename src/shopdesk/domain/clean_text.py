"""Cleaning of typed and pasted text: trimmed, composed, without control characters, limited in length."""

from __future__ import annotations

import unicodedata

from shopdesk.domain.errors import Refused
from shopdesk.domain.sentence import sentence

# UAX 9: these reverse the text that follows, even text that the program adds after them. (Direction marks and
# joiners stay: names need them.) The last is the byte order mark, left over from the start of a file.
_DROPPED = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"))


# Unicode counts these as letters, symbols or accents, but they show nothing: Hangul fillers, the empty Braille cell.
_BLANKS = dict.fromkeys(map(ord, "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"), " ")


def clean(text: str, *, max_length: int, field: str = "", row: int | None = None) -> str:
    """Return one line of text in NFC; control characters become spaces. Raise Refused if longer."""
    return _composed(" ".join(_writable(text).split()), max_length, field, row)


def clean_lines(text: str, *, max_length: int, field: str = "") -> str:
    """Return several lines of text in NFC (an address, a note); other control characters become spaces."""
    lines = (" ".join(line.split()) for line in _writable(text.replace("\r\n", "\n"), keep="\n").splitlines())
    return _composed("\n".join(lines).strip(), max_length, field, None)


def strip_invisible(text: str) -> str:
    """Return the text trimmed, and without the invisible characters that come with pasted text.

    For numbers, dates and addresses, where a direction mark or a zero-width space has no meaning. Letters that show
    nothing become spaces.
    """
    if text.isascii():
        return text.strip()
    return "".join(mark for mark in text.translate(_BLANKS) if unicodedata.category(mark) != "Cf").strip()


def ascii_digits(text: str) -> str:
    """Return the text with the digits of every script as 0 to 9."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(mark)) if mark.isdecimal() else mark for mark in text)


def storable(text: str) -> str:
    """Return a text to look for, without NUL and lone surrogates, which no database can hold."""
    if text.isprintable():
        return text
    return "".join(mark for mark in text if mark != "\0" and unicodedata.category(mark) != "Cs")


def quoted(text: str) -> str:
    """Return typed text for use in a message: in quotation marks, on one line, not longer than 40 characters."""
    shown = " ".join(_writable(text[:200]).split())
    shown = "".join(mark for mark in shown if mark.isprintable())
    return f"“{shown}”" if len(shown) <= 40 else f"“{shown[:39]}…”"


def _writable(text: str, *, keep: str = "") -> str:
    if text.isprintable():
        return text
    return "".join(" " if _is_control(mark) and mark not in keep else mark for mark in text.translate(_DROPPED))


def _is_control(mark: str) -> bool:
    """Return True for control characters, lone surrogates and noncharacters, which no file may hold.

    Letters that this Python does not know yet (Cn) stay: the newest emoji are among them.
    """
    number = ord(mark)
    is_noncharacter = number & 0xFFFE == 0xFFFE or 0xFDD0 <= number <= 0xFDEF
    return is_noncharacter or unicodedata.category(mark) in {"Cc", "Cs"}


def _composed(text: str, max_length: int, field: str, row: int | None) -> str:
    # Composing makes a text at most four times shorter, and takes minutes for a megabyte of accents: check it first.
    if len(text) <= 4 * max_length:
        text = unicodedata.normalize("NFC", text)
    if len(text) > max_length:
        raise Refused(
            sentence(
                "This text has {count} characters. At most {most} are allowed here.",
                count=len(text),
                most=max_length,
            ),
            field=field,
            row=row,
        )
    return text if _shows(text) else ""


def _shows(text: str) -> bool:
    """Return True if the text is visible: not only direction marks, joiners, spaces and letters that show nothing."""
    if text.isascii():
        return text.isprintable() or any(map(str.isprintable, text.replace(" ", "")))
    return any(ord(mark) not in _BLANKS and unicodedata.category(mark) not in {"Cc", "Cf", "Zs"} for mark in text)
