"""What the bundle has to hold: everything the program imports, wherever it does, the files it reads, and no library
that cannot load.

Usage: contents.py BUNDLE    lists what is missing; 1 if anything is
"""

import ast
import ctypes
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from PyInstaller.archive.readers import CArchiveReader

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
LARGEST = 160_000_000  # bytes
PROGRAMS = ("shopdesk", "shopdesk.exe")


def imported() -> Iterator[str]:
    """Every module that a file of ours names in an import, at its top or inside a function."""
    for file in (SOURCE / "shopdesk").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from (name.name for name in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and node.module != "__future__":
                yield node.module


def module_name(file: Path) -> str:
    """The name under which a library of compiled Python is imported, by its place below ``_internal``."""
    name = re.sub(r"(\.(cpython-|cp\d)[^.]*|\.abi3)?\.(so|pyd)$", "", file.as_posix())
    return re.sub(r"^python[\d.]+/lib-dynload/", "", name).replace("/", ".")


def modules(bundle: Path) -> set[str]:
    """What can be imported there."""
    archive = CArchiveReader(str(next(path for name in PROGRAMS if (path := bundle / name).exists())))
    (packed,) = (name for name in archive.toc if name.startswith("PYZ"))
    found = {*archive.toc, *archive.open_embedded_archive(packed).toc, *sys.builtin_module_names}
    inside = bundle / "_internal"
    found |= {module_name(file.relative_to(inside)) for ending in ("so", "pyd") for file in inside.rglob(f"*.{ending}")}
    listed = subprocess.run(
        [sys.executable, "-m", "zipfile", "-l", inside / "base_library.zip"], capture_output=True, text=True, check=True
    )
    found |= {
        name.removesuffix(".pyc").removesuffix("/__init__").replace("/", ".")
        for name in re.findall(r"^(\S+\.pyc)", listed.stdout, re.MULTILINE)
    }
    return found


def files() -> Iterator[str]:
    """Every file that is read and not imported: the migrations, which Alembic finds in their folder, and resources."""
    for file in (SOURCE / "shopdesk" / "store" / "migrations").rglob("*.py"):
        yield file.relative_to(SOURCE).as_posix()
    for file in (ROOT / "resources").rglob("*"):
        named = file.relative_to(ROOT)
        if (
            file.is_file()
            and file.suffix not in {".po", ".pot", ".py"}
            and named.parts[1] not in {"installer", "pictures", "server"}
        ):
            yield named.as_posix()


def size(bundle: Path) -> int:
    """Bytes on the disk, in whole blocks where the system tells those."""
    found = (path.lstat() for path in (bundle, *bundle.rglob("*")))
    return sum(stat.st_blocks * 512 if hasattr(stat, "st_blocks") else stat.st_size for stat in found)


def broken(bundle: Path) -> Iterator[str]:
    """Libraries that do not load: the linker says why. Each in a process of its own, for one may need another."""
    inside = bundle / "_internal"
    for file in sorted(inside.rglob("*.so*")):
        if not file.is_symlink() and file.is_file() and ".hmac" not in file.name:
            pid = os.fork()
            if not pid:
                try:
                    ctypes.CDLL(str(file), mode=os.RTLD_LAZY)
                except OSError as error:
                    print(f"does not load: {error}", file=sys.stderr)
                    os._exit(1)
                os._exit(0)
            if os.waitpid(pid, 0)[1]:
                yield str(file.relative_to(inside))


def main(bundle: Path) -> int:
    """Say what is missing."""
    has = modules(bundle)
    wanted = {name for name in imported() if not name.startswith("shopdesk.store.migrations")}
    elsewhere = {name for name in sys.stdlib_module_names if importlib.util.find_spec(name) is None}  # another system's
    missing = sorted(wanted - has - elsewhere)
    missing += sorted(name for name in files() if not (bundle / "_internal" / name).is_file())
    damaged = list(broken(bundle)) if sys.platform == "linux" else []
    large = size(bundle)
    for name in missing:
        print(f"missing: {name}")
    print(f"{len(has)} modules, {large / 1e6:.0f} MB, {len(missing)} missing, {len(damaged)} that do not load")
    return int(bool(missing or damaged or large > LARGEST))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
