"""The languages of printed documents and messages, each by its own name."""

from __future__ import annotations

from shopdesk.render.translations import WORDINGS


def choices() -> list[tuple[str, str]]:
    """Return tag and name of each language, such as ("de", "Deutsch"), sorted by name."""
    return sorted(((tag, name(tag)) for tag in WORDINGS), key=lambda choice: choice[1].casefold())


def name(tag: str) -> str:
    """Return the name of a language in that language: “Deutsch”, “Kiswahili”."""
    from babel import Locale

    native = str(Locale.parse(tag, sep="-").display_name)
    return native[:1].upper() + native[1:]
