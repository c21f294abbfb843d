"""Concurrent edits: finds what another user changed, from snapshots, and merges both sides' changes.

No change is overwritten without being shown. A document is compared line by line, and the user who saves second
chooses; the fields of a customer, a product or the shop are merged where the two changed different ones.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, TypeVar

from shopdesk.domain.document import Action, Document, Line, State
from shopdesk.domain.errors import ConfirmationRequired, FieldError, Refused
from shopdesk.domain.sentence import sentence
from shopdesk.domain.shop import Seller

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LineChange:
    """A changed row; ``before`` is None for an added one, ``after`` is None for a removed one."""

    before: Line | None
    after: Line | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcurrentAction:
    """One action on a document: what, by whom, at which till and when."""

    act: Action
    by_name: str
    till: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcurrentEdit:
    """A document before the correction began, its present state (``now``), and the actions done in between.

    ``now`` is its replacement where it has one; ``before`` is None where no snapshot of that time exists.
    """

    before: Document | None
    now: Document
    done: tuple[ConcurrentAction, ...]

    @property
    def can_be_saved_over(self) -> bool:
        """True if the form can be saved as another correction; else only as a new document."""
        return self.now.state is State.ISSUED

    @property
    def lines(self) -> tuple[LineChange, ...]:
        """The rows that differ: changed and added ones in their order, removed ones at the end."""
        return compare_lines(self.before.lines, self.now.lines) if self.before is not None else ()


class EditConflict(ConfirmationRequired):
    """Another user changed the document being corrected. On yes, repeat the correction on ``now``."""

    def __init__(self, meanwhile: ConcurrentEdit) -> None:
        super().__init__(
            sentence("Another user changed {number} while you were editing it.", number=meanwhile.now.number),
            answer="save over it",
        )
        self.meanwhile = meanwhile


def compare_lines(before: tuple[Line, ...], after: tuple[Line, ...]) -> tuple[LineChange, ...]:
    """List the changed rows. A moved row is no change; one with the same item is a changed row."""
    gone, come = list(before), []
    for line in after:
        if line in gone:
            gone.remove(line)
        else:
            come.append(line)
    changes = []
    for line in come:
        earlier = next((one for one in gone if _is_same_item(one, line)), None)
        if earlier is not None:
            gone.remove(earlier)
        changes.append(LineChange(earlier, line))
    return (*changes, *(LineChange(line, None) for line in gone))


def _is_same_item(one: Line, other: Line) -> bool:
    return one.item == other.item or (one.product_key is not None and one.product_key == other.product_key)


class MergeConflict(Refused):
    """Raised when two users changed the same field. ``joined`` is the merged value with mine in the disputed fields.

    To overwrite the other user's values, save ``joined`` with ``theirs`` as its base.
    """

    def __init__(self, faults: list[FieldError], *, theirs: Any, joined: Any) -> None:
        super().__init__(faults)
        self.theirs = theirs
        self.joined = joined


def merge(base: T, mine: T, theirs: T) -> T:
    """Merge two edits of the same value field by field (three-way merge); ``base`` is the common original.

    Raise MergeConflict with an error for each field that both changed differently. A field that is a value with fields
    of its own is merged by those.
    """
    joined, faults = _merge_value(base, mine, theirs)
    if faults:
        raise MergeConflict(faults, theirs=theirs, joined=joined)
    return joined


def _merge_value(base: T, mine: T, theirs: T) -> tuple[T, list[FieldError]]:
    faults: list[FieldError] = []
    values = {}
    for field in fields(mine):  # type: ignore[arg-type]
        was, typed, found = (getattr(one, field.name) for one in (base, mine, theirs))
        if typed == was:
            values[field.name] = found
        elif found in {was, typed}:
            values[field.name] = typed
        elif isinstance(typed, Seller):
            values[field.name], more = _merge_value(was, typed, found)
            faults += more
        else:
            values[field.name] = typed
            faults.append(
                FieldError(sentence("Another user changed this too. Save again to keep your change."), field.name)
            )
    return replace(mine, **values), faults  # type: ignore[type-var]
