"""The acts on messages as functions of a PostgreSQL server.

Mail is delivered while no one is signed in, too, so the delivery's three functions want no token. They allow what a
delivery does and nothing else: a message is claimed, its bytes are stored once, and the role that claimed it says how
the attempt ended. Recipient, number and content stay as they were queued. Each attempt is in ``deliveries``, with the
role and the server's time. Who reads bounces may say of any message that was sent that it came back: the state changes
and the words, and nothing else.
"""

from __future__ import annotations

from shopdesk.store.server_function import WHO_OR_LENT, ServerFunction

TABLES = {"outbox": "SELECT, INSERT, UPDATE", "customers": "SELECT", "shop": "SELECT"}

INNER = (
    ServerFunction(
        "holds_claim",
        "_key uuid, _worker uuid",
        "boolean",
        """
        BEGIN
            RETURN EXISTS (
                SELECT FROM {shop}.outbox o JOIN {acts}.deliveries d ON d.message_key = o.key AND d.attempt = o.attempts
                WHERE o.key = _key AND o.state = 'sending' AND o.claimed_by = _worker AND d.ended_at IS NULL
                    AND (d.db_role = session_user OR {acts}.is_owner()));
        END""",
    ),
)

ACTS = (
    ServerFunction(
        "claim_message",
        "_worker uuid, _at timestamptz, _channel text",
        "uuid",
        """
        DECLARE
            moment timestamptz := {acts}.instant(_at);
            ahead timestamptz := moment + interval '432 minutes';  -- LONGEST_BACKOFF in domain/message.py
            chosen uuid;
            tried integer;
        BEGIN
            SELECT o.key INTO chosen FROM {shop}.outbox o
            WHERE o.channel = _channel AND o.state = 'queued'
                AND (o.next_at <= moment OR o.next_at > ahead OR o.attempts = 0)
            ORDER BY o.next_at LIMIT 1 FOR UPDATE SKIP LOCKED;
            IF chosen IS NULL THEN
                SELECT o.key INTO chosen FROM {shop}.outbox o
                WHERE o.channel = _channel AND o.state = 'sending' AND NOT (o.channel = 'sms' AND o.body IS NOT NULL)
                    AND (o.lease_until <= moment OR o.lease_until > ahead)
                ORDER BY o.lease_until LIMIT 1 FOR UPDATE SKIP LOCKED;
            END IF;
            UPDATE {shop}.outbox o SET state = 'sending', claimed_by = _worker, attempts = o.attempts + 1,
                lease_until = moment + interval '5 minutes'
            WHERE o.key = chosen RETURNING o.attempts INTO tried;
            INSERT INTO {acts}.deliveries (message_key, attempt, db_role, began_at)
            SELECT chosen, tried, session_user, moment WHERE chosen IS NOT NULL
            ON CONFLICT (message_key, attempt) DO UPDATE SET db_role = excluded.db_role, began_at = excluded.began_at,
                ended_at = NULL, state = NULL;
            RETURN chosen;
        END""",
    ),
    ServerFunction(
        "mark_lost_messages",
        "_at timestamptz",
        "bigint",
        """
        DECLARE moment timestamptz := {acts}.instant(_at); lost bigint;
        BEGIN  -- a text message that may have been sent; as _mark_lost in store/outbox.py
            WITH ended AS (
                UPDATE {shop}.outbox o SET state = 'unknown', claimed_by = NULL, lease_until = NULL, next_at = NULL,
                    last_error = 'shopdesk ended while it was being sent.'
                WHERE o.state = 'sending' AND o.channel = 'sms' AND o.body IS NOT NULL
                    AND (o.lease_until <= moment OR o.lease_until > moment + interval '432 minutes')
                RETURNING o.key, o.attempts
            ), told AS (
                UPDATE {acts}.deliveries d SET ended_at = moment, state = 'unknown'
                FROM ended e WHERE d.message_key = e.key AND d.attempt = e.attempts
            )
            SELECT count(*) INTO lost FROM ended;
            RETURN lost;
        END""",
    ),
    ServerFunction(
        "save_body",
        "_key uuid, _worker uuid, _body bytea",
        "void",
        """
        BEGIN
            UPDATE {shop}.outbox o SET body = _body, body_hash = NULL, body_size = NULL, headers = NULL,
                e_invoice = NULL
            WHERE o.key = _key AND o.body IS NULL AND {acts}.holds_claim(_key, _worker);
        END""",
    ),
    ServerFunction(
        "settle_body",
        "_key uuid, _hash bytea, _drops boolean, _e_invoice bytea DEFAULT NULL",
        "void",
        """
        BEGIN  -- as settle in store/outbox.py
            UPDATE {shop}.outbox o SET body_hash = _hash, body_size = length(o.body), e_invoice = _e_invoice,
                headers = convert_from(
                    substring(o.body FROM 1 FOR position('\\x0d0a0d0a'::bytea IN o.body) - 1), 'UTF8'),
                body = CASE WHEN _drops THEN NULL ELSE o.body END
            WHERE o.key = _key AND o.state = 'sent' AND o.channel = 'email' AND o.body IS NOT NULL
                AND o.body_hash IS NULL AND sha256(o.body) = _hash AND position('\\x0d0a0d0a'::bytea IN o.body) > 0;
        END""",
    ),
    ServerFunction(
        "record_delivery",
        "_key uuid, _worker uuid, _state text, _error text, _next_at timestamptz, _at timestamptz",
        "boolean",
        """
        DECLARE moment timestamptz := {acts}.instant(_at); tried integer;
        BEGIN
            IF _state NOT IN ('sent', 'failed', 'unknown', 'queued') THEN
                PERFORM {acts}.refuse('SD004', 'No attempt ends like this.');
            END IF;
            UPDATE {shop}.outbox o SET state = _state, claimed_by = NULL, lease_until = NULL,
                last_error = coalesce(left(_error, 500), o.last_error),
                sent_at = CASE WHEN _state = 'sent' THEN moment END,
                next_at = CASE WHEN _state = 'queued' THEN
                    least(coalesce(_next_at, moment), moment + interval '432 minutes') END
            WHERE o.key = _key AND {acts}.holds_claim(_key, _worker) AND (_state <> 'sent' OR o.body IS NOT NULL)
            RETURNING o.attempts INTO tried;
            UPDATE {acts}.deliveries d SET ended_at = moment, state = _state
            WHERE d.message_key = _key AND d.attempt = tried;
            RETURN tried IS NOT NULL;
        END""",
    ),
    ServerFunction(
        "record_bounce",
        "_key uuid, _error text, _at timestamptz, _reported_at timestamptz DEFAULT NULL",
        "boolean",
        """
        DECLARE moment timestamptz := {acts}.instant(_at); tried integer;
        BEGIN  -- as record_bounce in store/outbox.py: a report from before the last attempt is about another one
            UPDATE {shop}.outbox o SET state = 'bounced', last_error = left(_error, 500)
            WHERE o.key = _key AND o.state = 'sent'
                AND (o.attempts <= 1 OR o.sent_at <= coalesce(_reported_at, moment) + interval '2 minutes')
            RETURNING o.attempts INTO tried;
            UPDATE {acts}.deliveries d SET bounced_at = moment, bounced_by = session_user
            WHERE d.message_key = _key AND d.attempt = tried;
            RETURN tried IS NOT NULL;
        END""",
    ),
    ServerFunction(
        "requeue_messages",
        f"{WHO_OR_LENT}, _key uuid, _at timestamptz",
        "bigint",
        """
        DECLARE moment timestamptz := {acts}.instant(_at); queued bigint;
        BEGIN
            PERFORM {acts}.require_right({who}, 'sell');
            UPDATE {shop}.outbox o SET state = 'queued', next_at = moment, sent_at = NULL
            WHERE (o.state = 'failed' OR o.state = 'queued' AND o.next_at > moment
                    OR o.state IN ('unknown', 'bounced') AND _key IS NOT NULL)  -- asked for each
                AND (_key IS NULL OR o.key = _key);
            GET DIAGNOSTICS queued = ROW_COUNT;
            RETURN queued;
        END""",
    ),
    ServerFunction(
        "send_statement",
        f"{WHO_OR_LENT}, _key uuid, _statement json, _changes json, _detail text, _at timestamptz",
        "void",
        """
        DECLARE
            moment timestamptz := {acts}.instant(_at);
            lender uuid := {acts}.require_right({who}, 'sell');
            facts jsonb := _statement::jsonb;
            customer {shop}.customers;
            domain text := (SELECT substring(s.email FROM '[^@]*$') FROM {shop}.shop s);
            place record;
        BEGIN
            SELECT * INTO customer FROM {shop}.customers c WHERE c.key = (facts->'buyer'->>'key')::uuid
                AND c.erased_at IS NULL;
            IF customer.email IS NULL OR customer.email = '' OR customer.email <> facts->'buyer'->>'email' THEN
                PERFORM {acts}.refuse('SD004', 'The customer has no e-mail address.', 'customer');
            END IF;
            place := {acts}.append_journal(_till, _actor, lender, 'statement', moment, _detail,
                _changes => _changes::text, _values => '[]', _statement => _statement::text);
            INSERT INTO {shop}.outbox (key, customer_key, number, buyer_name, channel, occasion, recipient, language,
                message_id, journal_till, journal_seq, state, attempts, next_at, last_error, created_at)
            VALUES (_key, customer.key, _detail, facts->'buyer'->>'name', 'email', 'statement', customer.email,
                facts->>'language', concat('<', replace(_key::text, '-', ''), '@',
                    CASE WHEN length(domain) BETWEEN 1 AND 200 THEN domain ELSE 'shopdesk.invalid' END, '>'),
                _till, place.seq, 'queued', 0, moment, '', moment);
        END""",
    ),
)
