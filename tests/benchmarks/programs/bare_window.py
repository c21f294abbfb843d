"""Qt alone: an empty window."""

from PySide6.QtWidgets import QApplication, QMainWindow
from waiting import FirstPaint

app = QApplication([])
window = QMainWindow()
first_paint = FirstPaint(window)
window.resize(1280, 800)
window.show()
app.exec()
