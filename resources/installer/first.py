"""Runs first in the bundle, before any line of the program."""

import os
import sys
from types import ModuleType

# What the bundle starts (the browser for a sign-in, the program for a PDF) finds its own libraries, not ours: the
# bootloader has set LD_LIBRARY_PATH, the linker has read it, and from here on it says what it said before.
if sys.platform == "linux":
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    if before is None:
        os.environ.pop("LD_LIBRARY_PATH", None)
    else:
        os.environ["LD_LIBRARY_PATH"] = before

# WORKAROUND(reportlab/lib/utils.py): it asks for Pillow as soon as it is imported, though only a picture in a PDF needs
# it, and no paper of ours has one. With its libraries it would be 8 MB.
sys.modules["PIL"] = ModuleType("PIL")
sys.modules["PIL.Image"] = sys.modules["PIL"].Image = ModuleType("PIL.Image")
sys.modules["PIL.Image"].Image = type("Image", (), {})
