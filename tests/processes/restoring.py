"""A restore that is killed at every second of its steps. Run by tests/test_crash_reports.py.

``python restoring.py SHOP BACKUP``: BACKUP, with fewer documents, is put in the place of the file SHOP by a forked
process that is ended by SIGKILL, each time two steps later, until one completes. Prints the errors found, and at the
end the number of steps.
"""

import itertools
import shutil
import sys
from contextlib import closing
from pathlib import Path

from kill_at_step import is_killed

from shopdesk.queries import verify
from shopdesk.store import backup_file, upgrade
from shopdesk.store.database import connect


def main(shop: Path, archive: Path) -> None:
    """Kill the restore at every second step and check both files."""
    source = shop.with_name("source.db")
    shutil.copy(shop, source)
    before, after = documents_in(source), documents_in(archive)
    for last in itertools.count(1, 2):
        for path in shop.parent.glob(f"*{shop.name}*"):
            path.unlink()
        shutil.copy(source, shop)
        went_on = not is_killed(lambda _step: _restore(archive, shop), last)
        found = documents_in(shop)
        if found not in ((after,) if went_on else (before, after)):
            print(f"killed at step {last}, the shop has {found} documents")
        kept = [documents_in(path) for path in shop.parent.glob(f"{shop.name}.before-restore-*[0-9Z]")]
        if kept not in ([before], []) or (found == after and not kept):
            print(f"killed at step {last}, the file from before is not kept: {kept}")
        backup_file.restore(archive, shop, newest=upgrade.HEAD)
        if documents_in(shop) != after or [path.name for path in shop.parent.glob(".*")]:
            print(f"killed at step {last}, the next restore did not end it")
        if went_on:
            print(last - 1)
            break


def _restore(archive: Path, shop: Path) -> None:
    backup_file.restore(archive, shop, newest=upgrade.HEAD)


def documents_in(path: Path) -> int:
    """Return the number of documents, or -1 if the database does not verify."""
    with closing(connect(f"sqlite:///{path}")) as database, database.reads() as session:
        return -1 if list(verify.violations(session)) else verify.counted(session)[0]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
