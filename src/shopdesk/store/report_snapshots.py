"""X and Z reports as JSON types and back: a Z report is stored so, and printed again from it to the byte."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from shopdesk.domain.document import Kind
from shopdesk.domain.money import Currency
from shopdesk.domain.payment import Method
from shopdesk.domain.sales_report import (
    CashierSum,
    MethodSum,
    NumberSpan,
    SalesFigures,
    SalesReport,
    ShiftResult,
    Sum,
    TaxSum,
    TillSpan,
)
from shopdesk.domain.shift import CashMovement, Shift, ShiftCount
from shopdesk.domain.shop import Seller
from shopdesk.domain.tax import Category, TaxRate
from shopdesk.store import document_snapshots
from shopdesk.store.document_snapshots import format_instant, instant_of


def to_text(report: SalesReport) -> str:
    """Return a report as canonical JSON."""
    return document_snapshots.canonical(to_facts(report)).decode()


def from_text(text: str) -> SalesReport:
    """Return the report of the JSON from ``to_text``."""
    return from_facts(json.loads(text))


def to_facts(report: SalesReport) -> dict[str, Any]:
    """Return a report as JSON types."""
    return {
        "number": report.number,
        "day": report.day.isoformat(),
        "since": format_instant(report.since),
        "made_at": format_instant(report.made_at),
        "by_name": report.by_name,
        "seller": document_snapshots.seller_to_facts(report.seller),
        "currency": report.currency.code,
        "language": report.language,
        "total_before": report.total_before,
        "running_total": report.running_total,
        "figures": _figures_to_facts(report.figures),
    }


def from_facts(facts: Mapping[str, Any]) -> SalesReport:
    """Return the report of the facts from ``to_facts``."""
    return SalesReport(
        number=facts["number"],
        day=date.fromisoformat(facts["day"]),
        since=instant_of(facts["since"]) if facts["since"] else None,
        made_at=instant_of(facts["made_at"]),
        by_name=facts["by_name"],
        seller=Seller(**facts["seller"]),
        currency=Currency.of(facts["currency"]),
        language=facts["language"],
        total_before=facts["total_before"],
        figures=_figures_from_facts(facts["figures"]),
    )


def _figures_to_facts(figures: SalesFigures) -> dict[str, Any]:
    return {
        "tills": [[str(t.till_key), t.till, t.after_seq, t.until_seq, t.head.hex()] for t in figures.tills],
        "kinds": [[kind.value, *_pair(sales)] for kind, sales in figures.kinds],
        "taxes": [[t.rate.milli, t.rate.category.value, t.net, t.tax, t.gross] for t in figures.taxes],
        "payments": [[p.method.value, p.count, p.amount, p.rounding] for p in figures.payments],
        "numbers": [[n.first, n.last, n.count] for n in figures.numbers],
        "voided": _pair(figures.voided),
        "amended": figures.amended,
        "credited": _pair(figures.credited),
        "replaced": _pair(figures.replaced),
        "discounts": _pair(figures.discounts),
        "cashiers": [[str(c.key), c.name, *_pair(c.sales)] for c in figures.cashiers],
        "shifts": [_result_to_facts(result) for result in figures.shifts],
        "drawer_openings": figures.drawer_openings,
    }


def _figures_from_facts(facts: Mapping[str, Any]) -> SalesFigures:
    return SalesFigures(
        tills=tuple(
            TillSpan(till_key=UUID(key), till=till, after_seq=after, until_seq=until, head=bytes.fromhex(head))
            for key, till, after, until, head in facts["tills"]
        ),
        kinds=tuple((Kind(kind), Sum(*sales)) for kind, *sales in facts["kinds"]),
        taxes=tuple(
            TaxSum(rate=TaxRate(milli, Category(category)), net=net, tax=tax, gross=gross)
            for milli, category, net, tax, gross in facts["taxes"]
        ),
        payments=tuple(
            MethodSum(method=Method(method), count=count, amount=amount, rounding=rounding)
            for method, count, amount, rounding in facts["payments"]
        ),
        numbers=tuple(NumberSpan(*span) for span in facts["numbers"]),
        voided=Sum(*facts["voided"]),
        amended=facts["amended"],
        credited=Sum(*facts["credited"]),
        replaced=Sum(*facts["replaced"]),
        discounts=Sum(*facts["discounts"]),
        cashiers=tuple(
            CashierSum(key=UUID(key), name=name, sales=Sum(*sales)) for key, name, *sales in facts["cashiers"]
        ),
        shifts=tuple(_result_from_facts(one) for one in facts["shifts"]),
        drawer_openings=facts["drawer_openings"],
    )


def _result_to_facts(result: ShiftResult) -> dict[str, Any]:
    shift, count = result.shift, result.count
    return {
        "till_key": str(shift.till_key),
        "till": shift.till,
        "number": shift.number,
        "opening": shift.opening,
        "opened_at": format_instant(shift.opened_at),
        "by_name": shift.by_name,
        "opened_seq": shift.opened_seq,
        "cash": result.cash,
        "moved": [[str(m.key), m.amount, m.reason, format_instant(m.at), m.by_name] for m in result.moved],
        "count": count
        and [
            count.attempt, count.expected, count.counted, list(map(list, count.pieces)), format_instant(count.at),
            count.by_name, count.until_seq,
        ],
    }  # fmt: skip


def _result_from_facts(facts: Mapping[str, Any]) -> ShiftResult:
    return ShiftResult(
        shift=Shift(
            till_key=UUID(facts["till_key"]),
            till=facts["till"],
            number=facts["number"],
            opening=facts["opening"],
            opened_at=instant_of(facts["opened_at"]),
            by_name=facts["by_name"],
            opened_seq=facts["opened_seq"],
        ),
        cash=facts["cash"],
        moved=tuple(_movement_from_facts(*one) for one in facts["moved"]),
        count=_count_from_facts(*facts["count"]) if facts["count"] else None,
    )


def _movement_from_facts(key: str, amount: int, reason: str, at: str, by_name: str) -> CashMovement:
    return CashMovement(key=UUID(key), amount=amount, reason=reason, at=instant_of(at), by_name=by_name)


def _count_from_facts(
    attempt: int, expected: int, counted: int | None, pieces: list[list[int]], at: str, by_name: str, until_seq: int
) -> ShiftCount:
    return ShiftCount(
        attempt=attempt,
        expected=expected,
        counted=counted,
        pieces=tuple((piece, number) for piece, number in pieces),
        at=instant_of(at),
        by_name=by_name,
        until_seq=until_seq,
    )


def _pair(sums: Sum) -> list[int]:
    return [sums.count, sums.amount]
