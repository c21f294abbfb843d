"""Many tills on one PostgreSQL server that issue at once, against raw psycopg committing the same rows.

The server is one of its own that waits for the disk at every commit. Both sides have as many processes, each with its
own connection and its own till, and work in turns of a few seconds; while one side works the other rests.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles

import psycopg
from sqlalchemy import func, select

from benchmarks.measure import Result
from shopdesk.domain.shop import Till
from shopdesk.queries import verify
from shopdesk.row_keys import new_key
from shopdesk.store import shop, tables, upgrade
from shopdesk.store.database import connect
from support import postgresql
from support.shops import open_shop

SETTINGS = "listen_addresses= fsync=on synchronous_commit=on max_connections=200 shared_buffers=128MB"
"""All else as a new server has it: full_page_writes and autovacuum on, wal_level replica."""
PROGRAM = Path(__file__).parent / "programs" / "tills.py"
_PER_DOCUMENT = ("document_lines", "document_taxes", "payments", "journal", "outbox")


def issuing(folder: Path, *, tills: int, turns: int = 4, seconds: float = 5) -> Iterator[Result]:
    """What one document takes, documents per second of all tills together, and what verify finds wrong afterwards."""
    with postgresql.running_server(SETTINGS) as server:
        template = server.create()
        _open(server.url(template), tills)
        _settle(server.url(template), folder)
        urls = {side: server.url(server.create(template=template)) for side in ("ours", "raw")}
        said = _run("issue", urls["ours"], urls["raw"], str(turns), str(seconds), cwd=folder)
        taken: dict[str, list[float]] = json.loads(said)
        _require_as_many_rows(urls)
        faults = _faults(urls["ours"])
    ours, raw = taken["ours"], taken["raw"]
    name = f"{tills} till{'s' if tills > 1 else ''} at once"
    yield Result(f"{name}, median", 1e3 * median(ours), "ms", 1e3 * median(raw))
    yield Result(f"{name}, 95 of 100 within", 1e3 * _p95(ours), "ms", 1e3 * _p95(raw))
    yield Result(f"{name}, together", len(ours) / turns / seconds, "/s", len(raw) / turns / seconds)
    yield Result(f"{name}, gaps and other faults", faults, "")


def _run(*given: str, cwd: Path) -> str:
    path = (str(PROGRAM.parents[2]), os.environ.get("PYTHONPATH", ""))
    return subprocess.run(
        [sys.executable, PROGRAM, *given],
        stdout=subprocess.PIPE,
        text=True,
        cwd=cwd,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
    ).stdout


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20)[-1]


def _open(url: str, tills: int) -> None:
    database = connect(url)
    upgrade.open_ready(database)
    open_shop(database, till_name="T1")
    with database.sessions.begin() as session:
        for number in range(2, tills + 1):
            shop.add_till(session, Till(new_key(), f"T{number}"), at=datetime.now(UTC))
    database.close()


def _settle(url: str, folder: Path) -> None:
    """Fill and analyse the shop, as a real one is: plans made for empty tables would be kept by every connection."""
    _run("fill", url, cwd=folder)
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _require_as_many_rows(urls: Mapping[str, str]) -> None:
    """The comparison is only fair if raw psycopg wrote as many rows for each document as the use case does."""
    each = [_rows_of_each(url) for url in urls.values()]
    if each[0] != each[1]:
        raise SystemExit(
            f"raw psycopg wrote {each[1]} rows for each document, the program {each[0]}: not the same work"
        )


def _rows_of_each(url: str) -> dict[str, float]:
    database = connect(url)
    with database.reads() as session:
        count = {
            name: session.execute(select(func.count()).select_from(tables.metadata.tables[name])).scalar_one()
            for name in ("documents", *_PER_DOCUMENT)
        }
        of_no_document = select(func.count()).where(tables.journal.c.document_key.is_(None))
        count["journal"] -= session.execute(of_no_document).scalar_one()
    database.close()
    return {name: count[name] / count["documents"] for name in _PER_DOCUMENT}


def _faults(url: str) -> int:
    database = connect(url)
    with database.reads() as session:
        faults = list(verify.violations(session))
    database.close()
    print(*faults[:10], sep="\n", end="\n" if faults else "", file=sys.stderr)
    return len(faults)
