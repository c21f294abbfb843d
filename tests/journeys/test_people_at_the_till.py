"""Several people at one till: PINs at the lock, switching, five wrong ones, and a right lent for one act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit

from shopdesk.domain.account import Actor, Role, Staff
from shopdesk.domain.customer import Contact
from shopdesk.domain.document import Document, Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.ui.base.pages import Page
from shopdesk.ui.sign_in.manager_override import OverrideDialog
from support.keyrings import MemoryKeyring
from support.windows import PASSWORD, Window

CTRL = Qt.KeyboardModifier.ControlModifier
PIN = "2580"


def do(window: Window, act: Callable[..., object], *args: Any, **kwargs: Any) -> object:
    """Run a use case in its own transaction, as the person at the till."""
    done: list[object] = []
    window.main._background.do(act, *args, owner=window.main, then=done.append, **kwargs)
    window.qtbot.waitUntil(lambda: bool(done))
    return done[0]


@pytest.fixture
def shop(program: Window) -> Window:
    program.open_shop()
    return program


def employ(window: Window, name: str = "Grace Hopper", role: Role = Role.CASHIER) -> Staff:
    """Somebody who registered and was let in."""
    from shopdesk.usecases import accounts

    context = window.workspace.context
    user_name = name.split()[0].lower()
    staff = do(
        window,
        accounts.register,
        accounts.NewAccount(user_name=user_name, name=name, password=PASSWORD),
        now=context.now(),
    )
    assert isinstance(staff, Staff)
    let_in = do(window, accounts.let_in, staff.key, role=role, by=context.actor, now=context.now())
    assert isinstance(let_in, Staff)
    return let_in


def set_pin(window: Window, pin: str = PIN) -> None:
    """One's own PIN, on the page of one's account."""
    window.workspace._turn_to("My account")
    window.rest()
    window.type_into("New PIN", pin)
    window.type_into("Repeat PIN", pin)
    window.type_into("Your password", PASSWORD)
    window.press("Set PIN")
    window.qtbot.waitUntil(lambda: "Your PIN is set." in window.main.notices.texts)
    window.rest()


def lock(window: Window) -> None:
    window.key(Qt.Key.Key_L, CTRL)
    window.see("Unlock")
    window.rest()


def until_open(window: Window, name: str) -> None:
    window.qtbot.waitUntil(lambda: window.workspace.isVisible() and window.workspace.context.actor.staff.name == name)
    window.rest()


def answer(window: Window) -> str:
    page = window.main.lock_page
    assert page is not None
    window.qtbot.waitUntil(lambda: bool(page.answer.words.text()) and page.unlock.isEnabled())
    return page.answer.words.text()


def issue(window: Window, *rows: DraftRow, by: Actor | None = None) -> Document:
    """A receipt in the books."""
    from shopdesk.domain.draft import DraftForm, parse
    from shopdesk.row_keys import new_key
    from shopdesk.usecases import documents

    context = window.workspace.context
    form = DraftForm(
        key=new_key(), kind=Kind.RECEIPT, rows=rows or (DraftRow("Tea", "1", "10"),), on=str(context.today())
    )
    draft = parse(form, shop=context.shop, symbols=context.symbols, today=context.today()).draft
    assert draft is not None
    document = do(window, documents.issue, draft, by=by or context.actor, now=context.now())
    assert isinstance(document, Document)
    return document


def history(window: Window, key: UUID) -> list[tuple[str, str]]:
    from shopdesk.queries import documents

    found: list[Any] = []
    window.main._background.ask(documents.history, key, owner=window.main, then=found.append)
    window.qtbot.waitUntil(lambda: bool(found))
    return [(entry.by_name, entry.approver_name) for entry in found[0]]


def test_a_pin_opens_the_locked_till_and_what_was_open_stays(shop: Window, memory_keyring: MemoryKeyring) -> None:
    set_pin(shop)
    assert ("shopdesk", "pin pepper") in memory_keyring.secrets
    shop.key(Qt.Key.Key_5, CTRL)
    lock(shop)
    assert shop.focus.accessibleName() == "PIN"
    shop.type("0000")
    shop.key(Qt.Key.Key_Return)
    assert "4 tries left" in answer(shop)
    shop.type(PIN)
    shop.key(Qt.Key.Key_Return)
    until_open(shop, "Ada Lovelace")
    assert shop.workspace.page == Page.CUSTOMERS


def test_somebody_else_goes_on_with_the_open_document_and_issues_it(shop: Window) -> None:
    employ(shop)
    set_pin(shop)
    shop.key(Qt.Key.Key_N, CTRL)
    shop.rest()
    editor = shop.workspace.opened(Page.EDITOR)
    lock(shop)
    shop.press("Another user")
    shop.until_at("User name")
    shop.type("grace")
    shop.key(Qt.Key.Key_Return)
    shop.type(PASSWORD)
    shop.key(Qt.Key.Key_Return)
    until_open(shop, "Grace Hopper")
    assert shop.workspace.status.person.text == "Grace Hopper · Cashier"
    assert shop.workspace.page == Page.EDITOR
    assert shop.workspace.opened(Page.EDITOR) is editor
    assert issue(shop).issued_by == "Grace Hopper"
    shop.key(Qt.Key.Key_8, CTRL)
    shop.rest()
    assert shop.workspace.context.actor.staff.role is Role.CASHIER

    lock(shop)
    shop.press("Ada Lovelace")  # who opened this till before
    shop.until_at("PIN")
    shop.type(PIN)
    shop.key(Qt.Key.Key_Return)
    until_open(shop, "Ada Lovelace")
    assert shop.workspace.page == Page.SETTINGS
    assert shop.workspace.opened(Page.SETTINGS).isVisible()
    assert issue(shop).issued_by == "Ada Lovelace"
    assert shop.workspace.opened(Page.EDITOR) is editor


def test_five_wrong_pins_ask_for_the_password(shop: Window) -> None:
    set_pin(shop)
    lock(shop)
    for left in (4, 3, 2, 1):
        shop.type("0000")
        shop.key(Qt.Key.Key_Return)
        assert f"Wrong PIN. {left} " in answer(shop)
    shop.type("0000")
    shop.key(Qt.Key.Key_Return)
    shop.until_at("Password")
    assert "Too many wrong PINs" in answer(shop)
    assert not shop.sees("PIN")
    assert not shop.sees("Use the PIN instead")
    shop.type(PASSWORD)
    shop.key(Qt.Key.Key_Return)
    until_open(shop, "Ada Lovelace")
    lock(shop)
    shop.type(PIN)
    shop.key(Qt.Key.Key_Return)
    until_open(shop, "Ada Lovelace")


def test_the_password_is_always_another_way(shop: Window) -> None:
    set_pin(shop)
    lock(shop)
    shop.press("Use the password instead")
    shop.until_at("Password")
    shop.type(PASSWORD)
    shop.key(Qt.Key.Key_Return)
    until_open(shop, "Ada Lovelace")


def test_without_a_keyring_there_are_no_pins_and_the_pages_say_so(shop: Window, no_keyring: None) -> None:
    shop.workspace._turn_to("My account")
    shop.rest()
    assert any("PINs are unavailable on this machine" in label.text() for label in shop.main.findChildren(QLabel))
    assert not shop.sees("Set PIN")
    lock(shop)
    shop.type(PASSWORD)
    shop.key(Qt.Key.Key_Return)
    until_open(shop, "Ada Lovelace")


def test_who_signed_out_needs_the_full_sign_in_again(shop: Window) -> None:
    employ(shop)
    set_pin(shop)
    shop.main.sign_out()
    shop.sign_in("grace")
    until_open(shop, "Grace Hopper")
    lock(shop)
    assert not shop.sees("Ada Lovelace")


def test_somebody_blocked_meanwhile_is_not_offered_at_the_lock(shop: Window) -> None:
    from shopdesk.usecases import accounts

    grace = employ(shop)
    owner = shop.workspace.context.actor
    lock(shop)
    shop.press("Another user")
    shop.until_at("User name")
    shop.type("grace")
    shop.key(Qt.Key.Key_Return)
    shop.type(PASSWORD)
    shop.key(Qt.Key.Key_Return)
    until_open(shop, "Grace Hopper")
    lock(shop)
    assert shop.sees("Grace Hopper")
    do(shop, accounts.block, grace.key, by=owner, now=shop.workspace.context.now())
    shop.press("Sign out")
    shop.sign_in()
    until_open(shop, "Ada Lovelace")
    lock(shop)
    assert not shop.sees("Grace Hopper")


# --- adding ---


def test_the_owner_adds_a_person_who_chooses_a_password_at_the_first_sign_in(shop: Window) -> None:
    from shopdesk.usecases import accounts

    waiting = accounts.NewAccount(user_name="ben", name="Ben", password=PASSWORD)
    do(shop, accounts.register, waiting, now=shop.workspace.context.now())
    shop.press("Ben waits to be let in")
    shop.rest()
    shop.press("Add a person")
    shop.type_into("Name", "Grace Hopper")
    shop.press("Add")
    shop.find_text("A user name has 2 to 64")
    shop.type_into("User name", "grace")
    given = shop.find("One-time password", QLineEdit).text()
    assert len(given) >= 15
    shop.press("Add")
    shop.until(lambda: "Grace Hopper can now sign in as cashier." in shop.main.notices.texts)
    shop.main.sign_out()
    shop.sign_in("grace", given)
    shop.type_into("New password", "my own four words")
    shop.type_into("Repeat new password", "my own four word")
    shop.press("Save and go on")
    shop.find_text("The passwords do not match.")
    shop.type_into("Repeat new password", "my own four words")
    shop.key(Qt.Key.Key_Return)
    until_open(shop, "Grace Hopper")
    assert not shop.sees("Ben waits to be let in"), "a cashier lets no one in"


# --- lending ---


@pytest.fixture
def cashier(shop: Window) -> Window:
    """Grace, a cashier, at the till; the owner, Ada, has a PIN here."""
    employ(shop)
    set_pin(shop)
    shop.main.sign_out()
    shop.sign_in("grace")
    until_open(shop, "Grace Hopper")
    return shop


def until_asked(window: Window, title: str) -> None:
    window.qtbot.waitUntil(lambda: window._root().accessibleName() == title)


def lend(window: Window, pin: str = PIN) -> None:
    until_asked(window, "Ask a manager")
    window.until_at("User name")
    window.type_into("User name", "ada")
    window.key(Qt.Key.Key_Return)
    window.type_into("PIN", pin)
    window.key(Qt.Key.Key_Return)


def test_a_cashier_deletes_with_a_managers_pin_and_the_history_has_both_names(cashier: Window) -> None:
    document = issue(cashier)
    cashier.workspace.context.navigation.open_document(document.key)
    cashier.rest()
    cashier.press("Delete")
    until_asked(cashier, f"Delete receipt {document.number}?")
    cashier.press("Delete")
    lend(cashier, "0000")
    dialog = cashier._root()
    assert isinstance(dialog, OverrideDialog)
    cashier.qtbot.waitUntil(lambda: "Wrong PIN" in dialog.pin.fault)
    cashier.type(PIN)
    cashier.key(Qt.Key.Key_Return)
    cashier.qtbot.waitUntil(lambda: any("was voided" in text for text in cashier.main.notices.texts))
    cashier.rest()
    assert ("Grace Hopper", "Ada Lovelace") in history(cashier, document.key)
    assert cashier.workspace.context.actor.approver is None
    other = issue(cashier)
    cashier.workspace.context.navigation.open_document(other.key)
    cashier.rest()
    cashier.press("Delete")
    until_asked(cashier, f"Delete receipt {other.number}?")
    cashier.press("Delete")
    until_asked(cashier, "Ask a manager")  # it was lent for one act
    cashier.key(Qt.Key.Key_Escape)
    cashier.qtbot.waitUntil(lambda: any("may not delete" in text for text in cashier.main.notices.texts))
    cashier.rest()
    assert len(history(cashier, other.key)) == len(history(cashier, document.key)) - 1


def test_a_big_discount_is_lent_once_also_when_a_question_comes_between(cashier: Window) -> None:
    from shopdesk.domain.draft import DraftForm, parse
    from shopdesk.domain.errors import ConfirmationRequired
    from shopdesk.row_keys import new_key
    from shopdesk.usecases import documents

    context = cashier.workspace.context

    def sell(sure: frozenset[str], draft: object) -> list[object]:
        done: list[object] = []
        known = Contact(name="Bea", phone="+12025550123")
        window = cashier.main
        context.do(
            documents.issue, draft, contact=known, confirmed=sure, owner=window, then=done.append, failed=done.append
        )
        return done

    def draft() -> object:
        form = DraftForm(
            key=new_key(), kind=Kind.RECEIPT, rows=(DraftRow("Tea", "1", "10", "50 %"),), on=str(context.today())
        )
        return parse(form, shop=context.shop, symbols=context.symbols, today=context.today()).draft

    first = sell(frozenset(), draft())
    lend(cashier)
    cashier.qtbot.waitUntil(lambda: bool(first))
    assert isinstance(first[0], Document)
    assert ("Grace Hopper", "Ada Lovelace") in history(cashier, first[0].key)

    same = draft()
    asked = sell(frozenset(), same)
    lend(cashier)
    cashier.qtbot.waitUntil(lambda: bool(asked))
    assert isinstance(asked[0], ConfirmationRequired)  # the same a moment ago?
    again = sell(frozenset({asked[0].answer}), same)
    cashier.qtbot.waitUntil(lambda: bool(again))
    assert isinstance(again[0], Document)  # and nobody was asked once more

    third = sell(frozenset({asked[0].answer}), draft())
    until_asked(cashier, "Ask a manager")
    cashier.main.lock()  # a question that is open does not stand over the lock
    cashier.qtbot.waitUntil(lambda: bool(third))
    assert "at most" in str(third[0])
    cashier.rest()


def test_somebody_without_the_right_cannot_lend_it(cashier: Window) -> None:
    from shopdesk.domain.till_preferences import TillPreferences
    from shopdesk.usecases import shop as acts

    context = cashier.workspace.context
    refused: list[Exception] = []
    context.do(acts.set_preferences, TillPreferences(), owner=cashier.main, failed=refused.append)
    until_asked(cashier, "Ask the owner")
    cashier.until_at("User name")
    cashier.type("grace")
    cashier.key(Qt.Key.Key_Return)
    cashier.type(PIN)
    cashier.key(Qt.Key.Key_Return)
    dialog = cashier._root()
    assert isinstance(dialog, OverrideDialog)
    cashier.qtbot.waitUntil(lambda: "may not" in dialog.pin.fault)
    cashier.key(Qt.Key.Key_Escape)
    cashier.qtbot.waitUntil(lambda: bool(refused))
    cashier.rest()
