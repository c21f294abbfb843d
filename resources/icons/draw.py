"""PNG in every usual size and the icon file for Windows, from shopdesk.svg.

Usage: draw.py FOLDER
"""

import struct
import sys
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SOURCE = Path(__file__).parent / "shopdesk.svg"
SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
LARGEST_ICO = 256


def draw(folder: Path) -> Path:
    """Write ``shopdesk-SIZE.png`` and ``shopdesk.ico`` into ``folder``, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {size: _png(size) for size in SIZES}
    for size, picture in pictures.items():
        (folder / f"shopdesk-{size}.png").write_bytes(picture)
    (folder / "shopdesk.ico").write_bytes(_ico({size: pictures[size] for size in SIZES if size <= LARGEST_ICO}))
    return folder


def _png(size: int) -> bytes:
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(str(SOURCE)).render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "PNG"):
        raise RuntimeError("Qt cannot write PNG here")
    return bytes(buffer.data().data())


def _ico(pictures: dict[int, bytes]) -> bytes:
    """A directory of pictures, as PNG each (Windows Vista and later); 256 is written as 0."""
    heads, bodies = b"", b""
    begin = 6 + 16 * len(pictures)
    for size, picture in pictures.items():
        heads += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(picture), begin + len(bodies))
        bodies += picture
    return struct.pack("<HHH", 0, 1, len(pictures)) + heads + bodies


if __name__ == "__main__":
    app = QGuiApplication(["draw", "-platform", "offscreen"])
    draw(Path(sys.argv[1]))
