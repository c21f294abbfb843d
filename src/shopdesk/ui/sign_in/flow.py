"""The sign-in flow: sign in or register, then wait for approval or set up the shop, then ``entered``.

Nothing else of the program can be reached before ``entered`` is emitted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from shopdesk.background import Background
from shopdesk.domain.errors import Refused, Unavailable, sentence_of
from shopdesk.domain.sentence import Sentence, sentence
from shopdesk.ui.base.i18n import tr, translated
from shopdesk.ui.sign_in.provider_choices import NOT_SET_UP, choices
from shopdesk.ui.sign_in.sign_in_screen import SignInScreen
from shopdesk.ui.widgets.lazy_page import LazyPage

if TYPE_CHECKING:
    from shopdesk.domain.account import Identity, Staff
    from shopdesk.domain.shop import Shop, Till
    from shopdesk.settings import Settings
    from shopdesk.ui.base.ports import Ports
    from shopdesk.ui.sign_in.approval_screen import ApprovalScreen
    from shopdesk.ui.sign_in.join_screen import JoinScreen
    from shopdesk.ui.sign_in.own_password_screen import OwnPasswordScreen
    from shopdesk.ui.sign_in.register_screen import RegisterScreen
    from shopdesk.ui.sign_in.shop_setup_screen import ShopSetupScreen
    from shopdesk.usecases.accounts import NewAccount, SignInRefused
    from shopdesk.usecases.shop import ShopSetup


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The signed-in user with their shop and till."""

    staff: Staff
    shop: Shop
    till: Till


class SignInFlow(QStackedWidget):
    """The pages before the workspace. After ``provider_chosen``, call ``on_identity`` with the identity."""

    entered = Signal(object)  # SignedIn
    provider_chosen = Signal(str)  # the provider's name in the settings
    joined = Signal()  # the settings name another database, to be opened now
    named = Signal(object)  # Settings, with the name of this till
    restore_wanted = Signal()  # from a backup

    def __init__(self, background: Background, *, now: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._now = now
        self._settings: Settings | None = None
        self._ports: Ports  # of the open database
        self._is_first = False
        self._staff: Staff | None = None
        self._has_entered = False
        self.choices = NOT_SET_UP
        self.sign_in = SignInScreen()
        self.sign_in.sign_in_wanted.connect(self._on_sign_in)
        self.sign_in.register_wanted.connect(self._on_register)
        self.sign_in.join_wanted.connect(self._on_join)
        self.sign_in.provider_chosen.connect(self._on_provider)
        self.sign_in.restore_wanted.connect(self.restore_wanted)
        self.may_restore = False
        self.sign_in.show_providers(NOT_SET_UP)
        self.addWidget(self.sign_in)
        self._register = LazyPage(self, _register_screen, account_wanted=self._on_account, left=self.restart)
        self._approval = LazyPage(self, _approval_screen, asked_again=self._on_asked_again, left=self.restart)
        self._first_run = LazyPage(
            self, _first_run_screen, shop_wanted=self._on_shop_wanted, sign_out_wanted=self.restart
        )
        self._own_password = LazyPage(self, _own_password_screen, chosen=self._on_own_password, left=self.restart)
        self._entering: SignedIn | None = None
        self._given_password = ""
        self._vouched: Identity | None = None
        self._join = LazyPage(self, self._join_screen, joined=self._on_joined, named=self._on_named, left=self.restart)

    def open(self, settings: Settings, ports: Ports) -> None:
        """Start on an open database: find out if it has any account, and the name of its shop."""
        from shopdesk.queries import accounts, shop

        self._settings, self._ports = settings, ports
        self.show_settings(settings)
        self._background.ask(accounts.any_account, owner=self, then=self._on_any_account)
        self._background.ask(shop.current, owner=self, then=self._on_shop)

    def show_settings(self, settings: Settings) -> None:
        """Show the providers that the settings name."""
        self.choices = choices(settings)
        self.sign_in.show_providers(self.choices)

    @property
    def _till_name(self) -> str:
        return self._settings.till.name if self._settings is not None else ""

    def restart(self) -> None:
        """Return to the first page and clear everything that was typed; the sign-in on the way ends."""
        if self._staff is not None and self._staff.token and not self._has_entered:
            from shopdesk.usecases import accounts

            self._background.do(accounts.sign_out, self._staff.token, owner=self, failed=lambda _: None)
        self._staff, self._has_entered = None, False
        self._forget_given()
        self.sign_in.clear()
        self.setCurrentWidget(self.sign_in)

    def continue_as(self, staff: Staff) -> None:
        """Continue as a verified user: to the workspace, or to the step that is missing before it."""
        from shopdesk.domain.account import AccountStatus
        from shopdesk.queries import shop

        self._staff = staff
        self._on_any_account(True)
        match staff.status:
            case AccountStatus.ACTIVE:
                self._background.ask(shop.current_with_tills, owner=self, then=self._on_place, failed=self._on_failed)
            case AccountStatus.WAITING:
                self._approval.show().show_person(staff.name)
            case AccountStatus.BLOCKED:
                self.refuse(tr("This account is blocked. Ask the owner to unblock it."))

    def on_identity(self, identity: Identity) -> None:
        """Sign in with an identity from a provider; create the account if it is new."""
        from shopdesk.usecases import provider_identities

        self._vouched = identity
        self._background.do(
            provider_identities.sign_in,
            identity,
            now=self._now(),
            owner=self,
            then=self._on_known,
            failed=lambda error: self.sign_in.refuse_provider(_report(error, self._background)),
        )

    def refuse(self, text: str, *, keeps: bool = False) -> None:
        """Show on the first page why the sign-in failed; ``keeps`` the typed password."""
        self.setCurrentWidget(self.sign_in)
        self.sign_in.refuse(text, keeps=keeps)

    # --- the first page ---

    def _on_any_account(self, is_there: bool) -> None:
        self._is_first = not is_there
        if is_there:
            self.sign_in.show_usual()
        else:
            self.sign_in.show_first(may_restore=self.may_restore)
        may_join = "database" not in self._ports.overridden
        self.sign_in.offer_to_join(not is_there and may_join and not self._is_on_server)
        self.sign_in.set_ready(True)

    def _on_shop(self, shop: Shop | None) -> None:
        if shop is not None:
            self.sign_in.show_shop(shop.seller.name)

    def _on_sign_in(self, user_name: str, password: str) -> None:
        from shopdesk.usecases import accounts

        self._given_password = password
        self._background.do(
            accounts.sign_in,
            user_name=user_name,
            password=password,
            now=self._now(),
            owner=self,
            then=self._on_judged,
            failed=self._on_failed,
        )

    def _on_provider(self, name: str) -> None:
        self.sign_in.refuse_provider("")
        self.provider_chosen.emit(name)

    def _on_known(self, answer: Staff | SignInRefused) -> None:
        from shopdesk.usecases.accounts import SignInRefused

        if isinstance(answer, SignInRefused):
            self.sign_in.refuse_provider(translated(answer.text))
        else:
            self.continue_as(answer)

    def _on_judged(self, answer: Staff | SignInRefused) -> None:
        from shopdesk.usecases.accounts import SignInRefused

        if isinstance(answer, SignInRefused) and self._is_first:
            self.sign_in.send_to_register()
        elif isinstance(answer, SignInRefused):
            self.refuse(translated(answer.text))
        else:
            self.continue_as(answer)

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, Refused | Unavailable):
            self.refuse(translated(error), keeps=isinstance(error, Unavailable))
        else:
            self.refuse(tr("Something went wrong. Please try again."))
            self._background.report(error)

    # --- register ---

    def _on_register(self) -> None:
        self._register.page.clear()
        self._register.page.show_first(self._is_first)
        self._register.show()

    def _on_account(self, account: NewAccount) -> None:
        from shopdesk.usecases import accounts

        self._background.do(
            accounts.register, account, now=self._now(), owner=self, then=self._on_made, failed=self._on_not_made
        )

    def _on_made(self, staff: Staff) -> None:
        self._register.page.clear()
        self.continue_as(staff)

    def _on_not_made(self, error: Exception) -> None:
        self._register.page.refuse(_as_refused(error, self._background))

    # --- waiting for approval ---

    def _on_asked_again(self) -> None:
        from shopdesk.queries import accounts

        if self._staff is not None:
            self._background.ask(accounts.staff, self._staff.key, owner=self, then=self._on_looked)

    def _on_looked(self, staff: Staff | None) -> None:
        if not self._approval.is_open:
            return
        if staff is None or self._staff is None:
            self.restart()
        else:
            self._approval.page.still_waiting()
            self.continue_as(replace(staff, token=self._staff.token))

    # --- the shop and the till ---

    @property
    def _is_on_server(self) -> bool:
        return self._settings is not None and self._settings.database.startswith("postgresql")

    def _on_place(self, place: tuple[Shop | None, tuple[Till, ...]]) -> None:
        from shopdesk.domain.account import Role

        staff, settings = self._staff, self._settings
        if staff is None or settings is None:
            return
        shop, tills = place
        till = next((one for one in tills if one.name == settings.till.name), None)
        if tills and self._is_on_server and not settings.is_till_named:
            self._join.show().ask_till([one.name for one in tills])
            return
        if shop is None and staff.role is Role.OWNER:
            self._first_run.show()
        elif shop is None:
            self._approval.show().show_unready()
        elif till is None:
            self._add_till(staff)
        elif staff.must_change_password:
            self._entering = SignedIn(staff, shop, till)
            self._own_password.show()
        else:
            self._forget_given()
            self._has_entered = True  # the workspace ends the sign-in
            self.entered.emit(SignedIn(staff, shop, till))

    # --- a password of one's own ---

    def _on_own_password(self, password: str) -> None:
        from shopdesk.domain.account import Actor
        from shopdesk.usecases import accounts

        if self._entering is not None:
            self._background.do(
                accounts.change_password,
                old=self._given_password,
                new=password,
                vouched=self._vouched,
                by=Actor(self._entering.staff, self._entering.till),
                now=self._now(),
                owner=self,
                then=lambda _: self._on_own(),
                failed=lambda error: self._own_password.page.refuse(_as_refused(error, self._background)),
            )

    def _on_own(self) -> None:
        from shopdesk.queries import accounts

        entering = self._entering
        self._forget_given()
        if entering is not None:
            self._background.ask(accounts.staff, entering.staff.key, owner=self, then=self._on_changed_staff)

    def _on_changed_staff(self, staff: Staff | None) -> None:
        if staff is None or self._staff is None:
            self.restart()
        else:
            self.continue_as(replace(staff, token=self._staff.token))

    def _forget_given(self) -> None:
        self._entering, self._given_password, self._vouched = None, "", None
        if self._own_password.is_open:
            self._own_password.page.clear()

    def _on_shop_wanted(self, setup: ShopSetup) -> None:
        from shopdesk.usecases import shop

        if self._staff is not None:
            self._background.do(
                shop.set_up,
                setup,
                till_name=self._till_name,
                by_staff=self._staff,
                now=self._now(),
                owner=self,
                then=lambda _: self._on_set_up(),
                failed=self._on_not_set_up,
            )

    def _on_set_up(self) -> None:
        """On a server, save the name of the first till, so that it is not asked for later."""
        if self._is_on_server and self._settings and not self._settings.is_till_named:
            self._background.run_in_pool(
                self._ports.save_settings,
                {"till.name": self._till_name},
                owner=self,
                then=self._on_named,
                failed=self._on_failed,
            )
        else:
            self._again()

    def _on_not_set_up(self, error: Exception) -> None:
        self._first_run.page.refuse(_as_refused(error, self._background))

    def _add_till(self, staff: Staff) -> None:
        """Register this till with the shop; only the owner may."""
        from shopdesk.usecases import shop

        self._background.do(
            shop.add_till,
            self._till_name,
            by_staff=staff,
            now=self._now(),
            owner=self,
            then=lambda _: self._again(),
            failed=self._on_failed,
        )

    # --- a new machine ---

    def _join_screen(self) -> JoinScreen:
        from shopdesk.ui.sign_in.join_screen import JoinScreen

        return JoinScreen(self._background, self._ports)

    def _on_join(self) -> None:
        self._join.show().ask_all()

    def _on_joined(self) -> None:
        self._join.discard()  # its ports belong to the database that was open
        self.joined.emit()

    def _on_named(self, settings: Settings) -> None:
        self._settings = settings
        self.named.emit(settings)
        self._again()

    def _again(self) -> None:
        if self._staff is not None:
            self.continue_as(self._staff)


def _register_screen() -> RegisterScreen:
    from shopdesk.ui.sign_in.register_screen import RegisterScreen

    return RegisterScreen()


def _own_password_screen() -> OwnPasswordScreen:
    from shopdesk.ui.sign_in.own_password_screen import OwnPasswordScreen

    return OwnPasswordScreen()


def _approval_screen() -> ApprovalScreen:
    from shopdesk.ui.sign_in.approval_screen import ApprovalScreen

    return ApprovalScreen()


def _first_run_screen() -> ShopSetupScreen:
    from shopdesk.ui.base import country_defaults
    from shopdesk.ui.sign_in.shop_setup_screen import ShopSetupScreen

    return ShopSetupScreen(country_defaults.language())


def _as_refused(error: Exception, background: Background) -> Refused:
    return error if isinstance(error, Refused) else Refused(_report(error, background))


def _report(error: Exception, background: Background) -> Sentence:
    """Return the text of an expected error; report any other, to be shown with its details."""
    if isinstance(error, Refused | Unavailable):
        return sentence_of(error)
    background.report(error)
    return sentence("Something went wrong. Please try again.")
