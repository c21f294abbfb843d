"""A process that is ended by SIGKILL at one step of what it does, so that something can be killed at each of them."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Protocol

_FILES = frozenset({"sqlite3.connect", "os.rename", "os.remove", "os.link"})


class Step(Protocol):
    """Called at each step; whatever it is given does not matter."""

    def __call__(self, *given: object) -> None:
        """Stand still here, if it is the last one."""


def is_killed(act: Callable[[Step], None], last: int) -> bool:
    """Fork, act, and be killed at that step. False when there were fewer. Whatever is done to files is a step, too."""
    heard, told = os.pipe()
    child = os.fork()
    if child == 0:
        _run(act, last, told)
    os.close(told)
    with os.fdopen(heard) as line:
        if line.read(4):
            os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in (0, -signal.SIGKILL):
        sys.exit(f"it ended by itself with status {status} at step {last}")
    return status != 0


def _run(act: Callable[[Step], None], last: int, told: int) -> None:
    count = 0

    def step(*_given: object) -> None:
        nonlocal count
        count += 1
        if count == last:
            os.write(told, b"here")
            signal.pause()

    sys.addaudithook(lambda done, _: step() if done in _FILES else None)
    act(step)
    os._exit(0)
