"""The acts on people and settings as functions of a PostgreSQL server: a till's role may call them, and write nothing.

Each function runs with its owner's rights (SECURITY DEFINER) and begins with who acts: the token of a sign-in, which
belongs to one account, one role of the database and one till. The owner of the tables needs no token, because that
role may do everything anyway. Names are resolved by no path of the session. Errors have codes that begin with “SD”;
``store/acts.py`` calls the functions and has the same acts for a local file.

Wrong passwords and PINs are counted in sequences, three for each account with a password: a ROLLBACK undoes everything
else. Counting and comparing are one step, under an advisory lock that the function itself gives back.

The functions hold no data: a migration that changes one installs them all anew.
"""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

from shopdesk.store import (
    acts_books_sql,
    acts_journal_sql,
    acts_lists_sql,
    acts_outbox_sql,
    acts_print_sql,
    acts_rights_sql,
    acts_shifts_sql,
    acts_sums_sql,
)
from shopdesk.store.server_function import ServerFunction as _Function
from shopdesk.store.tables import credentials

SCHEMA = "shopdesk_acts"
OWNER = "shopdesk_acts"
"""The role without rights of its own that owns the functions, where the server's administrator made one."""

TABLES = ("accounts", "credentials", "identities", "sign_in_failures", "shop", "tax_rates", "logos")
"""The tables that a till's role changes by functions only."""


_WHO = "_token bytea, _actor uuid, _till uuid"
_WHO_LENT = "_token bytea, _lent bytea, _actor uuid, _till uuid"

_INNER = (
    _Function(
        "is_owner",
        "",
        "boolean",
        """
        BEGIN
            RETURN pg_has_role(
                session_user, (SELECT relowner FROM pg_class WHERE oid = '{shop}.accounts'::regclass), 'MEMBER');
        END""",
        is_part=True,
    ),
    _Function(
        "instant",
        "_at timestamptz",
        "timestamptz",
        """
        BEGIN  -- a till's own clock is not believed
            RETURN CASE WHEN {acts}.is_owner() THEN coalesce(_at, clock_timestamp()) ELSE clock_timestamp() END;
        END""",
        is_part=True,
    ),
    _Function(
        "refuse",
        "_code text, _said text, _field text DEFAULT ''",
        "void",
        """
        BEGIN
            RAISE EXCEPTION USING ERRCODE = _code, MESSAGE = _said, DETAIL = _field;
        END""",
        is_part=True,
    ),
    _Function(
        "who",
        f"{_WHO}, OUT by_provider boolean, OUT standing_role text",
        "",
        """
        DECLARE one record;
        BEGIN
            by_provider := false;
            IF {acts}.is_owner() THEN
                standing_role := 'owner';
                RETURN;
            END IF;
            SELECT s.token_hash, s.till_key, s.by_provider, a.role, a.standing INTO one
            FROM {acts}.sessions s JOIN {shop}.accounts a ON a.key = s.account_key
            WHERE s.token_hash = sha256(_token) AND s.account_key = _actor AND s.db_role = session_user
                AND s.lends = '' AND s.ends_at > clock_timestamp();
            IF NOT FOUND OR (one.till_key IS NOT NULL AND one.till_key IS DISTINCT FROM _till) THEN
                PERFORM {acts}.refuse('SD001', 'Your sign-in has ended. Sign out, then sign in again.');
            END IF;
            IF one.standing <> 'active' THEN
                PERFORM {acts}.refuse('SD003', 'This account is not active. Ask the owner.');
            END IF;
            IF one.till_key IS NULL AND _till IS NOT NULL THEN  -- it belongs to the till where it acts first
                INSERT INTO {acts}.tills (till_key, db_role) VALUES (_till, session_user) ON CONFLICT DO NOTHING;
                IF NOT EXISTS (SELECT FROM {acts}.tills t WHERE t.till_key = _till AND t.db_role = session_user) THEN
                    PERFORM {acts}.refuse('SD001',
                        'This till works with another role of the database. Ask who set up the server.');
                END IF;
                UPDATE {acts}.sessions s SET till_key = _till WHERE s.token_hash = one.token_hash;
            END IF;
            by_provider := one.by_provider;
            standing_role := one.role;
        END""",
        is_part=True,
    ),
    _Function(
        "require_proof",
        _WHO,
        "void",
        """
        BEGIN
            IF ({acts}.who(_token, _actor, _till)).by_provider THEN
                PERFORM {acts}.refuse('SD002', 'The server cannot check a provider’s word. '
                    || 'Sign in with your password. If you have none, the owner can set one for you.');
            END IF;
        END""",
    ),
    _Function(
        "require_owner",
        f"{_WHO_LENT}, _right text",
        "void",
        """
        DECLARE found_out record;
        BEGIN
            IF {acts}.is_owner() THEN
                RETURN;
            END IF;
            found_out := {acts}.who(_token, _actor, _till);
            IF found_out.standing_role = 'owner' AND NOT found_out.by_provider THEN
                RETURN;
            END IF;
            IF {acts}.use_loan(_lent, _right) IS NOT NULL THEN
                RETURN;
            END IF;
            IF found_out.standing_role = 'owner' THEN
                PERFORM {acts}.refuse('SD002',
                    'The server cannot check a provider’s word. Confirm with your PIN, or sign in with your password.',
                    'right');
            END IF;
            PERFORM {acts}.refuse('SD003', 'Only the owner may do this.', 'right');
        END""",
    ),
    _Function(
        "open_session",
        "_account uuid, _lends text, _by_provider boolean",
        "bytea",
        """
        DECLARE token bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
        BEGIN
            DELETE FROM {acts}.sessions WHERE token_hash IN (
                SELECT s.token_hash FROM {acts}.sessions s WHERE s.ends_at < clock_timestamp()
                FOR UPDATE SKIP LOCKED);
            INSERT INTO {acts}.sessions (token_hash, account_key, db_role, lends, by_provider, ends_at)
            VALUES (sha256(token), _account, session_user, _lends, _by_provider,
                clock_timestamp() + CASE WHEN _lends = '' THEN interval '12 hours' ELSE interval '5 minutes' END);
            RETURN token;
        END""",
    ),
    _Function(
        "fits",
        "_stored text, _proof bytea",
        "boolean",
        """
        BEGIN  -- algorithm, version, parameters, salt, the SHA-256 of what Argon2id makes of the password, random bytes
            RETURN length(_proof) = 32
                AND split_part(_stored, '$', 6) = rtrim(encode(sha256(_proof), 'base64'), '=');
        END""",
    ),
    _Function(
        "mark",
        "_stored text",
        "text",
        """
        BEGIN
            RETURN CASE WHEN starts_with(_stored, 'once:') THEN 'once:' ELSE '' END
                || left(encode(sha256(convert_to(_stored, 'UTF8')), 'hex'), 16);
        END""",
    ),
    _Function(
        "require_hash",
        "_stored text, _mark text",
        "void",
        r"""
        BEGIN
            IF _stored !~ ('^' || _mark || '\$argon2id-sha256\$v=19\$m=\d+,t=\d+,p=\d+'
                || '\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}\$[A-Za-z0-9+/]{22}$') THEN
                PERFORM {acts}.refuse('SD004', 'This is no hash of a password.');
            END IF;
        END""",
    ),
    _Function(
        "counter",
        "_kind text, _account uuid",
        "text",
        """
        BEGIN
            RETURN format('{acts}.%I', _kind || '_' || replace(_account::text, '-', ''));
        END""",
    ),
    _Function(
        "counted",
        "_kind text, _account uuid",
        "bigint",
        """
        DECLARE found_out bigint;
        BEGIN
            EXECUTE 'SELECT last_value FROM ' || {acts}.counter(_kind, _account) INTO found_out;
            RETURN found_out;
        END""",
    ),
    _Function(
        "count_to",
        "_kind text, _account uuid, _value bigint",
        "void",
        """
        BEGIN
            PERFORM setval({acts}.counter(_kind, _account)::regclass, _value);
        END""",
    ),
    _Function(
        "counters",
        "",
        "trigger",
        """
        DECLARE kind text;
        BEGIN
            FOREACH kind IN ARRAY ARRAY['tries', 'until', 'pins'] LOOP
                IF TG_OP = 'DELETE' THEN
                    EXECUTE 'DROP SEQUENCE IF EXISTS ' || {acts}.counter(kind, OLD.account_key);
                ELSE
                    EXECUTE 'CREATE SEQUENCE IF NOT EXISTS ' || {acts}.counter(kind, NEW.account_key)
                        || ' MINVALUE 0 START 0';
                END IF;
            END LOOP;
            RETURN NULL;
        END""",
    ),
    _Function(
        "with_password",
        "_name text",
        "uuid",
        """
        BEGIN
            RETURN (SELECT c.account_key FROM {shop}.credentials c JOIN {shop}.accounts a ON a.key = c.account_key
                WHERE a.user_name_folded = _name AND c.password_hash IS NOT NULL);
        END""",
    ),
    _Function(
        "has_password",
        "_account uuid",
        "boolean",
        """
        BEGIN
            RETURN EXISTS (
                SELECT FROM {shop}.credentials c WHERE c.account_key = _account AND c.password_hash IS NOT NULL);
        END""",
    ),
    _Function(
        "failures",
        "_name text, OUT account uuid, OUT tries bigint, OUT not_before timestamptz",
        "",
        """
        BEGIN
            account := {acts}.with_password(_name);
            IF account IS NOT NULL THEN
                tries := {acts}.counted('tries', account);
                not_before := 'epoch'::timestamptz + {acts}.counted('until', account) * interval '1 microsecond';
            ELSE  -- held until the end of the transaction: attempts made at once are counted one by one
                INSERT INTO {shop}.sign_in_failures AS f (name, failures, retry_at) VALUES (_name, 0, 'epoch')
                ON CONFLICT (name) DO UPDATE SET failures = f.failures
                RETURNING f.failures, f.retry_at INTO tries, not_before;
            END IF;
        END""",
    ),
    _Function(
        "set_failures",
        "_name text, _tries bigint, _not_before timestamptz",
        "void",
        """
        DECLARE account uuid := {acts}.with_password(_name);
        BEGIN
            IF account IS NOT NULL THEN
                PERFORM {acts}.count_to('tries', account, _tries);
                PERFORM {acts}.count_to('until', account, (extract(epoch FROM _not_before) * 1000000)::bigint);
            ELSIF _tries = 0 THEN
                DELETE FROM {shop}.sign_in_failures WHERE name = _name;
            ELSE
                INSERT INTO {shop}.sign_in_failures (name, failures, retry_at) VALUES (_name, _tries, _not_before)
                ON CONFLICT (name) DO UPDATE SET failures = excluded.failures, retry_at = excluded.retry_at;
            END IF;
        END""",
    ),
    _Function(
        "forgive",
        "_account uuid",
        "void",
        """
        BEGIN
            PERFORM {acts}.set_failures(a.user_name_folded, 0, 'epoch') FROM {shop}.accounts a WHERE a.key = _account;
            IF EXISTS (SELECT FROM {shop}.credentials c WHERE c.account_key = _account) THEN
                PERFORM {acts}.count_to('pins', _account, 0);
            END IF;
        END""",
    ),
    _Function(
        "try_password",
        "_name text, _proof bytea, _at timestamptz, OUT outcome text, OUT seconds integer, OUT account uuid",
        "",
        """
        DECLARE
            longest CONSTANT interval := '15 minutes';
            tried record := {acts}.failures(_name);  -- a missing counter is an error here, not under the lock
            lock_key bigint;
        BEGIN
            account := tried.account;
            IF account IS NOT NULL THEN
                lock_key := hashtextextended('shopdesk ' || account::text, 0);
                PERFORM pg_advisory_lock(lock_key);
                tried := {acts}.failures(_name);
            END IF;
            IF tried.not_before > _at + longest THEN  -- the clock was ahead
                tried.not_before := _at + longest;
                PERFORM {acts}.set_failures(_name, tried.tries, tried.not_before);
            END IF;
            IF tried.not_before < _at - interval '1 day' THEN
                tried.tries := 0;
            END IF;
            IF _at < tried.not_before THEN
                outcome := 'wait';
                seconds := floor(extract(epoch FROM tried.not_before - _at))::integer + 1;
            ELSIF tried.tries >= 100 THEN
                outcome := 'many';
            ELSIF EXISTS (
                SELECT FROM {shop}.credentials c
                WHERE c.account_key = account AND {acts}.fits(c.password_hash, _proof)
            ) THEN
                outcome := 'right';
                PERFORM {acts}.set_failures(_name, 0, 'epoch');
            ELSE
                outcome := 'wrong';
                PERFORM {acts}.set_failures(_name, tried.tries + 1, _at + CASE WHEN tried.tries + 1 < 3
                    THEN interval '0' ELSE least(longest, 2 ^ least(tried.tries - 2, 12) * interval '1 second') END);
            END IF;
            IF account IS NOT NULL THEN
                PERFORM pg_advisory_unlock(lock_key);
            END IF;
        END""",
    ),
    _Function(
        "require_account",
        "_account uuid",
        "void",
        """
        BEGIN
            IF NOT EXISTS (SELECT FROM {shop}.accounts a WHERE a.key = _account) THEN
                PERFORM {acts}.refuse('SD004', 'This account no longer exists.');
            END IF;
        END""",
    ),
    _Function(
        "begin_on_person",
        f"{_WHO_LENT}, _account uuid",
        "void",
        """
        BEGIN  -- one after the other, so that an owner stays; selling and signing in go on
            LOCK TABLE {shop}.accounts IN SHARE ROW EXCLUSIVE MODE;
            PERFORM {acts}.require_owner(_token, _lent, _actor, _till, 'let people in');
            PERFORM {acts}.require_account(_account);
        END""",
    ),
    _Function(
        "keep_an_owner",
        "_account uuid",
        "void",
        """
        BEGIN
            IF NOT EXISTS (
                SELECT FROM {shop}.accounts a WHERE a.key <> _account AND a.role = 'owner' AND a.standing = 'active'
            ) AND EXISTS (
                SELECT FROM {shop}.accounts a WHERE a.key = _account AND a.role = 'owner' AND a.standing = 'active'
            ) THEN
                PERFORM {acts}.refuse('SD004', 'The shop needs an owner. Make another person an owner first.', 'role');
            END IF;
        END""",
    ),
    _Function(
        "add_account",
        "_key uuid, _user_name text, _folded text, _name text, _email text, _hash text, _at timestamptz, "
        "OUT role text, OUT standing text",
        "",
        """
        DECLARE is_first boolean := NOT EXISTS (SELECT FROM {shop}.accounts);
        BEGIN
            IF (_user_name ~ '^[ -~]*$' AND _folded <> lower(_user_name))
                OR EXISTS (SELECT FROM {shop}.accounts a WHERE a.user_name_folded = _folded) THEN
                PERFORM {acts}.refuse('SD004', 'This user name is taken. Choose another.', 'user_name');
            END IF;
            role := CASE WHEN is_first THEN 'owner' ELSE 'cashier' END;
            standing := CASE WHEN is_first THEN 'active' ELSE 'waiting' END;
            INSERT INTO {shop}.accounts
                (key, user_name, user_name_folded, name, email, role, standing, created_at)
            VALUES (_key, _user_name, _folded, _name, _email, role, standing, _at);
            IF _hash IS NOT NULL THEN
                PERFORM {acts}.store_password(_key, _hash);
            END IF;
        END""",
    ),
    _Function(
        "store_password",
        "_account uuid, _hash text",
        "void",
        """
        BEGIN
            PERFORM {acts}.require_hash(_hash, '(once:)?');
            INSERT INTO {shop}.credentials (account_key, password_hash) VALUES (_account, _hash)
            ON CONFLICT (account_key) DO UPDATE SET password_hash = excluded.password_hash;
            UPDATE {shop}.accounts a SET password_mark = {acts}.mark(_hash) WHERE a.key = _account;
            PERFORM {acts}.forgive(_account);
        END""",
    ),
    _Function(
        "linked_to",
        "_issuer text, _subject text",
        "uuid",
        """
        BEGIN
            RETURN (SELECT i.account_key FROM {shop}.identities i WHERE i.issuer = _issuer AND i.subject = _subject);
        END""",
    ),
    _Function(
        "require_role",
        "_role text",
        "void",
        """
        BEGIN
            IF _role NOT IN ('owner', 'manager', 'cashier') THEN
                PERFORM {acts}.refuse('SD004', 'There is no such role.', 'role');
            END IF;
        END""",
    ),
)

ACTS = (
    _Function(
        "salt",
        "_name text, _usual text",
        "text",
        """
        DECLARE stored text;
        BEGIN  -- for an unknown name always the same invention
            SELECT c.password_hash INTO stored FROM {shop}.credentials c
            WHERE c.account_key = {acts}.with_password(_name);
            RETURN coalesce(
                substring(stored FROM '^(.*)[$].*[$]'),
                _usual || '$' || (SELECT rtrim(encode(substr(sha256(p.secret || convert_to(_name, 'UTF8')), 1, 16),
                    'base64'), '=') FROM {acts}.pepper p));
        END""",
    ),
    _Function(
        "sign_in",
        "_name text, _proof bytea, _hash text, _opens boolean, _at timestamptz, "
        "OUT outcome text, OUT seconds integer, OUT account uuid, OUT token bytea",
        "",
        """
        DECLARE moment timestamptz := {acts}.instant(_at); tried record;
        BEGIN
            tried := {acts}.try_password(_name, _proof, moment);
            outcome := tried.outcome;
            seconds := tried.seconds;
            IF outcome = 'wrong' THEN
                DELETE FROM {shop}.sign_in_failures WHERE name IN (
                    SELECT f.name FROM {shop}.sign_in_failures f
                    WHERE f.retry_at < moment - interval '1 day'
                    FOR UPDATE SKIP LOCKED);
            END IF;
            IF outcome <> 'right' THEN
                RETURN;
            END IF;
            account := tried.account;
            PERFORM {acts}.count_to('pins', account, 0);
            IF (SELECT a.standing FROM {shop}.accounts a WHERE a.key = account) = 'blocked' THEN
                outcome := 'blocked';
                RETURN;
            END IF;
            IF _hash IS NOT NULL THEN
                PERFORM {acts}.store_password(account, _hash);
            END IF;
            IF _opens THEN
                token := {acts}.open_session(account, '', false);
            END IF;
        END""",
    ),
    _Function(
        "pin_salt",
        "_account uuid",
        "text",
        """
        BEGIN
            RETURN (SELECT substring(c.pin_hash FROM '^(.*)[$].*[$]')
                FROM {shop}.credentials c WHERE c.account_key = _account);
        END""",
    ),
    _Function(
        "try_pin",
        "_account uuid, _proof bytea, _lends text, OUT outcome text, OUT left_over integer, OUT token bytea",
        "",
        """
        DECLARE
            tries bigint := {acts}.counted('pins', _account);
            lock_key bigint := hashtextextended('shopdesk ' || _account::text, 0);
        BEGIN
            IF NOT EXISTS (SELECT FROM {shop}.accounts a WHERE a.key = _account AND a.standing = 'active') THEN
                outcome := 'blocked';
                RETURN;
            END IF;
            PERFORM pg_advisory_lock(lock_key);
            tries := {acts}.counted('pins', _account);
            IF tries >= 5 THEN
                outcome := 'many';
            ELSIF EXISTS (
                SELECT FROM {shop}.credentials c WHERE c.account_key = _account AND {acts}.fits(c.pin_hash, _proof)
            ) THEN
                outcome := 'right';
                PERFORM {acts}.count_to('pins', _account, 0);
            ELSE
                outcome := 'wrong';
                left_over := 4 - tries;
                PERFORM {acts}.count_to('pins', _account, tries + 1);
            END IF;
            PERFORM pg_advisory_unlock(lock_key);
            IF outcome = 'right' THEN
                token := {acts}.open_session(_account, _lends, false);
            END IF;
        END""",
    ),
    _Function(
        "sign_out",
        "_token bytea",
        "void",
        """
        BEGIN
            DELETE FROM {acts}.sessions s WHERE s.token_hash = sha256(_token) AND s.db_role = session_user;
        END""",
    ),
    _Function(
        "register",
        "_key uuid, _user_name text, _folded text, _name text, _email text, _hash text, _at timestamptz, "
        "OUT role text, OUT standing text, OUT token bytea",
        "",
        """
        BEGIN
            LOCK TABLE {shop}.accounts IN SHARE ROW EXCLUSIVE MODE;
            PERFORM {acts}.require_hash(coalesce(_hash, ''), '(once:)?');
            SELECT a.role, a.standing INTO role, standing
            FROM {acts}.add_account(_key, _user_name, _folded, _name, _email, _hash, {acts}.instant(_at)) a;
            token := {acts}.open_session(_key, '', false);
        END""",
    ),
    _Function(
        "sign_in_by_provider",
        "_issuer text, _subject text, _label text, _key uuid, _user_name text, _folded text, _name text, _email text, "
        "_at timestamptz, OUT outcome text, OUT account uuid, OUT token bytea",
        "",
        """
        BEGIN
            account := {acts}.linked_to(_issuer, _subject);
            IF account IS NULL THEN
                LOCK TABLE {shop}.accounts IN SHARE ROW EXCLUSIVE MODE;
                account := {acts}.linked_to(_issuer, _subject);  -- it may have signed in meanwhile
            END IF;
            IF account IS NULL THEN
                account := _key;
                outcome := 'new';
                PERFORM {acts}.add_account(_key, _user_name, _folded, _name, _email, NULL, {acts}.instant(_at));
                INSERT INTO {shop}.identities (issuer, subject, account_key, label, linked_at)
                VALUES (_issuer, _subject, _key, _label, {acts}.instant(_at));
            ELSIF (SELECT a.standing FROM {shop}.accounts a WHERE a.key = account) = 'blocked' THEN
                outcome := 'blocked';
                RETURN;
            ELSE
                outcome := 'right';
            END IF;
            token := {acts}.open_session(account, '', outcome = 'right');
        END""",
    ),
    _Function(
        "let_in",
        f"{_WHO_LENT}, _account uuid, _role text",
        "void",
        """
        BEGIN
            PERFORM {acts}.begin_on_person(_token, _lent, _actor, _till, _account);
            PERFORM {acts}.require_role(_role);
            UPDATE {shop}.accounts a SET standing = 'active', role = _role
            WHERE a.key = _account AND a.standing = 'waiting';
        END""",
    ),
    _Function(
        "set_role",
        f"{_WHO_LENT}, _account uuid, _role text",
        "void",
        """
        BEGIN
            PERFORM {acts}.begin_on_person(_token, _lent, _actor, _till, _account);
            PERFORM {acts}.require_role(_role);
            IF _role <> 'owner' THEN
                PERFORM {acts}.keep_an_owner(_account);
            END IF;
            UPDATE {shop}.accounts a SET role = _role WHERE a.key = _account;
        END""",
    ),
    _Function(
        "block",
        f"{_WHO_LENT}, _account uuid",
        "void",
        """
        BEGIN
            PERFORM {acts}.begin_on_person(_token, _lent, _actor, _till, _account);
            PERFORM {acts}.keep_an_owner(_account);
            UPDATE {shop}.accounts a SET standing = 'blocked' WHERE a.key = _account;
            DELETE FROM {acts}.sessions s WHERE s.account_key = _account;
        END""",
    ),
    _Function(
        "unblock",
        f"{_WHO_LENT}, _account uuid",
        "void",
        """
        BEGIN
            PERFORM {acts}.begin_on_person(_token, _lent, _actor, _till, _account);
            UPDATE {shop}.accounts a SET standing = 'active' WHERE a.key = _account AND a.standing = 'blocked';
        END""",
    ),
    _Function(
        "reset_password",
        f"{_WHO_LENT}, _account uuid, _hash text",
        "void",
        """
        BEGIN
            PERFORM {acts}.require_owner(_token, _lent, _actor, _till, 'let people in');
            PERFORM {acts}.require_account(_account);
            PERFORM {acts}.store_password(_account, _hash);
            IF _account <> _actor THEN
                DELETE FROM {acts}.sessions s WHERE s.account_key = _account;
            END IF;
        END""",
    ),
    _Function(
        "check_password",
        f"{_WHO}, _proof bytea, _at timestamptz, OUT outcome text, OUT seconds integer",
        "",
        """
        DECLARE tried record;
        BEGIN
            PERFORM {acts}.who(_token, _actor, _till);
            tried := {acts}.try_password(
                (SELECT a.user_name_folded FROM {shop}.accounts a WHERE a.key = _actor), _proof, {acts}.instant(_at));
            outcome := tried.outcome;
            seconds := tried.seconds;
        END""",
    ),
    _Function(
        "change_password",
        f"{_WHO}, _proof bytea, _hash text, _at timestamptz, OUT outcome text, OUT seconds integer",
        "",
        """
        DECLARE tried record;
        BEGIN
            IF _proof IS NOT NULL THEN
                tried := {acts}.check_password(_token, _actor, _till, _proof, _at);
                outcome := tried.outcome;
                seconds := tried.seconds;
            ELSE  -- an account without a password, by who has just registered with a provider
                PERFORM {acts}.require_proof(_token, _actor, _till);
                IF {acts}.has_password(_actor) AND NOT {acts}.is_owner() THEN
                    PERFORM {acts}.refuse('SD003', 'The current password is wrong.', 'old_password');
                END IF;
                outcome := 'right';
            END IF;
            IF outcome = 'right' THEN
                PERFORM {acts}.store_password(_actor, _hash);
                DELETE FROM {acts}.sessions s WHERE s.account_key = _actor AND s.token_hash <> sha256(_token);
            END IF;
        END""",
    ),
    _Function(
        "set_pin",
        f"{_WHO}, _proof bytea, _pin_hash text, _at timestamptz, OUT outcome text, OUT seconds integer",
        "",
        """
        DECLARE tried record := {acts}.check_password(_token, _actor, _till, _proof, _at);
        BEGIN
            outcome := tried.outcome;
            seconds := tried.seconds;
            IF outcome = 'right' THEN
                PERFORM {acts}.require_hash(_pin_hash, '[0-9a-f]{12}:');
                UPDATE {shop}.credentials c SET pin_hash = _pin_hash WHERE c.account_key = _actor;
                UPDATE {shop}.accounts a SET pin_mark = {acts}.mark(_pin_hash) WHERE a.key = _actor;
                PERFORM {acts}.count_to('pins', _actor, 0);
            END IF;
        END""",
    ),
    _Function(
        "remove_pin",
        _WHO,
        "void",
        """
        BEGIN
            PERFORM {acts}.require_proof(_token, _actor, _till);
            UPDATE {shop}.credentials c SET pin_hash = NULL WHERE c.account_key = _actor;
            UPDATE {shop}.accounts a SET pin_mark = NULL WHERE a.key = _actor;
        END""",
    ),
    _Function(
        "link",
        f"{_WHO}, _proof bytea, _issuer text, _subject text, _label text, _at timestamptz, "
        "OUT outcome text, OUT seconds integer",
        "",
        """
        DECLARE tried record := {acts}.check_password(_token, _actor, _till, _proof, _at);
        BEGIN
            outcome := tried.outcome;
            seconds := tried.seconds;
            IF outcome = 'right' THEN
                INSERT INTO {shop}.identities (issuer, subject, account_key, label, linked_at)
                VALUES (_issuer, _subject, _actor, _label, {acts}.instant(_at)) ON CONFLICT DO NOTHING;
                IF {acts}.linked_to(_issuer, _subject) IS DISTINCT FROM _actor THEN
                    PERFORM {acts}.refuse('SD004', 'This account is already linked to another account of the shop.');
                END IF;
            END IF;
        END""",
    ),
    _Function(
        "unlink",
        f"{_WHO}, _issuer text, _subject text",
        "void",
        """
        BEGIN
            PERFORM {acts}.require_proof(_token, _actor, _till);
            DELETE FROM {shop}.identities i
            WHERE i.account_key = _actor AND i.issuer = _issuer AND i.subject = _subject;
            IF NOT {acts}.has_password(_actor)
                AND NOT EXISTS (SELECT FROM {shop}.identities i WHERE i.account_key = _actor) THEN
                PERFORM {acts}.refuse('SD004', 'This is the only way to sign in to the account. Set a password first.');
            END IF;
        END""",
    ),
    _Function(
        "save_shop",
        f"{_WHO_LENT}, _shop jsonb, _taxes jsonb, _is_new boolean",
        "void",
        """
        DECLARE one {shop}.shop := jsonb_populate_record(NULL::{shop}.shop, _shop);
        BEGIN
            LOCK TABLE {shop}.tax_rates IN SHARE ROW EXCLUSIVE MODE;  -- one after the other; sales go on
            PERFORM {acts}.require_owner(_token, _lent, _actor, _till, 'change settings');
            IF _is_new = EXISTS (SELECT FROM {shop}.shop) THEN
                PERFORM {acts}.refuse('SD004', CASE WHEN _is_new
                    THEN 'The shop is already set up.' ELSE 'The shop is not set up yet.' END);
            END IF;
            IF one.currency <> (SELECT s.currency FROM {shop}.shop s) AND EXISTS (SELECT FROM {shop}.documents) THEN
                PERFORM {acts}.refuse('SD004', 'The currency cannot be changed once documents exist.', 'currency');
            END IF;
            IF one.logo <> '' AND NOT EXISTS (SELECT FROM {shop}.logos l WHERE l.mark = one.logo) THEN
                PERFORM {acts}.refuse('SD004', 'There is no such logo.', 'logo');
            END IF;
            IF (SELECT count(*) FROM jsonb_array_elements(_taxes) t WHERE (t.value->>'is_default')::boolean) <> 1 THEN
                PERFORM {acts}.refuse('SD004', 'Mark exactly one tax rate as the default.', 'taxes');
            END IF;
            INSERT INTO {shop}.shop (
                id, name, address, country, tax_id, email, phone, footer, currency, prices_include_tax, language, seal,
                smallest_coin, lock_after_minutes, due_days, cashier_discount_milli, in_store_codes, vat_number,
                registration, contact, iban, bic, bank, has_barcode, logo, own_texts, message_channels
            ) VALUES (
                1, one.name, one.address, one.country, one.tax_id, one.email, one.phone, one.footer, one.currency,
                one.prices_include_tax, one.language, one.seal, one.smallest_coin, one.lock_after_minutes,
                one.due_days, one.cashier_discount_milli, one.in_store_codes, one.vat_number, one.registration,
                one.contact, one.iban, one.bic, one.bank, one.has_barcode, one.logo, one.own_texts,
                one.message_channels
            ) ON CONFLICT (id) DO UPDATE SET
                name = one.name, address = one.address, country = one.country, tax_id = one.tax_id, email = one.email,
                phone = one.phone, footer = one.footer, currency = one.currency,
                prices_include_tax = one.prices_include_tax, language = one.language, seal = one.seal,
                smallest_coin = one.smallest_coin, lock_after_minutes = one.lock_after_minutes,
                due_days = one.due_days, cashier_discount_milli = one.cashier_discount_milli,
                in_store_codes = one.in_store_codes, vat_number = one.vat_number, registration = one.registration,
                contact = one.contact, iban = one.iban, bic = one.bic, bank = one.bank,
                has_barcode = one.has_barcode, logo = one.logo, own_texts = one.own_texts,
                message_channels = one.message_channels;
            UPDATE {shop}.tax_rates SET is_retired = true;
            INSERT INTO {shop}.tax_rates (key, name, rate_milli, category, is_default, is_retired, position, reason)
            SELECT (t.value->>'key')::uuid, t.value->>'name', (t.value->>'rate_milli')::integer,
                t.value->>'category', (t.value->>'is_default')::boolean, false, t.place - 1,
                t.value->>'reason'
            FROM jsonb_array_elements(_taxes) WITH ORDINALITY AS t (value, place)
            ON CONFLICT (key) DO UPDATE SET name = excluded.name, rate_milli = excluded.rate_milli,
                category = excluded.category, is_default = excluded.is_default, is_retired = false,
                position = excluded.position, reason = excluded.reason;
        END""",
    ),
    _Function(
        "add_logo",
        f"{_WHO_LENT}, _content bytea",
        "void",
        r"""
        BEGIN  -- a PNG file; what has the same content is the same logo
            PERFORM {acts}.require_owner(_token, _lent, _actor, _till, 'change settings');
            IF octet_length(_content) > 1000000 OR substring(_content FOR 8) <> '\x89504e470d0a1a0a' THEN
                PERFORM {acts}.refuse('SD004', 'This is no logo.', 'logo');
            END IF;
            INSERT INTO {shop}.logos (mark, content) VALUES (encode(sha256(_content), 'hex'), _content)
            ON CONFLICT DO NOTHING;
        END""",
    ),
)
"""The functions that a till's role may call."""

_PARTS = (
    acts_journal_sql, acts_rights_sql, acts_outbox_sql, acts_lists_sql, acts_books_sql, acts_shifts_sql,
    acts_print_sql, acts_sums_sql,
)  # fmt: skip
FUNCTIONS = (*_INNER, *(one for part in _PARTS for one in (*part.INNER, *part.ACTS)), *ACTS)
"""All of them, those that others call first."""

_TABLES = """
    CREATE TABLE IF NOT EXISTS {acts}.sessions (
        token_hash bytea PRIMARY KEY,
        account_key uuid NOT NULL REFERENCES {shop}.accounts (key) ON DELETE CASCADE,
        till_key uuid,
        db_role name NOT NULL,
        lends text NOT NULL,
        by_provider boolean NOT NULL,
        ends_at timestamptz NOT NULL
    );
    ALTER TABLE {acts}.sessions ADD COLUMN IF NOT EXISTS used_in xid8;
    CREATE TABLE IF NOT EXISTS {acts}.tills (
        till_key uuid PRIMARY KEY REFERENCES {shop}.tills (key) ON DELETE CASCADE,
        db_role name NOT NULL
    );
    CREATE TABLE IF NOT EXISTS {acts}.deliveries (
        message_key uuid NOT NULL,
        attempt integer NOT NULL,
        db_role name NOT NULL,
        began_at timestamptz NOT NULL,
        ended_at timestamptz,
        state text,
        PRIMARY KEY (message_key, attempt)
    );
    ALTER TABLE {acts}.deliveries ADD COLUMN IF NOT EXISTS bounced_at timestamptz;
    ALTER TABLE {acts}.deliveries ADD COLUMN IF NOT EXISTS bounced_by name;
    CREATE TABLE IF NOT EXISTS {acts}.pepper (is_one boolean PRIMARY KEY CHECK (is_one), secret bytea NOT NULL);
    INSERT INTO {acts}.pepper VALUES (true, uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
    ON CONFLICT DO NOTHING;
"""

_TRIGGER = """
    CREATE OR REPLACE TRIGGER count_tries AFTER INSERT OR DELETE ON {shop}.credentials
    FOR EACH ROW EXECUTE FUNCTION {acts}.counters()
"""


def install(connection: Connection) -> None:
    """Make the schema of the acts, its tables and all functions, as the owner of the tables; what is there stays.

    Give the tills' roles their rights afterwards: see ``store/roles.py``.
    """
    shop = connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    statements = [f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}", *_TABLES.split(";\n")]
    statements += [one.definition for one in FUNCTIONS]
    for statement in (*statements, _TRIGGER, NOT_FOR_ALL):
        if statement.strip():
            filled = statement.replace("{shop}", shop).replace("{acts}", SCHEMA)
            connection.exec_driver_sql(filled.replace("%", "%%"))


def uninstall(connection: Connection) -> None:
    """Drop the schema of the acts."""
    connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")


def complete(connection: Connection) -> bool:
    """Complete a restored dump, which has no rights. Return True if it was a till's and had no passwords and no acts.

    Then no account has a password: the owner of the database lets the shop's owner in, who lets in the others.
    """
    found = inspect(connection)
    if found.has_schema(SCHEMA):
        connection.exec_driver_sql(NOT_FOR_ALL)
    columns = {column["name"] for column in found.get_columns("accounts")} if found.has_table("accounts") else set()
    if "password_mark" not in columns or found.has_table(credentials.name):
        return False
    credentials.create(connection)
    connection.execute(text("UPDATE accounts SET password_mark = NULL, pin_mark = NULL"))
    install(connection)
    return True


_EVERYTHING = ("TABLES", "SEQUENCES", "FUNCTIONS")
NOT_FOR_ALL = f"""
    DO $$ BEGIN
        REVOKE ALL ON SCHEMA {SCHEMA} FROM PUBLIC;
        {" ".join(f"REVOKE ALL ON ALL {kind} IN SCHEMA {SCHEMA} FROM PUBLIC;" for kind in _EVERYTHING)}
    END $$"""
"""Functions may be called by every role unless that is revoked; a dump is restored without it."""

_RIGHTS = (
    *((name, "SELECT, INSERT, UPDATE, DELETE") for name in TABLES),
    ("documents", "SELECT"),
    *(right for part in _PARTS for right in part.TABLES.items()),
)
"""The rights on tables that the functions need."""

HAND_OVER = f"""
    DO $$ DECLARE
        one record;
        shop text := quote_ident(current_schema());
    BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{OWNER}')
            OR NOT pg_has_role('{OWNER}', 'MEMBER') THEN
            RETURN;
        END IF;
        EXECUTE 'GRANT USAGE ON SCHEMA ' || shop || ' TO {OWNER}';
        GRANT USAGE, CREATE ON SCHEMA {SCHEMA} TO {OWNER};
        FOR one IN SELECT * FROM (VALUES {", ".join(f"('{name}', '{rights}')" for name, rights in _RIGHTS)}) AS r
            (name, rights)
        LOOP
            EXECUTE format('GRANT %s ON %s.%I TO {OWNER}', one.rights, shop, one.name);
        END LOOP;
        GRANT SELECT, INSERT, UPDATE, DELETE ON {SCHEMA}.sessions, {SCHEMA}.tills, {SCHEMA}.deliveries TO {OWNER};
        GRANT SELECT ON {SCHEMA}.pepper TO {OWNER};
        FOR one IN SELECT oid::regprocedure AS name FROM pg_proc WHERE pronamespace = '{SCHEMA}'::regnamespace LOOP
            EXECUTE format('ALTER FUNCTION %s OWNER TO {OWNER}', one.name);
        END LOOP;
        FOR one IN SELECT oid::regclass AS name FROM pg_class
            WHERE relnamespace = '{SCHEMA}'::regnamespace AND relkind = 'S'
        LOOP
            EXECUTE format('ALTER SEQUENCE %s OWNER TO {OWNER}', one.name);
        END LOOP;
    END $$"""  # noqa: S608 - fixed names
"""Give the functions to the role that owns no table, if there is one: a faulty function cannot drop a guard then."""


def grants(role: str) -> tuple[str, ...]:
    """Return the SQL that lets a till's role, quoted, call the acts and nothing else."""
    acts = (*ACTS, *(one for part in _PARTS for one in part.ACTS))
    names = ", ".join(f"{SCHEMA}.{one.name}" for one in acts)
    return (
        *(f"REVOKE ALL ON ALL {kind} IN SCHEMA {SCHEMA} FROM {role}" for kind in _EVERYTHING),
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO {role}",
        f"GRANT EXECUTE ON FUNCTION {names} TO {role}",
    )
