"""Restoring a backup: it is unpacked beside the shop's file, migrated, and verified there, before anybody says yes."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from shopdesk.domain.errors import Refused
from shopdesk.domain.sentence import sentence
from shopdesk.queries import verify
from shopdesk.store import backup_file, upgrade, whole_check
from shopdesk.store.backup_file import BackupSummary
from shopdesk.store.database import connect

_MOST_FAULTS = 1000


@dataclass(frozen=True, slots=True)
class StagedBackup:
    """A backup that is ready to be put in place: its contents, and the errors that ``verify`` finds in its books."""

    contents: BackupSummary
    faults: tuple[str, ...]


def stage(backup: Path, target: Path, *, phrase: str | None = None) -> StagedBackup:
    """Unpack and verify a backup beside the shop's file ``target``, for ``backup_file.put_in_place``.

    Raises what ``backup_file.stage`` raises, and Refused for a file of another form than this program makes.
    """
    contents = backup_file.stage(backup, target, newest=upgrade.HEAD, phrase=phrase)
    try:
        return StagedBackup(contents, _faults(contents.file, backup))
    except DBAPIError as error:
        backup_file.discard(target)
        raise Refused(
            sentence("{backup} is damaged: it cannot be read to its end. Use another one.", backup=backup)
        ) from error
    except BaseException:
        backup_file.discard(target)
        raise


def put_in_place(target: Path, home: Path) -> Path | None:
    """Replace the shop's file as ``backup_file.put_in_place`` does; the next daily check is one of everything."""
    kept = backup_file.put_in_place(target)
    whole_check.forget(home)
    return kept


def _faults(file: Path, backup: Path) -> tuple[str, ...]:
    with closing(connect(URL.create("sqlite", database=str(file)))) as database:
        with database.reads() as session:
            is_older = upgrade.current_version(session.connection) != upgrade.HEAD
        if is_older:
            upgrade.migrate(database, upgrade.HEAD)
        with database.reads() as session:
            if odd := next(verify.form_violations(session), None):
                raise Refused(
                    sentence(
                        "{backup} has another form than a shop's database of this program. {odd}",
                        backup=backup,
                        odd=odd,
                    )
                )
            return tuple(islice(verify.book_violations(session), _MOST_FAULTS))
