"""XML elements as text, for files whose bytes must always be the same."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""The characters that no XML file may hold (XML 1.0, 2.2)."""


def element(name: str, /, *inner: str, **attributes: str) -> str:
    """Return an element around other ones, or nothing if they are empty."""
    content = "".join(inner)
    return f"<{name}{_written(attributes)}>{content}</{name}>" if content else ""


def leaf(name: str, value: str | Decimal, /, **attributes: str) -> str:
    """Return an element with a text or a number, or nothing for an empty text."""
    text = f"{value:f}" if isinstance(value, Decimal) else escape(_NOT_XML.sub(" ", value).strip())
    return f"<{name}{_written(attributes)}>{text}</{name}>" if text else ""


def compact_day(day: date) -> str:
    """Return a date as eight digits (format 102 of UN/EDIFACT)."""
    return f"{day.year:04}{day.month:02}{day.day:02}"


def _written(attributes: dict[str, str]) -> str:
    return "".join([f" {name}={quoteattr(value)}" for name, value in attributes.items()]) if attributes else ""
