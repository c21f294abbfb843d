"""The expected errors: refused by a rule, confirmation required, unavailable. Any other exception is a bug."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shopdesk.domain.sentence import NOTHING, Sentence, joined, verbatim

MOVED = "This shop was moved to "
"""The prefix of the error that a trigger raises in a database whose shop was moved (``store/shop_move``)."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One error message for the cashier, and the field (and row, from 0) that it is shown beside."""

    text: Sentence
    field: str = ""
    row: int | None = None


class Refused(Exception):
    """A rule was violated; nothing was changed. Carries one or more errors, each shown beside its field."""

    def __init__(self, text: Sentence | Sequence[FieldError], *, field: str = "", row: int | None = None) -> None:
        self.faults: tuple[FieldError, ...] = (
            (FieldError(text, field, row),) if isinstance(text, Sentence) else tuple(text)
        )
        super().__init__(joined(fault.text for fault in self.faults))


class ConfirmationRequired(Exception):
    """The action needs confirmation. Ask ``question``; on yes, repeat the action with ``confirmed={answer}``."""

    def __init__(self, question: Sentence, *, answer: str) -> None:
        super().__init__(question)
        self.question = question
        self.answer = answer


class Unavailable(Exception):
    """The database, disk, network or keyring failed. ``advice`` suggests what to do; the action may be repeated.

    ``final`` is True when repeating the same call cannot help (the server refused for good).
    """

    def __init__(self, what: Sentence, *, advice: Sentence = NOTHING, final: bool = False) -> None:
        super().__init__(joined((what, advice)))
        self.what = what
        self.advice = advice
        self.final = final


class AuthenticationFailed(Unavailable):
    """The server rejected the sign-in: every message would fail until user name, password or settings change."""


class OutcomeUnknown(Unavailable):
    """A message may have been sent: no answer came, or none that says so. It must not be sent again by itself."""


class DatabaseUnavailable(Unavailable):
    """The database failed. Anything typed stays in place, and the action may be tried again.

    ``is_unreachable`` is True when every query fails with this error until the database is reconnected.
    """

    def __init__(self, what: Sentence, *, advice: Sentence = NOTHING, is_unreachable: bool = False) -> None:
        super().__init__(what, advice=advice)
        self.is_unreachable = is_unreachable


class DatabaseCorrupt(DatabaseUnavailable):
    """The shop's file is damaged or not a database: a backup can replace it."""


class PasswordRefused(DatabaseUnavailable):
    """The database server requires a password that is missing or wrong: the user has to type it."""


class MailSignInFailed(AuthenticationFailed):
    """The mailbox lets no one in with the present settings: the owner has to sign in again, or to correct them."""


def sentence_of(error: BaseException) -> Sentence:
    """Return the sentence of an expected error, to be shown in the language of the window; else the system's words."""
    return error.args[0] if error.args and isinstance(error.args[0], Sentence) else verbatim(str(error))
