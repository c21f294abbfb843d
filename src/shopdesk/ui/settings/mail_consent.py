"""The part of Settings, Mail for Google and Microsoft: how to register the shop there, and the button to sign in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtWidgets import QVBoxLayout, QWidget

from shopdesk.message_catalogues import Marked, mark
from shopdesk.settings import MailSettings, MailSignIn
from shopdesk.ui.base import tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr, tr_marked, translated
from shopdesk.ui.base.provider_choice import ProviderChoice
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.settings.copyable import Copyable
from shopdesk.ui.settings.test_button import TestButton
from shopdesk.ui.widgets.labels import Label

NAMES = {MailSignIn.GOOGLE: "Google", MailSignIn.MICROSOFT: "Microsoft"}
_STEPS: Mapping[MailSignIn, tuple[Marked, ...]] = {
    MailSignIn.GOOGLE: (
        mark(
            "1. On console.cloud.google.com: APIs & Services, Credentials, OAuth client ID of the type “Desktop app”."
        ),
        mark("2. Copy its client ID and client secret into the fields below, and sign in."),
        mark("Publish the consent screen there: while it is in testing, Google ends each permission after 7 days."),
    ),
    MailSignIn.MICROSOFT: (
        mark("1. On entra.microsoft.com: App registrations, New registration, platform “Mobile and desktop”."),
        mark("2. Register the redirect address below there, and allow SMTP.Send under API permissions."),
        mark("3. Copy the Application (client) ID into the field below, and sign in. There is no client secret."),
        mark("In Microsoft 365, “Authenticated SMTP” must be on for the mailbox."),
    ),
}


class MailConsent(QWidget):
    """The button to sign in at the provider, with the result; ``guide`` has the steps to take there before."""

    def __init__(self, context: Context, sign_in: Callable[[], object], *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._mail = MailSettings()
        self.steps = Label("", "soft", wrap=True)
        self.redirect = Copyable(tr("the redirect address"))
        self.sign_in = TestButton("", sign_in, icon="provider")
        self.guide = _column(self.steps, self.redirect)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.sign_in)

    def show_provider(self, mail: MailSettings) -> None:
        """Show what belongs to the provider of these settings; nothing where a password is used."""
        self._mail = mail
        for part in (self, self.guide):
            part.setVisible(mail.sign_in in NAMES)
        if mail.sign_in not in NAMES:
            return
        self.steps.setText("\n".join(tr_marked(step) for step in _STEPS[mail.sign_in]))
        self.sign_in.button.set_label(tr("Sign in with {provider}", provider=NAMES[mail.sign_in]))
        self.redirect.setVisible(mail.sign_in is MailSignIn.MICROSOFT)  # Google's desktop apps may return anywhere here
        run, redirect = self._context.background.run_in_pool, self._context.ports.mail.redirect
        run(redirect, mail, owner=self, then=self.redirect.show_text, failed=lambda _: self.redirect.show_text(""))

    def check(self) -> None:
        """Show if someone has signed in; the keyring is asked, which may take a while."""
        way = self._context.settings.mail.sign_in
        if way not in NAMES:
            return

        def told(has: bool) -> None:
            if has:
                self.sign_in.succeeded(tr("Signed in. Sign in again if {provider} asks for it.", provider=NAMES[way]))

        run, has = self._context.background.run_in_pool, self._context.ports.keychain.has
        run(has, f"mail consent {way.value}", owner=self, then=told, failed=lambda _: self.sign_in.reset())

    def start(self, mail: MailSettings) -> None:
        """Sign in with these settings in the browser, then try the mail server."""
        self.sign_in.reset()
        self._context.navigation.ask_consent(
            ProviderChoice(mail.sign_in.value, NAMES[mail.sign_in]),
            sign_in=partial(self._context.ports.mail.sign_in, mail),
            then=partial(self._on_signed_in, mail),
            failed=self.sign_in.failed,
        )

    def _on_signed_in(self, mail: MailSettings, why_not_kept: str) -> None:
        if why_not_kept:
            self._context.navigation.notify(translated(why_not_kept), tone=Tone.WARN, stays=True)
        self.sign_in.run(self._context, self._context.ports.mail.test, mail, None)
        self._context.navigation.resume_sending()


def _column(*parts: QWidget) -> QWidget:
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, tokens.S)
    column.setSpacing(tokens.S)
    for part in parts:
        column.addWidget(part)
    return whole
