"""Checks of this computer: the program itself, its folder, disk, settings, keyring, printer and fonts."""

from __future__ import annotations

import os
import platform
import shutil
import stat
import sys
import tempfile
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from shopdesk import __version__, crash_reports
from shopdesk.doctor.check import CheckResult, CheckState, Installation, fail, kinds, moment, not_working, ok, warn
from shopdesk.domain.errors import Unavailable
from shopdesk.domain.printer import AutoPrint, PaperChoice, PrinterState
from shopdesk.domain.sentence import sentence
from shopdesk.paths import resources
from shopdesk.settings import TillSettings
from shopdesk.settings import receipt_printer as receipt_printer_of

_PARTS = ("SQLAlchemy", "psycopg", "reportlab", "keyring")
_NETWORK_DISKS = frozenset(
    "nfs nfs4 cifs smb smb2 smb3 smbfs fuse.sshfs 9p afs ncpfs davfs fuse.davfs2 webdav ceph fuse.ceph glusterfs "
    "fuse.glusterfs lustre fuse.gvfsd-fuse fuse.rclone fuse.s3fs vboxsf fuse.vmhgfs-fuse".split()
)
_MEMORY_DISKS = frozenset({"tmpfs", "ramfs"})
_LITTLE, _TOO_LITTLE = 1_000_000_000, 100_000_000
_SOON = timedelta(days=30)


def program(installation: Installation) -> CheckResult:
    """Report the versions of the program and its parts."""
    python = f"Python {platform.python_version()}"
    said = sentence("shopdesk {version}, {python}, Qt {qt}", version=__version__, python=python, qt=installation.qt)
    parts = ", ".join(f"{name} {_version(name)}" for name in _PARTS)
    bundled = ", bundled" if getattr(sys, "frozen", False) else ""
    return ok(said, plain=f"{said}, {parts}, {platform.system()} {platform.release()} {platform.machine()}{bundled}")


def settings_file(installation: Installation) -> CheckResult:
    """Check that shopdesk.toml is valid; if not, the other checks use default settings."""
    if installation.trouble is None:
        there = (installation.home / "shopdesk.toml").exists()
        return ok(
            sentence("shopdesk.toml is valid.")
            if there
            else sentence("There is no shopdesk.toml: default settings are used.")
        )
    result = not_working(installation.trouble)
    return fail(
        result.text, sentence("Correct it in {home}.", home=installation.home / "shopdesk.toml"), plain=result.plain
    )


def data_folder(installation: Installation, *, has_modes: bool = os.name == "posix") -> CheckResult:
    """Check that the folder is writable, private, and on a disk that keeps its contents.

    Without modes, on Windows, access lists say who may read it, mostly those of the folder above: nothing is said then.
    """
    home, disk = installation.home, disk_kind(installation.home)
    try:
        with tempfile.NamedTemporaryFile(dir=home) as file:
            file.write(b"shopdesk")
            os.fsync(file.fileno())
    except OSError as error:
        advice = sentence("Allow your user to write to the folder, and check whether the disk is full.")
        return fail(
            sentence("{home} cannot be written to: {reason}.", home=home, reason=error.strerror),
            advice,
            plain=f"{kinds(error)}, disk {disk}",
        )
    if disk in _MEMORY_DISKS:
        return warn(
            sentence("{home} is in memory and will be lost when the computer is switched off.", home=home),
            sentence("Choose another folder with SHOPDESK_HOME."),
            plain=f"disk {disk}",
        )
    if not has_modes:
        return ok(sentence("{home} is writable.", home=home), plain=f"disk {disk}")
    if home.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return warn(
            sentence("Other users of this computer can read {home}.", home=home),
            sentence("Remove their access: run chmod go= on the folder."),
            plain=f"open to others, disk {disk}",
        )
    return ok(sentence("{home} is writable and private.", home=home), plain=f"disk {disk}")


def free_space(installation: Installation) -> CheckResult:
    """Check that there is space for the shop's file, its log and a backup."""
    free = shutil.disk_usage(installation.home).free
    said = sentence("{size} GB free", size=f"{free / 1e9:,.1f}")
    if free < _TOO_LITTLE:
        return fail(
            sentence("{said}: saving will soon fail.", said=said),
            sentence("Free up space on this disk now."),
            plain=said,
        )
    if free < _LITTLE:
        return warn(sentence("{said}.", said=said), sentence("Free up space on this disk soon."), plain=said)
    return ok(sentence("{said}.", said=said), plain=said)


def earlier_runs(installation: Installation) -> CheckResult:
    """Check that the program did not crash recently."""
    found = [each for each in crash_reports.earlier_reports(installation.home) if installation.now() - each.at < _SOON]
    broke = [each for each in found if each.report]
    plain = f"{len(broke)} crashes, {len(found) - len(broke)} other ends in {_SOON.days} days"
    if broke:
        when = moment(broke[0].at)
        text = sentence(
            "Crashes in the last {days} days: {count}, most recently on {when}.",
            days=_SOON.days,
            count=len(broke),
            when=when,
        )
        return warn(text, sentence("Send the report to your support contact."), plain=plain)
    return ok(sentence("No crash in the last {days} days.", days=_SOON.days), plain=plain)


def keyring(_installation: Installation) -> CheckResult:
    """Check that the system keyring can store passwords."""
    from shopdesk.gateways import keychain

    try:
        keychain.read("doctor")
    except Unavailable as error:
        return not_working(error, CheckState.WARN)
    return ok(sentence("The system keyring works."))


def printer(installation: Installation) -> CheckResult:
    """Check that the printer in the settings is installed."""
    wanted, known = installation.settings.till.printer, installation.printers()
    plain = f"{len(known)} known, {'one' if wanted else 'none'} chosen"
    if wanted and wanted not in known:
        advice = sentence("Turn it on and add it in the system settings, or choose another one in Settings, Printer.")
        return fail(
            sentence("The printer {wanted} is not installed.", wanted=wanted), advice, plain=f"{plain}, unknown"
        )
    if wanted:
        return ok(sentence("The printer {wanted} is installed.", wanted=wanted), plain=plain)
    if not known:
        return warn(
            sentence("This computer has no printer."),
            sentence("Add one in the system settings. Until then, save documents as PDF."),
            plain=plain,
        )
    return ok(sentence("You choose the printer each time you print."), plain=plain)


def receipt_printer(installation: Installation) -> CheckResult:
    """Check that the receipt printer answers, and that what needs one has one; the drawer is not opened."""
    from shopdesk.gateways import receipt_printer as gateway

    till = installation.settings.till
    chosen = receipt_printer_of(till)
    drawer = f"drawer {till.drawer}" if till.drawer else "no drawer"
    if chosen is None:
        return _without_receipt_printer(till, f"none, {drawer}")
    found = gateway.status(chosen)
    plain = f"{chosen.address.connection}, {chosen.width} dots, {drawer}, {found.state}"
    if found.is_fault:
        return fail(found.words, sentence("See Settings, Printer. Slips wait until it is ready."), plain=plain)
    if found.state is PrinterState.PAPER_LOW:
        return warn(found.words, sentence("Have a new roll at hand."), plain=plain)
    return ok(found.words, plain=plain)


def _without_receipt_printer(till: TillSettings, plain: str) -> CheckResult:
    advice = sentence("Choose one in Settings, Printer.")
    if till.drawer:
        return warn(sentence("The cash drawer has no receipt printer that opens it."), advice, plain=plain)
    on_roll = ((till.receipt_paper, till.print_receipts), (till.invoice_paper, till.print_invoices))
    if any(paper is PaperChoice.ROLL and when is not AutoPrint.NEVER for paper, when in on_roll):
        return warn(sentence("Slips are to be printed, but there is no receipt printer."), advice, plain=plain)
    return ok(sentence("There is no receipt printer."), plain=plain)


def fonts(_installation: Installation) -> CheckResult:
    """Check that the fonts that come with the program can be read, for the screen and for paper."""
    from reportlab.pdfbase.ttfonts import TTFError, TTFontFile

    files = sorted((resources() / "fonts").glob("*.ttf"))
    broken = []
    for file in files:
        try:
            TTFontFile(str(file))
        except (TTFError, OSError):
            broken.append(file.name)
    if broken or not files:
        said = ", ".join(broken) or "all of them"
        return fail(
            sentence("Fonts of shopdesk cannot be read: {said}.", said=said),
            sentence("Install shopdesk again."),
            plain=said,
        )
    return ok(sentence("The fonts of shopdesk can be read."), plain=f"{len(files)} fonts")


def disk_kind(path: Path) -> str:
    """Return the system's name for the kind of file system of a folder: “network” on a share, empty if not known."""
    if sys.platform == "win32":
        import ctypes

        remote = str(path).startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(f"{path.drive}\\") == 4
        return "network" if remote else "local"
    return _mounted(path)


def is_network(kind: str) -> bool:
    """Return True if a disk of this kind is on another computer."""
    return kind == "network" or kind in _NETWORK_DISKS


def _mounted(path: Path) -> str:
    """Return the file system of the nearest mount point, from Linux's own list (proc(5), mountinfo).

    Of two at one point the later one counts, as it covers the other.
    """
    try:
        lines = Path("/proc/self/mountinfo").read_text("utf-8").splitlines()
    except OSError:
        return ""
    mounts = [(line.split()[4], line.partition(" - ")[2].split()[0]) for line in lines]
    real = path.resolve()
    above = [(point, kind) for point, kind in mounts if real.is_relative_to(point.replace("\\040", " "))]
    return max(reversed(above), key=lambda mount: len(mount[0]), default=("", ""))[1]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:  # a bundle has no package metadata
        return "?"
