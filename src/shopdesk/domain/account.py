"""Staff, roles and rights, and what a password must be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from uuid import UUID

from shopdesk.domain.errors import Refused
from shopdesk.domain.shop import Till


class Role(StrEnum):
    """Who somebody is in the shop."""

    OWNER = "owner"
    MANAGER = "manager"
    CASHIER = "cashier"


class Standing(StrEnum):
    """Whether an account may be used: it waits for the owner, is active, or is blocked."""

    WAITING = "waiting"
    ACTIVE = "active"
    BLOCKED = "blocked"


class Right(StrEnum):
    """What somebody may do. Enforced by the use cases and queries, not by the windows."""

    SELL = "sell"
    DISCOUNT = "give any discount"
    CORRECT = "correct documents"
    DELETE = "delete documents"
    REFUND = "give refunds"
    CATALOGUE = "change products"
    STATISTICS = "see statistics"
    EXPORT = "export"
    SETTINGS = "change settings"
    PEOPLE = "let people in"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.MANAGER: frozenset(Right) - {Right.SETTINGS, Right.PEOPLE},
    Role.CASHIER: frozenset({Right.SELL, Right.CORRECT}),
}

CASHIER_DISCOUNT_MILLI = 20_000
"""What somebody without the right DISCOUNT may take off, in thousandths of a per cent, unless the shop says else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """An account, without its secrets."""

    key: UUID
    user_name: str
    name: str
    role: Role
    standing: Standing = Standing.ACTIVE
    email: str = ""
    has_password: bool = True
    has_pin: bool = False

    def may(self, right: Right) -> bool:
        """Whether the role carries the right, and the account is active."""
        return self.standing is Standing.ACTIVE and right in RIGHTS[self.role]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, at which till, and who lent a right for this one act."""

    staff: Staff
    till: Till
    lender: Staff | None = None

    def may(self, right: Right) -> bool:
        """By their own role, or by the lender's."""
        return self.staff.may(right) or (
            self.staff.standing is Standing.ACTIVE and self.lender is not None and self.lender.may(right)
        )


class NotAllowed(Refused):
    """Somebody has not the right for an act. Whoever has it can lend it, for this act alone: see ``Actor.lender``."""

    def __init__(self, text: str, *, right: Right, field: str = "right", row: int | None = None) -> None:
        super().__init__(text, field=field, row=row)
        self.right = right


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Somebody as a sign-in provider vouches for them. Only ``(issuer, subject)`` says who they are (OIDC Core, 5.7).

    The e-mail address is for show: whoever controls one at some provider must never get another's account by it.
    """

    issuer: str
    subject: str
    label: str
    name: str = ""
    email: str = ""
    email_verified: bool = False


def read_pin(text: str) -> str:
    """A PIN: 4 to 8 digits, not all the same and not counting up or down."""
    pin = text.strip()
    if not re.fullmatch(r"[0-9]{4,8}", pin):
        raise Refused("A PIN has 4 to 8 digits.", field="pin")
    steps = {int(right) - int(left) for left, right in pairwise(pin)}
    if len(steps) == 1 and steps <= {0, 1, -1}:
        raise Refused("This PIN is easy to guess. Choose digits that do not repeat or count.", field="pin")
    return pin


MOST_PIN_FAILURES = 5
"""After so many wrong PINs the full sign-in is asked for."""

SHORTEST_PASSWORD = 15
"""NIST SP 800-63B-4, 3.1.1.2: fifteen characters where the password is the only factor."""
LONGEST_PASSWORD = 1024


def read_user_name(text: str) -> str:
    """A user name: 2 to 64 letters, digits, dots, dashes, underscores or @; compared without case."""
    name = text.strip()
    if not re.fullmatch(r"[\w.@+-]{2,64}", name):
        raise Refused("A user name has 2 to 64 letters, digits, dots or dashes, and no spaces.", field="user_name")
    return name


def check_password(password: str, *, user_name: str, common: frozenset[str]) -> None:
    """Refuse a password that is too short, too long, common or made of the user name (NIST SP 800-63B-4, 3.1.1.2).

    No composition rules; any character counts. ``common`` are the passwords that everybody tries, casefolded.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise Refused(
            f"A password needs at least {SHORTEST_PASSWORD} characters. A few words in a row are easy to remember.",
            field="password",
        )
    if len(password) > LONGEST_PASSWORD:
        raise Refused(f"A password has at most {LONGEST_PASSWORD} characters.", field="password")
    if any("\ud800" <= mark <= "\udfff" for mark in password):  # half a character: it has no bytes to be hashed
        raise Refused("This password has a character that cannot be typed again.", field="password")
    folded = password.casefold()
    without = folded.replace(user_name.casefold(), "") if user_name else folded
    if folded in common or len(set(folded)) < 5 or len(without) < SHORTEST_PASSWORD // 2:
        raise Refused("This password is easy to guess. Choose another, such as a few words in a row.", field="password")
