"""Use cases of documents: issue, correct, delete, pay, send again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from shopdesk.domain import document as legal
from shopdesk.domain import returns
from shopdesk.domain.account import Actor, NotAllowed, Right
from shopdesk.domain.conflict import ConcurrentEdit, EditConflict
from shopdesk.domain.customer import AmbiguousCustomer, Buyer, Contact, Customer
from shopdesk.domain.discount_limit import excess
from shopdesk.domain.document import Action, Document, Draft, Kind, State
from shopdesk.domain.errors import ConfirmationRequired, Refused
from shopdesk.domain.message import MessageReason
from shopdesk.domain.money import Currency
from shopdesk.domain.payment import Method, Payment, Tender
from shopdesk.domain.print_job import OVERTAKES_PRINTS, PrintRequest
from shopdesk.domain.sentence import Localized, sentence
from shopdesk.domain.shop import Shop
from shopdesk.domain.totals import AmountOff, Totals
from shopdesk.render import formatting
from shopdesk.row_keys import new_key
from shopdesk.store import (
    accounts,
    acts_books,
    acts_lists,
    customers,
    documents,
    journal,
    outbox,
    print_jobs,
    products,
    shop,
)
from shopdesk.store.acts_books import BookEntry
from shopdesk.store.session import Asked, Session
from shopdesk.usecases import payments
from shopdesk.usecases.amount_check import AMOUNT_IS_MEANT, ask_if_absurd, ask_if_absurd_cash
from shopdesk.usecases.new_document import new_document
from shopdesk.usecases.rights import authorize

SAME_AGAIN = "same again"
"""The confirmation for a document that seems to repeat the previous one."""
_SAME_WITHIN = timedelta(minutes=2)

CLOCK_IS_RIGHT = "clock is right"
"""The confirmation for a document dated earlier than the last journal entry of the till."""
CLOCK_MAY_BE_BEHIND = timedelta(minutes=2)
"""The tolerance for the corrections of a running clock."""

CONVERT_AGAIN = "convert again"
"""The confirmation for another document of a quote that already became one."""

DATE_IS_MEANT = "date is meant"
"""The confirmation for a document dated in the future or long ago."""
_LONG_AGO = timedelta(days=31)


class AlreadySaved(Refused):
    """The draft was already issued as ``document``, in a reply that was lost, and was edited since."""

    def __init__(self, document: Document) -> None:
        super().__init__(
            sentence(
                "{number} was already saved before the connection was lost. Your later changes are not in it.",
                number=document.number,
            )
        )
        self.document = document


def issue(
    session: Session,
    draft: Draft,
    *,
    by: Actor,
    now: datetime,
    contact: Contact | None = None,
    tenders: Sequence[Tender] = (),
    to_print: PrintRequest | None = None,
    confirmed: frozenset[str] = frozenset(),
) -> Document:
    """Turn a draft into a numbered document, journal it, queue message and print; a repeated call issues only one.

    ``contact`` is the parsed customer field when no customer was chosen: it finds or creates one; raise
    AmbiguousCustomer when several fit. ``tenders`` pay it together; a receipt without any is paid exactly, in cash.
    Raise Refused, also for a date on a closed day; raise ConfirmationRequired when the same sale was entered a moment
    ago, when the quote that it is made of already became a document, when the date is in the future or long ago, when
    an amount is a thousand times what is usual, or when the clock is behind the till's last journal entry or the last
    closed day.
    """
    totals = draft.totals()
    recent = documents.asked_recent(draft, contact, gross=totals.gross, since=now - _SAME_WITHIN)
    session.read_ahead(
        accounts.asked(by.staff.key),
        documents.asked_of_draft(draft.key),
        shop.asked(),
        *([] if by.may(Right.DISCOUNT) else products.asked_prices(draft.lines)),
        *_asked_buyer(draft.buyer, contact),
        *products.asked_units(draft.lines),
        recent,
    )
    actor = authorize(session, by, Right.SELL)
    if earlier := documents.by_draft(session, draft.key):
        return _same(session, earlier, draft, contact)
    the_shop = shop.current(session)
    _check_currency(draft, the_shop.currency)
    if draft.kind is Kind.CREDIT_NOTE or _gives_money(draft, totals, None):
        actor = authorize(session, by, Right.REFUND)
    quote = _quote_of(session, draft, by=actor)
    if quote is not None and CONVERT_AGAIN not in confirmed:
        _ask_if_converted(session, quote)
    _check_discounts(session, draft, actor, the_shop, _binding(quote, draft))
    today = _today(now)
    _check_open(session, draft.date_on, today)
    if DATE_IS_MEANT not in confirmed:
        _ask_if_far(draft.date_on, today)
    if AMOUNT_IS_MEANT not in confirmed:
        ask_if_absurd(session, draft)
        for tender in tenders:
            ask_if_absurd_cash(totals.gross, tender, draft.currency)
    draft = replace(
        draft,
        buyer=_buyer(session, draft.buyer, contact, the_shop, by=actor, now=now),
        lines=products.with_units(session, draft.lines),
    )
    if SAME_AGAIN not in confirmed:
        _ask_if_same(session, draft.buyer, recent)
    document = new_document(draft, totals, the_shop, by=actor, now=now)
    if draft.kind is Kind.RECEIPT and not tenders:
        tenders = (Tender(method=Method.CASH, tendered=document.balance.minor),)
    if document.kind.is_sale and document.totals.gross:
        document = replace(document, payments=payments.taken(document, tenders, the_shop, by=actor, now=now))
    detail = ", ".join(f"paid {payment.method.value}" for payment in document.payments)
    entry = BookEntry(Action.ISSUE, document, detail=detail, message=MessageReason.ORDER_PLACED)
    recorded = _recorded(session, [entry], by=actor, now=now, draft=draft.key, to_print=to_print)
    if CLOCK_IS_RIGHT not in confirmed:
        _ask_if_behind(recorded, now)
    return recorded.document


def correct(
    session: Session,
    key: UUID,
    draft: Draft,
    *,
    revision: int,
    by: Actor,
    now: datetime,
    contact: Contact | None = None,
    was_sealed: bool | None = None,
    to_print: PrintRequest | None = None,
    confirmed: frozenset[str] = frozenset(),
) -> Document:
    """Correct a document in one step: amend it while it is unsealed, else credit it and issue its replacement.

    ``revision`` and ``was_sealed`` describe the document when the correction started; raise EditConflict when it has
    changed since. Payments already made stay; a receipt's difference is settled by the method it was paid with. A lower
    total requires the right to refund, paid or not, as a credit note does. Raise Refused for a date on a closed day,
    and ConfirmationRequired for another date in the future or long ago, and for an amount that is hardly meant.
    """
    actor = authorize(session, by, Right.CORRECT)
    if earlier := documents.by_draft(session, draft.key):
        return _same(session, earlier, draft, contact)
    before = _held(session, key, by=actor)
    if before.revision == revision + 1 and _is_same_content(session, before, draft, contact):
        return before  # already amended: the reply was lost, or another user made the same correction
    is_sealed_since = was_sealed is False and before.is_sealed
    if before.revision != revision or before.state is not State.ISSUED or is_sealed_since:
        known, done = journal.since(session, key, revision)
        raise EditConflict(ConcurrentEdit(before=known, now=documents.current(session, before), done=done))
    legal.check_changeable(before)
    if draft.kind is not before.kind:
        raise Refused(
            sentence("The kind of an issued document cannot be changed. Delete it and issue a new one."), field="kind"
        )
    the_shop = shop.current(session)
    _check_currency(draft, before.currency)
    if _gives_money(draft, draft.totals(), before):
        actor = authorize(session, by, Right.REFUND)
    _check_discounts(session, draft, actor, the_shop, before)
    before, entries = _sealed_if_closed(session, before, now=now)
    if before.is_sealed or draft.date_on != before.date_on:
        _check_open(session, draft.date_on, _today(now))
    if DATE_IS_MEANT not in confirmed and draft.date_on != before.date_on:
        _ask_if_far(draft.date_on, _today(now))
    if AMOUNT_IS_MEANT not in confirmed:
        ask_if_absurd(session, draft, but=before.lines)
    if draft.buyer.key is None or draft.buyer.key != before.buyer.key:  # the same one may have been erased since
        draft = replace(draft, buyer=_buyer(session, draft.buyer, contact, the_shop, by=actor, now=now))
    draft = replace(draft, lines=products.with_units(session, draft.lines))
    if before.is_sealed:
        _check_no_returns(session, before)
        entries += _replaced(session, before, draft, the_shop, by=actor, now=now)
    else:
        entries.append(_amended(session, before, draft, the_shop, by=actor, now=now))
    return _recorded(session, entries, by=actor, now=now, draft=draft.key, to_print=to_print).document


def delete(session: Session, key: UUID, *, by: Actor, now: datetime, seen: Document | None = None) -> Document:
    """Void a document, or credit a sealed one whole, and refund its payments. Return its new state.

    ``seen`` is the document as it was shown for confirmation; raise Refused where it has changed since.
    """
    actor = authorize(session, by, Right.DELETE)
    document = _held(session, key, by=actor)
    if document.state is not State.ISSUED:
        return document  # the button was pressed twice, or another user was faster
    if seen is not None and _is_another(document, seen):
        raise Refused(
            sentence("Another user has changed {number}. Check it again before you delete it.", number=document.number)
        )
    legal.check_changeable(document)
    if document.kind.is_sale and document.gross.minor > 0:
        actor = authorize(session, by, Right.REFUND)
    document, entries = _sealed_if_closed(session, document, now=now)
    the_shop = shop.current(session)
    if document.is_sealed:
        _check_no_returns(session, document)
        corrected, credit = _credited(document, the_shop, by=actor, now=now)
        credit = payments.give_back(session, document, the_shop, on=credit, by=actor, now=now)
        entries += [
            BookEntry(Action.CREDIT, corrected, before=document, detail=f"by {credit.number}"),
            BookEntry(Action.ISSUE, credit, detail=f"credits {document.number}", message=MessageReason.VOIDED),
        ]
        return _recorded(session, entries, by=actor, now=now).documents[-2]
    entries.append(_voided(session, document, the_shop, by=actor, now=now))
    return _recorded(session, entries, by=actor, now=now).document


def return_goods(
    session: Session,
    key: UUID,
    quantities: Sequence[int],
    method: Method,
    *,
    seen: Document,
    note_key: UUID,
    by: Actor,
    now: datetime,
) -> Document:
    """Take goods back and pay for them by ``method``, in one step; return the credit note, or the amended document.

    ``quantities`` in thousandths, one for each of ``returns.returnable``. A sealed document gets a credit note, whose
    draft key is ``note_key``, so that a repeated call issues only one; an unsealed one is amended, or voided when all
    of it comes back. What was not paid yet is settled first. Raise Refused for more than was sold and has not come
    back, and where another user has changed the document since it was ``seen``.
    """
    actor = authorize(session, by, Right.REFUND)
    if earlier := documents.by_draft(session, note_key):
        return earlier
    document = _held(session, key, by=actor)
    if _is_returned(document, seen, quantities):
        return document  # already amended: the reply was lost
    if document.state is not State.ISSUED or _is_another(document, seen):
        raise Refused(
            sentence(
                "Another user has changed {number}. Check it again before goods come back.", number=document.number
            )
        )
    if not returns.can_return(document):
        raise Refused(sentence("Goods come back from invoices and receipts only."))
    document, entries = _sealed_if_closed(session, document, now=now)
    if document.is_sealed:
        entries += _credited_goods(session, document, quantities, method, key=note_key, by=actor, now=now)
    else:
        goods = returns.returnable(document, ())
        draft = returns.without(document, goods, quantities)
        the_shop = shop.current(session)
        if draft is None:
            entries.append(_voided(session, document, the_shop, refund_by=method, by=actor, now=now))
        else:
            entries.append(_amended(session, document, draft, the_shop, refund_by=method, by=actor, now=now))
    return _recorded(session, entries, by=actor, now=now).document


def pay(
    session: Session,
    key: UUID,
    tender: Tender,
    *,
    payment_key: UUID,
    by: Actor,
    now: datetime,
    confirmed: frozenset[str] = frozenset(),
) -> Document:
    """Take a payment for a document. ``payment_key`` is made by the window: the same key pays once.

    Raise ConfirmationRequired for cash of a thousand times the balance.
    """
    actor = authorize(session, by, Right.SELL)
    document = _held(session, key, by=actor)
    if documents.payment_exists(session, payment_key):
        return document
    if document.balance.minor < 0:
        actor = authorize(session, by, Right.REFUND)
    legal.next_state(document.state, Action.PAY, is_sealed=document.is_sealed)
    if AMOUNT_IS_MEANT not in confirmed:
        ask_if_absurd_cash(document.balance.minor, tender, document.currency)
    (payment,) = payments.taken(document, (tender,), shop.current(session), key=payment_key, by=actor, now=now)
    paid = replace(document, payments=(*document.payments, payment))
    entry = BookEntry(Action.PAY, paid, before=document, detail=f"paid {tender.method.value}")
    return _recorded(session, [entry], by=actor, now=now).document


def resend(session: Session, key: UUID, *, by: Actor, now: datetime) -> None:
    """Queue a new message with the document in its present state. Raise Refused when there is no route for it."""
    actor = authorize(session, by, Right.SELL)
    document = _held(session, key, by=actor)
    reached = outbox.reachability(session, document.buyer)
    route = reached.route()
    if route is None:
        raise Refused(reached.why_not(), field="customer")
    reason = MessageReason.again(is_voided=document.state is State.VOIDED)
    entry = BookEntry(Action.SEND, document, before=document, detail=f"to {route.recipient}", message=reason)
    _recorded(session, [entry], by=actor, now=now)


def resend_all(session: Session, keys: Sequence[UUID], *, by: Actor, now: datetime) -> int:
    """Queue a new message for each of these documents whose customer can be reached; return how many."""
    authorize(session, by, Right.SELL)
    buyers = {key: documents.by_key(session, key).buyer for key in keys}
    addressed = [key for key, buyer in buyers.items() if outbox.reachability(session, buyer).route() is not None]
    for key in addressed:
        resend(session, key, by=by, now=now)
    return len(addressed)


def _same(session: Session, earlier: Document, draft: Draft, contact: Contact | None) -> Document:
    """Return the document of an earlier Save of the draft. Raise AlreadySaved when the draft was edited since."""
    if not _is_same_content(session, earlier, draft, contact):
        raise AlreadySaved(earlier)
    return earlier


def _is_same_content(session: Session, document: Document, draft: Draft, contact: Contact | None) -> bool:
    """Return True if the document was made of this draft; a contact is any customer that fits it."""
    if draft.buyer.key is None and contact is not None:
        fitting = customers.matching(session, contact, language=shop.language(session))
        if document.buyer.key in {customer.key for customer in fitting}:
            draft = replace(draft, buyer=document.buyer)
    return document.has_same_content(draft)


def _is_another(document: Document, seen: Document) -> bool:
    """Return True if the document's revision, seal or payments differ from those the user saw."""
    facts = [(one.revision, one.is_sealed, one.paid) for one in (document, seen)]
    return facts[0] != facts[1]


def _held(session: Session, key: UUID, *, by: Actor) -> Document:
    """Return a document, which no other till changes until the transaction ends."""
    acts_books.hold(session, key, by=by)
    return documents.by_key(session, key)


def _recorded(
    session: Session,
    entries: Sequence[BookEntry],
    *,
    by: Actor,
    now: datetime,
    draft: UUID | None = None,
    to_print: PrintRequest | None = None,
) -> acts_books.Recorded:
    """Record the entries; withdraw the prints that they have overtaken, and queue that of the last document."""
    last = entries[-1]
    if to_print is not None and not to_print.is_for(last.document):
        to_print = None
    if to_print is not None:
        entries = [*entries[:-1], replace(last, detail=", ".join(filter(None, (last.detail, to_print.detail))))]
    recorded = acts_books.record(session, entries, by=by, at=now, today=_today(now), draft=draft)
    for entry in entries:
        if entry.act in OVERTAKES_PRINTS:
            print_jobs.withdraw(session, entry.document.key, by=by, at=now)
    if to_print is not None:
        for copy in range(to_print.count):
            print_jobs.enqueue(session, recorded.document, to_print.paper, copy=copy, by=by, at=now)
    return recorded


def _amended(
    session: Session,
    before: Document,
    draft: Draft,
    the_shop: Shop,
    *,
    by: Actor,
    now: datetime,
    refund_by: Method | None = None,
) -> BookEntry:
    legal.next_state(before.state, Action.AMEND, is_sealed=False)
    totals = draft.totals()
    after = replace(
        before,
        revision=before.revision + 1,
        seller=the_shop.seller,
        buyer=draft.buyer,
        prices_include_tax=draft.prices_include_tax,
        language=draft.language or the_shop.locale,
        lines=draft.signed_lines,
        discount=draft.discount,
        totals=totals,
        note=draft.note,
        date_on=draft.date_on,
        due_on=draft.due_on,
        exemptions=the_shop.exemptions(totals),
        layout=the_shop.layout(draft.kind.value, draft.language or the_shop.locale),
    )
    if draft.date_on.year != before.date_on.year:
        raise Refused(sentence("The number contains the year. Choose a date in the same year."), field="date")
    if refund_by is None:
        after = payments.keep_paid(session, after, before, the_shop, by=by, now=now)
    else:
        after = _refunded(after, refund_by, documents.received(session, after), the_shop, by=by, now=now)
    detail = f"total {before.gross} → {after.gross}" if before.gross != after.gross else ""
    return BookEntry(Action.AMEND, after, before=before, detail=detail, message=MessageReason.CORRECTED)


def _voided(
    session: Session, document: Document, the_shop: Shop, *, by: Actor, now: datetime, refund_by: Method | None = None
) -> BookEntry:
    state = legal.next_state(document.state, Action.VOID, is_sealed=False)
    refunded = payments.give_back(session, document, the_shop, on=document, by=by, now=now, method=refund_by)
    voided = replace(refunded, state=state, voided_at=now)
    return BookEntry(Action.VOID, voided, before=document, message=MessageReason.VOIDED)


def _replaced(
    session: Session, before: Document, draft: Draft, the_shop: Shop, *, by: Actor, now: datetime
) -> list[BookEntry]:
    corrected, credit = _credited(before, the_shop, by=by, now=now)
    credit = payments.offset(credit, -before.paid.minor, by=by, now=now)
    after = replace(
        new_document(draft, draft.totals(), the_shop, by=by, now=now), replaces=before.key, origin=before.origin
    )
    after = payments.offset(after, before.paid.minor, by=by, now=now)
    after = payments.keep_paid(session, after, before, the_shop, by=by, now=now)
    return [
        BookEntry(Action.CREDIT, corrected, before=before, detail=f"by {credit.number}"),
        BookEntry(Action.ISSUE, credit, detail=f"credits {before.number}"),
        BookEntry(Action.ISSUE, after, detail=f"replaces {before.number}", message=MessageReason.CORRECTED),
    ]


def _credited(document: Document, the_shop: Shop, *, by: Actor, now: datetime) -> tuple[Document, Document]:
    """Return a sealed document as corrected, its open balance settled, and the credit note that cancels it."""
    draft = legal.credit_note_for(document, key=new_key(), date_on=max(document.date_on, _today(now)))
    new = new_document(draft, draft.totals(), replace(the_shop, seller=document.seller), by=by, now=now)
    credit = replace(new, corrects=document.key, exemptions=document.exemptions)
    credit = payments.offset(credit, -document.balance.minor, by=by, now=now)
    settled = payments.offset(document, document.balance.minor, by=by, now=now)
    state = legal.next_state(document.state, Action.CREDIT, is_sealed=document.is_sealed)
    return replace(settled, state=state, corrected_by=credit.key), credit


def _credited_goods(
    session: Session,
    document: Document,
    quantities: Sequence[int],
    method: Method,
    *,
    key: UUID,
    by: Actor,
    now: datetime,
) -> list[BookEntry]:
    """Return the credit note for returned goods of a sealed document, with what the customer gets back of it."""
    the_shop = shop.current(session)
    earlier = documents.returns_of(session, document)
    lines, totals = returns.credited(document, returns.returnable(document, earlier), quantities)
    draft = legal.credit_note_for(document, key=key, date_on=max(document.date_on, _today(now)))
    credit = replace(
        new_document(draft, totals, replace(the_shop, seller=document.seller), by=by, now=now),
        lines=lines,
        totals=totals,
        discount=AmountOff(-totals.discount) if totals.discount else None,
        corrects=document.key,
        exemptions=document.exemptions,
    )
    due = min(max(document.balance.minor, 0), -credit.gross.minor)
    returned = payments.offset(document, due, by=by, now=now)
    credit = payments.offset(credit, -due, by=by, now=now)
    received = [*documents.received(session, document), *(paid for one in earlier for paid in one.payments)]
    credit = _refunded(credit, method, received, the_shop, by=by, now=now)
    return [
        BookEntry(Action.RETURN, returned, before=document, detail=f"by {credit.number}"),
        BookEntry(Action.ISSUE, credit, detail=f"credits {document.number}", message=MessageReason.ORDER_PLACED),
    ]


def _refunded(
    document: Document, method: Method, received: Sequence[Payment], the_shop: Shop, *, by: Actor, now: datetime
) -> Document:
    """Return a document with what it leaves to be refunded paid to the customer by one method."""
    return payments.pay_out(document, min(document.balance.minor, 0), method, received, the_shop, by=by, now=now)


def _check_no_returns(session: Session, document: Document) -> None:
    """Refuse to credit a document whole when goods of it came back already: they would be credited twice."""
    if documents.returns_of(session, document):
        raise Refused(
            sentence(
                "Goods of {number} came back already. Take the other ones back with Return.", number=document.number
            )
        )


def _is_returned(document: Document, seen: Document, quantities: Sequence[int]) -> bool:
    """Return True if exactly this return was made of the document since it was seen."""
    if seen.is_sealed or seen.state is not State.ISSUED or document == seen:
        return False
    goods = returns.returnable(seen, ())
    draft = returns.without(seen, goods, quantities)
    if draft is None:
        return document.state is State.VOIDED and document.revision == seen.revision
    return document.revision == seen.revision + 1 and document.has_same_content(draft)


def _today(now: datetime) -> date:
    # The shop's day is the till's local date: the till is in the shop.
    return now.astimezone().date()


def _asked_buyer(chosen: Buyer, contact: Contact | None) -> list[Asked]:
    """Return the queries of ``_buyer``, to be read ahead."""
    if chosen.key is not None:
        return [customers.asked(chosen.key)]
    return [] if contact is None else customers.asked_matching(contact)


def _buyer(
    session: Session, chosen: Buyer, contact: Contact | None, the_shop: Shop, *, by: Actor, now: datetime
) -> Buyer:
    """Return the chosen buyer, or the one customer that fits the contact, created when there is none."""
    if chosen.key is not None:
        current = customers.by_key(session, chosen.key)
        return chosen if current.key == chosen.key else Buyer.of(current)
    if contact is None or not (contact.name or contact.email or contact.phone):
        return chosen
    language = the_shop.language
    known = () if contact.is_new else customers.matching(session, contact, language=language)
    if not known and not contact.is_new:
        customers.hold(session, contact.email, contact.phone, contact.name)
        known = customers.matching(session, contact, language=language)  # another till may just have added it
    if len(known) > 1:
        raise AmbiguousCustomer(known)
    if known:
        return Buyer.of(known[0])
    new = Customer(key=new_key(), name=contact.name, email=contact.email, phone=contact.phone)
    acts_lists.save_customer(session, new, language=language, by=by, at=now)
    return Buyer.of(new)


def _quote_of(session: Session, draft: Draft, *, by: Actor) -> Document | None:
    """Return the quote that a draft turns into a sale, locked so that two tills convert it one after the other."""
    if draft.origin is None or draft.kind is Kind.QUOTE:
        return None
    acts_books.hold(session, draft.origin, by=by)
    origin = documents.find(session, draft.origin)
    return origin if origin is not None and origin.kind is Kind.QUOTE else None


def _ask_if_converted(session: Session, quote: Document) -> None:
    if number := documents.converted_into(session, quote.key):
        raise ConfirmationRequired(
            sentence(
                "{quote} already became {number}. Make another document of it?", quote=quote.number, number=number
            ),
            answer=CONVERT_AGAIN,
        )


def _binding(quote: Document | None, draft: Draft) -> Document | None:
    """Return the quote if its prices still bind the shop: it was not voided, and it is valid on the draft's date."""
    if quote is None or quote.state is not State.ISSUED or (quote.due_on is not None and quote.due_on < draft.date_on):
        return None
    return quote


def _ask_if_same(session: Session, buyer: Buyer, asked: Asked) -> None:
    if buyer.key is None:
        return
    if number := documents.recent_duplicate(session, asked, buyer.key):
        raise ConfirmationRequired(
            sentence(
                "{number} for {buyer} with the same total was issued a moment ago. Issue another one?",
                number=number,
                buyer=buyer.name,
            ),
            answer=SAME_AGAIN,
        )


def _ask_if_behind(recorded: acts_books.Recorded, now: datetime) -> None:
    """Ask when the clock was set back: numbers and dates of a series must have the same order.

    The instant of a document is that of a server's clock, if there is one. Another till may have closed the day. A till
    is asked about it once a day: the clock that closed it may have been the wrong one.
    """
    closed = recorded.closed
    before, at, today = recorded.previous_at, recorded.document.issued_at, _today(now)
    if before is not None and at < before - CLOCK_MAY_BE_BEHIND:
        question = sentence(
            "This computer's clock shows {now}, but this till's last entry is from {last}. Is the clock right?",
            now=formatting.localized(formatting.instant, at),
            last=formatting.localized(formatting.instant, before),
        )
    elif closed is not None and today < closed and (before is None or _today(before) != _today(at)):
        question = sentence(
            "This computer's clock shows {today}, but {closed} is already closed. Is the clock right?",
            today=_words(today),
            closed=_words(closed),
        )
    else:
        return
    raise ConfirmationRequired(question, answer=CLOCK_IS_RIGHT)


def _ask_if_far(day: date, today: date) -> None:
    """Ask when a document is dated in the future or long ago: its number has the year, and it misses today's sales."""
    if day > today:
        question = sentence("{day} is in the future. Is this date meant?", day=_words(day))
    elif today - day > _LONG_AGO:
        question = sentence("{day} is more than a month ago. Is this date meant?", day=_words(day))
    else:
        return
    raise ConfirmationRequired(question, answer=DATE_IS_MEANT)


def _check_open(session: Session, day: date, today: date) -> None:
    """Refuse a closed day, whose figures stay. A sale later on the day of an early close is dated on that day."""
    if day >= today:
        return
    closed = shop.closed_until(session, for_update=True)
    if closed is not None and day <= closed:
        raise Refused(
            sentence("{day} is closed. Use today's date, {today}.", day=_words(day), today=_words(today)),
            field="date",
        )


def _words(day: date) -> Localized:
    """Return a day as it is written in a question."""
    return formatting.localized(formatting.day, day)


def _sealed_if_closed(session: Session, document: Document, *, now: datetime) -> tuple[Document, list[BookEntry]]:
    """Return the document, sealed if its day is closed: it was issued later on the day of an early close.

    With it comes the entry for that, if it was not sealed yet.
    """
    closed = shop.closed_until(session, for_update=True) if document.date_on < _today(now) else None
    is_kept = document.is_sealed or not document.kind.is_sale
    if is_kept or closed is None or document.date_on > closed:
        return document, []
    sealed = replace(document, sealed_at=now)
    return sealed, [BookEntry(Action.SEAL, sealed, before=document)]


def _check_currency(draft: Draft, currency: Currency) -> None:
    if draft.currency != currency:
        raise Refused(
            sentence("This document is in {code}. Its currency cannot be changed.", code=currency.code),
            field="currency",
        )


def _gives_money(draft: Draft, after: Totals, before: Document | None) -> bool:
    """Return True if the draft takes from the sales, by its total or by rows that take goods back.

    A quote takes nothing: it is no sale.
    """
    if not draft.kind.is_sale:
        return False
    gross, taken_back = (before.totals.gross, _taken_back(before.totals)) if before else (0, 0)
    return after.gross < gross or _taken_back(after) < taken_back


def _taken_back(totals: Totals) -> int:
    return sum(amount for amount in totals.amounts if amount < 0)


def _check_discounts(
    session: Session, draft: Draft, actor: Actor, the_shop: Shop, before: Document | None = None
) -> None:
    """Refuse discounts beyond the shop's limit, unless the actor has the right.

    What ``before`` (a corrected document or a quote) had already is not judged again: it was allowed then, at the
    prices of that day.
    """
    if actor.may(Right.DISCOUNT):
        return
    most = the_shop.cashier_discount_milli
    prices = products.own_prices(session, draft.lines)
    found = excess(draft, prices, most=most, settled=_settled(draft, before))
    if found is None:
        return
    limit = sentence("{name} may give at most {most} % off.")
    if found.field == "unit_price":
        limit = sentence("{name} may give at most {most} % off the product's own price.")
    raise NotAllowed(
        limit.filled(name=actor.staff.name, most=Decimal(most) / 1000),
        right=Right.DISCOUNT,
        field=found.field,
        row=found.row,
    )


def _settled(draft: Draft, before: Document | None) -> frozenset[int]:
    """Return the rows that a corrected document had already, under the same document discount or none now."""
    if before is None or draft.discount not in {before.discount, None}:
        return frozenset()
    left = Counter(before.lines)
    settled = set()
    for at, line in enumerate(draft.signed_lines):
        if left[line]:
            left[line] -= 1
            settled.add(at)
    return frozenset(settled)
