"""Settings, Sign-in providers: for each, how to register the app, what to copy where, and a test."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from shopdesk.domain.errors import Refused
from shopdesk.message_catalogues import Marked, mark
from shopdesk.settings import ProviderKind, ProviderSettings, Settings
from shopdesk.ui.base import tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, tr, tr_marked, translated
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.settings.copyable import Copyable
from shopdesk.ui.settings.save_settings import save_settings
from shopdesk.ui.settings.secret_field import SecretField
from shopdesk.ui.settings.test_button import TestButton
from shopdesk.ui.widgets.buttons import Button, DangerButton, Segment
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.field import Field
from shopdesk.ui.widgets.form import Form, hold_because
from shopdesk.ui.widgets.labels import Label, StateBadge
from shopdesk.ui.widgets.page_parts import Card
from shopdesk.ui.widgets.section import Section

_SECRET = "secret"  # noqa: S105 - the field's name
_OWN = {ProviderKind.GITHUB.value: "GitHub", ProviderKind.FACEBOOK.value: "Facebook"}
_HOW: Mapping[ProviderKind, tuple[Marked, ...]] = {
    ProviderKind.GITHUB: (
        mark("1. On github.com: your picture, Settings, Developer settings, OAuth Apps, New OAuth App."),
        mark("2. Homepage URL: any address of the shop. Authorization callback URL: exactly the address below."),
        mark("3. Copy the Client ID. Press “Generate a new client secret” and copy it at once: it is shown only then."),
        mark("Without a secret: tick “Enable Device Flow” there. The till then shows a code to type on a phone."),
    ),
    ProviderKind.FACEBOOK: (
        mark("1. On developers.facebook.com: My Apps, Create App, with the use case for Facebook Login."),
        mark("2. Facebook Login, Settings: put the address below into “Valid OAuth Redirect URIs”."),
        mark("3. App settings, Basic: copy the App ID as Client ID, and the App Secret."),
        mark("Addresses that begin with http work only while the app is in development mode."),
        mark("For a live app, switch on “Login from Devices”, or name an https address of your own under Redirect."),
    ),
    ProviderKind.OIDC: (
        mark("1. At your provider, register a native (public) application: authorization code with PKCE (S256)."),
        mark("2. Allow the redirect address below; on this machine any port may follow 127.0.0.1."),
        mark("3. Copy the client ID, and a secret only if the provider requires one."),
        mark("The issuer is the address before /.well-known/openid-configuration."),
    ),
}


class ProvidersSection(Section):
    """One provider at a time, chosen by the buttons above."""

    def __init__(self, context: Context) -> None:
        super().__init__(
            context,
            tr("Sign-in providers"),
            tr("People can sign in with an account they have elsewhere. New people still wait for the owner."),
        )
        self._group = QButtonGroup(self)
        self._segments: dict[str, Segment] = {}
        self.pages: dict[str, ProviderPage] = {}
        self.add_provider = Button(tr("Another …"), self._on_add, icon="new")
        self.add_provider.setEnabled(self.may)
        self._chooser = QHBoxLayout()
        self._chooser.setSpacing(tokens.XS)
        self.stack = QStackedWidget()
        self.add(self._chooser)
        self.add(self.stack)
        self.finish()
        for name in context.settings.providers:
            self._page_for(name)
        self._chooser.addWidget(self.add_provider)
        self._chooser.addStretch(1)
        self.choose(next(iter(self.pages)))

    def refresh(self) -> None:
        """Let the open page read its redirect address and check its secret."""
        page = self.stack.currentWidget()
        if isinstance(page, ProviderPage):
            page.refresh()

    def choose(self, name: str) -> ProviderPage:
        """Show the page of this provider and return it."""
        page = self.pages[name]
        self._segments[name].setChecked(True)
        self.stack.setCurrentWidget(page)
        page.refresh()
        return page

    def _page_for(self, name: str) -> None:
        page = ProviderPage(self, name)
        segment = Segment(page.title, lambda: self.choose(name))
        self._group.addButton(segment)
        self._chooser.insertWidget(len(self.pages), segment)
        self.pages[name], self._segments[name] = page, segment
        self.stack.addWidget(page)
        page.removed.connect(self._on_removed)

    def _on_add(self) -> None:
        question = ConfirmDialog(
            tr("Another provider"),
            text=tr("Any OpenID Connect provider, such as Google, Microsoft, Keycloak or your own."),
            yes=tr("Continue"),
            parent=self,
        )
        hint = tr("Lower-case letters and digits, such as company.")
        name = Field(tr("Name in the settings"), name="name", hint=hint)
        question.body.addWidget(name)
        question.ask(lambda: self._begin_new(name.text().strip().lower()))
        name.control.setFocus()

    def _begin_new(self, name: str) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_-]{0,31}", name):
            self.context.navigation.notify(
                tr("Use lower-case letters and digits for the name, starting with a letter."), tone=Tone.BAD
            )
            return
        if name not in self.pages:
            self._page_for(name)
        self.choose(name).form.fields[f"providers.{name}.issuer"].control.setFocus()

    def _on_removed(self, name: str) -> None:
        for part in (self.pages.pop(name), self._segments.pop(name)):
            part.hide()
            part.deleteLater()
        self.choose(next(iter(self.pages)))


class ProviderPage(QWidget):
    """One provider: the steps to take there, the address to register, and the values to copy here."""

    removed = Signal(str)  # the name of the provider that was removed

    def __init__(self, section: Section, name: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = section.context
        self._section = section
        self.name = name
        self._group = f"providers.{name}"
        given = self.context.settings.providers.get(name, ProviderSettings())
        self.kind = given.kind
        self.title = given.label or _OWN.get(name, name)
        self.badge = StateBadge()
        self.redirect = Copyable(tr("the redirect address"))
        self.form = self._form()
        self.test = TestButton(tr("Test"), self._on_test, icon="provider")
        self.remove = DangerButton(tr("Remove …"), self._on_remove, icon="delete")
        self.form.foot.addWidget(self.remove)
        self.remove.setVisible(name not in _OWN)
        self.form.add_part(self.test)
        self.form.finish()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.L)
        column.addWidget(self._steps())
        mine = Card(tr("Here"))
        mine.add(self.form)
        column.addWidget(mine)
        column.addStretch(1)
        self.form.save_wanted.connect(self._save)
        for field in self.form.fields.values():
            field.edited.connect(self.test.reset)
        self.form.fields[f"{self._group}.redirect"].edited.connect(self._ask_redirect)
        self._fill(self.context.settings)

    def _steps(self) -> Card:
        card = Card()
        top = QHBoxLayout()
        top.addWidget(Label(tr("At {provider}", provider=self.title), "heading"))
        top.addStretch(1)
        top.addWidget(self.badge)
        card.add(top)
        for step in _HOW[self.kind]:
            card.add(Label(tr_marked(step), "soft", wrap=True))
        card.add(Label(tr("Redirect address to register"), "label"))
        card.add(self.redirect)
        return card

    def _form(self) -> Form:
        form = Form()
        key = self._group
        if self.kind is ProviderKind.OIDC:
            hint = tr("Such as https://login.example.org.")
            form.add(Field(tr("Issuer"), name=f"{key}.issuer", hint=hint, compact=True))
        form.add(Field(tr("Client ID"), name=f"{key}.client_id", compact=True))
        kept = tr("A secret is stored in the keyring. Type a new one to replace it.")
        self.secret = SecretField(self.context, self._group, tr("Client secret"), name=_SECRET, kept=kept)
        form.add(self.secret)
        form.add(
            Field(
                tr("Name on the button"), name=f"{key}.label", hint=tr("Leave empty for its own name."), compact=True
            ),
            Field(tr("Redirect"), name=f"{key}.redirect", hint=tr("Leave empty for the default."), compact=True),
        )
        return form

    # --- showing ---

    def refresh(self) -> None:
        """Read the redirect address, and if a secret is stored; both may take a while."""
        self._ask_redirect()
        if self._section.may:
            self.secret.check()

    def _fill(self, settings: Settings) -> None:
        given = settings.providers.get(self.name, ProviderSettings())
        texts = {name: getattr(given, name) for name in ("issuer", "client_id", "label", "redirect")}
        self.form.fill({f"{self._group}.{name}": text for name, text in texts.items()})
        may = self._section.may
        self.form.hold(locked=not may)
        self.test.button.setEnabled(may)
        is_ready = bool(given.client_id) and (self.kind is not ProviderKind.OIDC or bool(given.issuer))
        yes, no = StatusLook(tr("set up"), "good", Tone.GOOD), StatusLook(tr("not set up"), "level", Tone.SOFT)
        self.badge.show_look(yes if is_ready else no)
        for name, field in self.form.fields.items():
            if held := self._section.held_by(name):
                hold_because(field, held)

    def _ask_redirect(self) -> None:
        run, redirect = self.context.background.run_in_pool, self.context.ports.provider.redirect
        run(redirect, self._typed(), owner=self, then=self.redirect.show_text, failed=self._on_no_redirect)

    def _on_no_redirect(self, error: Exception) -> None:
        self.redirect.show_text("")
        if isinstance(error, Refused):
            self.form.fields[f"{self._group}.redirect"].show_fault(translated(error))

    def _typed(self) -> ProviderSettings:
        texts = self.form.values().items()
        values: dict[str, Any] = {name.rpartition(".")[2]: text.strip() for name, text in texts if name != _SECRET}
        before = self.context.settings.providers.get(self.name, ProviderSettings(kind=self.kind))
        return replace(before, **values)

    # --- trying ---

    def _on_test(self) -> None:
        test = self.context.ports.provider.test
        self.test.run(self.context, test, self.name, self._typed(), self.secret.text() or None)

    # --- saving ---

    def _save(self) -> None:
        texts = {name: text.strip() for name, text in self.form.values().items() if name != _SECRET}
        changes: dict[str, object] = {name: text or None for name, text in texts.items()}
        changes[f"{self._group}.kind"] = self.kind
        save_settings(self._section, self.form, changes, then=self._on_saved, secret=self.secret)

    def _on_saved(self) -> None:
        self._fill(self.context.settings)
        self.refresh()
        self.context.navigation.notify(tr("{provider} saved. It is shown on the sign-in page.", provider=self.title))

    def _on_remove(self) -> None:
        question = ConfirmDialog(
            tr("Remove {provider}?", provider=self.title),
            text=tr("People who sign in only with this provider will no longer be able to."),
            yes=tr("Remove"),
            is_dangerous=True,
            parent=self,
        )
        question.ask(self._do_remove)

    def _do_remove(self) -> None:
        if self.name in self.context.settings.providers:
            save_settings(self._section, self.form, {self._group: None}, then=self._on_gone)
        else:
            self.removed.emit(self.name)

    def _on_gone(self) -> None:
        self.context.navigation.notify(tr("{provider} removed.", provider=self.title))
        self.removed.emit(self.name)
