"""An upgrade that is killed at each of its steps. Run by tests/test_crashes.py.

``python upgrading.py URL``: the filled shop of URL is taken to the form before the newest again and again; a forked
process upgrades it and is ended by SIGKILL, each time one step later, until one comes to its end. Then the upgrade is
begun anew. Prints what did not hold, and at last how many steps were somebody's last.
"""

import itertools
import os
import signal
import sys
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event, inspect

from shopdesk.queries import verify
from shopdesk.store import backup, upgrade
from shopdesk.store.database import Database, connect

BEFORE = f"{int(upgrade.HEAD) - 1:04d}"


@dataclass
class Upgrade:
    """One try, in a process of its own, that stands still at its ``last`` step."""

    url: str
    last: int
    told: int
    steps: int = 0

    def run(self) -> None:
        """Do what a start of the program does."""
        database = connect(self.url)
        engine: Any = database.engine
        commit = engine.dialect.do_commit

        def committed(connection: Any) -> None:
            commit(connection)
            self.step()

        engine.dialect.do_commit = committed
        event.listen(engine, "begin", self.step)
        event.listen(engine, "commit", self.step)
        event.listen(engine, "before_cursor_execute", self.step)
        sys.addaudithook(lambda act, _: self.step() if act in {"sqlite3.connect", "os.rename", "os.remove"} else None)
        upgrade.open_ready(database)

    def step(self, *_told: object) -> None:
        """Tell the killer, at the last one, and wait for it."""
        self.steps += 1
        if self.steps == self.last:
            os.write(self.told, b"here")
            signal.pause()


def is_killed(url: str, last: int) -> bool:
    """Begin an upgrade and kill it at that step. False when it had fewer."""
    heard, told = os.pipe()
    child = os.fork()
    if child == 0:
        Upgrade(url, last, told).run()
        os._exit(0)
    os.close(told)
    with os.fdopen(heard) as line:
        if line.read(4):
            os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in (0, -signal.SIGKILL):
        sys.exit(f"an upgrade ended by itself with status {status} at step {last}")
    return status != 0


def main(url: str) -> None:
    """Kill and begin anew."""
    with closing(connect(url)) as database:
        forms = {upgrade.HEAD: _tables(database)}
        upgrade.migrate(database, BEFORE)
        forms[BEFORE] = _tables(database)
    for last in itertools.count(1):
        went_on = not is_killed(url, last)
        with closing(connect(url)) as database:
            if (form := _form(database)) not in forms or _tables(database) != forms[form]:
                print(f"killed at step {last}, it stands between two forms")
            upgrade.open_ready(database)
            if _form(database) != upgrade.HEAD or _tables(database) != forms[upgrade.HEAD]:
                print(f"killed at step {last}, the next start did not complete it")
            with database.reads() as session:
                print(*verify.faults(session), sep="\n", end="")
            _look_at_backups(database)
            upgrade.migrate(database, BEFORE)
        if went_on:
            print(last - 1)
            break


def _form(database: Database) -> str | None:
    with database.engine.connect() as connection:
        return upgrade.current_version(connection)


def _tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names())


def _look_at_backups(database: Database) -> None:
    """What has the name of a backup is one, of the form before; nothing else lies about."""
    if database.path is None:
        return
    for path in database.path.parent.iterdir():
        if ".before-" in path.name:
            if path.name.startswith("."):
                print(f"{path.name} was left")
            else:
                backup.check(path, newest=BEFORE)
            path.unlink()


if __name__ == "__main__":
    main(sys.argv[1])
