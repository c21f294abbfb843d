"""Requests of a screen to the window: other pages, notices, a provider's sign-in.

No screen imports another: it calls ``context.navigation.open_document(key)``, and the window handles the signal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from PySide6.QtCore import QObject, Signal

from shopdesk.domain.document import Kind
from shopdesk.ui.base.notice import Notice, NoticeAction
from shopdesk.ui.base.pages import Page
from shopdesk.ui.base.tokens import Tone

if TYPE_CHECKING:
    from shopdesk.domain.account import Identity
    from shopdesk.queries.documents import DocumentFilter
    from shopdesk.ui.base.customer_view import CustomerView
    from shopdesk.ui.base.ports import MoveRequest
    from shopdesk.ui.base.provider_choice import ProviderChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRequest:
    """A request to sign in at a provider.

    ``then`` is called with the identity, ``failed`` with the error text; neither if the user cancels. ``sign_in`` is
    the port, if it is not the one that returns an identity.
    """

    choice: ProviderChoice
    then: Callable[[Any], object]
    failed: Callable[[str], object]
    sign_in: Callable[..., Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyRequest:
    """A request for a new document with the content of another: of its own kind, or what a quote becomes.

    ``is_meant``: the user knows that the quote already became a document.
    """

    key: UUID
    kind: Kind | None = None
    is_meant: bool = False


class Navigation(QObject):
    """The requests of the screens, as methods; the window connects to the signals they emit."""

    document_wanted = Signal(object)  # UUID
    new_document_wanted = Signal(object)  # Kind | None
    edit_wanted = Signal(object)  # UUID
    copy_wanted = Signal(object)  # CopyRequest
    documents_wanted = Signal(object)  # DocumentFilter
    page_wanted = Signal(str)  # Page
    section_wanted = Signal(str)  # the title of a section of Settings
    report_wanted = Signal(int)  # the number of a Z report, 0 for the X report, -1 for the latest Z report
    reports_wanted = Signal()  # show the page of reports
    prints_wanted = Signal()  # show the page of this till's prints
    noted = Signal(object)  # Notice
    provider_wanted = Signal(object)  # ProviderRequest
    customer_view_changed = Signal(object)  # CustomerView, or None between two sales
    sending_wanted = Signal()  # retry the delivery of messages
    move_wanted = Signal(object)  # MoveRequest
    reopen_wanted = Signal()  # open the database of the settings
    restore_wanted = Signal()  # show the page that restores a backup

    def open_document(self, key: UUID) -> None:
        """Show a document on the view page."""
        self.document_wanted.emit(key)

    def new_document(self, kind: Kind | None = None) -> None:
        """Open the editor on an empty document."""
        self.new_document_wanted.emit(kind)

    def edit_document(self, key: UUID) -> None:
        """Open the editor on an issued document, to correct it."""
        self.edit_wanted.emit(key)

    def copy_document(self, wanted: CopyRequest) -> None:
        """Open the editor on a new document with the content of another."""
        self.copy_wanted.emit(wanted)

    def find_documents(self, find: DocumentFilter) -> None:
        """Show the Documents page with these filters."""
        self.documents_wanted.emit(find)

    def show_page(self, page: Page) -> None:
        """Show one of the tabs."""
        self.page_wanted.emit(page)

    def show_report(self, number: int) -> None:
        """Show a Z report by its number, the X report (0), or the latest Z report (-1)."""
        self.report_wanted.emit(number)

    def show_section(self, title: str) -> None:
        """Show a section of Settings, by its title."""
        self.section_wanted.emit(title)

    def show_reports(self) -> None:
        """Show the page of reports."""
        self.reports_wanted.emit()

    def show_prints(self) -> None:
        """Show the page of this till's prints."""
        self.prints_wanted.emit()

    def notify(
        self, text: str, *, tone: Tone = Tone.GOOD, action: NoticeAction | None = None, stays: bool = False
    ) -> None:
        """Show a notice of one sentence; ``stays`` until it is closed."""
        self.noted.emit(Notice(text=text, tone=tone, action=action, stays=stays))

    def ask_provider(
        self, choice: ProviderChoice, *, then: Callable[[Identity], object], failed: Callable[[str], object]
    ) -> None:
        """Let the user sign in at a provider; see ``ProviderRequest`` for the two callbacks."""
        self.provider_wanted.emit(ProviderRequest(choice=choice, then=then, failed=failed))

    def ask_consent(
        self,
        choice: ProviderChoice,
        *,
        sign_in: Callable[..., str],
        then: Callable[[str], object],
        failed: Callable[[str], object],
    ) -> None:
        """Let the user sign in at a provider by another port, whose text ``then`` gets; see ``ProviderRequest``."""
        asked = ProviderRequest(choice=choice, then=then, failed=failed, sign_in=sign_in)
        self.provider_wanted.emit(asked)

    def show_to_customer(self, view: CustomerView | None) -> None:
        """Show this on the customer display, if the till has one; None between two sales."""
        self.customer_view_changed.emit(view)

    def resume_sending(self) -> None:
        """Restart the delivery of messages, even after the mail server refused the password."""
        self.sending_wanted.emit()

    def move_shop(self, wanted: MoveRequest) -> None:
        """Move the shop to another database; a page of its own covers the workspace meanwhile."""
        self.move_wanted.emit(wanted)

    def reopen(self) -> None:
        """Open the database that the settings name now; all users have to sign in again."""
        self.reopen_wanted.emit()
