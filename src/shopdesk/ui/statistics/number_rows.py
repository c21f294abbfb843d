"""The number report in words, for the page and for files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from itertools import islice
from types import MappingProxyType
from typing import BinaryIO

from shopdesk.message_catalogues import Marked, mark
from shopdesk.queries.number_report import NumberEntry, NumberOutcome
from shopdesk.render import export
from shopdesk.render.export import Cell, FileKind, Writer
from shopdesk.render.report_pdf import ReportColumn, ReportHead, ReportPdf
from shopdesk.ui.base import display_names
from shopdesk.ui.base.i18n import StatusLook, as_title, counted, listed, tr, tr_marked
from shopdesk.ui.base.tokens import Tone

_LOOKS: Mapping[NumberOutcome, tuple[Marked, str, Tone]] = MappingProxyType(
    {
        NumberOutcome.ISSUED: (mark("issued"), "good", Tone.GOOD),
        NumberOutcome.AMENDED: (mark("amended"), "edit", Tone.PLAIN),
        NumberOutcome.VOIDED: (mark("voided"), "voided", Tone.WARN),
        NumberOutcome.CORRECTED: (mark("corrected"), "corrected", Tone.WARN),
        NumberOutcome.RETURNED: (mark("goods returned"), "undo", Tone.WARN),
        NumberOutcome.MISSING: (mark("missing"), "bad", Tone.BAD),
    }
)


def look(one: NumberEntry) -> StatusLook:
    """Return what became of a number, as a word, an icon and a tone."""
    word, icon, tone = _LOOKS[one.outcome]
    return StatusLook(as_title(tr_marked(word)), icon, tone)


def number(one: NumberEntry) -> str:
    """Return the number, or the first and the last one of a gap."""
    if one.last_count == one.count:
        return one.number
    return tr("{first} to {last}", first=one.number, last=f"{one.prefix}{one.last_count:06d}")


def who(one: NumberEntry) -> str:
    """Return who did it, with the manager who approved it."""
    return tr("{person} (approved by {name})", person=one.acted_by, name=one.approver) if one.approver else one.acted_by


def why(one: NumberEntry) -> str:
    """Return what the act had to do with other documents and amounts."""
    parts = [tr_marked(_LINKS[name], what=value) for name in _LINKS if (value := getattr(one, name))]
    if one.outcome is NumberOutcome.RETURNED and one.detail.startswith("by "):
        parts.append(tr("credited by {what}", what=one.detail.removeprefix("by ")))
    if one.amendments:
        parts.append(counted(one.amendments, "amended {count} time", "amended {count} times"))
    if one.detail.startswith("total "):
        parts.append(tr("total {what}", what=one.detail.removeprefix("total ")))
    if one.outcome is NumberOutcome.MISSING:
        parts.append(
            counted(
                one.last_count - one.count + 1,
                "{count} number without a document",
                "{count} numbers without a document",
            )
        )
    return as_title(listed(parts)) if parts else ""


_LINKS: Mapping[str, Marked] = MappingProxyType(
    {
        "corrects": mark("credits {what}"),
        "replaces": mark("replaces {what}"),
        "corrected_by": mark("credited by {what}"),
        "replaced_by": mark("replaced by {what}"),
    }
)


# --- files ----------------------------------------------------------------------------------------------------------


def head() -> tuple[str, ...]:
    """Return the headings of the report in a file."""
    return (
        tr("Number"), tr("To number"), tr("Kind"), tr("Date"), tr("Customer"), tr("Total"), tr("Issued by"),
        tr("Issued"), tr("What became of it"), tr("By"), tr("Approved by"), tr("When"), tr("Why"),
    )  # fmt: skip


def cells(one: NumberEntry) -> tuple[Cell, ...]:
    """Return an entry as a row of a file."""
    last = f"{one.prefix}{one.last_count:06d}" if one.last_count > one.count else ""
    gross = Decimal(one.gross.minor).scaleb(-one.gross.currency.digits) if one.gross else None
    return (
        one.number, last, display_names.kind(one.kind), one.date_on, one.buyer_name, gross, one.issued_by,
        _local(one.issued_at), look(one).word, one.acted_by, one.approver, _local(one.acted_at), why(one),
    )  # fmt: skip


def pdf_columns() -> tuple[ReportColumn, ...]:
    """Return the columns on paper."""
    return (
        ReportColumn(title=tr("Number"), share=2.6),
        ReportColumn(title=tr("Date"), share=1.6),
        ReportColumn(title=tr("Total"), share=1.5, is_number=True),
        ReportColumn(title=tr("What became of it"), share=1.7),
        ReportColumn(title=tr("By"), share=1.7),
        ReportColumn(title=tr("When"), share=2.1),
        ReportColumn(title=tr("Why"), share=3.2),
    )


def pdf_cells(one: NumberEntry) -> tuple[Cell, ...]:
    """Return an entry as a row on paper."""
    gross = Decimal(one.gross.minor).scaleb(-one.gross.currency.digits) if one.gross else None
    return (number(one), one.date_on, gross, look(one).word, who(one), _local(one.acted_at), why(one))


def writer(kind: FileKind, file: BinaryIO, above: ReportHead, *, made_at: datetime) -> Writer:
    """Return a writer for the rows of ``cells``, or on paper for those of ``pdf_cells``.

    ``made_at`` is naive, in local time.
    """
    if kind is FileKind.PDF:
        return ReportPdf(file, above, pdf_columns(), made_at=made_at)
    return export.writer(kind, file, head(), title=above.title, made_at=made_at)


def write(
    file: BinaryIO, kind: FileKind, above: ReportHead, entries: Iterable[NumberEntry], *, made_at: datetime
) -> None:
    """Write entries to an open file as they come."""
    row = pdf_cells if kind is FileKind.PDF else cells
    opened = writer(kind, file, above, made_at=made_at)
    each = iter(entries)
    while some := tuple(islice(each, _AT_ONCE)):
        opened.write(map(row, some))
    opened.close()


_AT_ONCE = 500


def _local(at: datetime | None) -> datetime | None:
    return at.astimezone().replace(tzinfo=None) if at else None
