"""A real server's shop, dumped by pg_dump and restored by pg_restore into another database."""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from shopdesk import cli
from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.queries import documents, verify
from shopdesk.store import backup_log, pg_dump, roles, upgrade
from shopdesk.store.backup_log import BackupKind
from shopdesk.store.database import Database, connect
from shopdesk.usecases import accounts
from support.postgresql import Server
from support.shops import SampleShop, open_shop

ROLE = "till_that_dumps"


@pytest.fixture
def served(postgresql_shop_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[SampleShop]:
    """A shop on a server, with one document; the command line finds it."""
    monkeypatch.setenv("SHOPDESK_DATABASE_URL", postgresql_shop_url)
    database = connect(postgresql_shop_url)
    sample_shop = open_shop(database)
    sample_shop.issue()
    yield sample_shop
    database.close()


@pytest.fixture
def empty(postgresql_url: str) -> Iterator[Database]:
    """A database with nothing in it."""
    database = connect(postgresql_url)
    yield database
    database.close()


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], home: Path) -> Run:
    """A command in this process: how it ended and what it said."""

    def command(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        return (cli.main([str(argument) for argument in arguments]), *capsys.readouterr())

    return command


def test_a_dump_is_restored_into_an_empty_database_and_the_books_hold(
    served: SampleShop,
    empty: Database,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    survives_power_cut: Callable[[Path], bool],
) -> None:
    target = tmp_path / "dumps" / "shop.dump"
    assert run("backup", target) == (0, f"Backed up to {target}.\n", "")
    assert survives_power_cut(target)
    assert [path.name for path in target.parent.iterdir()] == ["shop.dump"]
    assert target.stat().st_mode & 0o077 == 0
    made = served.ask(backup_log.last)
    assert made is not None
    assert (made.kind, made.size, made.till) == (BackupKind.DUMP, target.stat().st_size, "A")
    assert made.place.startswith(f"{target} (")
    late = served.issue()
    monkeypatch.setenv("SHOPDESK_DATABASE_URL", str(empty.engine.url))
    status, out, err = run("restore", target)
    assert (status, err) == (0, "")
    assert out.startswith(f"Restored {target}. A dump contains no roles")
    assert "Verified, no errors: 1 documents" in out
    with empty.reads() as session:
        assert late.number not in [one.number for one in documents.recent(session, 5)]
        assert list(verify.violations(session)) == []
    with pytest.raises(Exception, match="kept for ever"), empty.engine.begin() as connection:
        connection.execute(text("DELETE FROM journal"))  # its guards came along
    SampleShop(empty, served.by, served.now).issue()


def test_a_till_may_dump_and_its_password_is_in_no_argument(
    served: SampleShop, empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served.database.engine.begin() as connection:
        connection.execute(text(f"DROP ROLE IF EXISTS {ROLE}"))
        connection.execute(text(f"CREATE ROLE {ROLE} LOGIN PASSWORD 'seven purple kettles'"))
        for statement in roles.statements(ROLE):
            connection.execute(text(statement))
    url = served.database.engine.url.set(username=ROLE, password="seven purple kettles")
    real = pg_dump._tool("pg_dump", at_least=0)
    spy = tmp_path / "bin" / "pg_dump"
    spy.parent.mkdir()
    spy.write_text(
        f"#!{sys.executable}\nimport os, sys\n"
        f"if sys.argv[1:] != ['--version']:\n"
        f"    open({str(tmp_path / 'seen')!r}, 'w').write(' '.join(sys.argv) + '|' + os.environ['PGPASSWORD'])\n"
        f"os.execv({str(real)!r}, [{str(real)!r}, *sys.argv[1:]])\n"
    )
    spy.chmod(spy.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{spy.parent}:{os.environ['PATH']}")
    till = connect(url)
    pg_dump.dump(till, tmp_path / "shop.dump")
    till.close()
    assert not pg_dump.restore(empty, tmp_path / "shop.dump")  # a till may read no passwords
    upgrade.open_ready(empty)
    with empty.sessions.begin() as session:
        assert list(verify.violations(session)) == []
        owner = accounts.recover_owner(session, "ada", new="four words in a row", now=served.now)
        assert owner.has_password
    SampleShop(empty, served.by, served.now).change_shop(due_days=3)
    arguments, _, environment = (tmp_path / "seen").read_text("utf-8").partition("|")
    assert ROLE in arguments
    assert "kettles" not in arguments
    assert environment == "seven purple kettles"
    with served.database.engine.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {ROLE}"))
        connection.execute(text(f"DROP ROLE {ROLE}"))


def test_without_a_file_a_dump_goes_to_the_folder_of_the_settings(served: SampleShop, run: Run, home: Path) -> None:
    status, out, _ = run("backup")
    assert status == 0
    (made,) = (home / "backups").iterdir()
    assert out == f"Backed up to {made}.\n"
    assert made.name.startswith("Corner-Shop-")
    assert pg_dump.is_dump(made)


def test_a_database_with_something_in_it_is_not_restored_into(served: SampleShop, run: Run, tmp_path: Path) -> None:
    run("backup", tmp_path / "shop.dump")
    status, _, err = run("restore", tmp_path / "shop.dump")
    assert status == 1
    assert "is not empty. Create an empty one (createdb), set SHOPDESK_DATABASE_URL" in err
    assert len(served.ask(documents.recent, 5)) == 1


def test_what_is_no_dump_is_refused(empty: Database, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear Sir or Madam")
    with pytest.raises(Refused, match="is not a dump of a server"):
        pg_dump.restore(empty, tmp_path / "letter.txt")
    (tmp_path / "half.dump").write_bytes(b"PGDMP and nothing more")
    with pytest.raises(Unavailable, match=r"pg_restore failed: .*\. Nothing was changed"):
        pg_dump.restore(empty, tmp_path / "half.dump")
    with pytest.raises(Refused, match="There is no shop"):
        upgrade.open_ready(empty, may_create=False)


def test_a_dump_never_goes_over_a_file_and_leaves_nothing_half(served: SampleShop, tmp_path: Path) -> None:
    (tmp_path / "shop.dump").write_text("mine")
    with pytest.raises(Refused, match="never overwritten"):
        pg_dump.dump(served.database, tmp_path / "shop.dump")
    nobody = connect(make_url(str(served.database.engine.url)).set(database="not_there_at_all"))
    with pytest.raises(Exception, match="does not exist"):
        pg_dump.dump(nobody, tmp_path / "other.dump")
    nobody.close()
    assert {path.name for path in tmp_path.iterdir()} >= {"shop.dump"}
    assert not list(tmp_path.glob("*other*")) + list(tmp_path.glob(".*part"))


def test_tools_that_are_too_old_or_missing_are_told(
    served: SampleShop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "bin" / "pg_dump"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(old.parent))
    monkeypatch.setattr(pg_dump, "_PLACES", ())
    with pytest.raises(
        Unavailable, match=r"pg_dump on this computer has version 9, the server has \d+\. Install the PostgreSQL"
    ):
        pg_dump.dump(served.database, tmp_path / "shop.dump")
    old.unlink()
    with pytest.raises(Unavailable, match="pg_dump is not installed on this computer"):
        pg_dump.dump(served.database, tmp_path / "shop.dump")


def test_a_server_is_never_backed_up_as_a_file(served: SampleShop, home: Path, postgresql: Server) -> None:
    from shopdesk import daily_backup

    with pytest.raises(Refused, match="on a server"):
        daily_backup.make_backup(served.database, home=home, place=home / "backups", till="A", now=served.now)
