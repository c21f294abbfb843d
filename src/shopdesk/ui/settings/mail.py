"""Settings, Mail: the mail server, and a test that connects and signs in."""

from __future__ import annotations

from collections.abc import Mapping

from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.sentence import sentence
from shopdesk.message_catalogues import mark
from shopdesk.settings import MailSettings, Security
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr, tr_marked
from shopdesk.ui.settings.save_settings import save_settings
from shopdesk.ui.settings.secret_field import SecretField
from shopdesk.ui.settings.test_button import TestButton
from shopdesk.ui.widgets.buttons import QuietButton
from shopdesk.ui.widgets.field import Field
from shopdesk.ui.widgets.form import ChoiceField, Form, hold_because
from shopdesk.ui.widgets.section import Section, row

GROUP = "mail"
_SECURITIES = {
    Security.STARTTLS: mark("STARTTLS: starts unencrypted, then encrypts"),
    Security.TLS: mark("TLS: encrypted from the start"),
    Security.NONE: mark("None: only for a server on this machine"),
}
_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}
_PASSWORD = "password"  # noqa: S105 - the field's name
_LAST_PORT = 65535


class MailSection(Section):
    """Server, sign-in and sender. The password goes to the keyring and is never shown again."""

    def __init__(self, context: Context) -> None:
        super().__init__(
            context,
            tr("Mail"),
            tr("Receipts go to customers by e-mail. Your mail provider has the details of your mail server."),
        )
        self.form = self._form()
        self.add_form(self.form)
        self.test = TestButton(tr("Test"), self._on_test, icon="send")
        self.forget = QuietButton(tr("Forget the password"), self._on_forget, icon="delete")
        self.forget.hide()
        self.password.checked.connect(self.forget.setVisible)
        self.form.add_part(row(self.forget))
        self.form.add_part(self.test)
        self.form.finish()
        self.finish()
        self.form.save_wanted.connect(self._save)
        for field in self.form.fields.values():
            field.edited.connect(self.test.reset)
        self.form.fields["mail.security"].edited.connect(self._on_security)
        self._fill()

    def _form(self) -> Form:
        form = Form()
        form.add_heading(tr("The server"))
        form.add(
            Field(tr("Mail server"), name="mail.host", hint=tr("Such as smtp.example.org."), compact=True),
            Field(tr("Port"), name="mail.port", hint=tr("587 for STARTTLS, 465 for TLS."), compact=True),
        )
        choices = [(security.value, tr_marked(word)) for security, word in _SECURITIES.items()]
        form.add(ChoiceField(tr("Security"), choices, name="mail.security", compact=True))
        form.add_heading(tr("Sign-in"))
        hint = tr("Leave empty if the server needs no sign-in.")
        form.add(Field(tr("User name"), name="mail.username", hint=hint, compact=True))
        kept = tr("A password is stored in the keyring. Type a new one to replace it.")
        self.password = SecretField(self.context, GROUP, tr("Password"), name=_PASSWORD, kept=kept)
        form.add(self.password)
        form.add_heading(tr("Messages"))
        sender = self.context.shop.seller.email or tr("the shop's e-mail address")
        hint = tr("The address messages come from. If empty: {address}.", address=sender)
        form.add(Field(tr("Sender"), name="mail.sender", hint=hint, compact=True))
        return form

    def _fill(self) -> None:
        mail = self.context.settings.mail
        self.form.fill(
            {
                "mail.host": mail.host,
                "mail.port": str(mail.port),
                "mail.security": mail.security.value,
                "mail.username": mail.username,
                "mail.sender": mail.sender,
            }
        )
        self.form.hold(locked=not self.may)
        self.test.button.setEnabled(self.may)
        for name, field in self.form.fields.items():
            if held := self.held_by(name):
                hold_because(field, held)

    # --- the password ---

    def refresh(self) -> None:
        """Ask the keyring if a password is stored, which may take a while."""
        if self.may:
            self.password.check()

    def _on_forget(self) -> None:
        self.context.background.run_in_pool(
            self.context.ports.keychain.delete,
            GROUP,
            owner=self,
            then=lambda _: self.password.check(),
            failed=self.form.show_error,
        )

    # --- trying ---

    def _on_security(self) -> None:
        """Set the usual port of the chosen security, unless another port was typed."""
        port = self.form.fields["mail.port"]
        if port.text().strip() in {str(usual) for usual in _PORTS.values()}:
            port.set_text(str(_PORTS[Security(self.form.fields["mail.security"].text())]))

    def _on_test(self) -> None:
        try:
            mail = _read(self.form.values())
        except Refused as refused:
            self.form.refuse(refused)
            return
        self.test.run(self.context, self.context.ports.mail.test, mail, self.password.text() or None)

    # --- saving ---

    def _save(self) -> None:
        values = self.form.values()
        try:
            mail = _read(values)
        except Refused as refused:
            self.form.refuse(refused)
            return
        changes = {
            "mail.host": mail.host or None,
            "mail.port": mail.port,
            "mail.security": mail.security,
            "mail.username": mail.username or None,
            "mail.sender": mail.sender or None,
        }
        save_settings(self, self.form, changes, then=self._on_saved, secret=self.password)

    def _on_saved(self) -> None:
        self._fill()
        self.password.check()
        self.context.navigation.resume_sending()
        if self.context.settings.mail.host:
            self.context.navigation.notify(tr("Mail is set up. Waiting messages are being sent."))
        else:
            self.context.navigation.notify(tr("Saved. Messages wait until a mail server is set up."))


def _read(texts: Mapping[str, str]) -> MailSettings:
    """Return the typed settings. Raises Refused if the port is not between 1 and 65535."""
    port = texts["mail.port"].strip()
    if not (port.isdecimal() and 1 <= int(port) <= _LAST_PORT):
        raise Refused([FieldError(sentence("Enter a port between 1 and {last}.", last=str(_LAST_PORT)), "mail.port")])
    return MailSettings(
        host=texts["mail.host"].strip(),
        port=int(port),
        security=Security(texts["mail.security"]),
        username=texts["mail.username"].strip(),
        sender=texts["mail.sender"].strip(),
    )
