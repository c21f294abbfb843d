"""What differs between systems: marks of tests that assume one, and the questions that are asked on each.

The other tests run on Windows as well (tests/installer/wine.sh).
"""

import os
from pathlib import Path

import pytest

IS_POSIX = os.name == "posix"
POSIX = pytest.mark.skipif(not IS_POSIX, reason="needs POSIX: modes, signals, named pipes, devices as files")
WINDOWS = pytest.mark.skipif(IS_POSIX, reason="asks Windows itself")


def has_mode(path: Path, mode: int) -> bool:
    """Whether a file has this mode; on Windows, where the access list of its folder decides, any file has it."""
    return not IS_POSIX or path.stat().st_mode & 0o777 == mode
