"""The command line: what it says, what it exits with, and that no trouble with the shop's file becomes a traceback."""

import csv
import errno
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import psycopg
import pytest
from sqlalchemy import inspect, select, text, update
from sqlalchemy.exc import OperationalError

from shopdesk import cli
from shopdesk.delivery import Mailer, deliver_next, settle_bytes
from shopdesk.domain.document import Document, Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.message import DeliveryStatus
from shopdesk.gateways import keychain, signing
from shopdesk.queries import documents as ask
from shopdesk.queries import outbox as ask_outbox
from shopdesk.queries import verify
from shopdesk.row_keys import new_key
from shopdesk.store import upgrade, whole_check
from shopdesk.store.database import Database, connect
from shopdesk.store.shop import shop_mark
from shopdesk.store.tables import documents, outbox, series
from shopdesk.usecases import documents as do
from support.backup_keys import LOCK, PHRASE
from support.disks import SmallDisk
from support.e_invoice_rules import violations
from support.e_invoices import sell
from support.keyrings import MemoryKeyring
from support.postgresql import Server
from support.shops import SampleShop, open_shop

LETTER = b"Dear Sir or Madam, this is a letter and no database, though it is long enough to be looked at."


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it printed."""

    status: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """``run("verify")``: the command in this process, where a traceback would be an error of the test."""

    def command(*arguments: object) -> Said:
        capsys.readouterr()
        try:
            status = cli.main([str(argument) for argument in arguments])
        except SystemExit as asked:
            status = int(asked.code or 0)
        return Said(status, *capsys.readouterr())

    return command


def refuses(said: Said, pattern: str) -> None:
    """It ended with 1 and one sentence, and printed nothing else."""
    assert (said.status, said.out) == (1, "")
    assert re.fullmatch(r"shopdesk: [^\n]*[.?]\n", said.err), said.err
    assert re.search(pattern, said.err), said.err


@pytest.fixture
def shop(home: Path, sqlite_shop_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[SampleShop]:
    """An opened shop in a local file, which the command line finds; nobody has it open."""
    monkeypatch.setenv("SHOPDESK_DATABASE_URL", sqlite_shop_url)
    database = connect(sqlite_shop_url)
    sample_shop = open_shop(database)
    sample_shop.issue()
    database.close()
    yield sample_shop
    database.close()


def file_of(sample_shop: SampleShop) -> Path:
    path = sample_shop.database.path
    assert path is not None
    return path


# --- help ------------------------------------------------------------------------------------------------------------


def test_the_help_names_every_command_and_says_where_things_are(home: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "shopdesk", "--help"],
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "80"},
    )
    assert (said.returncode, said.stderr) == (0, "")
    for command in ("window", "tour", "verify", "report", "export", "backup", "restore", "doctor"):
        assert re.search(rf"^    {command} +[a-z]", said.stdout, re.MULTILINE), f"nothing is said of {command}"
    assert str(home) in said.stdout
    assert "SHOPDESK_HOME" in said.stdout
    assert "Exit status" in said.stdout
    too_wide = [line for line in said.stdout.splitlines() if len(line) > 80 and str(home) not in line]
    assert not too_wide


@pytest.mark.parametrize("command", ["tour", "verify", "report", "export", "backup", "restore", "doctor"])
def test_each_command_explains_itself(run: Run, command: str) -> None:
    said = run(command, "--help")
    assert said.status == 0
    explained = said.out.split("\n\n")[1]
    assert len(explained.split()) > 8, explained
    assert explained.strip().endswith(".")


@pytest.mark.parametrize("books", [(), ("--books",)])
def test_a_tour_does_not_touch_a_folder_with_a_shops_data(run: Run, tmp_path: Path, books: tuple[str, ...]) -> None:
    shop = tmp_path / "shopdesk.db"
    shop.write_bytes(b"a shop")
    refuses(run("tour", *books, "--out", tmp_path), "contains a shop's data")
    assert shop.read_bytes() == b"a shop"


def test_what_is_no_command_ends_with_two_and_names_those_that_are(run: Run) -> None:
    said = run("verfy")
    assert said.status == 2
    assert "verify" in said.err


def test_a_command_without_a_window_loads_no_window() -> None:
    script = "import sys; from shopdesk import cli; cli.main(['verify']); print('PySide6' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert said.stdout.split() == ["False"]


def test_a_data_folder_that_cannot_be_made_is_told_in_a_sentence(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("SHOPDESK_HOME", str(tmp_path / "file" / "home"))
    refuses(run("verify"), "data folder .*file/home cannot be created")
    assert run("--help").status == 0


# --- verify ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def served(sample_shop: SampleShop, monkeypatch: pytest.MonkeyPatch) -> SampleShop:
    """An opened shop on each database, which the command line finds."""
    monkeypatch.setenv("SHOPDESK_DATABASE_URL", sample_shop.database.engine.url.render_as_string(hide_password=False))
    return sample_shop


def test_verify_says_that_the_books_hold_and_what_that_proves(served: SampleShop, run: Run) -> None:
    served.issue()
    served.issue()
    said = run("verify")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("Verified, no errors: 2 documents, 3 journal rows.\n")
    assert "not a fiscal certificate" in said.out


def test_verify_lists_what_does_not_hold(served: SampleShop, run: Run) -> None:
    first = served.issue()
    with served.database.engine.begin() as connection:
        connection.execute(documents.update().values(paid_minor=1))
        connection.execute(series.update().values(last=7))
    said = run("verify")
    assert said.status == 1
    found = said.out.splitlines()
    assert f"{first.number}: its payments add up to 604 minor units, not 1." in found
    assert any("the counter is at 7" in line for line in found)
    assert said.err == f"{len(found)} errors in 1 documents and 2 journal rows.\n"


@pytest.mark.parametrize(
    ("column", "value"),
    [("kind", "gift"), ("state", "lost"), ("seller", "{"), ("buyer", "[]"), ("currency", "???"), ("number", "R-A-x")],
)
def test_verify_goes_on_past_a_document_that_cannot_even_be_read(
    served: SampleShop, run: Run, column: str, value: str
) -> None:
    served.issue()
    served.issue()
    with served.database.engine.begin() as connection:
        keep = "SELECT min(number) FROM documents"
        connection.execute(text(f"UPDATE documents SET {column} = '{value}' WHERE number = ({keep})"))
        connection.execute(text("UPDATE documents SET paid_minor = 1 WHERE number = 'R-A-2026-000002'"))
    said = run("verify")
    assert said.status == 1
    assert "R-A-2026-000002: its payments add up to" in said.out
    assert len(said.out.splitlines()) > 1


def test_e_invoices_are_exported_as_ubl_and_what_is_missing_is_said(
    served: SampleShop, run: Run, tmp_path: Path
) -> None:
    issued = sell(served)
    plain = served.issue(kind=Kind.INVOICE)
    folder = tmp_path / "out"
    said = run("export", "--out", folder, "--ubl", issued.number, plain.number, "I-A-1999-000001")
    assert said.status == 1
    assert said.out == f"{folder / issued.number}.ubl.xml\n"
    assert said.err.splitlines() == [
        f"{plain.number}: The customer's country is missing.",
        "I-A-1999-000001: There is no document I-A-1999-000001.",
    ]
    assert violations((folder / f"{issued.number}.ubl.xml").read_bytes(), "UBL") == []
    assert run("export", "--out", folder, "--ubl", issued.number.lower()).out == said.out


def test_verify_makes_no_shop_where_there_is_none(run: Run, home: Path) -> None:
    refuses(run("verify"), r"The shop file .*shopdesk\.db does not exist yet")
    assert list(home.iterdir()) == []


def test_verify_makes_no_tables_in_an_empty_database(
    run: Run, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPDESK_DATABASE_URL", database_url)
    empty = connect(database_url)
    if empty.path is not None:
        empty.path.touch()
    refuses(run("verify"), "There is no shop in .* yet")
    with empty.engine.connect() as connection:
        assert inspect(connection).get_table_names() == []
    empty.close()


def test_a_server_that_is_away_is_told_in_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPDESK_DATABASE_URL", "postgresql://shop@127.0.0.1:1/shop")
    refuses(run("verify"), "server cannot be reached")
    refuses(run("backup", "copy.dump"), "server cannot be reached")


def test_the_password_of_a_server_comes_from_the_keyring(
    postgresql: Server, postgresql_shop_url: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = connect(postgresql_shop_url)
    open_shop(database).issue()
    with database.engine.begin() as connection:
        connection.execute(text("CREATE ROLE clerk LOGIN SUPERUSER PASSWORD 'no guess'"))
        rules = Path(connection.execute(text("SHOW hba_file")).scalar_one())
        rules.write_text(f"local all clerk scram-sha-256\n{rules.read_text('utf-8')}")
        connection.execute(text("SELECT pg_reload_conf()"))
    as_clerk = postgresql_shop_url.replace("postgres@", "clerk@")
    while _lets_in(as_clerk):
        pass  # the server reads its rules anew when it gets to it
    monkeypatch.setenv("SHOPDESK_DATABASE_URL", as_clerk)
    refuses(run("verify"), "refused the user name or password")
    keychain.write("database", "a wrong guess")
    refuses(run("verify"), "refused the user name or password")
    keychain.write("database", "no guess")
    assert run("verify").out.startswith("Verified, no errors: 1 documents")
    with database.engine.begin() as connection:
        connection.execute(text("DROP ROLE clerk"))
    database.close()


def _lets_in(url: str) -> bool:
    try:
        psycopg.connect(url.replace("+psycopg", "")).close()
    except psycopg.OperationalError:
        return False
    return True


# --- settings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("[mail\nhost = 1", "shopdesk.toml has a syntax error"),
        ("[mail]\nhots = 'smtp.example.org'", "hots.* is not a setting. Did you mean .*host"),
        ("[mail]\nport = 'many'", "a whole number"),
        ("database = 'mysql://shop'", "not with mysql://"),
        ("database = 'postgresql://shop:secret@host/shop'", "contains a password"),
    ],
)
def test_broken_settings_are_told_in_a_sentence(run: Run, home: Path, settings: str, said: str) -> None:
    home.mkdir()
    (home / "shopdesk.toml").write_text(settings)
    refuses(run("verify"), said)
    assert sorted(path.name for path in home.iterdir()) == ["shopdesk.toml"]


# --- the signed head -------------------------------------------------------------------------------------------------


@pytest.fixture
def head(served: SampleShop, run: Run, tmp_path: Path) -> Path:
    """The head of a shop with one document, signed by this computer."""
    served.issue()
    said = run("verify", "--export", tmp_path / "head.json")
    assert (said.status, said.err) == (0, "")
    assert re.search(r"signed with the key [0-9a-f]{64}\.", said.out)
    return tmp_path / "head.json"


def test_nothing_was_changed_since_the_head(served: SampleShop, run: Run, head: Path) -> None:
    served.issue()
    said = run("verify", "--head", head)
    assert (said.status, said.err) == (0, "")
    assert "Signed with the key of this computer" in said.out
    assert "Nothing was changed since the head of 20" in said.out


def test_a_shop_made_anew_is_not_that_of_the_head(
    run: Run, head: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    database = connect(f"sqlite:///{tmp_path / 'other.db'}")
    upgrade.open_ready(database)
    open_shop(database).issue()
    database.close()
    monkeypatch.setenv("SHOPDESK_DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")
    said = run("verify", "--head", head)
    assert said.status == 1
    assert re.search("^Till A is gone. On 20.* its journal had 2 entries.$", said.out, re.MULTILINE)


def test_a_head_that_was_changed_has_a_wrong_signature(run: Run, head: Path) -> None:
    head.write_text(head.read_text("utf-8").replace('"entries": 2', '"entries": 1'))
    said = run("verify", "--head", head)
    assert said.status == 1
    assert "The signature of the head is wrong" in said.out


def test_a_head_signed_by_another_key_is_named(run: Run, head: Path, memory_keyring: MemoryKeyring) -> None:
    memory_keyring.secrets.clear()
    said = run("verify", "--head", head)
    assert said.status == 0
    assert "This computer has no key to compare it with." in said.out
    signing.signer()
    said = run("verify", "--head", head)
    assert said.status == 1
    assert re.search("signed with the unknown key [0-9a-f]{64}", said.out)


def test_a_computer_without_a_keyring_writes_an_unsigned_head_and_says_so(
    served: SampleShop, run: Run, tmp_path: Path, no_keyring: None
) -> None:
    file = tmp_path / "head.json"
    said = run("verify", "--export", file)
    assert said.status == 0
    assert "The head is not signed. This machine has no keyring" in said.out
    assert json.loads(file.read_text("utf-8"))["signature"] is None
    assert "The head is not signed: trust it only" in run("verify", "--head", file).out


def test_no_head_of_a_shop_with_errors_is_written(served: SampleShop, run: Run, tmp_path: Path) -> None:
    served.issue()
    with served.database.engine.begin() as connection:
        connection.execute(documents.update().values(paid_minor=1))
    said = run("verify", "--export", tmp_path / "head.json")
    assert (said.status, (tmp_path / "head.json").exists()) == (1, False)
    assert "The head was not written" in said.err


def test_what_is_no_head_is_told_in_a_sentence(served: SampleShop, run: Run, tmp_path: Path) -> None:
    (tmp_path / "letter").write_bytes(LETTER)
    refuses(run("verify", "--head", tmp_path / "letter"), "no head")
    refuses(run("verify", "--head", tmp_path / "missing"), "missing: No such file")


# --- report ----------------------------------------------------------------------------------------------------------


def rows_of(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text("utf-8-sig").splitlines()))


def test_report_writes_the_money_of_a_period(served: SampleShop, run: Run, tmp_path: Path) -> None:
    served.issue()
    day, file = served.today.isoformat(), tmp_path / "money.csv"
    said = run("report", "money", "--from", day, "--until", day, "--out", file)
    assert (said.status, said.err) == (0, "")
    head, *rows = rows_of(file)
    gross = {(row[0], row[1]): row[head.index("Gross")] for row in rows}
    assert gross["Sales, by the date of the document", "Total"] == "6.04"
    amount = {(row[0], row[1]): row[head.index("Amount")] for row in rows}
    assert amount["Payments, by the day they were taken", "Cash"] == "6.04"
    assert amount["What is open", "At the end"] == "0.00"


def test_report_writes_every_number_of_a_series(served: SampleShop, run: Run, tmp_path: Path) -> None:
    first, second = served.issue(), served.issue()
    served.do(do.delete, second.key)
    file = tmp_path / "numbers.csv"
    assert run("report", "numbers", "--series", "r-a-2026", "--out", file).status == 0
    head, *rows = rows_of(file)
    at = head.index("What became of it")
    assert [(row[0], row[at]) for row in rows] == [(first.number, "Issued"), (second.number, "Voided")]


@pytest.mark.parametrize(("ending", "begins"), [("pdf", b"%PDF-"), ("xlsx", b"PK")])
@pytest.mark.parametrize("subject", ["money", "numbers"])
def test_a_report_is_what_its_name_says(
    shop: SampleShop, run: Run, tmp_path: Path, subject: str, ending: str, begins: bytes
) -> None:
    file = tmp_path / f"report.{ending}"
    day = shop.today.isoformat()
    assert run("report", subject, "--from", day, "--until", day, "--out", file).status == 0
    assert file.read_bytes().startswith(begins)


def test_what_is_wrong_with_a_report_is_told_in_a_sentence(shop: SampleShop, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "report.csv"
    refuses(run("report", "money", "--out", tmp_path / "report.doc"), "ends in .csv, .xlsx or .pdf")
    refuses(run("report", "numbers", "--series", "X-1", "--out", file), "no series X-1. There are: R-A-2026")
    refuses(
        run("report", "money", "--from", "2026-11-30", "--until", "2026-11-01", "--out", file), "first day is after"
    )
    refuses(run("report", "money", "--series", "R-A-2026", "--out", file), "Only the number report is of a series.")
    refuses(run("report", "money", "--out", tmp_path / "no" / "r.csv"), f"shopdesk: {tmp_path / 'no' / 'r.csv'}: No ")
    said = run("report", "money", "--from", "yesterday", "--out", file)
    assert (said.status, file.exists()) == (2, False)
    assert "“yesterday” is no day; write it like 2026-11-30" in said.err


# --- export ----------------------------------------------------------------------------------------------------------


def test_export_writes_everything_for_the_accountant(served: SampleShop, run: Run, tmp_path: Path) -> None:
    served.issue()
    day, file = served.today.isoformat(), tmp_path / "november.zip"
    said = run("export", "--accountant", file, "--from", day, "--until", day)
    assert (said.status, said.err) == (0, "")
    assert said.out == f"3 documents, payments, customers and products written to {file}.\n"
    with ZipFile(file) as files:
        assert files.namelist() == [
            "accountant.xlsx",
            *(f"{name}.csv" for name in ("documents", "lines", "taxes", "payments", "customers", "products")),
        ]
        assert b"R-A-2026-000001" in files.read("payments.csv")


def test_an_export_of_days_in_the_wrong_order_is_refused(shop: SampleShop, run: Run, tmp_path: Path) -> None:
    days = ("--from", "2026-11-30", "--until", "2026-11-01")
    refuses(run("export", "--accountant", tmp_path / "x.zip", *days), "first day is after")
    assert list(tmp_path.glob("*x.zip*")) == []


# --- backup and restore ----------------------------------------------------------------------------------------------


def test_a_backup_comes_back_and_the_present_file_is_kept(shop: SampleShop, run: Run, tmp_path: Path) -> None:
    copy = tmp_path / "copies" / "monday.db"
    assert run("backup", copy) == Said(0, f"Backed up to {copy}.\n", "")
    late = shop.issue(DraftRow("Tea", "1", "1"))
    shop.database.close()
    said = run("restore", copy)
    assert said.status == 0
    told = re.fullmatch(
        rf"{copy}: Corner Shop, 1 documents, the last R-A-2026-000001\.\n"
        rf"Restored {copy}\. The previous file is now (.*)\.\n",
        said.out,
    )
    assert told is not None
    kept = Path(told[1])
    assert [one.number for one in shop.ask(ask.recent, 5)] == ["R-A-2026-000001"]
    shop.database.close()
    with closing(sqlite3.connect(kept)) as before:
        assert before.execute("SELECT max(number) FROM documents").fetchone() == (late.number,)
    assert run("verify").status == 0


def test_a_sent_message_is_written_as_it_was_sent(shop: SampleShop, run: Run, tmp_path: Path) -> None:
    taken: list[bytes] = []

    def send(content: bytes, *, recipient: str) -> str:
        taken.append(content)
        return f"250 OK {recipient}"

    deliver_next(shop.database, Mailer("shop@example.org", send), worker=new_key(), now=lambda: shop.now)
    settle_bytes(shop.database)
    message_id = shop.ask(lambda session: session.execute(select(outbox.c.message_id)).scalar_one())
    file = tmp_path / "sent.eml"
    said = run("message", message_id, file)
    assert (said.status, file.read_bytes()) == (0, taken[0])
    assert "has the bytes that were sent: SHA-256 " in said.out
    refuses(run("message", message_id, file), "already exists")
    refuses(run("message", "<nobody@example.org>", tmp_path / "other.eml"), "No e-mail with the Message-ID")
    with shop.database.engine.begin() as connection:
        connection.execute(update(outbox).values(body_hash=bytes(32), e_invoice=b"<?xml"))
    said = run("message", message_id, tmp_path / "now.eml")
    assert said.status == 1
    assert "makes the message otherwise by now" in said.out
    assert f"Message-ID: {message_id}" in said.out
    assert (tmp_path / "now.xml").read_bytes() == b"<?xml"


def test_verify_tells_how_far_it_came_and_when_everything_was_checked(shop: SampleShop, run: Run, home: Path) -> None:
    (home / whole_check.FILE).mkdir(parents=True)
    assert "could not be stored" in run("verify").err
    (home / whole_check.FILE).rmdir()
    *percents, _, _ = run("verify", "--progress").out.splitlines()
    assert percents[-1] == "99"
    assert [int(one) for one in percents] == sorted({int(one) for one in percents})
    checked = whole_check.read(home, shop=shop.ask(shop_mark))
    assert checked is not None
    with shop.database.engine.begin() as connection:
        connection.execute(update(series).values(last=9))
    assert run("verify").status == 1
    assert whole_check.read(home, shop=shop.ask(shop_mark)) == checked


def test_without_a_file_a_packed_backup_goes_to_the_folder_and_comes_back(
    shop: SampleShop, run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.mkdir(parents=True, exist_ok=True)
    LOCK.write(home / "backup.key")
    said = run("backup")
    assert (said.status, said.err) == (0, "")
    (made,) = (home / "backups").iterdir()
    said_steps = [line for line in said.out.splitlines() if not line.startswith("check ")]
    assert said_steps == ["copy", "pack", "keep", f"Backed up to {made}."]
    monkeypatch.setenv("SHOPDESK_BACKUP_PASSPHRASE", "not this one")
    refuses(run("restore", made), "does not open the backup")
    monkeypatch.setenv("SHOPDESK_BACKUP_PASSPHRASE", PHRASE)
    assert f"\nRestored {made}. The previous file is now " in run("restore", made).out
    monkeypatch.delenv("SHOPDESK_BACKUP_PASSPHRASE")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PHRASE}\n"))
    assert run("restore", made).status == 0
    assert run("verify").out.startswith("Verified, no errors: 1 documents")


def test_a_copy_that_is_named_zip_is_packed(shop: SampleShop, run: Run, tmp_path: Path) -> None:
    assert run("backup", tmp_path / "copy.zip") == Said(0, f"Backed up to {tmp_path / 'copy.zip'}.\n", "")
    refuses(run("backup", tmp_path / "copy.zip"), "never overwritten")
    assert run("restore", tmp_path / "copy.zip").status == 0
    assert run("verify").out.startswith("Verified, no errors: 1 documents")


def test_restoring_twice_in_a_second_keeps_both_files(shop: SampleShop, run: Run, tmp_path: Path) -> None:
    run("backup", tmp_path / "copy.db")
    for _ in range(3):
        assert run("restore", tmp_path / "copy.db").status == 0
    assert len(list(file_of(shop).parent.glob("*before-restore*"))) == 3


def test_a_backup_is_restored_where_there_is_no_file_yet(shop: SampleShop, run: Run, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    run("backup", copy)
    file_of(shop).unlink()
    contents = f"{copy}: Corner Shop, 1 documents, the last R-A-2026-000001."
    assert run("restore", copy) == Said(0, f"{contents}\nRestored {copy}.\n", "")
    assert run("verify").out.startswith("Verified, no errors: 1 documents")


def test_a_backup_never_goes_over_a_file(shop: SampleShop, run: Run, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_bytes(LETTER)
    refuses(run("backup", tmp_path / "letter.txt"), "never overwritten")
    refuses(run("backup", file_of(shop)), "never overwritten")
    assert (tmp_path / "letter.txt").read_bytes() == LETTER


def test_a_backup_to_where_nothing_can_be_written_is_told_in_a_sentence(
    shop: SampleShop, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "letter.txt").write_bytes(LETTER)
    refuses(run("backup", tmp_path / "letter.txt" / "copy.db"), "The backup to .* failed")


@pytest.mark.parametrize("command", [("backup", "copy.db"), ("verify",)])
def test_what_is_not_there_cannot_be_backed_up_or_verified(run: Run, home: Path, command: tuple[str, ...]) -> None:
    refuses(run(*command), "The shop file .* does not exist")
    assert list(home.iterdir()) == []


def test_a_file_that_is_in_use_is_not_replaced(shop: SampleShop, run: Run, tmp_path: Path) -> None:
    run("backup", tmp_path / "copy.db")
    present = shop.issue(DraftRow("Tea", "1", "1"))  # and the file stays open
    refuses(run("restore", tmp_path / "copy.db"), "is in use. Close shopdesk")
    assert shop.ask(ask.recent, 1)[0].number == present.number
    assert list(file_of(shop).parent.glob("*before-restore*")) == []


def test_what_is_no_backup_is_refused_and_the_present_file_stays(shop: SampleShop, run: Run, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_bytes(LETTER)
    (tmp_path / "empty.db").touch()
    with closing(sqlite3.connect(tmp_path / "recipes.db")) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    shutil.copyfile(file_of(shop), tmp_path / "half.db")
    os.truncate(tmp_path / "half.db", 20_480)
    refuses(run("restore", tmp_path / "nothing.db"), "The file .* does not exist")
    refuses(run("restore", tmp_path), "The file .* does not exist")
    for name in ("letter.txt", "empty.db", "recipes.db"):
        refuses(run("restore", tmp_path / name), "is not a backup")
    refuses(run("restore", tmp_path / "half.db"), "damaged|not a backup")
    assert run("verify").out.startswith("Verified, no errors: 1 documents")
    assert list(file_of(shop).parent.glob("*before-restore*")) == []


def test_a_damaged_file_is_replaced_and_kept_with_all_that_belongs_to_it(
    shop: SampleShop, run: Run, tmp_path: Path
) -> None:
    run("backup", tmp_path / "copy.db")
    path = file_of(shop)
    path.write_bytes(LETTER * 100)
    path.with_name(f"{path.name}-wal").write_bytes(b"the last sales, perhaps")
    assert run("restore", tmp_path / "copy.db").status == 0
    (kept,) = path.parent.glob("*before-restore*Z")
    assert kept.read_bytes() == LETTER * 100
    assert kept.with_name(f"{kept.name}-wal").read_bytes() == b"the last sales, perhaps"
    assert run("verify").out.startswith("Verified, no errors: 1 documents")


# --- files that are none, or cannot be used --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (LETTER, "is not a shopdesk database"),
        (b"SQLite format 3\x00" + b"\xff" * 4096, "damaged|not a shopdesk database"),
    ],
)
def test_a_file_that_is_no_database_is_told_in_a_sentence_and_left_alone(
    shop: SampleShop, run: Run, tmp_path: Path, content: bytes, said: str
) -> None:
    file_of(shop).write_bytes(content)
    refuses(run("verify"), said)
    refuses(run("backup", tmp_path / "copy.db"), "failed|not a database|damaged")
    assert file_of(shop).read_bytes() == content
    assert not (tmp_path / "copy.db").exists()


def test_a_database_that_is_damaged_inside_is_told_in_a_sentence(shop: SampleShop, run: Run, tmp_path: Path) -> None:
    with closing(sqlite3.connect(file_of(shop))) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'documents'").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    with file_of(shop).open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    refuses(run("verify"), "is damaged")
    refuses(run("backup", tmp_path / "copy.db"), "damaged|malformed")
    assert not (tmp_path / "copy.db").exists()


def test_another_programs_database_is_told_in_a_sentence_and_left_alone(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "recipes.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    monkeypatch.setenv("SHOPDESK_DATABASE_URL", f"sqlite:///{path}")
    refuses(run("verify"), "belongs to another program")
    with closing(sqlite3.connect(path)) as other:
        assert [name for (name,) in other.execute("SELECT name FROM sqlite_master")] == ["recipes"]


def test_a_shop_of_a_newer_program_is_told_in_a_sentence(served: SampleShop, run: Run) -> None:
    with served.database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    refuses(run("verify"), "newer shopdesk. Install the newest version")


def test_a_backup_of_a_newer_program_is_refused(shop: SampleShop, run: Run, tmp_path: Path) -> None:
    run("backup", tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    refuses(run("restore", tmp_path / "copy.db"), "made by a newer shopdesk")


def on_disk(shop: SampleShop, disk: SmallDisk, monkeypatch: pytest.MonkeyPatch) -> SampleShop:
    """The same shop, moved to the small disk."""
    path = disk.path / "shop.db"
    with closing(sqlite3.connect(file_of(shop))) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copyfile(file_of(shop), path)
    monkeypatch.setenv("SHOPDESK_DATABASE_URL", f"sqlite:///{path}")
    return SampleShop(connect(f"sqlite:///{path}"), shop.by, shop.now)


def test_a_file_that_can_only_be_read_is_told_in_a_sentence(
    shop: SampleShop, run: Run, small_disk: SmallDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = on_disk(shop, small_disk, monkeypatch)
    run("backup", tmp_path / "copy.db")
    small_disk.remount("ro")
    refuses(run("verify"), r"is read-only\. Allow your user to write")
    refuses(run("restore", tmp_path / "copy.db"), "Restoring .* failed")
    refuses(run("backup", small_disk.path / "copy.db"), "The backup to .* failed")
    # What can only be read can still be carried to safety.
    assert run("backup", tmp_path / "second.db").status == 0
    with pytest.raises(OperationalError):
        there.issue()
    there.database.close()
    small_disk.remount("rw")
    assert run("verify").out.startswith("Verified, no errors: 1 documents")


def test_a_full_disk_is_told_in_a_sentence_and_nothing_half_written_stays(
    shop: SampleShop, run: Run, small_disk: SmallDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("backup", tmp_path / "copy.db")
    there = on_disk(shop, small_disk, monkeypatch)
    there.issue()
    there.database.close()
    small_disk.fill()
    refuses(run("verify"), "cannot grow: the disk is full. Free up some space")
    refuses(run("backup", small_disk.path / "copy.db"), "The backup to .* failed: .*full.*free up some space")
    refuses(
        run("restore", tmp_path / "copy.db"), r"needs .* MB, but only .* are free.*Your current data was not changed"
    )
    assert {path.name for path in small_disk.path.iterdir()} - {"shop.db-shm", "shop.db.lock"} == {"filler", "shop.db"}
    # The shop on a full disk can be carried to another one.
    assert run("backup", tmp_path / "second.db").status == 0
    small_disk.free()
    assert run("verify").out.startswith("Verified, no errors: 2 documents")


def test_issuing_on_a_full_disk_writes_all_or_nothing_and_once_there_is_room_it_issues_once(
    shop: SampleShop, small_disk: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = on_disk(shop, small_disk, monkeypatch)
    drafts = [
        there.draft(*[DraftRow(f"Tea {row}", "1", f"{number + 1}") for row in range(20)]) for number in range(300)
    ]
    small_disk.fill()
    issued: list[Document] = []

    def issue_all() -> None:
        for draft in drafts:
            issued.append(there.do(do.issue, draft))  # noqa: PERF401 - how far it comes is the point

    with pytest.raises(OperationalError, match="full"):
        issue_all()
    left = drafts[len(issued)]
    assert _is_whole(there.database, documents=1 + len(issued))
    small_disk.free()
    assert _is_whole(there.database, documents=1 + len(issued))
    first = there.do(do.issue, left)
    again = there.do(do.issue, left)
    assert first == again
    assert first.number == f"R-A-2026-{len(issued) + 2:06d}"
    assert _is_whole(there.database, documents=2 + len(issued))
    there.database.close()


def test_a_message_is_not_sent_while_the_disk_is_too_full_to_note_it(
    shop: SampleShop, small_disk: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = on_disk(shop, small_disk, monkeypatch)
    (document,) = there.ask(ask.recent, 5)
    small_disk.fill()
    sent: list[bytes] = []

    def send(content: bytes, *, recipient: str) -> str:
        sent.append(content)
        return "250 OK"

    def deliver() -> DeliveryStatus | None:
        mailer = Mailer("shop@example.org", send)
        return deliver_next(there.database, mailer, worker=new_key(), now=lambda: there.now)

    with pytest.raises(OperationalError, match="full"):
        deliver()
    assert sent == []
    small_disk.free()
    assert deliver() is DeliveryStatus.SENT
    (message,) = there.ask(ask_outbox.of_document, document.key)
    assert (len(sent), message.state) == (1, DeliveryStatus.SENT)
    there.database.close()


def _is_whole(database: Database, *, documents: int) -> bool:
    with database.reads() as session:
        return list(verify.violations(session)) == [] and verify.counted(session) == (documents, 1 + documents)


def test_whoever_reads_only_the_beginning_is_spared_a_traceback(shop: SampleShop) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    told = subprocess.run(
        [sys.executable, "-m", "shopdesk", "verify"], stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60
    )
    os.close(writing)
    assert (told.returncode, told.stderr) == (1, "")


class _LeftPipe(io.RawIOBase):
    """Standard output on Windows once its reader has gone: that is no EPIPE there."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._handle

    def write(self, _: object) -> int:
        raise OSError(errno.EINVAL, "Invalid argument")


def test_whoever_reads_only_the_beginning_on_windows_is_spared_a_sentence_too(
    shop: SampleShop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with (tmp_path / "out").open("wb") as file:
        out = io.TextIOWrapper(io.BufferedWriter(_LeftPipe(file.fileno())))
        monkeypatch.setattr(sys, "stdout", out)
        assert cli.main(["verify"]) == 1
        assert os.path.sameopenfile(file.fileno(), os.open(os.devnull, os.O_WRONLY))
        monkeypatch.undo()
        with pytest.raises(OSError, match="Invalid argument"):
            out.close()
    assert capfd.readouterr().err == ""


def test_a_folder_with_letters_outside_the_code_page_is_no_trouble(shop: SampleShop, tmp_path: Path) -> None:
    """A western Windows gives a pipe its code page, and a bundled program heeds no PYTHONUTF8."""
    assert shop.database.path is not None
    home = tmp_path / "Łódź 日本"
    home.mkdir(mode=0o700)
    shutil.copyfile(shop.database.path, home / "shopdesk.db")
    variables = {name: value for name, value in os.environ.items() if name != "SHOPDESK_DATABASE_URL"}
    told = subprocess.run(
        [sys.executable, "-m", "shopdesk", "backup"],
        capture_output=True,
        env=variables | {"SHOPDESK_HOME": str(home), "PYTHONIOENCODING": "cp1252"},
        timeout=60,
    )
    assert (told.returncode, told.stderr) == (0, b"")
    assert f"Backed up to {home / 'backups'}" in told.stdout.decode("utf-8")


def test_a_pass_phrase_in_no_utf_8_is_told_in_a_sentence(
    shop: SampleShop, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("größe\n".encode("cp1252"))))
    refuses(run("recover-owner", "ada"), "input is not text in UTF-8")
