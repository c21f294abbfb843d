"""The journal's next row, made by a PostgreSQL server for the acts (``store/acts_sql.py``) that end with one.

The bytes are those of ``store/journal.py`` and not compressed, which a server cannot do; the rule of the hash is the
same. Instants, names and numbers of rows are the server's own. ``to_json`` of a text escapes as Python's JSON does.
"""

from __future__ import annotations

from shopdesk.store import document_snapshots
from shopdesk.store.server_function import ServerFunction

TABLES = {"journal": "SELECT, INSERT", "tills": "SELECT, UPDATE", "accounts": "SELECT"}
"""The rights on tables that these functions need."""

INNER = (
    ServerFunction(
        "spelled",
        "_at timestamptz",
        "text",
        """
        BEGIN  -- as format_instant in store/document_snapshots.py
            RETURN to_char(_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
        END""",
        is_part=True,
    ),
    ServerFunction(
        "append_journal",
        "_till uuid, _by uuid, _lender uuid, _act text, _at timestamptz, _detail text, "
        "_document text DEFAULT NULL, _key uuid DEFAULT NULL, _number text DEFAULT '', "
        "_changes text DEFAULT NULL, _values text DEFAULT NULL, _statement text DEFAULT NULL, "
        "_close text DEFAULT NULL, _report text DEFAULT NULL, _shift text DEFAULT NULL, "
        "OUT seq bigint, OUT hash bytea, OUT previous_at timestamptz",
        "",
        """
        DECLARE
            one record;
            version integer := CASE WHEN _document IS NULL THEN {of_changes} ELSE {of_documents} END;
            content bytea;
        BEGIN  -- a document, or changes and values, each as canonical JSON
            SELECT t.journal_seq + 1, t.journal_hash INTO seq, hash FROM {shop}.tills t WHERE t.key = _till
            FOR NO KEY UPDATE;
            SELECT a.name AS by_name, coalesce(l.name, '') AS lender_name, j.at INTO one
            FROM {shop}.accounts a
            LEFT JOIN {shop}.accounts l ON l.key = _lender
            LEFT JOIN {shop}.journal j ON j.till_key = _till AND j.seq = append_journal.seq - 1
            WHERE a.key = _by;
            IF seq IS NULL OR one.by_name IS NULL THEN
                PERFORM {acts}.refuse('SD004', 'There is no such till or account.');
            END IF;
            previous_at := one.at;
            content := convert_to(concat(
                '{"act":', to_json(_act), ',"at":', to_json({acts}.spelled(_at)), ',"by":', to_json(_by),
                ',"by_name":', to_json(one.by_name), ',"changes":' || _changes, ',"close":' || _close,
                ',"detail":', to_json(_detail), ',"document":', coalesce(_document, 'null'),
                ',"lender":', to_json(one.lender_name), ',"report":' || _report, ',"seq":', seq,
                ',"shift":' || _shift, ',"statement":' || _statement, ',"till":', to_json(_till),
                ',"values":' || _values, ',"version":', version, '}'), 'UTF8');
            hash := sha256(hash || content);
            INSERT INTO {shop}.journal (till_key, seq, version, at, act, document_key, number, by_key, by_name,
                lender_name, detail, snapshot, hash)
            VALUES (_till, append_journal.seq, version, _at, _act, _key, _number, _by, one.by_name, one.lender_name,
                _detail, content, append_journal.hash);
            UPDATE {shop}.tills t SET journal_seq = append_journal.seq, journal_hash = append_journal.hash
            WHERE t.key = _till;
        END""".replace("{of_changes}", str(document_snapshots.CHANGES_VERSION)).replace(
            "{of_documents}", str(document_snapshots.VERSION)
        ),
        is_part=True,
    ),
)

ACTS: tuple[ServerFunction, ...] = ()
"""The functions that a till's role may call."""
