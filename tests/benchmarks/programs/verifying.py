"""Verify the shop in a file; print the peak of memory in MB, and how much the program took before it began."""

import re
import sys
from pathlib import Path

from shopdesk.queries import verify
from shopdesk.store.database import connect


def peak() -> float:
    """The peak of this process so far, in MB; not that of its parent, which other counters tell."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text("utf-8"))
    return int(found[1]) / 1024 if found else 0.0


before = peak()
database = connect(f"sqlite:///{sys.argv[1]}")
with database.reads() as session:
    for fault in verify.violations(session):
        raise SystemExit(f"not what is to be measured: {fault}")
database.close()
print(peak(), before)
