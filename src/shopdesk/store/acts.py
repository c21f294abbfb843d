"""The acts on people and settings: on a server the functions of ``acts_sql``, on a local file plain statements.

On a server a function itself checks who acts, by the token of the sign-in (``Staff.token``), and the right to do it;
use cases check both as well, for their own sentences. A local file has no roles, and no tokens.

A wrong password is an answer, not an error. What it costs is counted at once, and on a server no ROLLBACK undoes it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from shopdesk.domain.account import (
    FORGOTTEN_AFTER,
    FREE_FAILURES,
    LONGEST_WAIT,
    MAX_PIN_FAILURES,
    MOST_FAILURES,
    AccountStatus,
    Actor,
    Identity,
    Right,
    Role,
    Staff,
)
from shopdesk.domain.shop import Shop
from shopdesk.store import accounts, logos, shop
from shopdesk.store.acts_call import call as _call
from shopdesk.store.acts_call import who as _who
from shopdesk.store.session import Session


class Outcome(StrEnum):
    """The outcome of a password or PIN. Functions answer with these words."""

    RIGHT = "right"
    WRONG = "wrong"
    WAIT = "wait"
    MANY = "many"
    BLOCKED = "blocked"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Tried:
    """The outcome of a try: the seconds to wait, how many tries are left, or whose password it was and the token."""

    outcome: Outcome
    seconds: int = 0
    left: int = 0
    account: UUID | None = None
    token: bytes = field(default=b"", repr=False)


# --- signing in ------------------------------------------------------------------------------------------------------


def salt(session: Session, user_name: str, *, usual: str) -> str | None:
    """Return algorithm, parameters and salt of a password. For an unknown name a server invents them, a file has none.

    ``usual`` are algorithm and parameters of a new password.
    """
    if session.dialect == "postgresql":
        found: str = _call(session, "salt", (), _name=accounts.folded(user_name), _usual=usual)[0]
        return found
    known = accounts.credentials(session, user_name)
    return known.password_hash if known else None


def sign_in(
    session: Session, user_name: str, proof: bytes, *, at: datetime, renewed: str | None = None, opens: bool = True
) -> Tried:
    """Compare what Argon2id makes of a password (``proof``) with what is stored, and count a wrong one.

    ``renewed`` replaces the stored hash if the password is right. With ``opens``, a server gives a token to act with.
    """
    if session.dialect == "postgresql":
        return _tried(
            _call(
                session,
                "sign_in",
                ("accounts",),
                _name=accounts.folded(user_name),
                _proof=proof,
                _hash=renewed,
                _opens=opens,
                _at=at,
            )
        )
    known = accounts.credentials(session, user_name)
    failures, retry_at = accounts.hold_failures(session, user_name, at=at)
    if retry_at > at + LONGEST_WAIT:  # the clock was ahead: nothing waits longer than the longest wait
        retry_at = at + LONGEST_WAIT
        accounts.record_failures(session, user_name, count=failures, retry_at=retry_at)
    if at < retry_at:
        return Tried(Outcome.WAIT, seconds=int((retry_at - at).total_seconds()) + 1)
    if retry_at < at - FORGOTTEN_AFTER:
        failures = 0
    if failures >= MOST_FAILURES:
        return Tried(Outcome.MANY)
    if known is None or known.password_hash is None or not _fits(known.password_hash, proof):
        count = failures + 1
        wait = timedelta(seconds=2 ** min(count - FREE_FAILURES, 12)) if count >= FREE_FAILURES else timedelta()
        accounts.record_failures(session, user_name, count=count, retry_at=at + min(wait, LONGEST_WAIT))
        accounts.forget_failures(session, before=at - FORGOTTEN_AFTER)
        return Tried(Outcome.WRONG)
    accounts.clear_failures(session, user_name)
    accounts.change(session, known.staff.key, pin_failures=0)
    if known.staff.status is AccountStatus.BLOCKED:
        return Tried(Outcome.BLOCKED)
    if renewed is not None:
        accounts.change(session, known.staff.key, password_hash=renewed)
    return Tried(Outcome.RIGHT, account=known.staff.key)


def sign_out(session: Session, token: bytes) -> None:
    """End a sign-in on a server: its token is good for nothing any more."""
    if token and session.dialect == "postgresql":
        _call(session, "sign_out", (), _token=token)


def pin_salt(session: Session, key: UUID) -> str | None:
    """Return the mark of the till, algorithm, parameters and salt of a PIN; None without one."""
    if session.dialect == "postgresql":
        found: str | None = _call(session, "pin_salt", (), _account=key)[0]
        return found
    stored = accounts.hold_pin(session, key)[0]
    return stored.rsplit("$", 2)[0] if stored else None


def try_pin(session: Session, key: UUID, proof: bytes, *, lends: Right | None = None) -> Tried:
    """Compare a PIN as ``sign_in`` does a password. With ``lends``, the token is for one act of another person."""
    if session.dialect == "postgresql":
        return _tried(
            _call(session, "try_pin", (), _account=key, _proof=proof, _lends=lends.value if lends else ""), account=key
        )
    stored, failures = accounts.hold_pin(session, key)
    if failures >= MAX_PIN_FAILURES:
        return Tried(Outcome.MANY)
    if stored is None or not _fits(stored, proof):
        accounts.change(session, key, pin_failures=failures + 1)
        return Tried(Outcome.WRONG, left=MAX_PIN_FAILURES - failures - 1)
    if failures:
        accounts.change(session, key, pin_failures=0)
    return Tried(Outcome.RIGHT, account=key)


def sign_in_by_provider(session: Session, identity: Identity, newcomer: Staff, *, at: datetime) -> Tried:
    """Sign in with an identity; add ``newcomer`` for a new one, the first as owner, later ones to wait for the owner.

    A server cannot check the provider's word, so its token is not enough for acts on people and settings.
    """
    if session.dialect == "postgresql":
        return _tried(
            _call(
                session,
                "sign_in_by_provider",
                ("accounts", "identities"),
                _issuer=identity.issuer,
                _subject=identity.subject,
                _label=identity.label,
                **_person(newcomer),
                _at=at,
            )
        )
    known = accounts.by_identity(session, identity.issuer, identity.subject)
    if known is None:
        accounts.add(session, _ranked(session, newcomer), password_hash=None, at=at)
        accounts.link(session, newcomer.key, identity, at=at)
        return Tried(Outcome.NEW, account=newcomer.key)
    if known.status is AccountStatus.BLOCKED:
        return Tried(Outcome.BLOCKED, account=known.key)
    accounts.change(session, known.key, pin_failures=0)
    return Tried(Outcome.RIGHT, account=known.key)


def register(session: Session, newcomer: Staff, *, password_hash: str, at: datetime) -> Staff:
    """Add an account: the first one owns the shop, later ones wait for the owner. Return it as it is stored.

    Raises Refused if the user name is taken.
    """
    if session.dialect == "postgresql":
        made = _call(session, "register", ("accounts",), **_person(newcomer), _hash=password_hash, _at=at)
        return replace(newcomer, role=Role(made.role), status=AccountStatus(made.standing), token=bytes(made.token))
    ranked = _ranked(session, newcomer)
    accounts.add(session, ranked, password_hash=password_hash, at=at)
    return ranked


# --- people ----------------------------------------------------------------------------------------------------------


def let_in(session: Session, key: UUID, role: Role, *, by: Actor) -> None:
    """Let a waiting account in with a role."""
    if session.dialect == "postgresql":
        _call(session, "let_in", ("accounts",), **_lent(by), _account=key, _role=role.value)
        return
    accounts.change(session, key, standing=AccountStatus.ACTIVE.value, role=role.value)


def set_role(session: Session, key: UUID, role: Role, *, by: Actor) -> None:
    """Give an account another role."""
    if session.dialect == "postgresql":
        _call(session, "set_role", ("accounts",), **_lent(by), _account=key, _role=role.value)
        return
    accounts.change(session, key, role=role.value)


def block(session: Session, key: UUID, *, by: Actor) -> None:
    """Block an account; its sign-ins end."""
    if session.dialect == "postgresql":
        _call(session, "block", ("accounts",), **_lent(by), _account=key)
        return
    accounts.change(session, key, standing=AccountStatus.BLOCKED.value)


def unblock(session: Session, key: UUID, *, by: Actor) -> None:
    """Unblock an account."""
    if session.dialect == "postgresql":
        _call(session, "unblock", ("accounts",), **_lent(by), _account=key)
        return
    accounts.change(session, key, standing=AccountStatus.ACTIVE.value)


def reset_password(session: Session, staff: Staff, password_hash: str, *, by: Actor) -> None:
    """Set another account's password; wrong ones are forgotten, and its sign-ins end."""
    if session.dialect == "postgresql":
        _call(session, "reset_password", ("accounts",), **_lent(by), _account=staff.key, _hash=password_hash)
        return
    accounts.change(session, staff.key, password_hash=password_hash)
    accounts.clear_failures(session, staff.user_name)


# --- one's own account -----------------------------------------------------------------------------------------------


def check_password(session: Session, proof: bytes, *, by: Actor, at: datetime) -> Tried:
    """Compare one's own password. (Wrong ones are counted on a server only: a window has asked with ``sign_in``.)"""
    if session.dialect == "postgresql":
        return _tried(_call(session, "check_password", (), **_who(by), _proof=proof, _at=at))
    stored = accounts.credentials_of(session, by.staff.key).password_hash
    return Tried(Outcome.RIGHT if stored and _fits(stored, proof) else Outcome.WRONG)


def change_password(session: Session, proof: bytes | None, password_hash: str, *, by: Actor, at: datetime) -> Tried:
    """Change one's own password; ``proof`` of the old one, if there is one. Other sign-ins of the account end.

    Without it a provider has vouched for the person, which a server cannot check: see ``acts_sql``.
    """
    if session.dialect == "postgresql":
        given = {"_proof": proof, "_hash": password_hash, "_at": at}
        return _tried(_call(session, "change_password", ("accounts",), **_who(by), **given))
    if proof is not None:
        tried = check_password(session, proof, by=by, at=at)
        if tried.outcome is not Outcome.RIGHT:
            return tried
    accounts.change(session, by.staff.key, password_hash=password_hash)
    return Tried(Outcome.RIGHT)


def set_pin(session: Session, proof: bytes, pin_hash: str, *, by: Actor, at: datetime) -> Tried:
    """Set one's own PIN; ``proof`` of the password."""
    if session.dialect == "postgresql":
        given = {"_proof": proof, "_pin_hash": pin_hash, "_at": at}
        return _tried(_call(session, "set_pin", ("accounts",), **_who(by), **given))
    tried = check_password(session, proof, by=by, at=at)
    if tried.outcome is Outcome.RIGHT:
        accounts.change(session, by.staff.key, pin_hash=pin_hash, pin_failures=0)
    return tried


def remove_pin(session: Session, *, by: Actor) -> None:
    """Remove one's own PIN."""
    if session.dialect == "postgresql":
        _call(session, "remove_pin", ("accounts",), **_who(by))
        return
    accounts.change(session, by.staff.key, pin_hash=None, pin_failures=0)


def link(session: Session, proof: bytes, identity: Identity, *, by: Actor, at: datetime) -> Tried:
    """Link an identity to one's own account; ``proof`` of the password. Raises Refused if it has another account."""
    if session.dialect == "postgresql":
        given = {"_issuer": identity.issuer, "_subject": identity.subject, "_label": identity.label}
        return _tried(_call(session, "link", ("identities",), **_who(by), _proof=proof, **given, _at=at))
    tried = check_password(session, proof, by=by, at=at)
    if tried.outcome is Outcome.RIGHT:
        accounts.link(session, by.staff.key, identity, at=at)
    return tried


def unlink(session: Session, *, issuer: str, subject: str, by: Actor) -> None:
    """Remove the link of an identity to one's own account."""
    if session.dialect == "postgresql":
        _call(session, "unlink", ("identities",), **_who(by), _issuer=issuer, _subject=subject)
        return
    accounts.unlink(session, by.staff.key, issuer=issuer, subject=subject)


# --- the shop --------------------------------------------------------------------------------------------------------


def save_shop(session: Session, value: Shop, *, by: Staff, actor: Actor | None = None) -> None:
    """Save the shop's data and its tax rates; without ``actor`` for the first time, by the owner before any till."""
    if session.dialect == "postgresql":
        who = _lent(actor) if actor else {"_token": by.token, "_lent": None, "_actor": by.key, "_till": None}
        given = {"_shop": json.dumps(shop.to_row(value)), "_taxes": json.dumps(shop.to_rates(value))}
        _call(session, "save_shop", ("shop", "tax_rates"), **who, **given, _is_new=actor is None)
        return
    shop.save(session, value)


def add_logo(session: Session, content: bytes, *, actor: Actor) -> str:
    """Add the PNG file of a logo, and return its mark."""
    if session.dialect == "postgresql":
        _call(session, "add_logo", ("logos",), **_lent(actor), _content=content)
    else:
        logos.add(session, content)
    return logos.mark_of(content)


# --- calling ---------------------------------------------------------------------------------------------------------


def _tried(row: Any, *, account: UUID | None = None) -> Tried:
    told = row._asdict()
    return Tried(
        Outcome(told["outcome"]),
        seconds=told.get("seconds") or 0,
        left=told.get("left_over") or 0,
        account=account or told.get("account"),
        token=bytes(told.get("token") or b""),
    )


def _lent(by: Actor) -> dict[str, Any]:
    return _who(by) | {"_lent": by.approver.token if by.approver else None}


def _person(newcomer: Staff) -> dict[str, Any]:
    return {
        "_key": newcomer.key,
        "_user_name": newcomer.user_name,
        "_folded": accounts.folded(newcomer.user_name),
        "_name": newcomer.name,
        "_email": newcomer.email,
    }


def _ranked(session: Session, newcomer: Staff) -> Staff:
    """Return the newcomer as the shop's owner if it is the first account."""
    if not accounts.is_empty(session):
        return newcomer
    return replace(newcomer, role=Role.OWNER, status=AccountStatus.ACTIVE)


def _fits(stored: str, proof: bytes) -> bool:
    digest = base64.b64encode(hashlib.sha256(proof).digest()).rstrip(b"=").decode("ascii")
    return hmac.compare_digest("".join(stored.split("$")[5:6]), digest)
