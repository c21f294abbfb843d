"""The program is killed at every step of issuing and delivering, and nothing is lost, doubled or left half-written."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from shopdesk import daily_backup
from shopdesk.delivery import Mailer, deliver_next
from shopdesk.domain.message import DeliveryStatus
from shopdesk.gateways import smtp
from shopdesk.queries import verify
from shopdesk.row_keys import new_key
from shopdesk.settings import MailSettings, Security
from shopdesk.store import backup_file
from shopdesk.store.database import connect
from shopdesk.store.tables import documents, outbox
from support.mail import MailServer
from support.shops import SampleShop, open_shop

MORTAL = Path(__file__).parent / "processes" / "crash_test.py"
UPGRADING = MORTAL.with_name("upgrading.py")
RESTORING = MORTAL.with_name("restoring.py")
KILLS = 40
"""On a file; on a server, where there are fewer steps, three quarters as many."""

STEPS = {"begin", "statement", "commit", "committed", "prepare", "send", "sent", "settled"}
BACKUP_STEPS = {*daily_backup.STEPS, "rename", "finished"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.timeout(600)  # so many programs are started: on a busy machine that takes its time
@pytest.mark.parametrize("seed", [2026])
def test_a_program_killed_at_any_moment_loses_and_doubles_nothing(
    sample_shop: SampleShop, mail_server: MailServer, tmp_path: Path, seed: int
) -> None:
    url = sample_shop.database.engine.url.render_as_string(hide_password=False)
    is_file = sample_shop.database.path is not None
    kills = KILLS if is_file else KILLS * 3 // 4
    sample_shop.database.close()
    told = subprocess.run(
        [sys.executable, MORTAL, url, str(mail_server.port), str(kills), str(seed), tmp_path / "home"],
        capture_output=True,
        text=True,
        timeout=580,
    )
    assert (told.returncode, told.stderr) == (0, "")
    lives = json.loads(told.stdout)
    assert len(lives["ends"]) == kills
    assert set(lives["ends"]) >= (STEPS | BACKUP_STEPS if is_file else STEPS)  # each kind of step was somebody's last
    assert lives["faults"] == []  # the books held at each start, and in each backup

    with sample_shop.database.reads() as session:
        assert list(verify.violations(session)) == []
        kept = {str(key): number for key, number in session.execute(select(documents.c.draft_key, documents.c.number))}
    numbers = sorted(kept.values())
    assert numbers == [f"R-A-{datetime.now(UTC).astimezone().year}-{count:06d}" for count in range(1, len(kept) + 1)]
    assert kept.keys() <= set(lives["entered"])
    assert lives["issued"].items() <= kept.items()
    assert lives["backed_up"].items() <= kept.items()
    if is_file:
        assert len(lives["backups"]) > KILLS // 10
        _the_next_backup_takes_away_what_was_left_of_others(sample_shop, tmp_path / "home")

    _deliver_the_rest(sample_shop, mail_server)
    _each_message_came_once_or_again_as_it_was(sample_shop, mail_server, lives["unnoted"], documents=len(kept))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.timeout(300)
def test_an_upgrade_killed_at_any_step_leaves_one_form_or_the_other_and_the_next_start_completes_it(
    sample_shop: SampleShop,
) -> None:
    for _ in range(3):
        sample_shop.issue()
    url = sample_shop.database.engine.url.render_as_string(hide_password=False)
    sample_shop.database.close()
    told = subprocess.run([sys.executable, UPGRADING, url], capture_output=True, text=True, timeout=280)
    assert (told.returncode, told.stderr) == (0, "")
    steps = told.stdout.strip()
    assert steps.isdecimal(), steps
    assert int(steps) > 10


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.timeout(300)
def test_a_restore_killed_at_any_step_leaves_one_shop_or_the_other_and_loses_neither(
    tmp_path: Path, sqlite_shop_url: str
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    with closing(connect(sqlite_shop_url)) as database:
        shop = open_shop(database)
        shop.issue()
        assert database.path is not None
        backup_file.back_up(database.path, folder / "backup.db")
        shop.issue()
        backup_file.back_up(database.path, folder / "shop.db")
    told = subprocess.run(
        [sys.executable, RESTORING, folder / "shop.db", folder / "backup.db"],
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert (told.returncode, told.stderr) == (0, "")
    steps = told.stdout.strip()
    assert steps.isdecimal(), steps
    assert int(steps) > 10


def _the_next_backup_takes_away_what_was_left_of_others(sample_shop: SampleShop, home: Path) -> None:
    daily_backup.make_backup(
        sample_shop.database, home=home, place=home / daily_backup.FOLDER, till="A", now=datetime.now(UTC)
    )
    left = [path.name for path in home.rglob("*") if path.suffix != ".zip"]
    assert sorted(left) == [".backup.lock", "backups", "unpacked.db", "whole-check.json"]


def _deliver_the_rest(sample_shop: SampleShop, server: MailServer) -> None:
    mail = MailSettings(host=server.host, port=server.port, security=Security.NONE)

    def send(content: bytes, *, recipient: str) -> str:
        return smtp.send(mail, None, content, "shop@example.org", recipient)

    def after_every_lease() -> datetime:
        return datetime.now(UTC) + timedelta(hours=1)

    mailer = Mailer("shop@example.org", send)
    while deliver_next(sample_shop.database, mailer, worker=new_key(), now=after_every_lease) is not None:
        pass


def _each_message_came_once_or_again_as_it_was(
    sample_shop: SampleShop, server: MailServer, unnoted: dict[str, int], *, documents: int
) -> None:
    """A message came twice only if a run died between the server's answer and recording it."""
    with sample_shop.database.reads() as session:
        columns = (outbox.c.message_id, outbox.c.state, outbox.c.body, outbox.c.body_hash)
        rows = session.execute(select(*columns)).all()
    assert len(rows) == documents
    assert {row.state for row in rows} == {DeliveryStatus.SENT.value}
    came = defaultdict(list)
    for received in server.received:
        came[str(received.message["Message-ID"])].append(received.content)
    assert came.keys() == {row.message_id for row in rows}
    for row in rows:
        (content,) = set(came[row.message_id])
        assert content == row.body or (row.body is None and sha256(content).digest() == row.body_hash)
        assert len(came[row.message_id]) <= 1 + unnoted.get(row.message_id, 0)
    assert max(map(len, came.values())) > 1  # some did die there
