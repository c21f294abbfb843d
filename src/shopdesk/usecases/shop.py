"""Actions of the owner on the shop: set it up, change it, add tills."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from shopdesk.domain.account import AccountStatus, Actor, Right, Role, Staff
from shopdesk.domain.activity import Activity, Change
from shopdesk.domain.clean_text import clean, clean_lines
from shopdesk.domain.conflict import merge
from shopdesk.domain.customer import read_email
from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.identifiers import read_bic, read_iban, read_vat_number
from shopdesk.domain.in_store_code import check_patterns
from shopdesk.domain.money import Currency
from shopdesk.domain.sentence import sentence
from shopdesk.domain.shop import Seller, Shop, ShopTax, Till, read_till_name
from shopdesk.domain.tax import WITH_REASON, TaxRate
from shopdesk.domain.till_preferences import TillPreferences
from shopdesk.row_keys import new_key
from shopdesk.store import accounts, acts, acts_books, acts_lists, documents, journaled_values
from shopdesk.store import shop as kept
from shopdesk.store.session import Session
from shopdesk.usecases.rights import authorize


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSetup:
    """The first settings of a shop.

    ``country`` and ``currency`` are ISO codes, ``language`` is a BCP 47 tag, ``smallest_coin`` in minor units;
    ``other_taxes`` are the names and rates beside the default one and the zero rate, whose names are ``default_name``
    and ``zero_name``.
    """

    shop_name: str
    country: str
    currency: str
    prices_include_tax: bool
    default_tax: TaxRate
    language: str
    smallest_coin: int = 1
    other_taxes: tuple[tuple[str, TaxRate], ...] = ()
    default_name: str = "Standard"
    zero_name: str = "No tax"


def set_up(session: Session, setup: ShopSetup, *, till_name: str, by_staff: Staff, now: datetime) -> Shop:
    """Set up the shop: its details, its tax rates and the zero rate, its first till. Only the owner, only once."""
    accounts.lock(session)  # two people may set it up at once
    staff = accounts.by_key(session, by_staff.key)
    if staff.role is not Role.OWNER or staff.status is not AccountStatus.ACTIVE:
        raise Refused(sentence("Only the owner can set up the shop."), field="right")
    if kept.find(session) is not None:
        raise Refused(sentence("The shop is already set up."))
    name = clean(setup.shop_name, max_length=200, field="shop_name")
    if not name:
        raise Refused(sentence("The shop needs a name. It is printed on every receipt."), field="shop_name")
    _check_coin(setup.smallest_coin)
    taxes: list[ShopTax] = []
    named = [(setup.default_name, setup.default_tax), *setup.other_taxes, (setup.zero_name, TaxRate.percent(0))]
    for title, rate in named:
        if rate not in {tax.rate for tax in taxes}:
            title = clean(title, max_length=60, field="rate")
            taxes.append(ShopTax(key=new_key(), name=title, rate=rate, is_default=not taxes))
    value = Shop(
        seller=Seller(name=name, country=setup.country, email=staff.email),
        currency=Currency.of(setup.currency),
        prices_include_tax=setup.prices_include_tax,
        taxes=tuple(taxes),
        language=setup.language,
        smallest_coin=setup.smallest_coin,
    )
    acts.save_shop(session, value, by=by_staff)
    till = Till(new_key(), read_till_name(till_name))
    acts_lists.add_till(session, till, by_staff=by_staff, at=now)
    values = journaled_values.changes({}, journaled_values.everything(session))
    actor = Actor(replace(staff, token=by_staff.token), till)
    acts_books.record_changes(session, Activity.OPENED, (), by=actor, at=now, values=values)
    return value


def change(session: Session, value: Shop, *, by: Actor, now: datetime, base: Shop | None = None) -> Shop:
    """Change the shop's details and rates. Documents already issued are not affected.

    The currency cannot change once documents exist. ``base`` is the shop as the edit began; other users' changes since
    then are merged. Raise MergeConflict where both changed the same field.
    """
    actor = authorize(session, by, Right.SETTINGS)
    before = kept.current(session, for_update=True)
    cleaned = _cleaned(value.seller)
    taxes = tuple(replace(tax, reason=_reason(tax)) for tax in value.taxes)
    value = replace(value, seller=cleaned, taxes=taxes, in_store_codes=check_patterns(value.in_store_codes))
    if base is not None:
        value = merge(base, value, before)
    if not cleaned.name:
        raise Refused(sentence("The shop needs a name. It is printed on every receipt."), field="shop_name")
    if value.currency != before.currency and documents.any_document(session):
        raise Refused(sentence("The currency cannot be changed once documents exist."), field="currency")
    _check_coin(value.smallest_coin)
    if not value.taxes:
        raise Refused(sentence("The shop needs at least one tax rate. It may be 0 %."), field="taxes")
    if sum(tax.is_default for tax in value.taxes) != 1:
        raise Refused(sentence("Mark exactly one tax rate as the default."), field="taxes")
    rates = [tax.rate for tax in value.taxes]
    if len(set(rates)) != len(rates):
        raise Refused(sentence("Two tax rates are the same."), field="taxes")
    stored = journaled_values.settings(session)
    acts.save_shop(session, value, by=actor.staff, actor=actor)
    values = journaled_values.changes(stored, journaled_values.settings(session))
    if value.language != before.language:
        acts_lists.sort_names_again(session, value.language, by=actor)
    for act, said, kind in (
        (Activity.TAX, _tax_changes(before, value), journaled_values.RATE),
        (Activity.SETTING, _setting_changes(before, value), journaled_values.SHOP),
    ):
        of_kind = [one for one in values if one.subject[0] == kind]
        acts_books.record_changes(session, act, said, by=actor, at=now, values=of_kind)
    return value


def _cleaned(seller: Seller) -> Seller:
    """Return the details of the shop with clean texts. Raise Refused with one error for each number that is wrong."""
    numbers = {"email": read_email, "vat_number": read_vat_number, "iban": read_iban, "bic": read_bic}
    read: dict[str, str] = {}
    faults: list[FieldError] = []
    for name, reader in numbers.items():
        text = getattr(seller, name)
        try:
            read[name] = reader(text) if text.strip() else ""
        except Refused as refused:
            faults.extend(refused.faults)
    if faults:
        raise Refused(faults)
    return replace(
        seller,
        name=clean(seller.name, max_length=200, field="shop_name"),
        address=clean_lines(seller.address, max_length=1000, field="address"),
        tax_id=clean(seller.tax_id, max_length=60, field="tax_id"),
        phone=clean(seller.phone, max_length=40, field="phone"),
        footer=clean_lines(seller.footer, max_length=1000, field="footer"),
        registration=clean(seller.registration, max_length=60, field="registration"),
        contact=clean(seller.contact, max_length=200, field="contact"),
        bank=clean(seller.bank, max_length=100, field="bank"),
        **read,
    )


def _reason(tax: ShopTax) -> str:
    """Return the reason of a rate without tax, cleaned; other rates have none (EN 16931, BR-S-10, BR-Z-10)."""
    return clean(tax.reason, max_length=300, field="reason") if tax.rate.category in WITH_REASON else ""


def _tax_changes(before: Shop, after: Shop) -> list[Change]:
    old, new = ({tax.key: tax for tax in one.taxes} for one in (before, after))
    return [
        Change(
            (new.get(key) or old[key]).name,
            _tax_text(old[key]) if key in old else "",
            _tax_text(new[key]) if key in new else "",
        )
        for key in {**old, **new}
        if old.get(key) != new.get(key)
    ]


def _tax_text(tax: ShopTax) -> str:
    reason = f", {tax.reason}" if tax.reason else ""
    return f"{tax.name}, {tax.rate.milli / 1000:g} %{reason}" + (", default" if tax.is_default else "")


def _setting_changes(before: Shop, after: Shop) -> list[Change]:
    pairs = [(name, getattr(before, name), getattr(after, name)) for name in _SETTINGS]
    pairs += [
        (item.name, getattr(before.seller, item.name), getattr(after.seller, item.name)) for item in fields(Seller)
    ]
    changes = [
        Change(name, _setting_text(name, old), _setting_text(name, new)) for name, old, new in pairs if old != new
    ]
    return [*changes, *_text_changes(before, after)]


def _text_changes(before: Shop, after: Shop) -> list[Change]:
    """Return the changes of the shop's own texts, each named by its kind, language and name."""
    old, new = (_own_texts(one) for one in (before, after))
    names = sorted(name for name in old | new if old.get(name) != new.get(name))
    return [Change(name, old.get(name, ""), new.get(name, "")) for name in names]


def _own_texts(shop: Shop) -> dict[str, str]:
    return {
        f"{name} ({one.kind}, {one.language})": text
        for one in shop.own_texts
        for name, text in asdict(one.texts).items()
        if text
    }


def _setting_text(name: str, value: Any) -> str:
    if name.endswith("_milli"):
        return f"{value / 1000:g} %"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "logo":
        return str(value)[:16]  # enough to tell it from another; the values beside have it whole
    return value.code if isinstance(value, Currency) else str(value)


_SETTINGS = tuple(item.name for item in fields(Shop) if item.name not in {"seller", "taxes", "own_texts"})


def _check_coin(smallest_coin: int) -> None:
    if smallest_coin < 1:
        raise Refused(sentence("The smallest coin must be more than zero."), field="smallest_coin")


def add_till(session: Session, name: str, *, by_staff: Staff, now: datetime) -> Till:
    """Register a till, with its own number series and journal. Requires the right to change settings."""
    staff = accounts.by_key(session, by_staff.key)
    if not staff.may(Right.SETTINGS):
        raise Refused(
            sentence("Only the owner can register a till. Ask the owner to sign in here once."), field="right"
        )
    till = Till(new_key(), read_till_name(name))
    acts_lists.add_till(session, till, by_staff=by_staff, at=now)
    return till


def set_preferences(session: Session, value: TillPreferences, *, by: Actor, now: datetime) -> TillPreferences:
    """Set the preferences of the actor's till: the kind of its new documents, and its keys."""
    actor = authorize(session, by, Right.SETTINGS)
    before = kept.till_preferences(session, actor.till.key)
    changes = [
        Change(f"{name} of till {actor.till.name}", old, new)
        for name, old, new in (
            ("default kind", before.default_kind.value, value.default_kind.value),
            *(
                (f"key “{name}”", *(", ".join(one.keys.get(name, ())) for one in (before, value)))
                for name in sorted({*before.keys, *value.keys})
            ),
        )
        if old != new
    ]
    acts_lists.set_till_preferences(session, value, changes, by=actor, at=now)
    return value
