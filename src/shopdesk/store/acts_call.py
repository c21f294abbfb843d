"""Calls of the functions of a PostgreSQL server that act for a person, and their refusals as the program tells them."""

from __future__ import annotations

from typing import Any

from sqlalchemy.exc import DBAPIError

from shopdesk.domain.account import Actor, NotAllowed, Right
from shopdesk.domain.errors import Refused
from shopdesk.domain.sentence import sentence, verbatim
from shopdesk.store import acts_sql
from shopdesk.store.session import Session

_REFUSED = "SD"
"""The class of the error codes of the functions. Their detail names a field, or the right that is missing."""


def call(session: Session, name: str, tables: tuple[str, ...], /, **given: Any) -> Any:
    """Call a function and return its row; it writes to ``tables``.

    Raises Refused where it refuses, NotAllowed for a right that another person can lend.
    """
    parameters = ", ".join(f"{key} => %({key}){_form(value)}" for key, value in given.items())
    called = f"SELECT * FROM {acts_sql.SCHEMA}.{name}({parameters})"  # noqa: S608 - names of this program
    try:
        (row,) = session.fetch_text(called, given)
    except DBAPIError as error:
        if not str(getattr(error.orig, "sqlstate", "")).startswith(_REFUSED):
            raise
        raise _refusal(error.orig, name) from error
    session.changed.update(tables)
    return row


def _form(value: Any) -> str:
    """Return the form in which psycopg sends a value: lists of text in binary, because quoting documents takes long."""
    return "b" if isinstance(value, list) and value and isinstance(value[0], str) else "s"


def who(by: Actor) -> dict[str, Any]:
    """Return the parameters that tell who acts, and where."""
    return {"_token": by.staff.token, "_actor": by.staff.key, "_till": by.till.key}


def who_or_lent(by: Actor) -> dict[str, Any]:
    """Return the parameters that tell who acts, where, and who lent the right to it."""
    lender = by.approver
    return who(by) | {"_lent": lender.token if lender else None, "_lender": lender.key if lender else None}


def _refusal(told: Any, name: str) -> Refused:
    said, beside = told.diag.message_primary, told.diag.message_detail or ""
    said = next((one for one in _SENTENCES if one == said), verbatim(said))
    field, _, right = beside.partition(" ")
    if field != "right":
        return Refused(said, field=beside)
    usual = Right.SETTINGS if name in {"save_shop", "add_logo"} else Right.PEOPLE
    return NotAllowed(said, right=Right(right) if right else usual)


_SENTENCES = (
    sentence("Your sign-in has ended. Sign out, then sign in again."),
    sentence("This till works with another role of the database. Ask who set up the server."),
    sentence("This account is not active. Ask the owner."),
    sentence("The server cannot check a provider’s word. Confirm with your PIN, or sign in with your password."),
    sentence(
        "The server cannot check a provider’s word. Sign in with your password. "
        "If you have none, the owner can set one for you."
    ),
    sentence("Only the owner may do this."),
    sentence("This account no longer exists."),
    sentence("The shop needs an owner. Make another person an owner first."),
    sentence("This user name is taken. Choose another."),
    sentence("This account is already linked to another account of the shop."),
    sentence("This is the only way to sign in to the account. Set a password first."),
    sentence("The shop’s settings have just changed. Save the document again."),
    sentence("This day is closed. Use today’s date."),
    sentence("The shop is already set up."),
    sentence("The shop is not set up yet."),
    sentence("The currency cannot be changed once documents exist."),
    sentence("Mark exactly one tax rate as the default."),
    sentence("Choose a password of your own first: sign out and sign in again."),
    sentence("Your role does not allow this. Ask the owner."),
    sentence("Only the owner can register a till. Ask the owner to sign in here once."),
    sentence("This customer no longer exists."),
    sentence("Choose another customer to merge with."),
    sentence("The customer has no e-mail address."),
    sentence("Some prices would be less than nothing. Take off less."),
)
"""The refusals of the functions to an honest program, where two people act at once or a sign-in has ended."""
