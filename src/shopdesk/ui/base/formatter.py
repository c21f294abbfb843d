"""Numbers, amounts and dates as text, in one language and currency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from shopdesk.domain.money import Currency, Money
from shopdesk.render import formatting


@dataclass(frozen=True, slots=True)
class Formatter:
    """Formats values in a language (a BCP 47 tag) and currency; ``render.formatting`` has the rules."""

    language: str
    currency: Currency

    def money(self, money: Money, *, with_code: bool = False) -> str:
        """Format an amount with its currency symbol, “$1,284.50”, or with its code."""
        return formatting.money(money, self.language, with_code=with_code)

    def amount(self, minor: int) -> str:
        """Format minor units without the currency: “1,284.50”."""
        return formatting.amount(minor, self.currency, self.language)

    def price(self, hundredths: int) -> str:
        """Format a unit price given in hundredths of a minor unit: “0.89”."""
        return formatting.price(hundredths, self.currency, self.language)

    def quantity(self, thousandths: int) -> str:
        """Format a quantity given in thousandths: “2”, “0.35”."""
        return formatting.quantity(thousandths, self.language)

    def decimal(self, number: Decimal) -> str:
        """Format a number with the decimals that it has: “0.0075”."""
        return formatting.decimal(number, self.language)

    def count(self, number: int) -> str:
        """Format a whole number: “1,902”."""
        return formatting.count(number, self.language)

    def percent(self, milli: int) -> str:
        """Format a percentage given in thousandths of a per cent: “16%”."""
        return formatting.percent(milli, self.language)

    def day(self, on: date) -> str:
        """Format a date: “22 Nov 2026”."""
        return formatting.day(on, self.language)

    def day_of_month(self, on: date) -> str:
        """Format a date without its year: “22 Nov”."""
        return formatting.day_of_month(on, self.language)

    def month(self, on: date) -> str:
        """Format the month of a date: “November 2026”."""
        return formatting.month(on, self.language)

    def short_month(self, on: date) -> str:
        """Format the month of a date: “Nov 2026”."""
        return formatting.short_month(on, self.language)

    def clock(self, at: datetime) -> str:
        """Format the local time of day of an instant: “10:41”."""
        return formatting.clock(at, self.language)

    def instant(self, at: datetime) -> str:
        """Format an instant in local time: “22 Nov 2026, 10:41”."""
        return formatting.instant(at, self.language)
