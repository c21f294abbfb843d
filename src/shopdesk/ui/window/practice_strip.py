"""The strip above every page of a practice window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy

from shopdesk.paths import PRACTICE_PASSWORD
from shopdesk.ui.base import tokens
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.labels import Drawing, Label


class PracticeStrip(QFrame):
    """Says that nothing here is real; it is always there."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "practice")
        word = Label(tr("Practice"), "strong")
        told = tr(
            "Nothing here is real, and nothing leaves this window. Every password is “{password}”. Close it to end.",
            password=PRACTICE_PASSWORD,
        )
        self.setAccessibleName(f"{tr('Practice')}: {told}")
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.L, tokens.XS, tokens.L, tokens.XS)
        row.setSpacing(tokens.S)
        row.addWidget(Drawing("warn", Tone.WARN), alignment=Qt.AlignmentFlag.AlignTop)
        row.addWidget(word, alignment=Qt.AlignmentFlag.AlignTop)
        row.addWidget(Label(told, wrap=True), 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
