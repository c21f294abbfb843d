"""Settings, Customer display: the second screen that shows the sale to the customer."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.settings.save_settings import save_settings
from shopdesk.ui.widgets.form import ChoiceField, Form, hold_because
from shopdesk.ui.widgets.section import Section

_SCREEN = "till.customer_display"


class CustomerDisplaySection(Section):
    """The choice of the screen; the display opens there when it is saved."""

    def __init__(self, context: Context) -> None:
        super().__init__(
            context,
            tr("Customer display"),
            tr("A second screen shows the customer the item, the total, the change and thanks."),
        )
        self.form = Form()
        self.screen_field = ChoiceField(tr("Screen"), name=_SCREEN, compact=True)
        self.form.add(self.screen_field)
        self.add_form(self.form)
        self.form.finish()
        self.finish()
        self.form.save_wanted.connect(self._save)
        self._fill()

    def refresh(self) -> None:
        """Look at the screens again, as one may have been connected."""
        if not self.form.is_dirty:
            self._fill()

    def _fill(self) -> None:
        own = self.window().screen()
        others = [screen for screen in QGuiApplication.screens() if screen is not own]
        sizes = ((screen, screen.size()) for screen in others)
        names = [(screen.name(), f"{screen.name()} ({size.width()} × {size.height()})") for screen, size in sizes]
        none = tr("None") if names else tr("None: this computer has one screen")
        self.screen_field.offer([("", none), *names])
        self.form.fill({_SCREEN: self.context.settings.till.customer_display})
        self.form.hold(locked=not self.may)
        if held := self.held_by(_SCREEN):
            hold_because(self.screen_field, held)

    def _save(self) -> None:
        save_settings(self, self.form, {_SCREEN: self.screen_field.text() or None}, then=self._on_saved)

    def _on_saved(self) -> None:
        self._fill()
        self.context.navigation.notify(tr("The customer display is saved."))
