"""Several processes send the messages of one outbox, are killed and replaced. Run by tests/store/test_outbox.py.

``python competing_workers.py URL PORT WORKERS KILLS``: the workers mail to PORT. By turns one is killed when it has
claimed a message but not sent it, one when the server has accepted it but that is not recorded yet, and one anywhere.
Prints a JSON object: the Message-IDs that the workers were sending when they were killed, by the place of the kill.
"""

import json
import os
import random
import selectors
import signal
import smtplib
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shopdesk.delivery import Mailer, deliver_next
from shopdesk.row_keys import new_key
from shopdesk.store import outbox
from shopdesk.store.database import connect

PLACES = ("claimed", "sent", "anywhere")
SENDER = "shop@example.org"


@dataclass
class Worker:
    """A worker process, as the process that kills it sees it."""

    pid: int
    reports: int
    place: str | None  # the place to kill it at
    in_hand: str = ""  # the Message-ID that it is sending
    holds: bool = False
    _rest: str = ""

    def read(self) -> bool:
        """Read its reports. Return False when it has ended."""
        data = os.read(self.reports, 1 << 16).decode()
        *lines, self._rest = (self._rest + data).split("\n")
        for line in lines:
            step, _, message_id = line.partition(" ")
            self.holds = step == "hold"
            if not self.holds:
                self.in_hand = message_id  # none once the result is recorded
        return bool(data)

    def end(self) -> int:
        """Read the last reports and return the exit code."""
        while self.read():
            pass
        os.close(self.reports)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def work(url: str, port: int, reports: int, place: str | None, ahead: timedelta) -> None:
    """Deliver until nothing is due, by a clock that is ``ahead``; wait at the place to be killed at."""
    database, worker = connect(url), new_key()
    server = smtplib.SMTP("127.0.0.1", port)
    hold_at = random.randrange(1, 6)  # early: SQLite is not fair, and every worker must get there
    count = 0

    def step(name: str, message_id: str) -> None:
        os.write(reports, f"{name} {message_id}\n".encode())
        if (name, count) == (place, hold_at):
            os.write(reports, b"hold\n")
            signal.pause()  # never returns: SIGKILL comes

    def send(content: bytes, *, recipient: str) -> str:
        nonlocal count
        count += 1
        message_id = content.partition(b"Message-ID: ")[2].partition(b"\r\n")[0].decode()
        step("claimed", message_id)
        step("sending", message_id)
        server.sendmail(SENDER, [recipient], content)
        step("sent", message_id)
        return "250 OK"

    def now() -> datetime:
        return datetime.now(UTC) + ahead

    while deliver_next(database, Mailer(SENDER, send), worker=worker, now=now) is not None:
        os.write(reports, b"settled\n")
    server.quit()
    database.close()


def begin(url: str, port: int, place: str | None, *, ahead: timedelta = timedelta(0)) -> Worker:
    """Fork a worker."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read_end)
        random.seed(os.getpid())
        work(url, port, write_end, place, ahead)
        os._exit(0)
    os.close(write_end)
    return Worker(pid, read_end, place)


def main(url: str, port: int, workers: int, kills: int) -> None:
    """Keep so many workers running until nothing is due; then run one by a clock after the end of every lease."""
    places = [PLACES[turn % len(PLACES)] for turn in range(kills)]
    killed: dict[str, list[str]] = {place: [] for place in PLACES}
    watch = selectors.DefaultSelector()

    def start() -> None:
        worker = begin(url, port, places.pop() if places else None)
        watch.register(worker.reports, selectors.EVENT_READ, worker)

    for _ in range(workers):
        start()
    while watch.get_map():
        for key, _ in watch.select():
            worker = key.data
            is_there = worker.read()
            strikes = worker.place == "anywhere" and random.random() < 0.05
            if is_there and not worker.holds and not strikes:
                continue
            if is_there:
                os.kill(worker.pid, signal.SIGKILL)
            watch.unregister(worker.reports)
            status = worker.end()
            if status == -signal.SIGKILL:
                killed[worker.place] += [worker.in_hand] if worker.in_hand else []
                start()
            elif status:
                sys.exit(f"a worker ended by itself with status {status}")
    if last := begin(url, port, None, ahead=outbox.LEASE).end():
        sys.exit(f"the last worker ended with status {last}")
    print(json.dumps(killed))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
