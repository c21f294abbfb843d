"""The acts on the books as functions of a PostgreSQL server: documents, payments, the journal.

An act comes as the canonical JSON of each document after it. The server puts in the numbers and the instant, which a
till cannot choose, and derives every row from that text: lines, taxes, payments, daily totals, the journal's row, the
message. It checks who acts and may, that the text is canonical, that it is the stored document but for what such an
act changes, and that its sums follow its lines. Prices and tax rates are free, as in the editor.

A new part of a snapshot is known here once ``KEYS`` or a length in ``store/document_snapshots`` has it, and a migration
installs the functions anew.
"""

from __future__ import annotations

from shopdesk.store import document_snapshots
from shopdesk.store.server_function import WHO_OR_LENT, ServerFunction

TABLES = {
    "documents": "SELECT, INSERT, UPDATE",
    "document_lines": "SELECT, INSERT, DELETE",
    "document_taxes": "SELECT, INSERT, DELETE",
    "payments": "SELECT, INSERT",
    "journal": "SELECT, INSERT",
    "day_closes": "SELECT",
    "series": "SELECT, INSERT, UPDATE",
    "tills": "SELECT, UPDATE",
    "day_sales": "SELECT, INSERT, UPDATE",
    "day_items": "SELECT, INSERT, UPDATE",
    "day_taxes": "SELECT, INSERT, UPDATE",
    "day_customers": "SELECT, INSERT, UPDATE",
    "day_payments": "SELECT, INSERT, UPDATE",
    "outbox": "SELECT, INSERT, UPDATE",
    "drafts": "SELECT, DELETE",
    "products": "SELECT",
    "customers": "SELECT",
    "shop": "SELECT",
}
"""The rights on tables that these functions need."""


_PARTS = {"document": "", "seller": "seller.", "buyer": "buyer.", "layout": "layout."}
_KEYS = {part: {key: f'{name}"{key}" ' for key in document_snapshots.KEYS[part]} for part, name in _PARTS.items()}
"""The keys of each part of a snapshot as ``require_canonical`` spells them."""
_ALL_KEYS = "".join(spelled for keys in _KEYS.values() for spelled in keys.values())
_LEFT_OUT = [
    *(keys[key] for keys in _KEYS.values() for key in keys if key in document_snapshots.OPTIONAL_KEYS),
    "".join(_KEYS["layout"].values()),
]
"""The keys that are left out where a snapshot has nothing to tell of them."""

_REPEATED = (
    "revision seller buyer customer_key buyer_name prices_include_tax language discount_minor discount_milli "
    "sum_minor off_minor net_minor tax_minor gross_minor paid_minor note date_on due_on exemptions layout"
)
_CHANGES = {
    "amended": _REPEATED,
    "voided": "state voided_at paid_minor",
    "credited": "state corrected_by paid_minor",
    "returned": "paid_minor",
    "paid": "paid_minor",
    "sealed": "sealed_at",
    "printed": "",
    "sent": "",
}
"""The columns of a document that an act changes."""

_CHANGED = " ".join(f"WHEN '{act}' THEN '{{{','.join(names.split())}}}'" for act, names in _CHANGES.items())

_DAY_TABLES = {
    "day_sales": "documents, net_minor, tax_minor, gross_minor",
    "day_items": "quantity_milli, gross_minor",
    "day_taxes": "net_minor, tax_minor, gross_minor",
    "day_customers": "documents, gross_minor",
    "day_payments": "payments, amount_minor, rounding_minor",
}


def _adding(table: str) -> str:
    """Return the end of an INSERT that adds to the totals of the same day."""
    sums = _DAY_TABLES[table].split(", ")
    return "DO UPDATE SET " + ", ".join(f"{name} = d.{name} + excluded.{name}" for name in sums)


def _inner(name: str, arguments: str, result: str, body: str) -> ServerFunction:
    """Return a function that only acts call, within their rights and their path."""
    return ServerFunction(name, arguments, result, body, is_part=True)


INNER = (
    _inner(
        "require",
        "_is_so boolean, _what text",
        "void",
        """
        BEGIN
            IF _is_so IS NOT TRUE THEN
                PERFORM {acts}.refuse('SD005', 'This is no act on the books: ' || _what || '.');
            END IF;
        END""",
    ),
    _inner(
        "half_up",
        "_numerator numeric, _denominator numeric",
        "numeric",
        """
        BEGIN  -- as rounded in domain/money.py
            RETURN sign(_numerator) * div(2 * abs(_numerator) + _denominator, 2 * _denominator);
        END""",
    ),
    _inner(
        "require_canonical",
        "_whole json",
        "void",
        rf"""
        DECLARE
            keys text := (SELECT string_agg(concat(p.name, to_json(k.key), ' '), '') FROM (VALUES
                ('', _whole), ('seller.', _whole->'seller'), ('buyer.', _whole->'buyer'), ('layout.', _whole->'layout')
            ) AS p (name, part), json_object_keys(p.part) AS k (key));
            known text := '{_ALL_KEYS}';
            one text;
        BEGIN  -- as canonical in store/document_snapshots.py: sorted, without blanks, one way to write each value
            FOREACH one IN ARRAY ARRAY{_LEFT_OUT} LOOP
                IF strpos(keys, one) = 0 THEN
                    known := replace(known, one, '');
                END IF;
            END LOOP;
            IF (keys = known AND _whole::text ~ ('^("([^"\\]|\\(["\\bfnrt]|u00(0[0-7bef]|1[0-9a-f])))*"'
                || '|[][{{}}:,]|-?[1-9][0-9]*|0|true|false|null)*$')) IS NOT TRUE THEN
                PERFORM {{acts}}.require(false, 'its text is not canonical');
            END IF;
        END""",  # noqa: S608 - names of this module
    ),
    _inner(
        "require_sums",
        "_facts jsonb, OUT taken_back bigint",
        "",
        """
        DECLARE
            is_credit boolean := _facts->>'corrects' IS NOT NULL;  -- it repeats shares of another document
            with_tax boolean := (_facts->>'prices_include_tax')::boolean;
            amounts jsonb := _facts->'amounts';
            rates text[] := '{}';
            sums numeric[] := '{}';
            one jsonb;
            place integer := 0;
            part integer;
            amount numeric;
            whole numeric;
            off numeric;
            total numeric := 0;
            tax numeric;
            all_off numeric := 0;
            net numeric := 0;
            taxes numeric := 0;
        BEGIN
            taken_back := 0;
            IF (jsonb_array_length(amounts) = jsonb_array_length(_facts->'lines')
                AND jsonb_array_length(amounts) > 0) IS NOT TRUE THEN
                PERFORM {acts}.require(false, 'it has no lines');
            END IF;
            FOR one IN SELECT v FROM jsonb_array_elements(_facts->'lines') AS e (v) LOOP
                amount := (amounts->>place)::bigint;
                place := place + 1;
                total := total + amount;
                taken_back := taken_back + least(amount, 0);
                part := array_position(rates, (one->>3) || (one->>4));
                IF part IS NULL THEN
                    rates := rates || ((one->>3) || (one->>4));
                    sums := sums || amount;
                ELSE
                    sums[part] := sums[part] + amount;
                END IF;
                whole := round((one->>1)::numeric * (one->>2)::numeric * 0.00001);  -- ties away from zero
                off := coalesce(sign(whole) * (one->>5)::bigint, round(whole * (one->>6)::bigint * 0.00001), 0);
                IF ((is_credit OR amount = whole - off)
                    AND coalesce((one->>5)::bigint BETWEEN 0 AND abs(whole), true)
                    AND coalesce((one->>6)::bigint BETWEEN 0 AND 100000, true)) IS NOT TRUE THEN
                    PERFORM {acts}.require(false, 'its lines do not add up');
                END IF;
                IF jsonb_array_length(one) <> {line_length} THEN
                    PERFORM {acts}.require(jsonb_array_length(one) = {line_length} + 1 AND one->>8 <> 'C62'
                        AND (is_credit OR one->>8 =
                            (SELECT p.unit FROM {shop}.products p WHERE p.key = (one->>7)::uuid)),
                        'a unit is not the product''s');
                END IF;
            END LOOP;
            off := coalesce(sign(total) * (_facts->'discount'->>0)::bigint,
                round(total * (_facts->'discount'->>1)::bigint * 0.00001), 0);
            IF ((_facts->>'sum')::bigint = total AND (is_credit OR (_facts->>'off')::bigint = off)
                AND abs(off) <= abs(total)
                AND jsonb_array_length(_facts->'groups') = cardinality(rates)) IS NOT TRUE THEN
                PERFORM {acts}.require(false, 'its lines do not add up');
            END IF;
            FOR one IN SELECT v FROM jsonb_array_elements(_facts->'groups') AS e (v) LOOP
                part := array_position(rates, (one->>0) || (one->>1));
                whole := (one->>2)::numeric - (one->>3)::bigint;
                tax := {acts}.half_up(whole * (one->>0)::integer,
                    100000 + CASE WHEN with_tax THEN (one->>0)::integer ELSE 0 END);
                IF (jsonb_array_length(one) = 7 AND (one->>2)::bigint = sums[part]
                    AND (one->>6)::bigint = (one->>4)::numeric + (one->>5)::bigint
                    AND (is_credit OR ((one->>5)::bigint = tax
                        AND (one->>CASE WHEN with_tax THEN 6 ELSE 4 END)::bigint = whole))) IS NOT TRUE THEN
                    PERFORM {acts}.require(false, 'its taxes do not add up');
                END IF;
                all_off := all_off + (one->>3)::bigint;
                net := net + (one->>4)::bigint;
                taxes := taxes + (one->>5)::bigint;
            END LOOP;
            IF ((_facts->>'off')::bigint = all_off AND (_facts->>'net')::bigint = net
                AND (_facts->>'tax')::bigint = taxes AND (_facts->>'gross')::bigint = net + taxes) IS NOT TRUE THEN
                PERFORM {acts}.require(false, 'its taxes do not add up');
            END IF;
        END""".replace("{line_length}", str(document_snapshots.LINE_LENGTH)),
    ),
    _inner(
        "lines_of",
        "_document uuid",
        "jsonb",
        """
        BEGIN  -- as _line_to_facts in store/document_snapshots.py
            RETURN (SELECT jsonb_agg(jsonb_build_array(l.item, l.quantity_milli, l.unit_price_centi, l.rate_milli,
                l.category, l.discount_minor, l.discount_milli, l.product_key)
                || CASE WHEN l.unit = 'C62' THEN '[]' ELSE jsonb_build_array(l.unit) END ORDER BY l.position)
                FROM {shop}.document_lines l WHERE l.document_key = _document);
        END""",
    ),
    _inner(
        "exceeds_discount",
        "_facts jsonb, _before jsonb, _before_off jsonb",
        "boolean",
        """
        DECLARE  -- as excess in domain/discount_limit.py, and as _settled in usecases/documents.py
            most integer := (SELECT s.cashier_discount_milli FROM {shop}.shop s);
            whole numeric := (_facts->>'sum')::bigint;
            off numeric := (_facts->>'off')::bigint;
            of_all jsonb := _facts->'discount';
            one record;
            is_judged boolean := false;
            is_low boolean;
            full_amount numeric;
            lowest numeric;
        BEGIN
            FOR one IN
                WITH line AS (
                    SELECT v, (v->>1)::numeric AS quantity, (v->>2)::numeric AS price, (v->>6)::bigint AS milli,
                        (_facts->'amounts'->>(place - 1)::integer)::numeric AS amount,
                        row_number() OVER (PARTITION BY v - 8 ORDER BY place) AS nth
                    FROM jsonb_array_elements(_facts->'lines') WITH ORDINALITY AS e (v, place)
                )
                SELECT l.*, greatest(l.price,
                    (SELECT p.price_centi FROM {shop}.products p WHERE p.key = (l.v->>7)::uuid),
                    (SELECT min(p.price_centi) FROM {shop}.products p WHERE NOT p.is_retired
                        AND (p.name = l.v->>0 OR p.code = l.v->>0 OR p.barcode = l.v->>0))) AS own
                FROM line l
                WHERE (of_all <> '[null, null]' AND of_all IS DISTINCT FROM _before_off) OR l.nth > (
                    SELECT count(*) FROM jsonb_array_elements(coalesce(_before, '[]')) AS e (v) WHERE e.v - 8 = l.v - 8)
            LOOP
                is_judged := true;
                full_amount := {acts}.half_up(one.quantity * one.own, 100000);
                lowest := full_amount - {acts}.half_up(full_amount * most, 100000);
                IF one.milli > most OR (full_amount > 0 AND one.amount < lowest) THEN
                    RETURN true;
                END IF;
                IF off <> 0 AND full_amount <> one.amount THEN
                    IF one.price = one.own AND one.milli IS NOT NULL AND of_all->>1 IS NOT NULL THEN
                        is_low := (100000 - one.milli) * (100000 - (of_all->>1)::bigint)
                            < (100000 - most) * 100000::bigint;
                    ELSE
                        is_low := full_amount > 0 AND lowest
                            > {acts}.half_up(one.amount * (whole - off) * sign(whole), abs(whole));
                    END IF;
                    IF is_low THEN
                        RETURN true;
                    END IF;
                END IF;
            END LOOP;
            RETURN is_judged AND coalesce((of_all->>0)::bigint > {acts}.half_up(abs(whole) * most, 100000)
                OR (of_all->>1)::bigint > most, false);
        END""",
    ),
    _inner(
        "is_closed",
        "_day date, _at timestamptz",
        "boolean",
        """
        BEGIN  -- the shop's day may be another than that of UTC
            IF _day >= (_at AT TIME ZONE 'UTC')::date - 1 THEN
                RETURN false;
            END IF;
            PERFORM FROM {shop}.shop s FOR SHARE;  -- only a close waits
            RETURN coalesce(_day <= (SELECT max(c.until_on) FROM {shop}.day_closes c), false);
        END""",
    ),
    _inner(
        "next_number",
        "_till uuid, _name text, _kind text, _year integer",
        "text",
        """
        DECLARE count bigint;
        BEGIN
            UPDATE {shop}.series s SET last = s.last + 1 WHERE s.till_key = _till AND s.kind = _kind AND s.year = _year
            RETURNING s.last INTO count;
            IF NOT FOUND THEN
                INSERT INTO {shop}.series (till_key, kind, year, last) VALUES (_till, _kind, _year, 1);
                count := 1;
            END IF;
            RETURN concat(upper(left(_kind, 1)), '-', _name, '-', _year, '-',
                lpad(count::text, greatest(6, length(count::text)), '0'));
        END""",
    ),
    _inner(
        "add_up",
        "_document uuid, _sign integer",
        "void",
        f"""
        DECLARE one {{shop}}.documents;
        BEGIN  -- as add in store/rollups.py
            SELECT * INTO one FROM {{shop}}.documents o WHERE o.key = _document;
            IF one.kind = 'quote' THEN
                RETURN;
            END IF;
            INSERT INTO {{shop}}.day_sales AS d
                (day, till_key, kind, documents, net_minor, tax_minor, gross_minor)
            VALUES (one.date_on, one.till_key, one.kind, _sign,
                _sign * one.net_minor, _sign * one.tax_minor, _sign * one.gross_minor)
            ON CONFLICT (day, till_key, kind) {_adding("day_sales")};
            IF NOT EXISTS (SELECT FROM {{shop}}.document_taxes t
                WHERE t.document_key = _document AND (t.gross_minor <> t.sum_minor OR t.sum_minor = 0)) THEN
                INSERT INTO {{shop}}.day_items AS d (day, till_key, item, quantity_milli, gross_minor)
                SELECT one.date_on, one.till_key, l.item, _sign * sum(l.quantity_milli), _sign * sum(l.amount_minor)
                FROM {{shop}}.document_lines l WHERE l.document_key = _document GROUP BY l.item ORDER BY l.item
                ON CONFLICT (day, till_key, item) {_adding("day_items")};
            ELSE  -- as gross_lines in domain/totals.py
                INSERT INTO {{shop}}.day_items AS d (day, till_key, item, quantity_milli, gross_minor)
                WITH share AS (
                    SELECT l.position, l.item, l.quantity_milli, l.rate_milli, l.category, l.amount_minor,
                        t.gross_minor AS gross, abs(t.sum_minor) AS whole,
                        abs(t.gross_minor)::numeric * l.amount_minor * sign(t.sum_minor::numeric) AS share
                    FROM {{shop}}.document_lines l JOIN {{shop}}.document_taxes t
                        ON t.document_key = l.document_key AND t.rate_milli = l.rate_milli AND t.category = l.category
                    WHERE l.document_key = _document
                ), part AS (
                    SELECT *, CASE WHEN whole = 0 THEN 0
                        ELSE div(share - CASE WHEN share < 0 THEN whole - 1 ELSE 0 END, whole) END AS part
                    FROM share
                ), claim AS (
                    SELECT *, abs(gross) - sum(part) OVER (PARTITION BY rate_milli, category) AS left_over,
                        row_number() OVER (PARTITION BY rate_milli, category
                            ORDER BY share - part * whole DESC, abs(amount_minor) DESC, position) AS claim
                    FROM part
                )
                SELECT one.date_on, one.till_key, item, _sign * sum(quantity_milli),
                    _sign * sum((part + CASE WHEN whole <> 0 AND claim <= left_over THEN 1 ELSE 0 END)
                        * sign(gross::numeric))
                FROM claim GROUP BY item ORDER BY item
                ON CONFLICT (day, till_key, item) {_adding("day_items")};
            END IF;
            INSERT INTO {{shop}}.day_taxes AS d
                (day, till_key, rate_milli, category, net_minor, tax_minor, gross_minor)
            SELECT one.date_on, one.till_key, t.rate_milli, t.category,
                _sign * t.net_minor, _sign * t.tax_minor, _sign * t.gross_minor
            FROM {{shop}}.document_taxes t WHERE t.document_key = _document
            ON CONFLICT (day, till_key, rate_milli, category) {_adding("day_taxes")};
            IF one.customer_key IS NOT NULL THEN
                INSERT INTO {{shop}}.day_customers AS d (day, till_key, customer_key, documents, gross_minor)
                VALUES (one.date_on, one.till_key, one.customer_key,
                    CASE WHEN one.kind IN ('invoice', 'receipt') THEN _sign ELSE 0 END, _sign * one.gross_minor)
                ON CONFLICT (day, till_key, customer_key) {_adding("day_customers")};
            END IF;
            PERFORM {{acts}}.count_again(one, _sign);
        END""",  # noqa: S608 - names of this module
    ),
    _inner(
        "add_parts",
        "_document uuid, _facts jsonb",
        "void",
        """
        BEGIN
            INSERT INTO {shop}.document_lines (document_key, position, item, product_key, quantity_milli,
                unit_price_centi, discount_minor, discount_milli, rate_milli, category, amount_minor, unit)
            SELECT _document, place - 1, v->>0, (v->>7)::uuid, (v->>1)::bigint, (v->>2)::bigint, (v->>5)::bigint,
                (v->>6)::integer, (v->>3)::integer, v->>4, amount::bigint, coalesce(v->>8, 'C62')
            FROM ROWS FROM (jsonb_array_elements(_facts->'lines'), jsonb_array_elements_text(_facts->'amounts'))
                WITH ORDINALITY AS e (v, amount, place);
            INSERT INTO {shop}.document_taxes (document_key, rate_milli, category, sum_minor, off_minor, net_minor,
                tax_minor, gross_minor)
            SELECT _document, (v->>0)::integer, v->>1, (v->>2)::bigint, (v->>3)::bigint, (v->>4)::bigint,
                (v->>5)::bigint, (v->>6)::bigint
            FROM jsonb_array_elements(_facts->'groups') AS e (v);
        END""",
    ),
    _inner(
        "is_more_than_a_coin",
        "_amount bigint",
        "boolean",
        """
        BEGIN
            RETURN _amount > greatest((SELECT s.smallest_coin FROM {shop}.shop s), 10);
        END""",
    ),
    _inner(
        "take_payments",
        "_document uuid, _facts jsonb, _till uuid, _by uuid, _by_name text, _at timestamptz, _on date, _known integer, "
        "OUT settled bigint, OUT offsets bigint, OUT paid_out boolean",
        "",
        f"""
        DECLARE
            one jsonb;
            place integer := 0;
            amount bigint;
            rounding bigint;
            is_cash boolean;
        BEGIN  -- those after the first ones, which are stored already
            settled := 0;
            offsets := 0;
            paid_out := false;
            FOR one IN SELECT v FROM jsonb_array_elements(_facts->'payments') AS e (v) LOOP
                place := place + 1;
                CONTINUE WHEN place <= _known;
                amount := (one->>2)::bigint;
                rounding := (one->>5)::bigint;
                is_cash := one->>1 = 'cash';
                IF (jsonb_array_length(one) = 8
                    AND one->>1 IN ('cash', 'card', 'transfer', 'other', 'offset')
                    AND one->>6 = {{acts}}.spelled(_at) AND one->>7 = _by_name
                    AND (one->>3)::numeric - (one->>4)::bigint = amount::numeric + rounding
                    AND (one->>4)::bigint >= 0 AND (is_cash OR ((one->>4)::bigint = 0 AND rounding = 0))) IS NOT TRUE
                    OR (rounding <> 0 AND {{acts}}.is_more_than_a_coin(abs(rounding))) THEN
                    PERFORM {{acts}}.require(false, 'a payment is wrong');
                END IF;
                INSERT INTO {{shop}}.payments (key, document_key, method, amount_minor, tendered_minor, change_minor,
                    rounding_minor, paid_at, paid_on, by_key, by_name, till_key, number)
                VALUES ((one->>0)::uuid, _document, one->>1, amount, (one->>3)::bigint, (one->>4)::bigint, rounding,
                    _at, _on, _by, _by_name, _till, _facts->>'number');
                INSERT INTO {{shop}}.day_payments AS d
                    (day, till_key, method, payments, amount_minor, rounding_minor)
                VALUES (_on, _till, one->>1, 1, amount + rounding, rounding)
                ON CONFLICT (day, till_key, method) {_adding("day_payments")};
                settled := settled + amount;
                IF one->>1 = 'offset' THEN
                    offsets := offsets + amount;
                ELSE
                    paid_out := paid_out OR amount < 0;
                END IF;
            END LOOP;
        END""",  # noqa: S608 - names of this module
    ),
    _inner(
        "is_between",
        "_amount numeric, _one numeric, _other numeric",
        "boolean",
        """
        BEGIN
            RETURN _amount BETWEEN least(_one, _other) AND greatest(_one, _other);
        END""",
    ),
    _inner(
        "has_returns",
        "_document uuid",
        "boolean",
        """
        BEGIN
            RETURN EXISTS (
                SELECT FROM {shop}.journal j WHERE j.document_key = _document AND j.act = 'returned');
        END""",
    ),
    _inner(
        "require_credit",
        "_credit uuid, _corrects uuid",
        "void",
        """
        DECLARE
            credit {shop}.documents;
            one {shop}.documents;
            back numeric;
        BEGIN  -- a whole document, or goods that were sold and have not come back yet
            SELECT * INTO credit FROM {shop}.documents d WHERE d.key = _credit;
            SELECT * INTO one FROM {shop}.documents d WHERE d.key = _corrects;
            PERFORM {acts}.require(one.sealed_at IS NOT NULL AND one.kind IN ('invoice', 'receipt', 'debit_note'),
                'the credit note is of no sealed document');
            IF one.corrected_by = credit.key THEN
                PERFORM {acts}.require((credit.net_minor, credit.tax_minor) = (-one.net_minor, -one.tax_minor),
                    'the credit note is of another amount');
            ELSE
                back := (SELECT sum(d.gross_minor) FROM {shop}.documents d WHERE d.corrects = one.key
                    AND (d.key = _credit OR d.issued_at IN (SELECT j.at FROM {shop}.journal j
                        WHERE j.document_key = one.key AND j.act = 'returned')));
                PERFORM {acts}.require(one.state = 'issued' AND credit.gross_minor <= 0 AND back >= -one.gross_minor,
                    'more comes back than was sold');
            END IF;
        END""",
    ),
    _inner(
        "layout_of",
        "_shop {shop}.shop, _kind text, _language text",
        "jsonb",
        """
        DECLARE
            own jsonb := coalesce(nullif(_shop.own_texts, '')::jsonb->_kind, '{}');
            of_language jsonb := coalesce(own->lower(substring(_language FROM '^[^-_]*')), '{}');
            of_shop jsonb := coalesce(own->lower(substring(_shop.language FROM '^[^-_]*')), '{}');
        BEGIN  -- as Shop.layout in domain/shop.py
            RETURN jsonb_build_object('barcode', _shop.has_barcode, 'logo', _shop.logo)
                || '{"footer": "", "terms": "", "thanks": "", "title": ""}' || of_shop || of_language;
        END""",
    ),
    _inner(
        "store_new",
        "_row {shop}.documents, _facts jsonb, _till uuid, _by uuid, _by_name text, _at timestamptz, _on date, "
        "OUT offsets bigint, OUT paid_out boolean",
        "",
        """
        DECLARE
            one {shop}.documents := _row;
            corrected {shop}.documents;
            the_shop {shop}.shop;
            taken record;
            is_sale boolean := _row.kind <> 'quote';
            ahead bigint;
        BEGIN
            SELECT * INTO the_shop FROM {shop}.shop;
            IF one.corrects IS NOT NULL THEN
                SELECT * INTO corrected FROM {shop}.documents d WHERE d.key = one.corrects;
            END IF;
            PERFORM {acts}.require(one.kind IN ('invoice', 'receipt', 'debit_note', 'credit_note', 'quote')
                AND one.state = 'issued' AND one.revision = 1 AND one.voided_at IS NULL AND one.corrected_by IS NULL
                AND one.till = (SELECT t.name FROM {shop}.tills t WHERE t.key = _till)
                AND (one.issued_by_key, one.issued_by, one.issued_at) = (_by, _by_name, _at)
                AND one.sealed_at IS NOT DISTINCT FROM
                    CASE WHEN the_shop.seal = 'at issue' AND is_sale THEN _at END
                AND (one.corrects IS NULL OR (one.kind = 'credit_note' AND corrected.key IS NOT NULL)),
                'it is not a new document of this person at this till');
            IF one.currency <> the_shop.currency
                OR NOT coalesce(corrected.seller::jsonb, to_jsonb(the_shop)) @> (_facts->'seller')
                OR _facts->'layout' IS DISTINCT FROM {acts}.layout_of(the_shop, one.kind, one.language) THEN
                PERFORM {acts}.refuse('SD004', 'The shop’s settings have just changed. Save the document again.');
            END IF;
            IF {acts}.is_closed(one.date_on, _at) THEN
                PERFORM {acts}.refuse('SD004', 'This day is closed. Use today’s date.', 'date');
            END IF;
            one.till_key := _till;
            one.sealed_at := NULL;
            INSERT INTO {shop}.documents SELECT one.*;
            PERFORM {acts}.add_parts(one.key, _facts);
            taken := {acts}.take_payments(one.key, _facts, _till, _by, _by_name, _at, _on, 0);
            offsets := taken.offsets;
            paid_out := taken.paid_out;
            -- What a replaced document has received is offset to its replacement; only the difference is paid.
            ahead := CASE WHEN one.replaces IS NULL THEN 0 ELSE offsets END;
            IF (is_sale OR taken.settled = 0) IS NOT TRUE THEN
                PERFORM {acts}.require(false, 'a quote is not paid');
            END IF;
            IF {acts}.is_between(taken.settled - ahead, 0, one.gross_minor - ahead) IS NOT TRUE THEN
                PERFORM {acts}.require(false, 'more is paid than is due');
            END IF;
            IF _row.sealed_at IS NOT NULL THEN
                UPDATE {shop}.documents d SET sealed_at = _at WHERE d.key = one.key;
            END IF;
            PERFORM {acts}.add_up(one.key, 1);
        END""",
    ),
    _inner(
        "store_changed",
        "_act text, _row {shop}.documents, _before {shop}.documents, _facts jsonb, _till uuid, _by uuid, "
        "_by_name text, _at timestamptz, _on date, OUT offsets bigint, OUT paid_out boolean",
        "",
        f"""
        DECLARE
            one {{shop}}.documents := _row;
            changed text[] := CASE _act {_CHANGED} END;
            known jsonb := coalesce((SELECT jsonb_agg(jsonb_build_array(p.key, p.method, p.amount_minor,
                p.tendered_minor, p.change_minor, p.rounding_minor, {{acts}}.spelled(p.paid_at), p.by_name)
                ORDER BY p.key::text) FROM {{shop}}.payments p WHERE p.document_key = _row.key), '[]');
            count integer := jsonb_array_length(known);
            more integer := jsonb_array_length(_facts->'payments') - count;
            taken record;
            is_sale boolean := _row.kind <> 'quote';
            before jsonb := to_jsonb(_before);
        BEGIN
            IF _before.seller::jsonb <@ one.seller::jsonb AND _act <> 'amended' THEN
                one.seller := _before.seller;  -- an older program may have written fewer fields, or other blanks
            END IF;
            IF _before.buyer::jsonb <@ one.buyer::jsonb AND _act <> 'amended' THEN
                one.buyer := _before.buyer;
            END IF;
            PERFORM {{acts}}.require(to_jsonb(one) - changed = before - changed
                AND known = coalesce((SELECT jsonb_agg(v ORDER BY v->>0)
                    FROM jsonb_array_elements(_facts->'payments') WITH ORDINALITY AS e (v, place) WHERE place <= count),
                    '[]'), 'the document is another');
            IF _act = 'amended' THEN
                PERFORM {{acts}}.require(_before.state = 'issued' AND _before.sealed_at IS NULL
                    AND _before.corrects IS NULL AND one.revision = _before.revision + 1
                    AND extract(year FROM one.date_on) = extract(year FROM _before.date_on)
                    AND NOT (is_sale AND {{acts}}.is_closed(_before.date_on, _at)), 'it cannot be amended');
                IF NOT to_jsonb((SELECT s FROM {{shop}}.shop s)) @> one.seller::jsonb
                    OR _facts->'layout' IS DISTINCT FROM
                        {{acts}}.layout_of((SELECT s FROM {{shop}}.shop s), one.kind, one.language) THEN
                    PERFORM {{acts}}.refuse('SD004', 'The shop’s settings have just changed. Save the document again.');
                END IF;
                IF one.date_on <> _before.date_on AND {{acts}}.is_closed(one.date_on, _at) THEN
                    PERFORM {{acts}}.refuse('SD004', 'This day is closed. Use today’s date.', 'date');
                END IF;
                PERFORM {{acts}}.add_up(one.key, -1);
                DELETE FROM {{shop}}.document_lines l WHERE l.document_key = one.key;
                DELETE FROM {{shop}}.document_taxes t WHERE t.document_key = one.key;
                PERFORM {{acts}}.add_parts(one.key, _facts);
            ELSE
                PERFORM {{acts}}.require({{acts}}.lines_of(one.key) = _facts->'lines'
                    AND (SELECT jsonb_agg(l.amount_minor ORDER BY l.position) FROM {{shop}}.document_lines l
                        WHERE l.document_key = one.key) = _facts->'amounts'
                    AND (SELECT jsonb_agg(jsonb_build_array(t.rate_milli, t.category, t.sum_minor, t.off_minor,
                        t.net_minor, t.tax_minor, t.gross_minor) ORDER BY t.rate_milli, t.category)
                        FROM {{shop}}.document_taxes t WHERE t.document_key = one.key)
                        = (SELECT jsonb_agg(v ORDER BY (v->>0)::integer, v->>1)
                            FROM jsonb_array_elements(_facts->'groups') AS e (v)), 'the document is another');
            END IF;
            taken := {{acts}}.take_payments(one.key, _facts, _till, _by, _by_name, _at, _on, count);
            offsets := taken.offsets;
            paid_out := taken.paid_out;
            PERFORM {{acts}}.require(CASE _act
                WHEN 'amended' THEN {{acts}}.is_between(taken.settled, 0, one.gross_minor - _before.paid_minor)
                WHEN 'voided' THEN one.state = 'voided' AND one.voided_at = _at AND _before.state = 'issued'
                    AND _before.sealed_at IS NULL AND _before.corrects IS NULL AND one.paid_minor = 0
                    AND NOT (is_sale AND {{acts}}.is_closed(_before.date_on, _at))
                WHEN 'credited' THEN one.state = 'corrected' AND one.corrected_by IS NOT NULL
                    AND _before.state = 'issued' AND _before.sealed_at IS NOT NULL
                    AND _before.kind IN ('invoice', 'receipt', 'debit_note')
                    AND one.paid_minor = one.gross_minor AND NOT {{acts}}.has_returns(one.key)
                WHEN 'returned' THEN one.state = 'issued' AND one.sealed_at IS NOT NULL
                    AND one.kind IN ('invoice', 'receipt')
                    AND {{acts}}.is_between(taken.settled, 0, one.gross_minor - _before.paid_minor)
                WHEN 'paid' THEN one.state = 'issued' AND is_sale AND more = 1 AND taken.offsets = 0
                    AND {{acts}}.is_between(taken.settled, 0, one.gross_minor - _before.paid_minor)
                WHEN 'sealed' THEN one.sealed_at = _at AND _before.sealed_at IS NULL AND is_sale AND more = 0
                    AND one.state <> 'corrected'
                ELSE more = 0
            END, 'this cannot be done with the document');
            IF _act = 'voided' THEN
                PERFORM {{acts}}.add_up(one.key, -1);
            END IF;
            IF _act NOT IN ('printed', 'sent') THEN
                UPDATE {{shop}}.documents d SET (
                    revision, state, seller, buyer, customer_key, buyer_name, prices_include_tax, language,
                    discount_minor, discount_milli, sum_minor, off_minor, net_minor, tax_minor, gross_minor,
                    paid_minor, note, date_on, due_on, exemptions, layout, sealed_at, voided_at, corrected_by
                ) = (
                    one.revision, one.state, one.seller, one.buyer, one.customer_key, one.buyer_name,
                    one.prices_include_tax, one.language, one.discount_minor, one.discount_milli, one.sum_minor,
                    one.off_minor, one.net_minor, one.tax_minor, one.gross_minor, one.paid_minor, one.note,
                    one.date_on, one.due_on, one.exemptions, one.layout, one.sealed_at, one.voided_at,
                    one.corrected_by
                ) WHERE d.key = one.key;
            END IF;
            IF _act = 'amended' THEN
                PERFORM {{acts}}.add_up(one.key, 1);
            END IF;
        END""",  # noqa: S608 - names of this module
    ),
    _inner(
        "as_row",
        "_whole json, _facts jsonb",
        "{shop}.documents",
        """
        DECLARE
            one {shop}.documents;
            payments jsonb := _facts->'payments';
        BEGIN  -- as _to_row in store/documents.py; columns and facts of the same name are the same
            one := json_populate_record(NULL::{shop}.documents, _whole);  -- parts in their own text
            one.exemptions := coalesce(one.exemptions, '');
            one.layout := coalesce(one.layout, '');
            one.customer_key := (_facts->'buyer'->>'key')::uuid;
            one.buyer_name := _facts->'buyer'->>'name';
            one.discount_minor := (_facts->'discount'->>0)::bigint;
            one.discount_milli := (_facts->'discount'->>1)::integer;
            one.sum_minor := (_facts->>'sum')::bigint;
            one.off_minor := (_facts->>'off')::bigint;
            one.net_minor := (_facts->>'net')::bigint;
            one.tax_minor := (_facts->>'tax')::bigint;
            one.gross_minor := (_facts->>'gross')::bigint;
            one.paid_minor := 0;
            FOR i IN 0 .. jsonb_array_length(payments) - 1 LOOP
                one.paid_minor := one.paid_minor + (payments->i->>2)::bigint;
            END LOOP;
            RETURN one;
        END""",
    ),
    _inner(
        "channel_to",
        "_buyer jsonb",
        "text",
        """
        DECLARE
            channels text[] := string_to_array(coalesce((SELECT s.message_channels FROM {shop}.shop s), 'email'), ' ');
            preferred text;
            consent_on text;
            one text;
        BEGIN  -- as Reachability.route in domain/message_route.py
            SELECT c.preferred_channel, c.sms_consent_on INTO preferred, consent_on
            FROM {shop}.customers g JOIN {shop}.customers c ON c.key = coalesce(g.merged_into, g.key)
            WHERE g.key = (_buyer->>'key')::uuid;
            IF preferred = 'none' THEN
                RETURN NULL;
            ELSIF preferred = ANY (channels) THEN
                channels := preferred || channels;
            END IF;
            FOREACH one IN ARRAY channels LOOP
                IF one = 'email' AND _buyer->>'email' <> ''
                    OR one = 'sms' AND _buyer->>'phone' <> '' AND consent_on <> '' THEN
                    RETURN one;
                END IF;
            END LOOP;
            RETURN NULL;
        END""",
    ),
    _inner(
        "write_to_buyer",
        "_key uuid, _facts jsonb, _reason text, _till uuid, _seq bigint, _at timestamptz",
        "void",
        """
        DECLARE
            domain text := substring(_facts->'seller'->>'email' FROM '[^@]*$');
            channel text := {acts}.channel_to(_facts->'buyer');
        BEGIN  -- as enqueue in store/outbox.py
            IF channel IS NULL THEN
                RETURN;
            END IF;
            IF domain = '' OR length(domain) > 200 THEN
                domain := 'shopdesk.invalid';
            END IF;
            IF _reason NOT IN ('order placed', 'corrected', 'voided') THEN
                PERFORM {acts}.require(false, 'its message is unknown');
            END IF;
            INSERT INTO {shop}.outbox (key, document_key, number, buyer_name, channel, occasion, recipient, language,
                message_id, journal_till, journal_seq, state, attempts, next_at, last_error, created_at)
            VALUES (_key, (_facts->>'key')::uuid, _facts->>'number', _facts->'buyer'->>'name', channel, _reason,
                _facts->'buyer'->>CASE channel WHEN 'sms' THEN 'phone' ELSE 'email' END, _facts->>'language',
                concat('<', replace(_key::text, '-', ''), '@', domain, '>'), _till, _seq, 'queued', 0, _at, '', _at);
        END""",
    ),
    _inner(
        "lender_of",
        f"{WHO_OR_LENT}, _role text, _rights text[], OUT lender uuid",
        "",
        """
        DECLARE one text;
        BEGIN  -- a person who approves an act approves the whole of it, by the right that was asked for
            IF _lender IS NULL AND _rights = '{}' THEN
                RETURN;
            END IF;
            IF {acts}.is_owner() THEN
                lender := _lender;
                RETURN;
            END IF;
            FOREACH one IN ARRAY _rights LOOP
                IF NOT {acts}.may(_role, one) THEN
                    lender := coalesce(lender, {acts}.use_loan(_lent, one));
                END IF;
            END LOOP;
            FOREACH one IN ARRAY _rights LOOP
                IF NOT ({acts}.may(_role, one) OR coalesce({acts}.may(
                    (SELECT a.role FROM {shop}.accounts a WHERE a.key = lender), one), false)) THEN
                    PERFORM {acts}.refuse('SD003', 'Your role does not allow this. Ask the owner.', 'right ' || one);
                END IF;
            END LOOP;
        END""",
    ),
    _inner(
        "require_any",
        f"{WHO_OR_LENT}, _rights text[], OUT lender uuid",
        "",
        """
        DECLARE
            role text := (SELECT a.role FROM {shop}.accounts a WHERE a.key = _actor);
            one text;
        BEGIN
            PERFORM {acts}.require_right({who}, 'sell');
            FOREACH one IN ARRAY _rights LOOP
                IF {acts}.may(role, one) THEN
                    RETURN;
                END IF;
            END LOOP;
            FOREACH one IN ARRAY _rights LOOP
                lender := coalesce(lender, {acts}.use_loan(_lent, one));
            END LOOP;
            IF lender IS NULL THEN
                PERFORM {acts}.refuse('SD003', 'Your role does not allow this. Ask the owner.', 'right ' || _rights[1]);
            END IF;
        END""",
    ),
    _inner(
        "write_entries",
        f"{WHO_OR_LENT}, _at timestamptz, _moment timestamptz, _today date, _acts text[], _contents text[], "
        "_details text[], _reasons text[], _messages uuid[], OUT numbers text[], OUT previous_at timestamptz",
        "",
        """
        DECLARE
            person record;
            lender uuid;
            rights text[] := '{}';
            facts jsonb[] := '{}';
            number text;
            contents text[] := _contents;
            to_come text;
            whole json;
            fact jsonb;
            one {shop}.documents;
            before {shop}.documents;
            done record;
            is_new boolean;
            is_sale boolean;
            taken_back bigint;
            replaced uuid[] := '{}';
            credited uuid[] := '{}';
            credits uuid[] := '{}';
            returned uuid[] := '{}';
            corrected uuid[] := '{}';
            gives numeric := 0;
            offsets numeric := 0;
            is_taken boolean := false;
            is_limited boolean;
            reason text;
            place record;
        BEGIN
            SELECT t.name AS till, a.name, a.role INTO person
            FROM {shop}.tills t LEFT JOIN {shop}.accounts a ON a.key = _actor
            WHERE t.key = _till FOR NO KEY UPDATE OF t;
            is_limited := NOT ({acts}.may(person.role, 'give any discount') OR {acts}.is_owner());
            IF (person.till IS NOT NULL AND cardinality(_contents) > 0
                AND cardinality(_contents) = cardinality(_acts) AND cardinality(_contents) = cardinality(_details)
                AND cardinality(_contents) = cardinality(_reasons)
                AND cardinality(_contents) = cardinality(_messages)) IS NOT TRUE THEN
                PERFORM {acts}.require(false, 'something is missing');
            END IF;
            IF (NOT {acts}.is_closed(_today, _moment)
                AND _today <= (_moment AT TIME ZONE 'UTC')::date + 1) IS NOT TRUE THEN
                PERFORM {acts}.require(false, 'the day is another');
            END IF;
            numbers := '{}';
            IF _moment <> _at THEN
                FOR i IN 1 .. cardinality(contents) LOOP
                    contents[i] := replace(contents[i], format('"%s"', {acts}.spelled(_at)),
                        format('"%s"', {acts}.spelled(_moment)));
                END LOOP;
            END IF;
            FOR i IN 1 .. cardinality(contents) LOOP
                fact := contents[i]::jsonb;
                IF _acts[i] = 'issued' THEN
                    to_come := fact->>'number';
                    number := {acts}.next_number(_till, person.till, fact->>'kind',
                        extract(year FROM (fact->>'date_on')::date)::integer);
                    PERFORM {acts}.require(to_come ~ '^[0-9a-f]{32}$'
                        AND length(replace(contents[i], to_come, '')) = length(contents[i]) - 32,
                        'its number does not stand for itself');
                    numbers := numbers || number;
                    contents[i] := replace(contents[i], to_come, number);
                    fact := jsonb_set(fact, '{number}', to_jsonb(number));
                    FOR j IN 1 .. cardinality(_details) LOOP
                        _details[j] := replace(_details[j], to_come, number);
                    END LOOP;
                END IF;
                facts := facts || fact;
            END LOOP;
            FOR i IN 1 .. cardinality(contents) LOOP
                whole := contents[i]::json;
                PERFORM {acts}.require_canonical(whole);
                fact := facts[i];
                one := {acts}.as_row(whole, fact);
                is_sale := one.kind <> 'quote';
                is_new := _acts[i] = 'issued';
                before := NULL;
                IF NOT is_new THEN
                    SELECT * INTO before FROM {shop}.documents d WHERE d.key = one.key FOR UPDATE;
                    PERFORM {acts}.require(FOUND, 'there is no such document');
                ELSE
                    taken_back := {acts}.require_sums(fact);
                    gives := gives + CASE WHEN is_sale THEN one.gross_minor ELSE 0 END;
                    IF one.corrects IS NOT NULL THEN
                        corrected := corrected || one.corrects;
                        credits := credits || one.key;
                    ELSE
                        IF one.replaces IS NOT NULL THEN
                            replaced := replaced || one.replaces;
                            SELECT * INTO before FROM {shop}.documents d WHERE d.key = one.replaces;
                            PERFORM {acts}.require(one.replaces = ANY (credited) AND before.kind = one.kind,
                                'it replaces another document');
                            is_taken := is_taken OR taken_back < (SELECT sum(least(l.amount_minor, 0))
                                FROM {shop}.document_lines l WHERE l.document_key = one.replaces);
                        ELSE
                            is_taken := is_taken OR (is_sale AND taken_back < 0);
                        END IF;
                        IF one.replaces IS NULL AND one.origin IS NOT NULL THEN
                            SELECT * INTO before FROM {shop}.documents d WHERE d.key = one.origin AND d.kind = 'quote'
                                AND d.state = 'issued' AND one.kind <> 'quote'
                                AND coalesce(d.due_on >= one.date_on, true);
                        END IF;
                    END IF;
                END IF;
                IF _acts[i] = 'amended' THEN
                    taken_back := {acts}.require_sums(fact);
                    gives := gives + CASE WHEN is_sale THEN one.gross_minor - before.gross_minor ELSE 0 END;
                    is_taken := is_taken OR (is_sale AND taken_back < (SELECT sum(least(l.amount_minor, 0))
                        FROM {shop}.document_lines l WHERE l.document_key = one.key));
                    rights := rights || 'correct documents'::text;
                ELSIF _acts[i] = 'voided' THEN
                    rights := rights || 'delete documents'::text;
                    is_taken := is_taken OR (is_sale AND before.gross_minor > 0);
                ELSIF _acts[i] = 'credited' THEN
                    credited := credited || one.key;
                ELSIF _acts[i] = 'returned' THEN
                    returned := returned || one.key;
                ELSIF _acts[i] = 'sealed' AND one.date_on > coalesce(
                    (SELECT max(c.until_on) FROM {shop}.day_closes c), '-infinity') THEN
                    rights := rights || 'close the day'::text;
                END IF;
                IF is_limited AND one.corrects IS NULL AND (is_new OR _acts[i] = 'amended')
                    AND {acts}.exceeds_discount(fact, {acts}.lines_of(before.key),
                        jsonb_build_array(before.discount_minor, before.discount_milli)) THEN
                    rights := rights || 'give any discount'::text;
                END IF;
                IF is_new THEN
                    done := {acts}.store_new(one, fact, _till, _actor, person.name, _moment, _today);
                ELSE
                    one.till_key := before.till_key;
                    done := {acts}.store_changed(_acts[i], one, before, fact, _till, _actor, person.name, _moment,
                        _today);
                END IF;
                offsets := offsets + done.offsets;
                is_taken := is_taken OR done.paid_out;
            END LOOP;
            FOR i IN 1 .. cardinality(credits) LOOP
                PERFORM {acts}.require_credit(credits[i], corrected[i]);
            END LOOP;
            FOR i IN 1 .. cardinality(credited) LOOP
                IF NOT credited[i] = ANY (replaced) THEN
                    rights := rights || 'delete documents'::text;
                ELSE
                    rights := rights || 'correct documents'::text;
                END IF;
            END LOOP;
            IF cardinality(returned) > 0 OR gives < 0 OR is_taken THEN
                rights := rights || 'give refunds'::text;
            END IF;
            IF (offsets = 0 AND (credited || returned) <@ corrected
                AND corrected <@ (credited || returned)) IS NOT TRUE THEN
                PERFORM {acts}.require(false, 'it does not belong together');
            END IF;
            lender := {acts}.lender_of({who}, person.role, rights);
            FOR i IN 1 .. cardinality(contents) LOOP
                fact := facts[i];
                place := {acts}.append_journal(_till, _actor, lender, _acts[i], _moment, _details[i], contents[i],
                    (fact->>'key')::uuid, fact->>'number');
                IF i = 1 THEN
                    previous_at := place.previous_at;
                END IF;
                reason := _reasons[i];
                IF _acts[i] IN ('amended', 'voided') OR (fact->>'key')::uuid = ANY (replaced) THEN
                    UPDATE {shop}.outbox o SET state = 'withdrawn'
                    WHERE o.document_key = (fact->>'key')::uuid AND o.state = 'queued' AND o.attempts = 0;
                    IF FOUND THEN  -- the buyer has heard nothing yet
                        reason := CASE WHEN _acts[i] = 'amended' THEN 'order placed' ELSE '' END;
                    END IF;
                END IF;
                IF reason <> '' THEN
                    PERFORM {acts}.write_to_buyer(_messages[i], fact, reason, _till, place.seq, _moment);
                END IF;
            END LOOP;
        END""",
    ),
)

ACTS = (
    ServerFunction(
        "hold_document",
        f"{WHO_OR_LENT}, _document uuid",
        "void",
        """
        BEGIN
            PERFORM {acts}.require_right({who}, 'sell');
            PERFORM FROM {shop}.documents d WHERE d.key = _document FOR UPDATE;
        END""",
    ),
    ServerFunction(
        "record",
        f"{WHO_OR_LENT}, _at timestamptz, _today date, _acts text[], _contents text[], _details text[], "
        "_reasons text[], _messages uuid[], _draft uuid, "
        "OUT numbers text[], OUT moment timestamptz, OUT previous_at timestamptz, OUT closed date",
        "",
        """
        DECLARE
            lender uuid := {acts}.require_right({who}, 'sell');
            done record;
        BEGIN
            moment := {acts}.instant(_at);
            done := {acts}.write_entries({who}, _at, moment, _today, _acts, _contents, _details, _reasons, _messages);
            numbers := done.numbers;
            previous_at := done.previous_at;
            closed := (SELECT max(c.until_on) FROM {shop}.day_closes c);
            DELETE FROM {shop}.drafts d WHERE d.key = _draft;
        END""",
        finds_by_index=True,
    ),
    ServerFunction(
        "record_changes",
        f"{WHO_OR_LENT}, _at timestamptz, _act text, _detail text, _changes text, _values text",
        "void",
        """
        DECLARE
            moment timestamptz := {acts}.instant(_at);
            rights text[] := CASE _act
                WHEN 'opened' THEN ARRAY['change settings']
                WHEN 'setting' THEN ARRAY['change settings']
                WHEN 'tax' THEN ARRAY['change products', 'change settings']
                WHEN 'price' THEN ARRAY['change products']
                WHEN 'approved' THEN ARRAY['let people in']
                WHEN 'role' THEN ARRAY['let people in']
                WHEN 'blocked' THEN ARRAY['let people in']
                WHEN 'unblocked' THEN ARRAY['let people in']
                WHEN 'merged' THEN ARRAY['merge and erase customers']
                WHEN 'erased' THEN ARRAY['merge and erase customers']
            END;
            lender uuid;
        BEGIN
            PERFORM {acts}.require(json_typeof(_changes::json) = 'array' AND json_typeof(_values::json) = 'array',
                'it tells no changes');
            IF {acts}.is_owner() THEN
                lender := _lender;
            ELSIF _act IN ('registered', 'password', 'pin', 'provider') THEN  -- of one's own account, let in or not yet
                IF NOT EXISTS (SELECT FROM {acts}.sessions s WHERE s.token_hash = sha256(_token)
                    AND s.account_key = _actor AND s.db_role = session_user AND s.lends = ''
                    AND s.ends_at > clock_timestamp()
                    AND (s.till_key = _till OR _till = (SELECT t.key FROM {shop}.tills t ORDER BY t.name LIMIT 1)))
                THEN
                    PERFORM {acts}.refuse('SD001', 'Your sign-in has ended. Sign out, then sign in again.');
                END IF;
            ELSE
                PERFORM {acts}.require(rights IS NOT NULL, 'it is unknown');
                lender := {acts}.require_any({who}, rights);
            END IF;
            PERFORM {acts}.append_journal(_till, _actor, lender, _act, moment, _detail,
                _changes => _changes, _values => _values);
        END""",
    ),
)
"""The functions that a till's role may call."""
