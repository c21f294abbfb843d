"""What every screen is handed: who works, in which shop, how to ask and do, and the way to the other pages.

The one thing to know: no screen knows another. A screen says ``desk.open_document(key)``; the window, which listens to
the desk's signals, decides what that means.
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
from shopdesk.render import words as paper
from shopdesk.settings import Settings
from shopdesk.ui import words
from shopdesk.ui.doors import Doors, Moving
from shopdesk.ui.text import Action, Note
from shopdesk.ui.theme import Tone

if TYPE_CHECKING:
    from shopdesk.domain.account import Identity
    from shopdesk.queries.documents import Find
    from shopdesk.ui.screens.sign_in import ProviderChoice

__all__ = ["Action", "Desk", "Note", "Page"]

T = TypeVar("T")


class Page(StrEnum):
    """The tabs of the main window, in their order; the value is what a translation starts from."""

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
    """An act that was refused for want of a right: somebody who has it may lend it, for this act alone."""

    right: Right
    why: str
    lent: Callable[[Staff], object]
    refused: Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouching:
    """A provider shall say who somebody is: ``then`` hears it, ``failed`` why not; neither when they give it up."""

    choice: ProviderChoice
    then: Callable[[Identity], object]
    failed: Callable[[str], object]


class Desk(QObject):
    """One till, and who works at it, from sign-in to sign-out. Lives on the window thread."""

    actor_changed = Signal()
    shop_changed = Signal()
    settings_changed = Signal()

    # What screens ask of the window.
    document_wanted = Signal(object)  # UUID
    new_document_wanted = Signal(object)  # Kind | None
    edit_wanted = Signal(object)  # UUID
    draft_wanted = Signal(object)  # UUID
    documents_wanted = Signal(object)  # Find
    page_wanted = Signal(str)  # Page
    section_wanted = Signal(str)  # the title of a section of Settings
    noted = Signal(object)  # Note
    provider_wanted = Signal(object)  # Vouching
    sending_wanted = Signal()
    move_wanted = Signal(object)  # Moving
    reopen_wanted = Signal()
    restore_wanted = Signal()

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

    # --- who, where, when ---

    def hand_over(self, staff: Staff) -> None:
        """Somebody else goes on at this till: what is done from now on is theirs."""
        self._lent = None
        if staff != self.actor.staff:
            self.actor = Actor(staff, self.actor.till)
            self.actor_changed.emit()

    @property
    def shop(self) -> Shop:
        """The shop as it is now; ``shop_changed`` tells when somebody changed it, here or at another till."""
        return self._shop

    def set_shop(self, shop: Shop, marks: Marks) -> None:
        """The window read the shop anew."""
        if (shop, marks) != (self._shop, self.marks):
            self._shop, self.marks = shop, marks
            self.shop_changed.emit()

    @property
    def settings(self) -> Settings:
        """This installation's settings; ``settings_changed`` tells when they were saved anew."""
        return self._settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        """They were saved: sign-in, mail and printing go by the new ones from now on."""
        self._settings = settings
        self.settings_changed.emit()

    @property
    def language(self) -> str:
        """How numbers and dates are written: a BCP 47 tag."""
        return self._shop.language

    def today(self) -> date:
        """The shop's local date."""
        return self.now().astimezone().date()

    def may(self, right: Right) -> bool:
        """Whether to offer something. The use case decides; a screen only spares people a refusal."""
        return self.actor.may(right)

    # --- asking and doing ---

    def ask(
        self,
        query: Callable[..., T],
        *args: Any,
        owner: QObject,
        then: Callable[[T], None],
        failed: Failed | None = None,
        **kwargs: Any,
    ) -> None:
        """``background.ask``: run a query, show its value. Where a right is needed, pass ``by=desk.actor``."""
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
        """``background.study``: as ``ask``, for what may take long."""
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
        """``background.do`` as the person at this desk: ``by`` and ``now`` are filled in.

        Where they have not the right, the window asks for somebody who lends it; ``failed`` hears of it only when
        nobody does.
        """
        act = (usecase, args)
        by: Actor = kwargs.pop("by", self.actor)
        # A question in between ("the same again?") repeats the act: it needs not be lent twice.
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
        """A question got no answer: while the database is away the banner says so; anything else is trouble."""
        if not isinstance(error, DatabaseAway):
            self.trouble(error)

    def trouble(self, error: Exception) -> None:
        """Hand on an error that the screen has no place for: the window shows it by its kind."""
        self.background.troubled.emit(error)

    # --- to other pages ---

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
        """Open the editor on a kept draft."""
        self.draft_wanted.emit(key)

    def find_documents(self, find: Find) -> None:
        """Show the Documents page with these filters: every figure leads to what is behind it."""
        self.documents_wanted.emit(find)

    def show_page(self, page: Page) -> None:
        """Show one of the tabs."""
        self.page_wanted.emit(page)

    def show_section(self, title: str) -> None:
        """Show a section of Settings, by its title."""
        self.section_wanted.emit(title)

    def notify(self, text: str, *, tone: Tone = Tone.GOOD, action: Action | None = None, stays: bool = False) -> None:
        """Say one sentence at the foot of the window."""
        self.noted.emit(Note(text=text, tone=tone, action=action, stays=stays))

    def ask_provider(
        self, choice: ProviderChoice, *, then: Callable[[Identity], object], failed: Callable[[str], object]
    ) -> None:
        """Send whoever stands here to a provider and hear who they are there."""
        self.provider_wanted.emit(Vouching(choice=choice, then=then, failed=failed))

    def resume_sending(self) -> None:
        """Somebody asked to try again: delivery starts anew, also after the mail server refused the password."""
        self.sending_wanted.emit()

    def move_shop(self, wanted: Moving) -> None:
        """Move the shop to another database: a page of its own covers the counter meanwhile."""
        self.move_wanted.emit(wanted)

    def reopen(self) -> None:
        """Open the database that the settings name now, as at a start: everybody signs in again."""
        self.reopen_wanted.emit()

    # --- values into words, in the shop's language (``render.words`` has the rest) ---

    def money(self, money: Money, *, with_code: bool = False) -> str:
        """An amount with its currency: “$1,284.50”, or with the code."""
        return paper.money(money, self.language, with_code=with_code)

    def amount(self, minor: int) -> str:
        """Minor units of the shop's currency as a bare number, for a column that names it once: “1,284.50”."""
        return paper.amount(minor, self._shop.currency, self.language)

    def price(self, hundredths: int) -> str:
        """A unit price in hundredths of a minor unit: “0.89”."""
        return paper.price(hundredths, self._shop.currency, self.language)

    def quantity(self, thousandths: int) -> str:
        """A quantity in thousandths: “2”, “0.35”."""
        return paper.quantity(thousandths, self.language)

    def count(self, number: int) -> str:
        """A whole number: “1,902”."""
        return paper.count(number, self.language)

    def percent(self, milli: int) -> str:
        """A percentage in thousandths of a per cent: “16%”."""
        return paper.percent(milli, self.language)

    def day(self, on: date) -> str:
        """A date: “22 Nov 2026”."""
        return paper.day(on, self.language)

    def instant(self, at: datetime) -> str:
        """An instant as the clock on the wall shows it: “22 Nov 2026, 10:41”."""
        return paper.instant(at, self.language)

    def ago(self, at: datetime) -> str:
        """How long ago, or the day from a week on."""
        return words.ago(at, self.now()) or self.day(at.astimezone().date())
