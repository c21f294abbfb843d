"""The statements that add up the sums of months and years, for a local file and for the functions of a server.

``:name`` stands for a value, ``{name}`` for what differs between the two.
"""
# ruff: noqa: S608 - names of this module

from __future__ import annotations

from datetime import date

NEVER = date.max
"""The day of the first purchase of those that never bought, in the sums by first purchase."""
NO_MONTH = date.min
"""The month before the first one in which a customer bought."""

SQLITE = {
    "shop": "",
    "days_of_month": """
        d.day IN (WITH RECURSIVE days(day) AS (SELECT :month UNION ALL SELECT date(day, '+1 day') FROM days
            WHERE day < date(:month, '+1 month', '-1 day')) SELECT day FROM days)
        AND d.till_key IN (SELECT t.key FROM tills t)""",
    "months_of_year": """
        d.begins IN (WITH RECURSIVE months(begins) AS (SELECT :year UNION ALL SELECT date(begins, '+1 month')
            FROM months WHERE begins < date(:year, '+11 months')) SELECT begins FROM months)""",
    "month_of_day": "date(d.day, 'start of month')",
    "year_of_day": "date(d.day, 'start of year')",
    "month_quarter": "substr(d.quarter_at, 1, 8) || '01' || substr(d.quarter_at, 11)",
    "quarter": "substr(d.issued_at, 1, 14) || printf('%02d', substr(d.issued_at, 15, 2) / 15 * 15) || ':00.000000Z'",
}
POSTGRESQL = {
    "shop": "{shop}.",
    "days_of_month": """
        d.day = ANY (ARRAY(SELECT CAST(g AS date) FROM generate_series(CAST(:month AS timestamp),
            CAST(:month AS timestamp) + interval '1 month' - interval '1 day', interval '1 day') g))
        AND d.till_key = ANY (ARRAY(SELECT t.key FROM {shop}.tills t))""",
    "months_of_year": """
        d.begins = ANY (ARRAY(SELECT CAST(g AS date) FROM generate_series(CAST(:year AS timestamp),
            CAST(:year AS timestamp) + interval '11 months', interval '1 month') g))""",
    "month_of_day": "CAST(date_trunc('month', CAST(d.day AS timestamp)) AS date)",
    "year_of_day": "CAST(date_trunc('year', CAST(d.day AS timestamp)) AS date)",
    "month_quarter": """
        date_trunc('month', d.quarter_at, 'UTC') + (d.quarter_at - date_trunc('day', d.quarter_at, 'UTC'))""",
    "quarter": "date_bin('15 minutes', d.issued_at, to_timestamp(0))",
}
"""The parts of the statements that differ. A row in ``day_items`` is found by its key: a month has many."""


def _department_of(item: str) -> str:
    """Return what ``department_of`` in ``queries/products`` does: the department of the product of this name."""
    return f"""coalesce((SELECT p.department FROM {{shop}}products p WHERE p.name = {item}
            ORDER BY p.is_retired, p.key LIMIT 1), '')"""


def counted_under(item: str) -> str:
    """Return the department that an item is counted under."""
    former = f"SELECT f.department FROM {{shop}}former_departments f WHERE f.item = {item}"
    return f"coalesce(({former}), {_department_of(item)})"


_SOLD = "sum(CASE WHEN d.gross_minor > 0 THEN d.gross_minor ELSE 0 END)"
_CURRENT = "coalesce(c.merged_into, c.key)"
_OF_CUSTOMERS = "{shop}day_customers d JOIN {shop}customers c ON c.key = d.customer_key"
_THESE_DAYS = "d.day >= :since AND d.day < :until"
_FIRST = f"coalesce(f.first_on, '{NEVER}')"
_OF_ONE = """
    {shop}day_customers d WHERE d.day < :before AND d.customer_key IN (
        SELECT :customer UNION ALL SELECT c.key FROM {shop}customers c WHERE c.merged_into = :customer)"""


def _adds(key: str, *sums: str) -> str:
    return f"ON CONFLICT (begins, {key}) DO UPDATE SET " + ", ".join(
        f"{one} = s.{one} + excluded.{one}" for one in sums
    )


def _items_of_days(period: str) -> str:
    return f"""
        INSERT INTO {{shop}}{period}_items AS s (begins, item, quantity_milli, gross_minor, sold_minor)
        SELECT :{period}, d.item, sum(d.quantity_milli), sum(d.gross_minor), {_SOLD}
        FROM {{shop}}day_items d WHERE {_THESE_DAYS} GROUP BY d.item
        {_adds("item", "quantity_milli", "gross_minor", "sold_minor")}"""


def _customers_of_days(period: str) -> str:
    return f"""
        INSERT INTO {{shop}}{period}_customers AS s (begins, customer_key, documents, gross_minor, sold_minor)
        SELECT :{period}, {_CURRENT}, sum(d.documents), sum(d.gross_minor), {_SOLD}
        FROM {_OF_CUSTOMERS} WHERE {_THESE_DAYS} GROUP BY {_CURRENT}
        {_adds("customer_key", "documents", "gross_minor", "sold_minor")}"""


def _departments(sign: str, department: str, rows: str, *, day: str = "d.day") -> str:
    """Return the statement that adds items' sums of days to those of a department, or takes them out of it."""
    return f"""
        INSERT INTO {{shop}}day_departments AS s (department, day, quantity_milli, gross_minor)
        SELECT {department}, {day}, {sign}sum(d.quantity_milli), {sign}sum(d.gross_minor) FROM {rows} GROUP BY 1, 2
        ON CONFLICT (department, day) DO UPDATE SET
            quantity_milli = s.quantity_milli + excluded.quantity_milli,
            gross_minor = s.gross_minor + excluded.gross_minor"""


def _item_in_its_department(sign: str) -> str:
    """Return the statement for an item's sum of a month: taken out before it changes, added after, it is the change."""
    rows = "{shop}month_items d WHERE d.begins = :month AND d.item = :item"
    return _departments(sign, counted_under("d.item"), rows, day=":day")


def _documents_of_days(table: str, key: str, value: str) -> str:
    return f"""
        INSERT INTO {{shop}}{table} (day, {key}, documents, orders, gross_minor)
        SELECT d.date_on, {value}, count(*), sum(CASE WHEN d.kind IN ('invoice', 'receipt') THEN 1 ELSE 0 END),
            sum(d.gross_minor)
        FROM {{shop}}documents d WHERE d.date_on >= :since AND d.date_on < :until
            AND d.state <> 'voided' AND d.kind <> 'quote'
        GROUP BY d.date_on, {value}"""


def _customer(period: str) -> str:
    begins = f"{{{period}_of_day}}"
    return f"""
        INSERT INTO {{shop}}{period}_customers (begins, customer_key, documents, gross_minor, sold_minor)
        SELECT {begins}, :customer, sum(d.documents), sum(d.gross_minor), {_SOLD} FROM {_OF_ONE} GROUP BY {begins}"""


def _previous_months(where: str) -> str:
    return f"""
        UPDATE {{shop}}month_customers AS s SET previous = coalesce(
            (SELECT max(p.begins) FROM {{shop}}month_customers p
            WHERE p.customer_key = s.customer_key AND p.begins < s.begins AND p.documents > 0), '{NO_MONTH}')
        WHERE {where} AND s.documents > 0"""


def _cohorts_of_customer(sign: str) -> str:
    return f"""
        INSERT INTO {{shop}}month_cohorts AS s (begins, first_on, documents, gross_minor)
        SELECT m.begins, {_FIRST}, {sign}m.documents, {sign}m.gross_minor
        FROM {{shop}}month_customers m LEFT JOIN {{shop}}first_purchases f ON f.customer_key = m.customer_key
        WHERE m.customer_key = :customer
        {_adds("first_on", "documents", "gross_minor")}"""


def _held_item(period: str) -> str:
    """Return the statement that makes the row of an item, or holds it on a server until the transaction ends."""
    return f"""
        INSERT INTO {{shop}}{period}_items AS s (begins, item, quantity_milli, gross_minor, sold_minor)
        VALUES (:{period}, :item, 0, 0, 0) ON CONFLICT (begins, item) DO UPDATE SET sold_minor = s.sold_minor"""


def _item(period: str, source: str, sold: str) -> str:
    return f"""
        UPDATE {{shop}}{period}_items AS s SET (quantity_milli, gross_minor, sold_minor) = (
            SELECT coalesce(sum(d.quantity_milli), 0), coalesce(sum(d.gross_minor), 0), coalesce({sold}, 0)
            FROM {source} AND d.item = :item)
        WHERE s.begins = :{period} AND s.item = :item"""


ADD_DAY = (
    *(of(period) for of in (_items_of_days, _customers_of_days) for period in ("month", "year")),
    f"""
        INSERT INTO {{shop}}first_purchases (customer_key, first_on)
        SELECT {_CURRENT}, min(d.day) FROM {_OF_CUSTOMERS}
        WHERE {_THESE_DAYS} AND d.documents > 0 GROUP BY {_CURRENT} ON CONFLICT (customer_key) DO NOTHING""",
    _previous_months("s.begins = :month AND s.previous IS NULL"),
    f"""
        INSERT INTO {{shop}}month_cohorts AS s (begins, first_on, documents, gross_minor)
        SELECT :month, {_FIRST}, sum(d.documents), sum(d.gross_minor)
        FROM {_OF_CUSTOMERS} LEFT JOIN {{shop}}first_purchases f ON f.customer_key = {_CURRENT}
        WHERE {_THESE_DAYS} GROUP BY {_FIRST}
        {_adds("first_on", "documents", "gross_minor")}""",
    _documents_of_days("day_quarters", "quarter_at", "{quarter}"),
    f"""
        INSERT INTO {{shop}}month_quarters AS s (begins, quarter_at, documents, orders, gross_minor)
        SELECT :month, {{month_quarter}}, sum(d.documents), sum(d.orders), sum(d.gross_minor)
        FROM {{shop}}day_quarters d WHERE {_THESE_DAYS} GROUP BY {{month_quarter}}
        {_adds("quarter_at", "documents", "orders", "gross_minor")}""",
    _documents_of_days("day_cashiers", "by_key", "d.issued_by_key"),
    _departments("", counted_under("d.item"), f"{{shop}}day_items d WHERE {_THESE_DAYS}"),
)
"""Add the days from ``:since`` until before ``:until`` to the ``:month`` and ``:year`` they are of."""

LATE = f"""
        SELECT DISTINCT {_CURRENT} FROM {_OF_CUSTOMERS}
        JOIN {{shop}}month_customers m ON m.customer_key = {_CURRENT}
        LEFT JOIN {{shop}}first_purchases f ON f.customer_key = {_CURRENT}
        WHERE {_THESE_DAYS} AND d.documents > 0 AND f.customer_key IS NULL"""
"""The customers whose first purchase is in these days, though they had a credit note before: sum them again."""

FORGET_CUSTOMER = (
    _cohorts_of_customer("-"),
    "DELETE FROM {shop}month_customers WHERE customer_key = :customer",
    "DELETE FROM {shop}year_customers WHERE customer_key = :customer",
    "DELETE FROM {shop}first_purchases WHERE customer_key = :customer",
)
"""Take a customer out of all sums."""

SUM_CUSTOMER = (
    f"""
        INSERT INTO {{shop}}first_purchases (customer_key, first_on) SELECT :customer, min(d.day)
        FROM {_OF_ONE} AND d.documents > 0 HAVING min(d.day) IS NOT NULL""",
    _customer("month"),
    _customer("year"),
    _previous_months("s.customer_key = :customer"),
    _cohorts_of_customer(""),
)
"""Sum the days before ``:before`` of a customer that is in no sum."""

SUM_ITEM = (
    _held_item("month"),
    _item_in_its_department("-"),
    _item("month", "{shop}day_items d WHERE {days_of_month} AND d.day < :before", _SOLD),
    _item_in_its_department(""),
    _held_item("year"),
    _item("year", "{shop}month_items d WHERE {months_of_year}", "sum(d.sold_minor)"),
)
"""Sum an item again, in a ``:month`` and its ``:year``, for what has changed on a ``:day``."""

KEEP_DEPARTMENT = f"""
        INSERT INTO {{shop}}former_departments (item, department) SELECT :item, {_department_of(":item")}
        WHERE EXISTS (SELECT 1 FROM {{shop}}document_lines l WHERE l.item = :item) ON CONFLICT (item) DO NOTHING"""
"""Keep the department that an item is counted under, before its products change."""

_DAYS_OF_ITEM = """
    {shop}former_departments f
    JOIN (SELECT DISTINCT o.date_on AS day, o.till_key
        FROM {shop}document_lines l JOIN {shop}documents o ON o.key = l.document_key
        WHERE l.item = :item AND o.date_on < :before) o ON true
    JOIN {shop}day_items d ON d.day = o.day AND d.till_key = o.till_key AND d.item = f.item
    WHERE f.item = :item"""
MOVE_ITEM = (
    _departments("-", "f.department", _DAYS_OF_ITEM),
    _departments("", _department_of(":item"), _DAYS_OF_ITEM),
    "DELETE FROM {shop}former_departments WHERE item = :item",
)
"""Count an item under the department of today, in all days before ``:before``."""
ITEMS_AT_ONCE = 10
"""The items that are moved in one transaction: a sale must not wait for many."""
SAME_AGAIN = f"DELETE FROM {{shop}}former_departments WHERE department = {_department_of('item')}"
"""Forget the departments that items are in again, or still."""
