"""Translated texts of the windows (``tr``), and the look of a state."""

from __future__ import annotations

from collections.abc import Sequence
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
    return translated.format(**values) if values else translated


def tr_marked(text: Marked, /, **values: object) -> str:
    """Translate a text that is not a literal here, but was marked where it is one: ``tr_marked(_TITLES[column])``."""
    return tr(text, **values)


def counted(count: int, one: str, many: str) -> str:
    """Return a number with its noun: ``counted(2, "{count} row", "{count} rows")`` is “2 rows”."""
    return _Installed.catalogue.ngettext(one, many, count).format(count=f"{count:,}")


def translated(text: str | BaseException) -> str:
    """Return a sentence, or that of an expected error, in the language of the windows; other texts as they are."""
    text = sentence_of(text) if isinstance(text, BaseException) else text
    return text.translated(_Translator()) if isinstance(text, Sentence) else text


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
            case _:
                return str(value)


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
