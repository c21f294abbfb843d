"""Documents in the database: written once, read back as the same frozen value."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Table, bindparam, delete, select, update

from shopdesk.domain.customer import Contact
from shopdesk.domain.document import Action, Document, Draft, Kind, Line, State
from shopdesk.domain.email_address import comparable
from shopdesk.domain.errors import Refused
from shopdesk.domain.money import Currency
from shopdesk.domain.payment import Method, Payment
from shopdesk.domain.sentence import sentence
from shopdesk.domain.shop import Seller, Till
from shopdesk.domain.tax import Category, TaxRate
from shopdesk.domain.totals import Group, Totals
from shopdesk.domain.unit import Unit
from shopdesk.store import document_snapshots, logos, rollups
from shopdesk.store.session import Asked, Session
from shopdesk.store.tables import customers, document_lines, document_taxes, documents, journal, payments


def add(session: Session, document: Document, *, till: Till, paid_on: date) -> None:
    """Insert a document with its rows, taxes and payments, and add it to the daily totals (payments on ``paid_on``)."""
    row = _to_row(document) | {"till_key": till.key, "paid_minor": document.paid.minor, "sealed_at": None}
    session.insert(documents, [row])
    _add_parts(session, document)
    for payment in document.payments:
        _write_payment(session, document, payment, by_key=document.issued_by_key, till=till, on=paid_on)
    if document.sealed_at is not None:  # last: nothing is added to a sealed document
        seal(session, document)
    rollups.add(session, document, till.key)


def rewrite(session: Session, before: Document, after: Document) -> None:
    """Replace the content of an unsealed document by its next revision. Number, key and payments stay."""
    till_key = _till_key(session, before.key)
    rollups.add(session, before, till_key, sign=-1)
    session.execute(delete(document_lines).where(document_lines.c.document_key == before.key))
    session.execute(delete(document_taxes).where(document_taxes.c.document_key == before.key))
    content = {name: value for name, value in _to_row(after).items() if name not in _FIXED}
    _update(session, before.key, content)
    _add_parts(session, after)
    rollups.add(session, after, till_key)


def mark_voided(session: Session, document: Document) -> None:
    """Mark a voided document as such: it no longer counts, but its number is kept."""
    _update(session, document.key, {"state": State.VOIDED.value, "voided_at": document.voided_at})
    rollups.add(session, document, _till_key(session, document.key), sign=-1)


def mark_corrected(session: Session, document: Document) -> None:
    """Mark a document as corrected by its credit note. Both still count, and cancel each other out."""
    _update(session, document.key, {"state": State.CORRECTED.value, "corrected_by": document.corrected_by})


def add_payment(session: Session, document: Document, payment: Payment, *, by_key: UUID, till: Till, on: date) -> None:
    """Insert a payment of an earlier document and add it to the document's paid amount."""
    _write_payment(session, document, payment, by_key=by_key, till=till, on=on)
    _update(session, document.key, {"paid_minor": documents.c.paid_minor + payment.amount})


def seal(session: Session, document: Document) -> None:
    """Seal a document: from now on the database itself refuses to change it."""
    session.fetch(_SEAL, {"which": document.key, "at": document.sealed_at})


def unsealed(session: Session) -> list[UUID]:
    """Return the keys of all unsealed documents, without quotes, which are never sealed."""
    rows = select(documents.c.key).where(documents.c.sealed_at.is_(None), documents.c.kind != Kind.QUOTE.value)
    return list(session.execute(rows.order_by(documents.c.key)).scalars())


def asked_of_draft(draft_key: UUID) -> Asked:
    """Return the query of ``by_draft``, to be read ahead."""
    return _OF_DRAFT, {"draft": draft_key}


def by_draft(session: Session, draft_key: UUID) -> Document | None:
    """Return the document that an earlier Save made of this draft, or None."""
    key = session.fetch_value(*asked_of_draft(draft_key))
    return by_key(session, key) if key else None


def is_issued(session: Session, draft_key: UUID) -> bool:
    """Return True if a document was made of this draft."""
    return session.fetch_value(_OF_DRAFT, {"draft": draft_key}) is not None


def by_key(session: Session, key: UUID) -> Document:
    """Return a document. Raises Refused if it does not exist."""
    document = find(session, key)
    if document is None:
        raise Refused(sentence("This document does not exist."))
    return document


def many(session: Session, keys: Sequence[UUID]) -> Iterator[Document]:
    """Yield the documents with these keys, in their order, read a few hundred at a time."""
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        rows = {row.key: row for row in session.execute(select(documents).where(documents.c.key.in_(some)))}
        lines, taxes, paid = (
            _by_document(session, table, some, *order)
            for table, order in (
                (document_lines, (document_lines.c.position,)),
                (document_taxes, (document_taxes.c.rate_milli, document_taxes.c.category)),
                (payments, (payments.c.paid_at, payments.c.key)),
            )
        )
        for key in some:
            found = _to_document(rows[key], lines.get(key, []), taxes.get(key, []), paid.get(key, []))
            yield logos.filled(session, found)


def _by_document(session: Session, table: Table, keys: Sequence[UUID], *order: Any) -> dict[UUID, list[Row[Any]]]:
    """Return the rows of a table that belong to some documents, by the document's key."""
    found: dict[UUID, list[Row[Any]]] = {}
    for row in session.execute(select(table).where(table.c.document_key.in_(keys)).order_by(*order)):
        found.setdefault(row.document_key, []).append(row)
    return found


def find(session: Session, key: UUID) -> Document | None:
    """Return a document, or None."""
    return _load(session, documents.c.key == key)


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document with what its rows hold beyond it, to be verified."""

    document: Document
    till_key: UUID
    paid_minor: int
    payers: Mapping[UUID, tuple[UUID, UUID]]
    """The staff and the till of each payment, by their keys."""
    odd_columns: tuple[str, ...]
    """The columns with another value than this document is stored with."""


def stored(session: Session, key: UUID) -> StoredDocument:
    """Return a document as its rows have it. Raises Refused if it does not exist."""
    row = session.execute(select(documents).where(documents.c.key == key)).first()
    if row is None:
        raise Refused(sentence("This document does not exist."))
    lines, taxes, paid = _parts(session, key)
    document = _to_document(row, lines, taxes, paid)
    own = _to_row(document)
    own |= {"seller": json.loads(own["seller"]), "buyer": json.loads(own["buyer"])}
    found = row._asdict()
    found |= {"seller": json.loads(row.seller), "buyer": json.loads(row.buyer)}
    odd = [name for name, value in own.items() if value != found[name]]
    odd += _odd(document_lines, lines, _line_rows(document))
    odd += _odd(document_taxes, taxes, _tax_rows(document))
    odd += ["payments.number"] * any(one.number != document.number for one in paid)
    return StoredDocument(
        document,
        till_key=row.till_key,
        paid_minor=row.paid_minor,
        payers={one.key: (one.by_key, one.till_key) for one in paid},
        odd_columns=tuple(odd),
    )


def _odd(table: Table, rows: Sequence[Row[Any]], own: Sequence[Mapping[str, Any]]) -> list[str]:
    pairs = [(row._asdict(), right) for row, right in zip(rows, own, strict=True)]
    return [
        f"{table.name}.{column.name}"
        for column in table.c
        if any(found[column.name] != right[column.name] for found, right in pairs)
    ]


def returns_of(session: Session, document: Document) -> tuple[Document, ...]:
    """Return the credit notes for goods of a document that came back, oldest first."""
    # They are issued at the instant of an entry in the document's journal, and an index finds that instant.
    at = select(journal.c.at).where(journal.c.document_key == document.key, journal.c.act == Action.RETURN.value)
    keys = (
        select(documents.c.key)
        .where(documents.c.issued_at.in_(at), documents.c.corrects == document.key)
        .order_by(documents.c.issued_at, documents.c.key)
    )
    return tuple(by_key(session, key) for key in session.execute(keys).scalars())


def current(session: Session, document: Document) -> Document:
    """Return the valid version of a document: itself, or the last of its replacements."""
    while document.corrected_by is not None:
        # A replacement is issued at the same instant as the credit note, and an index finds that instant.
        at = select(documents.c.issued_at).where(documents.c.key == document.corrected_by).scalar_subquery()
        found = _load(session, (documents.c.issued_at == at) & (documents.c.replaces == document.key))
        if found is None:
            break
        document = found
    return document


def related_numbers(session: Session, document: Document) -> dict[UUID, str]:
    """Return the numbers of the documents that this one refers to, by key."""
    keys = [key for key in (document.corrects, document.replaces, document.corrected_by) if key is not None]
    if not keys:
        return {}
    rows = session.execute(select(documents.c.key, documents.c.number).where(documents.c.key.in_(keys)))
    return {row.key: row.number for row in rows}


def received(session: Session, document: Document) -> tuple[Payment, ...]:
    """Return the payments that moved money for a document or for those that it replaces, oldest first."""
    found = document.payments
    while document.replaces is not None:
        document = by_key(session, document.replaces)
        found = (*document.payments, *found)
    return tuple(payment for payment in found if payment.method is not Method.OFFSET)


def payment_exists(session: Session, key: UUID) -> bool:
    """Return True if a payment with this key exists: the button was pressed twice."""
    return session.execute(select(payments.c.key).where(payments.c.key == key)).first() is not None


def any_document(session: Session) -> bool:
    """Return True if the shop has issued any document."""
    return session.execute(select(documents.c.key).limit(1)).first() is not None


def asked_recent(draft: Draft, contact: Contact | None, *, gross: int, since: datetime) -> Asked:
    """Return the query of ``recent_duplicate``, to be read ahead: of a contact, it asks by its address."""
    this = {"since": since, "of_kind": draft.kind.value, "gross": gross}
    if draft.buyer.key is None and contact is not None and contact.email:
        return _SAME_OF_EMAIL, this | {"email": comparable(contact.email)}
    return _SAME, this | {"customer": draft.buyer.key}


def recent_duplicate(session: Session, asked: Asked, customer: UUID) -> str | None:
    """Return the number of a document of a customer, of the kind and total that are asked for, or None."""
    statement, this = asked
    if statement is _SAME or session.dialect == "sqlite":  # a file is not read ahead, and by the key it is quicker
        statement, this = _SAME, {name: this[name] for name in ("since", "of_kind", "gross")} | {"customer": customer}
    return next((row.number for row in session.fetch(statement, this) if row.customer_key == customer), None)


def converted_into(session: Session, quote: UUID) -> str | None:
    """Return the number of a document that was made of a quote and still counts, or None."""
    made = (
        select(documents.c.number)
        .where(
            documents.c.origin == quote,
            documents.c.kind != Kind.QUOTE.value,
            documents.c.state == State.ISSUED.value,
        )
        .order_by(documents.c.issued_at.desc())
        .limit(1)
    )
    return session.execute(made).scalar()


_FIXED = {"key", "draft_key", "kind", "number", "till", "issued_at", "issued_by", "issued_by_key", "sealed_at"}


_AT_ONCE = 300
"""Documents per statement: both databases limit the number of parameters."""

_RECENT = select(documents.c.number, documents.c.customer_key).where(
    documents.c.issued_at > bindparam("since"),
    documents.c.kind == bindparam("of_kind"),
    documents.c.gross_minor == bindparam("gross"),
    documents.c.state == State.ISSUED.value,
)
_SAME = _RECENT.where(documents.c.customer_key == bindparam("customer"))
_SAME_OF_EMAIL = _RECENT.where(
    documents.c.customer_key.in_(select(customers.c.key).where(customers.c.email_folded == bindparam("email")))
)
_SEAL = update(documents).where(documents.c.key == bindparam("which")).values(sealed_at=bindparam("at"))
_OF_DRAFT = select(documents.c.key).where(documents.c.draft_key == bindparam("draft"))


def _write_payment(
    session: Session, document: Document, payment: Payment, *, by_key: UUID, till: Till, on: date
) -> None:
    session.insert(
        payments,
        [
            {
                "key": payment.key,
                "document_key": document.key,
                "number": document.number,
                "method": payment.method.value,
                "amount_minor": payment.amount,
                "tendered_minor": payment.tendered,
                "change_minor": payment.change,
                "rounding_minor": payment.rounding,
                "paid_at": payment.at,
                "paid_on": on,
                "by_key": by_key,
                "by_name": payment.by_name,
                "till_key": till.key,
            }
        ],
    )
    rollups.add_payment(session, payment, day=on, till_key=till.key)


def _update(session: Session, key: UUID, values: dict[str, Any]) -> None:
    session.execute(update(documents).where(documents.c.key == key).values(values))


def _till_key(session: Session, key: UUID) -> UUID:
    found: UUID = session.execute(select(documents.c.till_key).where(documents.c.key == key)).scalar_one()
    return found


def _to_row(document: Document) -> dict[str, Any]:
    minor, milli = document_snapshots.discount_to_pair(document.discount)
    totals = document.totals
    return {
        "key": document.key,
        "draft_key": document.draft_key,
        "kind": document.kind.value,
        "number": document.number,
        "state": document.state.value,
        "revision": document.revision,
        "till": document.till,
        "seller": document_snapshots.seller_text(document.seller),
        "buyer": document_snapshots.text_of(document_snapshots.buyer_to_facts(document.buyer)),
        "customer_key": document.buyer.key,
        "buyer_name": document.buyer.name,
        "currency": document.currency.code,
        "prices_include_tax": document.prices_include_tax,
        "language": document.language,
        "discount_minor": minor,
        "discount_milli": milli,
        "sum_minor": totals.sum,
        "off_minor": totals.discount,
        "net_minor": totals.net,
        "tax_minor": totals.tax,
        "gross_minor": totals.gross,
        "note": document.note,
        "date_on": document.date_on,
        "due_on": document.due_on,
        "issued_at": document.issued_at,
        "issued_by": document.issued_by,
        "issued_by_key": document.issued_by_key,
        "sealed_at": document.sealed_at,
        "voided_at": document.voided_at,
        "corrects": document.corrects,
        "replaces": document.replaces,
        "corrected_by": document.corrected_by,
        "origin": document.origin,
        "exemptions": document_snapshots.text_of(document_snapshots.exemptions_to_pairs(document.exemptions))
        if document.exemptions
        else "",
        "layout": document_snapshots.layout_text(document.layout) if document.layout is not None else "",
    }


def _add_parts(session: Session, document: Document) -> None:
    session.insert(document_lines, _line_rows(document))
    session.insert(document_taxes, _tax_rows(document))


def _line_rows(document: Document) -> list[dict[str, Any]]:
    lines = []
    for position, (line, amount) in enumerate(zip(document.lines, document.totals.amounts, strict=True)):
        minor, milli = document_snapshots.discount_to_pair(line.discount)
        lines.append(
            {
                "document_key": document.key,
                "position": position,
                "item": line.item,
                "product_key": line.product_key,
                "quantity_milli": line.quantity,
                "unit_price_centi": line.unit_price,
                "discount_minor": minor,
                "discount_milli": milli,
                "rate_milli": line.tax.milli,
                "category": line.tax.category.value,
                "amount_minor": amount,
                "unit": line.unit.value,
            }
        )
    return lines


def _tax_rows(document: Document) -> list[dict[str, Any]]:
    return [
        {
            "document_key": document.key,
            "rate_milli": group.rate.milli,
            "category": group.rate.category.value,
            "sum_minor": group.sum,
            "off_minor": group.discount,
            "net_minor": group.net,
            "tax_minor": group.tax,
            "gross_minor": group.gross,
        }
        for group in document.totals.groups
    ]


def _load(session: Session, where: Any) -> Document | None:
    row = session.execute(select(documents).where(where)).first()
    if row is None:
        return None
    return logos.filled(session, _to_document(row, *_parts(session, row.key)))


def _parts(session: Session, key: UUID) -> tuple[Sequence[Row[Any]], Sequence[Row[Any]], Sequence[Row[Any]]]:
    """Return the rows of a document's lines, taxes and payments."""
    lines = session.execute(
        select(document_lines).where(document_lines.c.document_key == key).order_by(document_lines.c.position)
    ).all()
    taxes = session.execute(
        select(document_taxes)
        .where(document_taxes.c.document_key == key)
        .order_by(document_taxes.c.rate_milli, document_taxes.c.category)
    ).all()
    paid = session.execute(
        select(payments).where(payments.c.document_key == key).order_by(payments.c.paid_at, payments.c.key)
    ).all()
    return lines, taxes, paid


def _to_document(row: Row[Any], lines: Sequence[Any], taxes: Sequence[Any], paid: Sequence[Any]) -> Document:
    return Document(
        key=row.key,
        draft_key=row.draft_key,
        kind=Kind(row.kind),
        number=row.number,
        state=State(row.state),
        revision=row.revision,
        till=row.till,
        seller=Seller(**json.loads(row.seller)),
        buyer=document_snapshots.buyer_from_facts(json.loads(row.buyer)),
        currency=Currency.of(row.currency),
        prices_include_tax=row.prices_include_tax,
        language=row.language,
        lines=tuple(_to_line(line) for line in lines),
        discount=document_snapshots.discount_of_pair((row.discount_minor, row.discount_milli)),
        totals=Totals(
            amounts=tuple(line.amount_minor for line in lines),
            sum=row.sum_minor,
            discount=row.off_minor,
            groups=tuple(_to_group(tax) for tax in taxes),
            net=row.net_minor,
            tax=row.tax_minor,
            gross=row.gross_minor,
        ),
        note=row.note,
        date_on=row.date_on,
        due_on=row.due_on,
        issued_at=row.issued_at,
        issued_by=row.issued_by,
        issued_by_key=row.issued_by_key,
        sealed_at=row.sealed_at,
        voided_at=row.voided_at,
        corrects=row.corrects,
        replaces=row.replaces,
        corrected_by=row.corrected_by,
        origin=row.origin,
        exemptions=document_snapshots.exemptions_of_pairs(json.loads(row.exemptions)) if row.exemptions else (),
        layout=document_snapshots.layout_from_facts(json.loads(row.layout)) if row.layout else None,
        payments=tuple(_to_payment(payment) for payment in paid),
    )


def _to_line(row: Any) -> Line:
    return Line(
        item=row.item,
        quantity=row.quantity_milli,
        unit_price=row.unit_price_centi,
        tax=TaxRate(row.rate_milli, Category(row.category)),
        discount=document_snapshots.discount_of_pair((row.discount_minor, row.discount_milli)),
        product_key=row.product_key,
        unit=Unit(row.unit),
    )


def _to_group(row: Any) -> Group:
    rate = TaxRate(row.rate_milli, Category(row.category))
    return Group(rate, row.sum_minor, row.off_minor, net=row.net_minor, tax=row.tax_minor, gross=row.gross_minor)


def _to_payment(row: Any) -> Payment:
    return Payment(
        key=row.key,
        method=Method(row.method),
        amount=row.amount_minor,
        tendered=row.tendered_minor,
        change=row.change_minor,
        rounding=row.rounding_minor,
        at=row.paid_at,
        by_name=row.by_name,
    )
