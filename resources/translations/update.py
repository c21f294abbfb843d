"""Extract every text of the program into shopdesk.pot, and bring the catalogue of each language in step with it.

Usage: update.py [LANGUAGE …]    also makes the catalogues of new languages, by ISO 639 code: update.py it

Dates, line numbers and versions are left out: the same sources make the same files.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

FOLDER = Path(__file__).resolve().parent
PACKAGE = FOLDER.parents[1] / "src" / "shopdesk"
TEMPLATE = FOLDER / "shopdesk.pot"
SOURCES = (
    # files, {function: where its texts are among its arguments}, context
    ("render/translations.py", {"paper": (1,)}, "paper"),
    ("render/translations.py", {"mail": (1,)}, "mail"),
    (
        "**.py",
        {"tr": (1,), "mark": (1,), "counted": (2, 3), "sentence": (1,), "counted_sentence": (2, 3)},
        None,
    ),
)
NOTE = "Translators:"
"""The beginning of a comment for translators, in the line above a text."""


class _Catalogue(Catalog):
    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """The headers that a reader needs."""
        own = [("Language", str(self.locale)), ("Plural-Forms", self.plural_forms)] if self.locale else []
        return [
            ("Project-Id-Version", "shopdesk"),
            *own,
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit\n"),
        ]


def template() -> Catalog:
    """Return all texts of the program, untranslated."""
    made = _Catalogue(header_comment="# The texts of shopdesk, in English.", fuzzy=False)
    for files, functions, context in SOURCES:
        found = extract_from_dir(PACKAGE, [(files, "python")], keywords=functions, comment_tags=[NOTE])
        for name, _, text, comments, _ in found:
            made.add(text, locations=[(f"src/shopdesk/{name}", 0)], auto_comments=comments, context=context)
    return made


def languages() -> Iterator[str]:
    """Yield every language that has a catalogue."""
    yield from sorted(file.parents[1].name for file in FOLDER.glob("*/LC_MESSAGES/shopdesk.po"))


def file(language: str) -> Path:
    """Return the file that translators edit."""
    return FOLDER / language / "LC_MESSAGES" / "shopdesk.po"


def read(language: str) -> Catalog:
    """Return the catalogue of a language as its file has it; an empty one if it is new."""
    if not file(language).exists():
        return Catalog(language)
    with file(language).open("rb") as text:
        return read_po(text, language)


def updated(before: Catalog, texts: Catalog) -> Catalog:
    """Return a catalogue with exactly these texts: new ones are empty, those that are gone are dropped."""
    made = _Catalogue(before.locale, header_comment="# Translations template of shopdesk.", fuzzy=False)
    for text in texts:
        if not text.id:
            continue  # the header
        known = before.get(text.id, text.context)
        is_same = known is not None and known.pluralizable == text.pluralizable
        made.add(
            text.id,
            known.string if known is not None and is_same else "",
            locations=text.locations,
            flags=known.flags & {"fuzzy"} if known is not None else (),
            auto_comments=text.auto_comments,
            user_comments=known.user_comments if known is not None else (),
            context=text.context,
        )
    return made


def written(catalogue: Catalog) -> bytes:
    """Return the text of a .pot or .po file."""
    made = io.BytesIO()
    write_po(made, catalogue, width=120, include_lineno=False)
    return made.getvalue()


def is_translated(text: Message) -> bool:
    """Return True if a text has a translation in all plural forms that is not marked as fuzzy."""
    forms = (text.string,) if isinstance(text.string, str) else text.string or ("",)
    return all(forms) and not text.fuzzy


def compiled(catalogue: Catalog) -> bytes:
    """Return the content of the .mo file, without texts of which a plural form is missing: those stay English."""
    complete = _Catalogue(catalogue.locale, fuzzy=False)
    for text in catalogue:
        if text.id and is_translated(text):
            complete.add(text.id, text.string, context=text.context)
    made = io.BytesIO()
    write_mo(made, complete)
    return made.getvalue()


def main(new: list[str]) -> None:
    """Write all files."""
    texts = template()
    TEMPLATE.write_bytes(written(texts))
    for language in sorted({*languages(), *new}):
        catalogue = updated(read(language), texts)
        file(language).parent.mkdir(parents=True, exist_ok=True)
        file(language).write_bytes(written(catalogue))
        file(language).with_suffix(".mo").write_bytes(compiled(catalogue))
        done = sum(1 for text in catalogue if text.id and is_translated(text))
        print(f"{language}: {done} of {len(catalogue)} texts are translated")


if __name__ == "__main__":
    main(sys.argv[1:])
