"""Text that a server sent, made safe to show."""

from __future__ import annotations

from shopdesk import logs

_LONGEST = 200


def one_line(text: str) -> str:
    """Return text from outside as one line without control characters and the full stop at its end."""
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split()).rstrip(".")


def shortened(line: str, longest: int) -> str:
    """Return a line, cut off after this many characters."""
    return line if len(line) <= longest else line[: longest - 1] + "…"


def shown(text: str) -> str:
    """Return text from outside made safe to show: one short line without control characters or secrets."""
    return shortened(logs.without_secrets(one_line(text)), _LONGEST)  # half a secret would not be recognised
