"""Units of quantities, by their codes in UN/ECE Recommendation 20, which e-invoices are written with."""

from __future__ import annotations

from enum import StrEnum


class Unit(StrEnum):
    """The unit of a quantity; the values are stored. To add one: a value here, its name in ``unit_names``."""

    PIECE = "C62"
    KILOGRAM = "KGM"
    GRAM = "GRM"
    LITRE = "LTR"
    METRE = "MTR"
    SQUARE_METRE = "MTK"
    HOUR = "HUR"
    DAY = "DAY"
    PACKAGE = "XPK"
