"""An upgrade that is killed at each of its steps. Run by tests/test_crash_reports.py.

``python upgrading.py URL``: the filled shop of URL is downgraded by one version again and again; a forked
process upgrades it and is ended by SIGKILL, each time at a later step, until one completes. After each kill the upgrade
is run again. Prints the errors found, and at the end the number of steps.

A file is killed at every second step. On a server a change of the form is one transaction: it is killed at the first
and the last steps, and at some between, which are alike.
"""

import itertools
import sys
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from typing import Any

from kill_at_step import Step, is_killed
from sqlalchemy import event, inspect

from shopdesk.queries import verify
from shopdesk.store import backup_file, upgrade
from shopdesk.store.database import Database, connect

BEFORE = f"{int(upgrade.HEAD) - 1:04d}"


def upgrading(url: str, step: Step) -> None:
    """Open the database as a start of the program does."""
    database = connect(url)
    engine: Any = database.engine
    commit = engine.dialect.do_commit

    def committed(connection: Any) -> None:
        commit(connection)
        step()

    engine.dialect.do_commit = committed
    event.listen(engine, "begin", step)
    event.listen(engine, "commit", step)
    event.listen(engine, "before_cursor_execute", step)
    upgrade.open_ready(database)


def main(url: str) -> None:
    """Kill the upgrade at each step and run it again."""
    with closing(connect(url)) as database:
        forms = {upgrade.HEAD: _tables(database)}
        upgrade.migrate(database, BEFORE)
        forms[BEFORE] = _tables(database)
    for last in itertools.count(1, 2) if database.path is not None else _some(_count(url)):
        went_on = not is_killed(partial(upgrading, url), last)
        with closing(connect(url)) as database:
            if (form := _form(database)) not in forms or _tables(database) != forms[form]:
                print(f"killed at step {last}, it is between two versions")
            upgrade.open_ready(database)
            if _form(database) != upgrade.HEAD or _tables(database) != forms[upgrade.HEAD]:
                print(f"killed at step {last}, the next start did not complete it")
            with database.reads() as session:
                print(*verify.violations(session), sep="\n", end="")
            _check_backups(database)
            upgrade.migrate(database, BEFORE)
        if went_on:
            print(last - 1)
            break


def _count(url: str) -> int:
    """Return the number of steps of an upgrade, and undo it."""
    steps: list[object] = []
    upgrading(url, lambda *given: steps.append(given))
    with closing(connect(url)) as database:
        upgrade.migrate(database, BEFORE)
    return len(steps)


def _some(count: int) -> Sequence[int]:
    """Return the first and the last steps, some between, and one behind the last."""
    chosen = {*range(1, _ENDS + 1), *range(_ENDS, count, max(1, count // _BETWEEN)), *range(count - _ENDS, count + 2)}
    return sorted(one for one in chosen if one > 0)


_ENDS = 4
_BETWEEN = 8


def _form(database: Database) -> str | None:
    with database.engine.connect() as connection:
        return upgrade.current_version(connection)


def _tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names())


def _check_backups(database: Database) -> None:
    """Check that every file named as a backup is one of the version before, and that no other file is left."""
    if database.path is None:
        return
    for path in database.path.parent.iterdir():
        if ".before-" in path.name:
            if path.name.startswith("."):
                print(f"{path.name} was left")
            else:
                backup_file.check(path, newest=BEFORE)
            path.unlink()


if __name__ == "__main__":
    main(sys.argv[1])
