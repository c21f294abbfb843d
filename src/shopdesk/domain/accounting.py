"""The account numbers and column headings of the accountant's export, as chosen for the shop."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from shopdesk.domain.clean_text import clean
from shopdesk.domain.errors import Refused
from shopdesk.domain.payment import Method
from shopdesk.domain.sentence import sentence
from shopdesk.domain.tax import TaxRate

RECEIVABLE, ROUNDING = "receivable", "rounding"
LONGEST_ACCOUNT, LONGEST_HEADING = 20, 60
LEFT_OUT = "-"
"""The heading of a column that is left out of the files."""


@dataclass(frozen=True, slots=True)
class AccountMapping:
    """The choices by key; one without a choice is missing.

    Accounts: ``receivable``, ``rounding``, ``revenue 19000 S``, ``tax 19000 S`` (rate and category), ``method cash``.
    Headings: ``column documents.number``.
    """

    chosen: Mapping[str, str] = field(default_factory=dict)

    def revenue(self, rate: TaxRate) -> str:
        """Return the revenue account of a rate."""
        return self.chosen.get(revenue_key(rate), "")

    def tax(self, rate: TaxRate) -> str:
        """Return the account of the tax at a rate."""
        return self.chosen.get(tax_key(rate), "")

    def method(self, method: Method) -> str:
        """Return the account that payments by a method go to."""
        return self.chosen.get(method_key(method), "")

    @property
    def receivable(self) -> str:
        """The account of what customers owe."""
        return self.chosen.get(RECEIVABLE, "")

    @property
    def rounding(self) -> str:
        """The account of cash rounding."""
        return self.chosen.get(ROUNDING, "")

    def heading(self, column: str, usual: str) -> str:
        """Return the heading of a column, such as “documents.number”; empty if it is left out."""
        heading = self.chosen.get(column_key(column), usual)
        return "" if heading == LEFT_OUT else heading


def revenue_key(rate: TaxRate) -> str:
    """Return the key of the revenue account of a rate."""
    return f"revenue {rate.milli} {rate.category.value}"


def tax_key(rate: TaxRate) -> str:
    """Return the key of the account of the tax at a rate."""
    return f"tax {rate.milli} {rate.category.value}"


def method_key(method: Method) -> str:
    """Return the key of the account of a method."""
    return f"method {method.value}"


def column_key(column: str) -> str:
    """Return the key of the heading of a column."""
    return f"column {column}"


def read_mapping(typed: Mapping[str, str], *, columns: Iterable[str]) -> AccountMapping:
    """Return the choices as typed, trimmed, those that are empty left out. Raise Refused beside the field of a key.

    ``columns`` are the names of all columns, such as “documents.number”.
    """
    chosen = {}
    for key, text in typed.items():
        is_heading = key.startswith("column ")
        said = clean(text, max_length=LONGEST_HEADING if is_heading else LONGEST_ACCOUNT, field=key)
        if said and not is_heading and not re.fullmatch(r"[\w.\-/ ]+", said):
            raise Refused(sentence("An account has letters, digits, dots, dashes or slashes only."), field=key)
        if said:
            chosen[key] = said
    mapping = AccountMapping(chosen)
    _check_headings(mapping, tuple(columns))
    return mapping


def _check_headings(mapping: AccountMapping, columns: tuple[str, ...]) -> None:
    seen: dict[tuple[str, str], str] = {}
    shown: dict[str, int] = {}
    for column in columns:
        table = column.partition(".")[0]
        heading = mapping.heading(column, "\0" + column)
        shown[table] = shown.get(table, 0) + bool(heading)
        if heading and seen.setdefault((table, heading.casefold()), column) != column:
            raise Refused(
                sentence("Two columns of a table have the heading “{heading}”.", heading=heading),
                field=column_key(column),
            )
    for column in columns:
        if not shown[column.partition(".")[0]]:
            raise Refused(sentence("Leave at least one column in each table."), field=column_key(column))
