"""Settings, Shop: the details printed on every document, and the rules for selling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from shopdesk.domain.conflict import MergeConflict
from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.identifiers import spaced_iban
from shopdesk.domain.language_tag import regional
from shopdesk.domain.message_route import ChannelOrder
from shopdesk.domain.money import Currency, read_count, read_minor, read_percent
from shopdesk.domain.sentence import sentence
from shopdesk.domain.shop import Seal, Shop
from shopdesk.queries import documents
from shopdesk.queries.documents import DocumentSummary
from shopdesk.ui.base import country_defaults, document_languages
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.formatter import Formatter
from shopdesk.ui.base.i18n import StatusLook, language, tr
from shopdesk.ui.base.keypad_decimal import KeypadDecimal
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.field import Field
from shopdesk.ui.widgets.form import CheckField, ChoiceField, Form, LongChoiceField, hold_because, lines_field
from shopdesk.ui.widgets.section import Section
from shopdesk.usecases import shop as usecase

_LONGEST_LOCK = 24 * 60
_LONGEST_DUE = 366


class ShopSection(Section):
    """One form for the shop's details, and the close of the day."""

    def __init__(self, context: Context) -> None:
        super().__init__(
            context,
            tr("Shop"),
            tr("Documents keep the details they were issued with. Changes show only on new documents."),
        )
        self.form = _form()
        self._coin = ""  # the smallest coin as the program has filled it in
        for name in ("smallest_coin", "cashier_discount"):
            KeypadDecimal(self.form.fields[name].control, lambda: context.symbols.decimal)
        self.add_form(self.form)
        for name in ("country", "currency"):
            self.form.fields[name].edited.connect(self._suggest_coin)
        self.finish()
        self.form.save_wanted.connect(self._save)
        self.form.undone.connect(self._on_filled)
        context.shop_changed.connect(self._on_changed)
        self._fill()

    def refresh(self) -> None:
        """Ask for the latest document: once there is one, the currency can no longer change."""
        self.context.ask(documents.recent, 1, owner=self, then=self._on_recent)

    def _on_recent(self, found: tuple[DocumentSummary, ...]) -> None:
        if self.may:
            hold_because(
                self.form.fields["currency"],
                tr("It cannot be changed because documents use it.") if found else "",
            )

    def _on_changed(self) -> None:
        if not self.form.is_dirty:
            self._fill()

    def _fill(self) -> None:
        self._base = self.context.shop
        self.form.fill(_texts(self.context.shop, self.context))
        self._on_filled()
        self.form.hold(locked=not self.may)

    def _on_filled(self) -> None:
        self._coin = _texts(self._base, self.context)["smallest_coin"]
        self._suggest_coin()

    def _suggest_coin(self) -> None:
        """Say which smallest coin is usual in the country, and choose it where country or currency were changed."""
        chosen, base = self.form.values(), self._base
        if not (chosen["country"] and chosen["currency"]):
            return  # being typed
        currency = Currency.of(chosen["currency"])
        usual = country_defaults.smallest_coin(chosen["country"], currency)
        is_changed = (chosen["country"], currency) != (base.seller.country, base.currency)
        write = Formatter(self.context.language, currency)
        field = self.form.fields["smallest_coin"]
        if field.text() == self._coin:  # not typed by hand
            self._coin = write.amount(usual if is_changed else base.smallest_coin)
            field.set_text(self._coin)
        text = tr("Cash is rounded to it. Usual in this country: {amount}.", amount=write.amount(usual))
        field.show_hint(StatusLook(text, "info", Tone.SOFT))

    def _save(self) -> None:
        try:
            shop = _read(self.form.values(), self._base, self.context)
        except Refused as refused:
            self.form.refuse(refused)
            return
        self.form.set_busy(True)
        self.context.do(usecase.change, shop, base=self._base, owner=self, then=self._on_saved, failed=self._on_failed)

    def _on_saved(self, shop: Shop) -> None:
        self.form.set_busy(False)
        self._base = shop
        self.form.fill(_texts(shop, self.context))
        self._on_filled()
        self.context.navigation.notify(tr("Shop details saved."))

    def _on_failed(self, error: Exception) -> None:
        self.form.set_busy(False)
        if isinstance(error, MergeConflict):
            self._base = error.theirs
            theirs = _texts(error.theirs, self.context)
            self.form.rebase(theirs, _texts(error.joined, self.context))
            self._on_filled()
            named = [FieldError(fault.text, _FIELDS.get(fault.field, fault.field)) for fault in error.faults]
            self.form.show_conflicts(Refused(named), theirs)
        elif isinstance(error, Refused):
            self.form.refuse(error)
        else:
            self.context.report_error(error)


_FIELDS = {"name": "shop_name", "cashier_discount_milli": "cashier_discount"}
"""Fields of the shop that have another name in the form."""


def _form() -> Form:
    form = Form()
    form.add_heading(tr("On every document"))
    form.add(Field(tr("Shop name"), name="shop_name", compact=True))
    form.add(lines_field(tr("Address"), name="address", compact=True))
    form.add(
        LongChoiceField(tr("Country"), _countries(), name="country"),
        Field(tr("Tax number"), name="tax_id", compact=True),
    )
    form.add(
        Field(tr("VAT number"), name="vat_number", hint=tr("Such as DE136695976."), compact=True),
        Field(tr("Registration number"), name="registration", hint=tr("In the commercial register."), compact=True),
    )
    form.add(Field(tr("E-mail"), name="email", compact=True), Field(tr("Phone"), name="phone", compact=True))
    form.add(
        lines_field(
            tr("Footer"), name="footer", rows=2, hint=tr("Printed at the foot of every document."), compact=True
        )
    )
    form.add_heading(tr("Invoices and e-invoices"))
    form.add(
        Field(tr("Contact"), name="contact", hint=tr("The person or department to ask about an invoice."), compact=True)
    )
    form.add(
        Field(tr("IBAN"), name="iban", hint=tr("The account that invoices are paid to."), compact=True),
        Field(tr("BIC"), name="bic", compact=True),
    )
    form.add(Field(tr("Bank"), name="bank", compact=True))
    form.add_heading(tr("Money"))
    form.add(
        LongChoiceField(tr("Currency"), [(code, code) for code in country_defaults.currencies()], name="currency"),
        ChoiceField(
            tr("Language"),
            document_languages.choices(),
            name="language",
            hint=tr("Of documents. Numbers and dates are written as in the country."),
            compact=True,
        ),
    )
    form.add(
        CheckField(
            tr("Prices include tax"),
            name="prices_include_tax",
            hint=tr("Prices typed at the counter are what the customer pays."),
        )
    )
    form.add(
        Field(tr("Smallest coin"), name="smallest_coin", hint=tr("Cash is rounded to it."), compact=True),
        Field(tr("Invoices are due after (days)"), name="due_days", compact=True),
    )
    form.add_heading(tr("Messages to customers"))
    told = tr("Text messages go only to customers who agreed to them. Each customer can prefer one channel.")
    form.add(ChoiceField(tr("Sent by"), _channels(), name="message_channels", hint=told, compact=True))
    form.add_heading(tr("At the counter"))
    sealed = tr("A sealed document can only be corrected by a credit note and a new document.")
    form.add(ChoiceField(tr("A document is sealed"), _seals(), name="seal", hint=sealed, compact=True))
    form.add(
        Field(
            tr("Lock the till after (minutes)"),
            name="lock_after_minutes",
            hint=tr("0 turns automatic locking off."),
            compact=True,
        ),
        Field(tr("Discount a cashier may give"), name="cashier_discount", hint=tr("In per cent."), compact=True),
    )
    own = tr("I item, P price or W weight, C check digit, such as 29 IIIII PPPPP C. Several are separated by commas.")
    form.add(Field(tr("Weight and price labels"), name="in_store_codes", hint=own, compact=True))
    form.finish()
    return form


def _channels() -> list[tuple[str, str]]:
    return [
        (ChannelOrder.EMAIL.value, tr("e-mail only")),
        (ChannelOrder.EMAIL_SMS.value, tr("e-mail, or text message if there is no e-mail address")),
        (ChannelOrder.SMS_EMAIL.value, tr("text message, or e-mail if that is not possible")),
        (ChannelOrder.SMS.value, tr("text message only")),
    ]


def _seals() -> list[tuple[str, str]]:
    return [
        (Seal.AT_CLOSE.value, tr("at the close of the day")),
        (Seal.AT_ISSUE.value, tr("as soon as it is issued")),
    ]


def _texts(shop: Shop, context: Context) -> dict[str, str]:
    seller = shop.seller
    return {
        "shop_name": seller.name,
        "address": seller.address,
        "country": seller.country,
        "tax_id": seller.tax_id,
        "email": seller.email,
        "phone": seller.phone,
        "footer": seller.footer,
        "vat_number": seller.vat_number,
        "registration": seller.registration,
        "contact": seller.contact,
        "iban": spaced_iban(seller.iban),
        "bic": seller.bic,
        "bank": seller.bank,
        "currency": shop.currency.code,
        "language": _language_choice(shop),
        "prices_include_tax": "yes" if shop.prices_include_tax else "",
        "seal": shop.seal.value,
        "due_days": str(shop.due_days),
        "lock_after_minutes": str(shop.lock_after_minutes),
        "cashier_discount": context.format.percent(shop.cashier_discount_milli),
        "smallest_coin": context.format.amount(shop.smallest_coin),
        "in_store_codes": shop.in_store_codes,
        "message_channels": shop.message_channels.value,
    }


def _countries() -> list[tuple[str, str]]:
    return [(one.code, one.name) for one in country_defaults.countries(language())]


def _language_choice(shop: Shop) -> str:
    """Return the entry for the shop's language: “Español” for ``es-MX`` in Mexico."""
    tags = [tag for tag, _ in document_languages.choices()]
    return next((tag for tag in tags if regional(tag, shop.seller.country) == shop.language), shop.language)


def _read(texts: Mapping[str, str], shop: Shop, context: Context) -> Shop:
    """Return ``shop`` with what was typed. Raises Refused with a fault for each field that cannot be read."""
    faults: list[FieldError] = []

    def number(name: str, most: int, what: str) -> int:
        if (count := read_count(texts[name], most)) is not None:
            return count
        faults.append(
            FieldError(
                sentence("Enter a whole number of {what}, at most {most}.", what=what, most=context.format.count(most)),
                name,
            )
        )
        return 0

    for name, text in (("country", sentence("Choose a country.")), ("currency", sentence("Choose a currency."))):
        if not texts[name]:
            faults.append(FieldError(text, name))
    due = number("due_days", _LONGEST_DUE, tr("days"))
    lock = number("lock_after_minutes", _LONGEST_LOCK, tr("minutes"))
    discount, coin = shop.cashier_discount_milli, shop.smallest_coin
    try:
        discount = read_percent(texts["cashier_discount"], context.symbols)
    except Refused as refused:
        faults += [FieldError(fault.text, "cashier_discount") for fault in refused.faults]
    try:
        coin = read_minor(texts["smallest_coin"], context.symbols, Currency.of(texts["currency"] or shop.currency.code))
        if coin < 1:
            faults.append(FieldError(sentence("The smallest coin must be more than zero."), "smallest_coin"))
    except Refused as refused:
        faults += [FieldError(fault.text, "smallest_coin") for fault in refused.faults]
    if faults:
        raise Refused(faults)
    return replace(
        shop,
        seller=replace(
            shop.seller,
            name=texts["shop_name"],
            address=texts["address"],
            country=texts["country"],
            tax_id=texts["tax_id"],
            email=texts["email"],
            phone=texts["phone"],
            footer=texts["footer"],
            vat_number=texts["vat_number"],
            registration=texts["registration"],
            contact=texts["contact"],
            iban=texts["iban"],
            bic=texts["bic"],
            bank=texts["bank"],
        ),
        currency=Currency.of(texts["currency"]),
        language=texts["language"],
        prices_include_tax=bool(texts["prices_include_tax"]),
        seal=Seal(texts["seal"]),
        due_days=due,
        lock_after_minutes=lock,
        cashier_discount_milli=discount,
        smallest_coin=coin,
        in_store_codes=texts["in_store_codes"],
        message_channels=ChannelOrder(texts["message_channels"]),
    )
