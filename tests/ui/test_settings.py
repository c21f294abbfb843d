"""Settings: every section saves what is typed, says what is wrong beside it, and tries for real what can be tried."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QPlainTextEdit, QWidget

from shopdesk import settings as kept
from shopdesk.app.credentials import Credentials
from shopdesk.domain.account import Role
from shopdesk.domain.activity import Activity, Change
from shopdesk.domain.document import Kind
from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.domain.money import Currency
from shopdesk.domain.sentence import Sentence, sentence, verbatim
from shopdesk.domain.shop import Seal, Shop
from shopdesk.domain.tax import Category
from shopdesk.gateways import sms, smtp
from shopdesk.gateways.mail_sign_in import MailSecrets, mail_provider
from shopdesk.queries import activity as ask_activity
from shopdesk.queries import shop as ask_shop
from shopdesk.queries.activity import ActivityEntry
from shopdesk.row_keys import new_key
from shopdesk.settings import (
    MailSettings,
    MailSignIn,
    ProviderSettings,
    Security,
    Settings,
    SmsGateway,
    SmsSettings,
)
from shopdesk.ui.base import shortcuts
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.formatter import Formatter
from shopdesk.ui.base.navigation import ProviderRequest
from shopdesk.ui.base.ports import (
    BackupPort,
    Backups,
    BrowserSignIn,
    DatabaseLocation,
    DatabasePort,
    InspectedDatabase,
    KeychainPort,
    MailPort,
    Ports,
    ProviderPort,
    SmsPort,
)
from shopdesk.ui.settings.activity import file_row
from shopdesk.ui.settings.sections import SECTIONS
from shopdesk.ui.settings.settings_screen import SettingsScreen
from shopdesk.ui.settings.taxes import TaxDialog
from shopdesk.ui.sign_in.provider_sign_in import ProviderSignIn
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.form import Form
from shopdesk.usecases import shop as usecase
from support.accessibility import unnamed_controls, unreachable_by_tab
from support.context import NavigationSpy, Show, line_edit, press
from support.keyrings import MemoryKeyring
from support.mail import MailServer
from support.mail_consent import GOOGLE, ConsentServer
from support.qtbot import QtBot
from support.shops import SampleShop
from support.sms_gateway import KEY, SmsServer

CTRL = Qt.KeyboardModifier.ControlModifier
Open = Callable[[str], Any]


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    """The folder with this installation's shopdesk.toml."""
    folder = tmp_path / "installation"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def ports(installation: Path, shop: SampleShop) -> Ports:
    """The real ones, as the program opens them."""

    def save(changes: Any) -> Settings:
        kept.save(installation, changes)
        return kept.load(installation, {})

    credentials = Credentials()
    secrets = MailSecrets(credentials.secret, credentials.store)

    def test_mail(mail: MailSettings, password: str | None) -> Sentence:
        return smtp.test(mail, password) if password else secrets.use(mail, lambda held: smtp.test(mail, held))

    def provider(name: str, given: ProviderSettings, secret: str | None) -> str:
        if not given.client_id:
            raise Refused(sentence("Type the client ID first."))
        return f"{name} knows {given.client_id}."

    def inspect(written: str, password: str | None) -> InspectedDatabase:
        if written.startswith("postgresql://nowhere"):
            raise Unavailable(sentence("The database server cannot be reached."))
        return InspectedDatabase(words=verbatim("The database answers and is empty."))

    return Ports(
        save_settings=save,
        keychain=KeychainPort(
            has=lambda group: bool(credentials.secret(group)), store=credentials.store, delete=credentials.delete
        ),
        mail=MailPort(
            test=test_mail,
            redirect=lambda mail: mail_provider(mail).redirect,
            sign_in=lambda mail, *, secret, cancelled, on_progress: secrets.consent(
                mail,
                client_secret=credentials.secret("mail client"),
                open_browser=lambda address: on_progress(BrowserSignIn(address, 60)),
                cancelled=cancelled,
            ),
        ),
        sms=SmsPort(test=lambda given, key, to: _try_gateway(given, key or credentials.secret("sms"), to)),
        provider=ProviderPort(redirect=lambda given: given.redirect or "http://127.0.0.1/callback", test=provider),
        database=DatabasePort(
            location=lambda: DatabaseLocation(
                place="/data/shop.db", is_file=True, version="SQLite 3", size=1_234_567, free=10**11
            ),
            test=lambda: "It answers.",
            inspect=inspect,
        ),
        backup=BackupPort(
            state=lambda: Backups(
                is_file=False,
                last_at=shop.now - timedelta(days=9),
                last_place="/dumps/shop.dump",
                checked_at=shop.now - timedelta(days=40),
            ),
            check=_check_everything,
        ),
    )


def _check_everything(*, on_progress: Callable[[str], object]) -> Sentence:
    on_progress("37")
    return sentence("Everything was checked. There are no errors.")


def _try_gateway(given: SmsSettings, key: str | None, to: str) -> str:
    return sms.send(given, key, "Test", recipient=to) if to else sms.check(given, key)


@pytest.fixture
def open_section(context: Context, ports: Ports, show: Show, settled: Callable[[], None]) -> Open:
    """``open_section("Mail")``: the section, read and ready."""
    context.ports = ports

    def opened(title: str) -> Any:
        section = show(SettingsScreen(context)).open(title)
        settled()
        return section

    return opened


def current(shop: SampleShop) -> Shop:
    found = shop.ask(ask_shop.current)
    assert found is not None
    return found


def fill(form: Form, **texts: str) -> None:
    """Type into fields, in place of what is there."""
    for name, text in texts.items():
        control = form.fields[name.replace("__", ".")].control
        assert isinstance(control, QLineEdit | QPlainTextEdit)
        control.setFocus()
        control.selectAll()
        press(control, text)


def named(root: QWidget, name: str) -> QWidget:
    (found,) = [part for part in root.findChildren(QWidget) if part.accessibleName() == name and part.isVisible()]
    return found


def click(qtbot: QtBot, root: QWidget, name: str) -> None:
    qtbot.mouseClick(named(root, name), Qt.MouseButton.LeftButton)


def answer(qtbot: QtBot, name: str) -> None:
    asked = QApplication.activeModalWidget()
    assert asked is not None
    (button,) = [one for one in asked.findChildren(QAbstractButton) if one.accessibleName() == name]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


# --- the page ---


def test_the_arrow_keys_walk_through_the_sections(
    qtbot: QtBot, context: Context, ports: Ports, show: Show, settled: Callable[[], None]
) -> None:
    context.ports = ports
    screen = show(SettingsScreen(context))
    assert screen.sections.hasFocus()
    assert screen.sections.accessibleName() == "Sections"

    def section() -> str:
        page = screen.stack.currentWidget()
        assert page is not None
        return page.accessibleName()

    seen = [section()]
    for _ in SECTIONS[1:]:
        qtbot.keyClick(screen.sections, Qt.Key.Key_Down)
        seen.append(section())
    assert seen == [made.title for made in SECTIONS]
    settled()


def test_every_control_has_a_name_and_tab_comes_to_it(
    context: Context, ports: Ports, show: Show, settled: Callable[[], None]
) -> None:
    context.ports = ports
    screen = show(SettingsScreen(context))
    for made in SECTIONS:
        screen.open(made.title)
        settled()
        assert not unnamed_controls(screen)
        assert not unreachable_by_tab(screen)


def test_a_cashier_changes_nothing_and_is_told_who_does(
    shop: SampleShop, context: Context, ports: Ports, show: Show, settled: Callable[[], None]
) -> None:
    context.ports = ports
    context.actor = shop.as_(shop.staff(Role.CASHIER)).by
    screen = show(SettingsScreen(context))
    for made in SECTIONS:
        section = screen.open(made.title)
        settled()
        assert section.reason.isVisible()
        assert section.reason.text.startswith("Only the owner")
        assert not [form for form in section.findChildren(Form) if form.save.isVisible()]


def test_whoever_comes_to_the_till_sees_what_they_may_change(
    shop: SampleShop, context: Context, ports: Ports, show: Show, settled: Callable[[], None]
) -> None:
    context.ports = ports
    screen = show(SettingsScreen(context))
    before: Any = screen.open("Shop")
    fill(before.form, shop_name="Half typed")
    owner = context.actor.staff
    context.switch_to(shop.staff(Role.CASHIER))
    settled()
    now: Any = screen.stack.currentWidget()
    assert now.reason.isVisible()
    assert now.form.values()["shop_name"] == "Corner Shop"
    context.switch_to(owner)
    settled()
    again: Any = screen.stack.currentWidget()
    assert not again.reason.isVisible()
    assert again.form.save.isVisible()


# --- shop ---


def test_facts_of_the_shop_that_another_till_changed_meanwhile_stay_or_are_told(
    qtbot: QtBot, shop: SampleShop, open_section: Open, settled: Callable[[], None]
) -> None:
    form = open_section("Shop").form
    before = current(shop)
    fill(form, shop_name="Ada's", address="Market 1")
    seller = replace(before.seller, name="Corner & Co", phone="+12125550100")
    shop.do(usecase.change, replace(before, seller=seller, due_days=30), base=before)
    form.save.click()
    settled()
    assert form.fields["shop_name"].fault == (
        "Another user has changed this to “Corner & Co”. Save again to keep yours."
    )
    assert (form.values()["shop_name"], form.values()["due_days"]) == ("Ada's", "30")
    form.save.click()
    settled()
    after = current(shop)
    assert (after.seller.name, after.seller.address) == ("Ada's", "Market 1")
    assert (after.seller.phone, after.due_days) == ("+12125550100", 30)


def test_a_rate_that_another_till_changed_meanwhile_is_not_written_over(
    qtbot: QtBot, shop: SampleShop, open_section: Open, settled: Callable[[], None], context: Context
) -> None:
    section = open_section("Taxes")
    section.table.selectRow(0)
    section.change.click()
    dialog: Any = QApplication.activeModalWidget()
    dialog.name.set_text("Full")
    before = current(shop)
    changed = shop.do(usecase.change, before.with_taxes((replace(before.taxes[0], name="Usual"), *before.taxes[1:])))
    context.set_shop(changed, context.symbols)
    dialog.save.click()
    assert "Another user changed this too" in dialog.name.fault
    dialog.save.click()
    settled()
    assert current(shop).taxes[0].name == "Full"


def test_the_shops_facts_are_typed_and_saved(
    qtbot: QtBot, shop: SampleShop, open_section: Open, settled: Callable[[], None], navigation: NavigationSpy
) -> None:
    section = open_section("Shop")
    form = section.form
    assert not form.save.isEnabled()
    fill(form, shop_name="Żółw i Syn", tax_id="DE 123", footer="Come again!", address="Market 1")
    qtbot.keyClick(form.fields["address"].control, Qt.Key.Key_Return)
    press(form.fields["address"].control, "Springfield")
    fill(form, due_days="30", lock_after_minutes="0", cashier_discount="12.5", smallest_coin="0.05")
    form.fields["seal"].set_text(Seal.AT_ISSUE.value)
    qtbot.keyClick(form.fields["prices_include_tax"].control, Qt.Key.Key_Space)
    qtbot.keyClick(form.fields["footer"].control, Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: navigation.words == ["Shop details saved."])
    settled()
    after = current(shop)
    assert (after.seller.name, after.seller.address) == ("Żółw i Syn", "Market 1\nSpringfield")
    assert (after.seller.tax_id, after.seller.footer) == ("DE 123", "Come again!")
    assert (after.due_days, after.lock_after_minutes, after.cashier_discount_milli) == (30, 0, 12_500)
    assert (after.smallest_coin, after.seal, after.prices_include_tax) == (5, Seal.AT_ISSUE, False)
    assert not form.is_dirty


def test_each_wrong_field_of_the_shop_gets_its_sentence(
    qtbot: QtBot, shop: SampleShop, open_section: Open, settled: Callable[[], None]
) -> None:
    form = open_section("Shop").form
    fill(form, due_days="soon", lock_after_minutes="99999", cashier_discount="130", smallest_coin="0")
    qtbot.mouseClick(form.save, Qt.MouseButton.LeftButton)
    assert form.fields["due_days"].fault == "Enter a whole number of days, at most 366."
    assert form.fields["lock_after_minutes"].fault == "Enter a whole number of minutes, at most 1,440."
    assert form.fields["cashier_discount"].fault == "A percentage must be between 0 and 100."
    assert form.fields["smallest_coin"].fault == "The smallest coin must be more than zero."
    fill(form, due_days="1", lock_after_minutes="1", cashier_discount="1", smallest_coin="1", email="nonsense")
    fill(form, iban="DE89 3704 0044 0532 0130 01", vat_number="136695976")
    qtbot.mouseClick(form.save, Qt.MouseButton.LeftButton)
    settled()
    assert "not an e-mail address" in form.fields["email"].fault
    assert "is not an IBAN" in form.fields["iban"].fault
    assert "begins with the country" in form.fields["vat_number"].fault
    assert form.values()["email"] == "nonsense"
    assert current(shop).due_days == 14
    fill(form, iban="de89370400440532013000", vat_number="DE 136 695 976", email="a@example.org")
    qtbot.mouseClick(form.save, Qt.MouseButton.LeftButton)
    settled()
    assert form.values()["iban"] == "DE89 3704 0044 0532 0130 00"
    assert current(shop).seller.vat_number == "DE136695976"


def test_the_smallest_coin_follows_the_country_and_says_what_is_usual(
    qtbot: QtBot, shop: SampleShop, open_section: Open, settled: Callable[[], None]
) -> None:
    form = open_section("Shop").form
    coin = line_edit(form.fields["smallest_coin"])
    assert (coin.text(), form.is_dirty) == ("0.01", False)
    form.fields["country"].set_text("CH")
    assert coin.text() == "0.01"  # still in dollars
    form.fields["currency"].set_text("CHF")
    assert coin.text() == "0.05"
    assert any("Usual in this country: 0.05." in label.text() for label in form.findChildren(QLabel))
    form.fields["country"].set_text("US")
    form.fields["currency"].set_text("USD")
    assert coin.text() == "0.01"
    fill(form, smallest_coin="0.10")
    form.fields["country"].set_text("SE")
    form.fields["currency"].set_text("SEK")
    assert coin.text() == "0.10"  # typed by hand: it stays
    assert any("Usual in this country: 1.00." in label.text() for label in form.findChildren(QLabel))
    qtbot.mouseClick(form.undo, Qt.MouseButton.LeftButton)
    assert (coin.text(), form.is_dirty) == ("0.01", False)
    form.fields["currency"].set_text("SEK")
    qtbot.mouseClick(form.save, Qt.MouseButton.LeftButton)
    settled()
    assert current(shop).smallest_coin == 100


def test_the_currency_is_locked_with_its_reason_once_there_are_documents(
    shop: SampleShop, open_section: Open, settled: Callable[[], None]
) -> None:
    section = open_section("Shop")
    currency = section.form.fields["currency"]
    assert currency.control.isEnabled()
    shop.issue()
    section.refresh()
    settled()
    assert not currency.control.isEnabled()
    assert currency.control.accessibleDescription() == "It cannot be changed because documents use it."


def test_the_currency_of_an_empty_shop_is_chosen_by_typing(
    qtbot: QtBot,
    shop: SampleShop,
    open_section: Open,
    settled: Callable[[], None],
    expect_log: Callable[[str], object],
) -> None:
    expect_log("This plugin does not support (raise|grabbing)")  # the list that pops up, off screen
    form = open_section("Shop").form
    combo: Any = form.fields["currency"].control
    combo.setFocus()
    combo.lineEdit().selectAll()
    press(combo.lineEdit(), "kes")
    qtbot.mouseClick(form.save, Qt.MouseButton.LeftButton)
    settled()
    assert current(shop).currency.code == "KES"


# --- taxes ---


def rates(section: Any) -> list[list[str]]:
    return [[str(section.model.index(row, at).data()) for at in range(4)] for row in range(section.model.rowCount())]


def test_a_rate_is_added_made_the_default_and_the_old_one_retired(
    qtbot: QtBot, shop: SampleShop, context: Context, open_section: Open, settled: Callable[[], None]
) -> None:
    context.background.changed.connect(lambda _: context.set_shop(current(shop), context.symbols))  # as the window does
    section = open_section("Taxes")
    assert rates(section) == [["Standard", "16%", "Taxed", "default"], ["No tax", "0%", "Zero rate", ""]]
    assert not section.retire.isEnabled()
    qtbot.mouseClick(section.add_rate, Qt.MouseButton.LeftButton)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, TaxDialog)
    press(dialog.name.control, "Reduced")
    qtbot.keyClick(dialog.name.control, Qt.Key.Key_Return)
    press(dialog.rate.control, "seven")
    answer(qtbot, "Save")
    assert "not a percentage" in dialog.rate.fault
    line_edit(dialog.rate).clear()
    press(dialog.rate.control, "7.5")
    qtbot.keyClick(dialog.rate.control, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(rates(section)) == 3)
    settled()
    section.table.selectRow(2)
    qtbot.mouseClick(section.make_default, Qt.MouseButton.LeftButton)
    settled()
    assert rates(section)[2] == ["Reduced", "7.5%", "Taxed", "default"]
    section.table.selectRow(0)
    qtbot.mouseClick(section.retire, Qt.MouseButton.LeftButton)
    answer(qtbot, "Retire")
    settled()
    assert [row[0] for row in rates(section)] == ["No tax", "Reduced"]
    assert current(shop).default_tax.name == "Reduced"


def test_two_rates_that_are_the_same_are_refused_in_words(
    qtbot: QtBot, shop: SampleShop, open_section: Open, settled: Callable[[], None]
) -> None:
    section = open_section("Taxes")
    section.table.setFocus()
    section.table.selectRow(1)
    qtbot.keyClick(section.table, Qt.Key.Key_Return)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, TaxDialog)
    assert dialog.category.isEnabled()
    line_edit(dialog.rate).selectAll()
    press(dialog.rate.control, "16")
    assert not dialog.category.isEnabled()
    answer(qtbot, "Save")
    settled()
    assert dialog.answer.words.text() == "Two tax rates are the same."
    dialog.reject()


def test_a_rate_without_tax_has_the_reason_that_documents_print(
    qtbot: QtBot, shop: SampleShop, open_section: Open, settled: Callable[[], None]
) -> None:
    section = open_section("Taxes")
    qtbot.mouseClick(section.add_rate, Qt.MouseButton.LeftButton)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, TaxDialog)
    dialog.name.set_text("Lessons")
    dialog.rate.set_text("0")
    assert not dialog.reason.isEnabled()
    dialog.category.set_text(Category.EXEMPT.value)
    assert dialog.reason.isEnabled()
    dialog.reason.set_text("§ 4 Nr. 21 UStG")
    answer(qtbot, "Save")
    settled()
    assert [tax.reason for tax in current(shop).taxes] == ["", "", "§ 4 Nr. 21 UStG"]


# --- tills ---


def test_a_till_is_added_and_this_machine_takes_another_name(
    qtbot: QtBot, context: Context, open_section: Open, settled: Callable[[], None], installation: Path
) -> None:
    section = open_section("Tills and numbers")
    assert [section.model.index(0, at).data() for at in (1, 2)] == ["R-A-2026-000001", "I-A-2026-000001"]
    assert section.model.index(0, 3).data() == "this one"
    fill(section.new, till="front 2")
    qtbot.mouseClick(section.new.save, Qt.MouseButton.LeftButton)
    settled()
    assert section.new.fields["till"].fault.startswith("A till's name has 1 to 8")
    fill(section.new, till="front2")
    qtbot.keyClick(section.new.fields["till"].control, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: section.model.rowCount() == 2)
    settled()
    fill(section.here, till__name="front2")
    qtbot.mouseClick(section.here.save, Qt.MouseButton.LeftButton)
    settled()
    assert context.settings.till.name == "FRONT2"
    assert kept.load(installation, {}).till.name == "FRONT2"


# --- text messages ---


def test_a_gateway_is_tried_for_real_and_saved_with_its_key_in_the_keyring(
    qtbot: QtBot,
    context: Context,
    open_section: Open,
    settled: Callable[[], None],
    sms_gateway: SmsServer,
    memory_keyring: MemoryKeyring,
    installation: Path,
    navigation: NavigationSpy,
) -> None:
    section = open_section("Text messages")
    form = section.form
    assert not form.fields["sms.username"].isVisible()
    form.fields["sms.gateway"].set_text("http")
    fill(form, sms__address=f"{sms_gateway.address}/send?to={{to}}", key=KEY)
    click(qtbot, section, "Test")
    assert form.fields["sms.address"].fault == "It needs the placeholders {to} and {text}."
    fill(form, sms__address=f"{sms_gateway.address}/send", sms__body="to={to}&text={text}&k={secret}")
    fill(form, sms__headers="Accept: text/plain", sms__segment_cost="cheap")
    click(qtbot, section, "Test")
    assert "is no cost" in form.fields["sms.segment_cost"].fault
    fill(form, sms__segment_cost="0.80 KES")
    sms_gateway.answer = (200, "text/plain", "OK 1")
    click(qtbot, section, "Test")
    settled()
    assert section.test.words == f"127.0.0.1:{sms_gateway.port} answers (200)."
    section.to.set_text("12")
    click(qtbot, section, "Test")
    assert "is not a phone number" in section.to.fault
    section.to.set_text("+254712345678")
    click(qtbot, section, "Test")
    settled()
    assert (section.test.words, sms_gateway.requests[-1].form["k"]) == ("200 OK 1", KEY)
    with qtbot.waitSignal(context.navigation.sending_wanted):
        qtbot.keyClick(form.fields["sms.address"].control, Qt.Key.Key_S, CTRL)
        settled()
    settled()
    saved = kept.load(installation, {}).sms
    assert context.settings.sms == saved
    assert (saved.gateway, saved.headers, saved.segment_cost) == (SmsGateway.HTTP, ("Accept: text/plain",), "0.80 KES")
    assert memory_keyring.secrets["shopdesk", "sms"] == KEY
    assert KEY not in (installation / kept.FILE).read_text("utf-8")
    assert unnamed_controls(section) == []


def test_the_address_of_one_gateway_is_not_used_for_another(
    qtbot: QtBot, context: Context, open_section: Open, settled: Callable[[], None], installation: Path
) -> None:
    section = open_section("Text messages")
    section.form.fields["sms.gateway"].set_text("http")
    fill(section.form, sms__address="https://sms.example.org/send?to={to}&text={text}")
    click(qtbot, section, "Save")
    settled()
    assert kept.load(installation, {}).sms.address.startswith("https://sms.example.org")
    section.form.fields["sms.gateway"].set_text("africastalking")
    fill(section.form, sms__username="shop")
    click(qtbot, section, "Save")
    settled()
    assert kept.load(installation, {}).sms == SmsSettings(gateway=SmsGateway.AFRICASTALKING, username="shop")


# --- mail ---


def test_mail_is_tried_for_real_and_saved_with_its_password_in_the_keyring(
    qtbot: QtBot,
    context: Context,
    open_section: Open,
    settled: Callable[[], None],
    start_mail_server: Callable[..., MailServer],
    memory_keyring: MemoryKeyring,
    installation: Path,
    navigation: NavigationSpy,
) -> None:
    server = start_mail_server("starttls", login=("shop", "geese in the grass"))
    section = open_section("Mail")
    form = section.form
    fill(form, mail__host=server.host, mail__port=str(server.port), mail__username="shop")
    fill(form, mail__sender="till@example.org", password="ducks in the grass")
    click(qtbot, section, "Test")
    assert section.test.words == "Testing …"
    settled()
    assert "rejected the sign-in" in section.test.words
    fill(form, password="geese in the grass")
    assert section.test.words == ""  # what was tried is not what stands there now
    click(qtbot, section, "Test")
    settled()
    assert "answered, the connection is encrypted with TLS" in section.test.words
    assert "“shop” signed in" in section.test.words
    with qtbot.waitSignal(context.navigation.sending_wanted):
        qtbot.keyClick(form.fields["mail.host"].control, Qt.Key.Key_S, CTRL)
        settled()
    settled()
    saved = kept.load(installation, {}).mail
    assert (saved.host, saved.port, saved.username) == (server.host, server.port, "shop")
    assert context.settings.mail == saved
    assert memory_keyring.secrets["shopdesk", "mail"] == "geese in the grass"
    assert "geese" not in (installation / kept.FILE).read_text("utf-8")
    assert form.values()["password"] == ""
    assert section.password._line.words.text() == "A password is stored in the keyring. Type a new one to replace it."
    click(qtbot, section, "Test")  # with the one in the keyring
    settled()
    assert "signed in" in section.test.words
    click(qtbot, section, "Forget the password")
    settled()
    assert not memory_keyring.secrets


@pytest.fixture
def in_browser(context: Context, show: Show) -> None:
    """The window's part of a sign-in at a provider, and a browser in which the owner agrees at once."""

    def sign_in(wanted: ProviderRequest) -> None:
        assert wanted.sign_in is not None
        ProviderSignIn(
            wanted.choice,
            background=context.background,
            sign_in=wanted.sign_in,
            browse=lambda address: requests.get(address, timeout=10).ok,
            then=wanted.then,
            failed=wanted.failed,
            parent=show(QWidget()),
        ).start()

    context.navigation.provider_wanted.connect(sign_in)


@pytest.mark.usefixtures("in_browser")
def test_the_owner_signs_in_at_google_instead_of_typing_a_password(
    qtbot: QtBot, open_section: Open, settled: Callable[[], None], mail_server: MailServer, installation: Path
) -> None:
    with ConsentServer() as google:
        mail_server.lets_in = google.lets_in
        section = open_section("Mail")
        form = section.form
        form.fields["mail.sign_in"].set_text("google")
        assert form.values()["mail.host"] == "smtp.gmail.com"
        assert not form.fields["password"].isVisible()
        form.fields["mail.security"].set_text("none")
        form.fields["mail.issuer"].set_text(google.address)  # hidden: it is always the same but here
        fill(form, mail__host=mail_server.host, mail__port=str(mail_server.port))
        click(qtbot, section, "Sign in with Google")
        assert form.fields["mail.username"].fault == "Enter your e-mail address."
        assert form.fields["mail.client_id"].fault == "Enter the client ID."
        fill(form, mail__username="shop@example.org", mail__client_id=GOOGLE.client_id)
        fill(form, **{"client secret": str(GOOGLE.secret)})
        click(qtbot, section, "Sign in with Google")
        qtbot.waitUntil(lambda: "signed in" in section.consent.sign_in.words)
        settled()
    saved = kept.load(installation, {}).mail
    assert (saved.sign_in, saved.client_id) == (MailSignIn.GOOGLE, GOOGLE.client_id)
    assert "127.0.0.1" in section.consent.sign_in.words
    section.refresh()
    settled()
    assert section.consent.sign_in.words == "Signed in. Sign in again if Google asks for it."


@pytest.mark.usefixtures("in_browser", "no_keyring")
def test_without_a_keyring_mail_is_sent_until_the_program_ends(
    qtbot: QtBot, context: Context, open_section: Open, mail_server: MailServer, navigation: NavigationSpy
) -> None:
    with ConsentServer() as google:
        mail_server.lets_in = google.lets_in
        section = open_section("Mail")
        section.form.fields["mail.sign_in"].set_text("google")
        section.form.fields["mail.security"].set_text("none")
        section.form.fields["mail.issuer"].set_text(google.address)
        fill(section.form, mail__host=mail_server.host, mail__port=str(mail_server.port))
        fill(section.form, mail__username="shop@example.org", mail__client_id=GOOGLE.client_id)
        fill(section.form, **{"client secret": str(GOOGLE.secret)})
        with qtbot.waitSignal(context.navigation.sending_wanted):
            click(qtbot, section, "Sign in with Google")
        qtbot.waitUntil(lambda: "signed in" in section.consent.sign_in.words)
    assert "no keyring" in navigation.words[-1]


def test_the_sign_in_address_at_microsoft_is_not_used_for_google(
    qtbot: QtBot, open_section: Open, settled: Callable[[], None], installation: Path
) -> None:
    section = open_section("Mail")
    section.form.fields["mail.sign_in"].set_text("microsoft")
    fill(section.form, mail__issuer="https://login.microsoftonline.com/shop")
    click(qtbot, section, "Save")
    settled()
    section.form.fields["mail.sign_in"].set_text("google")
    click(qtbot, section, "Save")
    settled()
    saved = kept.load(installation, {}).mail
    assert (saved.sign_in, saved.issuer) == (MailSignIn.GOOGLE, "")


def test_microsoft_is_told_the_redirect_address(open_section: Open, settled: Callable[[], None]) -> None:
    section = open_section("Mail")
    section.form.fields["mail.sign_in"].set_text("microsoft")
    settled()
    assert section.consent.redirect.text == "http://localhost/callback"
    assert section.consent.redirect.isVisible()
    section.form.fields["mail.sign_in"].set_text("password")
    assert section.form.fields["password"].isVisible()
    assert not section.consent.isVisible()


def test_a_server_that_is_not_there_is_said_in_words(
    qtbot: QtBot, open_section: Open, settled: Callable[[], None], mail_server: MailServer
) -> None:
    section = open_section("Mail")
    fill(section.form, mail__host="127.0.0.1", mail__port="1")
    click(qtbot, section, "Test")
    settled()
    assert "it refused the connection" in section.test.words
    fill(section.form, mail__port="none")
    click(qtbot, section, "Test")
    assert section.form.fields["mail.port"].fault == "Enter a port between 1 and 65535."
    assert section.form.fields["mail.port"].control.hasFocus()


def test_the_usual_port_follows_the_security_unless_another_was_typed(open_section: Open) -> None:
    form = open_section("Mail").form
    security, port = form.fields["mail.security"], form.fields["mail.port"]
    security.set_text(Security.TLS.value)
    assert port.text() == "465"
    security.set_text(Security.STARTTLS.value)
    assert port.text() == "587"
    port.set_text("2525")
    security.set_text(Security.TLS.value)
    assert port.text() == "2525"


def test_a_wrong_sender_is_refused_beside_the_field(
    qtbot: QtBot, open_section: Open, settled: Callable[[], None], installation: Path
) -> None:
    form = open_section("Mail").form
    fill(form, mail__sender="nonsense")
    qtbot.mouseClick(form.save, Qt.MouseButton.LeftButton)
    settled()
    assert "not an e-mail address" in form.fields["mail.sender"].fault
    assert not (installation / kept.FILE).exists()


def test_without_a_keyring_mail_is_saved_and_the_page_says_what_happens_to_the_password(
    qtbot: QtBot, no_keyring: None, open_section: Open, settled: Callable[[], None], installation: Path
) -> None:
    section = open_section("Mail")
    assert "no keyring" in section.password._line.words.text()
    fill(section.form, mail__host="smtp.example.org", password="geese in the grass")
    qtbot.mouseClick(section.form.save, Qt.MouseButton.LeftButton)
    settled()
    assert kept.load(installation, {}).mail.host == "smtp.example.org"
    assert "no keyring" in section.form.answer.words.text()
    assert section.form.answer.isVisible()


def test_a_setting_that_a_variable_holds_cannot_be_changed_and_says_which(
    context: Context, ports: Ports, show: Show, settled: Callable[[], None]
) -> None:
    context.ports = replace(ports, overridden={"mail.host": "SHOPDESK_MAIL_HOST"})
    section: Any = show(SettingsScreen(context)).open("Mail")
    settled()
    host = section.form.fields["mail.host"].control
    assert host.isReadOnly()
    assert host.accessibleDescription() == "Set by the variable SHOPDESK_MAIL_HOST on this machine."


# --- sign-in providers ---


def test_a_provider_is_set_up_with_the_exact_redirect_before_ones_eyes(
    qtbot: QtBot,
    context: Context,
    open_section: Open,
    settled: Callable[[], None],
    memory_keyring: MemoryKeyring,
    installation: Path,
) -> None:
    section = open_section("Sign-in providers")
    page = section.pages["github"]
    assert page.badge.word == "not set up"
    assert page.redirect.text == "http://127.0.0.1/callback"
    click(qtbot, page, "Copy the redirect address")
    assert QApplication.clipboard().text() == "http://127.0.0.1/callback"
    click(qtbot, page, "Test")
    settled()
    assert page.test.words == "Type the client ID first."
    fill(page.form, providers__github__client_id="Iv1.4711", secret="not for the file")
    click(qtbot, page, "Test")
    settled()
    assert page.test.words == "github knows Iv1.4711."
    qtbot.mouseClick(page.form.save, Qt.MouseButton.LeftButton)
    settled()
    assert page.badge.word == "set up"
    assert context.settings.providers["github"].client_id == "Iv1.4711"
    assert memory_keyring.secrets["shopdesk", "provider github"] == "not for the file"
    assert "not for the file" not in (installation / kept.FILE).read_text("utf-8")


def test_another_provider_is_added_and_removed(
    qtbot: QtBot, context: Context, open_section: Open, settled: Callable[[], None]
) -> None:
    section = open_section("Sign-in providers")
    qtbot.mouseClick(section.add_provider, Qt.MouseButton.LeftButton)
    asked = QApplication.activeModalWidget()
    assert isinstance(asked, ConfirmDialog)
    press(named(asked, "Name in the settings"), "Company")
    answer(qtbot, "Continue")
    page = section.pages["company"]
    qtbot.waitUntil(page.form.fields["providers.company.issuer"].control.hasFocus)
    fill(page.form, providers__company__issuer="https://login.example.org", providers__company__client_id="shop")
    qtbot.mouseClick(page.form.save, Qt.MouseButton.LeftButton)
    settled()
    assert context.settings.providers["company"].issuer == "https://login.example.org"
    qtbot.mouseClick(page.remove, Qt.MouseButton.LeftButton)
    answer(qtbot, "Remove")
    settled()
    assert "company" not in context.settings.providers
    assert list(section.pages) == ["github", "facebook"]
    assert section.stack.currentWidget() is section.pages["github"]


@pytest.mark.parametrize("name", ["github", "facebook"])
def test_each_provider_says_how_to_create_the_app_there(name: str, open_section: Open) -> None:
    section = open_section("Sign-in providers")
    page = section.choose(name)
    said = " ".join(part.text() for part in page.findChildren(QWidget) if type(part).__name__ == "Label")
    for word in {"github": ("OAuth Apps", "Device Flow"), "facebook": ("Valid OAuth Redirect", "development mode")}[
        name
    ]:
        assert word in said


# --- scanner, database, backup ---


def test_the_sound_of_the_scanner_is_saved_for_this_till(
    qtbot: QtBot, open_section: Open, settled: Callable[[], None], installation: Path, context: Context
) -> None:
    section = open_section("Scanner")
    assert section.sound.text() == "unknown"
    section.sound.combo.setCurrentText("every scan; twice at an unknown code")
    qtbot.mouseClick(section.form.save, Qt.MouseButton.LeftButton)
    settled()
    assert kept.load(installation, {}).till.scan_sound is kept.ScanSound.ALWAYS
    assert context.settings.till.scan_sound is kept.ScanSound.ALWAYS


def test_the_database_says_where_it_is_and_whether_it_answers(
    qtbot: QtBot, open_section: Open, settled: Callable[[], None]
) -> None:
    section = open_section("Database")
    assert section.place.text == "/data/shop.db"
    assert section.facts.text() == "SQLite 3 · Size 1.2 MB · 100 GB free on disk"
    click(qtbot, section, "Test")
    settled()
    assert section.test.words == "It answers."
    fill(section.form, database="postgresql://nowhere/shop")
    click(qtbot, section, "Test this database")
    settled()
    assert section.form.fields["database"].fault == "The database server cannot be reached."


def test_another_database_is_saved_for_the_next_start_and_its_password_in_the_keyring(
    qtbot: QtBot,
    open_section: Open,
    settled: Callable[[], None],
    installation: Path,
    memory_keyring: MemoryKeyring,
    navigation: NavigationSpy,
) -> None:
    section = open_section("Database")
    fill(section.form, database="postgresql://till:secret@server/shop")
    qtbot.mouseClick(section.form.save, Qt.MouseButton.LeftButton)
    settled()
    assert "contains a password" in section.form.fields["database"].fault
    fill(section.form, database="postgresql://till@server/shop", password="geese in the grass")
    qtbot.mouseClick(section.form.save, Qt.MouseButton.LeftButton)
    settled()
    assert kept.load(installation, {}).database == "postgresql+psycopg://till@server/shop"
    assert memory_keyring.secrets["shopdesk", "database"] == "geese in the grass"
    assert navigation.words == ["Saved. The program opens this database at its next start."]


def test_a_server_is_backed_up_there_and_the_page_says_how_and_how_old_the_last_dump_is(open_section: Open) -> None:
    section = open_section("Backup")
    assert section.command.text == "shopdesk backup FILE.dump"
    assert section.dumped.words.text().startswith("Last backup: 14 Nov 2026, ")
    assert section.dumped.words.text().endswith(", /dumps/shop.dump")
    assert section.server.isVisible()
    assert not any(part.isVisible() for part in section.file_parts)


def test_everything_is_checked_at_a_press(qtbot: QtBot, open_section: Open, settled: Callable[[], None]) -> None:
    section = open_section("Backup")
    assert section.checked.words.text().startswith("Everything was last checked: 14 Oct 2026, ")
    click(qtbot, section, "Check everything")
    settled()
    assert section.check.words == "Everything was checked. There are no errors."


# --- activity ---


def test_the_owner_sees_and_exports_who_changed_what(
    open_section: Open, shop: SampleShop, qtbot: QtBot, context: Context
) -> None:
    shop.change_shop(due_days=30)
    before = len(shop.ask(ask_activity.page, by=shop.by))
    section = open_section("Activity")
    qtbot.waitUntil(lambda: len(section.model.rows) == before)
    text = [str(section.model.index(0, at).data()) for at in range(1, section.model.columnCount())]
    assert text == [shop.by.staff.name, "Setting", "Terms of invoices (days)", "14", "30"]
    assert file_row(section.model.rows[0], context.format)[1:] == (shop.by.staff.name, "", "A", *text[1:])
    assert section.export.isVisible()
    shop.change_shop(due_days=10)
    section.refresh()
    qtbot.waitUntil(lambda: len(section.model.rows) == before + 1)


@pytest.mark.parametrize(
    ("act", "change", "shown"),
    [
        (Activity.SHIFT_OPENED, Change("till B, shift 12", "", "200.00"), ("Till B, shift 12", "", "200,00")),
        (
            Activity.SHIFT_COUNTED,
            Change("till A, shift 1", "1510.60", "not counted"),
            ("Till A, shift 1", "1.510,60", "not counted"),
        ),
        (Activity.CASH_MOVED, Change("till roll", "", "-100.00"), ("till roll", "", "-100,00")),
        (Activity.DRAWER_OPENED, Change("till A", "", "yes"), ("Till A", "", "yes")),
        (Activity.PRICE, Change("Nails", "0.0125", "9.50"), ("Nails", "0,0125", "9,50")),
        (Activity.CLOSED, Change("2026-11-30", "", "3"), ("30.11.2026", "", "3")),
        (
            Activity.SETTING,
            Change("seal", "at close", "at issue"),
            ("Documents are sealed", "at the close of the day", "as soon as it is issued"),
        ),
        (
            Activity.SETTING,
            Change("footer (credit_note, de)", "", "Danke"),
            ("Footer (Credit note, Deutsch)", "", "Danke"),
        ),
    ],
)
def test_the_journals_texts_are_shown_in_the_language_of_the_windows(
    act: Activity, change: Change, shown: tuple[str, str, str]
) -> None:
    one = ActivityEntry(
        key=(new_key(), 1, 0),
        at=datetime(2026, 11, 30, tzinfo=UTC),
        by_name="Ada",
        approver_name="",
        till="A",
        act=act,
        change=change,
    )
    german = Formatter("de-DE", Currency.of("EUR"))
    assert file_row(one, german)[5:] == shown


def test_an_empty_list_of_activity_says_what_appears_there(open_section: Open) -> None:
    section = open_section("Activity")
    assert section.empty.isVisible()
    assert not section.export.isVisible()


def test_a_manager_does_not_see_the_activity(open_section: Open, shop: SampleShop, context: Context) -> None:
    shop.change_shop(due_days=30)
    context.actor = shop.as_(shop.staff(Role.MANAGER)).by
    section = open_section("Activity")
    assert not section.card.isVisible()
    assert section.reason.isVisible()
    assert section.model.rows == ()


# --- keys ---


def test_a_till_has_keys_of_its_own_and_conflicts_are_told_beside_the_field(
    context: Context, shop: SampleShop, open_section: Open, until: Callable[..., None], settled: Callable[[], None]
) -> None:
    section = open_section("Keyboard and till")
    told = {
        "customer": ("F8", "F8 is already used for “Add the product of an unknown code”."),
        "note": ("K", "K is needed for typing. Use a function key, or one with Ctrl."),
        "kind": ("Quux", "“Quux” is no key. Write it like F4 or Ctrl+N."),
    }
    for name in ("note", "kind"):
        fill(section.form, **{name: told[name][0]})
    section.form.save.click()
    assert {name: section.form.fields[name].fault for name in told if name != "customer"} == {
        name: said for name, (_, said) in told.items() if name != "customer"
    }
    for name in ("note", "kind"):
        section.form.fields[name].set_text("")
    fill(section.form, customer="F8")
    section.form.save.click()
    assert section.form.fields["customer"].fault == told["customer"][1]
    fill(section.form, customer="Ctrl+U, f9", note="ctrl+shift+u")
    section.form.fields["default_kind"].set_text("invoice")
    assert section.form.fields["customer"].fault == ""
    section.form.save.click()
    assert section.form.fields["customer"].fault == "Ctrl+U is needed for typing. Use a function key, or one with Ctrl."
    fill(section.form, customer="Ctrl+Shift+Y, f9")
    section.form.save.click()
    settled()
    mine = shop.ask(ask_shop.till_preferences, shop.by.till)
    assert mine == context.till_preferences
    assert (mine.default_kind, mine.keys) == (
        Kind.INVOICE,
        {"customer": ("Ctrl+Shift+Y", "F9"), "note": ("Ctrl+Shift+U",)},
    )
    assert shortcuts.shortcut("note").keys == ("Ctrl+Shift+U",)
    changes = [one.change.subject for one in shop.ask(ask_activity.page, by=shop.by, after=None)]
    assert sorted(changes)[:3] == ["default kind of till A", "key “customer” of till A", "key “note” of till A"]
    for name in ("customer", "note"):
        section.form.fields[name].set_text("")
    section.form.save.click()
    settled()
    assert context.till_preferences.keys == {}
    assert shortcuts.shortcut("note").keys == ("F11",)
