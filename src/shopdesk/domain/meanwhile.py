"""Two people change the same thing: what the other one did, told from snapshots, and what of both can stand together.

Nothing is ever written over unseen. A document is told line by line, and whoever saves second chooses; the fields of a
customer, a product or the shop are put together where the two did not touch the same one.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, TypeVar

from shopdesk.domain.document import Act, Document, Line, State
from shopdesk.domain.errors import Fault, NeedsYes, Refused
from shopdesk.domain.shop import Seller

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LineChange:
    """A row that was changed; added when there is none ``before``, removed when there is none ``after``."""

    before: Line | None
    after: Line | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One act on a document: what, by whom, at which till, when."""

    act: Act
    by_name: str
    till: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Meanwhile:
    """The document as it was when somebody began to correct it, as it stands ``now``, and what was done between.

    ``now`` is its replacement where it has one; ``before`` is None where no snapshot of that time is kept.
    """

    before: Document | None
    now: Document
    done: tuple[Done, ...]

    @property
    def can_be_saved_over(self) -> bool:
        """Whether what was typed can be saved as one more correction; else only as a document of its own."""
        return self.now.state is State.ISSUED

    @property
    def lines(self) -> tuple[LineChange, ...]:
        """The rows that differ: changed and added ones in their order, removed ones at the end."""
        return compare_lines(self.before.lines, self.now.lines) if self.before is not None else ()


class ChangedMeanwhile(NeedsYes):
    """Somebody else changed the document that is being corrected. Yes is the act on ``now``, at its revision."""

    def __init__(self, meanwhile: Meanwhile) -> None:
        super().__init__(f"{meanwhile.now.number} was changed by somebody else meanwhile.", answer="save over it")
        self.meanwhile = meanwhile


def compare_lines(before: tuple[Line, ...], after: tuple[Line, ...]) -> tuple[LineChange, ...]:
    """What became of the rows. The same row elsewhere is no change; one of the same item is a changed one."""
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


class Collided(Refused):
    """Two people changed the same fields: ``joined`` has mine there, else ``theirs``, from which one tries again."""

    def __init__(self, faults: list[Fault], *, theirs: Any, joined: Any) -> None:
        super().__init__(faults)
        self.theirs = theirs
        self.joined = joined


def together(base: T, mine: T, theirs: T) -> T:
    """What two people made of the same thing, field by field; ``base`` is what both began with.

    Raises Collided with a fault for each field that both changed, each to something else; a field that is a value with
    fields of its own is put together by those.
    """
    joined, faults = _joined(base, mine, theirs)
    if faults:
        raise Collided(faults, theirs=theirs, joined=joined)
    return joined


def _joined(base: T, mine: T, theirs: T) -> tuple[T, list[Fault]]:
    faults: list[Fault] = []
    values = {}
    for field in fields(mine):  # type: ignore[arg-type]
        was, typed, found = (getattr(one, field.name) for one in (base, mine, theirs))
        if typed == was:
            values[field.name] = found
        elif found in {was, typed}:
            values[field.name] = typed
        elif isinstance(typed, Seller):
            values[field.name], more = _joined(was, typed, found)
            faults += more
        else:
            values[field.name] = typed
            faults.append(Fault("Somebody else changed this meanwhile, too. Save again to keep yours.", field.name))
    return replace(mine, **values), faults  # type: ignore[type-var]
