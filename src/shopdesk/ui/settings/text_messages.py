"""Settings, Text messages: the gateway, and a test that checks it or sends a message."""

from __future__ import annotations

from collections.abc import Mapping

from shopdesk.domain.customer import read_phone
from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.http_template import METHODS, HttpTemplate
from shopdesk.domain.sentence import sentence
from shopdesk.domain.sms_cost import SegmentCost
from shopdesk.message_catalogues import mark
from shopdesk.settings import SmsGateway, SmsSettings
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr, tr_marked
from shopdesk.ui.settings.save_settings import save_settings
from shopdesk.ui.settings.secret_field import SecretField
from shopdesk.ui.settings.test_button import TestButton
from shopdesk.ui.widgets.buttons import QuietButton
from shopdesk.ui.widgets.field import Field, show_faults
from shopdesk.ui.widgets.form import ChoiceField, Form, hold_because, lines_field
from shopdesk.ui.widgets.section import Section, row

GROUP = "sms"
_GATEWAYS = {
    SmsGateway.NONE: mark("None: no text messages are sent"),
    SmsGateway.AFRICASTALKING: mark("Africa's Talking"),
    SmsGateway.HTTP: mark("Another gateway, by HTTP"),
}
_OF_AFRICASTALKING = ("sms.username",)
_OF_HTTP = ("sms.address", "sms.method", "sms.headers", "sms.body", "sms.accepted_text")
_OF_ANY = ("sms.sender", "sms.segment_cost")
_KEY = "key"


class TextMessagesSection(Section):
    """The gateway with its key, which goes to the keyring and is never shown again."""

    def __init__(self, context: Context) -> None:
        super().__init__(
            context,
            tr("Text messages"),
            tr(
                "Customers who agreed to it can be told of their orders by text message. Your gateway has the details. "
                "Settings, Shop decides which channel is tried first."
            ),
        )
        self.form = self._form()
        self.add_form(self.form)
        self.test = TestButton(tr("Test"), self._on_test, icon="send")
        self.forget = QuietButton(tr("Forget the key"), self._on_forget, icon="delete")
        self.forget.hide()
        self.key.checked.connect(self.forget.setVisible)
        self.form.add_part(row(self.forget))
        hint = tr("“Test” sends a message to this number. If empty, it only checks the gateway.")
        self.to = Field(tr("Phone number for the test"), name="to", hint=hint, compact=True)
        self.form.add_part(self.to)
        self.form.add_part(self.test)
        self.form.finish()
        self.finish()
        self.form.save_wanted.connect(self._save)
        for field in (*self.form.fields.values(), self.to):
            field.edited.connect(self.test.reset)
        self.form.fields["sms.gateway"].edited.connect(self._on_gateway)
        self._fill()

    def _form(self) -> Form:
        form = Form()
        choices = [(gateway.value, tr_marked(word)) for gateway, word in _GATEWAYS.items()]
        form.add(ChoiceField(tr("Gateway"), choices, name="sms.gateway", compact=True))
        hint = tr("“sandbox” sends to the simulator of Africa's Talking.")
        form.add(Field(tr("User name"), name="sms.username", hint=hint, compact=True))
        hint = tr("Placeholders: {names}.", names="{to}, {digits}, {text}, {sender}, {secret}")
        form.add(Field(tr("Address"), name="sms.address", hint=hint, compact=True))
        form.add(ChoiceField(tr("Method"), [(one, one) for one in METHODS], name="sms.method", compact=True))
        hint = tr("One a line, such as {example}.", example="Authorization: Bearer {secret}")
        form.add(lines_field(tr("Headers"), name="sms.headers", rows=2, hint=hint, compact=True))
        hint = tr("A form or JSON, such as {example}.", example='{"to": "{to}", "text": "{text}"}')
        form.add(lines_field(tr("Body"), name="sms.body", rows=3, hint=hint, compact=True))
        hint = tr("A text in the answer to each message that was accepted. If empty, the status decides.")
        form.add(Field(tr("Sign of success"), name="sms.accepted_text", hint=hint, compact=True))
        kept = tr("A key is stored in the keyring. Type a new one to replace it.")
        self.key = SecretField(self.context, GROUP, tr("Key"), name=_KEY, kept=kept)
        form.add(self.key)
        hint = tr("A name or number that the gateway has approved. Leave empty for the gateway's own.")
        form.add(Field(tr("Sender"), name="sms.sender", hint=hint, compact=True))
        hint = tr("Shown before a message is sent by hand, such as {example}.", example="0.80 KES")
        form.add(Field(tr("Cost of one segment"), name="sms.segment_cost", hint=hint, compact=True))
        return form

    def _fill(self) -> None:
        sms = self.context.settings.sms
        self.form.fill(
            {
                "sms.gateway": sms.gateway.value,
                "sms.username": sms.username,
                "sms.address": sms.address,
                "sms.method": sms.method,
                "sms.headers": "\n".join(sms.headers),
                "sms.body": sms.body,
                "sms.accepted_text": sms.accepted_text,
                "sms.sender": sms.sender,
                "sms.segment_cost": sms.segment_cost,
            }
        )
        self.form.hold(locked=not self.may)
        self.test.button.setEnabled(self.may)
        for name, field in self.form.fields.items():
            if held := self.held_by(name):
                hold_because(field, held)
        self._show_gateway()

    def _on_gateway(self) -> None:
        """Show the fields of the chosen gateway. Africa's Talking does not get the address of another one."""
        if self.form.fields["sms.gateway"].text() == SmsGateway.AFRICASTALKING.value:
            self.form.fields["sms.address"].set_text("")
        self._show_gateway()

    def _show_gateway(self) -> None:
        """Show the fields that the chosen gateway has."""
        gateway = SmsGateway(self.form.fields["sms.gateway"].text())
        has = {
            **dict.fromkeys(_OF_AFRICASTALKING, gateway is SmsGateway.AFRICASTALKING),
            **dict.fromkeys(_OF_HTTP, gateway is SmsGateway.HTTP),
            **dict.fromkeys((*_OF_ANY, _KEY), gateway is not SmsGateway.NONE),
        }
        for name, is_shown in has.items():
            self.form.fields[name].setVisible(is_shown)
        for part in (self.to, self.test):
            part.setVisible(gateway is not SmsGateway.NONE)

    # --- the key ---

    def refresh(self) -> None:
        """Ask the keyring if a key is stored, which may take a while."""
        if self.may:
            self.key.check()

    def _on_forget(self) -> None:
        self.context.background.run_in_pool(
            self.context.ports.keychain.delete,
            GROUP,
            owner=self,
            then=lambda _: self.key.check(),
            failed=self.form.show_error,
        )

    # --- trying and saving ---

    def _on_test(self) -> None:
        to = self.to.text().strip()
        try:
            sms = _read(self.form.values())
            if to:
                _read_number(to, self.context.shop.seller.country)
        except Refused as refused:
            if any(fault.field == "to" for fault in refused.faults):
                show_faults(refused, [self.to])
            else:
                self.form.refuse(refused)
            return
        self.test.run(self.context, self.context.ports.sms.test, sms, self.key.text() or None, to)

    def _save(self) -> None:
        try:
            sms = _read(self.form.values())
        except Refused as refused:
            self.form.refuse(refused)
            return
        changes = {
            "sms.gateway": sms.gateway.value or None,
            "sms.username": sms.username or None,
            "sms.sender": sms.sender or None,
            "sms.address": sms.address or None,
            "sms.method": sms.method,
            "sms.headers": sms.headers or None,
            "sms.body": sms.body or None,
            "sms.accepted_text": sms.accepted_text or None,
            "sms.segment_cost": sms.segment_cost or None,
        }
        save_settings(self, self.form, changes, then=self._on_saved, secret=self.key)

    def _on_saved(self) -> None:
        self._fill()
        self.key.check()
        self.context.navigation.resume_sending()
        if self.context.settings.sms.gateway is SmsGateway.NONE:
            said = tr("Saved. Text messages wait until a gateway is set up.")
        else:
            said = tr("The gateway is set up. Waiting text messages are being sent.")
        self.context.navigation.notify(said)


def _read_number(text: str, country: str) -> None:
    """Check a phone number. Raise Refused beside its field."""
    try:
        read_phone(text, country)
    except Refused as refused:
        raise Refused([FieldError(fault.text, "to") for fault in refused.faults]) from None


def _read(texts: Mapping[str, str]) -> SmsSettings:
    """Return the typed settings. Raise Refused with one error for each field that is wrong."""
    text = {name.removeprefix("sms."): value.strip() for name, value in texts.items()}
    sms = SmsSettings(
        gateway=SmsGateway(text["gateway"]),
        username=text["username"],
        sender=text["sender"],
        address=text["address"],
        method=text["method"],
        headers=tuple(filter(None, map(str.strip, text["headers"].splitlines()))),
        body=" ".join(map(str.strip, text["body"].splitlines())),
        accepted_text=text["accepted_text"],
        segment_cost=text["segment_cost"],
    )
    faults = _faults(sms)
    if faults:
        raise Refused([FieldError(fault.text, f"sms.{fault.field}") for fault in faults])
    return sms


def _faults(sms: SmsSettings) -> list[FieldError]:
    faults: list[FieldError] = []
    if sms.gateway is SmsGateway.AFRICASTALKING and not sms.username:
        faults.append(FieldError(sentence("Enter the user name of your account."), "username"))
    if sms.gateway is SmsGateway.HTTP:
        try:
            HttpTemplate(method=sms.method, address=sms.address, headers=sms.headers, body=sms.body).check()
        except Refused as refused:
            faults += refused.faults
    if sms.segment_cost:
        try:
            SegmentCost.read(sms.segment_cost)
        except Refused as refused:
            faults += refused.faults
    return faults
