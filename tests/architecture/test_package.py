"""What is installed is whole: the wheel carries the program's files and finds them."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from shopdesk import paths

_ROOT = Path(__file__).parents[2]
_ASK = "import sys; sys.path.insert(0, sys.argv[1]); from shopdesk import paths; print(paths.resources())"


def test_a_wheel_carries_the_resources_and_finds_them(tmp_path: Path) -> None:
    build: list[str | Path] = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path]
    subprocess.run(build, cwd=_ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        wheel.extractall(tmp_path / "site")
    # Isolated, without site-packages: the installed copy alone, not the source tree.
    asked: list[str | Path] = [sys.executable, "-I", "-S", "-c", _ASK, tmp_path / "site"]
    found = Path(subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip())
    assert found == tmp_path / "site" / "shopdesk" / "resources"
    here = {path.relative_to(paths.resources()) for path in paths.resources().rglob("*") if path.is_file()}
    there = {path.relative_to(found) for path in found.rglob("*") if path.is_file()}
    assert {path for path in here if not path.name.endswith(".pyc")} == there


def test_a_bundle_finds_its_resources(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert paths.resources() == tmp_path / "resources"


def test_the_data_folder_is_where_the_system_keeps_such(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SHOPDESK_HOME")
    assert tmp_path in paths.home().parents
    assert paths.home().name == "shopdesk"
