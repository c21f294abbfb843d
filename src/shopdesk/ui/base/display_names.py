"""Display names of kinds, states, actions and roles, and relative times.

Texts for users pass through ``tr``. Numbers, dates and amounts are formatted by ``render.formatting``, as on paper.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from shopdesk.domain.account import MIN_PASSWORD_LENGTH, AccountStatus, Right, Role
from shopdesk.domain.backup_retention import CHECK_OLD, DUMP_OLD, OLD
from shopdesk.domain.document import Action, Kind, PaperForm, State
from shopdesk.domain.message import Channel, DeliveryStatus
from shopdesk.domain.money import Currency, Money
from shopdesk.domain.payment import Method, PaymentPart
from shopdesk.message_catalogues import Marked, mark
from shopdesk.render import formatting
from shopdesk.ui.base.i18n import StatusLook, counted, language, listed, tr, tr_marked, translated
from shopdesk.ui.base.tokens import Tone

if TYPE_CHECKING:
    from shopdesk.queries.outbox import NotDelivered
    from shopdesk.ui.base.formatter import Formatter
    from shopdesk.ui.base.ports import Backups

__all__ = ["StatusLook", "counted", "tr"]

KINDS: Mapping[Kind, Marked] = MappingProxyType(
    {
        Kind.INVOICE: mark("Invoice"),
        Kind.RECEIPT: mark("Receipt"),
        Kind.DEBIT_NOTE: mark("Debit note"),
        Kind.CREDIT_NOTE: mark("Credit note"),
        Kind.QUOTE: mark("Quote"),
    }
)


def kind(which: Kind) -> str:
    """Return a document's kind as a title: “Credit note”."""
    return tr_marked(KINDS[which])


_KINDS_IN_SENTENCE: Mapping[Kind, Marked] = MappingProxyType(
    {
        Kind.INVOICE: mark("invoice"),
        Kind.RECEIPT: mark("receipt"),
        Kind.DEBIT_NOTE: mark("debit note"),
        Kind.CREDIT_NOTE: mark("credit note"),
        Kind.QUOTE: mark("quote"),
    }
)


def kind_in_sentence(which: Kind) -> str:
    """Return a document's kind inside a sentence: “credit note”."""
    return tr_marked(_KINDS_IN_SENTENCE[which])


def state(which: State, *, sealed: bool = False) -> StatusLook:
    """Return the look of an issued document's state."""
    if which is State.VOIDED:
        return StatusLook(tr("voided"), "voided", Tone.SOFT)
    if which is State.CORRECTED:
        return StatusLook(tr("corrected"), "corrected", Tone.SOFT)
    return StatusLook(tr("sealed"), "lock", Tone.SOFT) if sealed else StatusLook(tr("issued"), "good", Tone.SOFT)


def paid(of: Kind, standing: State, *, gross: Money, balance: Money) -> StatusLook:
    """Return the look of a document's payment, or of its state if it no longer counts."""
    if standing is not State.ISSUED:
        return state(standing)
    if not of.is_sale:
        return StatusLook(tr("offer"), "quote", Tone.SOFT)
    if not balance:
        return StatusLook(tr("refunded") if of is Kind.CREDIT_NOTE else tr("paid"), "good", Tone.GOOD)
    if balance.minor < 0:
        return StatusLook(tr("to be refunded"), "money", Tone.WARN)
    return StatusLook(tr("unpaid") if balance == gross else tr("part paid"), "waiting", Tone.WARN)


DELIVERY_STATUSES: Mapping[DeliveryStatus, tuple[Marked, str, Tone]] = MappingProxyType(
    {
        DeliveryStatus.QUEUED: (mark("queued"), "waiting", Tone.SOFT),
        DeliveryStatus.SENDING: (mark("sending"), "send", Tone.SOFT),
        DeliveryStatus.SENT: (mark("delivered"), "good", Tone.GOOD),
        DeliveryStatus.BOUNCED: (mark("came back"), "bad", Tone.BAD),
        DeliveryStatus.FAILED: (mark("failed"), "bad", Tone.BAD),
        DeliveryStatus.UNKNOWN: (mark("unknown"), "unknown", Tone.WARN),
        DeliveryStatus.WITHDRAWN: (mark("withdrawn"), "voided", Tone.SOFT),
    }
)


def delivery_status(which: DeliveryStatus | None) -> StatusLook:
    """Return the look of a message's delivery; “no message” for None."""
    if which is None:
        return StatusLook(tr("no message"), "level", Tone.SOFT)
    word, icon, tone = DELIVERY_STATUSES[which]
    return StatusLook(tr_marked(word), icon, tone)


def not_delivered(of: NotDelivered) -> StatusLook:
    """Return what has become of the messages that are not delivered: “2 failed, 1 waiting”; failed is not waiting."""
    counts = (
        (of.failed, tr("{count} failed", count=of.failed)),
        (of.bounced, tr("{count} came back", count=of.bounced)),
        (of.unclear, tr("{count} unclear", count=of.unclear)),
        (of.waiting, tr("{count} waiting", count=of.waiting)),
    )
    words = [word for count, word in counts if count]
    if not words:
        return StatusLook(tr("all delivered"), "good", Tone.GOOD)
    if of.failed or of.bounced:
        return StatusLook(listed(words), "bad", Tone.BAD)
    return StatusLook(listed(words), *(("unknown", Tone.WARN) if of.unclear else ("waiting", Tone.SOFT)))


ACTIONS: Mapping[Action, tuple[Marked, str]] = MappingProxyType(
    {
        Action.ISSUE: (mark("issued"), "document"),
        Action.AMEND: (mark("corrected"), "edit"),
        Action.VOID: (mark("voided"), "voided"),
        Action.CREDIT: (mark("credited"), "corrected"),
        Action.RETURN: (mark("goods returned, credited"), "undo"),
        Action.SEAL: (mark("sealed"), "lock"),
        Action.PAY: (mark("paid"), "payment"),
        Action.PRINT: (mark("printed"), "print"),
        Action.SEND: (mark("sent"), "send"),
    }
)


def action(which: Action) -> StatusLook:
    """Return the look of an action on a document."""
    word, icon = ACTIONS[which]
    return StatusLook(tr_marked(word), icon, Tone.SOFT)


METHODS: Mapping[Method, tuple[Marked, str]] = MappingProxyType(
    {
        Method.CASH: (mark("Cash"), "money"),
        Method.CARD: (mark("Card"), "card"),
        Method.TRANSFER: (mark("Transfer"), "send"),
        Method.OTHER: (mark("Other"), "payment"),
        Method.OFFSET: (mark("Moved from another document"), "corrected"),
    }
)


def money_by_method(parts: Iterable[PaymentPart], currency: Currency, write: Formatter) -> str:
    """Return what changes hands, by method: “$2.55 (Cash), $1.00 (Card)”; empty if nothing does."""
    return listed(
        [f"{write.money(Money(abs(part.moved), currency))} ({method(part.method)})" for part in parts if part.moved]
    )


FORMS: Mapping[PaperForm, Marked] = MappingProxyType(
    {PaperForm.DELIVERY_NOTE: mark("Delivery note"), PaperForm.PRO_FORMA: mark("Pro-forma invoice")}
)

_FORMS_IN_SENTENCE: Mapping[PaperForm, Marked] = MappingProxyType(
    {PaperForm.DELIVERY_NOTE: mark("delivery note"), PaperForm.PRO_FORMA: mark("pro-forma invoice")}
)


def form(of: PaperForm, kind_of: Kind) -> str:
    """Return the name of a form of a document of this kind."""
    return tr_marked(FORMS[of]) if of in FORMS else kind(kind_of)


def form_in_sentence(of: PaperForm, kind_of: Kind) -> str:
    """Return the name of a form inside a sentence: “printed as delivery note”."""
    return tr_marked(_FORMS_IN_SENTENCE[of]) if of in _FORMS_IN_SENTENCE else kind_in_sentence(kind_of)


def method(which: Method) -> str:
    """Return the name of a payment method."""
    return tr_marked(METHODS[which][0])


_METHODS_IN_SENTENCE: Mapping[Method, Marked] = MappingProxyType(
    {
        Method.CASH: mark("cash"),
        Method.CARD: mark("card"),
        Method.TRANSFER: mark("transfer"),
        Method.OTHER: mark("other"),
        Method.OFFSET: mark("moved from another document"),
    }
)


def method_in_sentence(which: Method) -> str:
    """Return the name of a payment method inside a sentence: “paid cash”."""
    return tr_marked(_METHODS_IN_SENTENCE[which])


CHANNELS: Mapping[Channel, Marked] = MappingProxyType(
    {Channel.EMAIL: mark("E-mail"), Channel.SMS: mark("Text message")}
)


def channel(which: Channel) -> str:
    """Return the name of a message channel."""
    return tr_marked(CHANNELS[which])


ROLES: Mapping[Role, Marked] = MappingProxyType(
    {Role.OWNER: mark("Owner"), Role.MANAGER: mark("Manager"), Role.CASHIER: mark("Cashier")}
)


def role(which: Role) -> str:
    """Return the name of a role."""
    return tr_marked(ROLES[which])


_ROLES_IN_SENTENCE: Mapping[Role, Marked] = MappingProxyType(
    {Role.OWNER: mark("owner"), Role.MANAGER: mark("manager"), Role.CASHIER: mark("cashier")}
)


def role_in_sentence(which: Role) -> str:
    """Return the name of a role inside a sentence: “can now sign in as cashier”."""
    return tr_marked(_ROLES_IN_SENTENCE[which])


ACCOUNT_STATUSES: Mapping[AccountStatus, tuple[Marked, str, Tone]] = MappingProxyType(
    {
        AccountStatus.WAITING: (mark("waiting"), "waiting", Tone.WARN),
        AccountStatus.ACTIVE: (mark("active"), "good", Tone.GOOD),
        AccountStatus.BLOCKED: (mark("blocked"), "voided", Tone.BAD),
    }
)


def account_status(which: AccountStatus) -> StatusLook:
    """Return the look of an account's status."""
    word, icon, tone = ACCOUNT_STATUSES[which]
    return StatusLook(tr_marked(word), icon, tone)


RIGHT_NAMES: Mapping[Right, Marked] = MappingProxyType(
    {
        Right.SELL: mark("sell"),
        Right.DISCOUNT: mark("give any discount"),
        Right.CORRECT: mark("correct documents"),
        Right.DELETE: mark("delete documents"),
        Right.REFUND: mark("give refunds"),
        Right.SHIFT: mark("open and count a shift"),
        Right.MOVE_CASH: mark("move cash"),
        Right.DRAWER: mark("open the drawer"),
        Right.CLOSE_DAY: mark("close the day"),
        Right.CATALOGUE: mark("change products"),
        Right.CUSTOMERS: mark("merge and erase customers"),
        Right.STATISTICS: mark("see statistics"),
        Right.EXPORT: mark("export"),
        Right.SETTINGS: mark("change settings"),
        Right.PEOPLE: mark("let people in"),
    }
)


def right(which: Right) -> str:
    """Return the name of a right: “see statistics”."""
    return tr_marked(RIGHT_NAMES[which])


def ago(at: datetime, now: datetime) -> str:
    """Return how long ago an instant was: “5 min ago”; "" from a week on, where the date is to be shown."""
    passed = now - at
    if passed < timedelta(seconds=60):
        return tr("just now")
    minutes = int(passed.total_seconds() // 60)
    if minutes < 60:
        return tr("{count} min ago", count=minutes)
    if minutes < 24 * 60:
        return tr("{count} h ago", count=minutes // 60)
    days = minutes // (24 * 60)
    if days == 1:
        return tr("yesterday")
    return tr("{count} days ago", count=days) if days < 7 else ""


def when(at: datetime, now: datetime) -> str:
    """Return an instant inside a sentence, in local time: “yesterday at 17:02”."""
    on = at.astimezone().date()
    days = (now.astimezone().date() - on).days
    day = {0: tr("today"), 1: tr("yesterday")}.get(days) or tr("on {day}", day=formatting.day(on, language()))
    return tr("{day} at {time}", day=day, time=formatting.clock(at, language()))


def backup(backups: Backups, *, now: datetime, instant: Callable[[datetime], str]) -> StatusLook:
    """Return the age and location of the last backup, or why there is none."""
    if backups.trouble:
        return StatusLook(translated(backups.trouble), "warn", Tone.WARN)
    if backups.last_at is None:
        none = (
            tr("The first backup will be made soon.") if backups.is_file else tr("No backup of this server was found.")
        )
        return StatusLook(none, "info" if backups.is_file else "warn", Tone.SOFT if backups.is_file else Tone.WARN)
    when = ago(backups.last_at, now) or instant(backups.last_at)
    last = tr("Last backup: {when}, {file}", when=when, file=backups.last_place)
    return (
        StatusLook(last, "warn", Tone.WARN)
        if backup_reminder(backups, now=now)
        else StatusLook(last, "good", Tone.GOOD)
    )


def whole_check(backups: Backups, *, now: datetime, instant: Callable[[datetime], str]) -> StatusLook:
    """Return when everything was last verified."""
    if backups.checked_at is None:
        return StatusLook(tr("No check of everything was made on this computer."), "info", Tone.SOFT)
    when = ago(backups.checked_at, now) or instant(backups.checked_at)
    last = tr("Everything was last checked: {when}", when=when)
    is_old = now - backups.checked_at >= CHECK_OLD
    return StatusLook(last, "warn", Tone.WARN) if is_old else StatusLook(last, "good", Tone.GOOD)


def backup_reminder(backups: Backups, *, now: datetime) -> str:
    """Return the backup warning for the dashboard; "" while all is well."""
    if backups.is_away:
        return tr("The backup disk is not connected.")
    if backups.trouble:
        return tr("The last backup failed.")
    if backups.last_at is None:
        return "" if backups.is_file else tr("No backup of the server was found.")
    if now - backups.last_at >= (OLD if backups.is_file else DUMP_OLD):
        return tr("The last backup is {count} days old.", count=(now - backups.last_at) // timedelta(days=1))
    if backups.is_file and backups.checked_at is not None and now - backups.checked_at >= CHECK_OLD:
        days = (now - backups.checked_at) // timedelta(days=1)
        return tr("Everything was last checked {days} days ago.", days=days)
    return ""


def greeting(name: str, now: datetime) -> str:
    """Return “Good morning, Ada”, by the hour of ``now`` (local time)."""
    first = name.split()[0] if name.split() else name
    if now.hour < 12:
        return tr("Good morning, {name}", name=first)
    return tr("Good afternoon, {name}", name=first) if now.hour < 18 else tr("Good evening, {name}", name=first)


def strength(password: str) -> StatusLook:
    """Return how hard a password is to guess, as a hint while typing. ``domain.account.check_password`` decides."""
    if not password:
        return StatusLook(
            tr("At least {count} characters; a few words in a row work well.", count=MIN_PASSWORD_LENGTH),
            "info",
            Tone.SOFT,
        )
    missing = MIN_PASSWORD_LENGTH - len(password)
    if missing > 0:
        return StatusLook(
            counted(missing, "Too short: {count} more character.", "Too short: {count} more characters."),
            "warn",
            Tone.WARN,
        )
    if len(set(password.casefold())) < 5:
        return StatusLook(tr("Easy to guess: it repeats itself."), "warn", Tone.WARN)
    return StatusLook(tr("Strong.") if len(password) >= 20 else tr("Good."), "good", Tone.GOOD)


_WEEKDAYS = (
    mark("Monday"),
    mark("Tuesday"),
    mark("Wednesday"),
    mark("Thursday"),
    mark("Friday"),
    mark("Saturday"),
    mark("Sunday"),
)


def weekday(at: int) -> str:
    """Return the name of a weekday; 0 is Monday."""
    return tr_marked(_WEEKDAYS[at])


def hour(at: int, tag: str) -> str:
    """Return an hour of the day as people write it in a language: “09:00”, “9:00 AM”."""
    return formatting.clock(datetime(2000, 1, 1, at, tzinfo=UTC), tag, zone=UTC)
