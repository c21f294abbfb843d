"""Settings, Activity: who changed people, customers, prices, taxes and settings, when, from what and to what."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from PySide6.QtWidgets import QStackedLayout, QWidget

from shopdesk.domain.account import Right
from shopdesk.domain.activity import Activity
from shopdesk.message_catalogues import Marked, mark
from shopdesk.queries import activity as ask
from shopdesk.queries.activity import ActivityEntry
from shopdesk.render.export import Cell
from shopdesk.ui.base import tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr, tr_marked
from shopdesk.ui.output.export import ExportSource
from shopdesk.ui.output.export_button import ExportButton
from shopdesk.ui.widgets.page_parts import Card, EmptyState
from shopdesk.ui.widgets.paged_model import ColumnOf, PagedModel
from shopdesk.ui.widgets.section import Section, row
from shopdesk.ui.widgets.table import ChoosingTable

_ROWS = 11
"""The rows of the table in the smallest window."""

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


class ActivitySection(Section):
    """The list of changes, newest first; only for those who may change people."""

    def __init__(self, context: Context) -> None:
        super().__init__(
            context,
            tr("Activity"),
            tr("Changes of people, customers, prices, taxes and settings, as the journal has them. Newest first."),
            right=Right.PEOPLE,
            is_wide=True,
        )
        self.export = ExportButton(context, self._listing)
        self.model = ActivityModel(context, parent=self)
        self.table = ChoosingTable(tr("Activity"))
        self.table.setProperty("role", "bare")
        self.table.setMinimumHeight(_ROWS * tokens.ROW)
        self.table.show_model(self.model)
        self.empty = EmptyState(
            "history",
            tr("No changes yet"),
            tr("A changed role, price, tax rate or setting appears here."),
        )
        body = QWidget()
        self._body = QStackedLayout(body)
        self._body.addWidget(self.table)
        self._body.addWidget(self.empty)
        self.card = Card(margin=0)
        self.card.add(body)
        self.add(row(self.export))
        self.add(self.card)
        self.finish()
        self.model.read.connect(self._on_read)
        self.model.failed.connect(context.report_unanswered)
        if not self.may:
            self.reason.set_text(tr("Only the owner can see this."))
            self.export.hide()
            self.card.hide()

    def refresh(self) -> None:
        """Read the list each time the section is opened."""
        if self.may:
            self.model.show(ask.page, by=self.context.actor)

    def _on_read(self) -> None:
        self._body.setCurrentWidget(self.table if self.model.rows else self.empty)
        self.export.setVisible(bool(self.model.rows))

    def _listing(self) -> ExportSource:
        head = (
            tr("When"), tr("Person"), tr("Approved by"), tr("Till"), tr("What"), tr("Of"), tr("From"), tr("To"),
        )  # fmt: skip
        return ExportSource(
            title=tr("Activity"), query=ask.page, given={"by": self.context.actor}, head=head, row=file_row
        )


class ActivityModel(PagedModel[ActivityEntry]):
    """All changes, newest first."""

    def __init__(self, context: Context, *, parent: QWidget | None = None) -> None:
        columns: tuple[ColumnOf[ActivityEntry], ...] = (
            ColumnOf(title=tr("When"), text=lambda one: context.format.instant(one.at), width=168),
            ColumnOf(title=tr("Person"), text=lambda one: one.by_name, tip=_where, width=92),
            ColumnOf(title=tr("What"), text=lambda one: act(one.act), width=116),
            ColumnOf(title=tr("Of"), text=subject, tip=subject),
            ColumnOf(title=tr("From"), text=before, tip=before, width=96),
            ColumnOf(title=tr("To"), text=after, tip=after, width=96),
        )
        super().__init__(context, columns, parent=parent)


def act(which: Activity) -> str:
    """Return the name of a kind of change."""
    return tr_marked(_ACTS[which])


def subject(one: ActivityEntry) -> str:
    """Return what was changed; a setting in words."""
    named = one.change.subject
    return tr_marked(_SETTINGS[named]) if one.act is Activity.SETTING and named in _SETTINGS else named


def before(one: ActivityEntry) -> str:
    """Return what it was before; a word of the program in the language of the windows."""
    return _value(one.change.before)


def after(one: ActivityEntry) -> str:
    """Return what it is now."""
    return _value(one.change.after)


def _value(text: str) -> str:
    return tr_marked(_WORDS[text]) if text in _WORDS else text


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
    }
)


def file_row(one: ActivityEntry) -> tuple[Cell, ...]:
    """Return a change as a row of an exported list."""
    at = one.at.astimezone().replace(tzinfo=None)
    return (
        at, one.by_name, one.approver_name, one.till, act(one.act), subject(one), before(one), after(one),
    )  # fmt: skip


def _where(one: ActivityEntry) -> str:
    said = tr("{person}, at till {till}", person=one.by_name, till=one.till)
    return said + (" " + tr("(approved by {name})", name=one.approver_name) if one.approver_name else "")


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
    }
)
