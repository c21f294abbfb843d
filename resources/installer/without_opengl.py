"""Runs first in the bundle: two modules of Qt that pyqtgraph imports and our charts never use stand empty.

WORKAROUND(pyqtgraph/Qt/OpenGLHelpers.py): it asks for them as soon as it is imported, though a chart is drawn by OpenGL
only where ``useOpenGL`` is set. With what they bring they would be 10 MB.
"""

import sys
from types import ModuleType

for _name in ("QtOpenGL", "QtOpenGLWidgets"):
    sys.modules[f"PySide6.{_name}"] = ModuleType(f"PySide6.{_name}")
sys.modules["PySide6.QtOpenGLWidgets"].QOpenGLWidget = type("QOpenGLWidget", (), {})
