"""Backups of a PostgreSQL server: pg_dump and pg_restore, with a check of each dump before it gets its name.

The password is passed in the environment of the tool, never in its arguments, which every user of the computer can see.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import inspect, text

from shopdesk import atomic_file
from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.domain.sentence import sentence
from shopdesk.store import acts_sql
from shopdesk.store.database import Database
from shopdesk.store.disk_errors import explained
from shopdesk.store.tables import credentials

_MAGIC = b"PGDMP"
_PLACES = (("/usr/lib/postgresql", "*/bin"), ("/usr", "pgsql-*/bin"), ("C:/Program Files/PostgreSQL", "*/bin"))
_WHOLE = ("journal", "documents", "payments")
"""Tables whose rows a dump of a shop must have."""


def is_dump(file: Path) -> bool:
    """Return True if the file begins like a dump in pg_dump's custom format."""
    with file.open("rb") as opened:
        return opened.read(len(_MAGIC)) == _MAGIC


def dump(database: Database, target: Path) -> int:
    """Dump the whole database while it is in use. Returns the size in bytes.

    A till's role may read neither passwords nor PINs, so its dump has none: see ``has_passwords``.

    Raises Refused if ``target`` exists, Unavailable without a suitable pg_dump or if the server or disk fails.
    """
    if target.exists():
        raise Refused(
            sentence("{target} already exists. Choose another name: backups are never overwritten.", target=target)
        )
    with explained(
        sentence("The backup to {target} failed", target=target),
        sentence("Choose another folder, or free up some space."),
    ):
        target.parent.mkdir(parents=True, exist_ok=True)
        with atomic_file.writing(target) as part:
            left_out = _NO_SESSIONS if has_passwords(database) else _NO_PASSWORDS
            _run(database, "pg_dump", "--format=custom", *left_out, f"--file={part}", f"--dbname={_address(database)}")
            listed = _run(database, "pg_restore", "--list", str(part))
            if missing := [table for table in _WHOLE if f" TABLE DATA public {table} " not in listed]:
                raise Unavailable(
                    sentence("The dump is incomplete: {tables} missing.", tables=tuple(missing)),
                    advice=sentence("Try again."),
                )
        return target.stat().st_size


_NO_SESSIONS = tuple(f"--exclude-table-data={acts_sql.SCHEMA}.{name}" for name in ("sessions", "tills"))
_NO_PASSWORDS = (f"--exclude-schema={acts_sql.SCHEMA}", f"--exclude-table=public.{credentials.name}")


def has_passwords(database: Database) -> bool:
    """Return True if the role of this connection may read passwords, which its dump then has."""
    with database.engine.connect() as connection:
        asked = text("SELECT has_table_privilege(to_regclass(:name), 'SELECT')")
        return bool(connection.execute(asked, {"name": credentials.name}).scalar())


def restore(database: Database, source: Path) -> bool:
    """Restore a dump into an empty database, in one transaction. Roles and their rights are not part of it.

    Return False if the dump has no passwords, because a till made it.

    Raises Refused if the database is not empty or the file is not a dump, Unavailable if the server fails.
    """
    if not source.is_file():
        raise Refused(sentence("There is no file {source}.", source=source))
    if not is_dump(source):
        raise Refused(
            sentence(
                "{source} is not a dump of a server. Restore it as a local file, then move the shop to the server.",
                source=source,
            )
        )
    with database.engine.connect() as connection:
        if inspect(connection).get_table_names():
            name = database.engine.url.database
            raise Refused(
                sentence(
                    "The database {name} is not empty. Create an empty one (createdb), set SHOPDESK_DATABASE_URL "
                    "to it, then restore again.",
                    name=name,
                )
            )
    address = f"--dbname={_address(database)}"
    _run(database, "pg_restore", "--no-owner", "--no-privileges", "--single-transaction", address, str(source))
    with database.engine.begin() as connection:
        return not acts_sql.complete(connection)


def _run(database: Database, name: str, *arguments: str) -> str:
    """Run a tool and return its output. Raises Unavailable with its error message."""
    tool = _tool(name, at_least=_server_version(database))
    environ = dict(os.environ)
    if password := database.engine.url.password:
        environ["PGPASSWORD"] = str(password)
    no_password = () if "--list" in arguments else ("--no-password",)
    done = _said(tool, *no_password, *arguments, env=environ)
    if done.returncode:
        said = next((line for line in done.stderr.splitlines() if "error:" in line), done.stderr.strip()[-300:])
        raise Unavailable(
            sentence("{name} failed: {reason}.", name=name, reason=said.partition("error:")[2].strip() or said),
            advice=sentence("Nothing was changed."),
        )
    return done.stdout


def _address(database: Database) -> str:
    """Return the address as a libpq connection string, without the password."""
    from psycopg.conninfo import make_conninfo  # a shop on a file never loads the driver

    _, given = database.engine.dialect.create_connect_args(database.engine.url)
    return make_conninfo(**{name: value for name, value in given.items() if name not in {"context", "password"}})


def _server_version(database: Database) -> int:
    with database.engine.connect() as connection:
        return int((connection.dialect.server_version_info or (0,))[0])


def _tool(name: str, *, at_least: int) -> Path:
    """Return the first tool not older than the server, from the PATH and where package managers install it."""
    versions = {found: _version(found) for found in _candidates(name)}
    for found, version in versions.items():
        if version >= at_least:
            return found
    advice = sentence("Install the PostgreSQL client programs, version {at_least} or newer.", at_least=str(at_least))
    if versions:
        raise Unavailable(
            sentence(
                "{name} on this computer has version {found}, the server has {at_least}.",
                name=name,
                found=str(max(versions.values())),
                at_least=str(at_least),
            ),
            advice=advice,
        )
    raise Unavailable(sentence("{name} is not installed on this computer.", name=name), advice=advice)


def _candidates(name: str) -> Iterator[Path]:
    if found := shutil.which(name):
        yield Path(found)
    for parent, pattern in _PLACES:
        for folder in sorted(Path(parent).glob(pattern), reverse=True):
            if found := shutil.which(name, path=str(folder)):
                yield Path(found)


def _version(tool: Path) -> int:
    found = re.search(r"(\d+)", _said(tool, "--version").stdout)
    return int(found[1]) if found else 0


def _said(tool: Path, *arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a tool; what it says may be in any encoding, on Windows in that of the server or of the console."""
    return subprocess.run(
        [tool, *arguments], capture_output=True, encoding="utf-8", errors="replace", env=env, check=False
    )
