"""``print_server``: a print server (CUPS) of the tests' own, with a queue for sheets and one for receipts.

Its printers are a back end of our own, a script that keeps each job as a file and says what a printer says. So no job
leaves this folder, and a printer runs out of paper when a test wants it to.
"""

import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

_CUPSD = shutil.which("cupsd", path=os.defpath + ":/usr/sbin:/sbin")
_SERVER_BIN = Path("/usr/lib/cups")

_BACKEND = """#!/bin/sh
# Arguments: job, user, title, copies, options, file. No arguments: which devices there are.
[ $# -eq 0 ] && exit 0
folder={folder}/printer
if [ -e $folder/no-paper ]; then
    echo "STATE: +media-empty-error" >&2
    while [ -e $folder/no-paper ]; do sleep 0.02; done
    echo "STATE: -media-empty-error" >&2
fi
cat ${{6:+"$6"}} >"$folder/$1.bytes"
printf '%s' "$4 $5" >"$folder/$1.options"
[ -e $folder/refuses ] && echo "ERROR: Unable to add document to print job." >&2
[ ! -e $folder/broken ]
"""
_PPD = """*PPD-Adobe: "4.3"
*FormatVersion: "4.3"
*FileVersion: "1.0"
*LanguageVersion: English
*LanguageEncoding: ISOLatin1
*PCFileName: "SHEETS.PPD"
*Manufacturer: "Tests"
*Product: "(Sheets)"
*ModelName: "Tests Sheets"
*ShortNickName: "Tests Sheets"
*NickName: "Tests Sheets"
*PSVersion: "(3010.000) 0"
*cupsVersion: 2.4
*cupsFilter2: "application/pdf application/pdf 0 -"
*OpenUI *PageSize/Media Size: PickOne
*DefaultPageSize: {default}
{sizes}*CloseUI: *PageSize
"""
_SIZES = {"A4": (595, 842), "Letter": (612, 792)}
_CONF = """Listen {folder}/cups.sock
LogLevel info
DefaultAuthType None
DirtyCleanInterval 0
Browsing No
WebInterface No
<Location />
  Order allow,deny
  Allow all
</Location>
<Policy default>
  <Limit All>
    Order deny,allow
    Allow all
  </Limit>
</Policy>
"""
_FILES = """ServerRoot {folder}
ServerBin {folder}/bin
StateDir {folder}/run
CacheDir {folder}/cache
RequestRoot {folder}/spool
AccessLog {folder}/access.log
ErrorLog {folder}/error.log
PageLog {folder}/page.log
Printcap
"""


@dataclass(frozen=True)
class PrintServer:
    """A running server; its folder ``printer`` has what was printed, by the number of the job."""

    folder: Path

    @property
    def address(self) -> str:
        return str(self.folder / "cups.sock")

    def printed(self, job: int) -> bytes:
        """Return the bytes that reached the printer."""
        return (self.folder / "printer" / f"{job}.bytes").read_bytes()

    def options(self, job: int) -> str:
        """Return the number of copies and the options that the printer was told."""
        return (self.folder / "printer" / f"{job}.options").read_text("utf-8")

    def answers(self) -> bool:
        """Return True if the server runs."""
        return self.run("lpstat", "-r").startswith("scheduler is running")

    def run(self, *command: str) -> str:
        """Run a command of CUPS with this server."""
        path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"  # where lpadmin is, and a user's PATH does not lead
        environ = {**os.environ, "PATH": path, "CUPS_SERVER": self.address, "LC_ALL": "C.UTF-8"}
        return subprocess.run(command, check=True, capture_output=True, text=True, env=environ).stdout

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until the condition is true."""
        pause, end = threading.Event(), time.monotonic() + 20
        while not condition():
            assert time.monotonic() < end
            pause.wait(0.01)

    def remove_paper(self) -> None:
        """Let the printers say that they are out of paper, from the next job on."""
        (self.folder / "printer" / "no-paper").touch()

    def fill_paper(self) -> None:
        """Put paper in; a job that waits for it goes on."""
        (self.folder / "printer" / "no-paper").unlink(missing_ok=True)

    def break_down(self) -> None:
        """Let the printers fail at the end of each job."""
        (self.folder / "printer" / "broken").touch()

    def refuse_documents(self) -> None:
        """Let the printers refuse each document, which CUPS takes for the end of a job like any other."""
        (self.folder / "printer" / "refuses").touch()

    def mend(self) -> None:
        """Let the printers work again."""
        for fault in ("broken", "refuses"):
            (self.folder / "printer" / fault).unlink(missing_ok=True)

    def add_queue(self, name: str, *sizes: str) -> None:
        """Add a queue for sheets of these sizes, the first by default; without sizes for bytes as they are."""
        made = ["lpadmin", "-p", name, "-v", "shopdesk:/printer", "-E", "-o", "printer-error-policy=abort-job"]
        if sizes:
            lines = "".join(
                f'*PageSize {size}: "<</PageSize[{width} {height}]>>setpagedevice"\n'
                for size, (width, height) in _SIZES.items()
                if size in sizes
            )
            ppd = self.folder / f"{name}.ppd"
            ppd.write_text(_PPD.format(default=sizes[0], sizes=lines) + _areas(sizes))
            made += ["-P", str(ppd)]
        else:
            made += ["-m", "raw"]
        self.run(*made)


def _areas(sizes: tuple[str, ...]) -> str:
    areas = "".join(f'*ImageableArea {size}: "0 0 {_SIZES[size][0]} {_SIZES[size][1]}"\n' for size in sizes)
    dimensions = "".join(f'*PaperDimension {size}: "{_SIZES[size][0]} {_SIZES[size][1]}"\n' for size in sizes)
    return f"*DefaultImageableArea: {sizes[0]}\n{areas}*DefaultPaperDimension: {sizes[0]}\n{dimensions}"


def _prepared(folder: Path) -> None:
    folder.chmod(0o711)  # the back end runs as another user
    for name in ("bin/backend", "run", "cache", "spool", "printer"):
        (folder / name).mkdir(parents=True)
    (folder / "printer").chmod(0o777)
    (folder / "bin" / "daemon").symlink_to(_SERVER_BIN / "daemon")  # starts the back end
    for name, text in (("cupsd.conf", _CONF), ("cups-files.conf", _FILES)):
        (folder / name).write_text(text.format(folder=folder))
    backend = folder / "bin" / "backend" / "shopdesk"
    backend.write_text(_BACKEND.format(folder=folder))
    backend.chmod(0o755)


@pytest.fixture(scope="session")
def _running_print_server() -> Iterator[PrintServer]:
    if _CUPSD is None or shutil.which("lp") is None:
        pytest.skip("needs the packages cups-daemon and cups-client")
    folder = Path(tempfile.mkdtemp(prefix="shopdesk-cups-"))
    _prepared(folder)
    command = [_CUPSD, "-f", "-c", str(folder / "cupsd.conf"), "-s", str(folder / "cups-files.conf")]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            server = PrintServer(folder)
            server.until(server.answers)
            server.add_queue("Sheets", "A4", "Letter")
            server.add_queue("Letters", "Letter")
            server.add_queue("Slips")
            yield server
        finally:
            process.terminate()
    shutil.rmtree(folder)


@pytest.fixture
def print_server(_running_print_server: PrintServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[PrintServer]:
    """A print server with the queues Sheets (A4 and Letter), Letters (Letter only) and Slips (bytes as they are)."""
    monkeypatch.setenv("CUPS_SERVER", _running_print_server.address)
    yield _running_print_server
    _running_print_server.fill_paper()
    _running_print_server.mend()
    _running_print_server.run("cancel", "-a", "-x")
