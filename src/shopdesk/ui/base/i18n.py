"""Translated texts of the windows (``tr``), and the look of a state."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from gettext import NullTranslations
from typing import NamedTuple

from shopdesk.domain.errors import sentence_of
from shopdesk.domain.sentence import Localized, Sentence
from shopdesk.message_catalogues import SOURCE, Marked
from shopdesk.render import formatting
from shopdesk.ui.base.tokens import Tone


class _Installed:
    """The catalogue of the windows: one for the whole program, English until another is installed."""

    catalogue = NullTranslations()


def install(catalogue: NullTranslations) -> None:
    """Translate all texts of windows with this catalogue; call it before the first window is made."""
    _Installed.catalogue = catalogue


def language() -> str:
    """Return the language of the installed catalogue (ISO 639), in which dates inside its texts are written too."""
    return str(_Installed.catalogue.info().get("language", SOURCE))


def tr(text: str, /, **values: object) -> str:
    """Translate a literal and fill in its placeholders: ``tr("Delete {what}?", what=number)``."""
    translated = _Installed.catalogue.gettext(text)
    return (
        translated.format(**{name: _TRANSLATOR.value(value) for name, value in values.items()})
        if values
        else translated
    )


def tr_marked(text: Marked, /, **values: object) -> str:
    """Translate a text that is not a literal here, but was marked where it is one: ``tr_marked(_TITLES[column])``."""
    return tr(text, **values)


def counted(count: int, one: str, many: str) -> str:
    """Return a number with its noun: ``counted(2, "{count} row", "{count} rows")`` is “2 rows”."""
    return _Installed.catalogue.ngettext(one, many, count).format(count=_TRANSLATOR.value(count))


def translated(text: str | BaseException) -> str:
    """Return a sentence, or that of an expected error, in the language of the windows; other texts as they are."""
    text = sentence_of(text) if isinstance(text, BaseException) else text
    return text.translated(_TRANSLATOR) if isinstance(text, Sentence) else text


class _Translator:
    """The installed catalogue, with the values that sentences have."""

    def gettext(self, text: str, /) -> str:
        return _Installed.catalogue.gettext(text)

    def ngettext(self, one: str, many: str, count: int, /) -> str:
        return _Installed.catalogue.ngettext(one, many, count)

    def value(self, value: object, /) -> str:
        match value:
            case Sentence():
                return value.translated(self)
            case Localized():
                return value.write(language())
            case tuple():
                return listed([self.value(one) for one in value])
            case int() if not isinstance(value, bool):
                return formatting.count(value, language())
            case Decimal():
                return formatting.quantity(int(value.scaleb(3)), language())
            case _:
                return isolated(str(value))


_TRANSLATOR = _Translator()


def stored(text: str) -> str:
    """Return a text that was stored in English in the language of the windows, where its sentences are known."""
    return " ".join(map(_Installed.catalogue.gettext, re.split(r"(?<=[.?!]) (?=\S)", text))) if text else ""


def is_right_to_left() -> bool:
    """Return True if the windows are in a language that is written from right to left."""
    return language() in RIGHT_TO_LEFT


RIGHT_TO_LEFT = frozenset({"ar", "he"})
"""Here, as Babel, which knows it too, is loaded after the first paint."""
_RIGHT_TO_LEFT_MARK = "\u200f"
"""Qt puts a label at the side where its first letter begins."""
_FIRST_STRONG_ISOLATE, _LEFT_TO_RIGHT_ISOLATE, _POP_ISOLATE = "\u2068", "\u2066", "\u2069"


def isolated(text: str) -> str:
    """Return a value for a sentence so that the letters around it do not move its parts (UAX 9): a name, an amount."""
    if not text or not is_right_to_left():
        return text
    # Qt lays out an isolate without letters from right to left: the plus sign of a phone number would be at its end.
    begin = _LEFT_TO_RIGHT_ISOLATE if text.startswith("+") else _FIRST_STRONG_ISOLATE
    return f"{begin}{text}{_POP_ISOLATE}"


def as_data(text: str) -> str:
    """Return a text that stands alone so that windows from right to left have it at their side, in its own direction.

    A phone number or a path is written from left to right. In windows from left to right all texts stay as they are.
    """
    if not text or not is_right_to_left() or text[0] == _RIGHT_TO_LEFT_MARK:
        return text
    if any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in text):
        return f"{_RIGHT_TO_LEFT_MARK}{text}"
    return f"{_RIGHT_TO_LEFT_MARK}{_LEFT_TO_RIGHT_ISOLATE}{text}{_POP_ISOLATE}"


def as_title(word: str) -> str:
    """Return a word that begins a line of its own: “Queued”."""
    return word[:1].upper() + word[1:]


def listed(texts: Sequence[str]) -> str:
    """Return texts as a list inside a sentence: “A, B, C”, with the marks of the language of the windows."""
    return formatting.listed(texts, language())


def as_written(text: str) -> str:
    """Return a text for a button, a check box or a menu that shows it as it is: Qt takes a single “&” as a mnemonic."""
    return text.replace("&", "&&")


class StatusLook(NamedTuple):
    """The look of a state: word, icon and tone. Never shown without the word."""

    word: str
    icon: str
    tone: Tone
