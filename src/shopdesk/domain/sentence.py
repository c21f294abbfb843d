"""Sentences for users that are written in English and shown in the language of the window.

A ``Sentence`` is its English text, for logs, the command line and tests. It carries what a window needs to translate
it: the source text as the catalogues have it, and the values of its placeholders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol, Self


class Translator(Protocol):
    """Translate source texts and write values in one language."""

    def gettext(self, text: str, /) -> str:
        """Return the translation of a text, or the text."""
        ...  # pragma: no cover

    def ngettext(self, one: str, many: str, count: int, /) -> str:
        """Return the translation in the plural form of ``count``."""
        ...  # pragma: no cover

    def value(self, value: object, /) -> str:
        """Return a value for a placeholder: a sentence translated, a tuple as a list, a number with group marks."""
        ...  # pragma: no cover


class Localized(str):
    """A value, such as an amount or a day, in English; ``write`` returns it in another language (ISO 639 or BCP 47)."""

    __slots__ = ("write",)
    write: Callable[[str], str]

    def __new__(cls, english: str, write: Callable[[str], str]) -> Self:
        """Combine the English text and the function that writes it."""
        made = super().__new__(cls, english)
        made.write = write
        return made


class Sentence(str):
    """A sentence or word for users, in English; ``translated`` returns it in another language."""

    __slots__ = ("many", "source", "values")
    source: str
    many: str
    """The plural form of ``source``; empty if the sentence has none. Its number is the value ``count``."""
    values: Mapping[str, object]

    def __new__(cls, source: str, many: str = "", values: Mapping[str, object] | None = None) -> Self:
        """Write the English text. Call ``sentence``, ``counted_sentence``, ``joined`` or ``verbatim`` instead."""
        values = values or {}
        form = many if many and values["count"] != 1 else source
        made = super().__new__(cls, _filled(form, {name: _english(value) for name, value in values.items()}))
        made.source, made.many, made.values = source, many, values
        return made

    def filled(self, **values: object) -> Self:
        """Return it with the values of placeholders that were left open."""
        return type(self)(self.source, self.many, {**self.values, **values})

    def to_json(self) -> list[object]:
        """Return it for a file; ``from_json`` reads it. Values in it that are ``Localized`` become English."""
        values = {name: _packed(value) for name, value in self.values.items()}
        return [self.source, self.many, values]

    @classmethod
    def from_json(cls, packed: Sequence[Any]) -> Self:
        """Return what ``to_json`` has written."""
        source, many, values = packed
        return cls(source, many, {name: _unpacked(value) for name, value in values.items()})

    def __reduce__(self) -> tuple[object, ...]:
        """Keep source and values when the sentence goes to another process."""
        return type(self), (self.source, self.many, dict(self.values))

    def translated(self, to: Translator) -> str:
        """Return the sentence in another language, its values too."""
        count = self.values.get("count", 0)
        if self.many and isinstance(count, int):
            form = to.ngettext(self.source, self.many, count)
        else:
            form = to.gettext(self.source) if self.source else ""
        return _filled(form, {name: to.value(value) for name, value in self.values.items()})


def sentence(source: str, /, **values: object) -> Sentence:
    """Make a sentence of a literal and its values: ``sentence("{file} is read-only.", file=path)``.

    A value may be a whole number, which gets group marks (a code or a year is to be a ``str``), a ``Decimal`` of up to
    three decimals, a tuple, which is written as a list, a sentence or ``Localized``; any other is written as it is.
    """
    return Sentence(source, "", values)


def counted_sentence(count: int, one: str, many: str, /, **values: object) -> Sentence:
    """Make a sentence with a number: ``counted_sentence(2, "{count} try left.", "{count} tries left.")``."""
    return Sentence(one, many, {"count": count, **values})


def joined(parts: Iterable[str]) -> Sentence:
    """Put sentences after each other, with spaces between them."""
    said = [part for part in parts if part]
    if len(said) == 1 and isinstance(said[0], Sentence):
        return said[0]
    names = [f"part{place}" for place in range(len(said))]
    return Sentence(" ".join(f"{{{name}}}" for name in names), "", dict(zip(names, said, strict=True)))


def duration(seconds: float) -> Sentence:
    """Return a time in seconds, from two minutes on in minutes: “90 seconds”, “5 minutes”."""
    if seconds < 120:
        return counted_sentence(round(seconds), "{count} second", "{count} seconds")
    return counted_sentence(round(seconds / 60), "{count} minute", "{count} minutes")


def verbatim(text: str) -> Sentence:
    """Return a text that is in no catalogue: in the words of a server, of the system or of a library."""
    return text if isinstance(text, Sentence) else Sentence("{text}", "", {"text": text})


def _filled(form: str, values: Mapping[str, str]) -> str:
    return form.format(**values) if values else form


def _packed(value: object) -> object:
    if isinstance(value, Sentence):
        return {"sentence": value.to_json()}
    if isinstance(value, tuple):
        return [_packed(one) for one in value]
    return value if isinstance(value, int) else str(value)


def _unpacked(value: Any) -> object:
    if isinstance(value, dict):
        return Sentence.from_json(value["sentence"])
    return tuple(map(_unpacked, value)) if isinstance(value, list) else value


def _english(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_english, value))
    if isinstance(value, Decimal):
        return f"{value.normalize():,f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


NOTHING = Sentence("")
"""No text."""
