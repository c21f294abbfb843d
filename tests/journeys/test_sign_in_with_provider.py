"""“Continue with NAME” in the real window, against real providers on this machine: from the button to the counter."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit

from gateways.github_server import GitHubServer
from gateways.oidc_server import Client, OidcServer, Person
from shopdesk import logs
from shopdesk.domain.account import AccountStatus, Role, Staff
from shopdesk.ui.settings.providers import ProviderPage, ProvidersSection
from shopdesk.ui.settings.settings_screen import SettingsScreen
from shopdesk.ui.sign_in.approval_screen import ApprovalScreen
from shopdesk.ui.sign_in.confirm_password_dialog import ConfirmPasswordDialog
from shopdesk.ui.sign_in.my_account_screen import MyAccountScreen
from support.keyrings import MemoryKeyring
from support.windows import PASSWORD, Begin, Window

Start = Callable[[], Window]

SECRET = "a-client-secret-of-this-test"


@pytest.fixture(autouse=True)
def _fresh_log_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the secrets that another test hid from the log."""
    monkeypatch.setattr(logs, "_hidden", set())


@pytest.fixture
def company() -> Iterator[OidcServer]:
    """An OpenID Connect provider that knows this program without a secret."""
    with OidcServer(Client("shopdesk", ("http://127.0.0.1/callback",))) as server:
        yield server


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    with GitHubServer(Client("gh-shopdesk", ("http://127.0.0.1/callback",), SECRET)) as server:
        yield server


class Browser:
    """Opens an address as a browser does, on the spot; ``opened`` has all of them."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.goes = True

    def __call__(self, address: str) -> bool:
        self.opened.append(address)
        if self.goes:
            assert "go back to the till" in requests.get(address, timeout=10).text
        return True


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def start(begin: Begin, home: Path, company: OidcServer, github: GitHubServer, browser: Browser) -> Start:
    """The program, told of both providers."""
    home.mkdir(exist_ok=True)
    (home / "shopdesk.toml").write_text(
        f'[providers.github]\nclient_id = "gh-shopdesk"\nissuer = "{github.address}"\n'
        f'[providers.company]\nlabel = "Company"\nissuer = "{company.issuer}"\nclient_id = "shopdesk"\n'
    )

    def started() -> Window:
        window = begin()
        window.main.browse = browser
        window.ready()
        return window

    return started


def settings_of(window: Window) -> SettingsScreen:
    screen = window.workspace.opened("Settings")
    assert isinstance(screen, SettingsScreen)
    return screen


def people(window: Window) -> tuple[Staff, ...]:
    """Everybody the books know, as the owner sees them."""
    from shopdesk.store import accounts

    found: list[tuple[Staff, ...]] = []
    window.main._background.ask(accounts.everyone, owner=window.main, then=found.append)
    window.qtbot.waitUntil(lambda: bool(found))
    return found[0]


def said(window: Window) -> str:
    """What stands beside the buttons of the providers."""
    answer = window.main.sign_in_flow.sign_in.provider_answer
    window.qtbot.waitUntil(answer.isVisible)
    return answer.words.text()


def until_asked(window: Window, title: str) -> None:
    """Until the dialog of this title is open."""
    window.qtbot.waitUntil(lambda: window._root().accessibleName() == title)


def open_shop(window: Window, provider: str = "Company") -> None:
    """The first of all comes by a provider, and owns the shop."""
    window.press(f"Continue with {provider}")
    window.type_into("Shop name", "Corner Shop")
    window.press("Open the shop")
    assert window.workspace.isVisible()
    window.rest()


def test_the_first_identity_owns_the_shop_the_second_waits_is_let_in_and_signs_in_again(
    start: Start, company: OidcServer, browser: Browser
) -> None:
    window = start()
    open_shop(window)
    owner = window.workspace.context.actor.staff
    assert (owner.name, owner.role, owner.has_password) == ("Ada Lovelace", Role.OWNER, False)
    assert urlsplit(browser.opened[0]).path == "/authorize"

    window.main.sign_out()
    company.person = Person("2", {"name": "Grace Hopper", "email": "grace@example.org", "email_verified": True})
    window.press("Continue with Company")
    page = window.find("Waiting for the owner", ApprovalScreen)
    assert "Grace Hopper" in page.lead.text()
    window.press("Sign out")

    company.person = Person()
    window.press("Continue with Company")
    assert window.workspace.context.actor.staff == owner
    window.key(Qt.Key.Key_8, Qt.KeyboardModifier.ControlModifier)
    settings_of(window).open("People")
    window.press("Let in Grace Hopper")
    window.rest()

    window.main.sign_out()
    company.person = Person("2", {"name": "Grace Hopper"})
    window.press("Continue with Company")
    assert window.workspace.status.person.text == "Grace Hopper · Cashier"
    window.rest()
    assert company.faults == []


def test_github_signs_in_with_the_secret_of_the_keyring(
    start: Start, github: GitHubServer, memory_keyring: MemoryKeyring
) -> None:
    memory_keyring.secrets["shopdesk", "provider github"] = SECRET
    window = start()
    open_shop(window, "GitHub")
    assert window.workspace.context.actor.staff.name == "The Octocat"
    assert github.faults == []


def test_github_without_a_secret_shows_a_code_to_type_elsewhere(
    start: Start, github: GitHubServer, browser: Browser
) -> None:
    github.interval = 1
    github.polls_before_approval = 0
    window = start()
    window.press("Continue with GitHub")
    code = window.find("Code: WDJB-MJHT", QLabel)
    assert code.text() == "WDJB-MJHT"
    assert window.sees(f"Address: {github.address}/login/device")
    assert browser.opened == []
    window.press("Copy the code")
    assert QApplication.clipboard().text() == "WDJB-MJHT"
    window.see("Shop name")  # the code was typed on a phone
    window.rest()


def test_cancel_leaves_nothing_and_the_window_stays_usable(start: Start, browser: Browser) -> None:
    browser.goes = False
    window = start()
    window.press("Continue with Company")
    until_asked(window, "Waiting for Company in the browser")
    assert window.find("Address", QLineEdit).text() == browser.opened[0]
    window.press("Copy the address")
    assert QApplication.clipboard().text() == browser.opened[0]
    window.press("Open it again")
    assert browser.opened[0] == browser.opened[1]
    window.press("Cancel")
    window.qtbot.waitUntil(lambda: not window.main.is_busy)
    assert not window.main.sign_in_flow.sign_in.provider_answer.isVisible()
    assert "sign-in listener" not in {thread.name for thread in threading.enumerate()}
    window.register()
    window.see("Shop name")
    window.rest()


def test_closing_the_window_ends_the_sign_in(start: Start, begin: Begin, browser: Browser) -> None:
    browser.goes = False
    window = start()
    window.press("Continue with Company")
    until_asked(window, "Waiting for Company in the browser")
    begin().ready()  # closes the first one
    assert "sign-in listener" not in {thread.name for thread in threading.enumerate()}


def test_no_browser_is_said_and_the_address_can_be_copied(start: Start) -> None:
    window = start()
    window.main.browse = lambda _: False
    window.press("Continue with Company")
    until_asked(window, "Waiting for Company in the browser")
    assert any("No browser opened" in label.text() for label in window._root().findChildren(QLabel))
    window.key(Qt.Key.Key_Escape)
    window.rest()


def test_a_provider_that_is_down_is_said_beside_its_button(start: Start, company: OidcServer) -> None:
    from gateways.web_server import Answer

    company.instead["/.well-known/openid-configuration"] = lambda _: Answer(503)
    window = start()
    window.press("Continue with Company")
    assert "error 503" in said(window)
    del company.instead["/.well-known/openid-configuration"]
    company.says_no = "access_denied"
    window.press("Continue with Company")
    window.qtbot.waitUntil(lambda: "You cancelled the sign-in" in said(window))
    assert people(window) == ()
    window.rest()


def test_an_attacker_with_the_owners_address_gets_nothing(start: Start, company: OidcServer) -> None:
    window = start()
    window.open_shop()  # ada, ada@example.org
    window.main.sign_out()
    for verified in (False, True):
        company.person = Person("666", {"name": "Ada Lovelace", "email": "ada@example.org", "email_verified": verified})
        window.press("Continue with Company")
        window.see("Waiting for the owner")
        window.press("Sign out")
    owner, stranger = people(window)
    assert (owner.role, owner.status) == (Role.OWNER, AccountStatus.ACTIVE)
    assert (stranger.role, stranger.status) == (Role.CASHIER, AccountStatus.WAITING)
    window.rest()


def my_account(window: Window) -> None:
    window.workspace._turn_to("My account")
    window.see("My account")
    window.rest()


def test_a_provider_is_linked_after_the_password_and_unlinked(start: Start, company: OidcServer) -> None:
    window = start()
    window.open_shop()
    owner = window.workspace.context.actor.staff
    my_account(window)
    window.press("Link Company")
    window.type_into("Your password", "not my password at all")
    window.press("Continue")
    dialog = window._root()
    assert isinstance(dialog, ConfirmPasswordDialog)
    window.qtbot.waitUntil(lambda: "wrong" in dialog.password.fault)
    window.type_into("Your password", PASSWORD)
    window.press("Continue")
    window.see("Unlink Company")
    window.rest()

    window.main.sign_out()
    window.press("Continue with Company")
    assert window.workspace.context.actor.staff.key == owner.key
    my_account(window)
    window.press("Unlink Company")
    window.press("Unlink")
    window.see("Link Company")
    window.rest()

    window.main.sign_out()
    window.press("Continue with Company")
    window.see("Waiting for the owner")
    window.rest()
    assert company.faults == []


def test_without_a_keyring_the_secret_is_asked_for_and_may_stay_empty(
    start: Start, no_keyring: None, github: GitHubServer
) -> None:
    window = start()
    window.press("Continue with GitHub")
    until_asked(window, "Client secret of GitHub")
    assert any("no keyring" in label.text() for label in window._root().findChildren(QLabel))
    window.type_into("Client secret", SECRET)
    window.key(Qt.Key.Key_Return)
    window.see("Shop name")
    window.rest()
    window.main.sign_out()
    window.press("Continue with GitHub")  # known until the program ends
    window.see("Shop name")
    window.rest()


def test_an_unattended_secret_question_can_be_left(start: Start, no_keyring: None) -> None:
    window = start()
    window.press("Continue with GitHub")
    until_asked(window, "Client secret of GitHub")
    window.key(Qt.Key.Key_Escape)
    window.qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
    window.rest()


def test_who_came_by_a_provider_sets_a_password_after_the_provider_vouched_once_more(
    start: Start, company: OidcServer, browser: Browser
) -> None:
    window = start()
    open_shop(window)
    my_account(window)
    assert not window.sees("Current password")
    assert not window.sees("Set PIN")  # a password comes first
    company.person = Person("somebody who stands at a till that was left alone")
    window.type_into("New password", PASSWORD)
    window.type_into("Repeat new password", PASSWORD)
    window.press("Set password")
    page = window.workspace.opened("My account")
    assert isinstance(page, MyAccountScreen)
    window.qtbot.waitUntil(lambda: "that it is you" in page.password.form.answer.words.text())
    company.person = Person()
    window.press("Set password")
    window.see("Current password")
    window.rest()
    assert window.sees("Set PIN")
    assert len(browser.opened) == 3
    window.main.sign_out()
    window.sign_in(people(window)[0].user_name)
    assert window.workspace.context.actor.staff.has_password
    window.rest()


def test_who_has_no_password_opens_the_lock_by_their_provider(start: Start, company: OidcServer) -> None:
    window = start()
    open_shop(window)
    window.key(Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    window.main.lock()
    page = window.main.lock_page
    assert page is not None
    assert not page.password.isVisible()
    company.person = Person("2", {"name": "Grace Hopper"})
    window.press("Continue with Company")
    window.qtbot.waitUntil(lambda: "not approved Grace Hopper" in page.answer.words.text())
    company.person = Person()
    window.press("Continue with Company")
    window.qtbot.waitUntil(window.workspace.isVisible)
    assert window.workspace.page == "Customers"
    window.rest()


def test_a_provider_is_set_up_tried_and_used_without_a_restart(
    program: Window, company: OidcServer, browser: Browser, memory_keyring: MemoryKeyring
) -> None:
    company.clients["shopdesk"] = Client("shopdesk", ("http://127.0.0.1/callback",), SECRET)
    window = program
    window.main.browse = browser
    window.open_shop()
    window.key(Qt.Key.Key_8, Qt.KeyboardModifier.ControlModifier)
    section = settings_of(window).open("Sign-in providers")
    window.rest()
    window.press("Another …")
    window.type_into("Name in the settings", "company")
    window.press("Continue")
    assert isinstance(section, ProvidersSection)
    page = section.stack.currentWidget()
    assert isinstance(page, ProviderPage)
    window.rest()
    assert page.redirect.text == "http://127.0.0.1/callback"
    window.type_into("Issuer", company.issuer)
    window.type_into("Client ID", "shopdesk")
    window.type_into("Client secret", "not the secret at all")
    window.press("Test")
    window.qtbot.waitUntil(lambda: "does not accept" in page.test.words)
    window.type_into("Client secret", SECRET)
    window.press("Test")
    window.qtbot.waitUntil(lambda: "accepts this program" in page.test.words)
    window.press("Save")
    window.qtbot.waitUntil(lambda: ("shopdesk", "provider company") in memory_keyring.secrets)
    window.rest()
    window.main.sign_out()
    window.press("Continue with Company")
    window.see("Waiting for the owner")
    window.rest()
