"""The content of the customer display: texts in the shop's language, made by the editor, painted by the window."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CustomerSum:
    """A sum under the rows, such as the total; the change, or else the total, is the loudest."""

    label: str
    amount: str
    is_loud: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerView:
    """The row that was changed last with its amount, the sums, and thanks once the sale ``is_saved``."""

    item: str = ""
    detail: str = ""
    amount: str = ""
    sums: tuple[CustomerSum, ...]
    thanks: str = ""
    is_saved: bool = False
