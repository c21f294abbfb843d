"""The acts on customers, products, tills, layouts and drafts: on a server functions, on a file plain statements.

The functions are those of ``acts_lists_sql``: each checks who acts and the right to it, and writes the journal's row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from shopdesk.domain.account import Actor, Staff
from shopdesk.domain.accounting import AccountMapping
from shopdesk.domain.activity import Activity, Change
from shopdesk.domain.customer import Customer
from shopdesk.domain.draft import DraftForm
from shopdesk.domain.errors import Refused
from shopdesk.domain.product import Product
from shopdesk.domain.search_words import SearchWords
from shopdesk.domain.sentence import sentence
from shopdesk.domain.shop import Till
from shopdesk.domain.till_preferences import TillPreferences
from shopdesk.store import (
    account_mappings,
    customers,
    drafts,
    import_layouts,
    insert_batch,
    journal,
    journaled_values,
    period_sums,
    products,
    shop,
)
from shopdesk.store.acts_call import call, who_or_lent
from shopdesk.store.session import Session
from shopdesk.store.sorting import sort_again
from shopdesk.store.tables import customers as customer_table
from shopdesk.store.tables import products as product_table

_AT_ONCE = 500
"""Rows per call, and changes per row of the journal."""

Saved = tuple[Product | None, Product]
"""A product as it was, None if it is new, and as it will be."""
PriceWords = tuple[Change | None, Change | None]
"""The words for the journal about the price and the tax of a product, None where they did not change."""


# --- customers -------------------------------------------------------------------------------------------------------


def save_customer(session: Session, customer: Customer, *, language: str, by: Actor, at: datetime) -> None:
    """Insert a customer, or update the one with this key; ``language`` is the shop's, which decides the order."""
    if session.dialect == "postgresql":
        _call_with_customers(session, [customer], language, by=by, at=at)
        return
    customers.save(session, customer, language=language, at=at)


def import_customers(
    session: Session, new: Sequence[Customer], changed: Sequence[Customer], *, language: str, by: Actor, at: datetime
) -> None:
    """Insert many customers, whose keys must be new, and update many."""
    if session.dialect == "postgresql":
        _call_with_customers(session, [*new, *changed], language, by=by, at=at)
        return
    customers.add_all(session, new, language=language, at=at)
    customers.change_all(session, changed, language=language)


def merge_customers(session: Session, kept: Customer, other: UUID, *, language: str, by: Actor, at: datetime) -> None:
    """Save a customer, mark another as merged into it, and journal that by their keys."""
    if session.dialect == "postgresql":
        given = {"_kept": insert_batch.as_json(_customer_row(kept, language)), "_other": other}
        call(session, "merge_customers", (*_CUSTOMERS, "journal"), **who_or_lent(by), **given, _at=at)
        return
    customers.save(session, kept, language=language, at=at)
    customers.mark_merged(session, other, into=kept.key)
    period_sums.merge(session, other, into=kept.key)
    _record(session, Activity.MERGED, Change("", str(other), str(kept.key)), by=by, at=at)


def erase_customer(session: Session, key: UUID, *, by: Actor, at: datetime) -> None:
    """Blank all that is known of a customer and of those merged into it, and journal that by its key."""
    if session.dialect == "postgresql":
        call(session, "erase_customer", (*_CUSTOMERS, "journal"), **who_or_lent(by), _key=key, _at=at)
        return
    customers.erase(session, key, at=at)
    _record(session, Activity.ERASED, Change("", str(key)), by=by, at=at)


_CUSTOMERS = ("customers", "search_words")


def _call_with_customers(session: Session, some: Sequence[Customer], language: str, *, by: Actor, at: datetime) -> None:
    for part in _parts(some):
        rows = insert_batch.as_json([_customer_row(one, language) for one in part])
        call(session, "save_customers", _CUSTOMERS, **who_or_lent(by), _rows=rows, _at=at)


def _customer_row(customer: Customer, language: str) -> dict[str, Any]:
    return {"key": customer.key} | customers.to_row(customer, language) | _found_by(customers.searched(customer))


def _record(session: Session, act: Activity, change: Change, *, by: Actor, at: datetime) -> None:
    journal.record_changes(session, act, [change], by=by, at=at)


# --- products --------------------------------------------------------------------------------------------------------


def save_product(session: Session, saved: Saved, words: PriceWords, *, language: str, by: Actor, at: datetime) -> None:
    """Insert or update a product, and journal its price and tax. Raises Refused if another product has its code."""
    products.require_free_code(session, saved[1])
    if session.dialect == "postgresql":
        _call_with_products(session, "save_products", [saved], [words], language, by=by, at=at)
        return
    _keep_departments(session, [saved])
    products.save(session, saved[1], language=language)
    _record_prices(session, [saved], [words], by=by, at=at)


def import_products(
    session: Session, saved: Sequence[Saved], words: Sequence[PriceWords], *, language: str, by: Actor, at: datetime
) -> None:
    """Insert the products that are new, update those that changed, and journal their prices and taxes."""
    changed = [one for one in zip(saved, words, strict=True) if one[0][0] != one[0][1]]
    saved, words = [one for one, _ in changed], [one for _, one in changed]
    if session.dialect == "postgresql":
        _call_with_products(session, "save_products", saved, words, language, by=by, at=at)
        return
    _keep_departments(session, saved)
    products.add_all(session, [after for before, after in saved if before is None], language=language)
    products.change_all(session, [after for before, after in saved if before is not None], language=language)
    _record_prices(session, saved, words, by=by, at=at)


def set_prices(
    session: Session, saved: Sequence[Saved], words: Sequence[PriceWords], *, by: Actor, at: datetime
) -> None:
    """Set the prices and taxes of many products, and journal them."""
    if session.dialect == "postgresql":
        _call_with_products(session, "set_prices", saved, words, "", by=by, at=at)
        return
    products.set_prices(session, [after for _, after in saved])
    _record_prices(session, saved, words, by=by, at=at)


def _keep_departments(session: Session, saved: Sequence[Saved]) -> None:
    moved = [
        (before, after)
        for before, after in saved
        if before is None
        or (before.name, before.department, before.is_retired) != (after.name, after.department, after.is_retired)
    ]
    period_sums.keep_departments(session, {one.name for both in moved for one in both if one is not None})


def _call_with_products(
    session: Session,
    name: str,
    saved: Sequence[Saved],
    words: Sequence[PriceWords],
    language: str,
    *,
    by: Actor,
    at: datetime,
) -> None:
    for part, said in zip(_parts(saved), _parts(words), strict=True):
        rows = [_product_row(after, language) if language else _price_row(after) for _, after in part]
        prices, taxes = (journal.as_json([one for one in some if one]) for some in zip(*said, strict=True))
        given = {"_rows": insert_batch.as_json(rows), "_prices": prices, "_taxes": taxes}
        call(session, name, ("products", "search_words", "journal"), **who_or_lent(by), **given, _at=at)


def _product_row(product: Product, language: str) -> dict[str, Any]:
    return {"key": product.key} | products.to_row(product, language) | _found_by(products.searched(product))


def _price_row(product: Product) -> dict[str, Any]:
    return {"key": product.key, "price_centi": product.price, "tax_key": product.tax_key}


def _record_prices(
    session: Session, saved: Sequence[Saved], words: Sequence[PriceWords], *, by: Actor, at: datetime
) -> None:
    for part, said in zip(_parts(saved), _parts(words), strict=True):
        values = [
            (before is None or before.price != after.price, value)
            for before, after in part
            for value in journaled_values.changes(journaled_values.price(before), journaled_values.price(after))
        ]
        for act, some, is_priced in zip(
            (Activity.PRICE, Activity.TAX), zip(*said, strict=True), (True, False), strict=True
        ):
            told = [value for priced, value in values if priced is is_priced]
            journal.record_changes(session, act, [one for one in some if one], by=by, at=at, values=told)


# --- the order of names ----------------------------------------------------------------------------------------------


def sort_names_again(session: Session, language: str, *, by: Actor) -> None:
    """Put all customers and products in the order of another language."""

    def write(table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        given = {"_table": table.name, "_rows": insert_batch.as_json(rows)}
        call(session, "sort_again", (table.name,), **who_or_lent(by), **given)

    for table in (customer_table, product_table):
        sort_again(session, table, language, write=write if session.dialect == "postgresql" else None)


# --- tills -----------------------------------------------------------------------------------------------------------


def add_till(session: Session, till: Till, *, by_staff: Staff, at: datetime) -> None:
    """Insert a till with its own journal. Raises Refused if the name is taken."""
    if session.dialect != "postgresql":
        shop.add_till(session, till, at=at)
        return
    who = {"_token": by_staff.token, "_actor": by_staff.key}
    if not call(session, "add_till", ("tills",), **who, _key=till.key, _name=till.name, _at=at)[0]:
        raise Refused(sentence("There is already a till {till}.", till=till.name), field="till")


def set_till_preferences(
    session: Session, value: TillPreferences, changes: Sequence[Change], *, by: Actor, at: datetime
) -> None:
    """Set the preferences of the actor's till, and journal the changes."""
    if session.dialect == "postgresql":
        given = {"_kind": value.default_kind.value, "_shortcuts": shop.shortcuts_of(value)}
        told = {"_changes": journal.as_json(changes), "_at": at}
        call(session, "set_till_preferences", ("tills", "journal"), **who_or_lent(by), **given, **told)
        return
    shop.set_till_preferences(session, by.till.key, value)
    journal.record_changes(session, Activity.SETTING, changes, by=by, at=at)


# --- layouts of imported files ---------------------------------------------------------------------------------------


def save_import_layout(session: Session, subject: str, headings: str, layout: str, *, by: Actor, at: datetime) -> None:
    """Store the layout of files with these headings."""
    if session.dialect == "postgresql":
        given = {"_subject": subject, "_headings": headings, "_layout": layout, "_at": at}
        call(session, "save_import_layout", ("import_layouts",), **who_or_lent(by), **given)
        return
    import_layouts.save(session, subject, headings, layout, at=at)


def save_account_mapping(
    session: Session, value: AccountMapping, changes: Sequence[Change], *, by: Actor, at: datetime
) -> None:
    """Store the accounts and headings of the accountant's export, and journal the changes."""
    if session.dialect == "postgresql":
        given = {"_subject": account_mappings.SUBJECT, "_mapping": account_mappings.to_text(value), "_at": at}
        told = {"_changes": journal.as_json(changes)}
        call(session, "save_account_mapping", ("account_mappings", "journal"), **who_or_lent(by), **given, **told)
        return
    account_mappings.save(session, value, at=at)
    journal.record_changes(session, Activity.SETTING, changes, by=by, at=at)


# --- drafts ----------------------------------------------------------------------------------------------------------


def save_draft(
    session: Session, form: DraftForm, *, changed: frozenset[int] | None, by: Actor, at: datetime, typed_by: Staff
) -> None:
    """Save the form's head and the rows at the ``changed`` positions (all rows if None), typed by a person here."""
    if session.dialect == "postgresql":
        head, rows = drafts.to_rows(form, changed, by=Actor(typed_by, by.till), at=at)
        given = {"_draft": json.dumps(head, default=str), "_rows": json.dumps(rows, default=str)}
        call(session, "save_draft", _DRAFTS, **who_or_lent(by), **given, _whole=changed is None)
        return
    drafts.save(session, form, changed=changed, by=Actor(typed_by, by.till), at=at)


def discard_draft(session: Session, key: UUID, *, by: Actor) -> None:
    """Delete a draft with its rows."""
    if session.dialect == "postgresql":
        call(session, "discard_draft", _DRAFTS, **who_or_lent(by), _key=key)
        return
    drafts.discard(session, key)


_DRAFTS = ("drafts", "draft_rows")


# --- rows ------------------------------------------------------------------------------------------------------------


def _found_by(words: SearchWords) -> dict[str, Iterable[str]]:
    return {"words": words.words, "endings": words.endings}


def _parts(many: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (many[start : start + _AT_ONCE] for start in range(0, len(many), _AT_ONCE))
