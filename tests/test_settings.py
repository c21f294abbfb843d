"""The file, the variables over it, the words for what is wrong, and writing back."""

import re
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from shopdesk import daily_backup, settings
from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.domain.printer import AutoPrint
from shopdesk.settings import LogLevel, ProviderKind, Security, Settings, SmsGateway
from shopdesk.store.database import parse, sqlite_path
from support.disks import SmallDisk
from support.systems import POSIX


@pytest.fixture
def folder(home: Path) -> Path:
    home.mkdir()
    return home


def write(folder: Path, text: str) -> None:
    (folder / settings.FILE).write_text(text, "utf-8")


def refusal(folder: Path, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(Refused) as refused:
        settings.load(folder, environ or {})
    return str(refused.value)


def test_without_a_file_everything_has_its_default(folder: Path) -> None:
    loaded = settings.load(folder, {"PATH": "/bin", "SHOPDESK_HOME": "/elsewhere"})
    assert loaded == replace(Settings(), database=settings.sqlite_url(folder / "shopdesk.db"))
    assert list(loaded.providers) == ["github", "facebook"]
    assert not list(folder.iterdir())


def test_the_example_says_every_default(folder: Path) -> None:
    write(folder, settings.example())
    plain = settings.load(folder, {})
    written_out = re.sub(r"^# (?=[a-z_]+ = |\[)", "", settings.example(), flags=re.MULTILINE)
    write(folder, written_out)
    loaded = settings.load(folder, {})
    company = loaded.providers["company"]
    assert (company.kind, company.issuer) == (ProviderKind.OIDC, "https://login.example.org")
    assert replace(loaded, providers=plain.providers, is_till_named=False) == plain
    assert {name: one for name, one in loaded.providers.items() if name != "company"} == plain.providers


def test_the_file_is_read_and_variables_come_over_it(folder: Path) -> None:
    write(
        folder,
        """
        log_level = "Warning"
        [till]
        name = "b"
        [mail]
        host = "smtp.example.org"
        port = 465
        security = "tls"
        [providers.my-idp]
        issuer = "https://login.example.org"
        scopes = ["openid", "email"]
        """,
    )
    variables = {
        "SHOPDESK_MAIL_HOST": "localhost",
        "SHOPDESK_MAIL_PORT": "2525",
        "SHOPDESK_MAIL_SECURITY": "none",
        "SHOPDESK_MAIL_USERNAME": "",  # as launchers write what was left out
        "SHOPDESK_PROVIDERS_GITHUB_CLIENT_ID": "Iv1.abc",
        "SHOPDESK_PROVIDERS_MY_IDP_CLIENT_ID": "shop",
        "SHOPDESK_PROVIDERS_OTHER_SCOPES": "openid, profile",
    }
    loaded = settings.load(folder, variables)
    assert (loaded.log_level, loaded.till.name) == (LogLevel.WARNING, "B")
    assert (loaded.mail.host, loaded.mail.port, loaded.mail.security) == ("localhost", 2525, Security.NONE)
    assert loaded.providers["github"].client_id == "Iv1.abc"
    assert loaded.providers["github"].kind is ProviderKind.GITHUB
    assert loaded.providers["my-idp"].client_id == "shop"
    assert loaded.providers["my-idp"].scopes == ("openid", "email")
    assert loaded.providers["other"].scopes == ("openid", "profile")


def test_a_byte_order_mark_is_no_fault(folder: Path) -> None:
    (folder / settings.FILE).write_text('log_level = "debug"', "utf-8-sig")
    assert settings.load(folder, {}).log_level is LogLevel.DEBUG


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[mail]\nhots = "a"', "shopdesk.toml, “mail.hots” is not a setting. Did you mean “mail.host”?"),
        ('host = "a"', "Did you mean “mail.host”?"),
        ("[male]\n", "“male” is not a setting. Did you mean “mail”?"),
        ('[providers.github]\nclientid = "x"', "Did you mean “providers.github.client_id”?"),
        ("xyzzy = 1", "“xyzzy” is not a setting. Available: backup, backup.folder, database"),
        ("database = 3", "“database” must be text in quotation marks, not the number 3"),
        ('[mail]\nport = "smtp"', "“mail.port” must be a whole number, such as 587, not the text “smtp”"),
        ("[mail]\nport = true", "not yes/no (true)"),
        ("[mail]\nport = 0", "a port must be between 1 and 65535"),
        ('[mail]\nsecurity = "ssl"', "must be one of “none”, “starttls”, “tls”, not the text “ssl”"),
        ('[mail]\nsender = "shop"', "“mail.sender”: “shop” is not an e-mail address"),
        ('[mail]\nhost = "a\\nb"', "“mail.host”: the text contains a line break"),
        ('[till]\nname = "main till"', "“till.name”: A till's name has 1 to 8 letters or digits"),
        ('[providers.github]\nscopes = "openid"', "“providers.github.scopes” must be a list of texts"),
        ('[providers."My IdP"]\nissuer = ""', "a provider's name has lower-case letters"),
        ('[mail]\npassword = "x"', "“mail.password”: secrets are not settings"),
        ('[providers.github]\nclient_secret = "x"', "secrets are not settings"),
        ("mail = 1", "“mail” is a group of settings, written as [mail]"),
        ("[providers]\ngithub = 1", "written as [providers.github]"),
        ('database = "mysql://root@localhost/shop"', "not with mysql://"),
        ('database = "postgresql://shop:hunter2@db/shop"', "contains a password"),
        ('database = "postgresql://db/shop?password=hunter2"', "contains a password"),
        ("= 1", "shopdesk.toml has a syntax error: "),
    ],
)
def test_what_is_wrong_is_said_with_file_and_key(folder: Path, text: str, said: str) -> None:
    write(folder, text)
    words = refusal(folder)
    assert said in words
    assert "hunter2" not in words


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        (
            "SHOPDESK_MAIL_HSOT",
            "x",
            "The variable SHOPDESK_MAIL_HSOT is not a setting. Did you mean “SHOPDESK_MAIL_HOST”?",
        ),
        ("SHOPDESK_DATABASE", "x", "Did you mean “SHOPDESK_DATABASE_URL”?"),
        ("SHOPDESK_MAIL_PORT", "x", "The variable SHOPDESK_MAIL_PORT must be a whole number"),
        ("SHOPDESK_MAIL_PASSWORD", "hunter2", "secrets are not settings"),
        ("SHOPDESK_PROVIDERS_GITHUB_CLIENTID", "x", "Did you mean “SHOPDESK_PROVIDERS_GITHUB_CLIENT_ID”?"),
    ],
)
def test_what_is_wrong_in_a_variable_names_it(folder: Path, variable: str, value: str, said: str) -> None:
    words = refusal(folder, {variable: value})
    assert said in words
    assert "hunter2" not in words


def test_every_fault_is_said_at_once_beside_its_key(folder: Path) -> None:
    write(folder, '[mail]\nport = "x"\nsecurity = "y"\n')
    with pytest.raises(Refused) as refused:
        settings.load(folder, {"SHOPDESK_LOG_LEVEL": "loud"})
    assert [fault.field for fault in refused.value.faults] == ["mail.port", "mail.security", "log_level"]


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("sqlite://", "sqlite://"),
        ("postgresql://shop@db/shop", "postgresql+psycopg://shop@db/shop"),
        ("postgres://shop@db/shop?sslmode=require", "postgresql+psycopg://shop@db/shop?sslmode=require"),
    ],
)
def test_the_database_is_a_complete_address(folder: Path, given: str, url: str) -> None:
    write(folder, f'database = "{given}"')
    assert settings.load(folder, {}).database == url


@pytest.mark.parametrize("name", ["data", "50%ab", "#1", pytest.param("what?", marks=POSIX)])
@pytest.mark.parametrize(
    ("given", "file"),
    [
        ("", "shopdesk.db"),
        ("50%ab.db", "50%ab.db"),
        ("sqlite:///till.db", "till.db"),
        ("sqlite:///50%25ab.db", "50%ab.db"),
        ("sqlite:////var/shop.db", "/var/shop.db"),
    ],
)
def test_the_file_of_the_shop_lies_in_the_data_folder_whatever_its_name(
    tmp_path: Path, name: str, given: str, file: str
) -> None:
    url = settings.load(tmp_path / name, {"SHOPDESK_DATABASE_URL": given}).database
    assert sqlite_path(parse(url)) == tmp_path / name / file
    assert settings.database_url(parse(url).render_as_string(), tmp_path) == settings.database_url(url, tmp_path) == url


@pytest.mark.parametrize("text", ["~/shop.db", "sqlite:///~/shop.db", "SQLite:///~/shop.db"])
def test_a_database_may_be_in_the_users_folder(text: str, tmp_path: Path) -> None:
    assert settings.database_url(text, tmp_path) == settings.sqlite_url(Path.home() / "shop.db")


def test_the_case_of_a_servers_scheme_does_not_matter(tmp_path: Path) -> None:
    assert settings.database_url("PostgreSQL://till@Host/Shop", tmp_path) == "postgresql+psycopg://till@Host/Shop"


def test_the_folder_of_a_user_who_does_not_exist_is_a_plain_name(tmp_path: Path) -> None:
    chosen = settings.Settings(backup=settings.BackupSettings(folder="~nobody-of-that-name/x"))
    assert daily_backup.folder(chosen, tmp_path) == tmp_path / "~nobody-of-that-name" / "x"


def test_a_variable_may_carry_the_database_password(folder: Path) -> None:
    loaded = settings.load(folder, {"SHOPDESK_DATABASE_URL": "postgresql://shop:hunter2@db/shop"})
    assert loaded.database == "postgresql+psycopg://shop:hunter2@db/shop"


def test_saving_keeps_comments_and_what_others_wrote(folder: Path) -> None:
    write(folder, '# ours\n[mail]\nhost = "old"  # the new one comes in May\n\n[till]\nname = "C"\n')
    settings.save(
        folder,
        {
            "mail.host": "new",
            "mail.security": Security.TLS,
            "log_level": "debug",
            "till.name": None,
            "providers.company.scopes": ("openid",),
        },
    )
    text = (folder / settings.FILE).read_text("utf-8")
    assert "# ours\n" in text
    assert 'host = "new" # the new one comes in May' in text.replace("  #", " #")
    loaded = settings.load(folder, {})
    assert (loaded.mail.host, loaded.mail.security, loaded.log_level) == ("new", Security.TLS, LogLevel.DEBUG)
    assert loaded.till.name == "A"
    assert loaded.providers["company"].scopes == ("openid",)
    settings.save(folder, {"providers.company": None})
    assert "company" not in settings.load(folder, {}).providers


def test_the_first_saving_writes_the_commented_example(folder: Path) -> None:
    settings.save(folder, {"mail.host": "smtp.example.org"})
    text = (folder / settings.FILE).read_text("utf-8")
    assert "# Its port: 587 for starttls" in text
    assert settings.load(folder, {}).mail.host == "smtp.example.org"
    assert [path.name for path in folder.iterdir()] == [settings.FILE]
    if sys.platform != "win32":
        assert stat.S_IMODE((folder / settings.FILE).stat().st_mode) == 0o600


def test_the_sms_table_of_an_older_program_holds_again(folder: Path) -> None:
    write(folder, '[sms]\ngateway = "africastalking"\nusername = "shop"\nsender = ""\n')
    sms = settings.load(folder, {"SHOPDESK_SMS_HEADERS": "Accept: text/plain\nX-Key: {secret}\n"}).sms
    assert (sms.gateway, sms.username) == (SmsGateway.AFRICASTALKING, "shop")
    assert sms.headers == ("Accept: text/plain", "X-Key: {secret}")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('address = "http://sms.example.org/send"', "must begin with https://"),
        ('segment_cost = "cheap"', "cheap"),
        ('gateway = "pigeon"', "must be one of"),
    ],
)
def test_a_wrong_setting_of_the_gateway_is_refused(folder: Path, line: str, why: str) -> None:
    write(folder, f"[sms]\n{line}\n")
    with pytest.raises(Refused, match=why):
        settings.load(folder, {})


@pytest.mark.parametrize(
    "changes",
    [
        {"mail.port": "many"},
        {"mail.hots": "x"},
        {"mail.password": "x"},
        {"sms.gateway": "x"},
        {"mail.port": object()},
        {"mail": 3},
    ],
)
def test_a_refused_change_writes_nothing(folder: Path, changes: dict[str, object]) -> None:
    write(folder, '[mail]\nhost = "old"\n')
    with pytest.raises(Refused):
        settings.save(folder, {"log_level": "debug", **changes})
    assert (folder / settings.FILE).read_text("utf-8") == '[mail]\nhost = "old"\n'


def test_a_file_that_cannot_be_read_is_the_worlds_fault(folder: Path) -> None:
    (folder / settings.FILE).mkdir()
    with pytest.raises(Unavailable, match=r"shopdesk\.toml cannot be read"):
        settings.load(folder, {})


def test_a_file_that_is_no_text_is_refused(folder: Path) -> None:
    (folder / settings.FILE).write_bytes(b"\xff\xfe\x00")
    assert "not a UTF-8 text file" in refusal(folder)


def test_a_full_disk_leaves_the_settings_as_they_were(small_disk: SmallDisk) -> None:
    home = small_disk.path
    settings.save(home, {"mail.host": "mail.example.org"})
    before = (home / settings.FILE).read_bytes()
    small_disk.fill()
    with pytest.raises(Unavailable, match="cannot be written: No space left on device"):
        settings.save(home, {"mail.host": "elsewhere.example.org"})
    assert (home / settings.FILE).read_bytes() == before
    assert {path.name for path in home.iterdir()} == {"filler", settings.FILE}
    small_disk.free()
    settings.save(home, {"mail.host": "elsewhere.example.org"})
    assert settings.load(home, {}).mail.host == "elsewhere.example.org"


def test_the_address_of_newer_versions_is_protected(tmp_path: Path) -> None:
    for good in ("https://example.org/v.json", "http://127.0.0.1:8080/v.json"):
        assert settings.load(tmp_path, {"SHOPDESK_UPDATE_ADDRESS": good}).update_address == good
    for bad in ("http://example.org/v.json", "example.org", "https:///v.json", "http://127.0.0.1.example.org/"):
        with pytest.raises(Refused, match="must begin with https"):
            settings.load(tmp_path, {"SHOPDESK_UPDATE_ADDRESS": bad})


# --- printers ---


def test_a_receipt_printer_is_read_as_it_is_written_anywhere(folder: Path) -> None:
    write(
        folder, '[till]\nreceipt_printer = "192.0.2.7"\nreceipt_profile = "tm-t88v"\nsecond_slip = true\ndrawer = 2\n'
    )
    printer = settings.receipt_printer(settings.load(folder, {}).till)
    assert printer is not None
    assert (str(printer.address), printer.width, printer.has_cutter) == ("tcp://192.0.2.7:9100", 512, True)
    variables = {
        "SHOPDESK_TILL_RECEIPT_PRINTER": "queue://Bons",
        "SHOPDESK_TILL_RECEIPT_WIDTH": "384",
        "SHOPDESK_TILL_RECEIPT_PROFILE": "simple",
        "SHOPDESK_TILL_SECOND_SLIP": "False",
        "SHOPDESK_TILL_PRINT_RECEIPTS": "no_email",
    }
    till = settings.load(folder, variables).till
    assert (till.second_slip, till.print_receipts) == (False, AutoPrint.NO_EMAIL)
    printer = settings.receipt_printer(till)
    assert printer is not None
    assert (str(printer.address), printer.width, printer.has_cutter, printer.drawer) == ("queue://Bons", 384, False, 2)


def test_without_an_address_there_is_no_receipt_printer_and_without_a_width_none_that_works(folder: Path) -> None:
    assert settings.receipt_printer(settings.load(folder, {}).till) is None
    write(folder, '[till]\nreceipt_printer = "192.0.2.7"\n')
    with pytest.raises(Refused, match="The width of this printer is not known") as refused:
        settings.receipt_printer(settings.load(folder, {}).till)
    assert refused.value.faults[0].field == "till.receipt_width"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('receipt_printer = "lp 0"', "“till.receipt_printer”: “lp 0” is not the address of a printer."),
        ('receipt_profile = "TM-T99"', "“TM-T99” is not a known model of receipt printer."),
        ("receipt_width = 80", "The width must be 192 to 1,024 dots."),
        ("drawer = 3", "The cash drawer is at pin 2 or 5 of the printer, or 0 if there is none."),
        ('second_slip = "yes"', "must be true or false, not the text “yes”."),
        ('receipt_paper = "A5"', "must be one of “roll”, “a4”, not the text “A5”."),
    ],
)
def test_what_no_printer_has_is_named(folder: Path, line: str, said: str) -> None:
    write(folder, f"[till]\n{line}\n")
    assert said in refusal(folder)
