"""Accounts: registration, sign-in, approval, roles and passwords."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from shopdesk.domain.account import AccountStatus, Actor, Identity, Right, Role, Staff, check_password, read_user_name
from shopdesk.domain.activity import Activity, Change
from shopdesk.domain.clean_text import clean
from shopdesk.domain.customer import read_email
from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.sentence import Sentence, duration, sentence
from shopdesk.row_keys import new_key
from shopdesk.store import accounts, acts, acts_books, journaled_values, shop
from shopdesk.store.acts import Outcome, Tried
from shopdesk.store.journaled_values import Stored
from shopdesk.store.session import Session
from shopdesk.usecases import password_hashing
from shopdesk.usecases.rights import authorize


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """A local account as it was typed; ``register`` checks it."""

    user_name: str
    name: str
    email: str = ""
    password: str = field(repr=False)
    is_one_time: bool = False
    """True if the password has to be changed at the first sign-in."""


@dataclass(frozen=True, slots=True)
class SignInRefused:
    """The reason for a refused sign-in. A value, not an exception: the failed attempt must be committed."""

    text: Sentence
    needs_password: bool = False
    """True if no PIN is accepted and the full sign-in is required."""


_WRONG = sentence("The user name or password is wrong.")
_WRONG_OLD = sentence("The current password is wrong.")
WRONG_PASSWORD = sentence("The password is wrong.")


def register(session: Session, account: NewAccount, *, now: datetime) -> Staff:
    """Create a local account: the first one owns the shop, later ones wait for the owner.

    Raise Refused with one error for each wrong field.
    """
    user_name, name, email = account.user_name, account.name, account.email
    faults: list[FieldError] = []
    try:
        user_name = read_user_name(user_name)
    except Refused as refused:
        faults.extend(refused.faults)
    try:
        check_password(account.password, user_name=user_name, common=password_hashing.common())
    except Refused as refused:
        faults.extend(refused.faults)
    try:
        email = read_email(email) if email.strip() else ""
    except Refused as refused:
        faults.extend(refused.faults)
    try:
        name = clean(name, max_length=200, field="name")
    except Refused as refused:
        faults.extend(refused.faults)
    if not name.strip():
        faults.insert(0, FieldError(sentence("Enter your name. It is printed on the documents you issue."), "name"))
    if faults:
        raise Refused(faults)
    hash_it = password_hashing.hash_one_time if account.is_one_time else password_hashing.hash_password
    password_hash = hash_it(account.password)
    accounts.lock(session)
    made = acts.register(session, newcomer(user_name, name=name, email=email), password_hash=password_hash, at=now)
    record_newcomer(session, made, now=now)
    return made


def sign_in(
    session: Session, *, user_name: str, password: str, now: datetime, opens: bool = True
) -> Staff | SignInRefused:
    """Check a user name and a password; the answer and its timing do not show which of them is wrong.

    After a few failures the next attempt must wait, twice as long each time; this is stored in the database, for
    existing and for unknown names. An account that still waits for the owner is returned as such. On a server the
    account returned has the token to act with, unless ``opens`` is False: then the password is only checked.
    """
    user_name = user_name.strip()
    salt = acts.salt(session, user_name, usual=password_hashing.usual()) or password_hashing.decoy()
    proof = password_hashing.proof(salt, password)
    renewed = password_hashing.hash_password(password) if opens and password_hashing.needs_rehash(salt) else None
    known = accounts.by_name(session, user_name) if renewed else None
    stored = journaled_values.person(session, known.key) if known else {}
    tried = acts.sign_in(session, user_name, proof, at=now, renewed=renewed, opens=opens)
    if tried.outcome is Outcome.BLOCKED:
        return SignInRefused(sentence("This account is blocked. Ask the owner to unblock it."))
    if refused := _refusal(tried):
        return SignInRefused(refused)
    staff = signed_in(session, tried)
    if renewed:
        _record_unattended(session, Activity.PASSWORD, staff, stored, now=now)
    return staff


def sign_out(session: Session, token: bytes) -> None:
    """End a sign-in: the token of ``sign_in`` is good for nothing any more."""
    acts.sign_out(session, token)


def signed_in(session: Session, tried: Tried) -> Staff:
    """Return the account that a password, a PIN or a provider opened, with its token."""
    assert tried.account is not None  # noqa: S101 - the right password of some account
    return replace(accounts.by_key(session, tried.account), token=tried.token)


def require_right(tried: Tried, wrong: Sentence, *, field: str) -> None:
    """Raise Refused unless a password was right; ``wrong`` is the sentence for a wrong one."""
    if refused := _refusal(tried, wrong):
        raise Refused(refused, field=field)


def _refusal(tried: Tried, wrong: Sentence = _WRONG) -> Sentence | None:
    match tried.outcome:
        case Outcome.WAIT:
            return sentence("Too many wrong passwords. Try again in {duration}.", duration=duration(tried.seconds))
        case Outcome.MANY:
            return sentence("Too many wrong passwords. Ask the owner to set a new one for you.")
        case Outcome.WRONG:
            return wrong
    return None


def let_in(session: Session, key: UUID, *, role: Role, by: Actor, now: datetime) -> Staff:
    """Approve a waiting account and give it a role."""
    accounts.lock(session)
    actor = authorize(session, by, Right.PEOPLE)
    staff = accounts.by_key(session, key)
    if staff.status is AccountStatus.WAITING:
        stored = journaled_values.person(session, key)
        acts.let_in(session, key, role, by=actor)
        _record(session, Activity.APPROVED, staff, staff.status.value, role.value, stored=stored, by=actor, now=now)
    return accounts.by_key(session, key)


def add_person(session: Session, account: NewAccount, *, role: Role, by: Actor, now: datetime) -> Staff:
    """Create an active account for another person, with a password for the first sign-in only.

    Raise Refused with one error for each wrong field.
    """
    authorize(session, by, Right.PEOPLE)
    staff = register(session, replace(account, is_one_time=True), now=now)
    return let_in(session, staff.key, role=role, by=by, now=now)


def set_role(session: Session, key: UUID, *, role: Role, by: Actor, now: datetime) -> Staff:
    """Give an account another role. The last owner must remain an owner."""
    accounts.lock(session)
    actor = authorize(session, by, Right.PEOPLE)
    staff = accounts.by_key(session, key)
    if role is not Role.OWNER:
        _keep_an_owner(session, staff)
    stored = journaled_values.person(session, key)
    acts.set_role(session, key, role, by=actor)
    if role is not staff.role:
        _record(session, Activity.ROLE, staff, staff.role.value, role.value, stored=stored, by=actor, now=now)
    return accounts.by_key(session, key)


def block(session: Session, key: UUID, *, by: Actor, now: datetime) -> Staff:
    """Block an account at once. Raise Refused for the last owner."""
    accounts.lock(session)
    actor = authorize(session, by, Right.PEOPLE)
    staff = accounts.by_key(session, key)
    _keep_an_owner(session, staff)
    stored = journaled_values.person(session, key)
    acts.block(session, key, by=actor)
    if staff.status is not AccountStatus.BLOCKED:
        blocked = AccountStatus.BLOCKED.value
        _record(session, Activity.BLOCKED, staff, staff.status.value, blocked, stored=stored, by=actor, now=now)
    return accounts.by_key(session, key)


def unblock(session: Session, key: UUID, *, by: Actor, now: datetime) -> Staff:
    """Unblock an account."""
    accounts.lock(session)
    actor = authorize(session, by, Right.PEOPLE)
    staff = accounts.by_key(session, key)
    if staff.status is AccountStatus.BLOCKED:
        stored = journaled_values.person(session, key)
        acts.unblock(session, key, by=actor)
        active = AccountStatus.ACTIVE.value
        _record(session, Activity.UNBLOCKED, staff, staff.status.value, active, stored=stored, by=actor, now=now)
    return accounts.by_key(session, key)


def change_password(
    session: Session, *, old: str, new: str, by: Actor, now: datetime, vouched: Identity | None = None
) -> None:
    """Change one's own password, after checking the old one.

    An account without a password requires ``vouched``, a fresh sign-in at one of its providers, so that an unattended
    till cannot be used to take over an account; with one it may be given in place of the old password.
    """
    stored = journaled_values.person(session, by.staff.key)
    staff = accounts.by_key(session, by.staff.key)
    proof: bytes | None = None
    if staff.has_password and vouched is None:
        proof = own_proof(session, staff, old)
        require_right(acts.check_password(session, proof, by=by, at=now), _WRONG_OLD, field="old_password")
    else:
        theirs = {(one.issuer, one.subject) for one in accounts.identities_of(session, by.staff.key)}
        if vouched is None or (vouched.issuer, vouched.subject) not in theirs:
            raise Refused(sentence("Sign in with your provider again to confirm that it is you."))
    if staff.must_change_password and new == old:
        raise Refused(sentence("Choose another password than the one you were given."), field="password")
    check_password(new, user_name=staff.user_name, common=password_hashing.common())
    tried = acts.change_password(session, proof, password_hashing.hash_password(new), by=by, at=now)
    require_right(tried, _WRONG_OLD, field="old_password")
    _record(session, Activity.PASSWORD, staff, stored=stored, by=by, now=now)


def own_proof(session: Session, staff: Staff, password: str) -> bytes:
    """Return what Argon2id makes of a person's own password."""
    salt = acts.salt(session, staff.user_name, usual=password_hashing.usual())
    return password_hashing.proof(salt or password_hashing.decoy(), password)


def reset_password(session: Session, key: UUID, *, new: str, by: Actor, now: datetime) -> None:
    """Set a new password for another account, for its next sign-in only."""
    accounts.lock(session)
    actor = authorize(session, by, Right.PEOPLE)
    staff = accounts.by_key(session, key)
    check_password(new, user_name=staff.user_name, common=password_hashing.common())
    stored = journaled_values.person(session, key)
    acts.reset_password(session, staff, password_hashing.hash_one_time(new), by=actor)
    _record(session, Activity.PASSWORD, staff, stored=stored, by=actor, now=now)


def recover_owner(session: Session, user_name: str, *, new: str, now: datetime) -> Staff:
    """Let an owner in who cannot sign in any more: a new password, active, without failures. The journal tells it.

    No one is signed in, so the caller must know that this person may. Where the shop has no owner left, the account
    becomes one. Raise Refused for an account that is no owner.
    """
    accounts.lock(session)
    staff = accounts.by_name(session, user_name.strip())
    if staff is None:
        raise Refused(sentence("There is no account “{user_name}”.", user_name=user_name.strip()), field="user_name")
    if staff.role is not Role.OWNER and any(one.role is Role.OWNER for one in accounts.everyone(session)):
        owners = tuple(one.user_name for one in accounts.everyone(session) if one.role is Role.OWNER)
        raise Refused(
            sentence("“{user_name}” is not an owner. Owners: {owners}.", user_name=staff.user_name, owners=owners),
            field="user_name",
        )
    check_password(new, user_name=staff.user_name, common=password_hashing.common())
    stored = journaled_values.person(session, staff.key)
    accounts.change(
        session,
        staff.key,
        password_hash=password_hashing.hash_password(new),
        role=Role.OWNER.value,
        standing=AccountStatus.ACTIVE.value,
        pin_failures=0,
    )
    accounts.clear_failures(session, staff.user_name)
    _record_unattended(session, Activity.RECOVERED, staff, stored, staff.status.value, "active", now=now)
    return accounts.by_key(session, staff.key)


def record_newcomer(session: Session, staff: Staff, *, now: datetime) -> None:
    """Journal a new account. Those who come before the shop is set up are in its first entry."""
    _record_unattended(session, Activity.REGISTERED, staff, {}, after=staff.status.value, now=now)


def _record_unattended(
    session: Session, act: Activity, staff: Staff, stored: Stored, before: str = "", after: str = "", *, now: datetime
) -> None:
    """Journal what a person did who is not signed in at a till, in the chain of the first one."""
    for till in shop.all_tills(session)[:1]:  # without a till there is no journal yet
        _record(session, act, staff, before, after, stored=stored, by=Actor(staff, till), now=now)


def _record(
    session: Session,
    act: Activity,
    staff: Staff,
    before: str = "",
    after: str = "",
    *,
    stored: Stored,
    by: Actor,
    now: datetime,
) -> None:
    """Journal an act on an account. ``stored`` has its values before the act."""
    change = Change(f"{staff.name} ({staff.user_name})", before, after)
    values = journaled_values.changes(stored, journaled_values.person(session, staff.key))
    acts_books.record_changes(session, act, [change], by=by, at=now, values=values)


def newcomer(user_name: str, *, name: str, email: str, has_password: bool = True) -> Staff:
    """Return a new account, not yet stored, that waits for the owner."""
    return Staff(
        key=new_key(),
        user_name=user_name,
        name=name,
        email=email,
        role=Role.CASHIER,
        status=AccountStatus.WAITING,
        has_password=has_password,
    )


def _keep_an_owner(session: Session, staff: Staff) -> None:
    is_owner = staff.role is Role.OWNER and staff.status is AccountStatus.ACTIVE
    if is_owner and accounts.active_owners(session) <= 1:
        raise Refused(sentence("The shop needs an owner. Make another person an owner first."), field="role")
