"""The edit conflict dialog: another user changed the document that is being corrected."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from shopdesk.domain.conflict import ConcurrentEdit, LineChange
from shopdesk.domain.document import Action, Document, Line, State
from shopdesk.domain.money import Money
from shopdesk.domain.totals import AmountOff, PercentOff
from shopdesk.message_catalogues import mark
from shopdesk.ui.base import display_names
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import counted, tr, tr_marked
from shopdesk.ui.widgets.buttons import Button
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog

_MOST = 6
_ARROW = " → "


class EditConflictDialog(ConfirmDialog):
    """The dialog about another user's change of the same document.

    Yes saves the user's version; no, the default, keeps editing; ``look`` shows the other version.
    """

    def __init__(
        self,
        meanwhile: ConcurrentEdit,
        mine: Money,
        context: Context,
        *,
        look: Callable[[], object],
        parent: QWidget | None = None,
    ) -> None:
        over = meanwhile.can_be_saved_over
        super().__init__(
            _title(meanwhile),
            text=_what_now(meanwhile),
            facts=[*_facts(meanwhile, context), (tr("Your total"), context.format.money(mine))],
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


def _title(meanwhile: ConcurrentEdit) -> str:
    number = (meanwhile.before or meanwhile.now).number
    last = next((one for one in reversed(meanwhile.done) if one.act in _DID), None)
    if last is None:
        return tr("{number} has been changed", number=number)
    return tr_marked(_DID[last.act], number=number, name=last.by_name)


_DID = {
    Action.AMEND: mark("{name} has changed {number}"),
    Action.VOID: mark("{name} has deleted {number}"),
    Action.CREDIT: mark("{name} has corrected {number}"),
    Action.SEAL: mark("{name} has closed the day: {number} is now sealed"),
}


def _what_now(meanwhile: ConcurrentEdit) -> str:
    now = meanwhile.now
    kept = tr("What you typed is kept.")
    if not meanwhile.can_be_saved_over:
        return tr("{number} can no longer be corrected.", number=now.number) + " " + kept
    if now.is_sealed:
        what = tr("Saving cancels {number} with a credit note and replaces it with your version.", number=now.number)
    else:
        what = tr("Saving makes yours the current version of {number}.", number=now.number)
    return " ".join((what, tr("The history keeps both."), kept))


def _facts(meanwhile: ConcurrentEdit, context: Context) -> list[tuple[str, str]]:
    before, now = meanwhile.before, meanwhile.now
    facts = [(tr("By"), _who(meanwhile, context))] if meanwhile.done else []
    if now.number != (before or now).number:
        facts.append((tr("Number now"), now.number))
    if before is None:
        return [*facts, (tr("Their total"), context.format.money(now.gross))]
    lines = meanwhile.lines
    facts += _listed(tr("Added"), [_row(one.after, context) for one in lines if one.after and not one.before])
    facts += _listed(tr("Changed"), [_changed(one, context) for one in lines if one.after and one.before])
    facts += _listed(tr("Removed"), [_row(one.before, context) for one in lines if one.before and not one.after])
    facts += [(name, _ARROW.join(pair)) for name, pair in _heads(before, now, context) if pair[0] != pair[1]]
    total = context.format.money(before.gross)
    facts.append(
        (tr("Their total"), total if before.gross == now.gross else f"{total}{_ARROW}{context.format.money(now.gross)}")
    )
    if now.state is not State.ISSUED:
        facts.append((tr("State"), display_names.paid(now.kind, now.state, gross=now.gross, balance=now.balance).word))
    return facts


def _who(meanwhile: ConcurrentEdit, context: Context) -> str:
    last = meanwhile.done[-1]
    return tr("{name}, till {till}, {when}", name=last.by_name, till=last.till, when=context.ago(last.at))


def _heads(before: Document, now: Document, context: Context) -> list[tuple[str, tuple[str, str]]]:
    def both(of: Callable[[Document], str]) -> tuple[str, str]:
        return of(before), of(now)

    return [
        (tr("Customer"), both(lambda one: one.buyer.name or tr("Walk-in"))),
        (tr("Date"), both(lambda one: context.format.day(one.date_on))),
        (tr("Due"), both(lambda one: context.format.day(one.due_on) if one.due_on else "–")),
        (tr("Discount"), both(lambda one: _off(one.discount, context))),
        (tr("Note"), both(lambda one: one.note or "–")),
    ]


def _listed(name: str, rows: Sequence[str]) -> list[tuple[str, str]]:
    if not rows:
        return []
    more = len(rows) - _MOST
    shown = [*rows[:_MOST], *([counted(more, "and {count} more", "and {count} more")] if more > 0 else [])]
    return [(name, "\n".join(shown))]


def _row(line: Line | None, context: Context) -> str:
    return f"{line.item}: {_numbers(line, context)}" if line is not None else ""


def _changed(change: LineChange, context: Context) -> str:
    before, after = change.before, change.after
    if before is None or after is None:
        return ""
    numbers = [_numbers(line, context) for line in (before, after)]
    if before.tax != after.tax:
        numbers = [
            f"{said}, {context.format.percent(one.tax.milli)}"
            for said, one in zip(numbers, (before, after), strict=True)
        ]
    item = before.item if before.item == after.item else f"{before.item}{_ARROW}{after.item}"
    return item if numbers[0] == numbers[1] else f"{item}: {_ARROW.join(numbers)}"


def _numbers(line: Line, context: Context) -> str:
    said = f"{context.format.quantity(line.quantity)} × {context.format.price(line.unit_price)}"
    if line.discount is not None:
        said += f" − {_off(line.discount, context)}"
    return said


def _off(discount: AmountOff | PercentOff | None, context: Context) -> str:
    match discount:
        case AmountOff(minor):
            return context.format.amount(minor)
        case PercentOff(milli):
            return context.format.percent(milli)
    return "–"
