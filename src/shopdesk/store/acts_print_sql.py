"""The acts on prints as functions of a PostgreSQL server.

Prints leave while no one is signed in, too, so the three functions of a till's worker want no token: they ask whether
the till is the role's. What is printed stays as it was queued, by a person with a token.
"""

from __future__ import annotations

from shopdesk.store.server_function import WHO_OR_LENT, ServerFunction

TABLES = {"print_jobs": "SELECT, INSERT, UPDATE", "journal": "SELECT", "documents": "SELECT"}

INNER = (
    ServerFunction(
        "is_own_till",
        "_till uuid",
        "boolean",
        """
        BEGIN
            RETURN {acts}.is_owner() OR EXISTS (
                SELECT FROM {acts}.tills t WHERE t.till_key = _till AND t.db_role = session_user);
        END""",
    ),
)

ACTS = (
    ServerFunction(
        "queue_print",
        f"{WHO_OR_LENT}, _key uuid, _document uuid, _form text, _paper text, _copy integer, _at timestamptz",
        "void",
        """
        DECLARE place record;
        BEGIN
            PERFORM {acts}.require_right({who}, 'sell');
            SELECT j.seq, j.number INTO place FROM {shop}.journal j
            WHERE j.document_key = _document AND j.till_key = _till ORDER BY j.seq DESC LIMIT 1;
            IF NOT FOUND OR _copy < 0 OR _paper NOT IN ('roll', 'a4')
                OR _form NOT IN ('original', 'delivery note', 'pro-forma invoice') THEN
                PERFORM {acts}.refuse('SD004', 'There is nothing to print.');
            END IF;
            INSERT INTO {shop}.print_jobs (key, document_key, till_key, number, form, paper, copy, journal_seq, state,
                attempts, last_words, queue, created_at)
            VALUES (_key, _document, _till, place.number, _form, _paper, _copy, place.seq, 'queued', 0, '', '',
                {acts}.instant(_at));
        END""",
    ),
    ServerFunction(
        "withdraw_prints",
        f"{WHO_OR_LENT}, _document uuid, _at timestamptz",
        "void",
        """
        BEGIN
            PERFORM {acts}.require_right({who}, 'sell');
            UPDATE {shop}.print_jobs p SET state = 'withdrawn', ended_at = {acts}.instant(_at)
            WHERE p.document_key = _document AND p.ended_at IS NULL AND p.queue_number IS NULL
                AND p.state IN ('queued', 'failed');
        END""",
    ),
    ServerFunction(
        "release_prints",
        "_till uuid, _worker uuid, _words text",
        "bigint",
        """
        DECLARE released bigint;
        BEGIN
            UPDATE {shop}.print_jobs p SET state = 'unclear', last_words = left(_words, 500)
            WHERE p.till_key = _till AND p.ended_at IS NULL AND p.state = 'sending' AND p.claimed_by <> _worker
                AND {acts}.is_own_till(_till);
            GET DIAGNOSTICS released = ROW_COUNT;
            RETURN released;
        END""",
    ),
    ServerFunction(
        "claim_print",
        "_key uuid, _worker uuid",
        "boolean",
        """
        BEGIN
            UPDATE {shop}.print_jobs p SET state = 'sending', claimed_by = _worker, attempts = p.attempts + 1
            WHERE p.key = _key AND p.state = 'queued' AND {acts}.is_own_till(p.till_key);
            RETURN FOUND;
        END""",
    ),
    ServerFunction(
        "record_print",
        "_key uuid, _worker uuid, _state text, _words text, _queue text, _queue_number integer, "
        "_submitted_at timestamptz, _ended_at timestamptz",
        "boolean",
        """
        BEGIN
            IF _state NOT IN ('queued', 'printed', 'given', 'unclear', 'failed') THEN
                PERFORM {acts}.refuse('SD004', 'No attempt ends like this.');
            END IF;
            IF _state IN ('queued', 'failed') AND EXISTS (
                SELECT FROM {shop}.print_jobs p JOIN {shop}.journal j ON j.document_key = p.document_key
                WHERE p.key = _key AND p.queue_number IS NULL AND j.act IN ('amended', 'voided', 'credited')
                    AND CASE WHEN j.till_key = p.till_key THEN j.seq > p.journal_seq ELSE j.at > p.created_at END) THEN
                _state := 'withdrawn';
                _ended_at := clock_timestamp();
            END IF;
            UPDATE {shop}.print_jobs p SET state = _state, last_words = left(_words, 500),
                ended_at = CASE WHEN _ended_at IS NOT NULL THEN {acts}.instant(_ended_at) END,
                queue = coalesce(left(_queue, 200), p.queue), queue_number = coalesce(_queue_number, p.queue_number),
                submitted_at = coalesce(_submitted_at, p.submitted_at)
            WHERE p.key = _key AND p.ended_at IS NULL AND {acts}.is_own_till(p.till_key)
                AND (p.state IN ('sending', 'unclear') AND p.claimed_by = _worker
                    OR p.state = 'given' AND p.queue_number IS NOT NULL);
            RETURN FOUND;
        END""",
    ),
    ServerFunction(
        "requeue_print",
        f"{WHO_OR_LENT}, _key uuid",
        "boolean",
        """
        BEGIN
            PERFORM {acts}.require_right({who}, 'sell');
            UPDATE {shop}.print_jobs p SET state = 'queued', attempts = 0
            WHERE p.key = _key AND p.ended_at IS NULL AND p.queue_number IS NULL AND p.state IN ('failed', 'queued');
            RETURN FOUND;
        END""",
    ),
    ServerFunction(
        "settle_print",
        f"{WHO_OR_LENT}, _key uuid, _at timestamptz",
        "void",
        """
        BEGIN
            PERFORM {acts}.require_right({who}, 'sell');
            UPDATE {shop}.print_jobs p SET ended_at = {acts}.instant(_at),
                state = CASE WHEN p.state = 'queued' THEN 'withdrawn' ELSE p.state END
            WHERE p.key = _key AND p.ended_at IS NULL AND p.state IN ('queued', 'failed', 'unclear');
        END""",
    ),
)
