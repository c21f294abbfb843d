"""How the program starts: alone on its data folder, with words for what keeps it from it, and for how it ended before.

Every program here is a real one, in a process of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QObject

from shopdesk import process_lock
from shopdesk.app import single_instance
from support.qtbot import QtBot

WATCHED = Path(__file__).parent / "processes" / "scripted_program.py"
SHARED = "Close it there first."


@dataclass
class Program:
    """A started program: what it shows, and what it is told to press."""

    process: subprocess.Popen[str]

    def shows(self, *words: str) -> list[str]:
        """What it shows, once all of these words are among it."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            texts: list[str] = json.loads(line)
            if all(any(word in text for text in texts) for word in words):
                return texts
        raise AssertionError(f"it ended, and never showed {words}")

    def press(self, name: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{name}\n")
        self.process.stdin.flush()

    def ends(self) -> int:
        """How it ended."""
        return self.process.wait(timeout=30)

    def closes(self) -> None:
        """As the system ends it when somebody logs out."""
        self.process.terminate()
        assert self.ends() == 0


Start = Callable[..., Program]


@pytest.fixture
def start(home: Path, _sqlite_template: Path) -> Iterator[Start]:
    """``start()`` on this test's data folder, with a shop's file that nobody has set up; variables override."""
    home.mkdir(mode=0o700)
    shutil.copyfile(_sqlite_template, home / "shopdesk.db")
    with ExitStack() as started:

        def begin(**variables: object) -> Program:
            process = subprocess.Popen(
                [sys.executable, WATCHED],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | {name: str(value) for name, value in variables.items()},
                text=True,
            )
            started.enter_context(process)
            started.callback(process.kill)
            return Program(process)

        yield begin


def command(*arguments: str, **variables: object) -> subprocess.CompletedProcess[str]:
    """The program without anybody who watches it."""
    return subprocess.run(
        [sys.executable, "-m", "shopdesk", *arguments],
        capture_output=True,
        text=True,
        timeout=50,
        env=os.environ | {name: str(value) for name, value in variables.items()},
    )


# --- two at once -----------------------------------------------------------------------------------------------------


def test_a_second_start_brings_the_first_to_the_front_and_commands_work_beside_it(start: Start) -> None:
    first = start()
    first.shows("yours to set up")
    assert command("verify").returncode == 0
    second = command()
    assert (second.returncode, second.stdout) == (0, "")
    assert second.stderr == "shopdesk is already running. Its window is now in front.\n"
    first.shows("shopdesk is already open. This is its window.")
    first.closes()


def test_who_knocks_before_the_window_stands_is_heard_when_it_does(home: Path, qtbot: QtBot) -> None:
    home.mkdir()
    with process_lock.acquire(home / single_instance.LOCK):
        second = subprocess.Popen([sys.executable, "-m", "shopdesk"], stderr=subprocess.PIPE, text=True)
        qtbot.waitUntil((home / "knock" / str(second.pid)).exists, timeout=30_000)
        owner = QObject()
        listener = single_instance.ActivationListener(home, owner)
        with qtbot.waitSignal(listener.activated):
            listener.listen()
        said = second.communicate(timeout=30)[1]
    assert second.returncode == 0
    assert "Its window is now in front" in said


def test_notes_that_nobody_of_ours_left_disturb_no_other(home: Path, qtbot: QtBot) -> None:
    folder = home / "knock"
    folder.mkdir(parents=True)
    (folder / "1").write_bytes(b"\xff\xfe no text")
    (folder / "2").write_bytes(b"a token\0 with an end in it")
    (folder / "3").write_bytes(b"x" * 5_000_000)
    (folder / "4").mkdir()
    os.mkfifo(folder / "5")
    (folder / "6").write_text("token-of-wayland_1.2")
    parent = QObject()
    listener = single_instance.ActivationListener(home, parent)
    with pytest.MonkeyPatch.context() as patch, qtbot.waitSignal(listener.activated):
        patch.setenv("XDG_ACTIVATION_TOKEN", "")
        listener.listen()
        assert os.environ["XDG_ACTIVATION_TOKEN"] == "token-of-wayland_1.2"
    assert sorted(path.name for path in folder.iterdir()) == ["4", "5"]


def test_a_first_that_hangs_is_told_in_a_window_and_tried_again_when_somebody_wants(start: Start, home: Path) -> None:
    first = start()
    first.shows("yours to set up")
    os.utime(home / single_instance.LOCK, (0, 0))  # it does not just begin
    first.process.send_signal(signal.SIGSTOP)
    second = start()
    told = second.shows("shopdesk is already running but does not respond.")
    assert any(f"process {first.process.pid}" in text for text in told)
    first.process.send_signal(signal.SIGCONT)
    second.press("Retry")
    assert second.ends() == 0
    first.shows("This is its window.")
    first.closes()


def test_another_data_folder_runs_beside_it_but_not_on_the_same_file(start: Start, home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    shutil.copyfile(home / "shopdesk.db", other)
    first = start()
    first.shows("yours to set up")
    file = {"SHOPDESK_DATABASE_URL": f"sqlite:///{home / 'shopdesk.db'}"}
    second = start(SHOPDESK_HOME=tmp_path / "second", **file)
    told = second.shows("is in use: shopdesk is already running", SHARED)
    assert any(str(home) in text for text in told)
    third = start(SHOPDESK_HOME=tmp_path / "third", SHOPDESK_DATABASE_URL=f"sqlite:///{other}")
    third.shows("yours to set up")
    for program in (first, second, third):
        program.closes()


def test_somebody_else_in_the_data_folder_is_named(home: Path, start: Start) -> None:
    with process_lock.acquire(home / single_instance.LOCK) as inside:
        inside.seek(0)
        inside.write("grace on another-till, process 12\n")
        inside.flush()
        second = start()
        second.shows(f"{home} is in use: shopdesk is already running for grace on another-till.", SHARED)
        second.press("Quit")
        assert second.ends() == 0


def test_what_a_killed_program_leaves_keeps_nobody_out_and_is_told_once(start: Start, home: Path) -> None:
    first = start()
    first.shows("Sign in")
    first.process.kill()
    first.ends()
    assert (home / single_instance.LOCK).exists()
    again = start()
    again.shows(
        "shopdesk did not shut down properly today at", "(power cut, or stopped by the system). Nothing was lost."
    )
    again.closes()
    assert not (home / "logs" / "running.txt").exists()  # what the next start would tell


# --- how the run before ended ----------------------------------------------------------------------------------------


def test_a_crash_is_told_at_the_next_start_with_a_report_that_names_nobody(start: Start, home: Path) -> None:
    first = start()
    first.shows("Sign in")
    first.press("!crash")
    assert first.ends() == -signal.SIGSEGV
    again = start()
    again.shows("shopdesk ended unexpectedly today at", "Nothing was lost.")
    again.press("Report")
    texts = again.shows("Segmentation fault")
    report = next(text for text in texts if "Segmentation fault" in text)
    assert "shopdesk/app/program.py" in report
    for personal in (str(home.parent), str(Path.home()), str(Path(__file__).parents[1])):
        assert personal not in report
    again.press("Close")
    again.closes()
    kept = list((home / "logs").glob("ended-*"))
    assert [path.read_text("utf-8") for path in kept] == [report]
    assert stat.S_IMODE(kept[0].stat().st_mode) == 0o600


def test_what_the_end_of_a_windows_session_leaves_is_no_power_cut(start: Start, home: Path) -> None:
    first = start()
    first.shows("Sign in")
    assert (home / "logs" / "running.txt").exists()
    first.press("!end of session")
    assert first.ends() == 0
    assert not (home / "logs" / "running.txt").exists()


# --- what keeps it from starting -------------------------------------------------------------------------------------


def test_a_data_folder_that_cannot_be_made_is_told_in_a_window_and_tried_again(
    start: Start, home: Path, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("in the way")
    program = start(SHOPDESK_HOME=in_the_way / "home", SHOPDESK_DATABASE_URL=f"sqlite:///{home}/shopdesk.db")
    program.shows("The data folder", "cannot be created: Not a directory.", "SHOPDESK_HOME")
    in_the_way.unlink()
    program.press("Retry")
    program.shows("yours to set up")
    program.closes()


def test_settings_that_cannot_be_understood_are_told_in_a_window_with_the_line(start: Start, home: Path) -> None:
    (home / "shopdesk.toml").write_text('log_level = "info"\n[mail\n')
    program = start()
    program.shows("shopdesk.toml has a syntax error", "line 2")
    (home / "shopdesk.toml").write_text('[mail]\nhots = "smtp.example.org"\n')
    program.press("Retry")
    program.shows("is not a setting. Did you mean “mail.host”?")
    program.closes()


def test_a_library_that_is_broken_is_told_in_a_window_with_a_report(start: Start, tmp_path: Path) -> None:
    program = start(PYTHONPATH=_broken("sqlalchemy", tmp_path))
    program.shows("Something went wrong", "ImportError: libbroken.so.1: cannot open", "Copy", "Retry")
    program.closes()


def test_without_qt_it_is_said_where_no_window_can_be(tmp_path: Path) -> None:
    said = command(PYTHONPATH=_broken("PySide6", tmp_path), DISPLAY="")
    assert (said.returncode, said.stdout) == (1, "")
    assert "a part of it or of the system is missing.\n\nlibbroken.so.1: cannot open" in said.stderr
    assert "Traceback" not in said.stderr


def test_without_a_screen_it_is_said_and_nothing_crashes() -> None:
    said = command(QT_QPA_PLATFORM="none-of-these", DISPLAY="")
    assert (said.returncode, said.stdout) == (1, "")
    assert "shopdesk could not find a screen to open its window on." in said.stderr


def _broken(name: str, tmp_path: Path) -> Path:
    """A folder in which a library is found that does not load."""
    package = tmp_path / "broken" / name
    package.mkdir(parents=True)
    raised = "libbroken.so.1: cannot open shared object file"
    (package / "__init__.py").write_text(f"raise ImportError({raised!r})")
    return package.parent
