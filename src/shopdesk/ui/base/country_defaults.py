"""Defaults for a new shop by country: currency, smallest coin and standard tax rate. The owner can change them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

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
class Country:
    """A country by its ISO 3166-1 alpha-2 code; ``tax`` is a percentage as text, empty where the rate varies."""

    code: str
    name: str
    currency: str
    tax: str
    prices_include_tax: bool


@lru_cache(maxsize=2)
def countries(language: str = SOURCE) -> tuple[Country, ...]:
    """Return every country whose currency Qt knows, by their names in a language, sorted by name."""
    from babel import Locale  # loaded late: the first page needs no countries

    names = Locale.parse(language).territories
    words = _STANDARD.split()
    rates = dict(zip(words[::2], words[1::2], strict=True))
    found = {}
    for territory in QLocale.Country:
        code = QLocale.territoryToCode(territory)
        if len(code) != 2 or not code.isalpha():
            continue
        locale = QLocale(QLocale.Language.AnyLanguage, territory)
        currency = locale.currencySymbol(QLocale.CurrencySymbolFormat.CurrencyIsoCode)
        if locale.territory() != territory or len(currency) != 3:
            continue
        name = names.get(code) or QLocale.territoryToString(territory)
        found[code] = Country(code, name, currency, rates.get(code, ""), code not in _PRICES_WITHOUT_TAX)
    return tuple(sorted(found.values(), key=lambda country: sort_key(country.name, language)))


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


@lru_cache(maxsize=1)
def currencies() -> tuple[str, ...]:
    """Return the ISO 4217 codes of all these countries' currencies, sorted."""
    return tuple(sorted({country.currency for country in countries()}))
