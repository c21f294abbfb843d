"""Imports a file line by line: a verdict on each line first, then all of it or nothing.

Each subject (products, customers) has a ``Checker``, which turns some records of the file into lines with verdicts. The
file is read twice, some rows at a time: to show the verdicts, and in one transaction to write.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, Generic, TypeVar, overload
from uuid import UUID

from shopdesk.domain.account import Actor
from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.sentence import NOTHING, Sentence, counted_sentence, sentence
from shopdesk.store import acts_lists, import_layouts
from shopdesk.store.session import Session
from shopdesk.usecases import import_file, import_layout
from shopdesk.usecases.import_file import AT_ONCE, Cell, ImportFile, Progress, ignore_progress
from shopdesk.usecases.import_headings import Program
from shopdesk.usecases.import_layout import Layout, Subject

T = TypeVar("T")


class Verdict(StrEnum):
    """The effect that an import would have for one line of the file."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "unchanged"
    SKIPPED = "skipped"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLine(Generic[T]):
    """The verdict on one line, numbered as a spreadsheet numbers its rows.

    ``texts`` are the cells of the file, by field. ``before`` is what is stored now, if anything, ``after``
    what will be, None for a wrong or skipped line. ``why`` is the error, the reason to skip it, or a warning.
    """

    number: int
    texts: Mapping[str, str]
    verdict: Verdict
    why: Sentence = NOTHING
    before: T | None = None
    after: T | None = None

    @property
    def name(self) -> str:
        """The name in the file."""
        return self.texts.get("name", "")

    @property
    def is_warned(self) -> bool:
        """True if the line can be imported, but should be looked at first."""
        return bool(self.why) and self.verdict not in {Verdict.WRONG, Verdict.SKIPPED}


L = TypeVar("L", bound=ImportLine[Any])


def new_and_changed(lines: Sequence[ImportLine[T]]) -> tuple[list[T], list[T]]:
    """Return the values to add and those to change."""
    ready = [(line.verdict, line.after) for line in lines if line.after is not None]
    new = [value for verdict, value in ready if verdict is Verdict.NEW]
    changed = [value for verdict, value in ready if verdict is Verdict.CHANGED]
    return new, changed


@dataclass(frozen=True, slots=True)
class RawLine:
    """One line as it was read: its record, and what is wrong with it as such."""

    number: int
    record: dict[str, Cell]
    wrong: Sentence


Checker = Callable[[Sequence[RawLine]], Sequence[L]]
"""Turns some lines of a file into verdicts, in their order."""


class CheckedLines(Sequence[L]):
    """The lines of a checked file, read from the disk when they are needed."""

    def __init__(self, file: ImportFile, line: type[L], value: type[Any], count: int) -> None:
        self._file = file
        self._line = line
        self._value = value
        self._count = count

    def page(self, *, verdict: Verdict | None, after: L | None, limit: int, warned: bool = False) -> tuple[L, ...]:
        """Return the next lines after one, all or those with one verdict; ``warned``: only those with a warning."""
        key = "warned" if warned else verdict.value if verdict else None
        found = self._file.lines(key, after.number if after else 0, limit)
        return tuple(self._unpacked(packed) for packed in found)

    def _unpacked(self, packed: str) -> L:
        number, verdict, why, texts, before, after = json.loads(packed)
        return self._line(
            number=number,
            texts=texts,
            verdict=Verdict(verdict),
            why=Sentence.from_json(why),
            before=_unpacked(self._value, before),
            after=_unpacked(self._value, after),
        )

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> L: ...
    @overload
    def __getitem__(self, at: slice) -> list[L]: ...
    def __getitem__(self, at: int | slice) -> L | list[L]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(self._count))]
        return self._unpacked(self._file.line_at(range(self._count)[at]))

    def __iter__(self) -> Iterator[L]:
        last: L | None = None
        while page := self.page(verdict=None, after=last, limit=AT_ONCE):
            yield from page
            last = page[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCheck(Generic[L]):
    """The effect of importing a file, line by line. ``ignored`` names the columns that are not used."""

    lines: CheckedLines[L]
    counts: Mapping[Verdict, int]
    warnings: int
    layout: Layout
    ignored: tuple[str, ...]

    def count(self, verdict: Verdict) -> int:
        """Return the number of lines with this verdict."""
        return self.counts.get(verdict, 0)

    @property
    def is_good(self) -> bool:
        """True if nothing is wrong, and there is something to import."""
        usable = self.count(Verdict.NEW) + self.count(Verdict.CHANGED) + self.count(Verdict.SAME)
        return usable > 0 and not self.count(Verdict.WRONG)


def read(
    source: Path | bytes, subject: Subject, *, language: str, encoding: str = "", progress: Progress = ignore_progress
) -> ImportFile:
    """Read a file of a kind, as ``import_file.read`` does. Call it on a worker."""
    return import_file.read(
        source, recognise=subject.recognise, language=language, encoding=encoding, progress=progress
    )


def check_lines(
    file: ImportFile,
    layout: Layout,
    *,
    line: type[L],
    value: type[Any],
    checker: Checker[L],
    write: Callable[[Sequence[L]], object] | None = None,
    progress: Progress = ignore_progress,
) -> ImportCheck[L]:
    """Check every line of a file, and with ``write`` write the good ones, some at a time.

    Once a line is wrong nothing more is written: the caller has to give up the transaction.
    """
    file.start_lines()
    counts: Counter[Verdict] = Counter()
    warnings = done = 0
    reads = (RawLine(*read) for read in import_layout.records(file, layout))
    while batch := list(islice(reads, AT_ONCE)):
        lines = checker(batch)
        file.add_lines([(one.number, one.verdict.value, one.is_warned, _packed_line(one)) for one in lines])
        counts.update(one.verdict for one in lines)
        warnings += sum(one.is_warned for one in lines)
        if write is not None and not counts[Verdict.WRONG]:
            write(lines)
        done += len(batch)
        progress(done, file.count)
    return ImportCheck(
        lines=CheckedLines(file, line, value, sum(counts.values())),
        counts=dict(counts),
        warnings=warnings,
        layout=layout,
        ignored=_ignored(file, layout),
    )


def refuse_wrong(check: ImportCheck[L]) -> ImportCheck[L]:
    """Return the check of an import. Raise Refused when one of its lines is wrong."""
    if wrong := check.count(Verdict.WRONG):
        raise Refused(
            counted_sentence(
                wrong,
                "{count} line has an error, so nothing was imported.",
                "{count} lines have an error, so nothing was imported.",
            ),
            field="file",
        )
    return check


def _ignored(file: ImportFile, layout: Layout) -> tuple[str, ...]:
    used = {at for _, at in layout.columns} | {at for at, _ in layout.flags}
    head = next((row.cells for row in import_layout.first_rows(file) if row.number == layout.head), ())
    return tuple(str(cell).strip() for at, cell in enumerate(head) if at not in used and str(cell).strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """The questions that a file leaves open, each as a sentence beside its field.

    ``doubtful`` is a price that fits both readings, ``taxes`` are names of taxes that are none of the shop's.
    ``decimal`` is the decimal mark that the prices prove, empty where they prove none.
    """

    errors: tuple[FieldError, ...] = ()
    decimal: str = ""
    doubtful: str = ""
    taxes: tuple[str, ...] = ()


# --- the layout of a file -------------------------------------------------------------------------------------------


def layout_of(session: Session, file: ImportFile, subject: Subject, *, head: int | None = None) -> Layout:
    """Return how to read a file: as the owner chose for these headings, else as the headings suggest.

    ``head`` is the row with the headings, 0 if there is none, None if it is to be found.
    """
    if head is not None:
        return import_layout.guess_at(file, subject, head)
    guessed = import_layout.guess(file, subject)
    rows = import_layout.first_rows(file)
    remembered = import_layouts.remembered(
        session, subject.name, [import_layout.fingerprint(row.cells) for row in rows]
    )
    for row in rows:
        if layout := remembered.get(import_layout.fingerprint(row.cells)):
            return replace(guessed, head=row.number, **_from_json(layout))
    return guessed


def remember(session: Session, file: ImportFile, subject: Subject, layout: Layout, *, by: Actor, at: datetime) -> None:
    """Store the layout that the owner chose for the headings of a file; a file without headings is not remembered."""
    for row in import_layout.first_rows(file):
        if row.number == layout.head:
            headings = import_layout.fingerprint(row.cells)
            acts_lists.save_import_layout(session, subject.name, headings, _to_json(layout), by=by, at=at)


def _to_json(layout: Layout) -> str:
    chosen = {
        "columns": layout.columns,
        "decimal": layout.decimal,
        "with_tax": layout.with_tax,
        "taxes": layout.taxes,
    }
    return json.dumps(chosen, ensure_ascii=False)


def _from_json(text: str) -> dict[str, Any]:
    chosen = json.loads(text)
    return {
        "columns": tuple((name, at) for name, at in chosen["columns"]),
        "decimal": chosen["decimal"],
        "with_tax": chosen["with_tax"],
        "taxes": tuple((name, key) for name, key in chosen["taxes"]),
    }


def missing_columns(subject: Subject, layout: Layout) -> list[FieldError]:
    """Return an error for each needed field that no column fills."""
    labels = {field.name: field.label for field in subject.fields}
    return [
        FieldError(sentence("Which column is “{field}”? Its heading is not known.", field=Sentence(labels[name])), name)
        for name in subject.missing(layout.fields)
    ]


def program_named(subject: Subject, name: str) -> Program | None:
    """Return the program of this name."""
    return next((program for program in subject.programs if program.name == name), None)


# --- packing --------------------------------------------------------------------------------------------------------


def _packed_line(line: ImportLine[Any]) -> str:
    packed = (
        line.number,
        line.verdict.value,
        line.why.to_json(),
        dict(line.texts),
        _packed(line.before),
        _packed(line.after),
    )
    return json.dumps(packed, ensure_ascii=False)


def _packed(value: Any) -> dict[str, Any] | None:
    """Return a value's fields for JSON, without those that are not compared."""
    if value is None:
        return None
    pairs = ((one.name, getattr(value, one.name)) for one in fields(value) if one.compare)
    return {name: part.hex if isinstance(part, UUID) else part for name, part in pairs}


def _unpacked(kind: type[T], packed: dict[str, Any] | None) -> T | None:
    if packed is None:
        return None
    return kind(**{name: UUID(part) if name.endswith("key") and part else part for name, part in packed.items()})
