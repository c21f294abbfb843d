"""The form of the database as it has it itself: tables, columns, constraints, indexes, triggers and functions.

``differences`` compares it with the form that the migrations make, which is stored beside them, one line for each part:
``head.sqlite.txt`` and ``head.postgresql.txt``. A test makes both anew and compares; with the variable
``WRITE_SCHEMA`` it writes them.

Left out: the order of columns, which an ``ALTER TABLE`` may change, and tables, views and functions that are not the
shop's own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from shopdesk.store.moved_marker import FUNCTION_BODY, TRIGGER

Form = dict[str, str]
"""The parts of a database: kind and name (“trigger keep_journal_update on journal”), and their definition."""

_FILES = Path(__file__).parent / "migrations"


def expected_file(dialect: str) -> Path:
    """Return the file with the form that the migrations make on “sqlite” or “postgresql”."""
    return _FILES / f"head.{dialect}.txt"


def expected(dialect: str) -> Form:
    """Return the form that the migrations make."""
    return dict(line.split(": ", 1) for line in expected_file(dialect).read_text("utf-8").splitlines())


def as_text(form: Form) -> str:
    """Return a form as the text of its file."""
    return "".join(f"{part}: {form[part]}\n" for part in sorted(form))


def read(connection: Connection) -> Form:
    """Return the form of a database."""
    return dict(_sqlite(connection) if connection.dialect.name == "sqlite" else _postgresql(connection))


def differences(connection: Connection) -> Iterator[str]:
    """Yield a sentence for each part of the database that is missing, is unknown or was changed."""
    dialect = connection.dialect.name
    found, right = read(connection), expected(dialect)
    tables = {part for part in right if part.startswith("table ")}
    for part in sorted(right.keys() | found.keys()):
        if part not in found:
            if part not in tables and _table_of(part) in tables - found.keys():
                continue  # the table itself is missing, and reported
            yield f"The database has lost its {part}."
        elif part not in right:
            if part.startswith("table ") or _table_of(part) not in tables:
                continue  # not the shop's own
            if _refuses_a_moved_shop(part, found[part]):
                continue
            yield f"The database has an unknown {part}."
        elif found[part] != right[part]:
            yield f"The database's {part} was changed."


_REFUSING = hashlib.md5(FUNCTION_BODY.encode(), usedforsecurity=False).hexdigest()
_MARKS = re.compile(
    rf"trigger {TRIGGER}_\d+ on \w+: .* BEGIN SELECT RAISE\(ABORT, '[^;]*'\); END"
    rf"|trigger {TRIGGER} on \w+: .* FOR EACH STATEMENT EXECUTE FUNCTION {TRIGGER}\('[^;]*'\).*"
    rf"|function {TRIGGER}\(\): plpgsql INVOKER .* {_REFUSING}",
    re.DOTALL,
)


def _refuses_a_moved_shop(part: str, definition: str) -> bool:
    """Return True for what ``shop_move`` leaves in the database that a shop was moved from; it only refuses."""
    return _MARKS.fullmatch(f"{part}: {definition}") is not None


def _table_of(part: str) -> str:
    kind, _, name = part.partition(" ")
    match kind:
        case "table":
            return part
        case "column":
            return f"table {name.partition('.')[0]}"
        case "function":
            return "table journal"  # all guard the shop's tables
        case _:
            return f"table {name.rpartition(' on ')[2]}"


# --- SQLite ----------------------------------------------------------------------------------------------------------


def _sqlite(connection: Connection) -> Iterator[tuple[str, str]]:
    inspector = inspect(connection)
    listed = connection.exec_driver_sql(
        "SELECT name, type, tbl_name, coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite~_%' ESCAPE '~'"
    ).all()
    for name, kind, table, sql in listed:
        if kind == "table":
            yield from _sqlite_table(connection, name, sql)
            for check in inspector.get_check_constraints(name):
                yield f"constraint {check['name']} on {name}", f"CHECK ({_one_line(str(check['sqltext']))})"
        elif kind in {"index", "trigger"}:
            yield f"{kind} {name} on {table}", _one_line(sql)


def _sqlite_table(connection: Connection, table: str, sql: str) -> Iterator[tuple[str, str]]:
    yield f"table {table}", "WITHOUT ROWID" if re.search(r"\)\s*WITHOUT ROWID\s*$", sql, re.IGNORECASE) else "a table"
    given = {"table": table}
    columns = text('SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(:table)')
    for name, kind, is_required, default, pk, hidden in connection.execute(columns, given):
        yield (
            f"column {table}.{name}",
            f"{kind}{' NOT NULL' if is_required else ''} DEFAULT {default} KEY {pk} HIDDEN {hidden}",
        )
    foreign = text(
        'SELECT id, "table", group_concat("from"), group_concat("to"), on_update, on_delete '
        "FROM pragma_foreign_key_list(:table) GROUP BY id"
    )
    for _, other, ours, theirs, on_update, on_delete in connection.execute(foreign, given):
        yield f"foreign key ({ours}) on {table}", f"{other} ({theirs}) UPDATE {on_update} DELETE {on_delete}"
    unique = text("SELECT name FROM pragma_index_list(:table) WHERE origin = 'u'")
    for (index,) in connection.execute(unique, given).all():
        members = connection.execute(
            text("SELECT group_concat(name) FROM pragma_index_info(:index)"), {"index": index}
        ).scalar()
        yield f"constraint ({members}) on {table}", "UNIQUE"


# --- PostgreSQL ------------------------------------------------------------------------------------------------------

_OURS = """WITH ours AS (
    SELECT c.oid, c.relname, c.relnamespace, c.relpersistence, c.relrowsecurity, c.relkind
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p')
)"""
_PARTS = (  # each after _OURS
    """
    SELECT 'table ' || relname, concat(relkind, relpersistence, CASE WHEN relrowsecurity THEN ' ROW SECURITY' END)
    FROM ours t""",
    """
    SELECT 'column ' || relname || '.' || a.attname,
        format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
        || ' DEFAULT ' || coalesce(pg_get_expr(d.adbin, d.adrelid), 'none')
        || CASE WHEN a.attcollation <> y.typcollation THEN ' COLLATED' ELSE '' END
        || a.attidentity::text || a.attgenerated::text
    FROM ours t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type y ON y.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum""",
    # From version 18 on, NOT NULL is a constraint too; the column has it already.
    """
    SELECT 'constraint ' || k.conname || ' on ' || relname,
        pg_get_constraintdef(k.oid) || CASE WHEN k.convalidated THEN '' ELSE ' NOT VALID' END
    FROM ours t JOIN pg_constraint k ON k.conrelid = t.oid WHERE k.contype IN ('p', 'u', 'f', 'c', 'x')""",
    """
    SELECT 'index ' || i.relname || ' on ' || t.relname,
        pg_get_indexdef(x.indexrelid) || CASE WHEN x.indisvalid THEN '' ELSE ' INVALID' END
    FROM ours t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid""",
    """
    SELECT 'trigger ' || g.tgname || ' on ' || t.relname,
        pg_get_triggerdef(g.oid, true) || CASE WHEN g.tgenabled = 'O' THEN '' ELSE ' OFF ' || g.tgenabled::text END
    FROM ours t JOIN pg_trigger g ON g.tgrelid = t.oid WHERE NOT g.tgisinternal""",
    """
    SELECT 'check of foreign keys on ' || t.relname,
        string_agg(DISTINCT CASE WHEN g.tgenabled = 'O' THEN 'on' ELSE 'OFF' END, ' ')
    FROM ours t JOIN pg_trigger g ON g.tgrelid = t.oid WHERE g.tgisinternal GROUP BY t.relname""",
    """
    SELECT 'rule ' || r.rulename || ' on ' || t.relname, pg_get_ruledef(r.oid)
    FROM ours t JOIN pg_rewrite r ON r.ev_class = t.oid""",
    """
    SELECT 'policy ' || p.polname || ' on ' || t.relname, 'a policy'
    FROM ours t JOIN pg_policy p ON p.polrelid = t.oid""",
    """
    SELECT 'function ' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
        concat_ws(' ', l.lanname, CASE WHEN p.prosecdef THEN 'DEFINER' ELSE 'INVOKER' END,
            coalesce(array_to_string(p.proconfig, ' '), 'no settings'),
            md5(replace(p.prosrc, quote_ident(n.nspname) || '.', '')))
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
    WHERE n.nspname = current_schema() AND starts_with(p.proname, 'shopdesk_')""",
    # The acts. Who owns one acts with its rights, and every role may call one unless that is revoked.
    """
    SELECT 'function shopdesk_acts.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
        concat_ws(' ', l.lanname, CASE WHEN p.prosecdef THEN 'DEFINER' ELSE 'INVOKER' END,
            coalesce(array_to_string(p.proconfig, ' '), 'no settings'), pg_get_function_result(p.oid),
            CASE WHEN p.proowner NOT IN (
                SELECT relowner FROM pg_class WHERE oid = to_regclass('accounts')
                UNION SELECT oid FROM pg_roles WHERE rolname = 'shopdesk_acts'
            ) THEN 'OF ANOTHER OWNER' END,
            CASE WHEN EXISTS (
                SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0
            ) THEN 'FOR EVERY ROLE' END,
            md5(replace(p.prosrc, quote_ident(current_schema()) || '.', '')))
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
    WHERE n.nspname = 'shopdesk_acts'""",
    """
    SELECT 'table shopdesk_acts.' || c.relname,
        string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE n.nspname = 'shopdesk_acts' AND c.relkind = 'r' GROUP BY c.oid, c.relname""",
)


def _postgresql(connection: Connection) -> Iterator[tuple[str, str]]:
    schema = connection.execute(text("SELECT quote_ident(current_schema())")).scalar_one()
    for query in _PARTS:
        for part, definition in connection.exec_driver_sql(_OURS + query):
            yield part, _one_line(definition).replace(f"{schema}.", "")


def _one_line(definition: str) -> str:
    return " ".join(definition.split())
