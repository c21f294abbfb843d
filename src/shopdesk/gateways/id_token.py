"""Validation of ID tokens (OpenID Connect Core 1.0, 3.1.3.7)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from authlib.oidc.core import CodeIDToken
from cryptography.exceptions import UnsupportedAlgorithm
from joserfc import jwt
from joserfc.errors import ClaimError, ExpiredTokenError, InvalidKeyIdError, JoseError
from joserfc.jwk import ECKey, Key, KeySet, RSAKey
from joserfc.jws import JWSRegistry

from shopdesk.domain.sentence import sentence
from shopdesk.gateways.providers import Endpoints, NotTrusted

_SKEW_SECONDS = 120
"""Tolerance for a wrong clock at the till."""
_SHORTEST_RSA_BITS = 2048  # RFC 7518, 3.3

_WHY = {
    "iss": sentence("it comes from another issuer"),
    "aud": sentence("it is meant for another program"),
    "azp": sentence("it is meant for another program"),
    "nonce": sentence("it belongs to another sign-in"),
    "iat": sentence("it is dated in the future; check this machine's clock"),
    "nbf": sentence("it is not valid yet; check this machine's clock"),
    "at_hash": sentence("its tokens do not belong together"),
}


def verified(
    token: object, keys: object, *, label: str, endpoints: Endpoints, client_id: str, nonce: str, access_token: str
) -> Mapping[str, Any]:
    """Return the claims of the token after all checks. Raises NotTrusted."""
    try:
        algorithm = _algorithm(token)
        if algorithm not in endpoints.algorithms:
            raise NotTrusted(label, sentence("its signature method is not accepted"))
        # Unknown header parameters are ignored (RFC 7515, 4), except those in `crit`, none of which is supported.
        registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
        read = jwt.decode(str(token), _usable(keys), registry=registry)
        expected = {"iss": endpoints.issuer, "aud": client_id, "nonce": nonce}
        claims = CodeIDToken(
            read.claims,
            read.header,
            options={
                **{name: {"essential": True, "value": value} for name, value in expected.items()},
                **{name: {"essential": True} for name in ("sub", "exp", "iat")},
            },
            params={"nonce": nonce, "client_id": client_id, "access_token": access_token},
        )
        claims.validate(leeway=_SKEW_SECONDS)
    except ExpiredTokenError as error:
        raise NotTrusted(label, sentence("it has expired; check this machine's clock")) from error
    except ClaimError as error:
        raise NotTrusted(
            label, _WHY.get(error.claim, sentence("“{claim}” is missing or wrong", claim=error.claim))
        ) from error
    except InvalidKeyIdError as error:
        raise NotTrusted(label, sentence("it is signed with an unknown key")) from error
    except (JoseError, ValueError, TypeError) as error:
        raise NotTrusted(label, sentence("its signature is not valid")) from error
    if len(claims["sub"]) > 255:  # OpenID Connect Core, 2
        raise NotTrusted(label, sentence("“{claim}” is missing or wrong", claim="sub"))
    return claims


def _algorithm(token: object) -> str:
    if not isinstance(token, str) or token.count(".") != 2:
        raise ValueError("no signed token")
    raw = token.partition(".")[0]
    header = json.loads(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))
    if not isinstance(header, dict) or "crit" in header or not isinstance(header.get("kid", ""), str):
        raise ValueError("no header of a token")
    if (
        str(header.get("typ", "JWT")).upper() != "JWT"
    ):  # an access or logout token is no identity token (RFC 8725, 3.11)
        raise ValueError("another kind of token")
    return str(header.get("alg"))


def _usable(keys: object) -> KeySet:
    """Return the keys of a JWK set (RFC 7517) that may sign: public, made for signing and long enough."""
    listed = keys.get("keys") if isinstance(keys, dict) else None
    found: list[Key] = []
    for one in listed if isinstance(listed, list) else []:
        if not isinstance(one, dict) or one.get("use", "sig") != "sig":
            continue
        try:
            if one.get("kty") == "RSA" and len(str(one.get("n"))) * 6 >= _SHORTEST_RSA_BITS:  # base64: 6 bits a letter
                found.append(RSAKey.import_key(one))
            elif one.get("kty") == "EC":
                found.append(ECKey.import_key(one))
        except (JoseError, ValueError, TypeError, LookupError, UnsupportedAlgorithm):
            continue  # one unreadable key, or one of a kind yet unknown, must not stop every sign-in
    return KeySet(found)
