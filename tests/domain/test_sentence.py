"""A sentence is its English text, and knows how to be written in another language."""

from __future__ import annotations

import copy
from functools import partial

from shopdesk.domain.errors import FieldError, Refused, Unavailable, sentence_of
from shopdesk.domain.sentence import (
    NOTHING,
    Localized,
    Sentence,
    counted_sentence,
    duration,
    joined,
    sentence,
    verbatim,
)

_GERMAN = {
    "{file} is read-only.": "{file} ist schreibgeschützt.",
    "The shop's file {path}": "Die Datei {path}",
    "Try again.": "Versuchen Sie es noch einmal.",
    "{day} is closed.": "{day} ist abgeschlossen.",
}


class _German:
    def gettext(self, text: str, /) -> str:
        return _GERMAN.get(text, text)

    def ngettext(self, one: str, many: str, count: int, /) -> str:
        return {"{count} try left.": ("{count} Versuch", "{count} Versuche")}[one][count != 1]

    def value(self, value: object, /) -> str:
        match value:
            case Sentence():
                return value.translated(self)
            case Localized():
                return value.write("de")
            case _:
                return str(value)


def _day(written: str, language: str) -> str:
    return f"{written} ({language})"


def test_it_is_english_and_is_translated_with_its_values() -> None:
    text = sentence("{file} is read-only.", file=sentence("The shop's file {path}", path="/shop.db"))
    assert text == "The shop's file /shop.db is read-only."
    assert text.translated(_German()) == "Die Datei /shop.db ist schreibgeschützt."
    closed = sentence("{day} is closed.", day=Localized("22 Apr", partial(_day, "22")))
    assert (closed, closed.translated(_German())) == ("22 Apr is closed.", "22 (de) ist abgeschlossen.")


def test_it_has_plural_forms_lists_and_group_marks() -> None:
    tries = [counted_sentence(count, "{count} try left.", "{count} tries left.") for count in (1, 2)]
    assert tries == ["1 try left.", "2 tries left."]
    assert [one.translated(_German()) for one in tries] == ["1 Versuch", "2 Versuche"]
    assert sentence("{names}: {count}", names=("a", "b"), count=1234) == "a, b: 1,234"
    assert [duration(seconds) for seconds in (1, 90, 119, 120, 4096)] == [
        "1 second", "90 seconds", "119 seconds", "2 minutes", "68 minutes",
    ]  # fmt: skip


def test_braces_in_typed_text_stay() -> None:
    assert sentence("{text} is wrong.", text="{x}").translated(_German()) == "{x} is wrong."
    assert verbatim("550 {no} such").translated(_German()) == "550 {no} such"
    assert (NOTHING, NOTHING.translated(_German())) == ("", "")


def test_an_error_carries_its_sentences_to_the_window() -> None:
    refused = Refused([FieldError(sentence("Try again."), "a"), FieldError(verbatim("550 no"), "b")])
    assert str(refused) == "Try again. 550 no"
    assert sentence_of(refused).translated(_German()) == "Versuchen Sie es noch einmal. 550 no"
    failed = Unavailable(sentence("{file} is read-only.", file="a.db"), advice=sentence("Try again."))
    assert (failed.what, str(failed)) == ("a.db is read-only.", "a.db is read-only. Try again.")
    assert sentence_of(failed).translated(_German()) == "a.db ist schreibgeschützt. Versuchen Sie es noch einmal."
    assert sentence_of(ValueError("its own words")) == "its own words"


def test_it_survives_another_process_and_a_file() -> None:
    text = joined(
        (sentence("{file} is read-only.", file=sentence("The shop's file {path}", path="x")), verbatim("No."))
    )
    for again in (copy.copy(text), Sentence.from_json(text.to_json())):
        assert (again, again.translated(_German())) == (text, "Die Datei x ist schreibgeschützt. No.")
    tries = Sentence.from_json(counted_sentence(2, "{count} try left.", "{count} tries left.").to_json())
    assert tries.translated(_German()) == "2 Versuche"
