"""The doctor at real patients: well ones, ones with a real fault each, and what of it support gets to read."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Executable, text

from gateways.oidc_server import Client, OidcServer
from shopdesk import cli, crash_reports, logs
from shopdesk.doctor import machine, runner
from shopdesk.doctor.check import CheckResult, CheckState, Installation, ok
from shopdesk.doctor.runner import CHECKS, Check
from shopdesk.domain.message import DeliveryStatus
from shopdesk.domain.product import Product
from shopdesk.domain.sentence import verbatim
from shopdesk.domain.shop import Seller
from shopdesk.message_catalogues import mark
from shopdesk.queries import verify
from shopdesk.row_keys import new_key
from shopdesk.store import backup_log, whole_check
from shopdesk.store.database import Database, connect
from shopdesk.store.tables import documents, outbox, series
from shopdesk.usecases import products
from support.disks import SmallDisk
from support.imap import ImapServer
from support.keyrings import MemoryKeyring
from support.mail import MailServer
from support.mail_consent import GOOGLE, ConsentServer
from support.receipt_printers import NetworkReceiptPrinter
from support.shops import SampleShop, open_shop
from support.sms_gateway import KEY, SmsServer

pytestmark = pytest.mark.usefixtures("qapp")  # a process has one application: the command must not make a lesser one
PRINTER = "Receipts"
KNOWN_HERE = (
    "Program", "Settings file", "Data folder", "Free space", "Keyring", "Printer", "Receipt printer", "Fonts",
    "Earlier runs",
)  # fmt: skip
BOOKS = ("Tables", "Journal", "Numbers", "Documents", "Sums per day", "Barcodes", "Messages")


@pytest.fixture
def meet(home: Path) -> Callable[..., Installation]:
    """``meet(counter)``: the installation whose database that is; its clock is the counter's."""
    home.mkdir(mode=0o700)

    def met(sample_shop: SampleShop | None = None, **environ: str) -> Installation:
        if sample_shop is not None:
            url = sample_shop.database.engine.url.render_as_string(hide_password=False)
            environ = {"SHOPDESK_DATABASE_URL": url} | environ
        installation = runner.load_installation(home, environ, printers=lambda: (PRINTER,), qt="6")
        return replace(installation, now=lambda: sample_shop.now if sample_shop is not None else datetime.now(UTC))

    return met


def found(installation: Installation, *names: str) -> dict[str, CheckResult]:
    """What the checks of these names find; all of them without names."""
    checks = [check for check in CHECKS if not names or check.name in names]
    return {
        check.name: result for check, result in runner.run_checks(installation, tell=lambda *_: None, checks=checks)
    }


def one(installation: Installation, name: str) -> CheckResult:
    return found(installation, name)[name]


# --- well ------------------------------------------------------------------------------------------------------------


def test_a_shop_in_order_is_well_in_every_part(shop: SampleShop, meet: Callable[..., Installation]) -> None:
    shop.issue()
    with shop.database.sessions.begin() as session:
        made = backup_log.BackupRecord(
            kind=backup_log.BackupKind.FILE, at=shop.now, till="A", place="/backups/one.zip", size=1
        )
        backup_log.record(session, made)
        checked = verify.passed(session, now=shop.now)
    assert one(meet(shop), "Check of everything").state is CheckState.WARN
    whole_check.write(meet(shop).home, checked)
    assert {name: result.text for name, result in found(meet(shop)).items() if result.state is not CheckState.OK} == {}


def test_the_books_of_both_databases_are_well(sample_shop: SampleShop, meet: Callable[..., Installation]) -> None:
    sample_shop.issue()
    told = found(meet(sample_shop), *BOOKS)
    assert {name: result.state for name, result in told.items()} == dict.fromkeys(BOOKS, CheckState.OK)


def test_before_there_is_a_shop_nothing_fails(meet: Callable[..., Installation], home: Path) -> None:
    told = found(meet())
    assert not [name for name, result in told.items() if result.state is CheckState.FAIL]
    assert "does not exist yet" in told["Database"].text
    assert told["Journal"].text == "Not checked: there is no database to check."
    assert not (home / "shopdesk.db").exists()  # looking makes nothing


def test_products_with_the_same_barcode_are_listed(sample_shop: SampleShop, meet: Callable[..., Installation]) -> None:
    for code, barcode in (("1", "012345678905"), ("2", "0012345678905"), ("3", "73513537")):
        product = Product(key=new_key(), code=code, name=f"Item {code}", price=100, barcode=barcode)
        sample_shop.do(products.save, product, confirmed=frozenset({products.SHARED_BARCODE}))
    told = one(meet(sample_shop), "Barcodes")
    assert told.state is CheckState.WARN
    assert "012345678905: Item 1, Item 2." in told.text
    assert "Item" not in told.plain


# --- one fault each --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "damage", "said"),
    [
        ("Numbers", series.update().values(last=7), "the counter is at 7"),
        ("Documents", documents.update().values(paid_minor=1), "its payments add up to"),
        ("Journal", text("UPDATE tills SET journal_seq = 9"), "it ends at row 2"),
        ("Sums per day", text("UPDATE day_sales SET gross_minor = 1"), "day_sales"),
        ("Tables", text("UPDATE alembic_version SET version_num = '9999'"), "a newer shopdesk"),
    ],
)
def test_what_does_not_hold_in_the_books_is_found(
    sample_shop: SampleShop, meet: Callable[..., Installation], name: str, damage: Executable, said: str
) -> None:
    sample_shop.issue()
    with sample_shop.database.engine.begin() as connection:
        connection.execute(damage)
    result = one(meet(sample_shop), name)
    assert result.state is CheckState.FAIL
    assert said in result.text
    assert result.advice


def test_a_broken_page_of_the_file_is_found_and_the_last_backup_named(
    shop: SampleShop,
    meet: Callable[..., Installation],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for _ in range(10):
        shop.issue()
    with shop.database.sessions.begin() as session:
        made = backup_log.BackupRecord(
            kind=backup_log.BackupKind.FILE, at=shop.now, till="A", place="/backups/one.zip", size=1
        )
        backup_log.record(session, made)
    installation = meet(shop)
    with shop.database.engine.connect() as connection:
        root = "SELECT rootpage FROM sqlite_master WHERE name = 'journal'"
        page = connection.exec_driver_sql(root).scalar_one() - 1
        size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
    path = shop.database.path
    assert path is not None
    shop.database.close()  # the last connection brings the log home
    with path.open("r+b") as file:
        file.seek(page * size)
        file.write(b"\xff" * size)
    told = found(installation, "Database", "Broken pages", "Journal", "Numbers")
    assert told["Broken pages"].state is told["Journal"].state is CheckState.FAIL
    assert told["Database"].state is told["Numbers"].state is CheckState.OK
    assert "The file is damaged" in told["Broken pages"].text
    assert "shopdesk restore" in told["Broken pages"].advice
    assert "/backups/one.zip" in told["Broken pages"].advice
    monkeypatch.setenv("SHOPDESK_DATABASE_URL", installation.settings.database)
    assert cli.main(["doctor"]) == 1
    assert "fail  Broken pages: The file is damaged" in capsys.readouterr().out


def test_a_file_that_is_no_database_is_told_once(meet: Callable[..., Installation], home: Path) -> None:
    installation = meet()
    (home / "shopdesk.db").write_text("Dear Sir or Madam, " * 100)
    told = found(installation, "Database", "Journal", "Sums per day")
    assert told["Database"].state is CheckState.FAIL
    assert told["Database"].text.endswith("is not a shopdesk database.")
    assert {told["Journal"].text, told["Sums per day"].text} == {"Not checked: there is no database to check."}


def test_a_clock_that_was_set_back_is_found(sample_shop: SampleShop, meet: Callable[..., Installation]) -> None:
    sample_shop.issue()
    installation = replace(meet(sample_shop), now=lambda: sample_shop.now - timedelta(days=1))
    result = one(installation, "Clock")
    assert result.state is CheckState.FAIL
    assert "22 Nov 2026" in result.text
    assert "23 Nov 2026" in result.text
    assert result.plain == "86400 s behind the last act"


def test_a_clock_that_differs_from_the_servers_is_told(
    postgresql_shop_url: str, meet: Callable[..., Installation]
) -> None:
    database = connect(postgresql_shop_url)
    sample_shop = open_shop(database)
    sample_shop.now = datetime.now(UTC) + timedelta(hours=2)
    assert "the server's" in one(meet(sample_shop), "Clock").text
    database.close()


def test_a_server_that_may_lose_what_it_has_said_it_keeps_is_told(
    postgresql_shop_url: str, meet: Callable[..., Installation]
) -> None:
    database = connect(postgresql_shop_url)  # the tests' own server is set up that way
    result = one(meet(SampleShop(database, None)), "Database")  # type: ignore[arg-type]
    assert result.state is CheckState.FAIL
    assert "fsync" in result.text
    database.close()


def test_settings_that_cannot_be_read_are_told_and_the_rest_is_looked_at(
    meet: Callable[..., Installation], home: Path
) -> None:
    meet()
    (home / "shopdesk.toml").write_text("log_level = 'info'\n[mail\nhost = 1\n")
    told = found(runner.load_installation(home, {}, printers=lambda: (), qt="6"), *KNOWN_HERE)
    assert told["Settings file"].state is CheckState.FAIL
    assert "line 2" in told["Settings file"].text
    assert str(home / "shopdesk.toml") in told["Settings file"].advice
    assert told["Fonts"].state is told["Free space"].state is CheckState.OK


def test_a_printer_that_the_system_does_not_know_is_told(meet: Callable[..., Installation]) -> None:
    assert one(meet(SHOPDESK_TILL_PRINTER=PRINTER), "Printer").state is CheckState.OK
    result = one(meet(SHOPDESK_TILL_PRINTER="Gone"), "Printer")
    assert (result.state, "Gone" in result.text) == (CheckState.FAIL, True)


def test_the_receipt_printer_tells_its_status(
    meet: Callable[..., Installation], receipt_printer: NetworkReceiptPrinter
) -> None:
    chosen = {"SHOPDESK_TILL_RECEIPT_PRINTER": str(receipt_printer.address), "SHOPDESK_TILL_DRAWER": "2"}
    unknown = one(meet(**chosen), "Receipt printer")
    assert unknown.state is CheckState.FAIL
    assert unknown.text == "The width of this printer is not known. Choose it."
    installation = meet(**chosen, SHOPDESK_TILL_RECEIPT_PROFILE="tm-t88v")
    well = one(installation, "Receipt printer")
    assert (well.state, well.text) == (CheckState.OK, "The printer is ready.")
    assert well.plain == "tcp, 512 dots, drawer 2, ready"
    receipt_printer.is_paper_low = True
    assert one(installation, "Receipt printer").state is CheckState.WARN
    receipt_printer.rows_left = 0
    assert one(installation, "Receipt printer").text == "The printer has no paper."
    receipt_printer.close()
    assert "cannot be reached" in one(installation, "Receipt printer").text
    assert not receipt_printer.received


def test_what_needs_a_receipt_printer_is_told(meet: Callable[..., Installation]) -> None:
    assert one(meet(), "Receipt printer").state is CheckState.OK
    drawer = one(meet(SHOPDESK_TILL_DRAWER="5"), "Receipt printer")
    assert (drawer.state, drawer.text) == (CheckState.WARN, "The cash drawer has no receipt printer that opens it.")
    slips = one(meet(SHOPDESK_TILL_PRINT_RECEIPTS="always"), "Receipt printer")
    assert (slips.state, slips.text) == (CheckState.WARN, "Slips are to be printed, but there is no receipt printer.")


def test_a_data_folder_that_others_can_look_into_is_told(meet: Callable[..., Installation], home: Path) -> None:
    installation = meet()
    home.chmod(0o755)
    assert "Other users of this computer" in one(installation, "Data folder").text


def test_without_modes_nothing_is_said_about_who_may_read_the_folder(
    meet: Callable[..., Installation], home: Path
) -> None:
    installation = meet()
    home.chmod(0o777)  # on Windows any folder reports that
    found = machine.data_folder(installation, has_modes=False)
    assert (found.state, found.text) == (CheckState.OK, f"{home} is writable.")


def test_the_kind_of_disk_is_known(home: Path) -> None:
    assert machine.disk_kind(Path("/proc")) == "proc"
    assert all(map(machine.is_network, ("nfs4", "cifs", "fuse.sshfs", "fuse.gvfsd-fuse", "ceph", "vboxsf")))
    assert not machine.is_network(machine.disk_kind(home))


def test_of_two_disks_at_one_place_the_upper_one_counts(small_disk: SmallDisk) -> None:
    """As with autofs, which mounts the network disk over itself."""
    assert machine.disk_kind(small_disk.path) == "tmpfs"
    subprocess.run(["mount", "-t", "ramfs", "ramfs", small_disk.path], check=True)
    try:
        assert machine.disk_kind(small_disk.path) == "ramfs"
    finally:
        subprocess.run(["umount", small_disk.path], check=True)


def test_messages_that_lie_about_are_counted(sample_shop: SampleShop, meet: Callable[..., Installation]) -> None:
    sample_shop.issue()
    sample_shop.issue()
    installation = meet(sample_shop)
    with sample_shop.database.engine.begin() as connection:
        connection.execute(
            outbox.update().where(outbox.c.number.endswith("1")).values(state=DeliveryStatus.FAILED.value)
        )
    sample_shop.now += timedelta(hours=2)
    result = one(installation, "Messages")
    assert (result.state, result.plain) == (CheckState.WARN, "1 failed, 0 unclear, 1 waiting for over an hour")


def test_an_old_backup_is_told(sample_shop: SampleShop, meet: Callable[..., Installation]) -> None:
    sample_shop.issue()
    installation = meet(sample_shop)
    assert one(installation, "Backup").text == "No backup has been made."
    kind = backup_log.BackupKind.FILE if sample_shop.database.path else backup_log.BackupKind.DUMP
    with sample_shop.database.sessions.begin() as session:
        backup_log.record(session, backup_log.BackupRecord(kind=kind, at=sample_shop.now, till="A", place="/x", size=1))
    assert one(installation, "Backup").state is CheckState.OK
    sample_shop.now += timedelta(days=5)
    assert one(installation, "Backup").text == "The last backup is 5 days old."


@pytest.mark.parametrize("version", ["0001", "9999"])
def test_the_backups_of_another_version_of_the_database_are_not_called_well(
    sample_shop: SampleShop, meet: Callable[..., Installation], version: str
) -> None:
    sample_shop.issue()
    with sample_shop.database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
    result = one(meet(sample_shop), "Backup")
    assert (result.state, result.text) == (CheckState.WARN, "Not checked: the database has another version.")
    assert result.advice == "See “Tables” above."


def test_mail_is_tried_up_to_the_first_message(
    meet: Callable[..., Installation], mail_server: MailServer, memory_keyring: MemoryKeyring
) -> None:
    mail = {"SHOPDESK_MAIL_HOST": mail_server.host, "SHOPDESK_MAIL_SECURITY": "none"}
    assert one(meet(**mail, SHOPDESK_MAIL_PORT=str(mail_server.port)), "Mail").state is CheckState.OK
    assert mail_server.received == []
    result = one(meet(**mail, SHOPDESK_MAIL_PORT="1"), "Mail")
    assert result.state is CheckState.FAIL
    assert result.plain == "none, port 1, without sign-in, Unavailable from ConnectionRefusedError"


def test_the_gateway_for_text_messages_is_checked_and_sends_nothing(
    meet: Callable[..., Installation], sms_gateway: SmsServer, memory_keyring: MemoryKeyring
) -> None:
    assert one(meet(), "Text messages").plain == "none"
    given = {"SHOPDESK_SMS_GATEWAY": "africastalking", "SHOPDESK_SMS_USERNAME": "shop"}
    given["SHOPDESK_SMS_ADDRESS"] = sms_gateway.address
    assert "key of the gateway for text messages is missing" in one(meet(**given), "Text messages").text
    memory_keyring.secrets["shopdesk", "sms"] = KEY
    result = one(meet(**given), "Text messages")
    assert (result.state, result.plain) == (CheckState.OK, "africastalking")
    assert [request.method for request in sms_gateway.requests] == ["GET"]


def test_the_folder_of_bounces_is_opened(
    meet: Callable[..., Installation], imap_server: ImapServer, memory_keyring: MemoryKeyring
) -> None:
    memory_keyring.secrets["shopdesk", "mail"] = "secret"
    mail = {"SHOPDESK_MAIL_IMAP_HOST": imap_server.host, "SHOPDESK_MAIL_IMAP_SECURITY": "none"}
    mail |= {"SHOPDESK_MAIL_IMAP_PORT": str(imap_server.port), "SHOPDESK_MAIL_USERNAME": "shop"}
    result = one(meet(**mail), "Bounces")
    assert (result.state, result.text) == (CheckState.OK, "Bounces are read from “INBOX” at 127.0.0.1.")
    missing = one(meet(**mail, SHOPDESK_MAIL_IMAP_FOLDER="Spam"), "Bounces")
    assert missing.state is CheckState.FAIL
    assert "does not open the folder “Spam”" in missing.text


def test_mail_is_tried_with_the_owners_consent(
    meet: Callable[..., Installation], mail_server: MailServer, memory_keyring: MemoryKeyring
) -> None:
    with ConsentServer() as google:
        mail_server.lets_in = google.lets_in
        google.consented["lasting"] = (GOOGLE.client_id, "https://mail.google.com/")
        memory_keyring.secrets |= {("shopdesk", "mail client"): "shh", ("shopdesk", "mail consent google"): "lasting"}
        mail = {"HOST": mail_server.host, "PORT": str(mail_server.port), "SECURITY": "none", "SIGN_IN": "google"}
        mail |= {"USERNAME": "shop@example.org", "CLIENT_ID": GOOGLE.client_id, "ISSUER": google.address}
        installation = meet(**{f"SHOPDESK_MAIL_{name}": value for name, value in mail.items()})
        before = dict(memory_keyring.secrets)
        assert one(installation, "Mail").state is CheckState.OK
        assert memory_keyring.secrets == before
        google.withdraw()
        result = one(installation, "Mail")
    assert (result.state, result.advice) == (CheckState.FAIL, "Sign in again in Settings, Mail.")
    assert result.plain.endswith("sign-in by google, ConsentNeeded from GrantExpired from OAuthError")


def test_a_password_that_no_keyring_keeps_is_no_fault(
    meet: Callable[..., Installation], mail_server: MailServer, no_keyring: None
) -> None:
    given = {"SHOPDESK_MAIL_USERNAME": "ada", "SHOPDESK_MAIL_HOST": mail_server.host}
    for name, host in (("Mail", given), ("Bounces", given | {"SHOPDESK_MAIL_IMAP_HOST": mail_server.host})):
        result = one(meet(**host), name)
        assert (result.state, result.advice) == (
            CheckState.WARN,
            "Use “Test” in Settings, Mail: it tries the password you entered.",
        )


def test_providers_are_asked_whether_they_know_the_program(
    meet: Callable[..., Installation], memory_keyring: MemoryKeyring
) -> None:
    with OidcServer(Client("shopdesk", ("http://127.0.0.1/callback",), "the right secret")) as company:
        given = {
            "SHOPDESK_PROVIDERS_COMPANY_ISSUER": company.issuer,
            "SHOPDESK_PROVIDERS_COMPANY_CLIENT_ID": "shopdesk",
        }
        memory_keyring.secrets["shopdesk", "provider company"] = "the right secret"
        assert one(meet(**given), "Sign-in providers").state is CheckState.OK
        memory_keyring.secrets["shopdesk", "provider company"] = "a wrong secret"
        assert one(meet(**given), "Sign-in providers").state is CheckState.FAIL


def test_each_provider_that_does_not_work_is_named(
    meet: Callable[..., Installation], memory_keyring: MemoryKeyring
) -> None:
    given = {
        "SHOPDESK_PROVIDERS_FIRST_CLIENT_ID": "shopdesk",
        "SHOPDESK_PROVIDERS_FIRST_ISSUER": "http://127.0.0.1:1",
        "SHOPDESK_PROVIDERS_SECOND_CLIENT_ID": "shopdesk",
        "SHOPDESK_PROVIDERS_SECOND_ISSUER": "http://127.0.0.1:1",
    }
    result = one(meet(**given), "Sign-in providers")
    assert result.text == "First cannot be reached. Second cannot be reached."
    assert result.advice == "Check the network connection."
    assert result.plain.startswith("0 work, 2 do not, 0 not checked: ")


def test_a_secret_that_no_keyring_keeps_is_no_fault_of_the_provider(
    meet: Callable[..., Installation], no_keyring: None
) -> None:
    given = {
        "SHOPDESK_PROVIDERS_COMPANY_CLIENT_ID": "shopdesk",
        "SHOPDESK_PROVIDERS_COMPANY_ISSUER": "http://127.0.0.1:1",
    }
    result = one(meet(**given), "Sign-in providers")
    assert result.state is CheckState.WARN
    assert result.text == "Not checked: the keyring has no client secret for Company."
    assert "“Test” in Settings, Sign-in providers" in result.advice


def test_a_machine_without_a_keyring_is_told(meet: Callable[..., Installation], no_keyring: None) -> None:
    assert one(meet(), "Keyring").state is CheckState.WARN


# --- how it looks ----------------------------------------------------------------------------------------------------


def test_what_never_answers_is_told_as_silent_and_holds_nothing_up(meet: Callable[..., Installation]) -> None:
    over = threading.Event()

    def silent(_installation: Installation) -> CheckResult:
        over.wait()
        return ok(verbatim("late"))

    checks = (Check(mark("Silent"), silent, 0.05), Check(mark("Quick"), lambda _: ok(verbatim("here"))))
    told: list[str] = []
    both = runner.run_checks(meet(), tell=lambda check, _: told.append(check.name), checks=checks)
    over.set()
    assert [(check.name, result.state) for check, result in both] == [
        ("Silent", CheckState.WARN),
        ("Quick", CheckState.OK),
    ]
    assert told == ["Quick", "Silent"]
    for thread in threading.enumerate():
        if thread.name == "doctor Silent":
            thread.join()


def test_a_check_that_breaks_is_told_and_logged(
    meet: Callable[..., Installation], home: Path, expect_log: Callable[[str], object]
) -> None:
    expect_log("Uncaught error")
    with logs.writing_to(home):
        checks = (Check(mark("Odd"), lambda _: ok(verbatim(str(1 // 0)))),)
        (told,) = runner.run_checks(meet(), tell=lambda *_: None, checks=checks)
    assert told[1].state is CheckState.FAIL


def test_a_million_documents_are_not_waited_for(
    shop: SampleShop, meet: Callable[..., Installation], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shopdesk.doctor.database._LONGEST_SECONDS", 0)
    result = one(meet(shop), "Documents")
    assert (result.state, result.plain) == (CheckState.OK, "not finished")


# --- the report ------------------------------------------------------------------------------------------------------

TELLING = (
    "Zebedee", "Quillfeather", "zebedee.quill", "Moonwharf", "Lanternstreet", "quill@moonwharf.example",
    "moonwharf-mailer", "Marzipan", "login.moonwharf.example", "moonclient", "Owlprinter", "owlslips", "MOONTILL",
    "secret-of-the-moon", "Thanks from the wharf", "VAT99887766", "711987654",
)  # fmt: skip


def test_the_report_for_support_names_nobody(
    sqlite_shop_url: str,
    tmp_path: Path,
    memory_keyring: MemoryKeyring,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Everything that can be named is named tellingly, everything that can be wrong is wrong: each fault has words."""
    home = tmp_path / "home" / "zebedee.quill" / "Moonwharf"
    home.mkdir(parents=True)
    monkeypatch.setenv("SHOPDESK_HOME", str(home))
    Path(sqlite_shop_url.removeprefix("sqlite:///")).rename(home / "Moonwharf.db")
    database = connect(f"sqlite:///{home / 'Moonwharf.db'}")
    _fill_tellingly(database)
    (home / "shopdesk.toml").write_text(
        'database = "Moonwharf.db"\n[till]\nname = "MOONTILL"\nprinter = "Owlprinter"\n'
        'receipt_printer = "file:///dev/owlslips"\nreceipt_width = 576\n'
        '[mail]\nhost = "127.0.0.1"\nport = 1\nsecurity = "none"\nusername = "moonwharf-mailer"\n'
        'sender = "quill@moonwharf.example"\n'
        '[providers.moonwharf]\nissuer = "http://127.0.0.1:1/login.moonwharf.example"\nclient_id = "moonclient"\n'
    )
    for name in ("mail", "provider moonwharf"):
        memory_keyring.secrets["shopdesk", name] = "secret-of-the-moon"
    _crash_tellingly(home)
    out = tmp_path / "report.txt"
    assert cli.main(["doctor", "--report", str(out)]) == 1
    shown = capsys.readouterr().out
    report = out.read_text("utf-8")
    personal = (*TELLING, str(home), str(tmp_path), str(Path.home()))
    assert {word for word in personal if word in shown} > {"Moonwharf", "Owlprinter", "MOONTILL"}  # it is told here
    assert [word for word in personal if word.casefold() in report.casefold()] == []
    assert report.count("\nfail ") >= 6
    assert "ZeroDivisionError" in report
    for check in CHECKS:
        assert f"  {check.name}" in report


def _fill_tellingly(database: Database) -> None:
    shop = open_shop(database, shop_name="Moonwharf", till_name="MOONTILL")
    seller = Seller(
        name="Moonwharf", country="US", address="Lanternstreet 3", tax_id="VAT99887766", phone="+254711987654",
        email="quill@moonwharf.example", footer="Thanks from the wharf",
    )  # fmt: skip
    shop.change_shop(seller=seller)
    for _ in range(3):
        shop.issue(customer="Zebedee Quillfeather <quill@moonwharf.example>", note="Marzipan, Lanternstreet 3")
    with database.engine.begin() as connection:
        connection.execute(series.update().values(last=7))
        connection.execute(documents.update().values(paid_minor=1))
        connection.execute(text("UPDATE tills SET journal_seq = 9"))
        connection.execute(text("UPDATE day_items SET item = 'Marzipan' WHERE item = 'Milk'"))
        connection.execute(
            outbox.update().values(state=DeliveryStatus.FAILED.value, last_error="no quill@moonwharf.example")
        )
    database.close()


def _crash_tellingly(home: Path) -> None:
    with suppress(ZeroDivisionError), crash_reports.detect_unclean_exit(home):
        raise ZeroDivisionError(" ".join(TELLING))
    with crash_reports.detect_unclean_exit(home) as ended:
        assert ended is not None
