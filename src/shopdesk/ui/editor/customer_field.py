"""The customer field: a name, a phone number or an e-mail address; empty for a walk-in.

``customer`` is a known customer who was selected; any other text becomes a new customer when the document is issued.
The line below the field shows how the text was understood.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QToolButton, QWidget

from shopdesk.domain.customer import Contact, Customer, read_contact, same_name
from shopdesk.domain.errors import Refused
from shopdesk.domain.message import Channel
from shopdesk.domain.message_route import ChannelOrder, PreferredChannel
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, counted, tr
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.editor import lookup
from shopdesk.ui.editor.customer_choice_dialog import CustomerChoiceDialog
from shopdesk.ui.editor.live_query import LiveQuery
from shopdesk.ui.editor.suggestions import Suggestion, Suggestions
from shopdesk.ui.widgets.field import Field

_ENTER = {Qt.Key.Key_Return, Qt.Key.Key_Enter}


class CustomerField(Field):
    """A field that suggests customers; Enter selects one, or continues with a new customer."""

    changed = Signal()  # emitted when the text or the selected customer changes
    completed = Signal()  # emitted on Enter: go to the items

    def __init__(self, context: Context, *, parent: QWidget | None = None) -> None:
        self.edit = QLineEdit()
        super().__init__(tr("Customer"), self.edit, name="customer", parent=parent)
        self._context = context
        self._chosen: Customer | None = None
        self._alike = 0
        self._is_new = False
        self._is_filling = False
        self._is_settled = True
        self._waiting: list[Callable[[], object]] = []
        self.edit.setPlaceholderText(tr("Walk-in, or a name, phone or e-mail"))
        self.edit.setClearButtonEnabled(True)
        for button in self.edit.findChildren(QToolButton):
            button.setAccessibleName(tr("Clear"))
        self.edit.installEventFilter(self)  # before the list's filter, which then runs first and may handle Enter
        self.suggestions = Suggestions(self.edit, self._on_taken, name=tr("Customers"))
        self._asking = self._asker(lookup.customers_for, self._on_suggested)
        self._settling = self._asker(lookup.customers_named, self._on_settled)
        self._passing = self._asker(lookup.customers_meant, self._on_settled)
        self.edit.textChanged.connect(self._on_typed)
        self._explain()

    @property
    def customer(self) -> Customer | None:
        """The selected customer."""
        return self._chosen

    @property
    def is_new(self) -> bool:
        """True if the user said that it is a new customer, though others are called so."""
        return self._is_new

    def show_customer(self, text: str, customer: Customer | None) -> None:
        """Fill the field from a document."""
        self._is_filling = True
        self.edit.setText(text)
        self._is_filling = False
        self._chosen = customer
        self._forget()
        self._is_settled = customer is not None or not text.strip()
        self._asking.cancel()
        self.clear_fault()
        self._explain()

    def resolve(self, then: Callable[[], object]) -> None:
        """Look up the customer that the text names exactly, ask which one if there are several, then call ``then``."""
        if self._is_settled:
            then()
        else:
            self._waiting = [then]
            self._settling.ask(self.edit.text())

    def complete(self) -> None:
        """Select the customer that the text matches, and go on to the items."""
        if not self._is_settled:
            self._passing.ask(self.edit.text())
        self.completed.emit()

    def may_be_phone(self, digits: str) -> bool:
        """Return True if digits are a phone number of the shop's country."""
        try:
            return bool(read_contact(digits, self._country).phone)
        except Refused:
            return False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go on at Enter; look up the customer when the field loses the focus."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and event.key() in _ENTER:
            self.complete()
            return True
        if event.type() is QEvent.Type.FocusOut and not self._is_settled:
            self._settling.ask(self.edit.text())
        return False

    # --- inside ---

    def _asker(self, query: Callable[..., Any], show: Callable[[str, Any], object]) -> LiveQuery:
        return LiveQuery(self._context, query, show, parent=self, given=lambda: (self._country,), lost=self._on_lost)

    @property
    def _country(self) -> str:
        return self._context.shop.seller.country

    def _on_typed(self, text: str) -> None:
        if self._is_filling:
            return
        self._chosen = None
        self._forget()
        self._is_settled = not text.strip()
        if self._is_settled or not self.edit.hasFocus():
            self._asking.cancel()
            self.suggestions.hide()
        else:
            self._asking.ask(text)
        self._explain()
        self.changed.emit()

    def _on_suggested(self, text: str, found: tuple[Customer, ...]) -> None:
        if text != self.edit.text() or not self.edit.hasFocus() or self._chosen is not None:
            return
        rows = [Suggestion(one.name, _reached(one), one, "customer") for one in found]
        alike = sum(same_name(one.name, text) for one in found)
        self._alike = alike if alike > 1 else 0
        self._explain()
        at = lookup.choice(text, found, self._country)
        if rows and (at < 0 or lookup.exact_match(text, found, lookup.customer_names) < 0):
            rows.append(Suggestion(tr("New customer “{name}”", name=text.strip()), icon="new"))
        self.suggestions.offer(rows, choose=at)

    def _on_taken(self, customer: Customer | None) -> None:
        self._take(customer)
        self.completed.emit()

    def _take(self, customer: Customer | None) -> None:
        """Select a customer, or take what was typed for a new one, even if others are called so."""
        if customer is not None:
            self._choose(customer)
        else:
            self._is_new, self._alike = self._alike > 0, 0
            self._explain()
            self.changed.emit()
        self._resolve()

    def _on_settled(self, text: str, found: tuple[Customer, ...]) -> None:
        if text != self.edit.text() or self._chosen is not None or self._is_new:
            return
        if len(found) > 1:
            self._alike = len(found)
            self.suggestions.hide()
            self._explain()
            if self._waiting:
                self._ask_which(text, found)
            return
        if found:
            self._choose(found[0])
        self._resolve()

    def _ask_which(self, text: str, found: tuple[Customer, ...]) -> None:
        dialog = CustomerChoiceDialog(text, found, self._take, parent=self.window())
        dialog.rejected.connect(self._waiting.clear)
        dialog.open()

    def _forget(self) -> None:
        self._alike, self._is_new = 0, False

    def _on_lost(self, text: str) -> None:
        """Continue without a lookup when the database is unreachable; saving looks the customer up."""
        if text == self.edit.text() and self._chosen is None and self._waiting:
            self._resolve()
            self._is_settled = False

    def _choose(self, customer: Customer) -> None:
        self.show_customer(customer.name, customer)
        self.changed.emit()

    def _resolve(self) -> None:
        self._is_settled = True
        self.suggestions.hide()
        waiting, self._waiting = self._waiting, []
        for then in waiting:
            then()

    def _explain(self) -> None:
        several = counted(self._alike, "{count} customer fits this", "{count} customers fit this: choose one")
        look = StatusLook(several, "warn", Tone.WARN) if self._alike else None
        order = self._context.shop.message_channels
        self.show_hint(look or understood(self.edit.text(), self._chosen, self._country, order))


def understood(text: str, customer: Customer | None, country: str, order: ChannelOrder) -> StatusLook:
    """Return the hint that shows how the text was understood, and which way a message takes."""
    if customer is not None:
        return _known(customer, order)
    try:
        contact = read_contact(text, country)
    except Refused:
        contact = Contact()
    if contact.email:
        return StatusLook(tr("New customer · e-mail goes to {address}", address=contact.email), "mail", Tone.SOFT)
    if contact.phone:
        return StatusLook(tr("New customer · {phone} · no e-mail address", phone=contact.phone), "phone", Tone.SOFT)
    if contact.name:
        return StatusLook(tr("New customer · no e-mail address"), "customer", Tone.SOFT)
    return StatusLook(tr("Walk-in") if not text.strip() else "", "customer", Tone.SOFT)


def _known(customer: Customer, order: ChannelOrder) -> StatusLook:
    route = customer.reached(order).route()
    if route is None:
        said = (
            tr("Known customer · wants no messages")
            if customer.preferred_channel == PreferredChannel.NONE
            else tr("Known customer · no e-mail address")
            if not customer.email
            else tr("Known customer")
        )
        return StatusLook(said, "customer", Tone.GOOD)
    if route.channel is Channel.SMS:
        said = tr("Known customer · text message goes to {number}", number=route.recipient)
        return StatusLook(said, "phone", Tone.GOOD)
    return StatusLook(tr("Known customer · e-mail goes to {address}", address=route.recipient), "mail", Tone.GOOD)


def _reached(customer: Customer) -> str:
    return customer.email or customer.phone
