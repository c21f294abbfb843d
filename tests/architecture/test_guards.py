"""The guards of conftest.py do bite: each leftover or noise fails the test that left it."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

_TESTS = Path(__file__).parents[1]

_FAULTS = {
    "a log warning": ("import logging; logging.getLogger('x').warning('odd')", "WARNING x: odd"),
    "a log line that does not come": ("expect_log('never said')", "never said"),
    "a Python warning": ("import warnings; warnings.warn('old')", "UserWarning: old"),
    "a Qt warning": ("from PySide6.QtCore import QObject, qWarning; qWarning('qt is cross')", "qt is cross"),
    "a socket to elsewhere": (
        "import socket, contextlib\n    with contextlib.suppress(OSError): socket.create_connection(('192.0.2.1', 80))",
        "tried to reach 192.0.2.1",
    ),
    "a name looked up elsewhere": (
        "import socket, contextlib\n    with contextlib.suppress(OSError): socket.getaddrinfo('example.org', 80)",
        "tried to reach example.org",
    ),
    "a thread": (
        "import threading; threading.Thread(target=threading.Event().wait, name='sitter', daemon=True).start()",
        "thread sitter",
    ),
    "a variable": ("import os; os.environ['SHOPDESK_X'] = '1'", "SHOPDESK_X"),
    "a window": ("global kept; from PySide6.QtWidgets import QWidget; kept = QWidget(); kept.show()", "window QWidget"),
    "a widget that is a window for a moment": (
        "import PySide6.QtWidgets as qt; page, part = qt.QWidget(), qt.QLabel(); part.show(), part.setParent(page)",
        "shown too early: QLabel",
    ),
    "a timer": ("global kept; from PySide6.QtCore import QTimer; kept = QTimer(); kept.start(1000)", "QTimer"),
    "an unexpected question": (
        "from PySide6.QtWidgets import QMessageBox; QMessageBox.question(None, 'a', 'b')",
        "QMessageBox.question",
    ),
    "an unexpected dialog": (
        "from PySide6.QtWidgets import QMessageBox; QMessageBox(text='really?').exec()",
        "QMessageBox: really?",
    ),
    "a dialog that does not come": ("answer(lambda dialog: dialog.accept())", "1 modal windows were expected"),
}


_QUIET = """import logging; expect_log('odd'); logging.getLogger('x').warning('odd')
    from PySide6.QtWidgets import QDialog, QMessageBox
    answer(lambda dialog: dialog.accept())
    assert QMessageBox(text='sure?').exec() == QDialog.DialogCode.Accepted"""


def _reports(folder: Path, bodies: dict[str, str]) -> dict[str, str]:
    """What pytest says of each of these tests, run in a process of its own; empty where it is content."""
    tests = [
        f"def test_{number}(qapp, no_flashes, expect_log, answer):\n    {body}\n"
        for number, body in enumerate(bodies.values())
    ]
    (folder / "test_it.py").write_text("\n".join(tests))
    (folder / "conftest.py").write_text((_TESTS / "conftest.py").read_text("utf-8"))
    out = folder / "said.xml"
    command: list[str | Path] = [sys.executable, "-m", "pytest", "-c", _TESTS.parent / "pyproject.toml"]
    command += ["--rootdir", folder, "-o", f"pythonpath={_TESTS}", "-p", "no:cacheprovider", "--junitxml", out, folder]
    subprocess.run(command, cwd=folder, capture_output=True, timeout=50)
    said = dict.fromkeys(bodies, "")
    for case in ET.parse(out).iter("testcase"):
        fault = list(bodies)[int(case.attrib["name"].removeprefix("test_"))]
        said[fault] += "".join(trouble.attrib.get("message", "") + (trouble.text or "") for trouble in case)
    return said


def test_a_fault_fails_the_test_that_made_it_and_what_is_declared_passes(tmp_path: Path) -> None:
    said = _reports(tmp_path, {fault: body for fault, (body, _) in _FAULTS.items()} | {"none": _QUIET})
    unnoticed = [fault for fault, (_, word) in _FAULTS.items() if word not in said[fault]]
    assert not unnoticed
    assert said["none"] == ""
