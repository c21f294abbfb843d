"""Defaults for a new shop by country: currency, coins, tax rates, language. The owner can change them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache

from PySide6.QtCore import QLocale

from shopdesk.domain.collation import sort_key
from shopdesk.domain.money import Currency
from shopdesk.message_catalogues import SOURCE

# Standard rates of VAT, GST or sales tax in per cent, as of 2026; none where the rate varies (United States).
_STANDARD = """
AE 5 AM 20 AR 21 AT 20 AU 10 AZ 18 BD 15 BE 21 BG 20 BH 10 BO 13 CA 5 CH 8.1 CI 18 CL 19 CN 13 CO 19 CR 13 CY 19 CZ 21
DE 19 DK 25 DO 18 EC 15 EE 24 EG 14 ES 21 ET 15 FI 25.5 FR 20 GB 20 GE 18 GH 15 GR 24 GT 12 HR 25 HU 27 ID 12 IE 23
IL 18 IN 18 IS 24 IT 22 JO 16 JP 10 KE 16 KR 10 LB 11 LK 18 LT 21 LU 17 LV 21 MA 20 MT 18 MX 16 MY 10 NG 7.5 NL 21
NO 25 NP 13 NZ 15 OM 5 PE 18 PH 12 PK 18 PL 23 PT 23 PY 10 RO 21 RS 20 RW 18 SA 15 SE 25 SG 9 SI 22 SK 23 SN 18 TH 7
TN 19 TR 20 TW 5 TZ 18 UA 20 UG 18 UY 22 VN 10 ZA 15 ZM 16
"""
# The reduced rates that shops have beside it, as of 2026, highest first, and since when they have been so where that is
# no older than 2019. Sources: the European Commission's rates by country; the laws that changed them (EE 2025, FI 2026,
# LT 2026, RO 2025, SK 2025, CZ 2024, LU 2024, NL 2019); ESTV (CH 2024), HMRC (GB), Skatteetaten (NO), Skatturinn (IS),
# National Tax Agency (JP 2019), GST Council (IN 2025), Gelir İdaresi (TR 2023).
_REDUCED = """
AT 13 10; BE 12 6; BG 9; CH 3.8@2024-01-01 2.6@2024-01-01; CY 9 5 3; CZ 12@2024-01-01; DE 7; EE 13@2025-01-01 9; ES 10 4
FI 13.5@2026-01-01 10; FR 10 5.5 2.1; GB 5; GR 13 6; HR 13 5; HU 18 5; IE 13.5 9; IN 40@2025-09-22 5; IS 11; IT 10 5 4
JP 8@2019-10-01; LT 12@2026-01-01 5; LU 14@2024-01-01 8@2024-01-01 3; LV 12 5; MT 12 7 5; NL 9@2019-01-01; NO 15 12
PL 8 5; PT 13 6; RO 11@2025-08-01; SE 12 6; SI 9.5 5; SK 19@2025-01-01 5@2025-01-01; TR 10@2023-07-10 1
"""
# The smallest coins in use, in units of the currency, where its smallest unit is no coin any more. Sources: the central
# banks, with the year of the withdrawal: RBA 1992, Bank of Canada 2013, ČNB 2008, Danmarks Nationalbank 2008,
# MNB 2008, Bank of Israel 2008, Norges Bank 2012, RBNZ 2006, Riksbank 2010; Bank Negara Malaysia's rounding since 2008;
# the coins that Swissmint and the Hong Kong Monetary Authority issue.
_COINS = {
    "AUD": "0.05", "CAD": "0.05", "CHF": "0.05", "CZK": "1", "DKK": "0.50", "HKD": "0.10", "HUF": "5", "ILS": "0.10",
    "MYR": "0.05", "NOK": "1", "NZD": "0.10", "SEK": "1",
}  # fmt: skip
# Where cash in euro is rounded to 0.05, by law or by agreement of the trade: Finland since 2002, the Netherlands 2004,
# Ireland 2015, Italy 2018, Belgium 2019, Slovakia 2022, Estonia and Lithuania 2025.
_EURO_ROUNDED = frozenset({"BE", "EE", "FI", "IE", "IT", "LT", "NL", "SK"})
_PRICES_WITHOUT_TAX = frozenset({"US", "CA"})


@dataclass(frozen=True, slots=True)
class ReducedRate:
    """A tax rate in per cent, as text; ``since`` is the day it began, where that is recent."""

    percent: str
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Country:
    """A country by its ISO 3166-1 alpha-2 code.

    ``tax`` is the standard rate in per cent as text, empty where the rate varies; ``language`` a BCP 47 tag.
    """

    code: str
    name: str
    currency: str
    tax: str
    prices_include_tax: bool
    language: str
    reduced: tuple[ReducedRate, ...] = ()


@lru_cache(maxsize=2)
def countries(language: str = SOURCE) -> tuple[Country, ...]:
    """Return every country whose currency Qt knows, by their names in a language, sorted by name."""
    from babel import Locale  # loaded late: the first page needs no countries

    names = Locale.parse(language).territories
    named = (replace(country, name=names.get(country.code) or country.name) for country in _countries())
    return tuple(sorted(named, key=lambda country: sort_key(country.name, language)))


@cache
def _countries() -> tuple[Country, ...]:
    """Return the countries by Qt's names; asking Qt for all their currencies takes several ms."""
    words = _STANDARD.split()
    rates = dict(zip(words[::2], words[1::2], strict=True))
    reduced = _reduced()
    found = {}
    for territory in QLocale.Country:
        code = QLocale.territoryToCode(territory)
        if len(code) != 2 or not code.isalpha():
            continue
        locale = QLocale(QLocale.Language.AnyLanguage, territory)
        currency = locale.currencySymbol(QLocale.CurrencySymbolFormat.CurrencyIsoCode)
        if locale.territory() != territory or len(currency) != 3:
            continue
        found[code] = Country(
            code,
            QLocale.territoryToString(territory),
            currency,
            tax=rates.get(code, ""),
            prices_include_tax=code not in _PRICES_WITHOUT_TAX,
            language=QLocale.languageToCode(locale.language()),
            reduced=reduced.get(code, ()),
        )
    return tuple(found.values())


def _reduced() -> dict[str, tuple[ReducedRate, ...]]:
    found = {}
    for entry in _REDUCED.strip().replace("\n", ";").split(";"):
        code, *written = entry.split()
        parts = (rate.partition("@") for rate in written)
        found[code] = tuple(ReducedRate(rate, date.fromisoformat(day) if day else None) for rate, _, day in parts)
    return found


def smallest_coin(country: str, currency: Currency) -> int:
    """Return the smallest coin that shops in the country give back, in minor units; 1 where every amount can be paid.

    The codes are ISO 3166 and 4217. The owner can change it: where rounding is voluntary, not every shop does it.
    """
    coin = "0.05" if currency.code == "EUR" and country in _EURO_ROUNDED else _COINS.get(currency.code)
    return int(Decimal(coin) * currency.scale) if coin else 1


def current() -> str:
    """Return the country code of this machine's locale."""
    return QLocale.territoryToCode(QLocale.system().territory())


def language() -> str:
    """Return the language of this machine's locale as a BCP 47 tag; "en" if none is set."""
    system = QLocale.system()
    return "en" if system.language() is QLocale.Language.C else system.bcp47Name()


@cache
def currencies() -> tuple[str, ...]:
    """Return the ISO 4217 codes of all these countries' currencies, sorted."""
    return tuple(sorted({country.currency for country in _countries()}))
