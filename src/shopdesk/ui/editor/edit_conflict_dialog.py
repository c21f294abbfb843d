"""The edit conflict dialog: another user changed the document that is being corrected."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from shopdesk.domain.conflict import LineChange, Meanwhile
from shopdesk.domain.document import Act, Document, Line, State
from shopdesk.domain.money import Money
from shopdesk.domain.totals import AmountOff, PercentOff
from shopdesk.ui.base import display_names
from shopdesk.ui.base.context import Desk
from shopdesk.ui.base.i18n import counted, tr
from shopdesk.ui.widgets.buttons import Button
from shopdesk.ui.widgets.confirm_dialog import Question

_MOST = 6
_ARROW = " → "


class MeanwhileQuestion(Question):
    """The dialog. Yes saves the user's version; no, the default, keeps editing; ``look`` shows the other version."""

    def __init__(
        self,
        meanwhile: Meanwhile,
        mine: Money,
        desk: Desk,
        *,
        look: Callable[[], object],
        parent: QWidget | None = None,
    ) -> None:
        over = meanwhile.can_be_saved_over
        super().__init__(
            _title(meanwhile),
            text=_what_now(meanwhile),
            facts=[*_facts(meanwhile, desk), (tr("Your total"), desk.money(mine))],
            yes=tr("Save my version") if over else tr("Issue mine as a new document"),
            no=tr("Keep editing"),
            is_dangerous=True,
            parent=parent,
        )
        self.look = Button(tr("View their version"), self._on_look, icon="show")
        self.look.setMinimumHeight(self.no.minimumHeight())
        self.answers.insertWidget(0, self.look)
        self._look = look

    def _on_look(self) -> None:
        self.reject()
        self._look()


def _title(meanwhile: Meanwhile) -> str:
    number = (meanwhile.before or meanwhile.now).number
    last = next((one for one in reversed(meanwhile.done) if one.act in _DID), None)
    if last is None:
        return tr("{number} has been changed", number=number)
    return tr(_DID[last.act], number=number, name=last.by_name)


_DID = {
    Act.AMEND: "{name} has changed {number}",
    Act.VOID: "{name} has deleted {number}",
    Act.CREDIT: "{name} has corrected {number}",
    Act.SEAL: "{name} has closed the day: {number} is now sealed",
}


def _what_now(meanwhile: Meanwhile) -> str:
    now = meanwhile.now
    kept = tr("What you typed is kept.")
    if not meanwhile.can_be_saved_over:
        return tr("{number} can no longer be corrected.", number=now.number) + " " + kept
    if now.is_sealed:
        what = tr("Saving cancels {number} with a credit note and replaces it with your version.", number=now.number)
    else:
        what = tr("Saving makes yours the current version of {number}.", number=now.number)
    return f"{what} {tr('The history keeps both.')} {kept}"


def _facts(meanwhile: Meanwhile, desk: Desk) -> list[tuple[str, str]]:
    before, now = meanwhile.before, meanwhile.now
    facts = [(tr("By"), _who(meanwhile, desk))] if meanwhile.done else []
    if now.number != (before or now).number:
        facts.append((tr("Number now"), now.number))
    if before is None:
        return [*facts, (tr("Their total"), desk.money(now.gross))]
    lines = meanwhile.lines
    facts += _listed(tr("Added"), [_row(one.after, desk) for one in lines if one.after and not one.before])
    facts += _listed(tr("Changed"), [_changed(one, desk) for one in lines if one.after and one.before])
    facts += _listed(tr("Removed"), [_row(one.before, desk) for one in lines if one.before and not one.after])
    facts += [(name, _ARROW.join(pair)) for name, pair in _heads(before, now, desk) if pair[0] != pair[1]]
    total = desk.money(before.gross)
    facts.append((tr("Their total"), total if before.gross == now.gross else f"{total}{_ARROW}{desk.money(now.gross)}"))
    if now.state is not State.ISSUED:
        facts.append((tr("State"), display_names.paid(now.kind, now.state, gross=now.gross, balance=now.balance).word))
    return facts


def _who(meanwhile: Meanwhile, desk: Desk) -> str:
    last = meanwhile.done[-1]
    return tr("{name}, till {till}, {when}", name=last.by_name, till=last.till, when=desk.ago(last.at))


def _heads(before: Document, now: Document, desk: Desk) -> list[tuple[str, tuple[str, str]]]:
    def both(of: Callable[[Document], str]) -> tuple[str, str]:
        return of(before), of(now)

    return [
        (tr("Customer"), both(lambda one: one.buyer.name or tr("Walk-in"))),
        (tr("Date"), both(lambda one: desk.day(one.date_on))),
        (tr("Due"), both(lambda one: desk.day(one.due_on) if one.due_on else "–")),
        (tr("Discount"), both(lambda one: _off(one.discount, desk))),
        (tr("Note"), both(lambda one: one.note or "–")),
    ]


def _listed(name: str, rows: Sequence[str]) -> list[tuple[str, str]]:
    if not rows:
        return []
    more = len(rows) - _MOST
    shown = [*rows[:_MOST], *([counted(more, "and {count} more", "and {count} more")] if more > 0 else [])]
    return [(name, "\n".join(shown))]


def _row(line: Line | None, desk: Desk) -> str:
    return f"{line.item}: {_numbers(line, desk)}" if line is not None else ""


def _changed(change: LineChange, desk: Desk) -> str:
    before, after = change.before, change.after
    if before is None or after is None:
        return ""
    numbers = [_numbers(line, desk) for line in (before, after)]
    if before.tax != after.tax:
        numbers = [f"{said}, {desk.percent(one.tax.milli)}" for said, one in zip(numbers, (before, after), strict=True)]
    item = before.item if before.item == after.item else f"{before.item}{_ARROW}{after.item}"
    return item if numbers[0] == numbers[1] else f"{item}: {_ARROW.join(numbers)}"


def _numbers(line: Line, desk: Desk) -> str:
    said = f"{desk.quantity(line.quantity)} × {desk.price(line.unit_price)}"
    if line.discount is not None:
        said += f" − {_off(line.discount, desk)}"
    return said


def _off(discount: AmountOff | PercentOff | None, desk: Desk) -> str:
    match discount:
        case AmountOff(minor):
            return desk.amount(minor)
        case PercentOff(milli):
            return desk.percent(milli)
    return "–"
