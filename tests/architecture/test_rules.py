"""Rules of the code that no tool checks by itself."""

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal

import shopdesk

_ROOT = Path(__file__).parents[2]
_SOURCE = _ROOT / "src" / "shopdesk"
_PYPROJECT = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))


def _modules(folder: Path) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        yield path.relative_to(folder).as_posix(), ast.parse(path.read_text("utf-8"))


def _ends_everything(handler: ast.ExceptHandler) -> bool:
    """Catches whatever comes and keeps it; tidying up and raising it again is no end."""
    last = handler.body[-1]
    if isinstance(last, ast.Raise) and last.exc is None:
        return False
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or getattr(kind, "id", "") in ("Exception", "BaseException") for kind in kinds)


def test_each_package_says_in_one_sentence_what_it_is_for() -> None:
    for path in _SOURCE.rglob("__init__.py"):
        said = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        assert re.fullmatch(r"[A-Z](?:[^.!?\n]|[.!?](?! |$))+\.", said), f"{path.relative_to(_ROOT)} says {said!r}"


def test_each_module_opens_with_a_docstring() -> None:
    silent = [name for name, tree in _modules(_SOURCE) if tree.body and not ast.get_docstring(tree)]
    assert not silent


def test_every_error_ends_in_three_modules_only() -> None:
    found = {
        name
        for name, tree in _modules(_SOURCE)
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and _ends_everything(node)
    }
    assert found <= {"background.py", "delivery.py", "print_delivery.py"}


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


def test_no_date_is_in_the_language_of_the_process() -> None:
    """Names of days and months come from ``render.formatting``: Qt sets the process's locale to the system's."""
    found = [
        f"{name}:{node.lineno}"
        for name, tree in _modules(_SOURCE)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search(r"%[aAbBcpxX]\b", node.value)
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


def test_margins_that_differ_at_the_sides_are_set_for_both_directions() -> None:
    found = [
        f"{name}:{call.lineno} {ast.unparse(call)}"
        for name, tree in _modules(_SOURCE / "ui")
        if name != "widgets/page_parts.py"
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "setContentsMargins" and len(call.args) == 4
        if ast.unparse(call.args[0]) != ast.unparse(call.args[2])
    ]
    assert not found, "set_margins in widgets/page_parts.py mirrors them: " + "; ".join(found)


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


_REPLACEABLE = frozenset(
    """
    TimeoutConnection.timeout logs._hidden
    low_level.hash_secret_raw fcntl.flock os.fsync os.replace socket.create_server socket.getaddrinfo
    socket.socket.connect
    socket.socket.connect_ex socket.socket.getpeername subprocess.Popen sys.stdin sys.stdout
    ctypes.FormatError ctypes.WinDLL ctypes.get_last_error uuid_utils.uuid7
    QDialog.exec kind.name
    handler._answer server.authenticate libusb1.get_backend
    """.split()
)
"""Attributes that a test may set, besides constants: a time limit and the secrets that the log hides; functions of
libraries and the system; dialogs that wait for a person (``kind.name``: Qt's static ones); the tests' own servers."""


def _replaced(call: ast.Call) -> str:
    """Return the ``owner.attribute`` that a call of ``monkeypatch.setattr`` replaces."""
    owner, name, *_ = (
        str(ast.literal_eval(given)) if isinstance(given, ast.Constant) else ast.unparse(given) for given in call.args
    )
    return owner if isinstance(call.args[0], ast.Constant) else f"{owner}.{name}"


def test_no_test_replaces_our_own_code() -> None:
    """Only constants, such as time limits, and the far side of the gateways may be replaced."""
    mocks: list[str] = []
    replaced: set[str] = set()
    for name, tree in _modules(_ROOT / "tests"):
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom | ast.Import):
                package = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
                mocks += [name for alias in node.names if f"{package}{alias.name}".startswith("unittest.mock")]
            elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("setattr", "delattr"):
                replaced.add(_replaced(node))
    assert not mocks
    assert {one for one in replaced if not re.search(r"\._?[A-Z][A-Z0-9_]+$", one)} == _REPLACEABLE


_SUBJECTS = frozenset(
    """
    accounts activity customers database documents drafts export health mail outbox period_sums print_jobs products
    providers shifts shop
    """.split()
)
"""Names of modules that several layers may have, each for its part of the same subject."""


def _twice(names: Iterable[str]) -> set[str]:
    return {name for name, count in Counter(names).items() if count > 1}


def test_no_two_public_classes_have_the_same_name() -> None:
    classes = (node.name for _, tree in _modules(_SOURCE) for node in tree.body if isinstance(node, ast.ClassDef))
    assert _twice(name for name in classes if not name.startswith("_")) == set()


def test_no_two_modules_have_the_same_name_but_for_subjects() -> None:
    stems = (path.stem for path in _SOURCE.rglob("*.py") if not path.stem.startswith("__"))
    assert _twice(stems) == _SUBJECTS


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_no_registry_is_named(name: str) -> None:
    text = (_ROOT / name).read_text("utf-8")
    assert not re.search(
        r"https?://|--(?:extra-)?index-url|--find-links|--trusted-host|@ file:", text.split("\n\n", 1)[-1]
    )
    if name == "requirements.lock":
        assert "://" not in text


def test_each_requirement_is_locked_with_its_hashes() -> None:
    lock = (_ROOT / "requirements.lock").read_text("utf-8")
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
