"""The signed head of the journal: what an accountant keeps to tell later whether earlier entries were changed.

A head names the last entry of each till's chain by its number and hash, so it stands for all entries before. Whatever
signs it is a function ``Sign``: this program's own key (``gateways/signing.py``), or a certified device where a
country asks for one. The program itself claims no certificate. ``docs/signed-head.md`` describes the file.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from shopdesk.domain.errors import Refused
from shopdesk.domain.sentence import sentence

FORMAT, VERSION = "shopdesk-head", 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TillHead:
    """The last entry of a till's chain: its number (0 without entries), its hash (SHA-256, in hex), its time."""

    key: UUID
    name: str
    entries: int
    hash: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalHead:
    """The heads of all chains of a shop at one instant, made by a version of the program."""

    shop: str
    country: str
    tax_id: str
    program: str
    made_at: datetime
    tills: tuple[TillHead, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature with the public key (PEM) that checks it."""

    algorithm: str
    public_key: str
    value: bytes


Sign = Callable[[bytes], Signature]
"""Signs bytes."""


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head as read from a file: with the bytes that were signed, and the signature, if any."""

    head: JournalHead
    content: bytes
    signature: Signature | None


def canonical(facts: Mapping[str, Any]) -> bytes:
    """Return the bytes that are signed: JSON in UTF-8, keys sorted, without spaces between the parts."""
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def to_file(head: JournalHead, sign: Sign | None) -> bytes:
    """Return the head as a file, signed; with None unsigned, which the file says."""
    facts = _to_facts(head)
    signature = sign(canonical(facts)) if sign else None
    whole = {
        "head": facts,
        "signature": {
            "algorithm": signature.algorithm,
            "public_key": signature.public_key,
            "value": base64.b64encode(signature.value).decode(),
        }
        if signature
        else None,
    }
    return json.dumps(whole, ensure_ascii=False, indent=2).encode() + b"\n"


def from_file(content: bytes) -> SignedHead:
    """Return the head of a file. Raise Refused when it is none."""
    try:
        whole = json.loads(content)
        facts, signed = whole["head"], whole["signature"]
        if (facts["format"], facts["version"]) != (FORMAT, VERSION):
            raise ValueError("another format")
        signature = signed and Signature(
            algorithm=signed["algorithm"],
            public_key=signed["public_key"],
            value=base64.b64decode(signed["value"], validate=True),
        )
        return SignedHead(_from_facts(facts), canonical(facts), signature)
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error) as error:
        raise Refused(sentence("This file is no head of a journal.")) from error


def _to_facts(head: JournalHead) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "shop": {"name": head.shop, "country": head.country, "tax_id": head.tax_id},
        "program": head.program,
        "made_at": _spelled(head.made_at),
        "tills": [
            {
                "key": str(till.key),
                "name": till.name,
                "entries": till.entries,
                "hash": till.hash,
                "at": till.at and _spelled(till.at),
            }
            for till in head.tills
        ],
    }


def _from_facts(facts: Mapping[str, Any]) -> JournalHead:
    return JournalHead(
        shop=facts["shop"]["name"],
        country=facts["shop"]["country"],
        tax_id=facts["shop"]["tax_id"],
        program=facts["program"],
        made_at=datetime.fromisoformat(facts["made_at"]),
        tills=tuple(
            TillHead(
                key=UUID(till["key"]),
                name=till["name"],
                entries=int(till["entries"]),
                hash=till["hash"],
                at=till["at"] and datetime.fromisoformat(till["at"]),
            )
            for till in facts["tills"]
        ),
    )


def _spelled(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
