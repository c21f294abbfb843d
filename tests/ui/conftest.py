"""What the tests of windows share: see support/windows.py."""

from support.windows import begin, look, program

__all__ = ["begin", "look", "program"]
