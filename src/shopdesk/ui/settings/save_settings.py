"""Save changed settings of this machine, and a secret in the keyring, from a form."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shopdesk.settings import Settings
from shopdesk.ui.base.i18n import StatusLook
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.settings.secret_field import SecretField
from shopdesk.ui.widgets.form import Form
from shopdesk.ui.widgets.section import Section


def save_settings(
    section: Section,
    form: Form,
    changes: Mapping[str, object],
    *,
    then: Callable[[], object],
    secret: SecretField | None = None,
) -> None:
    """Save changed settings of this machine, but for those that a variable sets, then the secret; then call ``then``.

    Without a keyring the program forgets the secret when it ends; the form says so.
    """
    context = section.context

    def saved(settings: Settings) -> None:
        context.settings = settings
        if secret is None:
            done("")
        else:
            secret.store(done)

    def done(why: str) -> None:
        form.set_busy(False)
        then()
        if why:
            form.show_message(StatusLook(why, "warn", Tone.WARN))

    form.set_busy(True)
    free = {name: value for name, value in changes.items() if not section.held_by(name)}
    context.background.run_in_pool(context.ports.save_settings, free, owner=form, then=saved, failed=form.show_error)
