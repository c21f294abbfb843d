"""The dialogs before text messages are sent by hand: the text, how it is charged, and whether it may arrive twice."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from shopdesk.domain.sms_cost import SegmentCost
from shopdesk.domain.sms_text import Alphabet, sms_size
from shopdesk.message_catalogues import mark
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import as_data, counted, tr, tr_marked
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.page_parts import Card

_ALPHABETS = {
    Alphabet.GSM: mark("GSM, 160 characters a message"),
    Alphabet.UCS2: mark("Unicode, 70 characters a message"),
}


class SmsDialog(ConfirmDialog):
    """The dialog that asks before a text message is sent. ``is_unclear``: an earlier attempt may have arrived."""

    def __init__(
        self, context: Context, recipient: str, text: str, *, is_unclear: bool = False, parent: QWidget | None = None
    ) -> None:
        size = sms_size(text)
        super().__init__(
            tr("Send this text message again?") if is_unclear else tr("Send this text message?"),
            text=tr("It is unclear whether the gateway took it. If it did, the customer gets it twice.")
            if is_unclear
            else "",
            facts=[
                (tr("To"), as_data(recipient)),
                (tr("Alphabet"), tr_marked(_ALPHABETS[size.alphabet])),
                (tr("Length"), counted(size.length, "{count} character", "{count} characters")),
                (tr("Segments"), context.format.count(size.segments)),
                *_cost(size.segments, context),
            ],
            yes=tr("Send again") if is_unclear else tr("Send"),
            is_dangerous=is_unclear,
            parent=parent,
        )
        shown = Card()
        self.text = Label(text, wrap=True)
        shown.add(self.text)
        self.body.addWidget(shown)


def several_sms_dialog(context: Context, texts: Sequence[str], *, parent: QWidget) -> ConfirmDialog:
    """Return the dialog that asks before several text messages are sent, with what they cost together."""
    segments = sum(sms_size(text).segments for text in texts)
    return ConfirmDialog(
        counted(len(texts), "Send {count} text message?", "Send {count} text messages?"),
        facts=[(tr("Segments"), context.format.count(segments)), *_cost(segments, context)],
        yes=tr("Send"),
        parent=parent,
    )


def _cost(segments: int, context: Context) -> list[tuple[str, str]]:
    """Return the cost as a fact, if the settings tell that of a segment."""
    if not context.settings.sms.segment_cost:
        return []
    cost = SegmentCost.read(context.settings.sms.segment_cost)
    amount = context.format.decimal(cost.of(segments))
    return [(tr("Cost"), as_data(f"{amount} {cost.currency}"))]
