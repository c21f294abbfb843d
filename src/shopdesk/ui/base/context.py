"""The context that every screen receives: user, shop, queries and use cases, navigation, number formats.

No screen imports another: a screen calls ``desk.open_document(key)``, and the window handles the signal this emits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from PySide6.QtCore import QObject, Signal

from shopdesk.background import Background, Failed
from shopdesk.domain.account import Actor, NotAllowed, Right, Staff
from shopdesk.domain.document import Kind
from shopdesk.domain.errors import DatabaseAway, NeedsYes
from shopdesk.domain.money import Marks, Money
from shopdesk.domain.shop import Shop
from shopdesk.render import formatting as paper
from shopdesk.settings import Settings
from shopdesk.ui.base import display_names
from shopdesk.ui.base.i18n import Action, Note
from shopdesk.ui.base.ports import Doors, Moving
from shopdesk.ui.base.theme import Tone

if TYPE_CHECKING:
    from shopdesk.domain.account import Identity
    from shopdesk.queries.documents import Find
    from shopdesk.ui.sign_in.sign_in_screen import ProviderChoice

__all__ = ["Action", "Desk", "Note", "Page"]

T = TypeVar("T")


class Page(StrEnum):
    """The tabs of the main window, in order; the value is the English title."""

    DASHBOARD = "Dashboard"
    EDITOR = "New document"
    DOCUMENTS = "Documents"
    STATISTICS = "Statistics"
    CUSTOMERS = "Customers"
    PRODUCTS = "Products"
    MESSAGES = "Messages"
    SETTINGS = "Settings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """A request for a manager override: one action that the user has no right to.

    ``lent`` is called with the member of staff who approved it, ``refused`` if none did.
    """

    right: Right
    why: str
    lent: Callable[[Staff], object]
    refused: Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouching:
    """A request to sign in at a provider.

    ``then`` is called with the identity, ``failed`` with the error text; neither if the user cancels.
    """

    choice: ProviderChoice
    then: Callable[[Identity], object]
    failed: Callable[[str], object]


class Desk(QObject):
    """The context of one till, from sign-in to sign-out. For the window thread only."""

    actor_changed = Signal()  # another user works at this till
    shop_changed = Signal()
    settings_changed = Signal()

    # Requests from the screens to the window.
    document_wanted = Signal(object)  # UUID
    new_document_wanted = Signal(object)  # Kind | None
    edit_wanted = Signal(object)  # UUID
    draft_wanted = Signal(object)  # UUID
    documents_wanted = Signal(object)  # Find
    page_wanted = Signal(str)  # Page
    section_wanted = Signal(str)  # the title of a section of Settings
    noted = Signal(object)  # Note
    provider_wanted = Signal(object)  # Vouching
    sending_wanted = Signal()  # retry the delivery of messages
    move_wanted = Signal(object)  # Moving
    reopen_wanted = Signal()  # open the database of the settings
    restore_wanted = Signal()  # show the page that restores a backup

    def __init__(
        self,
        *,
        background: Background,
        actor: Actor,
        shop: Shop,
        marks: Marks,
        settings: Settings,
        now: Callable[[], datetime],
        doors: Doors | None = None,
        borrow: Callable[[Loan], object] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.background = background
        self.actor = actor
        self.marks = marks
        self._settings = settings
        self.now = now
        self.doors = doors or Doors()
        self._shop = shop
        self._borrow = borrow
        self._lent: tuple[object, Staff] | None = None

    # --- user, shop, settings ---

    def hand_over(self, staff: Staff) -> None:
        """Make ``staff`` the author of everything that is done from now on."""
        self._lent = None
        if staff != self.actor.staff:
            self.actor = Actor(staff, self.actor.till)
            self.actor_changed.emit()

    @property
    def shop(self) -> Shop:
        """The open shop; ``shop_changed`` is emitted when it changes, here or at another till."""
        return self._shop

    def set_shop(self, shop: Shop, marks: Marks) -> None:
        """Replace the shop and its number symbols; emit ``shop_changed`` if they differ."""
        if (shop, marks) != (self._shop, self.marks):
            self._shop, self.marks = shop, marks
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
    def language(self) -> str:
        """The language of numbers and dates, a BCP 47 tag."""
        return self._shop.language

    def today(self) -> date:
        """Return the current local date."""
        return self.now().astimezone().date()

    def may(self, right: Right) -> bool:
        """Return True if the user has the right. Only for what a screen offers: the use case checks again."""
        return self.actor.may(right)

    # --- queries and use cases ---

    def ask(
        self,
        query: Callable[..., T],
        *args: Any,
        owner: QObject,
        then: Callable[[T], None],
        failed: Failed | None = None,
        **kwargs: Any,
    ) -> None:
        """Run a query with ``background.ask``. Pass ``by=desk.actor`` where the query needs a right."""
        self.background.ask(query, *args, owner=owner, then=then, failed=failed, **kwargs)

    def study(
        self,
        query: Callable[..., T],
        *args: Any,
        owner: QObject,
        then: Callable[[T], None],
        failed: Failed | None = None,
        **kwargs: Any,
    ) -> None:
        """Run a query that may take long with ``background.study``."""
        self.background.study(query, *args, owner=owner, then=then, failed=failed, **kwargs)

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
        if self._lent is not None and self._lent[0] == act:
            by = replace(by, lender=self._lent[1])
            self._lent = None

        def refused(error: Exception) -> None:
            if isinstance(error, NotAllowed) and by.lender is None and self._borrow is not None:
                self._borrow(Loan(right=error.right, why=str(error), lent=lent, refused=lambda: told(error)))
                return
            if isinstance(error, NeedsYes) and by.lender is not None:
                self._lent = (act, by.lender)
            told(error)

        def told(error: Exception) -> None:
            failed(error) if failed is not None else self.trouble(error)

        def lent(lender: Staff) -> None:
            self._lent = (act, lender)
            self.do(usecase, *args, owner=owner, then=then, failed=failed, by=self.actor, **kwargs)

        given = {"now": self.now()} | kwargs
        self.background.do(usecase, *args, owner=owner, then=then, failed=refused, by=by, **given)

    def unanswered(self, error: Exception) -> None:
        """Report the error of a failed query, unless the database is unreachable: the banner shows that already."""
        if not isinstance(error, DatabaseAway):
            self.trouble(error)

    def trouble(self, error: Exception) -> None:
        """Pass on an error that the screen does not show itself; the window shows it by its kind."""
        self.background.troubled.emit(error)

    # --- navigation ---

    def open_document(self, key: UUID) -> None:
        """Show a document on the view page."""
        self.document_wanted.emit(key)

    def new_document(self, kind: Kind | None = None) -> None:
        """Open the editor on an empty document."""
        self.new_document_wanted.emit(kind)

    def edit_document(self, key: UUID) -> None:
        """Open the editor on an issued document, to correct it."""
        self.edit_wanted.emit(key)

    def open_draft(self, key: UUID) -> None:
        """Open the editor on a saved draft."""
        self.draft_wanted.emit(key)

    def find_documents(self, find: Find) -> None:
        """Show the Documents page with these filters."""
        self.documents_wanted.emit(find)

    def show_page(self, page: Page) -> None:
        """Show one of the tabs."""
        self.page_wanted.emit(page)

    def show_section(self, title: str) -> None:
        """Show a section of Settings, by its title."""
        self.section_wanted.emit(title)

    def notify(self, text: str, *, tone: Tone = Tone.GOOD, action: Action | None = None, stays: bool = False) -> None:
        """Show a notice of one sentence; ``stays`` until it is closed."""
        self.noted.emit(Note(text=text, tone=tone, action=action, stays=stays))

    def ask_provider(
        self, choice: ProviderChoice, *, then: Callable[[Identity], object], failed: Callable[[str], object]
    ) -> None:
        """Let the user sign in at a provider; see ``Vouching`` for the two callbacks."""
        self.provider_wanted.emit(Vouching(choice=choice, then=then, failed=failed))

    def resume_sending(self) -> None:
        """Restart the delivery of messages, even after the mail server refused the password."""
        self.sending_wanted.emit()

    def move_shop(self, wanted: Moving) -> None:
        """Move the shop to another database; a page of its own covers the workspace meanwhile."""
        self.move_wanted.emit(wanted)

    def reopen(self) -> None:
        """Open the database that the settings name now; all users have to sign in again."""
        self.reopen_wanted.emit()

    # --- formatting in the shop's language (``render.words`` has the rest) ---

    def money(self, money: Money, *, with_code: bool = False) -> str:
        """Format an amount with its currency symbol, “$1,284.50”, or with its code."""
        return paper.money(money, self.language, with_code=with_code)

    def amount(self, minor: int) -> str:
        """Format minor units of the shop's currency without the currency: “1,284.50”."""
        return paper.amount(minor, self._shop.currency, self.language)

    def price(self, hundredths: int) -> str:
        """Format a unit price given in hundredths of a minor unit: “0.89”."""
        return paper.price(hundredths, self._shop.currency, self.language)

    def quantity(self, thousandths: int) -> str:
        """Format a quantity given in thousandths: “2”, “0.35”."""
        return paper.quantity(thousandths, self.language)

    def count(self, number: int) -> str:
        """Format a whole number: “1,902”."""
        return paper.count(number, self.language)

    def percent(self, milli: int) -> str:
        """Format a percentage given in thousandths of a per cent: “16%”."""
        return paper.percent(milli, self.language)

    def day(self, on: date) -> str:
        """Format a date: “22 Nov 2026”."""
        return paper.day(on, self.language)

    def instant(self, at: datetime) -> str:
        """Format an instant in local time: “22 Nov 2026, 10:41”."""
        return paper.instant(at, self.language)

    def ago(self, at: datetime) -> str:
        """Format an instant as “5 min ago”; after a week, as its date."""
        return display_names.ago(at, self.now()) or self.day(at.astimezone().date())
