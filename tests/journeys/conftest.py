"""The whole program on a fresh home folder: see support/windows.py."""

from support.windows import begin, program, themed_app

__all__ = ["begin", "program", "themed_app"]
