"""Scheduler of the daily backup; also starts one when the user presses the button.

The backup runs as a command of its own (``shopdesk backup``), so that it does not slow the window. The folder is
checked every ten minutes; its content decides if a backup is due.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from shopdesk import daily_backup, paths
from shopdesk.app.environment import Environment
from shopdesk.background import Background
from shopdesk.domain.backup_retention import is_due
from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.domain.sentence import Sentence, sentence, verbatim
from shopdesk.settings import Settings, sqlite_url
from shopdesk.store import backup_archive, backup_log, shop, whole_check
from shopdesk.store.database import Database
from shopdesk.ui.base.ports import Backups

_FIRST_LOOK_MS = 60_000
"""Delay of the first check: after a start the cashier wants to sell, not to wait for a backup."""
_LOOK_AGAIN_MS = 10 * 60_000
_AFTER_TROUBLE = timedelta(hours=1)
"""Pause after a failed backup. A folder that is unreachable is checked every time all the same."""
_SAID_BY = "shopdesk: "
_STOPPED = sentence("The backup stopped before it was complete. Try again.")
_UNCHECKED = sentence("The check stopped before it was complete. Try again.")


class BackupScheduler(QObject):
    """The scheduler; lives on the window thread, but ``now``, ``state`` and ``set_phrase`` run on a worker."""

    def __init__(
        self,
        background: Background,
        database: Database,
        settings: Callable[[], Settings],
        environment: Environment,
        *,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._background = background
        self._database = database
        self._settings = settings
        self._home = environment.home
        self._variables = environment.variables
        self._children: set[subprocess.Popen[str]] = set()
        self._is_closed = False
        self._trouble = ""
        self._not_before = datetime.min.replace(tzinfo=UTC)
        self._timer = QTimer(self, interval=_FIRST_LOOK_MS)
        self._timer.timeout.connect(self.check)

    def start(self) -> None:
        """Start the daily backups of a local file. A server is not backed up from a till."""
        if self._database.path is not None:
            self._timer.start()

    def close(self) -> None:
        """Stop, and abort a backup that is running: the next one removes its leftovers."""
        self._timer.stop()
        self._is_closed = True
        for child in tuple(self._children):
            child.kill()

    def check(self) -> None:
        """Make a backup if one is due."""
        self._timer.setInterval(_LOOK_AGAIN_MS)
        self._background.run_in_pool(self._make_if_due, owner=self, failed=self._on_failed)

    def _on_failed(self, error: Exception) -> None:
        if not isinstance(error, Refused | Unavailable):  # those are shown on the pages
            self._background.report(error)

    def _make_if_due(self) -> None:
        now = datetime.now(UTC)
        with self._database.reads() as session:
            mark = shop.shop_mark(session)
        if not mark or self._children or self._is_closed:
            return
        try:
            daily_backup.require(self._folder, self._home)
            made = [one.at for one in daily_backup.stored_backups(self._folder, mark)]
        except Unavailable as error:
            self._notify(str(error))
            return
        if not is_due(made, now=now):
            self._notify("")
        elif now >= self._not_before:
            self._run("--gently", on_progress=lambda _step: None)

    def back_up_now(self, *, on_progress: Callable[[str], object]) -> None:
        """Make a backup now; ``on_progress`` gets each of ``daily_backup.STEPS``.

        Raises Unavailable with the command's error.
        """
        self._run(on_progress=on_progress)

    def check_everything(self, *, on_progress: Callable[[str], object]) -> Sentence:
        """Verify the whole shop now, in words; ``on_progress`` gets the per cent. Raises Unavailable with an error."""
        said: list[str] = []

        def hear(line: str) -> None:
            (on_progress if line.isdecimal() else said.append)(line)

        code = self._spoken("verify", "--progress", heard=hear)
        self._background.announce(frozenset({"backups"}))
        if code == 0:
            return sentence("Everything was checked. There are no errors.")
        raise Unavailable(verbatim(said[0].removeprefix(_SAID_BY)) if said else _UNCHECKED)

    def _run(self, *options: str, on_progress: Callable[[str], object]) -> None:
        said: list[str] = []

        def hear(line: str) -> None:
            (on_progress if line.split()[0] in daily_backup.STEPS else said.append)(line)

        code = self._spoken("backup", *options, heard=hear)
        if self._is_closed:
            return
        if code == 0:
            self._notify("")
            return
        self._not_before = datetime.now(UTC) + _AFTER_TROUBLE
        last = said[-1] if said else ""
        trouble = verbatim(last.removeprefix(_SAID_BY)) if last.startswith(_SAID_BY) else _STOPPED
        self._notify(trouble)
        raise Unavailable(trouble)

    def _spoken(self, *command: str, heard: Callable[[str], object]) -> int:
        """Run a command of the program, pass on the lines that it prints, and return its exit code."""
        with subprocess.Popen(
            paths.command(*command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env=self._environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        ) as child:
            self._children.add(child)
            if self._is_closed:
                child.kill()
            try:
                for line in child.stdout or ():
                    if words := line.strip():
                        heard(words)
            finally:
                self._children.discard(child)
        return child.returncode

    def state(self) -> Backups:
        """Return the last backup, the folder's content, and what is wrong with it."""
        with self._database.reads() as session:
            last, mark = backup_log.last(session), shop.shop_mark(session)
        last_at, last_place = (last.at, last.place) if last else (None, "")
        whole = whole_check.read(self._home, shop=mark)
        checked_at = whole.at if whole else None
        if self._database.path is None:
            return Backups(is_file=False, last_at=last_at, last_place=last_place, checked_at=checked_at)
        trouble, is_away = self._trouble, False
        kept: tuple[daily_backup.StoredBackup, ...] = ()
        try:
            daily_backup.require(self._folder, self._home)
            kept = daily_backup.stored_backups(self._folder, mark)
        except Unavailable as error:
            trouble, is_away = str(error), True
        return Backups(
            folder=str(self._folder),
            last_at=last_at,
            last_place=last_place,
            checked_at=checked_at,
            kept=kept,
            trouble=trouble,
            is_away=is_away,
            is_locked=(self._home / daily_backup.KEY_FILE).exists(),
            is_same_disk=_same_disk(self._folder, self._database.path),
        )

    def set_phrase(self, phrase: str) -> None:
        """Encrypt backups with this pass phrase from now on; an empty one turns encryption off. Takes seconds."""
        path = self._home / daily_backup.KEY_FILE
        if phrase:
            backup_archive.new_backup_key(phrase).write(path)
        else:
            path.unlink(missing_ok=True)

    @property
    def _folder(self) -> Path:
        return daily_backup.folder(self._settings(), self._home)

    def _notify(self, trouble: str) -> None:
        is_news = trouble != self._trouble or not trouble
        self._trouble = trouble
        if is_news:
            self._background.announce(frozenset({"backups"}))

    def _environment(self) -> dict[str, str]:
        own = {"SHOPDESK_HOME": str(self._home), "PYTHONUTF8": "1"}
        if self._database.path is not None:
            # The database that is open here; the settings may already name another for the next start.
            own["SHOPDESK_DATABASE_URL"] = sqlite_url(self._database.path)
        return {**os.environ, **self._variables, **own}


def _same_disk(place: Path, file: Path) -> bool:
    try:
        return place.stat().st_dev == file.stat().st_dev
    except OSError:
        return False
