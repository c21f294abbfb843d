"""Every language says everything, with the same things filled in."""

import string
from collections.abc import Iterator, Mapping
from dataclasses import fields

import pytest

from shopdesk.domain.document import Kind
from shopdesk.domain.message import MessageReason
from shopdesk.domain.payment import Method
from shopdesk.domain.tax import Category
from shopdesk.render.translations import WORDINGS, Letter, Wording, wording

ENGLISH = WORDINGS["en"]


def sentences(words: Wording) -> Iterator[tuple[str, str]]:
    """Each text with where it stands."""

    def of(where: str, value: object) -> Iterator[tuple[str, str]]:
        match value:
            case str():
                yield where, value
            case Letter(subject=subject, opening=opening):
                yield from ((f"{where}.subject", subject), (f"{where}.opening", opening))
            case Mapping():
                for key, inner in value.items():
                    yield from of(f"{where}[{key}]", inner)

    for field in fields(words):
        if field.name != "language":
            yield from of(field.name, getattr(words, field.name))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", WORDINGS)
def test_a_language_has_every_word(language: str) -> None:
    found = dict(sentences(WORDINGS[language]))
    assert found.keys() == dict(sentences(ENGLISH)).keys()
    assert all(text.strip() == text and text for text in found.values())


@pytest.mark.parametrize("language", WORDINGS)
def test_a_language_fills_in_nothing_that_english_does_not_have(language: str) -> None:
    english = dict(sentences(ENGLISH))
    for where, text in sentences(WORDINGS[language]):
        allowed = (
            {"kind", "number", "shop"} if "letter" in where or "credited" in where else placeholders(english[where])
        )
        assert placeholders(text) <= allowed, where
        if "letter" not in where and "credited" not in where:
            assert placeholders(text) == allowed, where


def test_english_covers_all_kinds_methods_occasions_and_reasons() -> None:
    assert set(ENGLISH.kinds) == set(Kind)
    assert set(ENGLISH.methods) == set(Method)
    assert set(ENGLISH.letters) == set(ENGLISH.other_letters) == set(MessageReason)
    assert set(ENGLISH.categories) == set(Category) - {Category.STANDARD, Category.ZERO}


@pytest.mark.parametrize(
    ("tag", "language"), [("de-AT", "de"), ("DE", "de"), ("iw", "he"), ("pt-BR", "en"), ("", "en"), ("ar_EG", "ar")]
)
def test_a_tag_finds_its_language_or_english(tag: str, language: str) -> None:
    assert wording(tag).language == language
