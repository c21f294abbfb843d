"""The definition of a function of the PostgreSQL server that acts with its owner's rights."""

from __future__ import annotations

from typing import NamedTuple


class ServerFunction(NamedTuple):
    """A function in PL/pgSQL.

    ``arguments`` and ``result`` are SQL (no result where arguments are OUT). ``{shop}`` in the body stands for the
    schema of the tables, ``{acts}`` for that of the functions.
    """

    name: str
    arguments: str
    result: str
    body: str

    @property
    def definition(self) -> str:
        """The statement that makes the function; names in it are resolved by no path of the session."""
        returns = f" RETURNS {self.result}" if self.result else ""
        return (
            f"CREATE OR REPLACE FUNCTION {{acts}}.{self.name}({self.arguments}){returns} LANGUAGE plpgsql "
            f"SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $act${self.body}$act$"
        )
