"""The definition of a function of the PostgreSQL server that acts with its owner's rights."""

from __future__ import annotations

from typing import NamedTuple

WHO_OR_LENT = "_token bytea, _lent bytea, _lender uuid, _actor uuid, _till uuid"
"""The arguments that tell who acts, where, and who lent the right: see ``who_or_lent`` in ``store/acts_call.py``."""
_WHO = "_token, _lent, _lender, _actor, _till"


_OFF = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit")
"""Settings that are off in a function that finds by index. (A scan that is left seems so dear that it was compiled.)"""
_ON_ITS_OWN = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp"


class ServerFunction(NamedTuple):
    """A function in PL/pgSQL.

    ``arguments`` and ``result`` are SQL (no result where arguments are OUT). ``{shop}`` in the body stands for the
    schema of the tables, ``{acts}`` for that of the functions, ``{who}`` for the arguments that tell who acts.
    ``finds_by_index``: its plans must not depend on how many rows the tables had when it was called first. An import is
    one transaction, and no one analyses the tables meanwhile. ``is_part``: only other functions call it, whose rights
    and path it has; a change of either costs as much as a small function does.
    """

    name: str
    arguments: str
    result: str
    body: str
    finds_by_index: bool = False
    is_part: bool = False

    @property
    def definition(self) -> str:
        """The statement that makes the function; names in it are resolved by no path of the session."""
        body = self.body.replace("{who}", _WHO)
        planned = "".join(f" SET {one} = off" for one in _OFF) if self.finds_by_index else ""
        returns = f" RETURNS {self.result}" if self.result else ""
        return (
            f"CREATE OR REPLACE FUNCTION {{acts}}.{self.name}({self.arguments}){returns} LANGUAGE plpgsql "
            f"{'' if self.is_part else f'{_ON_ITS_OWN}{planned} '}AS $act${body}$act$"
        )
