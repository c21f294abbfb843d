"""The context that every screen receives: who works where, queries and use cases, navigation, formatting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from shopdesk.background import Background, Failed
from shopdesk.domain.account import Actor, NotAllowed, Right, Staff
from shopdesk.domain.errors import ConfirmationRequired, DatabaseUnavailable
from shopdesk.domain.money import NumberSymbols
from shopdesk.domain.shop import Shop
from shopdesk.domain.till_preferences import TillPreferences
from shopdesk.settings import Settings
from shopdesk.ui.base import display_names, shortcuts
from shopdesk.ui.base.formatter import Formatter
from shopdesk.ui.base.i18n import translated
from shopdesk.ui.base.navigation import Navigation
from shopdesk.ui.base.ports import Ports
from shopdesk.ui.base.scanner import scan_guard

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideRequest:
    """A request for a manager override: one action that the user has no right to.

    ``approved`` is called with the member of staff who approved it, ``refused`` if none did.
    """

    right: Right
    why: str
    approved: Callable[[Staff], object]
    refused: Callable[[], object]


class Context(QObject):
    """The context of one till, from sign-in to sign-out. For the window thread only."""

    actor_changed = Signal()  # another user works at this till
    shop_changed = Signal()
    settings_changed = Signal()

    def __init__(
        self,
        *,
        background: Background,
        actor: Actor,
        shop: Shop,
        symbols: NumberSymbols,
        settings: Settings,
        now: Callable[[], datetime],
        ports: Ports | None = None,
        request_override: Callable[[OverrideRequest], object] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.background = background
        self.ask = background.ask
        """Run a query. Pass ``by=context.actor`` where it needs a right."""
        self.look_up = background.look_up
        self.ask_slow = background.ask_slow
        self.actor = actor
        self.symbols = symbols
        self._settings = settings
        self.now = now
        self.ports = ports or Ports()
        self.navigation = Navigation(self)
        self.format = Formatter(shop.locale, shop.currency)
        self.scans = scan_guard()
        self._shop = shop
        self._request_override = request_override
        self._till_preferences = TillPreferences()
        self._override: tuple[object, Staff] | None = None

    # --- user, shop, settings ---

    def switch_to(self, staff: Staff) -> None:
        """Make ``staff`` the author of everything that is done from now on."""
        self._override = None
        is_other = staff != self.actor.staff
        self.actor = Actor(staff, self.actor.till)  # of the same person, with the new token
        if is_other:
            self.actor_changed.emit()

    @property
    def shop(self) -> Shop:
        """The open shop; ``shop_changed`` is emitted when it changes, here or at another till."""
        return self._shop

    def set_shop(self, shop: Shop, symbols: NumberSymbols) -> None:
        """Replace the shop and its number symbols; emit ``shop_changed`` if they differ."""
        if (shop, symbols) != (self._shop, self.symbols):
            self._shop, self.symbols = shop, symbols
            self.format = Formatter(shop.locale, shop.currency)
            self.shop_changed.emit()

    @property
    def settings(self) -> Settings:
        """The settings of this installation; setting them emits ``settings_changed``."""
        return self._settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        """Use newly saved settings for sign-in, mail and printing."""
        self._settings = settings
        self.settings_changed.emit()

    @property
    def till_preferences(self) -> TillPreferences:
        """The preferences of this till; setting them changes the keys at once."""
        return self._till_preferences

    @till_preferences.setter
    def till_preferences(self, preferences: TillPreferences) -> None:
        self._till_preferences = preferences
        shortcuts.use(preferences.keys)

    @property
    def language(self) -> str:
        """The language of numbers and dates with the shop's country, a BCP 47 tag."""
        return self._shop.locale

    def today(self) -> date:
        """Return the current local date."""
        return self.now().astimezone().date()

    def may(self, right: Right) -> bool:
        """Return True if the user has the right. Only for what a screen offers: the use case checks again."""
        return self.actor.may(right)

    # --- queries and use cases ---

    def do(
        self,
        usecase: Callable[..., T],
        *args: Any,
        owner: QObject,
        then: Callable[[T], None] | None = None,
        failed: Failed | None = None,
        **kwargs: Any,
    ) -> None:
        """Run a use case with ``background.do`` as the signed-in user; fill in ``by`` and ``now``.

        If the user has not the right, ask for a manager override; ``failed`` is called only if it is not approved.
        """
        act = (usecase, args)
        by: Actor = kwargs.pop("by", self.actor)
        # A confirmation ("the same again?") repeats the action: the approval counts for the repeat, too.
        if self._override is not None and self._override[0] == act:
            by = replace(by, approver=self._override[1])
            self._override = None

        def refused(error: Exception) -> None:
            if isinstance(error, NotAllowed) and by.approver is None and self._request_override is not None:
                self._request_override(
                    OverrideRequest(
                        right=error.right, why=translated(error), approved=approve, refused=lambda: report(error)
                    )
                )
                return
            if isinstance(error, ConfirmationRequired) and by.approver is not None:
                self._override = (act, by.approver)
            report(error)

        def report(error: Exception) -> None:
            failed(error) if failed is not None else self.report_error(error)

        def approve(approver: Staff) -> None:
            self._override = (act, approver)
            self.do(usecase, *args, owner=owner, then=then, failed=failed, by=self.actor, **kwargs)

        given = {"now": self.now()} | kwargs
        self.background.do(usecase, *args, owner=owner, then=then, failed=refused, by=by, **given)

    def report_unanswered(self, error: Exception) -> None:
        """Report the error of a failed query, unless the database is unreachable: the banner shows that already."""
        if not isinstance(error, DatabaseUnavailable):
            self.report_error(error)

    def report_error(self, error: Exception) -> None:
        """Pass on an error that the screen does not show itself; the window shows it by its kind."""
        self.background.error_reported.emit(error)

    def ago(self, at: datetime) -> str:
        """Format an instant as “5 min ago”; after a week, as its date."""
        return display_names.ago(at, self.now()) or self.format.day(at.astimezone().date())
