"""Settings, Database: where the shop's data is, whether it answers, and how to put it elsewhere."""

from __future__ import annotations

from shopdesk.domain.errors import Fault, Refused
from shopdesk.settings import Settings
from shopdesk.ui.desk import Desk
from shopdesk.ui.doors import Whereabouts
from shopdesk.ui.text import tr
from shopdesk.ui.widgets.cards import Card
from shopdesk.ui.widgets.field import Field, PasswordField
from shopdesk.ui.widgets.form import Form, hold_because
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.sections import Copyable, Section, Trial, size_in_words

_GROUP = "database"


class DatabaseSection(Section):
    """What is open now, and what opens at the next start."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(
            desk,
            tr("Database"),
            tr("One till keeps its data in a file on this machine. Several tills share a PostgreSQL server."),
        )
        self.place = Copyable(tr("the place"))
        self.facts = Label(role="soft", wrap=True)
        self.test = Trial(tr("Test"), self._on_test, icon="database")
        now = Card(tr("The shop's data is here"))
        now.add(self.place)
        now.add(self.facts)
        now.add(self.test)
        self.add(now)
        self.form = Form()
        self.form.add(
            Field(
                tr("Database"),
                name="database",
                hint=tr("A file, or postgresql://user@host/name. Holds from the next start."),
                compact=True,
            )
        )
        self.password = PasswordField(tr("Password of the server"), name="password", compact=True)
        self.form.add(self.password)
        self.test_other = Trial(tr("Test this one"), self._on_test_other, icon="database")
        self.form.add_part(self.test_other)
        self.form.finish()
        other = Card(tr("Elsewhere"))
        other.add(self.form)
        self.add(other)
        self.finish()
        self.form.save_wanted.connect(self._save)
        self.form.fields["database"].edited.connect(self.test_other.forget)
        self._fill()

    def _fill(self) -> None:
        self.form.fill({"database": self.desk.settings.database})
        self.form.hold(locked=not self.may)
        self.test_other.button.setEnabled(self.may)
        if held := self.held_by("database"):
            hold_because(self.form.fields["database"], held)

    def begin(self) -> None:
        """Look where it is."""
        self.desk.background.reach(self.desk.doors.whereabouts, owner=self, then=self._on_where, failed=self._on_away)

    def _on_where(self, where: Whereabouts) -> None:
        self.place.show_text(where.place)
        facts = [where.version]
        if where.size is not None:
            facts.append(tr("{size} large", size=size_in_words(where.size)))
        if where.free is not None:
            facts.append(tr("{size} free on the disk", size=size_in_words(where.free)))
        self.facts.setText(" · ".join(filter(None, facts)))

    def _on_away(self, error: Exception) -> None:
        self.facts.setText(str(error))

    # --- trying ---

    def _on_test(self) -> None:
        self._try(self.test, "")

    def _on_test_other(self) -> None:
        self._try(self.test_other, self.form.values()["database"].strip())

    def _try(self, trial: Trial, database: str) -> None:
        trial.begin()
        self.desk.background.reach(
            self.desk.doors.test_database,
            database,
            owner=self,
            then=trial.went_well,
            failed=lambda error: trial.went_wrong(str(error)),
        )

    # --- saving ---

    def _save(self) -> None:
        values = self.form.values()
        self.form.set_busy(True)
        if password := values["password"]:
            reach, keep = self.desk.background.reach, self.desk.doors.keep
            reach(keep, _GROUP, password, owner=self, then=lambda _: self._save_place(), failed=self._on_failed)
        else:
            self._save_place()

    def _save_place(self) -> None:
        written = self.form.values()["database"].strip()
        self.desk.background.reach(
            self.desk.doors.save_settings,
            {"database": written or None},
            owner=self,
            then=self._on_saved,
            failed=self._on_failed,
        )

    def _on_saved(self, settings: Settings) -> None:
        self.form.set_busy(False)
        self.desk.settings = settings
        self._fill()
        self.desk.notify(tr("Saved. The program opens this database at its next start."))

    def _on_failed(self, error: Exception) -> None:
        self.form.set_busy(False)
        if isinstance(error, Refused):
            self.form.refuse(error)
        else:
            self.form.refuse(Refused([Fault(str(error))]))
