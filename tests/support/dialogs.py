"""A modal dialog would block the test that opens it: it is answered with ``answer``, or the test fails at once."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QColorDialog, QDialog, QFileDialog, QFontDialog, QInputDialog, QMessageBox

Act = Callable[[Any], object]

_STATIC = [
    (QMessageBox, ["about", "critical", "information", "question", "warning"], QMessageBox.StandardButton.NoButton),
    (QFileDialog, ["getOpenFileName", "getOpenFileNames", "getSaveFileName"], ("", "")),
    (QFileDialog, ["getExistingDirectory"], ""),
    (QInputDialog, ["getDouble", "getInt", "getItem", "getMultiLineText", "getText"], ("", False)),
    (QColorDialog, ["getColor"], None),
    (QFontDialog, ["getFont"], None),
]


@pytest.fixture(autouse=True)
def _modal(_nothing_left: None, request: pytest.FixtureRequest) -> Iterator[list[Act]]:
    """Replace ``exec()`` and the static dialogs in tests of windows."""
    answers: list[Act] = []
    if "qapp" not in request.fixturenames:
        yield answers
        return
    unexpected: list[str] = []
    show = QDialog.exec

    def run(dialog: QDialog) -> int:
        if not answers:
            text = getattr(dialog, "text", dialog.windowTitle)()
            unexpected.append(f"{type(dialog).__name__}: {text}")
            return int(QDialog.DialogCode.Rejected)
        act = answers.pop(0)
        errors: list[BaseException] = []

        def respond() -> None:
            try:
                act(dialog)
            except BaseException as error:  # noqa: BLE001 - pytest.fail() too; it must come out of exec(), not vanish in the event loop
                errors.append(error)
            if errors or dialog.isVisible():
                dialog.reject()

        QTimer.singleShot(0, dialog, respond)
        result = show(dialog)
        if errors:
            raise errors[0]
        return int(result)

    def refuse(name: str, answer: object) -> Callable[..., object]:
        def asked(*args: object, **kwargs: object) -> object:
            unexpected.append(name)
            return answer

        return asked

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QDialog, "exec", run)
        for kind, names, answer in _STATIC:
            for name in names:
                patch.setattr(kind, name, staticmethod(refuse(f"{kind.__name__}.{name}", answer)))
        yield answers
    assert not unexpected, "modal windows that the test does not answer (see answer): " + "; ".join(unexpected)
    assert not answers, f"{len(answers)} modal windows were expected and did not come"


@pytest.fixture
def answer(_modal: list[Act]) -> Callable[[Act], None]:
    """``answer(lambda dialog: dialog.accept())``: the answer to the next ``exec()``; one call per dialog, in order.

    A dialog that is still open after that is rejected.
    """
    return _modal.append
