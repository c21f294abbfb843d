"""GS1 element strings."""

from datetime import date
from decimal import Decimal

import pytest

from shopdesk.domain.element_string import ElementString, read_element_string
from shopdesk.domain.money import Currency

MILK = "04006381333931"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"01{MILK}", ElementString(gtin=MILK)),
        (f"01{MILK}3103001255", ElementString(gtin=MILK, weight=1255)),
        (f"01{MILK}3102000150", ElementString(gtin=MILK, weight=1500)),
        (f"01{MILK}3006", ElementString(gtin=MILK, count=6)),
        (f"01{MILK}39220499", ElementString(gtin=MILK, price=Decimal("4.99"))),
        (f"01{MILK}17261231", ElementString(gtin=MILK, expires_on=date(2026, 12, 31))),
        (f"10A-7\x1d01{MILK}15270201", ElementString(gtin=MILK, batch="A-7", expires_on=date(2027, 2, 1))),
        (f"01{MILK}10ABC310300125517261231", ElementString(gtin=MILK)),  # without separators
        (f"01{MILK}17269931", ElementString(gtin=MILK)),
        ("00123456789012345675", None),
        ("no element string", None),
    ],
)  # fmt: skip
def test_an_element_string_says_what_it_is(text: str, said: ElementString | None) -> None:
    assert read_element_string(text) == said


def test_a_price_is_in_the_shops_currency() -> None:
    said = ElementString(gtin=MILK, price=Decimal("4.99"))
    assert said.price_in(Currency.of("EUR")) == 499
    assert said.price_in(Currency.of("JPY")) is None
    assert ElementString(gtin=MILK).price_in(Currency.of("EUR")) is None
