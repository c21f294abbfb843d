"""The first steps of a new shop: a list on the dashboard until something is sold."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout

from shopdesk.domain.account import Right
from shopdesk.queries import shop as ask
from shopdesk.queries.shop import SetUp
from shopdesk.ui.base import tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.base.pages import Page
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.buttons import LinkButton
from shopdesk.ui.widgets.labels import Drawing, Label
from shopdesk.ui.widgets.page_parts import Card, clear_layout


class _Step(NamedTuple):
    label: str
    why: str
    is_done: bool
    open: Callable[[], object]


class FirstSteps(Card):
    """Each step says what it is for, leads to its page, and is ticked off when it is done. None must be taken."""

    def __init__(self, context: Context) -> None:
        super().__init__(tr("First steps"), spacing=tokens.S)
        self._context = context
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(tokens.M)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(2, 1)
        self.add(self._grid)
        self.hide()

    def refresh(self) -> None:
        """Read what has been done; show the steps that this user may take."""
        self._context.ask(ask.set_up, owner=self, then=self._show, failed=lambda _: None)

    def _show(self, done: SetUp) -> None:
        clear_layout(self._grid)
        for at, step in enumerate(steps := self._steps(done)):
            word = tr("done") if step.is_done else tr("to do")
            drawing = Drawing("good" if step.is_done else "level", Tone.GOOD if step.is_done else Tone.SOFT)
            link = LinkButton(step.label, step.open)
            link.setAccessibleDescription(f"{word}. {step.why}")
            self._grid.addWidget(drawing, at, 0)
            self._grid.addWidget(link, at, 1, Qt.AlignmentFlag.AlignLeft)
            self._grid.addWidget(Label(step.why, "soft", wrap=True), at, 2)
            self._grid.addWidget(Label(word, "small-good" if step.is_done else "small"), at, 3)
        self.setVisible(bool(steps))

    def _steps(self, done: SetUp) -> list[_Step]:
        context, go = self._context, self._context.navigation
        steps = []
        if context.may(Right.CATALOGUE):
            why = tr("Type them in, or import the list of your previous program.")
            steps.append(_Step(tr("Products"), why, done.has_products, lambda: go.show_page(Page.PRODUCTS)))
        if context.may(Right.SETTINGS):
            settings = context.settings
            steps += [
                _Step(
                    tr("Address of the shop"),
                    tr("It stands on every receipt, with your tax number."),
                    done.has_address,
                    lambda: go.show_section("Shop"),
                ),
                _Step(
                    tr("Receipt printer"),
                    tr("Without one, receipts are saved as PDF or sent."),
                    bool(settings.till.receipt_printer or settings.till.printer),
                    lambda: go.show_section("Printer"),
                ),
                _Step(
                    tr("Mail"),
                    tr("Customers get their receipts by e-mail."),
                    bool(settings.mail.host),
                    lambda: go.show_section("Mail"),
                ),
            ]
        if context.may(Right.PEOPLE):
            why = tr("They register on the sign-in page; you let them in.")
            steps.append(_Step(tr("Your staff"), why, done.has_staff, lambda: go.show_section("People")))
        return steps
