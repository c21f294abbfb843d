"""Settings, Database: where the shop's data is, a test of the connection, and moving it elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from shopdesk.domain.errors import PasswordRefused, Refused, sentence_of
from shopdesk.domain.sentence import Sentence, sentence
from shopdesk.settings import Settings
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, tr, translated
from shopdesk.ui.base.notice import NoticeAction
from shopdesk.ui.base.ports import DatabaseLocation, InspectedDatabase, MoveRequest
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.settings.copyable import Copyable
from shopdesk.ui.settings.test_button import TestButton
from shopdesk.ui.widgets.buttons import Button
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.field import Field, PasswordField
from shopdesk.ui.widgets.form import Form, hold_because
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.page_parts import Card
from shopdesk.ui.widgets.section import Section, row, size_in_words

_GROUP = "database"


class DatabaseSection(Section):
    """The database in use, and the one to open at the next start."""

    def __init__(self, context: Context) -> None:
        super().__init__(
            context,
            tr("Database"),
            tr("One till keeps its data in a file on this machine. Several tills share a PostgreSQL server."),
        )
        self.place = Copyable(tr("the place"))
        self.facts = Label(role="soft", wrap=True)
        self.test = TestButton(tr("Test"), self._on_test, icon="database")
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
                hint=tr("A file, or postgresql://user@host/name. Takes effect at the next start."),
                compact=True,
            )
        )
        self.password = PasswordField(tr("Server password"), name="password", compact=True)
        self.form.add(self.password)
        self.test_other = TestButton(tr("Test this database"), self._on_test_other, icon="database")
        self.form.add_part(self.test_other)
        self.move_there = Button(tr("Move to PostgreSQL …"), self._on_move, icon="database")
        self.form.finish()
        other = Card(tr("Another database"))
        both = tr(
            "“Save” connects this till to a shop that already exists there. “Move” copies this shop to an empty "
            "database, compares the two, and then uses the new one; the old one is kept as a backup."
        )
        other.add(self.form)
        other.add(Label(both, "small", wrap=True))
        other.add(row(self.move_there))
        self.add(other)
        self.finish()
        self.form.save_wanted.connect(self._save)
        for field in self.form.fields.values():
            field.edited.connect(self._on_edited)
        self._fill()

    def _fill(self) -> None:
        self.form.fill({"database": self.context.settings.database})
        self.form.hold(locked=not self.may)
        held = self.held_by("database")
        self.test_other.button.setEnabled(self.may)
        self.move_there.setVisible(self.may)
        self.move_there.setEnabled(not held)
        if held:
            hold_because(self.form.fields["database"], held)

    def refresh(self) -> None:
        """Read where the shop's data is."""
        self.context.background.run_in_pool(
            self.context.ports.database.location, owner=self, then=self._on_where, failed=self._on_away
        )

    def _on_where(self, where: DatabaseLocation) -> None:
        self.place.show_text(where.place)
        self.move_there.set_label(tr("Move to PostgreSQL …") if where.is_file else tr("Move to a file …"))
        facts = [where.version]
        if where.size is not None:
            facts.append(tr("Size {size}", size=size_in_words(where.size)))
        if where.free is not None:
            facts.append(tr("{size} free on disk", size=size_in_words(where.free)))
        self.facts.setText(" · ".join(filter(None, facts)))

    def _on_away(self, error: Exception) -> None:
        self.facts.setText(translated(error))

    # --- trying ---

    def _on_test(self) -> None:
        self.test.start()
        self.context.background.run_in_pool(
            self.context.ports.database.test,
            owner=self,
            then=self.test.succeeded,
            failed=lambda error: self.test.failed(translated(error)),
        )

    def _on_test_other(self) -> None:
        self._inspect(lambda found: self.test_other.succeeded(translated(found.words)))

    def _inspect(self, then: Callable[[InspectedDatabase], None]) -> None:
        """Check the typed database and show what is wrong beside its field."""
        wanted = self._wanted()
        self.test_other.start()
        self.context.background.run_in_pool(
            self.context.ports.database.inspect,
            wanted.written,
            wanted.password,
            owner=self,
            then=lambda found: then(found) if wanted == self._wanted() else None,
            failed=self._on_not_found,
        )

    def _wanted(self) -> MoveRequest:
        values = self.form.values()
        return MoveRequest(values["database"].strip(), values["password"] or None)

    def _on_not_found(self, error: Exception) -> None:
        self.test_other.reset()
        self._on_failed(error)

    def _on_edited(self) -> None:
        self.test_other.reset()

    # --- moving ---

    def _on_move(self) -> None:
        wanted = self._wanted()
        if wanted.written in {"", self.place.text, self.context.settings.database}:
            self._refuse(sentence("Enter the address of the new database first."))
        else:
            self._inspect(self._on_looked)

    def _on_looked(self, found: InspectedDatabase) -> None:
        if found.has_shop:
            self.test_other.reset()
            self._refuse(
                sentence("{found} Choose an empty database, or press Save to use that shop.", found=found.words)
            )
            return
        self.test_other.succeeded(translated(found.words))
        wanted = self._wanted()
        ConfirmDialog(
            tr("Move the shop?"),
            text=tr("No till can sell during the move. The current database is kept as a backup."),
            facts=[(tr("From"), self.place.text), (tr("To"), wanted.written)],
            yes=tr("Move"),
            parent=self.window(),
        ).ask(lambda: self.context.navigation.move_shop(wanted))

    def _refuse(self, why: Sentence) -> None:
        self.form.refuse(Refused(why, field="database"))

    # --- saving ---

    def _save(self) -> None:
        wanted = self._wanted()
        self.form.set_busy(True)
        self.context.background.run_in_pool(
            self.context.ports.save_settings,
            {"database": wanted.written or None},
            owner=self,
            then=lambda settings: self._on_saved(settings, wanted.password),
            failed=self._on_failed,
        )

    def _on_saved(self, settings: Settings, password: str | None) -> None:
        self.form.set_busy(False)
        self.context.settings = settings
        self._fill()
        self.context.navigation.notify(
            tr("Saved. The program opens this database at its next start."),
            action=NoticeAction(tr("Open it now"), self.context.navigation.reopen),
            stays=True,
        )
        if password:
            self.context.background.run_in_pool(
                self.context.ports.keychain.store,
                _GROUP,
                password,
                owner=self,
                failed=lambda error: self._on_not_kept(error),
            )

    def _on_not_kept(self, error: Exception) -> None:
        """Report that the password was not stored; it is then asked for at the start or read from a variable."""
        self.form.show_message(StatusLook(tr("Saved, but: {why}", why=translated(error)), "warn", Tone.WARN))

    def _on_failed(self, error: Exception) -> None:
        self.form.set_busy(False)
        match error:
            case Refused():
                self.form.refuse(error)
            case PasswordRefused():
                self.form.refuse(Refused(sentence_of(error), field="password"))
            case _:
                self._refuse(sentence_of(error))
