"""The whole program on a fresh home folder: see support/windows.py."""

from support.windows import begin, look, program

__all__ = ["begin", "look", "program"]
