"""Starts the program, prints the texts of its start-up error, and ends.

Run by tests/journeys/test_data_folder.py in a process of its own, as a double click starts it.
"""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from shopdesk import app


def read_error() -> None:
    """Print the labels once Retry is enabled."""
    windows = [window for window in QApplication.topLevelWidgets() if window.isVisible()]
    if any(_can_press(window, "Retry") for window in windows):
        for label in (label for window in windows for label in window.findChildren(QLabel) if label.isVisible()):
            print(label.text())
        QApplication.closeAllWindows()
        QApplication.quit()


def _can_press(window: QWidget, name: str) -> bool:
    return any(
        button.isVisible() and button.isEnabled() and button.accessibleName() == name
        for button in window.findChildren(QPushButton)
    )


if __name__ == "__main__":
    timer = QTimer(app.application(), interval=20)
    timer.timeout.connect(read_error)
    timer.start()
    app.run()
