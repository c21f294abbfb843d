"""A backup that restores, and what is refused on the way."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.queries import documents, verify
from shopdesk.store import backup_file, upgrade
from shopdesk.store.database import connect
from support.shops import open_shop
from support.systems import has_mode


def test_a_backup_taken_during_a_sale_restores_the_books(tmp_path: Path, sqlite_shop_url: str) -> None:
    database = connect(sqlite_shop_url)
    assert database.path is not None
    sample_shop = open_shop(database)
    first = sample_shop.issue()
    with database.sessions.begin():
        backup_file.back_up(database.path, tmp_path / "copy.db")
    sample_shop.issue()
    database.close()
    database.path.chmod(0o640)
    kept = backup_file.restore(tmp_path / "copy.db", database.path, newest=upgrade.HEAD)
    assert kept is not None
    assert has_mode(database.path, 0o640)
    assert has_mode(tmp_path / "copy.db", 0o600)
    assert kept.exists()
    again = connect(sqlite_shop_url)
    with again.reads() as session:
        assert [summary.number for summary in documents.recent(session, 5)] == [first.number]
        assert list(verify.violations(session)) == []
    again.close()


def test_a_backup_is_one_file_and_never_overwrites(tmp_path: Path, sqlite_shop_url: str) -> None:
    database = connect(sqlite_shop_url)
    assert database.path is not None
    open_shop(database)
    folder = tmp_path / "backups"
    backup_file.back_up(database.path, folder / "copy.db")
    assert [path.name for path in folder.iterdir()] == ["copy.db"]
    with pytest.raises(Refused, match="never overwritten"):
        backup_file.back_up(database.path, folder / "copy.db")
    database.close()


def test_a_file_that_is_no_backup_is_refused_and_the_present_one_stays(tmp_path: Path, sqlite_shop_url: str) -> None:
    database = connect(sqlite_shop_url)
    assert database.path is not None
    sample_shop = open_shop(database)
    sample_shop.issue()
    database.close()
    (tmp_path / "letter.txt").write_text("Dear Sir or Madam")
    with pytest.raises(Refused, match="not a backup"):
        backup_file.restore(tmp_path / "letter.txt", database.path, newest=upgrade.HEAD)
    with pytest.raises(Refused, match="no file"):
        backup_file.restore(tmp_path / "nothing.db", database.path, newest=upgrade.HEAD)
    assert len(sample_shop.ask(documents.recent, 5)) == 1
    database.close()


def test_a_backup_of_a_newer_program_is_refused(tmp_path: Path, sqlite_shop_url: str) -> None:
    database = connect(sqlite_shop_url)
    assert database.path is not None
    backup_file.back_up(database.path, tmp_path / "copy.db")
    database.close()
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Refused, match="newer"):
        backup_file.restore(tmp_path / "copy.db", tmp_path / "shop2.db", newest=upgrade.HEAD)


def test_a_file_in_use_is_not_replaced(tmp_path: Path, sqlite_shop_url: str) -> None:
    database = connect(sqlite_shop_url)
    assert database.path is not None
    backup_file.back_up(database.path, tmp_path / "copy.db")
    sample_shop = open_shop(database)  # idle, but open: its connection waits in the pool
    sample_shop.issue()
    with pytest.raises(Unavailable, match="in use"):
        backup_file.restore(tmp_path / "copy.db", database.path, newest=upgrade.HEAD)
    database.close()
