"""The choices of a shop for its papers: logo, barcode of the number, and texts of its own for a kind and a language.

A document keeps them as they were when it was issued (``PaperLayout``), so that it always prints the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from shopdesk.domain.clean_text import clean, clean_lines
from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.sentence import sentence

PLACEHOLDERS = ("shop", "kind", "number", "date", "due", "total", "customer")
"""The names in braces in a text of the shop that are filled in on paper."""
USUAL_DOTS = 576
"""The dots of the print heads for rolls of 80 mm: 203 to an inch, on 72 mm."""
_PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")
_LONGEST = {"title": 60, "terms": 300, "thanks": 200, "footer": 1000}


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo: the SHA-256 of its PNG file in hexadecimal digits, and the file, where it has been read."""

    mark: str
    content: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperTexts:
    """Texts of the shop on paper: title, terms of payment, thanks and footer. An empty one is the usual text."""

    title: str = ""
    terms: str = ""
    thanks: str = ""
    footer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTexts:
    """The texts of the shop for a kind of document (``Kind.value``) in a language (ISO 639)."""

    kind: str
    language: str
    texts: PaperTexts


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLayout:
    """The choices of the shop that a document prints; copied at issue."""

    has_barcode: bool = False
    logo: Logo | None = None
    texts: PaperTexts = PaperTexts()


def base_language(tag: str) -> str:
    """Return the language of a tag (BCP 47) without its region: ``de`` of ``de-CH``."""
    return re.split("[-_]", tag, maxsplit=1)[0].lower()


def own_text(own: Sequence[OwnTexts], kind: str, language: str) -> PaperTexts:
    """Return the shop's texts for a kind in a language, which are empty where there are none."""
    found = (one.texts for one in own if (one.kind, one.language) == (kind, base_language(language)))
    return next(found, PaperTexts())


@lru_cache(maxsize=16)
def texts_for(own: tuple[OwnTexts, ...], kind: str, *languages: str) -> PaperTexts:
    """Return the texts for a kind: each in the first of these languages that has it."""
    found = [own_text(own, kind, language) for language in languages]
    return PaperTexts(**{name: next(filter(None, (getattr(one, name) for one in found)), "") for name in _LONGEST})


def with_texts(own: Sequence[OwnTexts], kind: str, language: str, texts: PaperTexts) -> tuple[OwnTexts, ...]:
    """Return the shop's texts with those of one kind and language replaced, in their order."""
    others = [one for one in own if (one.kind, one.language) != (kind, language)]
    new = [OwnTexts(kind=kind, language=language, texts=texts)] if texts != PaperTexts() else []
    return tuple(sorted([*others, *new], key=lambda one: (one.kind, one.language)))


def read_texts(texts: PaperTexts) -> PaperTexts:
    """Return texts as they were typed, cleaned. Raise Refused with a fault for each with an unknown placeholder."""
    cleaned: dict[str, str] = {}
    faults: list[FieldError] = []
    for name, most in _LONGEST.items():
        read = clean if name == "title" else clean_lines
        try:
            cleaned[name] = read(getattr(texts, name), max_length=most, field=name)
        except Refused as refused:
            faults.extend(refused.faults)
        else:
            faults.extend(_unknown_placeholders(cleaned[name], name))
    if faults:
        raise Refused(faults)
    return PaperTexts(**cleaned)


def _unknown_placeholders(text: str, name: str) -> Iterator[FieldError]:
    for found in _PLACEHOLDER.finditer(text):
        if found.group(1) not in PLACEHOLDERS:
            known = tuple(f"{{{one}}}" for one in PLACEHOLDERS)
            said = sentence("{text} cannot be filled in. There are {known}.", text=found.group(), known=known)
            yield FieldError(said, name)


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its placeholders filled in, without the lines of which a value is missing or empty."""
    lines = []
    for line in text.splitlines():
        names = _PLACEHOLDER.findall(line)
        if all(values.get(name) for name in names):
            lines.append(_PLACEHOLDER.sub(lambda found: values[found.group(1)], line))
    return "\n".join(lines)
