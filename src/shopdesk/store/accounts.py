"""Accounts in the database. Password and PIN hashes leave this module only to be verified."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, func, insert, select, text, update

from shopdesk.domain.account import AccountStatus, Identity, Role, Staff
from shopdesk.domain.clean_text import storable
from shopdesk.domain.errors import Refused
from shopdesk.domain.sentence import sentence
from shopdesk.store.acts_sql import SCHEMA
from shopdesk.store.session import Asked, Session
from shopdesk.store.session import insert as put
from shopdesk.store.tables import accounts, identities, sign_in_failures
from shopdesk.store.tables import credentials as secrets

ONE_TIME = "once:"
"""The beginning of the stored hash, and of its mark, of a password that its user changes at the first sign-in."""


@dataclass(frozen=True, slots=True, repr=False)
class StaffCredentials:
    """An account with its password hash (None without a password), to verify a sign-in."""

    staff: Staff
    password_hash: str | None


def lock(session: Session) -> None:
    """Keep all others from changing accounts until this transaction ends: call it before the rights are checked.

    On SQLite each writing transaction does so. Reading, selling and signing in go on.
    """
    if session.dialect == "postgresql":  # no till may lock the table, or a row of it
        session.execute(text("SELECT pg_advisory_xact_lock(:people, 0)"), {"people": _PEOPLE})


_PEOPLE = 23_821
_LONGEST_NAME = 128
_OF_STAFF = ("key", "user_name", "name", "email", "role", "standing", "password_mark", "pin_mark")
_ONE = select(*(accounts.c[name] for name in _OF_STAFF)).where(accounts.c.key == bindparam("account"))
_SECRETS = ("password_hash", "pin_hash", "pin_failures")


def add(session: Session, staff: Staff, *, password_hash: str | None, at: datetime) -> None:
    """Insert an account. Raises Refused if the user name is taken, in upper or lower case."""
    name = folded(staff.user_name)
    if session.execute(select(accounts.c.key).where(accounts.c.user_name_folded == name)).first():
        raise Refused(sentence("This user name is taken. Choose another."), field="user_name")
    session.execute(
        insert(accounts),
        {
            "key": staff.key,
            "user_name": staff.user_name,
            "user_name_folded": name,
            "name": staff.name,
            "email": staff.email,
            "role": staff.role.value,
            "standing": staff.status.value,
            "created_at": at,
        },
    )
    if password_hash is not None:
        change(session, staff.key, password_hash=password_hash)


def by_name(session: Session, user_name: str) -> Staff | None:
    """Return the account of a user name in upper or lower case, or None."""
    row = session.execute(select(accounts).where(accounts.c.user_name_folded == folded(user_name))).first()
    return to_staff(row) if row else None


def credentials(session: Session, user_name: str) -> StaffCredentials | None:
    """Return the credentials of a user name in upper or lower case, or None. No till on a server may read them."""
    staff = by_name(session, user_name)
    return credentials_of(session, staff.key) if staff else None


def credentials_of(session: Session, key: UUID) -> StaffCredentials:
    """Return the credentials of an account, as ``credentials`` does. Raises Refused if it does not exist."""
    stored = select(secrets.c.password_hash).where(secrets.c.account_key == key)
    return StaffCredentials(by_key(session, key), session.execute(stored).scalar())


def asked(key: UUID) -> Asked:
    """Return the query of ``by_key``, to be read ahead."""
    return _ONE, {"account": key}


def by_key(session: Session, key: UUID) -> Staff:
    """Return an account as it is now. Raises Refused if it does not exist."""
    return to_staff(_row(session, key))


def everyone(session: Session) -> tuple[Staff, ...]:
    """Return all accounts, oldest first."""
    return tuple(to_staff(row) for row in session.execute(select(accounts).order_by(accounts.c.created_at)))


def is_empty(session: Session) -> bool:
    """Return True if there are no accounts yet."""
    return session.execute(select(accounts.c.key).limit(1)).first() is None


def active_owners(session: Session) -> int:
    """Count the owners who can sign in."""
    where = (accounts.c.role == Role.OWNER.value, accounts.c.standing == AccountStatus.ACTIVE.value)
    return session.execute(select(func.count()).where(*where)).scalar_one()


def change(session: Session, key: UUID, **columns: Any) -> None:
    """Update some columns of an account and of its credentials. No till on a server may: see ``store/acts.py``."""
    hidden = {name: columns.pop(name) for name in _SECRETS if name in columns}
    columns |= {
        f"{name[:-5]}_mark": fingerprint(hidden[name]) for name in ("password_hash", "pin_hash") if name in hidden
    }
    if columns:
        session.execute(update(accounts).where(accounts.c.key == key).values(columns))
    if hidden:
        row = put(secrets, session.dialect).values(hidden | {"account_key": key})
        session.execute(row.on_conflict_do_update(index_elements=["account_key"], set_=hidden))


def fingerprint(secret: str | None) -> str | None:
    """Return the mark of a hash: the first eight bytes of its SHA-256. It tells a change, and a password for one time.

    No password can be tried with it, because a hash ends in bytes that no till gets.
    """
    if secret is None:
        return None
    return (ONE_TIME if secret.startswith(ONE_TIME) else "") + sha256(secret.encode()).hexdigest()[:16]


def hold_failures(session: Session, user_name: str, *, at: datetime) -> tuple[int, datetime]:
    """Return how often signing in with this name failed in a row, and when the next attempt is allowed.

    The name is held until the transaction ends, so that attempts made at once are counted one by one. On a server only
    the owner may ask.
    """
    if session.dialect == "postgresql":
        asked = text(f"SELECT tries, not_before FROM {SCHEMA}.failures(:name)")  # noqa: S608 - a fixed name
        counted = session.execute(asked, _named(user_name))
        tries, not_before = counted.one()
        return tries, not_before
    row = {"name": folded(user_name), "failures": 0, "retry_at": at}
    held = put(sign_in_failures, session.dialect).values(row)
    held = held.on_conflict_do_update(index_elements=["name"], set_={"failures": sign_in_failures.c.failures})
    failures, retry_at = session.execute(held.returning(sign_in_failures.c.failures, sign_in_failures.c.retry_at)).one()
    return failures, retry_at


def record_failures(session: Session, user_name: str, *, count: int, retry_at: datetime) -> None:
    """Store the failures of a held name. On a server only the owner may."""
    if session.dialect == "postgresql":
        given = _named(user_name) | {"tries": count, "until": retry_at}
        session.execute(text(f"SELECT {SCHEMA}.set_failures(:name, :tries, :until)"), given)
        return
    this = update(sign_in_failures).where(sign_in_failures.c.name == folded(user_name))
    session.execute(this.values(failures=count, retry_at=retry_at))


def forget_failures(session: Session, *, before: datetime) -> None:
    """Delete the names without an account whose last attempt was before an instant, so that the table stays small.

    Those of accounts are forgotten by their own age, not by the clock of another till.
    """
    of_accounts = select(accounts.c.user_name_folded)
    old = (sign_in_failures.c.retry_at < before, sign_in_failures.c.name.not_in(of_accounts))
    session.execute(delete(sign_in_failures).where(*old))


def clear_failures(session: Session, user_name: str) -> None:
    """Clear the failed sign-ins of a name, after a successful one or a reset.

    On a server only the owner may; wrong PINs are forgotten with them.
    """
    if session.dialect == "postgresql":
        forgiven = select(func.shopdesk_acts.forgive(accounts.c.key))
        session.execute(forgiven.where(accounts.c.user_name_folded == folded(user_name)))
        return
    session.execute(delete(sign_in_failures).where(sign_in_failures.c.name == folded(user_name)))


def folded(user_name: str) -> str:
    """Return a user name as it is compared, and as failures are counted by it."""
    return unicodedata.normalize("NFC", storable(user_name[:_LONGEST_NAME])).casefold()[:_LONGEST_NAME]


def _named(user_name: str) -> dict[str, Any]:
    return {"name": folded(user_name)}


def by_identity(session: Session, issuer: str, subject: str) -> Staff | None:
    """Return the account that this identity signs in to, or None."""
    linked = select(identities.c.account_key).where(identities.c.issuer == issuer, identities.c.subject == subject)
    key = session.execute(linked).scalar()
    return by_key(session, key) if key else None


def link(session: Session, key: UUID, identity: Identity, *, at: datetime) -> None:
    """Link an identity, so that it signs in to an account."""
    row = {"issuer": identity.issuer, "subject": identity.subject, "account_key": key}
    session.execute(insert(identities), row | {"label": identity.label, "linked_at": at})


def unlink(session: Session, key: UUID, *, issuer: str, subject: str) -> None:
    """Remove the link of an identity to an account."""
    this = (identities.c.account_key == key, identities.c.issuer == issuer, identities.c.subject == subject)
    session.execute(delete(identities).where(*this))


def identities_of(session: Session, key: UUID) -> tuple[Identity, ...]:
    """Return the identities that sign in to an account, oldest first."""
    rows = session.execute(select(identities).where(identities.c.account_key == key).order_by(identities.c.linked_at))
    return tuple(Identity(issuer=row.issuer, subject=row.subject, label=row.label) for row in rows)


def hold_pin(session: Session, key: UUID) -> tuple[str | None, int]:
    """Return the hash of an account's PIN (None without one), and how often a wrong PIN was given in a row.

    On a local file the transaction holds the account; on a server only the owner may ask.
    """
    row = session.execute(
        select(secrets.c.pin_hash, secrets.c.pin_failures).where(secrets.c.account_key == key)
    ).first()
    if row is None:
        return None, 0
    if session.dialect == "postgresql":
        counted = text(f"SELECT {SCHEMA}.counted('pins', :key)")
        return row.pin_hash, session.execute(counted, {"key": key}).scalar_one()
    return row.pin_hash, row.pin_failures


def to_staff(row: Any) -> Staff:
    """Return the account of a row, without its secrets."""
    return Staff(
        key=row.key,
        user_name=row.user_name,
        name=row.name,
        role=Role(row.role),
        status=AccountStatus(row.standing),
        email=row.email,
        has_password=row.password_mark is not None,
        has_pin=row.pin_mark is not None,
        must_change_password=(row.password_mark or "").startswith(ONE_TIME),
    )


def _row(session: Session, key: UUID) -> Any:
    rows = session.fetch(*asked(key))
    if not rows:
        raise Refused(sentence("This account no longer exists."))
    return rows[0]
