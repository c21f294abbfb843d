"""The power fails: what a COMMIT had answered is there when the file is opened again, whatever became of the rest.

Nothing pulls a plug here. What a disk may hold afterwards is made from copies of the real files: all that was synced,
which with ``synchronous=FULL`` is the log up to the end of each COMMIT, and behind it any part of what was not.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from shopdesk.domain.document import Draft
from shopdesk.queries import verify
from shopdesk.store import upgrade
from shopdesk.store.database import connect
from shopdesk.usecases import documents
from support.shops import SampleShop, open_shop

SECTOR = 512
"""What a disk writes whole or not at all."""

Lose = Callable[[random.Random, bytes, bytes], bytes]
"""What stands on the disk, of the bytes that were synced and those that were about to be."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The files as they stood after a COMMIT that left ``issued`` documents."""

    issued: int
    file: bytes
    log: bytes


@dataclass
class Shop:
    """A shop in use, and where its files lie."""

    path: Path
    sample_shop: SampleShop
    issued: int = 0

    def issue(self, draft: Draft) -> Moment:
        """Issue one more."""
        self.sample_shop.do(documents.issue, draft)
        self.issued += 1
        return self.moment()

    def moment(self) -> Moment:
        """The files as they stand now."""
        return Moment(self.issued, self.path.read_bytes(), _log(self.path).read_bytes())

    def checkpoint(self, how: str) -> None:
        """Bring the log home."""
        with self.sample_shop.database.engine.connect() as connection:
            connection.rollback()
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute(f"PRAGMA wal_checkpoint({how})").close()


@pytest.fixture
def used(sqlite_shop_url: str) -> Iterator[Shop]:
    """A shop with nothing in its log."""
    database = connect(sqlite_shop_url)
    assert database.path is not None
    shop = Shop(database.path, open_shop(database))
    shop.checkpoint("TRUNCATE")
    yield shop
    database.close()


def cut(chance: random.Random, synced: bytes, coming: bytes) -> bytes:
    """The file was not yet as long."""
    return synced + coming[: chance.randrange(len(coming))]


def zeroed(chance: random.Random, synced: bytes, coming: bytes) -> bytes:
    """Its length was noted before its bytes were."""
    there = chance.randrange(len(coming))
    return synced + coming[:there] + bytes(len(coming) - there)


def torn(chance: random.Random, synced: bytes, coming: bytes) -> bytes:
    """Some sectors came to the disk and some did not, in no order; one holds anything."""
    sectors = [coming[start : start + SECTOR] for start in range(0, len(coming), SECTOR)]
    kept = [sector if chance.random() < 0.7 else bytes(len(sector)) for sector in sectors]
    kept[chance.randrange(len(kept))] = chance.randbytes(SECTOR)
    return synced + b"".join(kept)


def test_every_connection_waits_for_the_disk_at_each_commit(used: Shop) -> None:
    database = used.sample_shop.database
    for sessions in (database.sessions, database.reads):
        with sessions() as session:
            full = 2
            assert session.execute(text("PRAGMA synchronous")).scalar() == full
            assert session.execute(text("PRAGMA journal_mode")).scalar() == "wal"


@pytest.mark.parametrize("lose", [cut, zeroed, torn])
def test_what_was_committed_before_the_power_failed_stays_and_the_rest_never_was(
    used: Shop, tmp_path: Path, lose: Lose
) -> None:
    chance = random.Random(2026)
    drafts = [used.sample_shop.draft() for _ in range(6)]
    moments = [used.moment(), *map(used.issue, drafts)]
    for number in range(12):
        before = chance.choice(moments[:-1])
        after = moments[before.issued + 1]
        log = lose(chance, before.log, after.log[len(before.log) :])
        opened = _after_power_is_back(tmp_path / str(number), after.file, log, used.sample_shop)
        assert _issued(opened) == before.issued
        # Whoever was selling presses Save again: the same number, once.
        document = opened.do(documents.issue, drafts[before.issued])
        assert document.number == f"R-A-2026-{before.issued + 1:06d}"
        assert _issued(opened) == before.issued + 1
        opened.database.close()


def test_the_power_fails_while_the_log_is_brought_home(used: Shop, tmp_path: Path) -> None:
    chance = random.Random(2026)
    before = [used.issue(used.sample_shop.draft()) for _ in range(4)][-1]
    used.checkpoint("PASSIVE")
    home = used.moment()
    assert home.file != before.file
    assert home.log == before.log
    for number in range(8):
        file = _mixed(chance, before.file, home.file)
        opened = _after_power_is_back(tmp_path / str(number), file, before.log, used.sample_shop)
        assert _issued(opened) == 4
        opened.database.close()


def test_the_power_fails_while_a_log_begins_anew_over_an_old_one(used: Shop, tmp_path: Path) -> None:
    chance = random.Random(2026)
    for _ in range(4):
        used.issue(used.sample_shop.draft())
    used.checkpoint("RESTART")
    before = used.moment()
    after = used.issue(used.sample_shop.draft())
    assert len(before.log) == len(after.log)  # it is written over, not made anew
    assert before.log != after.log
    for number in range(8):
        log = _mixed(chance, before.log, after.log)
        opened = _after_power_is_back(tmp_path / str(number), after.file, log, used.sample_shop)
        assert _issued(opened) == 4
        opened.database.close()


@pytest.mark.parametrize("index", [b"", bytes(32768), b"\xff" * 32768, None], ids=["empty", "zeros", "ones", "older"])
def test_an_index_of_the_log_that_does_not_belong_to_it_misleads_nobody(
    used: Shop, tmp_path: Path, index: bytes | None
) -> None:
    used.issue(used.sample_shop.draft())
    older = used.path.with_name(f"{used.path.name}-shm").read_bytes()
    used.issue(used.sample_shop.draft())
    moment = used.moment()
    stale = older if index is None else index
    opened = _after_power_is_back(tmp_path / "again", moment.file, moment.log, used.sample_shop, index=stale)
    assert _issued(opened) == 2
    opened.issue()
    assert _issued(opened) == 3
    opened.database.close()


def _mixed(chance: random.Random, old: bytes, new: bytes) -> bytes:
    """Each sector as it was, or as it was to become; not all of them new."""
    size = max(len(old), len(new))
    old, new = old.ljust(size, b"\0"), new.ljust(size, b"\0")
    changed = [start for start in range(0, size, SECTOR) if old[start : start + SECTOR] != new[start : start + SECTOR]]
    kept = chance.sample(changed, chance.randrange(1, len(changed)))
    mixed = bytearray(new)
    for start in kept:
        mixed[start : start + SECTOR] = old[start : start + SECTOR]
    return bytes(mixed)


def _after_power_is_back(
    folder: Path, file: bytes, log: bytes, sample_shop: SampleShop, index: bytes = b""
) -> SampleShop:
    """The same people at the same till, the program started anew on what the disk holds."""
    folder.mkdir()
    path = folder / "shop.db"
    path.write_bytes(file)
    _log(path).write_bytes(log)
    if index:
        path.with_name("shop.db-shm").write_bytes(index)
    database = connect(f"sqlite:///{path}")
    upgrade.open_ready(database)
    return SampleShop(database, sample_shop.by, sample_shop.now)


def _issued(sample_shop: SampleShop) -> int:
    """How many documents there are; and the books hold."""
    with sample_shop.database.reads() as session:
        assert session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        assert list(verify.violations(session)) == []
        count, rows = verify.counted(session)
    assert count == rows - 1  # the first tells that the shop was set up
    return count


def _log(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")
