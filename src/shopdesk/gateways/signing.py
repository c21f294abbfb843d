"""Signatures by a key of this machine: Ed25519 (RFC 8032), the private key in the system's keyring."""

from __future__ import annotations

import base64
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from shopdesk.domain.fiscal import Sign, Signature
from shopdesk.gateways import keychain

ALGORITHM = "Ed25519"
_SECRET = "head signing key"  # noqa: S105 - the name of a secret


def signer() -> Sign:
    """Return the function that signs with this machine's key, which is made at first. Raise Unavailable."""
    key = _key() or _new_key()

    def sign(content: bytes) -> Signature:
        return Signature(algorithm=ALGORITHM, public_key=_public(key), value=key.sign(content))

    return sign


def own_key() -> str | None:
    """Return the public key (PEM) of this machine, or None while it has signed nothing. Raise Unavailable."""
    key = _key()
    return _public(key) if key else None


def is_valid(content: bytes, signature: Signature) -> bool:
    """Return True if the signature is one of this content by its key."""
    try:
        key = load_pem_public_key(signature.public_key.encode())
        if signature.algorithm != ALGORITHM or not isinstance(key, Ed25519PublicKey):
            return False
        key.verify(signature.value, content)
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint(public_key: str) -> str:
    """Return the SHA-256 of a public key (DER), in hex: short enough to be read out. Raise ValueError for no key."""
    key = load_pem_public_key(public_key.encode())
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _key() -> Ed25519PrivateKey | None:
    kept = keychain.read(_SECRET)
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(kept)) if kept else None


def _new_key() -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.generate()
    keychain.write(_SECRET, base64.b64encode(key.private_bytes_raw()).decode())
    return key


def _public(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
