"""The entries of the journal in words: its texts are in English and its numbers plain, whatever the shop's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from shopdesk.domain.activity import Activity
from shopdesk.domain.document import Kind
from shopdesk.domain.money import PRICE_PER_MINOR
from shopdesk.message_catalogues import Marked, mark
from shopdesk.queries.activity import ActivityEntry
from shopdesk.ui.base import display_names, document_languages
from shopdesk.ui.base.formatter import Formatter
from shopdesk.ui.base.i18n import tr, tr_marked

_ACTS: Mapping[Activity, Marked] = MappingProxyType(
    {
        Activity.OPENED: mark("Shop set up"),
        Activity.REGISTERED: mark("Account registered"),
        Activity.APPROVED: mark("Account approved"),
        Activity.ROLE: mark("Role"),
        Activity.BLOCKED: mark("Account blocked"),
        Activity.UNBLOCKED: mark("Account unblocked"),
        Activity.PASSWORD: mark("Password"),
        Activity.RECOVERED: mark("Owner recovered"),
        Activity.PIN: mark("PIN"),
        Activity.PROVIDER: mark("Sign-in provider"),
        Activity.PRICE: mark("Price"),
        Activity.TAX: mark("Tax rate"),
        Activity.SETTING: mark("Setting"),
        Activity.CLOSED: mark("Day closed"),
        Activity.SHIFT_OPENED: mark("Shift opened"),
        Activity.CASH_MOVED: mark("Cash moved"),
        Activity.SHIFT_COUNTED: mark("Shift counted"),
        Activity.DRAWER_OPENED: mark("Drawer opened"),
        Activity.MERGED: mark("Customers merged"),
        Activity.ERASED: mark("Customer erased"),
        Activity.STATEMENT: mark("Statement sent"),
    }
)


def act(which: Activity) -> str:
    """Return the name of a kind of change."""
    return tr_marked(_ACTS[which])


def subject(one: ActivityEntry, shown: Formatter) -> str:
    """Return what was changed; a setting, a shift or a day in words."""
    named = one.change.subject
    if one.act is Activity.SETTING and named in _SETTINGS:
        return tr_marked(_SETTINGS[named])
    if one.act is Activity.SETTING and (text := _OWN_TEXT.fullmatch(named)):
        of = {"kind": display_names.kind(Kind(text[2])), "language": document_languages.name(text[3])}
        return tr("{text} ({kind}, {language})", text=tr_marked(_TEXTS[text[1]]), **of)
    if one.act is Activity.CLOSED:
        return shown.day(date.fromisoformat(named))
    if one.act in _OF_TILLS and (found := _TILL.fullmatch(named)):
        till, shift = found.groups()
        return tr("Till {till}, shift {number}", till=till, number=shift) if shift else tr("Till {name}", name=till)
    return named


def before(one: ActivityEntry, shown: Formatter) -> str:
    """Return what it was before; a word of the program in the language of the windows."""
    return _value(one, one.change.before, shown)


def after(one: ActivityEntry, shown: Formatter) -> str:
    """Return what it is now."""
    return _value(one, one.change.after, shown)


def _value(one: ActivityEntry, text: str, shown: Formatter) -> str:
    if one.act in _WITH_AMOUNTS and _AMOUNT.fullmatch(text):
        return shown.price(int(Decimal(text).scaleb(shown.currency.digits) * PRICE_PER_MINOR))
    if one.act is Activity.DRAWER_OPENED or text not in _WORDS:  # the reason is as typed
        return text
    return tr_marked(_WORDS[text])


_OF_TILLS = frozenset({Activity.SHIFT_OPENED, Activity.SHIFT_COUNTED, Activity.DRAWER_OPENED})
_TILL = re.compile("till (.+?)(?:, shift ([0-9]+))?")
_WITH_AMOUNTS = frozenset({Activity.SHIFT_OPENED, Activity.SHIFT_COUNTED, Activity.CASH_MOVED, Activity.PRICE})
_AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]+)?")

_WORDS: Mapping[str, Marked] = MappingProxyType(
    {
        "owner": mark("owner"),
        "manager": mark("manager"),
        "cashier": mark("cashier"),
        "waiting": mark("waiting"),
        "active": mark("active"),
        "blocked": mark("blocked"),
        "set": mark("set"),
        "removed": mark("removed"),
        "none": mark("none"),
        "yes": mark("yes"),
        "no": mark("no"),
        "at close": mark("at the close of the day"),
        "at issue": mark("as soon as it is issued"),
        "not counted": mark("not counted"),
        "email": mark("e-mail only"),
        "email sms": mark("e-mail, or text message if there is no e-mail address"),
        "sms email": mark("text message, or e-mail if that is not possible"),
        "sms": mark("text message only"),
    }
)

_SETTINGS: Mapping[str, Marked] = MappingProxyType(
    {
        "name": mark("Name of the shop"),
        "address": mark("Address"),
        "country": mark("Country"),
        "tax_id": mark("Tax number"),
        "email": mark("E-mail"),
        "phone": mark("Phone"),
        "footer": mark("Text at the foot"),
        "currency": mark("Currency"),
        "prices_include_tax": mark("Prices include tax"),
        "language": mark("Language"),
        "seal": mark("Documents are sealed"),
        "smallest_coin": mark("Smallest coin"),
        "lock_after_minutes": mark("Lock after (minutes)"),
        "due_days": mark("Terms of invoices (days)"),
        "cashier_discount_milli": mark("Largest discount of a cashier"),
        "in_store_codes": mark("Weight and price labels"),
        "vat_number": mark("VAT number"),
        "registration": mark("Registration number"),
        "contact": mark("Contact"),
        "iban": mark("IBAN"),
        "bic": mark("BIC"),
        "bank": mark("Bank"),
        "logo": mark("Logo"),
        "has_barcode": mark("Barcode of the number"),
        "message_channels": mark("Messages to customers"),
    }
)

_TEXTS: Mapping[str, Marked] = MappingProxyType(
    {
        "title": mark("Title"),
        "terms": mark("Terms of payment"),
        "thanks": mark("Thanks"),
        "footer": mark("Footer"),
    }
)
_OWN_TEXT = re.compile(r"(title|terms|thanks|footer) \(([a-z_]+), ([a-z]+)\)")
"""A text of the shop's own, its kind of document and its language: see ``usecases/shop.py``."""
