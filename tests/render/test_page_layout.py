"""Blocks onto pages."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shopdesk.render.page_layout import Block, PageFormat, PdfPage, beside, paginate, stack

FORM = PageFormat(100, 200, 10, top=20, bottom=20)  # 160 for content
ROLL = PageFormat(100, None, 10, top=20, bottom=20)


def tops(pages: list[PdfPage]) -> list[list[tuple[float, float]]]:
    """Where each block begins, and its height."""
    return [[(top, block.height) for top, block in page.blocks] for page in pages]


def test_blocks_stand_under_each_other_until_the_page_is_full() -> None:
    assert tops(paginate([Block(60), Block(60), Block(60)], FORM)) == [[(20, 60), (80, 60)], [(20, 60)]]


def test_a_later_page_begins_with_the_running_head_and_above_rows_with_the_tables() -> None:
    rows = [Block(70, is_row=True), Block(70, is_row=True), Block(70, is_row=True)]
    pages = paginate(rows, FORM, table_header=Block(5), page_header=Block(7))
    assert tops(pages)[1] == [(20, 7), (27, 5), (32, 70)]
    no_row = paginate([Block(150), Block(70)], FORM, table_header=Block(5), page_header=Block(7))
    assert tops(no_row)[1] == [(20, 7), (27, 70)]


def test_blocks_that_belong_together_go_to_the_next_page_together() -> None:
    pages = paginate([Block(100), Block(50, with_next=True), Block(50)], FORM)
    assert tops(pages) == [[(20, 100)], [(20, 50), (70, 50)]]


def test_what_belongs_together_but_fits_on_no_page_is_divided() -> None:
    pages = paginate([Block(100, with_next=True), Block(100, with_next=True), Block(100)], FORM)
    assert [len(page.blocks) for page in pages] == [1, 1, 1]


def test_the_foot_stands_at_the_bottom_of_the_last_page() -> None:
    assert tops(paginate([Block(50)], FORM, foot=[Block(10), Block(5)])) == [[(20, 50), (165, 15)]]


def test_the_foot_never_stands_on_a_page_alone() -> None:
    pages = paginate([Block(100), Block(50)], FORM, foot=[Block(20)])
    assert tops(pages) == [[(20, 100)], [(20, 50), (160, 20)]]


def test_on_a_roll_the_foot_follows_and_the_paper_ends() -> None:
    (page,) = paginate([Block(50)], ROLL, foot=[Block(10)])
    assert tops([page]) == [[(20, 50), (70, 10)]]
    assert page.height == 100


def test_columns_beside_each_other_are_as_high_as_the_higher_one() -> None:
    (both,) = beside([Block(10), Block(10)], [Block(30)], most=40)
    assert both.height == 30
    assert [block.height for block in beside([Block(50), Block(10)], [Block(30)], most=40)] == [50, 10, 30]


def test_a_stack_tells_where_each_of_its_blocks_is() -> None:
    inner = stack([Block(10), Block(20)])
    assert [top for top, _ in stack([Block(5), inner]).each(100)] == [100, 100, 105, 105, 115]


@given(
    st.lists(st.tuples(st.floats(1, 400), st.booleans(), st.booleans()), min_size=1, max_size=60),
    st.lists(st.floats(1, 90), max_size=4),
)
def test_every_block_comes_once_in_order_and_only_a_too_high_one_passes_the_bottom(
    shapes: list[tuple[float, bool, bool]], foot: list[float]
) -> None:
    blocks = [Block(height, is_row=is_row, with_next=with_next) for height, is_row, with_next in shapes]
    head, running, feet = Block(3), Block(4), [Block(height) for height in foot]
    pages = paginate(blocks, FORM, table_header=head, page_header=running, foot=feet)
    placed = [block for page in pages for _, block in page.blocks if block is not head and block is not running]
    assert [block for block in placed if any(block is one for one in blocks)] == blocks
    for page in pages:
        assert page.blocks
        edges = [(top, top + block.height) for top, block in page.blocks]
        assert all(before[1] <= after[0] + 1e-6 for before, after in pairwise(edges))
        for top, block in page.blocks:
            assert top + block.height <= 180 + 1e-6 or block.height > 160 - 7
