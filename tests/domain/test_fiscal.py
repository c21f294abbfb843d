"""The file of a head: what is signed, what is read back, what is refused."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from shopdesk.domain import fiscal
from shopdesk.domain.errors import Refused
from shopdesk.domain.fiscal import JournalHead, Signature, TillHead

AT = datetime(2026, 11, 30, 18, 5, 7, 12, tzinfo=UTC)
TILLS = (
    TillHead(key=UUID(int=1), name="A", entries=412, hash="ab" * 32, at=AT),
    TillHead(key=UUID(int=2), name="B", entries=0, hash="00" * 32, at=None),
)
HEAD = JournalHead(shop="Käse & Co", country="DE", tax_id="DE1", program="0.4.0", made_at=AT, tills=TILLS)


def sign(content: bytes) -> Signature:
    """A device that signs with the length of what it gets."""
    return Signature(algorithm="length", public_key="none", value=str(len(content)).encode())


def test_a_file_is_read_back_as_it_was_written() -> None:
    read = fiscal.from_file(fiscal.to_file(HEAD, sign))
    assert read.head == HEAD
    assert read.signature == sign(read.content)


def test_what_is_signed_is_the_head_with_its_keys_sorted_and_no_spaces() -> None:
    whole = json.loads(fiscal.to_file(HEAD, sign))
    content = fiscal.from_file(fiscal.to_file(HEAD, sign)).content
    assert content == json.dumps(whole["head"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert content.startswith(b'{"format":"shopdesk-head","made_at":"2026-11-30T18:05:07.000012Z","program":"0.4.0"')
    assert "Käse & Co".encode() in content


def test_an_unsigned_file_says_so() -> None:
    content = fiscal.to_file(HEAD, None)
    assert json.loads(content)["signature"] is None
    assert fiscal.from_file(content).signature is None


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"[]", b'{"head": 1}', b'{"head": {}, "signature": null}', fiscal.to_file(HEAD, None)[:-9]],
)
def test_what_is_no_head_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(Refused, match="no head"):
        fiscal.from_file(content)


def test_a_later_format_is_refused() -> None:
    whole = json.loads(fiscal.to_file(HEAD, None))
    whole["head"]["version"] = 2
    with pytest.raises(Refused, match="no head"):
        fiscal.from_file(json.dumps(whole).encode())
