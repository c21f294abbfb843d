"""Marks of tests that assume a system; the others run on Windows as well (tests/installer/wine.sh)."""

import os

import pytest

POSIX = pytest.mark.skipif(os.name != "posix", reason="needs POSIX: modes, signals, pipes with names")
WINDOWS = pytest.mark.skipif(os.name == "posix", reason="asks Windows itself")
