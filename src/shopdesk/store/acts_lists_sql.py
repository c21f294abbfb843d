"""The acts on customers, products, tills, layouts of imported files and drafts as functions of a PostgreSQL server.

Rows come as one JSON array for each call, so that an import of thousands is a few calls. A row has the columns of its
table, as ``to_row`` gives them, and the ``words`` and ``endings`` that it is found by. What the journal tells of prices
as values is computed here, of what was stored and what will be; the words beside it are the till's.
"""

from __future__ import annotations

from shopdesk.store import tables
from shopdesk.store.server_function import WHO_OR_LENT, ServerFunction

TABLES = {
    "customers": "SELECT, INSERT, UPDATE",
    "products": "SELECT, INSERT, UPDATE",
    "search_words": "SELECT, INSERT, DELETE",
    "tills": "SELECT, INSERT, UPDATE",
    "import_layouts": "SELECT, INSERT, UPDATE",
    "account_mappings": "SELECT, INSERT, UPDATE",
    "backups": "INSERT",
    "drafts": "SELECT, INSERT, UPDATE, DELETE",
    "draft_rows": "SELECT, INSERT, UPDATE, DELETE",
}

_INNER = (
    ServerFunction(
        "index_words",
        "_kind text, _rows jsonb",
        "void",
        """
        DECLARE keys uuid[] := ARRAY(SELECT (r.value->>'key')::uuid FROM jsonb_array_elements(_rows) r);
        BEGIN
            WITH given AS MATERIALIZED (
                SELECT _kind AS kind, w.value AS word, (r.value->>'key')::uuid AS key
                FROM jsonb_array_elements(_rows) r, jsonb_array_elements_text(r.value->'words') w
                UNION ALL
                SELECT _kind || '<', w.value, (r.value->>'key')::uuid
                FROM jsonb_array_elements(_rows) r, jsonb_array_elements_text(r.value->'endings') w
            ), gone AS (
                DELETE FROM {shop}.search_words s
                WHERE s.key = ANY (keys) AND rtrim(s.kind, '<') = _kind  -- no index has kind and key
                    AND (s.kind, s.word, s.key) NOT IN (SELECT g.kind, g.word, g.key FROM given g)
            )
            INSERT INTO {shop}.search_words (kind, word, key) SELECT g.kind, g.word, g.key FROM given g
            ON CONFLICT DO NOTHING;  -- most words stay
        END""",
        finds_by_index=True,
    ),
    ServerFunction(
        "forget_words",
        "_kind text, _keys uuid[]",
        "void",
        """
        BEGIN
            DELETE FROM {shop}.search_words s WHERE s.key = ANY (_keys) AND rtrim(s.kind, '<') = _kind;
        END""",
        finds_by_index=True,
    ),
    ServerFunction(
        "detail_of",
        "_changes json",
        "text",
        """
        BEGIN  -- as record_changes in store/journal.py
            RETURN CASE json_array_length(_changes) WHEN 0 THEN '' WHEN 1 THEN _changes->0->>0
                ELSE json_array_length(_changes) || ' changes' END;
        END""",
    ),
    ServerFunction(
        "tell_changes",
        "_till uuid, _actor uuid, _lender uuid, _act text, _at timestamptz, _changes json, _values text DEFAULT '[]'",
        "void",
        """
        BEGIN  -- no row where nothing changed
            IF json_array_length(_changes) > 0 OR _values <> '[]' THEN
                PERFORM {acts}.append_journal(_till, _actor, _lender, _act, _at, {acts}.detail_of(_changes),
                    _changes => _changes::text, _values => _values);
            END IF;
        END""",
    ),
    ServerFunction(
        "put_customers",
        "_rows jsonb, _at timestamptz",
        "void",
        """
        BEGIN
            IF EXISTS (
                SELECT FROM {shop}.customers c JOIN jsonb_array_elements(_rows) r ON c.key = (r.value->>'key')::uuid
                WHERE c.merged_into IS NOT NULL OR c.erased_at IS NOT NULL
            ) THEN
                PERFORM {acts}.refuse('SD004', 'This customer no longer exists.', 'customer');
            END IF;
            IF EXISTS (
                SELECT FROM jsonb_array_elements(_rows) r
                WHERE r.value->>'preferred_channel' NOT IN ('', 'email', 'sms', 'none')
                    OR r.value->>'sms_consent_on' !~ '^([0-9]{4}-[0-9]{2}-[0-9]{2})?$'
            ) THEN
                PERFORM {acts}.refuse('SD004', 'There is no such channel or day.', 'customer');
            END IF;
            INSERT INTO {shop}.customers AS c ({customers.columns}, created_at)
            SELECT {customers.given}, _at FROM jsonb_populate_recordset(NULL::{shop}.customers, _rows) g
            ON CONFLICT (key) DO UPDATE SET {customers.set}, revision = c.revision + 1;
            PERFORM {acts}.index_words('customer', _rows);
        END""",
        finds_by_index=True,
    ),
    ServerFunction(
        "journal_prices",
        "_till uuid, _actor uuid, _lender uuid, _at timestamptz, _rows jsonb, _prices json, _taxes json",
        "void",
        """
        DECLARE price_values text; tax_values text;
        BEGIN  -- before the rows are written: values as changes() in store/journaled_values.py
            IF EXISTS (SELECT FROM jsonb_array_elements(_rows) r WHERE (r.value->>'price_centi')::bigint < 0) THEN
                PERFORM {acts}.refuse('SD004', 'Some prices would be less than nothing. Take off less.', 'amount');
            END IF;
            SELECT string_agg(told.text, ',' ORDER BY told.place) FILTER (WHERE told.is_priced),
                string_agg(told.text, ',' ORDER BY told.place) FILTER (WHERE NOT told.is_priced)
            INTO price_values, tax_values
            FROM (
                SELECT n.place, p.key IS NULL OR p.price_centi <> n.price AS is_priced,
                    concat('["product","', replace(n.key::text, '-', ''), '",{', concat_ws(',',
                        CASE WHEN p.key IS NULL THEN concat('"price":[', n.price, ']')
                            WHEN p.price_centi <> n.price THEN concat('"price":[', p.price_centi, ',', n.price, ']')
                        END,
                        CASE WHEN p.key IS NULL THEN concat('"tax":[', n.tax, ']')
                            WHEN p.tax_key IS DISTINCT FROM n.tax_key THEN concat('"tax":[',
                                coalesce('"' || replace(p.tax_key::text, '-', '') || '"', 'null'), ',', n.tax, ']')
                        END
                    ), '}]') AS text
                FROM (
                    SELECT r.place, (r.value->>'key')::uuid AS key, (r.value->>'price_centi')::bigint AS price,
                        (r.value->>'tax_key')::uuid AS tax_key,
                        coalesce('"' || replace((r.value->>'tax_key')::uuid::text, '-', '') || '"', 'null') AS tax
                    FROM jsonb_array_elements(_rows) WITH ORDINALITY AS r (value, place)
                ) n LEFT JOIN {shop}.products p ON p.key = n.key
                WHERE p.key IS NULL OR p.price_centi <> n.price OR p.tax_key IS DISTINCT FROM n.tax_key
            ) told;
            PERFORM {acts}.tell_changes(_till, _actor, _lender, 'price', _at, _prices, concat('[', price_values, ']'));
            PERFORM {acts}.tell_changes(_till, _actor, _lender, 'tax', _at, _taxes, concat('[', tax_values, ']'));
        END""",
        finds_by_index=True,
    ),
)

_ACTS = (
    ServerFunction(
        "hold",
        "_table text, _keys uuid[]",
        "void",
        """
        BEGIN  -- documents of a customer are issued meanwhile
            IF _table = 'customers' THEN
                PERFORM FROM {shop}.customers c WHERE c.key = ANY (_keys) ORDER BY c.key FOR NO KEY UPDATE;
            ELSIF _table = 'products' THEN
                PERFORM FROM {shop}.products p WHERE p.key = ANY (_keys) ORDER BY p.key FOR NO KEY UPDATE;
            END IF;
        END""",
        finds_by_index=True,
    ),
    ServerFunction(
        "save_customers",
        f"{WHO_OR_LENT}, _rows jsonb, _at timestamptz",
        "void",
        """
        BEGIN
            PERFORM {acts}.require_right({who}, 'sell');
            PERFORM {acts}.put_customers(_rows, {acts}.instant(_at));
        END""",
    ),
    ServerFunction(
        "merge_customers",
        f"{WHO_OR_LENT}, _kept jsonb, _other uuid, _at timestamptz",
        "void",
        """
        DECLARE
            moment timestamptz := {acts}.instant(_at);
            lender uuid := {acts}.require_right({who}, 'merge and erase customers');
            kept_key uuid := (_kept->>'key')::uuid;
        BEGIN
            IF kept_key = _other OR NOT EXISTS (
                SELECT FROM {shop}.customers c
                WHERE c.key = _other AND c.merged_into IS NULL AND c.erased_at IS NULL
            ) THEN
                PERFORM {acts}.refuse('SD004', 'Choose another customer to merge with.', 'customer');
            END IF;
            PERFORM {acts}.put_customers(jsonb_build_array(_kept), moment);
            UPDATE {shop}.customers c SET merged_into = kept_key WHERE c.key = _other OR c.merged_into = _other;
            PERFORM {acts}.forget_customer(_other);
            PERFORM {acts}.sum_customer(kept_key);
            PERFORM {acts}.forget_words('customer', ARRAY[_other]);
            PERFORM {acts}.append_journal(_till, _actor, lender, 'merged', moment, '',
                _changes => concat('[["","', _other, '","', kept_key, '"]]'), _values => '[]');
        END""",
    ),
    ServerFunction(
        "erase_customer",
        f"{WHO_OR_LENT}, _key uuid, _at timestamptz",
        "void",
        """
        DECLARE
            moment timestamptz := {acts}.instant(_at);
            lender uuid := {acts}.require_right({who}, 'merge and erase customers');
            every uuid[] := ARRAY(SELECT c.key FROM {shop}.customers c WHERE c.key = _key OR c.merged_into = _key);
        BEGIN
            UPDATE {shop}.customers c SET name = '', email = '', email_folded = '', phone = '', address = '',
                tax_id = '', language = '', note = '', country = '', vat_number = '', reference = '',
                electronic_address = '', preferred_channel = '', sms_consent_on = '', erased_at = moment, sort_key = '',
                revision = c.revision + 1
            WHERE c.key = ANY (every) AND c.erased_at IS NULL;
            IF NOT FOUND THEN
                PERFORM {acts}.refuse('SD004', 'This customer no longer exists.', 'customer');
            END IF;
            PERFORM {acts}.forget_words('customer', every);
            PERFORM {acts}.append_journal(_till, _actor, lender, 'erased', moment, '',
                _changes => concat('[["","', _key, '",""]]'), _values => '[]');
        END""",
    ),
    ServerFunction(
        "save_products",
        f"{WHO_OR_LENT}, _rows jsonb, _prices json, _taxes json, _at timestamptz",
        "void",
        """
        DECLARE
            moment timestamptz := {acts}.instant(_at);
            lender uuid := {acts}.require_right({who}, 'change products');
        BEGIN
            PERFORM {acts}.journal_prices(_till, _actor, lender, moment, _rows, _prices, _taxes);
            PERFORM {acts}.keep_departments(_rows);
            INSERT INTO {shop}.products AS p ({products.columns})
            SELECT {products.given} FROM jsonb_populate_recordset(NULL::{shop}.products, _rows) g
            ON CONFLICT (key) DO UPDATE SET {products.set}, revision = p.revision + 1;
            PERFORM {acts}.index_words('product', _rows);
        END""",
    ),
    ServerFunction(
        "set_prices",
        f"{WHO_OR_LENT}, _rows jsonb, _prices json, _taxes json, _at timestamptz",
        "void",
        """
        DECLARE
            lender uuid := {acts}.require_right({who}, 'change products');
        BEGIN
            PERFORM {acts}.journal_prices(_till, _actor, lender, {acts}.instant(_at), _rows, _prices, _taxes);
            UPDATE {shop}.products p SET price_centi = g.price_centi, tax_key = g.tax_key, revision = p.revision + 1
            FROM jsonb_populate_recordset(NULL::{shop}.products, _rows) g WHERE p.key = g.key;
        END""",
        finds_by_index=True,
    ),
    ServerFunction(
        "sort_again",
        f"{WHO_OR_LENT}, _table text, _rows jsonb",
        "void",
        """
        BEGIN
            PERFORM {acts}.require_right({who}, 'change settings');
            IF _table = 'customers' THEN
                UPDATE {shop}.customers c SET sort_key = g.sort_key
                FROM jsonb_populate_recordset(NULL::{shop}.customers, _rows) g WHERE c.key = g.key;
            ELSIF _table = 'products' THEN
                UPDATE {shop}.products p SET sort_key = g.sort_key
                FROM jsonb_populate_recordset(NULL::{shop}.products, _rows) g WHERE p.key = g.key;
            END IF;
        END""",
        finds_by_index=True,
    ),
    ServerFunction(
        "add_till",
        "_token bytea, _actor uuid, _key uuid, _name text, _at timestamptz",
        "boolean",
        """
        DECLARE
            moment timestamptz := {acts}.instant(_at);
            here uuid := (SELECT s.till_key FROM {acts}.sessions s WHERE s.token_hash = sha256(_token));
        BEGIN  -- another till may have its name meanwhile: then the answer is false
            IF NOT {acts}.may(({acts}.who(_token, _actor, here)).standing_role, 'change settings') THEN
                PERFORM {acts}.refuse('SD003',
                    'Only the owner can register a till. Ask the owner to sign in here once.', 'right change settings');
            END IF;
            LOCK TABLE {shop}.tills IN SHARE ROW EXCLUSIVE MODE;
            INSERT INTO {shop}.tills (key, name, created_at, journal_hash)
            SELECT _key, _name, moment, decode(repeat('00', 32), 'hex')
            WHERE NOT EXISTS (SELECT FROM {shop}.tills t WHERE t.name = _name);
            RETURN FOUND;
        END""",
    ),
    ServerFunction(
        "set_till_preferences",
        f"{WHO_OR_LENT}, _kind text, _shortcuts text, _changes json, _at timestamptz",
        "void",
        """
        DECLARE
            moment timestamptz := {acts}.instant(_at);
            lender uuid := {acts}.require_right({who}, 'change settings');
        BEGIN
            UPDATE {shop}.tills t SET default_kind = _kind, shortcuts = _shortcuts WHERE t.key = _till;
            PERFORM {acts}.tell_changes(_till, _actor, lender, 'setting', moment, _changes);
        END""",
    ),
    ServerFunction(
        "save_import_layout",
        f"{WHO_OR_LENT}, _subject text, _headings text, _layout text, _at timestamptz",
        "void",
        """
        DECLARE moment timestamptz := {acts}.instant(_at);
        BEGIN
            PERFORM {acts}.require_right({who}, CASE _subject WHEN 'customers' THEN 'sell' ELSE 'change products' END);
            INSERT INTO {shop}.import_layouts (subject, headings, layout, changed_at)
            VALUES (_subject, _headings, _layout, moment)
            ON CONFLICT (subject, headings) DO UPDATE SET layout = excluded.layout, changed_at = excluded.changed_at;
        END""",
    ),
    ServerFunction(
        "save_account_mapping",
        f"{WHO_OR_LENT}, _subject text, _mapping text, _changes json, _at timestamptz",
        "void",
        """
        DECLARE
            moment timestamptz := {acts}.instant(_at);
            lender uuid := {acts}.require_right({who}, 'export');
        BEGIN
            PERFORM {acts}.require_right({who}, 'see statistics');
            INSERT INTO {shop}.account_mappings (subject, mapping, changed_at) VALUES (_subject, _mapping, moment)
            ON CONFLICT (subject) DO UPDATE SET mapping = excluded.mapping, changed_at = excluded.changed_at;
            PERFORM {acts}.tell_changes(_till, _actor, lender, 'setting', moment, _changes);
        END""",
    ),
    ServerFunction(
        "record_backup",
        "_key uuid, _kind text, _till text, _place text, _size bigint, _at timestamptz",
        "void",
        """
        DECLARE moment timestamptz := {acts}.instant(_at);
        BEGIN  -- a command makes backups while no one is signed in
            INSERT INTO {shop}.backups (key, kind, at, till, place, size)
            VALUES (_key, _kind, moment, _till, _place, _size);
        END""",
    ),
    ServerFunction(
        "save_draft",
        f"{WHO_OR_LENT}, _draft jsonb, _rows jsonb, _whole boolean",
        "void",
        """
        DECLARE
            one jsonb := _draft || jsonb_build_object('till_key', _till, 'by_name',
                (SELECT a.name FROM {shop}.accounts a WHERE a.key = (_draft->>'by_key')::uuid));
        BEGIN
            PERFORM {acts}.require_right({who}, 'sell');
            INSERT INTO {shop}.drafts ({drafts.columns})
            SELECT {drafts.given} FROM jsonb_populate_record(NULL::{shop}.drafts, one) g
            ON CONFLICT (key) DO UPDATE SET {drafts.set};
            IF _whole THEN
                DELETE FROM {shop}.draft_rows d WHERE d.draft_key = (one->>'key')::uuid;
            END IF;
            INSERT INTO {shop}.draft_rows ({draft_rows.columns})
            SELECT {draft_rows.given} FROM jsonb_populate_recordset(NULL::{shop}.draft_rows, _rows) g
            ON CONFLICT (draft_key, position) DO UPDATE SET {draft_rows.set};
        END""",
    ),
    ServerFunction(
        "discard_draft",
        f"{WHO_OR_LENT}, _key uuid",
        "void",
        """
        BEGIN
            PERFORM {acts}.require_right({who}, 'sell');
            DELETE FROM {shop}.drafts d WHERE d.key = _key;
        END""",
    ),
)


def _filled(body: str) -> str:
    """Fill in the columns of the tables: their names, the same of the rows given (“g”), and what a conflict sets."""
    for table, but in (
        (tables.customers, {"created_at", "revision", "merged_into", "erased_at"}),
        (tables.products, {"revision"}),
        (tables.drafts, set[str]()),
        (tables.draft_rows, set[str]()),
    ):
        names = [column.name for column in table.c if column.name not in but]
        changed = [name for name in names if name not in table.primary_key.columns]
        body = body.replace(f"{{{table.name}.columns}}", ", ".join(names))
        body = body.replace(f"{{{table.name}.given}}", ", ".join(f"g.{name}" for name in names))
        body = body.replace(f"{{{table.name}.set}}", ", ".join(f"{name} = excluded.{name}" for name in changed))
    return body


INNER = tuple(one._replace(body=_filled(one.body)) for one in _INNER)
ACTS = tuple(one._replace(body=_filled(one.body)) for one in _ACTS)
