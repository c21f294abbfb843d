"""The names of the units of products."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shopdesk.domain.unit import Unit
from shopdesk.message_catalogues import Marked, mark
from shopdesk.ui.base.i18n import tr_marked

_NAMES: Mapping[Unit, Marked] = MappingProxyType(
    {
        Unit.PIECE: mark("Piece"),
        Unit.KILOGRAM: mark("Kilogram"),
        Unit.GRAM: mark("Gram"),
        Unit.LITRE: mark("Litre"),
        Unit.METRE: mark("Metre"),
        Unit.SQUARE_METRE: mark("Square metre"),
        Unit.HOUR: mark("Hour"),
        Unit.DAY: mark("Day"),
        Unit.PACKAGE: mark("Package"),
    }
)


def unit_name(unit: Unit) -> str:
    """Return the name of a unit: “Kilogram”."""
    return tr_marked(_NAMES[unit])


def unit_choices() -> list[tuple[str, str]]:
    """Return all units as pairs of value and name."""
    return [(unit.value, unit_name(unit)) for unit in Unit]
