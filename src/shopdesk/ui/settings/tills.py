"""Settings, Tills and numbers: the shop's tills, what their numbers look like, and the name of this till."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from shopdesk.domain.document import Kind
from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.shop import Till, read_till_name
from shopdesk.queries import shop as ask
from shopdesk.queries.shop import TillNumbers
from shopdesk.settings import Settings
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.widgets.field import Field
from shopdesk.ui.widgets.form import Form, hold_because
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.page_parts import Card
from shopdesk.ui.widgets.paged_model import ColumnOf, PagedModel
from shopdesk.ui.widgets.section import Section
from shopdesk.ui.widgets.table import ShortTable
from shopdesk.usecases import shop as usecase

_ROWS = 5


@dataclass(frozen=True, slots=True)
class _Row:
    key: object
    numbers: TillNumbers


class TillsSection(Section):
    """The list of tills, a form to add one, and the name of this one."""

    def __init__(self, context: Context) -> None:
        super().__init__(
            context,
            tr("Tills and numbers"),
            tr(
                "Each till has its own numbers, per kind and year, starting at 1, without gaps. So no till has to "
                "wait for another."
            ),
        )
        self.model = _TillsModel(context, parent=self)
        self.table = ShortTable(tr("Tills"), self.model, most=_ROWS)
        tills = Card(margin=0)
        tills.add(self.table)
        self.add(tills)
        self.new = Form(save=tr("Add the till"))
        hint = tr("1 to 8 letters or digits, such as B or FRONT2.")
        self.new.add(Field(tr("Name of the new till"), name="till", hint=hint, compact=True))
        self.new.finish()
        card = Card(tr("Another till"))
        shared = tr("To run several tills, keep the shop on a PostgreSQL server: see Settings, Database.")
        card.add(Label(shared, "soft", wrap=True))
        card.add(self.new)
        self.add(card)
        self.here = Form()
        self.here.add(
            Field(tr("Name of this till"), name="till.name", hint=tr("Takes effect at the next start."), compact=True)
        )
        self.here.finish()
        mine = Card(tr("This machine"))
        mine.add(self.here)
        self.add(mine)
        self.finish()
        self.new.save_wanted.connect(self._on_new)
        self.here.save_wanted.connect(self._on_here)
        context.background.changed.connect(self._on_changed)
        self._fill()

    def _fill(self) -> None:
        self.new.fill({})
        self.here.fill({"till.name": self.context.settings.till.name})
        for form in (self.new, self.here):
            form.hold(locked=not self.may)
        if held := self.held_by("till.name"):
            hold_because(self.here.fields["till.name"], held)

    def refresh(self) -> None:
        """Read the tills again, as another one may have been added."""
        self.context.ask(ask.next_numbers, on=self.context.today(), owner=self, then=self.model.show_tills)

    def _on_changed(self, tables: frozenset[str]) -> None:
        if tables & {"tills", "documents"} and self.isVisible():
            self.refresh()

    def _on_new(self) -> None:
        self.new.set_busy(True)
        name = self.new.values()["till"]
        self.context.background.do(
            usecase.add_till,
            name,
            by_staff=self.context.actor.staff,
            now=self.context.now(),
            owner=self,
            then=self._on_added,
            failed=lambda error: self._on_failed(error, self.new),
        )

    def _on_added(self, till: Till) -> None:
        self.new.set_busy(False)
        self.new.fill({})
        self.context.navigation.notify(tr("Till {name} added.", name=till.name))
        self.refresh()

    def _on_here(self) -> None:
        try:
            name = read_till_name(self.here.values()["till.name"])
        except Refused as refused:
            self.here.refuse(Refused([FieldError(fault.text, "till.name") for fault in refused.faults]))
            return
        self.here.set_busy(True)
        self.context.background.run_in_pool(
            self.context.ports.save_settings,
            {"till.name": name},
            owner=self,
            then=self._on_saved,
            failed=lambda error: self._on_failed(error, self.here),
        )

    def _on_saved(self, settings: Settings) -> None:
        self.here.set_busy(False)
        self.context.settings = settings
        self.here.fill({"till.name": settings.till.name})
        self.context.navigation.notify(
            tr("This machine will be till {name} from the next start.", name=settings.till.name)
        )

    def _on_failed(self, error: Exception, form: Form) -> None:
        form.set_busy(False)
        if isinstance(error, Refused):
            form.refuse(error)
        else:
            self.context.report_error(error)


class _TillsModel(PagedModel[_Row]):
    def __init__(self, context: Context, *, parent: QWidget) -> None:
        mine = context.actor.till.name
        columns: tuple[ColumnOf[_Row], ...] = (
            ColumnOf(title=tr("Till"), text=lambda one: one.numbers.till.name, width=88),
            ColumnOf(title=tr("Next receipt"), text=lambda one: one.numbers.following[Kind.RECEIPT]),
            ColumnOf(title=tr("Next invoice"), text=lambda one: one.numbers.following[Kind.INVOICE]),
            ColumnOf(
                title=tr("Here"), text=lambda one: tr("this one") if one.numbers.till.name == mine else "", width=104
            ),
        )
        super().__init__(context, columns, parent=parent)

    def show_tills(self, tills: tuple[TillNumbers, ...]) -> None:
        self._replace(tuple(_Row(one.till.key, one) for one in tills), len(tills) + 1)
