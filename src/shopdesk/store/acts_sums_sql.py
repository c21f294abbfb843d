"""The sums of months and years on a PostgreSQL server: see ``store/period_sums``.

Any till may ask for the next day to be added, without a token: what is added follows from the sums per day alone.
A lock that is shared by all who store documents keeps that apart from them.
"""
# ruff: noqa: S608 - names of this module

from __future__ import annotations

import re

from shopdesk.store.period_sums_sql import (
    ADD_DAY,
    FORGET_CUSTOMER,
    ITEMS_AT_ONCE,
    KEEP_DEPARTMENT,
    LATE,
    MOVE_ITEM,
    POSTGRESQL,
    SAME_AGAIN,
    SUM_CUSTOMER,
    SUM_ITEM,
)
from shopdesk.store.server_function import ServerFunction

TABLES = {
    "summed_days": "SELECT, INSERT, UPDATE",
    "month_items": "SELECT, INSERT, UPDATE",
    "year_items": "SELECT, INSERT, UPDATE",
    "month_customers": "SELECT, INSERT, UPDATE, DELETE",
    "year_customers": "SELECT, INSERT, UPDATE, DELETE",
    "month_cohorts": "SELECT, INSERT, UPDATE",
    "first_purchases": "SELECT, INSERT, DELETE",
    "day_quarters": "SELECT, INSERT, UPDATE",
    "month_quarters": "SELECT, INSERT, UPDATE",
    "day_cashiers": "SELECT, INSERT, UPDATE",
    "day_departments": "SELECT, INSERT, UPDATE",
    "former_departments": "SELECT, INSERT, DELETE",
    "day_sales": "SELECT",
    "day_items": "SELECT",
    "day_customers": "SELECT",
    "customers": "SELECT, UPDATE",
    "tills": "SELECT",
    "products": "SELECT",
    "documents": "SELECT",
    "document_lines": "SELECT",
}

_LOCK = 0x5D0B_50A5
_ADDS = (
    "DO UPDATE SET documents = s.documents + excluded.documents, orders = s.orders + excluded.orders, "
    "gross_minor = s.gross_minor + excluded.gross_minor"
)


def _in_function(statement: str) -> str:
    return re.sub(r":(\w+)", r"_\1", statement.format(**POSTGRESQL))


def _run(statements: tuple[str, ...]) -> str:
    return "".join(f"{_in_function(statement)};" for statement in statements)


INNER = (
    ServerFunction(
        "keep_departments",
        "_rows jsonb",
        "void",
        f"""
        DECLARE _item text;
        BEGIN  -- before products are saved, as keep_departments in store/period_sums.py
            PERFORM pg_advisory_xact_lock_shared({_LOCK});
            FOR _item IN
                WITH changed AS (
                    SELECT p.name AS before, g.name AS after
                    FROM jsonb_populate_recordset(NULL::{{shop}}.products, _rows) g
                    LEFT JOIN {{shop}}.products p ON p.key = g.key
                    WHERE (p.name, p.department, p.is_retired) IS DISTINCT FROM (g.name, g.department, g.is_retired)
                )
                SELECT c.before FROM changed c WHERE c.before IS NOT NULL UNION SELECT c.after FROM changed c ORDER BY 1
            LOOP
                {_in_function(KEEP_DEPARTMENT)};
            END LOOP;
        END""",
        is_part=True,
    ),
    ServerFunction(
        "forget_customer",
        "_customer uuid",
        "void",
        f"""
        BEGIN
            {_run(FORGET_CUSTOMER)}
        END""",
        is_part=True,
    ),
    ServerFunction(
        "sum_customer",
        "_customer uuid",
        "void",
        f"""
        DECLARE _before date;
        BEGIN
            PERFORM pg_advisory_xact_lock_shared({_LOCK});
            PERFORM FROM {{shop}}.customers c WHERE c.key = _customer FOR NO KEY UPDATE;  -- one after another
            SELECT s.before INTO _before FROM {{shop}}.summed_days s;
            PERFORM {{acts}}.forget_customer(_customer);
            {_run(SUM_CUSTOMER)}
        END""",
        is_part=True,
    ),
    ServerFunction(
        "count_again",
        "_one {shop}.documents, _sign integer",
        "void",
        f"""
        DECLARE
            _before date;
            _day date := _one.date_on;
            _month date := date_trunc('month', _one.date_on::timestamp)::date;
            _year date := date_trunc('year', _one.date_on::timestamp)::date;
            _orders integer := CASE WHEN _one.kind IN ('invoice', 'receipt') THEN _sign ELSE 0 END;
            _quarter timestamptz := {POSTGRESQL["quarter"].replace("d.issued_at", "_one.issued_at")};
            _item text;
        BEGIN  -- as count_again in store/period_sums.py
            PERFORM pg_advisory_xact_lock_shared({_LOCK});
            SELECT s.before INTO _before FROM {{shop}}.summed_days s;
            IF _before IS NULL OR _one.date_on >= _before THEN
                RETURN;
            END IF;
            INSERT INTO {{shop}}.day_quarters AS s (day, quarter_at, documents, orders, gross_minor)
            VALUES (_one.date_on, _quarter, _sign, _orders, _sign * _one.gross_minor)
            ON CONFLICT (day, quarter_at) {_ADDS};
            INSERT INTO {{shop}}.month_quarters AS s (begins, quarter_at, documents, orders, gross_minor)
            VALUES (_month, {POSTGRESQL["month_quarter"].replace("d.quarter_at", "_quarter")}, _sign, _orders,
                _sign * _one.gross_minor)
            ON CONFLICT (begins, quarter_at) {_ADDS};
            INSERT INTO {{shop}}.day_cashiers AS s (day, by_key, documents, orders, gross_minor)
            VALUES (_one.date_on, _one.issued_by_key, _sign, _orders, _sign * _one.gross_minor)
            ON CONFLICT (day, by_key) {_ADDS};
            FOR _item IN SELECT DISTINCT l.item FROM {{shop}}.document_lines l WHERE l.document_key = _one.key
                ORDER BY l.item LOOP
            {_run((KEEP_DEPARTMENT, *SUM_ITEM))}  -- its product may be changing just now
            END LOOP;
            IF _one.customer_key IS NOT NULL THEN
                PERFORM {{acts}}.sum_customer(coalesce(
                    (SELECT c.merged_into FROM {{shop}}.customers c WHERE c.key = _one.customer_key),
                    _one.customer_key));
            END IF;
        END""",
        is_part=True,
    ),
)

ACTS = (
    ServerFunction(
        "add_day_to_sums",
        "_until date",
        "boolean",
        f"""
        DECLARE
            _before date;
            _since date;
            _month date;
            _year date;
            late uuid[];
            one uuid;
            _item text;
        BEGIN  -- as advance in store/period_sums.py
            IF NOT pg_try_advisory_xact_lock({_LOCK}) THEN
                RETURN true;  -- in a moment
            END IF;
            SELECT s.before INTO _before FROM {{shop}}.summed_days s;
            SELECT min(d.day) INTO _since FROM {{shop}}.day_sales d
            WHERE d.day >= coalesce(_before, '-infinity') AND d.day < _until;
            _month := date_trunc('month', _since::timestamp)::date;
            _year := date_trunc('year', _since::timestamp)::date;
            _until := coalesce(_since + 1, _until);
            INSERT INTO {{shop}}.summed_days AS s (id, before) VALUES (1, _until)
            ON CONFLICT (id) DO UPDATE SET before = greatest(s.before, excluded.before);
            IF _since IS NULL THEN
                SELECT s.before INTO _before FROM {{shop}}.summed_days s;
                {_in_function(SAME_AGAIN)};
                FOR _item IN SELECT f.item FROM {{shop}}.former_departments f LIMIT {ITEMS_AT_ONCE} LOOP
                {_run(MOVE_ITEM)}
                END LOOP;
                RETURN FOUND;
            END IF;
            late := ARRAY({_in_function(LATE)});
            FOREACH one IN ARRAY late LOOP
                PERFORM {{acts}}.forget_customer(one);
            END LOOP;
            {_run(ADD_DAY)}
            FOREACH one IN ARRAY late LOOP
                PERFORM {{acts}}.sum_customer(one);
            END LOOP;
            RETURN true;
        END""",
    ),
)
