"""My account: the password, PIN and sign-in providers of the person who is signed in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shopdesk.domain.account import Identity, Staff
from shopdesk.domain.errors import FieldError, Refused, Unavailable
from shopdesk.domain.sentence import sentence
from shopdesk.queries import accounts as ask
from shopdesk.ui.base import display_names, shortcuts, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, tr, translated
from shopdesk.ui.base.pages import Page
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.sign_in.confirm_password_dialog import ConfirmPasswordDialog, confirm
from shopdesk.ui.sign_in.password_form import PasswordForm
from shopdesk.ui.sign_in.provider_choices import choices
from shopdesk.ui.widgets.buttons import Button, LinkButton
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.field import MessageLine, PasswordField
from shopdesk.ui.widgets.form import Form
from shopdesk.ui.widgets.labels import Drawing, Label
from shopdesk.ui.widgets.page_parts import Card
from shopdesk.ui.widgets.section import Section
from shopdesk.usecases import pins, provider_identities

if TYPE_CHECKING:
    from shopdesk.ui.base.provider_choice import ProviderChoice


class MyAccountScreen(Section):
    """The settings of one's own account; setting a PIN or linking a provider asks for the password first."""

    def __init__(self, context: Context) -> None:
        staff = context.actor.staff
        super().__init__(context, tr("My account"), _about(staff))
        self.reason.set_text("")
        self.pin = _Pin(context)
        self.providers = _Providers(context)
        self.password = PasswordForm(context)
        for part in (self.pin, self.providers, self.password):
            self.add(part)
        self.finish()
        self.setFocusProxy(self.pin)
        shortcuts.bind(self, "back", lambda: context.navigation.show_page(Page.DASHBOARD))
        context.background.changed.connect(self._on_changed)

    def showEvent(self, event: QShowEvent) -> None:
        """Read the current state."""
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Read the account, its linked providers, and if PINs are available on this machine."""
        context = self.context
        context.ask(ask.staff, context.actor.staff.key, owner=self, then=self._show)
        context.ask(ask.identities, by=context.actor, owner=self, then=self.providers.show_linked)
        self.password.refresh()
        pin = self.pin
        run, pepper = context.background.run_in_pool, context.ports.keychain.pepper
        run(pepper, owner=self, then=lambda _: pin.show_available(), failed=pin.show_unavailable)

    def _on_changed(self, tables: frozenset[str]) -> None:
        if tables & {"accounts", "identities"} and self.isVisible():
            self.refresh()

    def _show(self, staff: Staff | None) -> None:
        if staff is not None:
            self.pin.show_staff(staff)
            self.providers.show_staff(staff)


def _about(staff: Staff) -> str:
    about = (staff.name, staff.user_name, display_names.role(staff.role), staff.email)
    return " · ".join(part for part in about if part)


class _Pin(Card):
    """The PIN that unlocks this till."""

    def __init__(self, context: Context) -> None:
        super().__init__(tr("PIN"))
        self._context = context
        self._no_keyring = ""
        self.state = Label("", "soft", wrap=True)
        self.form = Form(save=tr("Set PIN"))
        self.new = PasswordField(tr("New PIN"), name="pin", compact=True)
        self.again = PasswordField(tr("Repeat PIN"), name="again", compact=True)
        self.password = PasswordField(tr("Your password"), name="password", compact=True)
        self.form.add(self.new, self.again)
        self.form.add(self.password)
        self.remove = Button(tr("Remove PIN"), self._on_remove)
        self.form.foot.addWidget(self.remove)
        self.form.finish()
        self.form.fill({})
        self.add(self.state)
        self.add(self.form)
        self.setFocusProxy(self.new)
        self.form.save_wanted.connect(self._on_save)
        self._staff = context.actor.staff
        self.show_staff(self._staff)

    def show_staff(self, staff: Staff) -> None:
        """Show if a PIN is set, and why none can be set."""
        self._staff = staff
        has, none = tr("A PIN is set. It unlocks this till once you have signed in here."), tr("No PIN is set.")
        self.state.setText(
            (has if staff.has_pin else none)
            + " "
            + tr(
                "4 to 8 digits. After five wrong PINs you need the password. Your PIN also approves actions of others."
            )
        )
        self.remove.setVisible(staff.has_pin)
        self._show_why_not()

    def show_unavailable(self, error: Exception) -> None:
        """Show why there are no PINs, such as a missing keyring."""
        if isinstance(error, Unavailable):
            self._no_keyring = translated(error.what)
            self._show_why_not()
        else:
            self._context.report_error(error)

    def show_available(self) -> None:
        """Allow PINs, as the keyring is available."""
        self._no_keyring = ""
        self._show_why_not()

    def _show_why_not(self) -> None:
        no_password = "" if self._staff.has_password else tr("Set a password first. You need it to set a PIN.")
        no_pins = tr("PINs are unavailable on this machine: {why}", why=self._no_keyring) if self._no_keyring else ""
        self.form.lock(no_pins or no_password)

    def _on_save(self) -> None:
        if self.new.text() != self.again.text():
            self.form.refuse(Refused([FieldError(sentence("The PINs do not match."), "again")]))
            return
        self.form.set_busy(True)
        confirm(self._context, self.password, owner=self, then=self._set, failed=self._on_failed)

    def _set(self) -> None:
        run, pepper = self._context.background.run_in_pool, self._context.ports.keychain.pepper
        run(pepper, owner=self, then=self._on_pepper, failed=self._on_failed)

    def _on_pepper(self, pepper: bytes) -> None:
        self._context.do(
            pins.set_pin,
            self.new.text(),
            password=self.password.text(),
            pepper=pepper,
            owner=self,
            then=lambda _: self._on_done(tr("Your PIN is set.")),
            failed=self._on_failed,
        )

    def _on_remove(self) -> None:
        done = tr("Your PIN was removed.")
        self._context.do(pins.remove_pin, owner=self, then=lambda _: self._on_done(done), failed=self._on_failed)

    def _on_done(self, told: str) -> None:
        self.form.set_busy(False)
        for field in (self.new, self.again, self.password):
            field.clear()
        self.form.fill({})
        self._context.navigation.notify(told)

    def _on_failed(self, error: Exception) -> None:
        self.form.set_busy(False)
        if isinstance(error, Refused):
            self.form.refuse(error)
        elif isinstance(error, Unavailable):
            self.form.show_message(StatusLook(translated(error), "warn", Tone.WARN))
        else:
            self._context.report_error(error)


class _Providers(Card):
    """The linked sign-in providers. Linking one asks for the password first; unlinking asks to confirm."""

    def __init__(self, context: Context) -> None:
        super().__init__(tr("Sign-in providers"))
        self._context = context
        self._linked: tuple[Identity, ...] = ()
        self._staff = context.actor.staff
        self.add(Label(tr("Sign in here with an account you have elsewhere."), "soft", wrap=True))
        self._rows = QVBoxLayout()
        self._rows.setSpacing(tokens.S)
        self.add(self._rows)
        self.answer = MessageLine()
        self.answer.hide()
        self.add(self.answer)
        context.settings_changed.connect(self._rebuild)

    def show_linked(self, linked: tuple[Identity, ...]) -> None:
        """Show the linked identities."""
        self._linked = linked
        self._rebuild()

    def show_staff(self, staff: Staff) -> None:
        """Show if a password must be set before a provider can be linked."""
        self._staff = staff
        self._rebuild()

    def _rebuild(self) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            row = item.widget()
            if row is not None:
                row.hide()
                row.deleteLater()
        for identity in self._linked:
            said = tr("{name}, linked", name=identity.label)
            unlink = LinkButton(tr("Unlink"), partial(self._on_unlink, identity))
            unlink.setAccessibleName(tr("Unlink {name}", name=identity.label))
            self._rows.addWidget(_row("good", Tone.GOOD, said, unlink))
        labels = {identity.label for identity in self._linked}
        no_password = "" if self._staff.has_password else tr("Set a password first. You need it to link an account.")
        for choice in choices(self._context.settings):
            if choice.label in labels:
                continue
            if why_not := translated(choice.why_not) or no_password:
                self._rows.addWidget(_row(choice.icon, Tone.SOFT, choice.label, None, why_not))
                continue
            link = LinkButton(tr("Link"), partial(self._on_link, choice))
            link.setAccessibleName(tr("Link {name}", name=choice.label))
            self._rows.addWidget(_row(choice.icon, Tone.SOFT, choice.label, link))

    def _on_link(self, choice: ProviderChoice) -> None:
        ConfirmPasswordDialog(
            self._context,
            tr("Link {name}", name=choice.label),
            tr("Enter your password. Then you sign in at {name}.", name=choice.label),
            lambda password: self._ask_provider(choice, password),
            parent=self,
        ).open()

    def _ask_provider(self, choice: ProviderChoice, password: str) -> None:
        self._show_status(None)

        def then(identity: Identity) -> None:
            self._context.do(
                provider_identities.link,
                identity,
                password=password,
                owner=self,
                then=lambda _: self._context.navigation.notify(tr("{name} is linked.", name=choice.label)),
                failed=self._on_failed,
            )

        self._context.navigation.ask_provider(
            choice, then=then, failed=lambda why: self._show_status(StatusLook(why, "warn", Tone.BAD))
        )

    def _on_unlink(self, identity: Identity) -> None:
        question = ConfirmDialog(
            tr("Unlink {name}?", name=identity.label),
            text=tr("You will no longer be able to sign in with it here. You can link it again later."),
            yes=tr("Unlink"),
            is_dangerous=True,
            parent=self,
        )
        question.ask(
            lambda: self._context.do(
                provider_identities.unlink,
                issuer=identity.issuer,
                subject=identity.subject,
                owner=self,
                then=lambda _: self._context.navigation.notify(tr("{name} is unlinked.", name=identity.label)),
                failed=self._on_failed,
            )
        )

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, Refused):
            self._show_status(StatusLook(translated(error), "warn", Tone.BAD))
        else:
            self._context.report_error(error)

    def _show_status(self, look: StatusLook | None) -> None:
        self.answer.show_state(look)
        self.answer.setVisible(look is not None)


def _row(icon: str, tone: Tone, said: str, act: QWidget | None, why_not: str = "") -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(tokens.S)
    layout.addWidget(Drawing(icon, tone))
    layout.addWidget(Label(said, "strong" if tone is Tone.GOOD else ""))
    layout.addWidget(Label(why_not, "small", wrap=True), 1)
    if act is not None:
        layout.addWidget(act)
    row.setMinimumHeight(tokens.ROW)
    return row
