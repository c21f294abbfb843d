"""Rules of the code that no tool checks by itself."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal

import shopdesk

_ROOT = Path(__file__).parents[2]
_SOURCE = _ROOT / "src" / "shopdesk"
_PYPROJECT = tomllib.loads((_ROOT / "pyproject.toml").read_text())


def _modules(folder: Path) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        yield path.relative_to(folder).as_posix(), ast.parse(path.read_text())


def _ends_everything(handler: ast.ExceptHandler) -> bool:
    """Catches whatever comes and keeps it; tidying up and raising it again is no end."""
    last = handler.body[-1]
    if isinstance(last, ast.Raise) and last.exc is None:
        return False
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or getattr(kind, "id", "") in ("Exception", "BaseException") for kind in kinds)


def test_each_package_says_in_one_sentence_what_it_is_for() -> None:
    for path in _SOURCE.rglob("__init__.py"):
        said = ast.get_docstring(ast.parse(path.read_text())) or ""
        assert re.fullmatch(r"[A-Z](?:[^.!?\n]|[.!?](?! |$))+\.", said), f"{path.relative_to(_ROOT)} says {said!r}"


def test_each_module_opens_with_a_docstring() -> None:
    silent = [name for name, tree in _modules(_SOURCE) if tree.body and not ast.get_docstring(tree)]
    assert not silent


def test_every_error_ends_in_two_modules_only() -> None:
    found = {
        name
        for name, tree in _modules(_SOURCE)
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and _ends_everything(node)
    }
    assert found <= {"background.py", "delivery.py"}


_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\b|\brgba?\(|\bhsla?\(")
_SIZE = re.compile(r"\b\d+ ?(?:px|pt)\b")


def test_colours_and_sizes_stand_in_the_tokens_only() -> None:
    found = [
        f"{name}:{node.lineno} {node.value!r}"
        for name, tree in _modules(_SOURCE / "ui")
        if name != "base/tokens.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and (_COLOUR.search(node.value) or _SIZE.search(node.value))
    ]
    assert not found


def test_the_stylesheet_names_its_colours_and_sizes() -> None:
    text = (_ROOT / "resources" / "themes" / "shopdesk.qss").read_text("utf-8")
    assert not _COLOUR.findall(text) + _SIZE.findall(text)


_QT_SIZES = {
    "setFixedHeight", "setFixedSize", "setFixedWidth", "setMinimumHeight", "setMinimumSize", "setMinimumWidth",
    "setMaximumHeight", "setMaximumWidth", "setContentsMargins", "setSpacing", "setPixelSize", "setPointSize",
    "setHorizontalSpacing", "setVerticalSpacing", "setDefaultSectionSize", "setIconSize", "addSpacing", "QColor",
}  # fmt: skip


def test_sizes_are_given_to_widgets_by_name() -> None:
    found = [
        f"{name}:{call.lineno} {ast.unparse(call)}"
        for name, tree in _modules(_SOURCE / "ui")
        if name != "base/tokens.py"
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and getattr(call.func, "attr", getattr(call.func, "id", "")) in _QT_SIZES
        and any(isinstance(given, ast.Constant) and given.value not in (0, 1) for given in call.args)
    ]
    assert not found, "base/tokens.py has them: " + "; ".join(found)


def test_no_test_sleeps() -> None:
    found = [
        f"{name}:{node.lineno}"
        for name, tree in _modules(_ROOT / "tests")
        if "installer/" not in name  # watches an X screen of another machine, which has no signal to wait for
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr in ("sleep", "msleep", "usleep", "qSleep", "qWait"))
        or (isinstance(node, ast.ImportFrom) and any(alias.name == "sleep" for alias in node.names))
        or (isinstance(node, ast.Attribute) and ast.unparse(node) == "qtbot.wait")
    ]
    assert not found, "wait for a signal or a condition"


def test_no_test_replaces_our_own_code() -> None:
    found = [
        name
        for name, tree in _modules(_ROOT / "tests")
        for node in ast.walk(tree)
        if (isinstance(node, ast.ImportFrom) and node.module == "unittest.mock")
        or (isinstance(node, ast.Import) and any(alias.name == "unittest.mock" for alias in node.names))
    ]
    assert not found


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_no_registry_is_named(name: str) -> None:
    text = (_ROOT / name).read_text()
    assert not re.search(
        r"https?://|--(?:extra-)?index-url|--find-links|--trusted-host|@ file:", text.split("\n\n", 1)[-1]
    )
    if name == "requirements.lock":
        assert "://" not in text


def test_each_requirement_is_locked_with_its_hashes() -> None:
    lock = (_ROOT / "requirements.lock").read_text()
    wanted = _PYPROJECT["project"]["dependencies"] + _PYPROJECT["dependency-groups"]["dev"]
    names = [re.split(r"[^A-Za-z0-9._-]", wish, maxsplit=1)[0] for wish in wanted]
    locked = dict(re.findall(r"^([a-z0-9._-]+)==\S+.* \\\n((?: +--hash=sha256:[0-9a-f]{64}.*\n)+)", lock, re.MULTILINE))
    missing = [name for name in names if name.lower().replace("_", "-").replace(".", "-") not in locked]
    assert not missing, "run `make lock`"


def test_the_version_is_told_once() -> None:
    assert _PYPROJECT["project"]["version"] == shopdesk.__version__


class _Speaker(QObject):
    said = Signal(bool)


def test_python_outlives_five_thousand_signals() -> None:
    """PySide6 6.12.0 loses one reference of True with each emit: Python 3.11 aborts after some 580."""
    speaker = _Speaker()
    heard: list[bool] = []
    speaker.said.connect(heard.append)
    for _ in range(5_000):
        speaker.said.emit(True)
    assert len(heard) == 5_000
