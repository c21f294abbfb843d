"""Several processes empty one outbox and say what each of them took. Run by tests/store/test_outbox.py.

``python rivals.py URL WORKERS`` prints the keys, one a line, whoever took them.
"""

import os
import sys
from datetime import UTC, datetime

from shopdesk.domain.message import Sending
from shopdesk.store import outbox
from shopdesk.store.database import connect
from shopdesk.store.keys import new_key


def work(url: str) -> None:
    """Claim and settle until there is nothing left."""
    database, worker = connect(url), new_key()
    while True:
        with database.sessions.begin() as session:
            key = outbox.claim(session, worker=worker, at=datetime.now(UTC))
        if key is None:
            break
        with database.sessions.begin() as session:
            if outbox.settle(session, key, worker=worker, state=Sending.SENT, sent_at=datetime.now(UTC), next_at=None):
                os.write(1, f"{key}\n".encode())  # one write: lines of several processes do not mix
    database.close()


def main(url: str, workers: int) -> int:
    """Start them all at once, and wait for all."""
    gate, start = os.pipe()
    children = []
    for _ in range(workers):
        child = os.fork()
        if child == 0:
            os.close(start)
            os.read(gate, 1)  # returns for everyone when the other end is closed
            work(url)
            os._exit(0)
        children.append(child)
    os.close(start)
    return max(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
