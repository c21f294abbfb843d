"""Settings, Mail: the mail server, the sign-in by password or consent, bounces, and a test that connects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.money import read_count
from shopdesk.domain.sentence import sentence
from shopdesk.message_catalogues import mark
from shopdesk.settings import MailSettings, MailSignIn, Security
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, tr, tr_marked
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.settings.mail_consent import NAMES, MailConsent
from shopdesk.ui.settings.save_settings import save_settings
from shopdesk.ui.settings.secret_field import SecretField
from shopdesk.ui.settings.test_button import TestButton
from shopdesk.ui.widgets.buttons import QuietButton
from shopdesk.ui.widgets.field import Field
from shopdesk.ui.widgets.form import ChoiceField, Form, hold_because
from shopdesk.ui.widgets.section import Section, row

GROUP = "mail"
_CLIENT = "mail client"
_SECURITIES = {
    Security.STARTTLS: mark("STARTTLS: starts unencrypted, then encrypts"),
    Security.TLS: mark("TLS: encrypted from the start"),
    Security.NONE: mark("None: only for a server on this machine"),
}
_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}
_IMAP_PORTS = {Security.STARTTLS: 143, Security.TLS: 993, Security.NONE: 143}
_PASSWORD = "password"  # noqa: S105 - the field's name
_SECRET = "client secret"  # noqa: S105
_LAST_PORT = 65535
_HOSTS = {MailSignIn.GOOGLE: "smtp.gmail.com", MailSignIn.MICROSOFT: "smtp.office365.com"}
_KEYS = (
    "host", "port", "security", "username", "sender", "sign_in", "client_id", "issuer",
    "imap_host", "imap_port", "imap_security", "imap_folder",
)  # fmt: skip


class MailSection(Section):
    """Server, sign-in, sender and bounces. What is secret goes to the keyring and is never shown again."""

    def __init__(self, context: Context) -> None:
        super().__init__(
            context,
            tr("Mail"),
            tr("Receipts go to customers by e-mail. Your mail provider has the details of your mail server."),
        )
        self._has_password = False
        self.form = self._form()
        self.add_form(self.form)
        self.test = TestButton(tr("Test"), self._on_test, icon="send")
        self.forget = QuietButton(tr("Forget the password"), self._on_forget, icon="delete")
        self.forget.hide()
        self.password.checked.connect(self._on_checked)
        self.form.add_part(row(self.forget))
        self.form.add_part(self.test)
        self.form.finish()
        self.finish()
        self.form.save_wanted.connect(lambda: self._save())
        for field in self.form.fields.values():
            field.edited.connect(self.test.reset)
        self.form.fields["mail.security"].edited.connect(self._on_security)
        self.form.fields["mail.imap_security"].edited.connect(self._on_imap_security)
        self.form.fields["mail.sign_in"].edited.connect(self._on_way)
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
        ways = [(MailSignIn.PASSWORD.value, tr("Password")), *((way.value, name) for way, name in NAMES.items())]
        form.add(ChoiceField(tr("Sign in with"), ways, name="mail.sign_in", compact=True))
        self.consent = MailConsent(self.context, self._on_sign_in)
        form.add_part(self.consent.guide)
        form.add(Field(tr("User name"), name="mail.username", compact=True))
        kept = tr("A password is stored in the keyring. Type a new one to replace it.")
        self.password = SecretField(self.context, GROUP, tr("Password"), name=_PASSWORD, kept=kept)
        form.add(self.password)
        form.add(Field(tr("Client ID"), name="mail.client_id", compact=True))
        kept = tr("A secret is stored in the keyring. Type a new one to replace it.")
        self.client_secret = SecretField(self.context, _CLIENT, tr("Client secret"), name=_SECRET, kept=kept)
        form.add(self.client_secret)
        hint = tr("Leave empty, or for one organisation: https://login.microsoftonline.com/ and its name.")
        form.add(Field(tr("Sign-in address"), name="mail.issuer", hint=hint, compact=True))
        form.add_part(self.consent)
        form.add_heading(tr("Messages"))
        sender = self.context.shop.seller.email or tr("the shop's e-mail address")
        hint = tr("The address messages come from. If empty: {address}.", address=sender)
        form.add(Field(tr("Sender"), name="mail.sender", hint=hint, compact=True))
        self._add_bounces(form)
        return form

    def _add_bounces(self, form: Form) -> None:
        form.add_heading(tr("Bounces"))
        hint = tr("shopdesk reads there which messages came back, and changes nothing. Leave empty to read none.")
        form.add(
            Field(tr("IMAP server"), name="mail.imap_host", hint=hint, compact=True),
            Field(tr("Port"), name="mail.imap_port", hint=tr("993 for TLS, 143 for STARTTLS."), compact=True),
        )
        choices = [(security.value, tr_marked(word)) for security, word in _SECURITIES.items()]
        form.add(ChoiceField(tr("Security"), choices, name="mail.imap_security", compact=True))
        form.add(
            Field(tr("Folder"), name="mail.imap_folder", hint=tr("INBOX is the folder of new mail."), compact=True)
        )

    def _fill(self) -> None:
        mail = self.context.settings.mail
        self.form.fill({f"mail.{key}": str(getattr(mail, key)) for key in _KEYS})
        self._show_way()
        self.form.hold(locked=not self.may)
        self.consent.sign_in.button.setEnabled(self.may)
        self.test.button.setEnabled(self.may)
        for name, field in self.form.fields.items():
            if held := self.held_by(name):
                hold_because(field, held)

    # --- the password ---

    def refresh(self) -> None:
        """Ask the keyring if a password is stored, which may take a while."""
        if self.may:
            self.password.check()
            self.client_secret.check()
            self.consent.check()

    def _on_checked(self, has: bool) -> None:
        self._has_password = has
        self.forget.setVisible(has and not self.password.isHidden())

    def _on_forget(self) -> None:
        self.context.background.run_in_pool(
            self.context.ports.keychain.delete,
            GROUP,
            owner=self,
            then=lambda _: self.password.check(),
            failed=self.form.show_error,
        )

    # --- Google and Microsoft ---

    def _on_way(self) -> None:
        """Show the fields of the chosen sign-in, and fill in the provider's server unless another one was typed.

        Google does not get the sign-in address of an organisation at Microsoft.
        """
        way = MailSignIn(self.form.fields["mail.sign_in"].text())
        host = self.form.fields["mail.host"]
        if way is MailSignIn.GOOGLE:
            self.form.fields["mail.issuer"].set_text("")
        if way in _HOSTS and host.text().strip() in {"", *_HOSTS.values()}:
            host.set_text(_HOSTS[way])
        self._show_way()

    def _show_way(self) -> None:
        way = MailSignIn(self.form.fields["mail.sign_in"].text())
        by_password = way is MailSignIn.PASSWORD
        hint = tr("Leave empty if the server needs no sign-in.") if by_password else tr("The e-mail address there.")
        self.form.fields["mail.username"].show_hint(StatusLook(hint, "info", Tone.SOFT))
        self.password.setVisible(by_password)
        self.forget.setVisible(by_password and self._has_password)
        self.form.fields["mail.client_id"].setVisible(not by_password)
        self.client_secret.setVisible(way is MailSignIn.GOOGLE)
        self.form.fields["mail.issuer"].setVisible(way is MailSignIn.MICROSOFT)
        self.consent.show_provider(replace(self.context.settings.mail, sign_in=way))

    def _on_sign_in(self) -> None:
        """Save what was typed, then let the owner sign in in the browser."""
        needed = {"mail.username": tr("Enter your e-mail address."), "mail.client_id": tr("Enter the client ID.")}
        missing = [name for name in needed if not self.form.fields[name].text().strip()]
        for name in missing:
            self.form.fields[name].show_fault(needed[name])
        if missing:
            self.form.fields[missing[0]].control.setFocus()
        else:
            self._save(then=lambda: self.consent.start(self.context.settings.mail))

    # --- trying ---

    def _on_security(self) -> None:
        """Set the usual port of the chosen security, unless another port was typed."""
        self._set_port("mail.port", _PORTS[Security(self.form.fields["mail.security"].text())], _PORTS.values())

    def _on_imap_security(self) -> None:
        chosen = Security(self.form.fields["mail.imap_security"].text())
        self._set_port("mail.imap_port", _IMAP_PORTS[chosen], _IMAP_PORTS.values())

    def _set_port(self, name: str, port: int, usual: Iterable[int]) -> None:
        field = self.form.fields[name]
        if field.text().strip() in {str(one) for one in usual}:
            field.set_text(str(port))

    def _on_test(self) -> None:
        try:
            mail = _read(self.form.values())
        except Refused as refused:
            self.form.refuse(refused)
            return
        self.test.run(self.context, self.context.ports.mail.test, mail, self.password.text() or None)

    # --- saving ---

    def _save(self, then: Callable[[], object] | None = None) -> None:
        try:
            mail = _read(self.form.values())
        except Refused as refused:
            self.form.refuse(refused)
            return
        changes = {f"mail.{key}": getattr(mail, key) or None for key in _KEYS}
        secret = self.password if mail.sign_in is MailSignIn.PASSWORD else self.client_secret
        save_settings(self, self.form, changes, then=partial(self._on_saved, then), secret=secret)

    def _on_saved(self, then: Callable[[], object] | None) -> None:
        self._fill()
        self.refresh()
        if then is not None:
            then()
            return
        self.context.navigation.resume_sending()
        if self.context.settings.mail.host:
            self.context.navigation.notify(tr("Mail is set up. Waiting messages are being sent."))
        else:
            self.context.navigation.notify(tr("Saved. Messages wait until a mail server is set up."))


def _read(texts: Mapping[str, str]) -> MailSettings:
    """Return the typed settings. Raises Refused if a port is not between 1 and 65535."""
    typed: dict[str, Any] = {key: texts[f"mail.{key}"].strip() for key in _KEYS}
    ports = [key for key in ("port", "imap_port") if not _is_port(typed[key])]
    if ports:
        words = sentence("Enter a port between 1 and {last}.", last=str(_LAST_PORT))
        raise Refused([FieldError(words, f"mail.{key}") for key in ports])
    typed |= {key: read_count(typed[key], _LAST_PORT) for key in ("port", "imap_port")}
    typed |= {key: Security(typed[key]) for key in ("security", "imap_security")}
    return MailSettings(**typed | {"sign_in": MailSignIn(typed["sign_in"])})


def _is_port(text: str) -> bool:
    return bool(read_count(text, _LAST_PORT))
