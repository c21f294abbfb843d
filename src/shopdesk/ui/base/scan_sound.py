"""The sound of a scan: one beep for a good one, two for one that is no product; see ``settings.ScanSound``."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from shopdesk.settings import ScanSound

_PAUSE_MS = 160


def beep_good(setting: ScanSound) -> None:
    """Beep once, if good scans are heard."""
    if setting is ScanSound.ALWAYS:
        QApplication.beep()


def beep_bad(setting: ScanSound, owner: QObject) -> None:
    """Beep twice, unless scans are never heard; the second beep is dropped with its owner."""
    if setting is ScanSound.NEVER:
        return
    QApplication.beep()
    again = QTimer(owner, singleShot=True, interval=_PAUSE_MS)
    again.timeout.connect(QApplication.beep)
    again.timeout.connect(again.deleteLater)
    again.start()
