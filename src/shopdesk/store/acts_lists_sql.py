"""The acts on customers, products, tills, layouts of imported files and drafts as functions of a PostgreSQL server.

Rows come as one JSON array for each call, so that an import of thousands is a few calls. A row has the columns of its
table, and the ``words`` and ``endings`` that it is found by. What the journal tells of prices as values is computed
here, of what was stored and what will be; the words beside it are the till's.
"""

from __future__ import annotations

from shopdesk.store.server_function import WHO_OR_LENT, ServerFunction

TABLES = {
    "customers": "SELECT, INSERT, UPDATE",
    "products": "SELECT, INSERT, UPDATE",
    "search_words": "SELECT, INSERT, DELETE",
    "tills": "SELECT, INSERT, UPDATE",
    "import_layouts": "SELECT, INSERT, UPDATE",
    "backups": "INSERT",
    "drafts": "SELECT, INSERT, UPDATE, DELETE",
    "draft_rows": "SELECT, INSERT, UPDATE, DELETE",
}

INNER = (
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
            INSERT INTO {shop}.customers AS c (key, name, email, email_folded, phone, address, tax_id, language, note,
                country, vat_number, reference, electronic_address, created_at, sort_key)
            SELECT g.key, g.name, g.email, g.email_folded, g.phone, g.address, g.tax_id, g.language, g.note,
                g.country, g.vat_number, g.reference, g.electronic_address, _at, g.sort_key
            FROM jsonb_populate_recordset(NULL::{shop}.customers, _rows) g
            ON CONFLICT (key) DO UPDATE SET name = excluded.name, email = excluded.email,
                email_folded = excluded.email_folded, phone = excluded.phone, address = excluded.address,
                tax_id = excluded.tax_id, language = excluded.language, note = excluded.note,
                country = excluded.country, vat_number = excluded.vat_number, reference = excluded.reference,
                electronic_address = excluded.electronic_address,
                sort_key = excluded.sort_key, revision = c.revision + 1;
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
            IF price_values IS NOT NULL OR json_array_length(_prices) > 0 THEN
                PERFORM {acts}.append_journal(_till, _actor, _lender, 'price', _at, {acts}.detail_of(_prices),
                    _changes => _prices::text, _values => concat('[', price_values, ']'));
            END IF;
            IF tax_values IS NOT NULL OR json_array_length(_taxes) > 0 THEN
                PERFORM {acts}.append_journal(_till, _actor, _lender, 'tax', _at, {acts}.detail_of(_taxes),
                    _changes => _taxes::text, _values => concat('[', tax_values, ']'));
            END IF;
        END""",
        finds_by_index=True,
    ),
)

ACTS = (
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
                electronic_address = '', erased_at = moment, sort_key = '', revision = c.revision + 1
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
            INSERT INTO {shop}.products AS p (key, code, barcode, gtin, name, department, category, price_centi,
                tax_key, is_retired, sort_key, tile_colour, tile_page, tile_order,
                unit)
            SELECT g.key, g.code, g.barcode, g.gtin, g.name, g.department, g.category, g.price_centi, g.tax_key,
                g.is_retired, g.sort_key, g.tile_colour, g.tile_page, g.tile_order, g.unit
            FROM jsonb_populate_recordset(NULL::{shop}.products, _rows) g
            ON CONFLICT (key) DO UPDATE SET code = excluded.code, barcode = excluded.barcode, gtin = excluded.gtin,
                name = excluded.name, department = excluded.department, category = excluded.category,
                price_centi = excluded.price_centi, tax_key = excluded.tax_key, is_retired = excluded.is_retired,
                sort_key = excluded.sort_key, tile_colour = excluded.tile_colour, tile_page = excluded.tile_page,
                tile_order = excluded.tile_order, unit = excluded.unit, revision = p.revision + 1;
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
            IF json_array_length(_changes) > 0 THEN
                PERFORM {acts}.append_journal(_till, _actor, lender, 'setting', moment, {acts}.detail_of(_changes),
                    _changes => _changes::text, _values => '[]');
            END IF;
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
            one {shop}.drafts := jsonb_populate_record(NULL::{shop}.drafts, _draft);
            typed_by text := (SELECT a.name FROM {shop}.accounts a WHERE a.key = one.by_key);
        BEGIN
            PERFORM {acts}.require_right({who}, 'sell');
            INSERT INTO {shop}.drafts (key, till_key, by_key, by_name, kind, customer, customer_key, on_text, due_text,
                discount_text, note, cursor_row, cursor_column, edits, edits_revision, origin, rows, changed_at)
            VALUES (one.key, _till, one.by_key, typed_by, one.kind, one.customer, one.customer_key, one.on_text,
                one.due_text, one.discount_text, one.note, one.cursor_row, one.cursor_column, one.edits,
                one.edits_revision, one.origin, one.rows, one.changed_at)
            ON CONFLICT (key) DO UPDATE SET till_key = excluded.till_key, by_key = excluded.by_key,
                by_name = excluded.by_name, kind = excluded.kind, customer = excluded.customer,
                customer_key = excluded.customer_key, on_text = excluded.on_text, due_text = excluded.due_text,
                discount_text = excluded.discount_text, note = excluded.note, cursor_row = excluded.cursor_row,
                cursor_column = excluded.cursor_column, edits = excluded.edits,
                edits_revision = excluded.edits_revision, origin = excluded.origin, rows = excluded.rows,
                changed_at = excluded.changed_at;
            IF _whole THEN
                DELETE FROM {shop}.draft_rows d WHERE d.draft_key = one.key;
            END IF;
            INSERT INTO {shop}.draft_rows (draft_key, position, item, quantity, unit_price, discount, tax, product_key)
            SELECT one.key, g.position, g.item, g.quantity, g.unit_price, g.discount, g.tax, g.product_key
            FROM jsonb_populate_recordset(NULL::{shop}.draft_rows, _rows) g
            ON CONFLICT (draft_key, position) DO UPDATE SET item = excluded.item, quantity = excluded.quantity,
                unit_price = excluded.unit_price, discount = excluded.discount, tax = excluded.tax,
                product_key = excluded.product_key;
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
