"""The acts on shifts and the close of the day as functions of a PostgreSQL server.

Each tells the journal, as canonical JSON, what it writes, and the row is derived from that text. Numbers and the order
of shifts are checked here; the sums of a report and the cash that is expected are compared by ``shopdesk verify``.
"""

from __future__ import annotations

from shopdesk.store.server_function import WHO_OR_LENT, ServerFunction

TABLES = {
    "shifts": "SELECT, INSERT",
    "cash_movements": "SELECT, INSERT",
    "shift_counts": "SELECT, INSERT",
    "day_closes": "SELECT, INSERT",
    "documents": "SELECT, UPDATE",
    "shop": "SELECT, UPDATE (id)",
    "tills": "SELECT, UPDATE",
}
"""The rights on tables that these functions need."""

_TOLD = f"{WHO_OR_LENT}, _at timestamptz, _subject text, _before text, _after text, _told text"
"""The parameters of an act on a shift: a change in words for the journal, and what it tells as canonical JSON."""

INNER = (
    ServerFunction(
        "last_shift",
        "_till uuid, OUT number bigint, OUT attempt integer",
        "",
        """
        BEGIN  -- the number of the last shift, 0 without one, and how often it was counted
            PERFORM FROM {shop}.tills t WHERE t.key = _till FOR NO KEY UPDATE;
            number := coalesce((SELECT max(s.number) FROM {shop}.shifts s WHERE s.till_key = _till), 0);
            attempt := coalesce((SELECT max(c.attempt) FROM {shop}.shift_counts c
                WHERE c.till_key = _till AND c.shift = last_shift.number), 0);
        END""",
    ),
    ServerFunction(
        "tell_shift",
        "_till uuid, _actor uuid, _lender uuid, _act text, _at timestamptz, _subject text, _before text, _after text, "
        "_told text",
        "bigint",
        """
        BEGIN
            RETURN ({acts}.append_journal(_till, _actor, _lender, _act, _at, _subject,
                _changes => format('[[%s,%s,%s]]', to_json(_subject), to_json(_before), to_json(_after)),
                _values => '[]', _shift => _told)).seq;
        END""",
    ),
)

ACTS = (
    ServerFunction(
        "hold_till",
        WHO_OR_LENT,
        "void",
        """
        BEGIN  -- no other program adds to the journal of the till meanwhile
            PERFORM {acts}.require_right({who}, 'sell');
            PERFORM FROM {shop}.tills t WHERE t.key = _till FOR NO KEY UPDATE;
        END""",
    ),
    ServerFunction(
        "hold_books",
        WHO_OR_LENT,
        "void",
        """
        BEGIN  -- in the order of a correction: documents, the shop, the tills
            PERFORM {acts}.require_right({who}, 'close the day');
            PERFORM FROM {shop}.documents d WHERE d.sealed_at IS NULL AND d.kind <> 'quote' ORDER BY d.key FOR UPDATE;
            PERFORM FROM {shop}.shop s FOR NO KEY UPDATE;
            PERFORM FROM {shop}.tills t ORDER BY t.key FOR NO KEY UPDATE;
        END""",
    ),
    ServerFunction(
        "open_shift",
        _TOLD,
        "void",
        """
        DECLARE
            moment timestamptz := {acts}.instant(_at);
            lender uuid := {acts}.require_right({who}, 'open and count a shift');
            told jsonb := _told::jsonb;
            last record := {acts}.last_shift(_till);
        BEGIN
            PERFORM {acts}.require((told->>'till_key')::uuid = _till AND (told->>'number')::bigint = last.number + 1
                AND (last.number = 0 OR last.attempt > 0) AND (told->>'opening_minor')::bigint >= 0,
                'no shift can be opened');
            INSERT INTO {shop}.shifts (till_key, number, opening_minor, opened_at, by_key, by_name, opened_seq)
            SELECT _till, last.number + 1, (told->>'opening_minor')::bigint, moment, a.key, a.name,
                {acts}.tell_shift(_till, _actor, lender, 'shift opened', moment, _subject, _before, _after, _told)
            FROM {shop}.accounts a WHERE a.key = _actor;
        END""",
    ),
    ServerFunction(
        "move_cash",
        _TOLD,
        "void",
        """
        DECLARE
            moment timestamptz := {acts}.instant(_at);
            lender uuid := {acts}.require_right({who}, 'move cash');
            told jsonb := _told::jsonb;
            last record := {acts}.last_shift(_till);
        BEGIN
            PERFORM {acts}.require((told->>'till_key')::uuid = _till AND (told->>'shift')::bigint = last.number
                AND last.attempt = 0 AND (told->>'amount_minor')::bigint <> 0 AND told->>'reason' <> '',
                'no shift is open');
            INSERT INTO {shop}.cash_movements (key, till_key, shift, amount_minor, reason, moved_at, by_key, by_name)
            SELECT (told->>'key')::uuid, _till, last.number, (told->>'amount_minor')::bigint, told->>'reason', moment,
                a.key, a.name
            FROM {shop}.accounts a WHERE a.key = _actor;
            PERFORM {acts}.tell_shift(_till, _actor, lender, 'cash moved', moment, _subject, _before, _after, _told);
        END""",
    ),
    ServerFunction(
        "count_shift",
        _TOLD,
        "void",
        """
        DECLARE
            moment timestamptz := {acts}.instant(_at);
            told jsonb := _told::jsonb;
            of_till uuid := (told->>'till_key')::uuid;
            last record := {acts}.last_shift(of_till);
            is_counted boolean := told->>'counted_minor' IS NOT NULL;
            lender uuid;
        BEGIN
            lender := {acts}.require_right({who}, CASE WHEN NOT is_counted THEN 'close the day'
                WHEN last.attempt > 0 THEN 'move cash' ELSE 'open and count a shift' END);
            PERFORM {acts}.require((told->>'shift')::bigint = last.number AND last.number > 0
                AND (told->>'attempt')::integer = last.attempt + 1 AND (is_counted OR last.attempt = 0)
                AND (of_till = _till OR NOT is_counted)
                AND (told->>'until_seq')::bigint = (SELECT t.journal_seq FROM {shop}.tills t WHERE t.key = of_till),
                'no shift is open');
            INSERT INTO {shop}.shift_counts (till_key, shift, attempt, expected_minor, counted_minor, pieces,
                counted_at, by_key, by_name, until_seq)
            SELECT of_till, last.number, last.attempt + 1, (told->>'expected_minor')::bigint,
                (told->>'counted_minor')::bigint, told->>'pieces', moment, a.key, a.name, (told->>'until_seq')::bigint
            FROM {shop}.accounts a WHERE a.key = _actor;
            PERFORM {acts}.tell_shift(_till, _actor, lender, 'shift counted', moment, _subject, _before, _after, _told);
        END""",
    ),
    ServerFunction(
        "note_drawer_opened",
        f"{WHO_OR_LENT}, _at timestamptz, _subject text, _reason text",
        "void",
        """
        DECLARE lender uuid := {acts}.require_right({who}, 'open the drawer');
        BEGIN
            PERFORM {acts}.tell_shift(_till, _actor, lender, 'drawer opened', {acts}.instant(_at), _subject, '',
                _reason, NULL);
        END""",
    ),
    ServerFunction(
        "close_day",
        f"{WHO_OR_LENT}, _at timestamptz, _key uuid, _sealed integer, _report text",
        "void",
        """
        DECLARE
            moment timestamptz := {acts}.instant(_at);
            lender uuid := {acts}.require_right({who}, 'close the day');
            report text := replace(_report, format('"made_at":"%s"', {acts}.spelled(_at)),
                format('"made_at":"%s"', {acts}.spelled(moment)));
            facts jsonb := report::jsonb;
            before jsonb;
        BEGIN
            PERFORM FROM {shop}.shop s FOR NO KEY UPDATE;  -- waits for documents of an earlier date
            before := coalesce((SELECT c.report::jsonb FROM {shop}.day_closes c WHERE c.number IS NOT NULL
                ORDER BY c.number DESC LIMIT 1), '{}');
            PERFORM {acts}.require(NOT EXISTS (SELECT FROM {shop}.documents d
                WHERE d.sealed_at IS NULL AND d.kind <> 'quote'), 'a document is left open');
            PERFORM {acts}.require(NOT EXISTS (SELECT FROM {shop}.tills t
                WHERE (SELECT s.number > 0 AND s.attempt = 0 FROM {acts}.last_shift(t.key) s)), 'a shift is left open');
            PERFORM {acts}.require((facts->>'number')::bigint = coalesce((before->>'number')::bigint, 0) + 1
                AND (facts->>'total_before')::bigint = coalesce((before->>'running_total')::bigint, 0)
                AND facts->>'made_at' = {acts}.spelled(moment)
                AND facts->>'by_name' = (SELECT a.name FROM {shop}.accounts a WHERE a.key = _actor)
                AND (facts->>'day')::date <= (moment AT TIME ZONE 'UTC')::date + 1,
                'the report is another');
            PERFORM {acts}.require(NOT EXISTS (
                SELECT FROM {shop}.tills t FULL JOIN jsonb_array_elements(facts->'figures'->'tills') e
                    ON t.key = (e.value->>0)::uuid
                WHERE (t.journal_seq, encode(t.journal_hash, 'hex'))
                    IS DISTINCT FROM ((e.value->>3)::bigint, e.value->>4)), 'a till has gone on');
            INSERT INTO {shop}.day_closes (key, closed_at, until_on, by_key, by_name, documents, number, report)
            SELECT _key, moment, (facts->>'day')::date, a.key, a.name, _sealed, (facts->>'number')::bigint, report
            FROM {shop}.accounts a WHERE a.key = _actor;
            PERFORM {acts}.append_journal(_till, _actor, lender, 'closed', moment, facts->>'day',
                _changes => format('[["%s","","%s"]]', facts->>'day', _sealed), _values => '[]',
                _close => to_json(_key)::text, _report => report);
        END""",
    ),
)
"""The functions that a till's role may call."""
