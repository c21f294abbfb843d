"""The languages that paper and messages are written in, by their own names."""

from __future__ import annotations

from shopdesk.render.wording import WORDINGS


def choices() -> list[tuple[str, str]]:
    """Tag and name of each: ("de", "Deutsch"); by name."""
    return sorted(((tag, name(tag)) for tag in WORDINGS), key=lambda choice: choice[1].casefold())


def name(tag: str) -> str:
    """The language's name in itself: “Deutsch”, “Kiswahili”."""
    from babel import Locale

    native = str(Locale.parse(tag, sep="-").display_name)
    return native[:1].upper() + native[1:]
