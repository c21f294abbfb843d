"""``python -m benchmarks --out build/bench.json``: prints a table, and writes it as JSON."""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from benchmarks import beside, exporting, issuing, paper, periods, reading, tills, verifying, windows
from benchmarks.books import PRODUCTS
from benchmarks.measure import Result

Measure = Callable[[Path], Iterable[Result]]

BASELINE = Path(__file__).with_name("baseline.json")
"""The rows of version 0.2.0, with the machine they were measured on: only their ratios compare with another machine.

Those of the large shop are of 20,000 documents (``BIG=20000``), by 0.4.0 before its exports and hours became fast. They
stand beside those of a shop of another size, too: of what is read by an index, the ratio is about the same.
"""
_OF_LARGE = " at 20,000, "


def main() -> int:
    """Measure everything, or what was named."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the JSON goes")
    parser.add_argument("--only", metavar="WORD", default="", help="only measures with this word in their name")
    parser.add_argument("--large", action="store_true", help="a million documents instead of a hundred thousand")
    parser.add_argument(
        "--big",
        type=int,
        metavar="N",
        help="only what needs a large shop: of N documents (1: a million), made first and kept beside FILE",
    )
    options = parser.parse_args()
    results: list[Result] = []
    begun = time.monotonic()
    baseline = json.loads(BASELINE.read_text("utf-8"))
    before = {row["name"]: row["ratio"] for row in baseline["rows"]}
    print(_line("", "ours", "raw", "ratio", baseline["version"]))
    measures = _measures(1_000_000 if options.large else 100_000)
    if options.big:
        kept = options.out.parent.absolute() if options.out else Path.cwd()
        measures = _measures_of_large(kept, 1_000_000 if options.big == 1 else options.big)
    for name, measure in measures.items():
        if options.only not in name:
            continue
        with tempfile.TemporaryDirectory(prefix="shopdesk-bench-") as folder:
            for result in measure(Path(folder)):
                results.append(result)
                print(_row(result, before.get(re.sub(" at [0-9,]+, ", _OF_LARGE, result.name))), flush=True)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps([_facts(result) for result in results], indent=2) + "\n")
        print(f"\n{len(results)} rows in {options.out}, measured in {time.monotonic() - begun:.0f} s.")
    return 0


def _measures(documents: int) -> dict[str, Measure]:
    """Everything there is, under the names that ``--only`` looks in. To add one: a generator of results, and a line."""
    return {
        "first paint": lambda folder: windows.painting(folder, rounds=7),
        "memory": windows.remembering,
        "counter day": lambda folder: windows.counter_day(folder, sales=40),
        "issue 1 line": lambda folder: issuing.issuing(folder, lines=1, rounds=300),
        "issue 5 lines": lambda folder: issuing.issuing(folder, lines=5, rounds=300),
        "issue 20 lines": lambda folder: issuing.issuing(folder, lines=20, rounds=200),
        "cashier's sale": lambda folder: issuing.selling(folder, lines=5, rounds=300),
        "issue in a large shop": lambda folder: issuing.issuing(folder, lines=5, rounds=200, filled=documents),
        **{f"tills at once, {count}": partial(tills.issuing, tills=count) for count in (1, 4, 16, 64)},
        "PDF": lambda folder: paper.printing(folder, lines=5, rounds=200),
        "slip": lambda folder: paper.slips(folder, lines=10, rounds=100),
        "saved slip": lambda folder: paper.saved_slips(folder, lines=10, rounds=60),
        "typing": lambda folder: reading.typing(folder, rows=100, rounds=200),
        "scan": lambda folder: reading.scanning(folder, count=PRODUCTS),
        "scan in a large shop": lambda folder: reading.scanning(folder, count=100_000),
        "while queries run": lambda folder: beside.waiting(folder, rounds=100),
        "lists": lambda folder: reading.listing(folder, count=documents),
        "dashboard": lambda folder: reading.looking(folder, count=documents),
        "verify": lambda folder: verifying.checking(folder, documents=1000, new=50),
    }


def _measures_of_large(kept: Path, documents: int) -> dict[str, Measure]:
    """Everything that is measured on the large shop in the folder ``kept``. To add one: as above."""
    kept.mkdir(parents=True, exist_ok=True)
    return {
        "statistics": lambda _folder: periods.looking(kept, count=documents),
        "lists": lambda _folder: exporting.paging(kept, count=documents),
        "exports": lambda _folder: exporting.writing(kept, count=documents),
        "verify": lambda _folder: verifying.of_large(kept, count=documents),
        "memory": lambda folder: windows.day_in_large(kept, folder, count=documents, sales=10),
    }


def _line(name: str, ours: str, raw: str, ratio: str, before: str) -> str:
    return f"{name:<72}{ours:>14}{raw:>14}{ratio:>9}{before:>9}"


def _row(result: Result, before: float | None) -> str:
    """Format a result, with the ratio that the baseline had for the same name."""
    raw = "" if result.raw is None else _figure(result.raw, result.unit)
    return _line(result.name, _figure(result.value, result.unit), raw, _times(result.ratio), _times(before))


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.1f} ×"


def _figure(value: float, unit: str) -> str:
    return f"{value:.0f}" if not unit else f"{value:.{3 if value < 10 else 1}f} {unit}"


def _facts(result: Result) -> dict[str, object]:
    return {
        "name": result.name,
        "value": round(result.value, 4),
        "unit": result.unit,
        "raw": None if result.raw is None else round(result.raw, 4),
        "ratio": None if result.ratio is None else round(result.ratio, 2),
    }


if __name__ == "__main__":
    sys.exit(main())
