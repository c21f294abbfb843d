"""The shop's own weight and price labels, by the pattern that the shop has written down."""

import pytest

from shopdesk.domain.errors import Refused
from shopdesk.domain.in_store_code import InStoreCode, check_patterns, read_in_store_code


def test_a_label_says_item_and_price_or_weight() -> None:
    patterns = check_patterns("29 IIIII PPPPP C, 28IIIIIwwwwwc")
    assert patterns == "29 IIIII PPPPP C, 28 IIIII WWWWW C"
    assert read_in_store_code("2912345004994", patterns) == InStoreCode(item="12345", blank="291234500000", price=499)
    assert read_in_store_code("2800042012559", patterns) == InStoreCode(item="00042", blank="280004200000", weight=1255)
    assert read_in_store_code("2712345004998", patterns) is None
    assert read_in_store_code("29123450049", patterns) is None
    assert read_in_store_code("2912345004994", "") is None


@pytest.mark.parametrize(
    "wrong",
    ["29", "29 IIIII PPPPP", "29 IIIII PPPP C", "39 IIIII PPPPP C", "29 PPPPP C IIIII", "29 IIIII PPWWW C", "x"],
)
def test_a_wrong_pattern_is_refused_with_how_to_type_it(wrong: str) -> None:
    with pytest.raises(Refused, match="like 29 IIIII PPPPP C"):
        check_patterns(f"29 IIIII PPPPP C, {wrong}")
