"""Signatures by this machine's key: kept in the keyring, and checked by other programs."""

import base64
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from shopdesk.domain.errors import Unavailable
from shopdesk.gateways import signing
from support.keyrings import MemoryKeyring

CONTENT = "what is signed: €".encode()


def test_the_key_is_made_once_and_stays_in_the_keyring(memory_keyring: MemoryKeyring) -> None:
    assert signing.own_key() is None
    first, second = signing.signer()(CONTENT), signing.signer()(CONTENT)
    assert first == second
    assert first.public_key == signing.own_key()
    (secret,) = memory_keyring.secrets.values()
    assert len(base64.b64decode(secret)) == 32


def test_only_the_same_content_has_the_signature() -> None:
    signature = signing.signer()(CONTENT)
    assert signing.is_valid(CONTENT, signature)
    assert not signing.is_valid(CONTENT + b".", signature)
    assert not signing.is_valid(CONTENT, replace(signature, value=bytes(64)))


@pytest.mark.parametrize("key", ["", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "no key"])
def test_a_signature_with_a_damaged_key_is_none(key: str) -> None:
    assert not signing.is_valid(CONTENT, replace(signing.signer()(CONTENT), public_key=key))


def test_a_signature_of_another_kind_is_none() -> None:
    assert not signing.is_valid(CONTENT, replace(signing.signer()(CONTENT), algorithm="RSA"))


@pytest.mark.usefixtures("no_keyring")
def test_a_machine_without_a_keyring_cannot_sign() -> None:
    with pytest.raises(Unavailable, match="no keyring"):
        signing.signer()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_openssl_checks_it_as_the_documentation_tells(tmp_path: Path) -> None:
    signature = signing.signer()(CONTENT)
    for name, content in (
        ("head.json", CONTENT),
        ("key.pem", signature.public_key.encode()),
        ("signature", signature.value),
    ):
        (tmp_path / name).write_bytes(content)
    said = subprocess.run(
        "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in head.json -sigfile signature".split(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (said.returncode, said.stdout.strip()) == (0, "Signature Verified Successfully")
    key = subprocess.run(
        "openssl pkey -pubin -in key.pem -outform DER -out key.der".split(), cwd=tmp_path, capture_output=True
    )
    digest = subprocess.run("openssl dgst -sha256 -r key.der".split(), cwd=tmp_path, capture_output=True, text=True)
    assert key.returncode == 0
    assert digest.stdout.split()[0] == signing.fingerprint(signature.public_key)
