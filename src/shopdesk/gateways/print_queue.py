"""Print queues of CUPS, by its own commands “lp” and “lpstat”: given a job, asked for its state."""

from __future__ import annotations

import os
import re
import subprocess

from shopdesk.domain.errors import Unavailable
from shopdesk.domain.sentence import sentence, verbatim

_SECONDS = 15.0
"""The longest time that a command may take: a server in the network may be asked."""
_SUBMITTED = re.compile(r"request id is \S+-(\d+) ")


def submit(queue: str, data: bytes, *, title: str, options: tuple[str, ...] = ()) -> int:
    """Give a file to a queue and return the number of its job. Raise Unavailable if the queue does not take it.

    ``options`` are those of “lp -o”, such as “raw” or “media=iso_a4_210x297mm”.
    """
    chosen = [part for option in options for part in ("-o", option)]
    said = run("lp", "-d", queue, "-t", title, *chosen, "--", "-", data=data)
    number = _SUBMITTED.search(said)
    if number is None:
        raise Unavailable(sentence("The print queue answered: {words}", words=verbatim(said.strip())))
    return int(number[1])


def run(*command: str, data: bytes = b"") -> str:
    """Run a command of CUPS in English and return what it prints. Raise Unavailable with its words if it fails."""
    environ = {**os.environ, "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS, check=False, env=environ)
    except FileNotFoundError:
        raise Unavailable(
            sentence("The command {name} is missing.", name=command[0]),
            advice=sentence("Install the printing system CUPS (package {package}).", package="cups-client"),
        ) from None
    except subprocess.TimeoutExpired:
        raise Unavailable(sentence("The print server does not answer.")) from None
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip().removeprefix(f"{command[0]}: ")
        raise Unavailable(sentence("The print queue answered: {words}", words=verbatim(words)))
    return done.stdout.decode(errors="replace")
