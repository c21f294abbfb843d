"""The way in, at the real window: register, set up, sign in, wait, refuse; and the page when it cannot begin."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit

from shopdesk.domain.account import Role
from shopdesk.ui.sign_in.approval_screen import ApprovalScreen
from shopdesk.ui.sign_in.shop_setup_screen import ShopSetupScreen
from support.windows import PASSWORD, Begin, Window


def test_the_first_account_owns_the_shop_and_sets_it_up_by_keyboard_alone(program: Window) -> None:
    program.ready()
    assert program.focus.accessibleName() == "User name"
    for _ in range(4):  # password, its eye, sign in, register
        program.key(Qt.Key.Key_Tab)
    assert program.focus.accessibleName() == "Register"
    program.key(Qt.Key.Key_Return)
    for name, text in (
        ("Your name", "Ada Lovelace"),
        ("User name", "ada"),
        ("E-mail", "ada@example.org"),
        ("Password", PASSWORD),
        ("Repeat password", PASSWORD),
    ):
        program.until_at(name)
        program.type(text)
        program.key(Qt.Key.Key_Return)
    program.see("Shop name")
    program.until_at("Shop name")
    program.type("Corner Shop")
    for _ in range(6):  # name, country, currency, language, tax, prices include tax; then it opens
        program.key(Qt.Key.Key_Return)
    sample_shop = program.workspace
    assert sample_shop.context.actor.staff.role is Role.OWNER
    assert sample_shop.context.shop.seller.name == "Corner Shop"
    assert "Corner Shop" in program.main.windowTitle()
    assert sample_shop.status.person.text == "Ada Lovelace · Owner"
    assert sample_shop.status.till.text == "Till A"
    program.rest()


def test_who_signs_in_where_nobody_has_an_account_is_sent_to_register_and_not_told_of_a_wrong_password(
    program: Window,
) -> None:
    program.ready()
    program.type_into("User name", "ada")
    program.type_into("Password", PASSWORD)
    program.press("Sign in")
    program.find_text("Register to create the first one.")
    program.until_at("Register")
    program.rest()


def test_the_country_suggests_currency_and_tax_and_the_owner_has_the_last_word(program: Window) -> None:
    program.register()
    program.type_into("Shop name", "Duka")
    country = program.find("Country", QComboBox)
    country.setCurrentIndex(country.findData("KE"))
    assert program.find("Currency", QComboBox).currentText() == "KES"
    assert program.find("Default tax rate", QLineEdit).text() == "16"
    program.type_into("Default tax rate", "8.5")
    program.press("Open the shop")
    shop = program.workspace.context.shop
    assert (shop.currency.code, shop.default_tax.rate.milli, shop.seller.country) == ("KES", 8_500, "KE")
    program.rest()


def test_the_beginning_of_a_country_is_enough_where_only_one_begins_so(program: Window) -> None:
    program.register()
    country = program.find("Country", QComboBox)
    edit = country.lineEdit()
    assert edit is not None
    for typed, name in (
        ("belg", "Belgium"),
        ("zealand", "New Zealand"),
        ("Netherl", "Netherlands"),
        ("ke", "Kenya"),
    ):
        country.setFocus()
        edit.setText(typed)
        program.find("Shop name", QLineEdit).setFocus()
        assert country.currentText() == name
    country.setFocus()
    edit.setText("land")  # many have it
    program.find("Shop name", QLineEdit).setFocus()
    assert country.currentText() == "land"
    program.rest()


def test_faults_of_the_shop_stand_beside_their_fields(program: Window, expect_log: Callable[[str], object]) -> None:
    expect_log("This plugin does not support")  # offscreen, of the list of countries that opens while one types
    program.register()
    page = program.find("Set up your shop", ShopSetupScreen)
    program.type_into("Country", "Atlantis")
    program.type_into("Default tax rate", "much")
    program.press("Open the shop")
    assert "name" in page.shop_name.fault
    assert "country" in page.country.fault
    assert page.tax.fault
    assert program.focus.accessibleName() == "Shop name"
    assert program.main.workspace is None
    program.type("D")
    assert page.shop_name.fault == ""
    program.rest()


def test_faults_of_an_account_stand_beside_their_fields_and_nothing_typed_is_lost(program: Window) -> None:
    program.ready()
    program.press("Register")
    program.type_into("Your name", "Ada")
    program.type_into("User name", "a d a")
    program.type_into("Password", "short")
    program.type_into("Repeat password", "shirt")
    program.press("Create account")
    page = program.main.sign_in_flow._register.page
    assert page.repeat.fault == "The passwords do not match."
    program.type_into("Repeat password", "short")
    program.press("Create account")
    program.until(lambda: bool(page.password.fault))
    assert page.user_name.fault
    assert page.name.text() == "Ada"
    assert page.password.text() == "short"
    program.key(Qt.Key.Key_Escape)
    program.see("Sign in")
    program.rest()


def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(program: Window) -> None:
    program.open_shop()
    program.main.sign_out()
    answers = []
    page = program.main.sign_in_flow.sign_in
    for user_name, password in (("ada", "wrong password, long"), ("nobody", PASSWORD)):
        program.sign_in(user_name, password)
        program.until(lambda: bool(page.answer.words.text()) and page.sign_in.isEnabled())
        answers.append(page.answer.words.text())
        assert program.focus.accessibleName() == "Password"
        assert page.password.text() == ""
    assert answers[0] == answers[1] != ""
    assert program.main.workspace is None
    program.rest()


def test_later_accounts_wait_until_the_owner_lets_them_in(program: Window) -> None:
    from shopdesk.domain.account import Actor
    from shopdesk.usecases import accounts

    program.open_shop()
    context = program.workspace.context
    owner, till = context.actor.staff, context.actor.till
    program.main.sign_out()
    program.register("Grace Hopper", "grace")
    page = program.find("Waiting for the owner", ApprovalScreen)
    assert "Grace Hopper" in page.lead.text()
    program.press("Check again")
    program.rest()
    assert program.main.workspace is None
    grace = program.main.sign_in_flow._staff
    assert grace is not None
    by = Actor(owner, till)
    now = program.main._now
    program.main._background.do(accounts.let_in, grace.key, role=Role.CASHIER, by=by, now=now(), owner=page)
    program.rest()
    program.press("Check again")
    assert program.workspace.status.person.text == "Grace Hopper · Cashier"
    program.rest()


def test_signing_in_before_the_database_is_open_is_done_when_it_is(begin: Begin, program: Window) -> None:
    program.open_shop()
    again = begin()
    again.type_into("User name", "ada")
    again.type_into("Password", PASSWORD)
    again.key(Qt.Key.Key_Return)
    assert again.workspace.isVisible()
    again.rest()


def test_the_first_page_says_whose_till_it_is_and_that_somebody_is_known(begin: Begin, program: Window) -> None:
    assert program.main.sign_in_flow.sign_in.brand.text() == "shopdesk"
    program.ready()
    assert "yours to set up" in program.main.sign_in_flow.sign_in.lead.text()
    program.open_shop("Ada's Corner")
    again = begin()
    again.ready()
    again.until(lambda: again.main.sign_in_flow.sign_in.brand.text() == "Ada's Corner")
    assert again.main.sign_in_flow.sign_in.title.text() == "Sign in"
    again.rest()


def test_a_database_that_was_away_leaves_the_first_page_with_all_it_offers(program: Window) -> None:
    program.see("Join a shop on a server")
    program.rest()
    program.main._background.watch.reconnected.emit()
    program.rest()
    assert program.sees("Join a shop on a server")


def test_providers_that_are_not_configured_say_why_and_where(program: Window) -> None:
    program.ready()
    for name in ("GitHub", "Facebook"):
        button = program.see(f"Continue with {name}")
        assert not button.isEnabled()
        assert "Settings" in button.accessibleDescription()
        assert button.toolTip()


def test_a_configured_provider_can_be_chosen(begin: Begin, home: Path) -> None:
    home.mkdir(exist_ok=True)
    (home / "shopdesk.toml").write_text(
        '[providers.github]\nclient_id = "abc"\n[providers.company]\nlabel = "Our Company"\n'
        'issuer = "http://127.0.0.1:9"\nclient_id = "shopdesk"\n'
    )
    program = begin()
    program.ready()
    with program.qtbot.waitSignal(program.main.sign_in_flow.provider_chosen) as chosen:
        program.press("Continue with Our Company")
    assert chosen.args == ["company"]
    page = program.main.sign_in_flow.sign_in
    program.until(page.provider_answer.isVisible)
    assert "Our Company cannot be reached" in page.provider_answer.words.text()
    assert program.see("Continue with GitHub").isEnabled()


# --- it cannot begin ---


def write_letter(home: Path) -> None:
    (home / "shopdesk.db").write_bytes(b"This is a letter, not a database. " * 40)


def write_foreign(home: Path) -> None:
    with sqlite3.connect(home / "shopdesk.db") as other:
        other.execute("CREATE TABLE bookmarks (address TEXT)")
    other.close()


def write_newer(home: Path) -> None:
    with sqlite3.connect(home / "shopdesk.db") as other:
        other.execute("CREATE TABLE alembic_version (version_num TEXT)")
        other.execute("INSERT INTO alembic_version VALUES ('9999')")
    other.close()


def write_settings(home: Path) -> None:
    (home / "shopdesk.toml").write_text('[mail]\nhots = "smtp.example.org"\n')


def make_folder(home: Path) -> None:
    (home / "shopdesk.db").mkdir()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (write_letter, "not a shopdesk database"),
        (write_foreign, "belongs to another program"),
        (write_newer, "newer shopdesk"),
        (write_settings, "hots"),
        (make_folder, "is a folder"),
    ],
)
def test_trouble_at_the_start_is_a_page_that_says_what_to_do_and_retry_works(
    begin: Begin, home: Path, spoil: Callable[[Path], None], said: str
) -> None:
    home.mkdir(exist_ok=True)
    spoil(home)
    program = begin()
    program.see("Retry")
    page = program.main.trouble
    assert page is not None
    told = f"{page.title.text()} {page.lead.text()}"
    assert said in told
    assert "Traceback" not in told
    assert not page.details.isVisible()
    assert program.sees("Quit")
    for file in ("shopdesk.db", "shopdesk.toml"):
        path = home / file
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
    program.key(Qt.Key.Key_Return)  # Retry has the focus
    program.ready()
    program.see("Sign in")
    program.rest()


def test_quit_on_the_page_of_trouble_closes_the_window(begin: Begin, home: Path) -> None:
    home.mkdir(exist_ok=True)
    write_letter(home)
    program = begin()
    program.press("Quit")
    program.until(lambda: not program.main.isVisible())
