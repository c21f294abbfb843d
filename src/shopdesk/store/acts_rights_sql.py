"""The rights of roles on a PostgreSQL server, and a right that another person lends for one act."""

from __future__ import annotations

from shopdesk.store.server_function import WHO_OR_LENT, ServerFunction

TABLES = {"accounts": "SELECT"}

INNER = (
    ServerFunction(
        "may",
        "_role text, _right text",
        "boolean",
        """
        BEGIN  -- as RIGHTS in domain/account.py
            RETURN _role = 'owner'
                OR _role = 'manager' AND _right NOT IN ('change settings', 'let people in')
                OR _role = 'cashier' AND _right IN ('sell', 'correct documents', 'open and count a shift');
        END""",
        is_part=True,
    ),
    ServerFunction(
        "use_loan",
        "_lent bytea, _right text, OUT lender uuid",
        "",
        """
        BEGIN  -- for one act, which is one transaction
            UPDATE {acts}.sessions s SET used_in = pg_current_xact_id() FROM {shop}.accounts a
            WHERE s.token_hash = sha256(_lent) AND s.lends = _right AND s.db_role = session_user
                AND s.ends_at > clock_timestamp() AND coalesce(s.used_in = pg_current_xact_id(), true)
                AND a.key = s.account_key AND a.standing = 'active' AND {acts}.may(a.role, _right)
            RETURNING a.key INTO lender;
        END""",
        is_part=True,
    ),
    ServerFunction(
        "require_right",
        f"{WHO_OR_LENT}, _right text, OUT lender uuid",
        "",
        """
        DECLARE found_out record;
        BEGIN
            IF {acts}.is_owner() THEN
                lender := _lender;
                RETURN;
            END IF;
            found_out := {acts}.who(_token, _actor, _till);
            IF EXISTS (
                SELECT FROM {shop}.accounts a WHERE a.key = _actor AND starts_with(a.password_mark, 'once:')
            ) THEN
                PERFORM {acts}.refuse('SD003',
                    'Choose a password of your own first: sign out and sign in again.');
            END IF;
            IF {acts}.may(found_out.standing_role, _right) THEN
                RETURN;
            END IF;
            lender := {acts}.use_loan(_lent, _right);
            IF lender IS NULL THEN
                PERFORM {acts}.refuse('SD003', 'Your role does not allow this. Ask the owner.', 'right ' || _right);
            END IF;
        END""",
        is_part=True,
    ),
)

ACTS: tuple[ServerFunction, ...] = ()
