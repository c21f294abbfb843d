"""The cost of a text message, as the gateway's price list has it: an amount for each segment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from shopdesk.domain.clean_text import quoted
from shopdesk.domain.errors import Refused
from shopdesk.domain.sentence import sentence

_COST = re.compile(r"(\d{1,6})(?:[.,](\d{1,6}))?\s*([A-Z]{3})", re.ASCII)


@dataclass(frozen=True, slots=True)
class SegmentCost:
    """The cost of one segment. It may be less than the smallest coin of ``currency`` (ISO 4217)."""

    amount: Decimal
    currency: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the cost of a text such as ``0.80 KES``. Raise Refused for any other."""
        found = _COST.fullmatch(text.strip())
        if found is None:
            raise Refused(
                sentence("{text} is no cost. Write it like 0.80 KES.", text=quoted(text)), field="segment_cost"
            )
        return cls(Decimal(f"{found[1]}.{found[2] or 0}"), found[3])

    def of(self, segments: int) -> Decimal:
        """Return the cost of a message of so many segments."""
        return self.amount * segments


def read_segment_cost(text: str) -> str:
    """Return the cost as it is written in the settings. Raise Refused as ``SegmentCost.read`` does."""
    SegmentCost.read(text)
    return text.strip()
