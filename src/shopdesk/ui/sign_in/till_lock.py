"""The lock of the till, and how one of the users who opened it unlocks it.

Only users who signed in at this till with their password or provider may unlock it with a PIN.
They are remembered here, while the program runs, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from PySide6.QtCore import QObject, Signal

from shopdesk.background import Background
from shopdesk.domain.account import AccountStatus, Identity, Staff
from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.queries import accounts as ask
from shopdesk.ui.base.i18n import tr, translated
from shopdesk.ui.base.ports import Ports
from shopdesk.ui.sign_in.lock_screen import LockScreen
from shopdesk.usecases import accounts, pins, provider_identities
from shopdesk.usecases.accounts import SignInRefused

if TYPE_CHECKING:
    from shopdesk.ui.base.provider_choice import ProviderChoice


class TillLock(QObject):
    """Verifies the input of the lock page; emits ``unlocked`` when it is right."""

    unlocked = Signal(object)  # Staff, the user who continues

    def __init__(
        self, background: Background, *, ports: Ports, now: Callable[[], datetime], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._background = background
        self._ports = ports
        self._now = now
        self._opened: dict[UUID, Staff] = {}
        self.page = LockScreen()
        self.page.pin_given.connect(self._on_pin)
        self.page.password_given.connect(self._on_password)

    def remember(self, staff: Staff) -> None:
        """Let a user who signed in fully unlock this till with a PIN."""
        self._opened[staff.key] = staff

    @property
    def opened(self) -> tuple[Staff, ...]:
        """The users who may unlock this till with a PIN."""
        return tuple(self._opened.values())

    def clear(self, staff: Staff) -> None:
        """Require a full sign-in again of a user who signed out."""
        self._opened.pop(staff.key, None)

    def show(self, current: Staff, shop_name: str, choices: Sequence[ProviderChoice]) -> None:
        """Show the lock page; read the users anew from the database, and check that PINs can be used."""
        self._opened.setdefault(current.key, current)
        self._background.ask(ask.known_staff, tuple(self._opened), owner=self, then=self._on_people)
        self._background.run_in_pool(
            self._ports.keychain.pepper, owner=self, then=lambda _: self._on_pins(""), failed=self._on_no_pins
        )
        self._current, self._shop_name, self._choices = current, shop_name, choices
        self._show()

    def _show(self) -> None:
        current = self._opened.get(self._current.key, self._current)
        self.page.show_people(tuple(self._opened.values()), current, self._shop_name, self._choices)

    def _on_people(self, people: tuple[Staff, ...]) -> None:
        """Update the page: a user may have been blocked, or have set a PIN, since."""
        now = {staff.key: staff for staff in people if staff.status is AccountStatus.ACTIVE}
        if now != self._opened:
            self._opened = now
            self._show()

    def _on_pins(self, why_not: str) -> None:
        self.page.show_no_pins(why_not)

    def _on_no_pins(self, error: Exception) -> None:
        if isinstance(error, Unavailable):
            self._on_pins(translated(error.what))
        else:
            self._background.report(error)

    # --- verifying ---

    def _on_pin(self, staff: Staff, pin: str) -> None:
        def judge(pepper: bytes) -> None:
            self._do(pins.switch, staff.key, pin, opened=frozenset(self._opened), pepper=pepper)

        self._background.run_in_pool(self._ports.keychain.pepper, owner=self, then=judge, failed=self._on_failed)

    def _on_password(self, user_name: str, password: str) -> None:
        self._do(accounts.sign_in, user_name=user_name, password=password, now=self._now())

    def check_identity(self, identity: Identity) -> None:
        """Unlock with an identity from a provider."""
        self._do(provider_identities.sign_in, identity, now=self._now())

    def _do(self, usecase: Callable[..., Staff | SignInRefused], *args: Any, **kwargs: Any) -> None:
        self._background.do(usecase, *args, owner=self, then=self._on_judged, failed=self._on_failed, **kwargs)

    def _on_judged(self, answer: Staff | SignInRefused) -> None:
        if isinstance(answer, SignInRefused):
            self.page.refuse(translated(answer.text), needs_password=answer.needs_password)
        elif answer.status is not AccountStatus.ACTIVE:
            self.page.refuse(tr("The owner has not approved {name} yet.", name=answer.name))
        else:
            self.page.clear()
            self.remember(answer)  # no change after a PIN: only remembered users have one
            self.unlocked.emit(answer)

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, Refused | Unavailable):
            self.page.refuse(translated(error), keeps=isinstance(error, Unavailable))
        else:
            self.page.refuse(tr("Something went wrong. Please try again."))
            self._background.report(error)
