"""The benchmarks run, and what of them does not depend on the machine holds. Nothing here looks at a clock."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import beside, issuing, paper, reading, tills, verifying, windows
from benchmarks.__main__ import BASELINE
from support.qtbot import QtBot


@pytest.mark.parametrize("lines", [1, 20])
def test_a_document_of_any_length_takes_one_commit_and_the_same_few_statements(tmp_path: Path, lines: int) -> None:
    results = {result.name.split(", ")[-1]: result for result in issuing.issuing(tmp_path, lines=lines, rounds=3)}
    assert results["commits"].value == 1
    assert results["statements"].value <= 23
    # Which rows the raw side wrote was compared on the way: it would have stopped with what differs.
    assert results["statements"].raw is not None
    assert results["median"].ratio is not None


def test_large_shops_are_filled_and_asked(tmp_path: Path) -> None:
    for folder in ("documents", "products", "form"):
        (tmp_path / folder).mkdir()
    names = [result.name for result in reading.looking(tmp_path / "documents", count=500)]
    names += [result.name for result in reading.scanning(tmp_path / "products", count=50)]
    names += [result.name for result in reading.typing(tmp_path / "form", rows=3, rounds=5)]
    assert "dashboard figures at 500 documents, median" in names
    assert "scan among 50 products, minimum" in names
    assert "live totals of 3 rows, a key typed, processor" in names


def test_a_scan_and_a_save_are_answered_while_queries_run(tmp_path: Path, qtbot: QtBot) -> None:
    names = [result.name for result in beside.waiting(tmp_path, rounds=3, products=800)]
    assert names[::2] == ["scan while queries run, median", "Save of 5 lines while queries run, median"]


def test_a_shop_is_verified_whole_and_for_what_is_new(tmp_path: Path) -> None:
    results = {result.name: result for result in verifying.checking(tmp_path, documents=3, new=2)}
    assert results["verify 3 documents, memory at its peak"].unit == "MB"
    assert {"verify 3 documents, for 100,000, processor", "verify 2 new among 3, median"} <= results.keys()


def test_a_large_shop_is_made_by_the_rule_and_verified(tmp_path: Path) -> None:
    results = {result.name: result for result in verifying.of_large(tmp_path, count=30)}
    assert results["verify at 30, SQLite"].unit == "s"
    assert results["verify at 30, SQLite, memory at its peak"].ratio is not None


def test_the_bare_canvas_draws_as_many_strings_as_the_receipt_has(tmp_path: Path) -> None:
    assert [result.unit for result in paper.printing(tmp_path, lines=5, rounds=2)] == ["ms", "ms", "ms"]


def test_the_program_comes_to_its_first_paint_and_to_somebody_signed_in(tmp_path: Path) -> None:
    painted = {result.name: result for result in windows.painting(tmp_path, rounds=1)}
    assert painted["first paint, minimum"].ratio is not None
    remembered = {result.name: result for result in windows.remembering(tmp_path)}
    assert remembered["memory after sign-in"].unit == "MB"


_HEAVY = frozenset(
    """
    alembic authlib keyring numpy openpyxl phonenumbers PIL psycopg pypdfium2 python_calamine qtawesome
    reportlab requests sqlalchemy.orm
    """.split()
)
"""What costs time and memory, and is needed neither to sign in nor on the first page."""


_AFTER_THE_PAINT = {
    "shopdesk.domain.account",
    "shopdesk.domain.barcode",
    "shopdesk.domain.document",
    "shopdesk.domain.keyboard_layout",
    "shopdesk.domain.shop",
    "shopdesk.domain.totals",
    "shopdesk.settings",
    "shopdesk.ui.base.accessibility",
    "shopdesk.ui.base.ports",
    "shopdesk.ui.base.scanner",
    "uuid",
}


def test_nothing_is_loaded_before_somebody_needs_it(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    at_the_first_paint = windows.modules(tmp_path / "one", "program.py")
    assert at_the_first_paint & (_HEAVY | {"asyncio", "babel", "sqlalchemy", "ssl", "sqlite3"}) == set()
    assert at_the_first_paint & _AFTER_THE_PAINT == set()
    (tmp_path / "two").mkdir()
    signed_in = windows.modules(tmp_path / "two", "signed_in.py", windows.PASSWORD)
    assert "shopdesk.ui.statistics.dashboard_screen" in signed_in
    assert signed_in & _HEAVY == set()


def test_the_runner_prints_a_table_and_writes_the_same_as_json(tmp_path: Path) -> None:
    out = tmp_path / "build" / "bench.json"
    said = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--only", "PDF", "--out", out],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
    )
    assert (said.returncode, said.stderr) == (0, "")
    written = json.loads(out.read_text("utf-8"))
    assert [set(row) for row in written] == [{"name", "value", "unit", "raw", "ratio"}] * 3
    assert all(row["name"] in said.stdout for row in written)
    before = {row["name"]: row["ratio"] for row in json.loads(BASELINE.read_text("utf-8"))["rows"]}
    for row in written:
        (line,) = (line for line in said.stdout.splitlines() if line.startswith(row["name"]))
        assert line.endswith(f"{before[row['name']]:.1f} ×")


def test_tills_of_both_sides_write_the_same_rows_at_once_and_leave_no_gap(tmp_path: Path) -> None:
    results = {result.name: result for result in tills.issuing(tmp_path, tills=2, turns=2, seconds=0.3)}
    assert results["2 tills at once, gaps and other faults"].value == 0
    assert results["2 tills at once, median"].ratio is not None
    assert results["2 tills at once, together"].value > 0
