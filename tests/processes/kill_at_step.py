"""Runs a function in a process that is ended by SIGKILL at a given step, so that each step can be tried in turn."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Protocol

_FILES = frozenset({"sqlite3.connect", "os.rename", "os.remove", "os.link"})


class Step(Protocol):
    """A function that is called at each step, with any arguments."""

    def __call__(self, *given: object) -> None:
        """Wait here to be killed, if it is the last step."""


def is_killed(act: Callable[[Step], None], last: int) -> bool:
    """Fork, run ``act`` and kill it at step ``last``; return False if it had fewer. File operations are steps too."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        _run(act, last, write_end)
    os.close(write_end)
    with os.fdopen(read_end) as line:
        if line.read(4):
            os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in (0, -signal.SIGKILL):
        sys.exit(f"the process ended by itself with status {status} at step {last}")
    return status != 0


def _run(act: Callable[[Step], None], last: int, pipe: int) -> None:
    count = 0

    def step(*_given: object) -> None:
        nonlocal count
        count += 1
        if count == last:
            os.write(pipe, b"here")
            signal.pause()

    sys.addaudithook(lambda done, _: step() if done in _FILES else None)
    act(step)
    os._exit(0)
