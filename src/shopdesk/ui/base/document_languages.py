"""The languages of printed documents and messages, each by its own name."""

from __future__ import annotations

from shopdesk import message_catalogues
from shopdesk.domain.collation import sort_key


def choices() -> list[tuple[str, str]]:
    """Return tag and name of each language, such as ("de", "Deutsch"), sorted by name."""
    tags = message_catalogues.languages()
    return sorted(((tag, name(tag)) for tag in tags), key=lambda choice: sort_key(choice[1], message_catalogues.SOURCE))


def name(tag: str) -> str:
    """Return the name of a language in that language: “Deutsch”, “Kiswahili”."""
    from babel import Locale

    native = str(Locale.parse(tag, sep="-").display_name)
    return native[:1].upper() + native[1:]
