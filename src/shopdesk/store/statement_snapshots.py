"""Statements of account as JSON types and back, as the journal keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from shopdesk.domain.document import Kind
from shopdesk.domain.money import Currency
from shopdesk.domain.paper_layout import Logo
from shopdesk.domain.payment import Method
from shopdesk.domain.shop import Seller
from shopdesk.domain.statement import Statement, StatementLine
from shopdesk.store import document_snapshots


def to_facts(statement: Statement) -> dict[str, Any]:
    """Return a statement as JSON types: the logo by its mark, left out where there is none."""
    logo = {"logo": statement.logo.mark} if statement.logo else {}
    return logo | {
        "seller": document_snapshots.seller_to_facts(statement.seller),
        "buyer": document_snapshots.buyer_to_facts(statement.buyer),
        "currency": statement.currency.code,
        "language": statement.language,
        "since": statement.since.isoformat(),
        "until": statement.until.isoformat(),
        "opening": statement.opening,
        "closing": statement.closing,
        "lines": [
            [line.on.isoformat(), line.kind.value, line.number, line.method.value if line.method else "", line.amount]
            for line in statement.lines
        ],
        "ageing": list(statement.ageing),
    }


def from_facts(facts: Mapping[str, Any]) -> Statement:
    """Return the statement of the facts from ``to_facts``."""
    return Statement(
        seller=Seller(**facts["seller"]),
        buyer=document_snapshots.buyer_from_facts(facts["buyer"]),
        currency=Currency.of(facts["currency"]),
        language=facts["language"],
        since=date.fromisoformat(facts["since"]),
        until=date.fromisoformat(facts["until"]),
        opening=facts["opening"],
        lines=tuple(
            StatementLine(
                on=date.fromisoformat(on),
                kind=Kind(kind),
                number=number,
                method=Method(method) if method else None,
                amount=amount,
            )
            for on, kind, number, method, amount in facts["lines"]
        ),
        ageing=tuple(facts["ageing"]),
        logo=Logo(facts["logo"]) if "logo" in facts else None,
    )
