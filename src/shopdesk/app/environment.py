"""The environment of the program, fixed when it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

if TYPE_CHECKING:
    from shopdesk.crash_reports import UncleanExit


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The data folder, the environment variables, Qt's application, and the previous run if it ended uncleanly."""

    app: QApplication
    home: Path
    variables: Mapping[str, str] = field(repr=False)
    ended: UncleanExit | None = None
