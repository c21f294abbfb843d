"""This machine and this installation: the program itself, its folder, disk, settings, keyring, printer and fonts."""

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

from shopdesk import __version__, crashes
from shopdesk.doctor.finding import Finding, Patient, State, fail, kinds, not_working, warn, well
from shopdesk.domain.errors import Unavailable
from shopdesk.paths import resources

_PARTS = ("SQLAlchemy", "psycopg", "reportlab", "keyring")
_NETWORK_DISKS = frozenset("nfs nfs4 cifs smb smb2 smb3 smbfs fuse.sshfs 9p afs ncpfs davfs fuse.davfs2 webdav".split())
_MEMORY_DISKS = frozenset({"tmpfs", "ramfs"})
_LITTLE, _TOO_LITTLE = 1_000_000_000, 100_000_000
_SOON = timedelta(days=30)


def program(patient: Patient) -> Finding:
    """Which versions run here."""
    python = f"Python {platform.python_version()}"
    said = f"shopdesk {__version__}, {python}, Qt {patient.qt}"
    parts = ", ".join(f"{name} {_version(name)}" for name in _PARTS)
    bundled = ", bundled" if getattr(sys, "frozen", False) else ""
    return well(said, plain=f"{said}, {parts}, {platform.system()} {platform.release()} {platform.machine()}{bundled}")


def settings_file(patient: Patient) -> Finding:
    """Whether shopdesk.toml can be understood; everything else is looked at by the defaults if not."""
    if patient.trouble is None:
        there = (patient.home / "shopdesk.toml").exists()
        return well("shopdesk.toml is understood." if there else "There is no shopdesk.toml: all by default.")
    finding = not_working(patient.trouble)
    return fail(finding.text, f"Put it right in {patient.home / 'shopdesk.toml'}.", plain=finding.plain)


def data_folder(patient: Patient) -> Finding:
    """Whether it can be written, for nobody else's eyes, on a disk that keeps it."""
    home, disk = patient.home, disk_kind(patient.home)
    try:
        with tempfile.NamedTemporaryFile(dir=home) as file:
            file.write(b"shopdesk")
            os.fsync(file.fileno())
    except OSError as error:
        advice = "Allow your user to write there, and look whether the disk is full."
        return fail(f"{home} cannot be written: {error.strerror}.", advice, plain=f"{kinds(error)}, disk {disk}")
    if disk in _MEMORY_DISKS:
        return warn(
            f"{home} is in memory: it is gone when the machine is switched off.",
            "Choose another folder with SHOPDESK_HOME.",
            plain=f"disk {disk}",
        )
    if sys.platform != "win32" and home.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return warn(
            f"Others on this machine can look into {home}.",
            "Close it for them: chmod go= on the folder.",
            plain=f"open to others, disk {disk}",
        )
    return well(f"{home} can be written, and only by you.", plain=f"disk {disk}")


def free_space(patient: Patient) -> Finding:
    """Whether there is room for the shop's file, its log and a backup."""
    free = shutil.disk_usage(patient.home).free
    said = f"{free / 1e9:,.1f} GB free"
    if free < _TOO_LITTLE:
        return fail(f"{said}: nothing can be saved soon.", "Make room on this disk now.", plain=said)
    if free < _LITTLE:
        return warn(f"{said}.", "Make room on this disk soon.", plain=said)
    return well(f"{said}.", plain=said)


def earlier_runs(patient: Patient) -> Finding:
    """Whether the program ended by itself, each time of late."""
    found = [each for each in crashes.earlier(patient.home) if patient.now() - each.at < _SOON]
    broke = [each for each in found if each.report]
    plain = f"{len(broke)} crashes, {len(found) - len(broke)} other ends in {_SOON.days} days"
    if broke:
        when = f"{broke[0].at.astimezone():%d %b %Y at %H:%M}"
        text = f"It ended unexpectedly in the last {_SOON.days} days: {len(broke)} times, lately on {when}."
        return warn(text, "Send the report to whoever looks after the program.", plain=plain)
    return well(f"It did not crash in the last {_SOON.days} days.", plain=plain)


def keyring(_patient: Patient) -> Finding:
    """Whether passwords can be kept."""
    from shopdesk.gateways import secrets

    try:
        secrets.read("doctor")
    except Unavailable as error:
        return not_working(error, State.WARN)
    return well("The system's keyring answers.")


def printer(patient: Patient) -> Finding:
    """Whether the printer of the settings is one that the system knows."""
    wanted, known = patient.settings.till.printer, patient.printers()
    plain = f"{len(known)} known, {'one' if wanted else 'none'} chosen"
    if wanted and wanted not in known:
        advice = "Switch it on and add it in the system's settings, or choose another in Settings, Printer."
        return fail(f"The system does not know the printer {wanted}.", advice, plain=f"{plain}, unknown")
    if wanted:
        return well(f"The system knows the printer {wanted}.", plain=plain)
    if not known:
        return warn(
            "This computer has no printer.", "Add one in the system's settings; until then save the PDF.", plain=plain
        )
    return well("The printer is chosen each time.", plain=plain)


def fonts(_patient: Patient) -> Finding:
    """Whether the fonts that come with the program can be read, for the screen and for paper."""
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
        return fail(f"Fonts of the program cannot be read: {said}.", "Install shopdesk again.", plain=said)
    return well("Our fonts can be read.", plain=f"{len(files)} fonts")


def disk_kind(path: Path) -> str:
    """What kind of file system a folder is on, as the system calls it; “network” on a share; empty if not known."""
    if sys.platform == "win32":
        import ctypes

        remote = str(path).startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(f"{path.drive}\\") == 4
        return "network" if remote else "local"
    return _mounted(path)


def is_network(kind: str) -> bool:
    """Whether a disk of this kind is another machine's."""
    return kind == "network" or kind in _NETWORK_DISKS


def _mounted(path: Path) -> str:
    """By Linux's own list (proc(5), mountinfo): the mount point nearest to the folder."""
    try:
        lines = Path("/proc/self/mountinfo").read_text("utf-8").splitlines()
    except OSError:
        return ""
    mounts = [(line.split()[4], line.partition(" - ")[2].split()[0]) for line in lines]
    real = path.resolve()
    above = [(point, kind) for point, kind in mounts if real.is_relative_to(point.replace("\\040", " "))]
    return max(above, key=lambda mount: len(mount[0]), default=("", ""))[1]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:  # a bundle has no package metadata
        return "?"
