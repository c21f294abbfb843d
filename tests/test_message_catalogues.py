"""The catalogues have every text of the program, and each translation is one that the program can use."""

from __future__ import annotations

import ast
import gettext
import io
import re
import runpy
import string
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages import Catalog
from babel.messages.catalog import Message
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

from shopdesk import message_catalogues
from shopdesk.message_catalogues import languages, matching

_ROOT = Path(__file__).parents[1]
_SOURCE = _ROOT / "src" / "shopdesk"
_TOOL: dict[str, Any] = runpy.run_path(str(_ROOT / "resources" / "translations" / "update.py"))
_TRANSLATED = [language for language in languages() if language != message_catalogues.SOURCE]
ALL = pytest.mark.parametrize("language", _TRANSLATED)


@cache
def _template() -> Catalog:
    made = _TOOL["template"]()
    assert isinstance(made, Catalog)
    return made


def _read(language: str) -> Catalog:
    made = _TOOL["read"](language)
    assert isinstance(made, Catalog)
    return made


# --- the files are in step with the sources ---------------------------------------------------------------------------


def test_the_template_has_every_text() -> None:
    assert _TOOL["TEMPLATE"].read_bytes() == _TOOL["written"](_template()), "run `make catalogues`"


@ALL
def test_a_catalogue_has_every_text_and_is_compiled(language: str) -> None:
    file: Path = _TOOL["file"](language)
    assert file.read_bytes() == _TOOL["written"](_TOOL["updated"](_read(language), _template())), (
        "run `make catalogues`"
    )
    assert file.with_suffix(".mo").read_bytes() == _TOOL["compiled"](_read(language)), "run `make catalogues`"


def test_paper_and_messages_have_eight_languages() -> None:
    assert set(languages()) >= {"en", "de", "fr", "es", "sw", "ar", "he", "pl"}
    assert languages()[0] == "en"


# --- where the texts come from ----------------------------------------------------------------------------------------

_LITERALS = {
    "tr": slice(0, 1),
    "mark": slice(0, 1),
    "counted": slice(1, 3),
    "sentence": slice(0, 1),
    "counted_sentence": slice(1, 3),
    "paper": slice(0, 1),
    "mail": slice(0, 1),
}
"""Which arguments of these functions are texts."""


@cache
def _calls() -> tuple[tuple[str, str, ast.Call], ...]:
    """Return module, function and call for each call of these functions and of Marked."""
    return tuple(
        (path.relative_to(_SOURCE).as_posix(), node.func.id, node)
        for path in sorted(_SOURCE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {*_LITERALS, "Marked"}
    )


def _texts() -> Iterator[tuple[str, str, ast.expr]]:
    """Yield place, context and text of each text to translate."""
    for module, function, call in _calls():
        is_on_paper = module == "render/translations.py"
        is_elsewhere = function in {"paper", "mail"} and not is_on_paper  # another function of this name
        if function == "Marked" or is_elsewhere or (module, function) == ("ui/base/i18n.py", "tr"):
            continue
        for given in call.args[_LITERALS[function]]:
            yield f"{module}:{call.lineno}", function if is_on_paper else "", given


def test_each_text_is_a_literal_where_it_is_translated_or_marked() -> None:
    """So the catalogues have it. ``tr_marked`` takes the rest: the type checker lets only marked texts in."""
    found = [(where, ast.unparse(text)) for where, _, text in _texts() if not _literal(text)]
    assert not found, "tr() takes literals; for a table, mark() the literals in it and show them with tr_marked()"


def test_each_literal_is_in_the_template() -> None:
    known = {(text.context or "", one) for text in _template() for one in _forms(text.id)}
    missing = [where for where, context, text in _texts() if (context, _literal(text)) not in known]
    assert not missing, "the extractor does not look into f-strings"


_ERRORS = frozenset(
    """
    Refused NotAllowed ConfirmationRequired FieldError Unavailable DatabaseUnavailable DatabaseCorrupt PasswordRefused
    SignInRefused EditedElsewhere NotTrusted Cancelled AuthenticationFailed verbatim
    """.split()
)


def test_no_error_in_a_window_has_a_text_that_no_catalogue_has() -> None:
    """The type checker wants a ``Sentence``; ``verbatim`` is for the words of servers and of the system."""
    found = [
        f"{path.relative_to(_SOURCE)}:{node.lineno}"
        for path in sorted(_SOURCE.rglob("*.py"))
        if path.relative_to(_SOURCE).parts[0] not in {"cli.py", "demo", "doctor"}  # these are English
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in _ERRORS
        for given in (*node.args, *(word.value for word in node.keywords if word.arg in {"advice", "what"}))
        for text in _words_in(given)
        if re.search(r"[a-z]{2} [a-z]{2}", text)
    ]
    assert not found, "write sentence(…), with its values as arguments"


def _words_in(given: ast.expr) -> Iterator[str]:
    match given:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield " ".join(str(part.value) for part in parts if isinstance(part, ast.Constant))
        case ast.BinOp(left=left, right=right) | ast.IfExp(body=left, orelse=right):
            yield from (*_words_in(left), *_words_in(right))


_KNOWN = {"pg_dump", "pg_hba"}
"""The names of other programs."""


def test_no_text_has_the_name_of_a_variable() -> None:
    """As a rename once put “password_hashing” into sentences about passwords."""
    found = [
        text
        for message in _template()
        for text in _forms(message.id)
        for word in re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", re.sub(r"\{.*?\}", "", text))
        if word not in _KNOWN
    ]
    assert not found


def test_only_marking_makes_a_marked_text() -> None:
    makers = {module for module, function, _ in _calls() if function == "Marked"}
    assert makers == {
        "message_catalogues.py",
        "ui/widgets/check_results.py",  # the doctor's names, which it marks itself, come from another process
    }


def _literal(text: ast.expr) -> str:
    """The text; empty if it is not a literal. (gettext has the file's head under the empty text.)"""
    return text.value if isinstance(text, ast.Constant) and isinstance(text.value, str) else ""


# --- the translations -------------------------------------------------------------------------------------------------


@ALL
def test_all_of_the_paper_and_the_messages_is_translated(language: str) -> None:
    theirs = [text for text in _read(language) if text.context in {"paper", "mail"}]
    assert len(theirs) > 60
    assert [text.id for text in theirs if not text.string or text.fuzzy] == []


@ALL
def test_each_translation_can_be_used_in_place_of_the_text(language: str) -> None:
    catalogue = _read(language)
    assert (catalogue.num_plurals, catalogue.plural_expr) == get_plural(language)[:2]
    faults = {str(text.id): fault for text in catalogue if text.id for fault in _faults(text, catalogue.num_plurals)}
    assert not faults


def _forms(of: object) -> tuple[str, ...]:
    return (of,) if isinstance(of, str) else tuple(of) if isinstance(of, list | tuple) else ()


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _faults(text: Message, plurals: int) -> Iterator[str]:
    ids, translated = _forms(text.id), _forms(text.string)
    if not any(translated):
        return
    if len(translated) != (plurals if text.pluralizable else 1) or not all(translated):
        yield "a plural form is missing"
    wanted = set.union(*map(_placeholders, ids))
    for form in filter(None, translated):
        try:
            given = _placeholders(form)
        except ValueError as error:
            yield str(error)
            continue
        # “one row” needs no figure
        if given - wanted or wanted - given - ({"count"} if text.pluralizable else set()):
            yield f"its placeholders are {sorted(given)}, not {sorted(wanted)}"
        if form.strip() != form:
            yield "it begins or ends with a space"


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ('msgid "From {shop}"\nmsgstr "Von {laden}"', "placeholders are ['laden'], not ['shop']"),
        ('msgid "From {shop}"\nmsgstr "Von"', "placeholders are [], not ['shop']"),
        ('msgid "From {shop}"\nmsgstr "Von {shop"', "expected '}' before end of string"),
        ('msgid "Paid"\nmsgstr "Bezahlt "', "begins or ends with a space"),
        ('msgid "{count} row"\nmsgid_plural "{count} rows"\nmsgstr[0] "{count} Zeile"\nmsgstr[1] ""', "plural form"),
        ('msgid "{count} row"\nmsgid_plural "{count} rows"\nmsgstr[0] "eine Zeile"\nmsgstr[1] "{count} Zeilen"', ""),
        ('msgid "From {shop}"\nmsgstr ""', ""),
    ],
)
def test_a_translation_that_cannot_be_used_is_found(entry: str, fault: str) -> None:
    (text,) = [text for text in read_po(io.StringIO(entry), "de") if text.id]
    found = list(_faults(text, 2))
    assert fault in found[0] if fault else not found


# --- reading them -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "language"), [("de-AT", "de"), ("DE", "de"), ("iw", "he"), ("pt-BR", "en"), ("", "en"), ("ar_EG", "ar")]
)
def test_a_tag_finds_its_language_or_english(tag: str, language: str) -> None:
    assert matching(tag) == language


def test_english_needs_no_file_and_other_languages_are_read_once_on_any_thread() -> None:
    assert type(message_catalogues.catalogue("en")) is gettext.NullTranslations
    message_catalogues.catalogue.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda at: message_catalogues.catalogue(languages()[at % 8]), range(64)))
    assert [one.pgettext("paper", "Total") for one in found[:8]] == [
        one.pgettext("paper", "Total") for one in found[-8:]
    ]
    assert message_catalogues.catalogue("de") is message_catalogues.catalogue("de")


def test_a_text_without_translation_stays_and_the_paper_has_words_of_its_own() -> None:
    german = message_catalogues.catalogue("de")
    assert german.gettext("No such text") == "No such text"
    assert german.pgettext("paper", "Invoice") == "Rechnung"
    assert german.pgettext("elsewhere", "Invoice") == "Invoice"


def test_a_translation_that_misses_a_plural_form_is_left_out() -> None:
    """Its other forms would be shown for the wrong numbers: Arabic has six, English two."""
    arabic = Catalog("ar")
    arabic.add(("{count} row", "{count} rows"), ("", "صف", "", "", "", ""))
    arabic.add("Total", "الإجمالي")
    arabic.add("Paid", "المدفوع", flags=["fuzzy"])
    read = gettext.GNUTranslations(io.BytesIO(_TOOL["compiled"](arabic)))
    assert [read.ngettext("{count} row", "{count} rows", count) for count in (1, 2)] == ["{count} row", "{count} rows"]
    assert (read.gettext("Total"), read.gettext("Paid")) == ("الإجمالي", "Paid")


# --- writing them -----------------------------------------------------------------------------------------------------


def test_bringing_a_catalogue_in_step_keeps_what_is_translated_and_drops_what_is_gone() -> None:
    before = Catalog("it")
    before.add("Total", "Totale", context="paper", user_comments=["as on the register"])
    before.add("Gone", "Sparito")
    made: Catalog = _TOOL["updated"](before, _template())
    kept = made.get("Total", "paper")
    assert kept is not None
    assert (kept.string, kept.user_comments) == ("Totale", ["as on the register"])
    assert made.get("Gone") is None
    assert len(made) == len(_template())
