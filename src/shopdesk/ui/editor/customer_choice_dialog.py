"""The dialog that asks which customer is meant, where several have the name or address that was typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from shopdesk.domain.customer import Customer
from shopdesk.ui.base import tokens
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.widgets.buttons import Button
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.labels import Label

_MOST = 8
"""The most customers that the dialog shows: it must fit the smallest window."""
_LONGEST = 64
"""The most characters that a button of the dialog holds."""


class CustomerChoiceDialog(ConfirmDialog):
    """The dialog that asks which of several customers is meant.

    ``taken`` is called with the chosen customer, or None for a new one.

    Cancel is the default: Enter, pressed once too often, must not send a receipt to the wrong person.
    """

    def __init__(
        self,
        typed: str,
        customers: Sequence[Customer],
        taken: Callable[[Customer | None], object],
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            tr("Which customer is “{name}”?", name=typed.strip()),
            text=tr("The document and its message go to the one you choose."),
            yes=tr("New customer"),
            parent=parent,
        )
        self.setMinimumWidth(tokens.READING)
        self.choices = [self._choice(customer) for customer in customers[:_MOST]]
        for button in self.choices:
            self.body.addWidget(button)
        if len(customers) > _MOST:
            more = tr("More customers fit. Cancel, and type an e-mail address or a phone number to find them.")
            self.body.addWidget(Label(more, "soft", wrap=True))
        self.yes.setDefault(False)
        self.no.setDefault(True)
        self.no.setFocus()
        self.accepted.connect(lambda: taken(self._chosen))
        self._chosen: Customer | None = None

    def _choice(self, customer: Customer) -> Button:
        button = Button(described(customer), lambda: self._choose(customer), icon="customer")
        button.setMinimumHeight(self.no.minimumHeight())
        return button

    def _choose(self, customer: Customer) -> None:
        self._chosen = customer
        self.accept()


def described(customer: Customer) -> str:
    """Return what tells a customer from others of the same name, in one line."""
    address = " ".join(customer.address.split())
    parts = [part for part in (customer.email, customer.phone, address) if part]
    text = " · ".join((customer.name, *(parts or [tr("no address")])))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
