"""Language tags (BCP 47), such as ``es-MX``, and the region in them."""

from __future__ import annotations

import re

_REGION = re.compile(r"[A-Za-z]{2}|[0-9]{3}")


def regional(language: str, country: str) -> str:
    """Return a language tag (BCP 47) with the country as its region: ``es`` in Mexico is ``es-MX``.

    The language decides the words, the country the decimal mark and the order of a date. A tag with a region keeps it.
    English stays ``en`` in the United States: its numbers are American, and its dates (22 Nov 2026) clear everywhere.
    """
    if region_of(language) or not language or not country or (language, country) == ("en", "US"):
        return language
    return f"{language}-{country}"


def region_of(language: str) -> str:
    """Return the region of a language tag (BCP 47), such as MX of ``es-MX``; empty if it has none."""
    return next((part for part in re.split("[-_]", language)[1:] if _REGION.fullmatch(part)), "")
