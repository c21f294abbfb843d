"""The log of backups in the database, which every till can read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import desc, insert, select

from shopdesk.row_keys import new_key
from shopdesk.store.acts_call import call
from shopdesk.store.session import Session
from shopdesk.store.tables import backups


class BackupKind(StrEnum):
    """The kind of a backup: of the local file, or of the server."""

    FILE = "file"
    DUMP = "dump"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupRecord:
    """A backup that was made and checked. ``size`` is in bytes."""

    kind: BackupKind
    at: datetime
    till: str
    place: str
    size: int


def record(session: Session, made: BackupRecord) -> None:
    """Insert a backup into the log. On a server that needs no sign-in: a command makes backups."""
    row = {
        "key": new_key(),
        "kind": made.kind.value,
        "at": made.at,
        "till": made.till,
        "place": made.place,
        "size": made.size,
    }
    if session.dialect == "postgresql":
        call(session, "record_backup", ("backups",), **{f"_{name}": value for name, value in row.items()})
        return
    session.execute(insert(backups), row)


def last(session: Session) -> BackupRecord | None:
    """Return the newest backup of this database (files for a local file, dumps for a server), or None."""
    kind = BackupKind.FILE if session.dialect == "sqlite" else BackupKind.DUMP
    row = session.execute(select(backups).where(backups.c.kind == kind.value).order_by(desc(backups.c.at))).first()
    if row is None:
        return None
    return BackupRecord(kind=kind, at=row.at, till=row.till, place=row.place, size=row.size)
