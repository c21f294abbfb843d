"""A large file needs no more memory than a small one."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

from shopdesk.domain.product import Product
from shopdesk.queries import products as asked
from shopdesk.usecases import import_layout, imports, products
from shopdesk.usecases.import_file import AT_ONCE, Row
from shopdesk.usecases.imports import ImportLine, RawLine, Verdict
from shopdesk.usecases.product_import import PRODUCTS, ProductLine
from support.shops import SampleShop

LINES = 50_000


def written(path: Path, count: int) -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.write("code,name,price,category\n")
        file.writelines(f"{number},Product {number},1.99,Category {number % 40}\n" for number in range(count))
    return path


def alive() -> int:
    """The rows and lines that are in memory now."""
    return sum(isinstance(one, ImportLine | RawLine | Row) for one in gc.get_objects())


def test_at_most_a_few_hundred_of_50_000_lines_are_in_memory(tmp_path: Path) -> None:
    seen: list[int] = []
    steps = 0

    def look(done: int, of: int) -> None:
        nonlocal steps
        steps += 1
        if steps % 10 == 0:
            seen.append(alive())

    def checker(reads: Sequence[RawLine]) -> list[ProductLine]:
        texts = {"name": "x"}
        return [ProductLine(number=read.number, texts=texts, verdict=Verdict.NEW) for read in reads]

    file = imports.read(written(tmp_path / "big.csv", LINES), PRODUCTS, language="en", progress=look)
    layout = import_layout.guess(file, PRODUCTS)
    check = imports.check_lines(file, layout, line=ProductLine, value=Product, checker=checker, progress=look)
    assert check.count(Verdict.NEW) == len(check.lines) == LINES
    assert len(seen) > 10
    assert 0 < max(seen) <= 4 * AT_ONCE
    assert [line.number for line in check.lines.page(verdict=Verdict.NEW, after=check.lines[-2], limit=9)] == [
        LINES + 1
    ]
    file.close()


def test_more_lines_than_two_portions_need_no_more_memory_to_import(shop: SampleShop, tmp_path: Path) -> None:
    def peak(count: int) -> int:
        file = imports.read(written(tmp_path / f"{count}.csv", count), PRODUCTS, language="en")
        tracemalloc.reset_peak()
        shop.do(products.import_all, file)
        file.close()
        return tracemalloc.get_traced_memory()[1]

    tracemalloc.start()
    try:
        peak(300)  # what is made once
        small, large = peak(2 * AT_ONCE), peak(5 * AT_ONCE)
    finally:
        tracemalloc.stop()
    assert large < small + 1_000_000
    assert len(shop.ask(asked.suggest, "product 2499")) == 1
