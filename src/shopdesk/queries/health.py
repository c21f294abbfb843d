"""Queries of the doctor about the database and the messages in the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import and_, case, func, select, text

from shopdesk.domain.message import DeliveryStatus
from shopdesk.store.session import Session
from shopdesk.store.tables import documents, journal, outbox, products, tills

_LONG_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingMessages:
    """The number of unsent messages: failed, unclear, and queued for longer than an hour."""

    failed: int
    unknown: int
    long_queued: int


def broken_pages(session: Session) -> list[str]:
    """Return the errors that SQLite finds in its file; an empty list when it is intact."""
    found = session.execute(text("PRAGMA integrity_check(20)")).scalars().all()
    return [] if list(found) == ["ok"] else list(found)


def same_articles(session: Session) -> list[tuple[str, tuple[str, ...]]]:
    """Return the barcodes that several products on sale have, each with the names of the products."""
    on_sale = products.c.is_retired.is_(False)
    article = case((products.c.gtin != "", products.c.gtin), else_=products.c.barcode)
    several = (
        select(article.label("article"))
        .where(on_sale, products.c.barcode != "")
        .group_by(article)
        .having(func.count() > 1)
        .subquery()
    )
    statement = (
        select(products.c.barcode, products.c.name, article)
        .join(several, article == several.c.article)
        .where(on_sale, products.c.barcode != "")
        .order_by(article, products.c.name)
    )
    found = groupby(session.execute(statement), key=lambda row: row[2])
    return [(rows[0].barcode, tuple(row.name for row in rows)) for _, group in found if (rows := list(group))]


def server_settings(session: Session) -> dict[str, str]:
    """Return the PostgreSQL settings that decide whether commits survive a power cut."""
    names = ("fsync", "full_page_writes", "synchronous_commit", "data_checksums")
    return {name: str(session.execute(text(f"SHOW {name}")).scalar()) for name in names}


def excessive_rights(session: Session) -> list[str]:
    """Return the rights of this connection's role that no till may have, in words; empty if there are none."""
    row = session.execute(text(_RIGHTS)).mappings().one()
    return [words for words, has in row.items() if has]


_RIGHTS = """
    WITH ours AS (
        SELECT c.oid, c.relowner FROM pg_class c
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
    ), functions AS (
        SELECT p.oid, p.proowner FROM pg_proc p
        WHERE p.pronamespace = current_schema()::regnamespace AND starts_with(p.proname, 'shopdesk_')
            OR p.pronamespace = to_regnamespace('shopdesk_acts')
    )
    SELECT
        r.rolsuper AS "is a superuser",
        NOT r.rolsuper AND (
            EXISTS (SELECT FROM ours WHERE pg_has_role(relowner, 'MEMBER'))
            OR EXISTS (SELECT FROM functions WHERE pg_has_role(proowner, 'MEMBER'))
            OR EXISTS (SELECT FROM pg_namespace
                WHERE oid = current_schema()::regnamespace AND pg_has_role(nspowner, 'MEMBER'))
            OR EXISTS (SELECT FROM pg_database WHERE datname = current_database() AND pg_has_role(datdba, 'MEMBER'))
        ) AS "owns the database or its tables",
        NOT r.rolsuper AND (r.rolcreaterole OR EXISTS (
            SELECT FROM pg_roles s
            WHERE s.oid <> r.oid AND (s.rolsuper OR s.rolcreaterole) AND pg_has_role(s.oid, 'MEMBER')
        )) AS "may make itself a member of other roles",
        NOT r.rolsuper AND has_parameter_privilege('session_replication_role', 'SET') AS "may turn the guards off",
        current_setting('session_replication_role') <> 'origin' AS "has turned the guards off",
        NOT r.rolsuper AND NOT EXISTS (SELECT FROM ours WHERE pg_has_role(relowner, 'MEMBER')) AND EXISTS (
            SELECT FROM ours WHERE has_table_privilege(oid, 'TRUNCATE') OR has_table_privilege(oid, 'TRIGGER')
        ) AS "may empty tables or add triggers to them",
        NOT r.rolsuper AND EXISTS (
            SELECT FROM pg_roles s WHERE s.rolname IN
                ('pg_write_all_data', 'pg_write_server_files', 'pg_read_server_files', 'pg_execute_server_program')
            AND pg_has_role(s.oid, 'MEMBER')
        ) AS "may write all data, or files of the server",
        NOT r.rolsuper AND NOT EXISTS (SELECT FROM ours WHERE pg_has_role(relowner, 'MEMBER')) AND (
            EXISTS (
                SELECT FROM unnest(ARRAY['accounts', 'credentials', 'identities', 'sign_in_failures', 'tax_rates',
                    'customers', 'products', 'import_layouts', 'backups', 'draft_rows']) t
                WHERE has_table_privilege(to_regclass(t), 'INSERT') OR has_table_privilege(to_regclass(t), 'DELETE')
                    OR has_any_column_privilege(to_regclass(t), 'UPDATE')
            )
            OR has_table_privilege(to_regclass('shop'), 'UPDATE')
            OR has_table_privilege(to_regclass('tills'), 'INSERT')
            OR has_any_column_privilege(to_regclass('outbox'), 'UPDATE')
            OR has_table_privilege(to_regclass('outbox'), 'DELETE')
            OR has_any_column_privilege(to_regclass('credentials'), 'SELECT')
            OR has_schema_privilege(to_regnamespace('shopdesk_acts')::oid, 'CREATE')
            OR EXISTS (
                SELECT FROM functions f JOIN pg_proc p ON p.oid = f.oid
                WHERE p.pronamespace = to_regnamespace('shopdesk_acts')
                    AND p.proname IN ('set_failures', 'store_password', 'open_session', 'append_journal')
                    AND has_schema_privilege(p.pronamespace, 'USAGE') AND has_function_privilege(p.oid, 'EXECUTE')
            )
        ) AS "may change people, settings, lists or messages by itself",
        NOT r.rolsuper AND NOT EXISTS (SELECT FROM ours WHERE pg_has_role(relowner, 'MEMBER')) AND EXISTS (
            SELECT FROM unnest(ARRAY[
                'documents', 'document_lines', 'document_taxes', 'payments', 'journal', 'day_closes', 'series',
                'day_sales', 'day_items', 'day_taxes', 'day_customers', 'day_payments', 'summed_days', 'month_items',
                'year_items', 'month_customers', 'year_customers', 'month_cohorts', 'first_purchases', 'day_quarters',
                'day_cashiers', 'month_quarters', 'day_departments', 'former_departments'
            ]) t
            WHERE has_table_privilege(to_regclass(t), 'INSERT') OR has_table_privilege(to_regclass(t), 'DELETE')
                OR has_any_column_privilege(to_regclass(t), 'UPDATE')
        ) AS "may write the books by itself"
    FROM pg_roles r WHERE r.rolname = current_user
"""


def acts_have_an_owner(session: Session) -> bool:
    """Return True if the acts of the server belong to a role that owns no table."""
    return bool(session.execute(text(_ACTS_OWNER)).scalar())


_ACTS_OWNER = """
    SELECT bool_and(p.proowner <> c.relowner) FROM pg_proc p, pg_class c
    WHERE p.pronamespace = to_regnamespace('shopdesk_acts') AND c.oid = to_regclass('accounts')
"""


def server_clock(session: Session) -> datetime | None:
    """Return the server's time; None for a local file."""
    if session.dialect == "sqlite":
        return None
    at: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return at


def last_act(session: Session) -> datetime | None:
    """Return the latest time of a document or of the last journal row of a till."""
    issued = session.execute(select(func.max(documents.c.issued_at))).scalar()
    ends = and_(journal.c.till_key == tills.c.key, journal.c.seq == tills.c.journal_seq)
    written = session.execute(select(func.max(journal.c.at)).join_from(tills, journal, ends)).scalar()
    return max((at for at in (issued, written) if at is not None), default=None)


def waiting(session: Session, *, now: datetime) -> PendingMessages:
    """Count the messages that need attention."""
    states = [state.value for state in (DeliveryStatus.FAILED, DeliveryStatus.BOUNCED, DeliveryStatus.UNKNOWN)]
    counted = select(outbox.c.state, func.count()).where(outbox.c.state.in_(states)).group_by(outbox.c.state)
    count: dict[str, int] = dict(session.execute(counted).all())
    old = select(func.count()).where(
        outbox.c.state == DeliveryStatus.QUEUED.value, outbox.c.created_at < now - _LONG_WAIT
    )
    return PendingMessages(
        failed=count.get(DeliveryStatus.FAILED.value, 0) + count.get(DeliveryStatus.BOUNCED.value, 0),
        unknown=count.get(DeliveryStatus.UNKNOWN.value, 0),
        long_queued=session.execute(old).scalar_one(),
    )
