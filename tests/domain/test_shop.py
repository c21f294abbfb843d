"""The shop's own facts: its taxes, its tills and the numbers of their series."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from shopdesk.domain.errors import ConfirmationRequired, Refused, Unavailable
from shopdesk.domain.language_tag import regional
from shopdesk.domain.money import Currency
from shopdesk.domain.sentence import sentence
from shopdesk.domain.shop import Seller, Shop, ShopTax, number_in_series, read_till_name
from shopdesk.domain.tax import Category, TaxRate

FULL = ShopTax(key=UUID(int=1), name="Full", rate=TaxRate.percent(16))
NONE = ShopTax(key=UUID(int=2), name="None", rate=TaxRate.percent(0), is_default=True)
SHOP = Shop(seller=Seller(name="Corner Shop"), currency=Currency.of("KES"), prices_include_tax=True, taxes=(FULL, NONE))


# --- taxes ----------------------------------------------------------------------------------------------------------


def test_a_new_line_starts_with_the_default_rate() -> None:
    assert SHOP.default_tax is NONE


def test_without_a_default_the_first_rate_is_it() -> None:
    assert SHOP.with_taxes((FULL, replace(NONE, is_default=False))).default_tax is FULL


def test_a_shop_without_rates_has_no_default_and_says_so() -> None:
    with pytest.raises(Refused, match="no tax rate yet"):
        _ = SHOP.with_taxes(()).default_tax


@pytest.mark.parametrize(
    ("percent", "milli", "category"),
    [
        (16, 16_000, Category.STANDARD),
        ("8.875", 8_875, Category.STANDARD),
        (Decimal("0.001"), 1, Category.STANDARD),
        (0, 0, Category.ZERO),
        ("0.000", 0, Category.ZERO),
        (100, 100_000, Category.STANDARD),
    ],
)
def test_a_rate_is_whole_thousandths_of_a_per_cent(
    percent: int | str | Decimal, milli: int, category: Category
) -> None:
    assert TaxRate.percent(percent) == TaxRate(milli, category)


@pytest.mark.parametrize("percent", ["16.0001", "-1", "100.001", "nan", "inf", "1e99", Decimal("0.0001")])
def test_a_rate_is_never_cut_to_fit(percent: str | Decimal) -> None:
    with pytest.raises(Refused) as refused:
        TaxRate.percent(percent)
    assert refused.value.faults[0].field == "rate"


@pytest.mark.parametrize("category", [category for category in Category if category is not Category.STANDARD])
def test_only_the_standard_category_has_a_rate_above_nothing(category: Category) -> None:
    assert TaxRate(0, category).milli == 0
    with pytest.raises(Refused, match="Only the standard category"):
        TaxRate(1, category)


@pytest.mark.parametrize(
    ("percent", "written"), [(0, "0"), (16, "16"), (20, "20"), (100, "100"), ("8.875", "8.875"), ("5.5", "5.5")]
)
def test_a_rate_is_written_as_people_write_it(percent: str | int, written: str) -> None:
    assert str(TaxRate.percent(percent).decimal) == written


def test_rates_are_sorted_by_their_height() -> None:
    rates = [TaxRate.percent(20), TaxRate.percent(5), TaxRate(0, Category.EXEMPT), TaxRate.percent(0)]
    assert [(rate.milli, rate.category.value) for rate in sorted(rates)] == [
        (0, "E"),
        (0, "Z"),
        (5000, "S"),
        (20_000, "S"),
    ]


# --- tills ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "name"), [("A", "A"), (" front2 ", "FRONT2"), ("12345678", "12345678")])
def test_a_tills_name_is_short_and_in_capitals(typed: str, name: str) -> None:
    assert read_till_name(typed) == name


@pytest.mark.parametrize("typed", ["", " ", "A B", "A-1", "ABCDEFGHI", "É", "Ａ", "١", "A\n1", "A\x00"])
def test_a_tills_name_that_would_spoil_its_numbers_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="1 to 8 letters or digits") as refused:
        read_till_name(typed)
    assert refused.value.faults[0].field == "till"


def test_a_number_tells_kind_till_year_and_count() -> None:
    assert number_in_series("R", "A", date(2026, 11, 22), 412) == "R-A-2026-000412"
    assert number_in_series("I", "FRONT2", date(2026, 1, 1), 1_234_567) == "I-FRONT2-2026-1234567"


# --- language and country -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "country", "locale"),
    [
        ("es", "MX", "es-MX"),
        ("de", "CH", "de-CH"),
        ("en", "KE", "en-KE"),
        ("zh-Hant", "TW", "zh-Hant-TW"),
        ("sr-Latn", "RS", "sr-Latn-RS"),
        ("en", "US", "en"),
        ("es-MX", "US", "es-MX"),
        ("pt-BR", "PT", "pt-BR"),
        ("es-419", "MX", "es-419"),
        ("en_GB", "KE", "en_GB"),
        ("", "MX", ""),
        ("es", "", "es"),
    ],
)
def test_a_language_has_the_region_of_the_shops_country_if_it_has_none(
    language: str, country: str, locale: str
) -> None:
    assert regional(language, country) == locale
    shop = Shop(
        seller=Seller(name="Shop", country=country),
        currency=Currency.of("EUR"),
        prices_include_tax=True,
        taxes=(),
        language=language,
    )
    assert shop.locale == locale


# --- errors ---------------------------------------------------------------------------------------------------------


def test_a_refusal_says_all_its_faults() -> None:
    refused = Refused(sentence("No."), field="item", row=3)
    assert (str(refused), refused.faults[0].field, refused.faults[0].row) == ("No.", "item", 3)
    both = Refused([*refused.faults, *Refused(sentence("Never.")).faults])
    assert (str(both), len(both.faults)) == ("No. Never.", 2)


def test_a_question_carries_the_answer_that_lets_it_pass() -> None:
    asked = ConfirmationRequired(sentence("Again?"), answer="again")
    assert (str(asked), asked.question, asked.answer) == ("Again?", "Again?", "again")


def test_what_is_unavailable_says_what_to_do() -> None:
    gone = Unavailable(sentence("The disk is full."), advice=sentence("Delete something."))
    assert (str(gone), gone.final) == ("The disk is full. Delete something.", False)
    assert (str(Unavailable(sentence("No."), final=True)), Unavailable(sentence("No."), final=True).final) == (
        "No.",
        True,
    )
