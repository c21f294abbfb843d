"""A template of a request: each value is escaped for its place, and a template that cannot be sent is refused."""

import json
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdesk.domain.errors import Refused
from shopdesk.domain.http_template import HttpTemplate

VALUES = {"to": "+254712345678", "digits": "254712345678", "sender": "SHOP", "secret": "s3cret&x"}
texts = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)


def post(body: str, *headers: str) -> HttpTemplate:
    return HttpTemplate(method="POST", address="https://sms.example.org/send", headers=headers, body=body)


@given(texts)
def test_no_text_ends_the_field_it_stands_in(text: str) -> None:
    values = VALUES | {"text": text}
    form = post("to={to}&text={text}&key={secret}").filled(values)
    assert parse_qs(form.body.decode(), keep_blank_values=True) == {
        "to": ["+254712345678"], "text": [text], "key": ["s3cret&x"]
    }  # fmt: skip
    assert json.loads(post('{"to": "{to}", "body": "{text}"}').filled(values).body) == {
        "to": "+254712345678", "body": text
    }  # fmt: skip
    get = HttpTemplate(method="GET", address="https://sms.example.org/senden/für?n={digits}&t={text}").filled(values)
    assert get.address.startswith("https://sms.example.org/senden/f%C3%BCr?n=254712345678&t=")
    assert parse_qs(urlsplit(get.address).query, keep_blank_values=True) == {"n": ["254712345678"], "t": [text]}
    xml = post('<sms to="{to}">{text}</sms>', "Content-Type: application/xml").filled(values).body
    assert ET.fromstring(xml).text in {text, None}


def test_a_text_with_braces_is_not_filled_again() -> None:
    assert post("to={to}&text={text}", "Content-Type: text/plain").filled(VALUES | {"text": "{secret}"}).body == (
        b"to=+254712345678&text={secret}"
    )


def test_the_content_type_is_the_headers_or_that_of_the_body() -> None:
    values = VALUES | {"text": "Hi"}
    given = post('{"to": "{to}", "t": "{text}"}', "content-type: application/vnd.api+json", "X-Key: {secret}")
    assert given.filled(values).headers == {
        "Content-Type": "application/vnd.api+json", "X-Key": "s3cret&x"
    }  # fmt: skip
    assert post('{"to": "{to}", "t": "{text}"}').filled(values).headers == {"Content-Type": "application/json"}
    assert post("{to} {text}").filled(values).headers == {"Content-Type": "application/x-www-form-urlencoded"}


def test_a_value_adds_no_header() -> None:
    request = post("{to} {text}", "X-From: {sender}").filled(VALUES | {"text": "", "sender": "A\r\nX-Other: 1é"})
    assert request.headers["X-From"] == "AX-Other: 1"


@pytest.mark.parametrize(
    ("template", "field", "why"),
    [
        (HttpTemplate(method="POST", address=""), "address", "Enter the address"),
        (HttpTemplate(method="POST", address="https://a.example/{to}"), "address", "needs the placeholders"),
        (post("to={to}"), "body", "needs the placeholders {to} and {text}"),
        (post("to={to}&text={text}&from={from}"), "body", r"{from} is not available here"),
        (post("{to}{text}", "X-Text: {text}"), "headers", r"{text} is not available here"),
        (post("{to}{text}", "no header"), "headers", "is no header"),
        (post('{"to": {to}, "text": "{text}"'), "body", "is no JSON"),
        (HttpTemplate(method="GET", address="https://a.example/", body="{to}{text}"), "body", "has no body"),
        (HttpTemplate(method="DELETE", address="https://a.example/{to}/{text}"), "method", "must be POST"),
    ],
)
def test_what_cannot_be_sent_is_refused_beside_its_field(template: HttpTemplate, field: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        template.check()
    assert [(fault.field, why in fault.text) for fault in refused.value.faults] == [(field, True)]
