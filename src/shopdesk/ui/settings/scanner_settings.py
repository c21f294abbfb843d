"""Settings, Scanner: which scans are heard at this till, and a field to try the scanner."""

from __future__ import annotations

from shopdesk.domain.barcode import read_barcode
from shopdesk.settings import ScanSound
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, tr
from shopdesk.ui.base.scan_sound import beep_good
from shopdesk.ui.base.scanner import keep_scans
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.settings.save_settings import save_settings
from shopdesk.ui.widgets.field import Field
from shopdesk.ui.widgets.form import ChoiceField, Form, hold_because
from shopdesk.ui.widgets.section import Section

_SOUND = "till.scan_sound"


class ScannerSection(Section):
    """The choice of the sound, and a field that shows what the scanner types."""

    def __init__(self, context: Context) -> None:
        super().__init__(
            context,
            tr("Scanner"),
            tr("Most scanners need no set-up. They may send Enter, Tab or nothing after the code."),
        )
        self.form = Form()
        self.sound = ChoiceField(tr("Beep at"), _sounds(), name=_SOUND, compact=True)
        self.trial = Field(
            tr("Try the scanner"), name="trial", hint=tr("Click here, then scan something."), compact=True
        )
        keep_scans(self.trial.control)
        self.form.add(self.sound)
        self.add_form(self.form)
        self.form.add_part(self.trial)
        self.form.finish()
        self.finish()
        self.trial.edited.connect(self._on_tried)
        self.form.save_wanted.connect(self._save)
        self._fill()

    def refresh(self) -> None:
        """Show the stored settings again."""
        if not self.form.is_dirty:
            self._fill()

    def _fill(self) -> None:
        self.form.fill({_SOUND: self.context.settings.till.scan_sound.value})
        self.form.hold(locked=not self.may)
        if held := self.held_by(_SOUND):
            hold_because(self.sound, held)

    def _on_tried(self) -> None:
        code = read_barcode(self.trial.text())
        if code.is_garbled:
            text = tr("Read as {code}, but the scanner has another keyboard layout.", code=code.text)
            look = StatusLook(text, "warn", Tone.WARN)
        elif code.is_certain:
            look = StatusLook(tr("Read: {code}", code=code.gtins[0] if code.gtins else code.text), "good", Tone.GOOD)
        else:
            look = StatusLook(tr("Click here, then scan something."), "info", Tone.SOFT)
        self.trial.show_hint(look)

    def _save(self) -> None:
        save_settings(self, self.form, {_SOUND: ScanSound(self.sound.text())}, then=self._on_saved)

    def _on_saved(self) -> None:
        self._fill()
        beep_good(self.context.settings.till.scan_sound)
        self.context.navigation.notify(tr("The scanner settings are saved."))


def _sounds() -> list[tuple[str, str]]:
    return [
        (ScanSound.ALWAYS.value, tr("every scan; twice at an unknown code")),
        (ScanSound.UNKNOWN.value, tr("an unknown code only")),
        (ScanSound.NEVER.value, tr("no scan")),
    ]
