"""Text messages: one request each, whatever the gateway answers, and only what it says it took was sent."""

import socket

import pytest

from shopdesk import logs
from shopdesk.domain.errors import AuthenticationFailed, OutcomeUnknown, Unavailable
from shopdesk.gateways import single_request, sms
from shopdesk.settings import SmsGateway, SmsSettings
from support.sms_gateway import KEY, STATUSES, Fault, SmsServer

TO = "+254712345678"


def send(settings: SmsSettings, key: str | None = KEY, text: str = "Thanks & bye: 5 €") -> str:
    return sms.send(settings, key, text, recipient=TO)


def template(gateway: SmsServer, **changes: object) -> SmsSettings:
    given = {
        "gateway": SmsGateway.HTTP,
        "address": f"{gateway.address}/send",
        "headers": ("Authorization: Bearer {secret}",),
        "body": '{"to": "{to}", "text": "{text}"}',
        **changes,
    }
    return SmsSettings(**given)  # type: ignore[arg-type]


def refusal(settings: SmsSettings, key: str | None = KEY) -> Unavailable:
    with pytest.raises(Unavailable) as refused:
        send(settings, key)
    return refused.value


# --- Africa's Talking -------------------------------------------------------------------------------------------------


def test_a_message_leaves_as_the_documented_form(sms_gateway: SmsServer) -> None:
    assert send(sms_gateway.africastalking) == "101 Success KES 0.8000 ATXid_1"
    (request,) = sms_gateway.requests
    assert request.form == {"username": "shop", "to": TO, "message": "Thanks & bye: 5 €"}
    assert request.headers["accept"] == "application/json"


@pytest.mark.parametrize("code", STATUSES)
def test_each_documented_status_is_accepted_refused_or_unclear(sms_gateway: SmsServer, code: int) -> None:
    sms_gateway.code = code
    if code in {100, 101, 102}:
        assert send(sms_gateway.africastalking).startswith(str(code))
    else:
        error = refusal(sms_gateway.africastalking)
        assert isinstance(error, OutcomeUnknown) == (code in {401, 500, 501})
        assert error.final != isinstance(error, OutcomeUnknown)
        assert f"{code} {STATUSES[code]}" in str(error)
    assert len(sms_gateway.requests) == 1


def test_a_wrong_sender_is_refused_in_the_gateways_words(sms_gateway: SmsServer) -> None:
    settings = SmsSettings(
        gateway=SmsGateway.AFRICASTALKING, username="shop", sender="OTHER", address=sms_gateway.address
    )
    error = refusal(settings)
    assert (str(error), error.final) == ("The gateway refused it: InvalidSenderId.", True)


def test_a_wrong_key_stops_all_messages(sms_gateway: SmsServer) -> None:
    for key in ("another", "a\r\nkey: ü"):
        with pytest.raises(AuthenticationFailed, match="supplied authentication is invalid"):
            send(sms_gateway.africastalking, key)
    with pytest.raises(AuthenticationFailed, match="key of the gateway for text messages is missing"):
        send(sms_gateway.africastalking, None)
    assert len(sms_gateway.requests) == 2


@pytest.mark.parametrize(
    "answer",
    [
        (200, "text/html", "<html>Please sign in to the hotel's network</html>"),
        (201, "application/json", '{"SMSMessageData": {"Recipients": [{"statusCode": 1'),
        (201, "application/json", '["SMSMessageData"]'),
        (201, "application/json", '{"SMSMessageData": {"Recipients": [{"statusCode": "101"}]}}'),
        (201, "application/json", '{"SMSMessageData": {"Recipients": [1]}}'),
        (201, "application/json", "[" * 50_000),
        (302, "text/plain", ""),
        (307, "text/plain", ""),
        (500, "text/plain", "Internal error"),
        (503, "text/html", "<html>Busy</html>"),
    ],
)
def test_any_other_answer_is_unclear_and_nothing_is_repeated(
    sms_gateway: SmsServer, answer: tuple[int, str, str]
) -> None:
    sms_gateway.answer = answer
    sms_gateway.headers = {"Location": f"{sms_gateway.address}/version1/messaging"}
    assert isinstance(refusal(sms_gateway.africastalking), OutcomeUnknown)
    assert len(sms_gateway.requests) == 1


@pytest.mark.parametrize("fault", Fault)
def test_an_answer_that_is_lost_is_unclear(
    sms_gateway: SmsServer, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_request, "_STEP_SECONDS", 0.1)
    sms_gateway.fault = fault
    assert isinstance(refusal(sms_gateway.africastalking), OutcomeUnknown)
    sms_gateway.answer = (200, "text/plain", "OK: 4711")
    assert isinstance(refusal(template(sms_gateway, accepted_text="OK")), OutcomeUnknown)
    assert len(sms_gateway.requests) == 2


def test_an_exchange_that_does_not_end_is_cut(sms_gateway: SmsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single_request, "_EXCHANGE_SECONDS", 0.1)
    sms_gateway.fault = Fault.SILENCE
    assert isinstance(refusal(sms_gateway.africastalking), OutcomeUnknown)


def test_what_never_left_may_be_sent_later(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = SmsSettings(gateway=SmsGateway.AFRICASTALKING, username="shop", address="http://127.0.0.1:1")
    refused = refusal(settings)  # nothing listens there
    monkeypatch.setattr(socket, "getaddrinfo", _no_such_name)
    unknown = refusal(settings)
    for error, why in ((refused, "it refused the connection"), (unknown, "no server has that name")):
        assert str(error) == f"127.0.0.1 cannot be reached: {why}. Nothing was sent."
        assert (error.final, isinstance(error, OutcomeUnknown)) == (False, False)


def _no_such_name(*_: object, **__: object) -> None:
    raise socket.gaierror(socket.EAI_NONAME, "no such name")


def test_the_check_asks_for_the_balance_and_sends_nothing(sms_gateway: SmsServer) -> None:
    assert sms.check(sms_gateway.africastalking, KEY) == "Africa's Talking answers. The balance is KES 1785.50."
    assert [request.target for request in sms_gateway.requests] == ["/version1/user?username=shop"]
    with pytest.raises(AuthenticationFailed):
        sms.check(sms_gateway.africastalking, "another")
    sms_gateway.fault = Fault.CLOSED
    for settings in (sms_gateway.africastalking, template(sms_gateway)):
        with pytest.raises(Unavailable) as closed:
            sms.check(settings, KEY)
        assert str(closed.value) == "127.0.0.1 did not answer: it closed the connection. See Settings, Text messages."


# --- any other gateway ------------------------------------------------------------------------------------------------


def test_a_template_is_filled_and_sent_once(sms_gateway: SmsServer) -> None:
    sms_gateway.answer = (202, "text/plain", "id: 4711\n")
    assert send(template(sms_gateway)) == "202 id: 4711"
    (request,) = sms_gateway.requests
    assert (request.method, request.target) == ("POST", "/send")
    assert request.body.decode() == '{"to": "+254712345678", "text": "Thanks & bye: 5 €"}'
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["content-type"] == "application/json"


def test_the_text_to_look_for_decides(sms_gateway: SmsServer) -> None:
    sms_gateway.answer = (200, "text/html", "OK 17")
    assert send(template(sms_gateway, accepted_text="OK")) == "200 OK 17"
    sms_gateway.answer = (200, "text/plain", "error_credit")
    error = refusal(template(sms_gateway, accepted_text="OK"))
    assert (str(error), error.final) == ("The gateway refused it: 200 error_credit.", True)
    sms_gateway.answer = (200, "text/html", "<!DOCTYPE html>Sign in")
    for text in ("OK", ""):
        assert isinstance(refusal(template(sms_gateway, accepted_text=text)), OutcomeUnknown)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Unavailable), (401, AuthenticationFailed), (404, Unavailable), (303, OutcomeUnknown), (502, OutcomeUnknown)],
)
def test_the_status_of_an_answer_decides(sms_gateway: SmsServer, status: int, kind: type[Unavailable]) -> None:
    sms_gateway.answer = (status, "text/plain", "no")
    error = refusal(template(sms_gateway))
    assert type(error) is kind
    assert str(status) in str(error) or kind is AuthenticationFailed


def test_a_gateway_that_is_asked_too_often_is_asked_again_later(sms_gateway: SmsServer) -> None:
    for settings in (sms_gateway.africastalking, template(sms_gateway)):
        sms_gateway.answer = (429, "text/plain", "too many requests")
        error = refusal(settings)
        assert (type(error), str(error), error.final) == (
            Unavailable, "The gateway refused it: 429 too many requests.", False
        )  # fmt: skip


def test_no_part_of_a_secret_stands_in_the_gateways_words(sms_gateway: SmsServer) -> None:
    key = "a key that is long enough"
    logs.hide(key)
    sms_gateway.answer = (400, "text/plain", f"{'x ' * 94}{key}")
    assert "a key" not in str(refusal(template(sms_gateway)))


def test_a_template_that_cannot_be_sent_stops_all_messages(sms_gateway: SmsServer) -> None:
    for wrong in (
        template(sms_gateway, body="to={to}"),
        template(sms_gateway, address="http://sms.example.org/{to}/{text}", body=""),
        SmsSettings(),
    ):
        with pytest.raises(AuthenticationFailed):
            send(wrong)
    assert sms_gateway.requests == []


def test_the_check_of_a_template_touches_only_the_server(sms_gateway: SmsServer) -> None:
    sms_gateway.answer = (404, "text/plain", "nothing here")
    assert sms.check(template(sms_gateway), KEY) == f"127.0.0.1:{sms_gateway.port} answers (404)."
    (request,) = sms_gateway.requests
    assert (request.method, request.target, request.headers.get("authorization")) == ("HEAD", "/", None)
