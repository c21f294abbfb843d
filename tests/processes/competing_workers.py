"""Several processes empty one outbox, are killed at it and replaced. Run by tests/store/test_outbox.py.

``python competing_workers.py URL PORT WORKERS KILLS``: the workers mail to PORT. By turns one is killed where it has a
message but did not send it yet, one where the server has said yes and nobody wrote it down, and one wherever it is.
Prints a JSON object: the Message-IDs that each worker had in hand when it was killed, by where that was.
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
from shopdesk.keys import new_key
from shopdesk.store import outbox
from shopdesk.store.database import connect

PLACES = ("claimed", "sent", "anywhere")
SENDER = "shop@example.org"


@dataclass
class Worker:
    """One process, seen from the one that kills it."""

    pid: int
    told: int
    place: str | None  # where it is to be killed
    in_hand: str = ""  # the Message-ID it is at
    holds: bool = False
    _rest: str = ""

    def hear(self) -> bool:
        """Take in what it says of itself. False when it has ended."""
        data = os.read(self.told, 1 << 16).decode()
        *lines, self._rest = (self._rest + data).split("\n")
        for line in lines:
            step, _, message_id = line.partition(" ")
            self.holds = step == "hold"
            if not self.holds:
                self.in_hand = message_id  # none once it is settled
        return bool(data)

    def end(self) -> int:
        """Whatever it still said, and how it ended."""
        while self.hear():
            pass
        os.close(self.told)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def work(url: str, port: int, told: int, place: str | None, ahead: timedelta) -> None:
    """Deliver until nothing is due, by a clock that is so much ahead; hold still where it is to be killed."""
    database, worker = connect(url), new_key()
    server = smtplib.SMTP("127.0.0.1", port)
    hold_at = random.randrange(1, 6)  # early: SQLite is not fair, and each has to come to it
    count = 0

    def step(name: str, message_id: str) -> None:
        os.write(told, f"{name} {message_id}\n".encode())
        if (name, count) == (place, hold_at):
            os.write(told, b"hold\n")
            signal.pause()  # never returns: what comes is SIGKILL

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
        os.write(told, b"settled\n")
    server.quit()
    database.close()


def begin(url: str, port: int, place: str | None, *, ahead: timedelta = timedelta(0)) -> Worker:
    """Fork a worker."""
    heard, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(heard)
        random.seed(os.getpid())
        work(url, port, told, place, ahead)
        os._exit(0)
    os.close(told)
    return Worker(pid, heard, place)


def main(url: str, port: int, workers: int, kills: int) -> None:
    """Keep so many at work until nothing is due; then one more by a clock on which every lease has ended."""
    places = [PLACES[turn % len(PLACES)] for turn in range(kills)]
    killed: dict[str, list[str]] = {place: [] for place in PLACES}
    watch = selectors.DefaultSelector()

    def start() -> None:
        worker = begin(url, port, places.pop() if places else None)
        watch.register(worker.told, selectors.EVENT_READ, worker)

    for _ in range(workers):
        start()
    while watch.get_map():
        for key, _ in watch.select():
            worker = key.data
            is_there = worker.hear()
            strikes = worker.place == "anywhere" and random.random() < 0.05
            if is_there and not worker.holds and not strikes:
                continue
            if is_there:
                os.kill(worker.pid, signal.SIGKILL)
            watch.unregister(worker.told)
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
