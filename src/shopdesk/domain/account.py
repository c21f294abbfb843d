"""Staff, their roles and rights, and the rules for user names, PINs and passwords."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from uuid import UUID

from shopdesk.domain.clean_text import ascii_digits, strip_invisible
from shopdesk.domain.errors import Refused
from shopdesk.domain.sentence import Sentence, sentence
from shopdesk.domain.shop import Till


class Role(StrEnum):
    """The position of a member of staff."""

    OWNER = "owner"
    MANAGER = "manager"
    CASHIER = "cashier"


class AccountStatus(StrEnum):
    """The status of an account: waiting for the owner, active or blocked."""

    WAITING = "waiting"
    ACTIVE = "active"
    BLOCKED = "blocked"


class Right(StrEnum):
    """A permission. Use cases and queries enforce it, not the windows."""

    SELL = "sell"
    DISCOUNT = "give any discount"
    CORRECT = "correct documents"
    DELETE = "delete documents"
    REFUND = "give refunds"
    SHIFT = "open and count a shift"
    MOVE_CASH = "move cash"
    DRAWER = "open the drawer"
    CLOSE_DAY = "close the day"
    CATALOGUE = "change products"
    CUSTOMERS = "merge and erase customers"
    STATISTICS = "see statistics"
    EXPORT = "export"
    SETTINGS = "change settings"
    PEOPLE = "let people in"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.MANAGER: frozenset(Right) - {Right.SETTINGS, Right.PEOPLE},
    Role.CASHIER: frozenset({Right.SELL, Right.CORRECT, Right.SHIFT}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """An account, without its secrets. ``token`` is that of a sign-in on a server: the proof that this person acts."""

    key: UUID
    user_name: str
    name: str
    role: Role
    status: AccountStatus = AccountStatus.ACTIVE
    email: str = ""
    has_password: bool = True
    has_pin: bool = False
    must_change_password: bool = False
    """True while the password is one that the owner chose for one sign-in."""
    token: bytes = field(default=b"", repr=False, compare=False)

    def may(self, right: Right) -> bool:
        """Return True if the role has the right and the account is active."""
        return self.status is AccountStatus.ACTIVE and right in RIGHTS[self.role]


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who acts, their till, and the manager who approved this one action (``approver``), if any."""

    staff: Staff
    till: Till
    approver: Staff | None = None

    def may(self, right: Right) -> bool:
        """Return True if the person has the right, or the manager who approved the action has it."""
        return self.staff.may(right) or (
            self.staff.status is AccountStatus.ACTIVE and self.approver is not None and self.approver.may(right)
        )


class NotAllowed(Refused):
    """The person lacks the right for an action. A manager can approve it once: see ``Actor.approver``."""

    def __init__(self, text: Sentence, *, right: Right, field: str = "right", row: int | None = None) -> None:
        super().__init__(text, field=field, row=row)
        self.right = right


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A person as a sign-in provider identifies them. Only ``(issuer, subject)`` is proof (OIDC Core, 5.7).

    The e-mail address is for display only: controlling an address at some provider must never open an account here.
    """

    issuer: str
    subject: str
    label: str
    name: str = ""
    email: str = ""
    email_verified: bool = False


def pin_digits(text: str) -> str:
    """Return a PIN as it is compared: trimmed, with the digits of every keyboard as 0 to 9."""
    return ascii_digits(strip_invisible(text))


def read_pin(text: str) -> str:
    """Return a PIN: 4 to 8 digits, not all the same and not counting up or down. Raise Refused."""
    pin = pin_digits(text)
    if not re.fullmatch(r"[0-9]{4,8}", pin):
        raise Refused(sentence("A PIN has 4 to 8 digits."), field="pin")
    steps = {int(right) - int(left) for left, right in pairwise(pin)}
    if len(steps) == 1 and steps <= {0, 1, -1}:
        raise Refused(sentence("This PIN is too easy to guess. Avoid repeated digits and sequences."), field="pin")
    return pin


MAX_PIN_FAILURES = 5
"""The number of wrong PINs after which the full sign-in is required."""

FREE_FAILURES = 3
"""The number of wrong passwords in a row after which the next attempt must wait, twice as long each time."""
MOST_FAILURES = 100
"""NIST SP 800-63B-4, 3.2.2: after a hundred failures in a row the account waits for the owner."""
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=1)
"""Wrong passwords are forgotten that long after the last one of the same name."""

MIN_PASSWORD_LENGTH = 15
"""NIST SP 800-63B-4, 3.1.1.2: fifteen characters where the password is the only factor."""
MAX_PASSWORD_LENGTH = 1024


MAX_USER_NAME_LENGTH = 64
_LONGEST_READ = 4 * MAX_USER_NAME_LENGTH
"""Composing makes a text at most four times shorter, and is slow for a long one."""


def read_user_name(text: str) -> str:
    """Return a user name as typed, trimmed, in NFC; raise Refused when it is not valid.

    It has 2 to 64 letters with their accents and vowel signs, digits or ``_ . @ + -``, and is compared without case.
    """
    name = unicodedata.normalize("NFC", text.strip()[:_LONGEST_READ])
    bare = "".join(mark for mark in name if not unicodedata.category(mark).startswith("M"))
    if len(name) > MAX_USER_NAME_LENGTH or not re.fullmatch(r"[\w.@+-]{2,}", bare):
        raise Refused(
            sentence("A user name has 2 to 64 letters, digits, dots or dashes, but no spaces."), field="user_name"
        )
    return name


def check_password(password: str, *, user_name: str, common: frozenset[str]) -> None:
    """Refuse a password that is too short, too long, common or made of the user name (NIST SP 800-63B-4, 3.1.1.2).

    There are no composition rules; any character counts. ``common`` holds frequently used passwords, casefolded.
    """
    if len(password) < MIN_PASSWORD_LENGTH:
        raise Refused(
            sentence(
                "A password needs at least {least} characters. A few words in a row are easy to remember.",
                least=MIN_PASSWORD_LENGTH,
            ),
            field="password",
        )
    if len(password) > MAX_PASSWORD_LENGTH:
        raise Refused(
            sentence(
                "A password can have at most {most} characters.",
                most=MAX_PASSWORD_LENGTH,
            ),
            field="password",
        )
    if any("\ud800" <= mark <= "\udfff" for mark in password):  # a lone surrogate cannot be encoded for hashing
        raise Refused(sentence("This password contains an invalid character. Choose another one."), field="password")
    folded = password.casefold()
    without = folded.replace(user_name.casefold(), "") if user_name else folded
    if folded in common or len(set(folded)) < 5 or len(without) < MIN_PASSWORD_LENGTH // 2:
        raise Refused(
            sentence("This password is too easy to guess. Choose another, such as a few words in a row."),
            field="password",
        )
