"""Looks at an Xvfb through the file it keeps its picture in: no part in what happens there, and no time lost.

The Xvfb has to run with -noreset: at each reset it writes the head of the file anew, for a moment in another order of
bytes.

Usage: screen.py picture FOLDER FILE.png       waits until the picture is still, and saves it
       screen.py compare FOLDER ROUNDS ONE TWO   two commands by turns: from start to first paint, the minimum of each;
                                                 1 if the first takes more than 1.2 times as long
"""

import mmap
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 60.0
MOST = 1.2
XWD = 7  # the version of the format
STILL = 0.4  # shorter than a text cursor blinks


@contextmanager
def watched(folder: Path) -> Iterator[tuple[mmap.mmap, int, int, int, int]]:
    """The picture of screen 0 (its memory, where pixels begin, width, height, bytes per line), in the format of xwd."""
    with (folder / "Xvfb_screen0").open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as memory:
        head = struct.unpack(">25I", memory[:100])
        version, width, height, line, colours = head[1], head[4], head[5], head[12], head[19]
        if version != XWD:  # WORKAROUND(findings/xvfb_head_in_two_byte_orders.sh): two billion rows, else
            raise SystemExit("the head of the picture is being written: start Xvfb with -noreset")
        yield memory, head[0] + 12 * colours, width, height, line


def first_paint(folder: Path, command: Sequence[str]) -> float:
    """How long until the empty screen shows anything. Ends the program afterwards."""
    with watched(folder) as (memory, begin, width, height, line):
        # A row in the middle, and every 16th one, tell as well as all of them, in a tenth of a millisecond.
        rows = [slice(begin + y * line, begin + y * line + 4 * width) for y in range(0, height, 16)]
        empty = [memory[row] for row in rows]
        begun = time.perf_counter()
        process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
        try:
            while all(memory[row] == before for row, before in zip(rows, empty, strict=True)):
                if process.poll() is not None or time.perf_counter() - begun > PATIENCE:
                    raise SystemExit(f"nothing was painted; the command ended with {process.poll()}")
                time.sleep(0.0005)
            return time.perf_counter() - begun
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            deadline = time.perf_counter() + PATIENCE
            while any(memory[row] != before for row, before in zip(rows, empty, strict=True)):
                if time.perf_counter() > deadline:
                    raise SystemExit("the screen did not become empty again")
                time.sleep(0.01)


def picture(folder: Path, target: Path) -> None:
    """Save what is on the screen once something is there and nothing moves."""
    from PySide6.QtGui import QImage

    with watched(folder) as (memory, begin, width, height, line):
        pixels = slice(begin, begin + height * line)
        deadline = time.monotonic() + PATIENCE
        last, since = b"", time.monotonic()
        while True:
            now = memory[pixels]
            if now != last:
                last, since = now, time.monotonic()
            is_empty = now.count(now[:4]) * 4 > 0.9 * len(now)  # the pointer is no picture
            if not is_empty and time.monotonic() - since > STILL:
                break
            if time.monotonic() > deadline:
                raise SystemExit("nothing to see")
            time.sleep(0.05)
    if not QImage(last, width, height, line, QImage.Format.Format_RGB32).save(str(target)):
        raise SystemExit(f"{target} cannot be written")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["picture", folder, file]:
            picture(Path(folder), Path(file))
        case ["compare", folder, rounds, one, two]:
            taken = [[first_paint(Path(folder), [command]) for command in (one, two)] for _ in range(int(rounds) + 1)]
            ours, theirs = (1000 * min(seconds) for seconds in zip(*taken[1:], strict=True))  # the first warms up
            print(f"first paint: {ours:.0f} ms against {theirs:.0f} ms, {ours / theirs:.2f} times")
            sys.exit(ours > MOST * theirs)
        case _:
            raise SystemExit(__doc__)
