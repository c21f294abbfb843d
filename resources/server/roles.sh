#!/bin/bash
# The roles of a shop's database: an owner, who makes and upgrades the tables, the tills, who may add to the books and
# nothing more, and shopdesk_acts, with whose rights the server's functions change people and settings. None is a
# superuser. compose.yaml runs it when the server is new; run it again, as a superuser, on a server that is older:
#
#   docker compose exec database bash /docker-entrypoint-initdb.d/roles.sh
#
# Anywhere else: as postgres, with POSTGRES_DB, OWNER_PASSWORD and TILL_PASSWORD in the environment.
# The tills' rights on the tables are those that “shopdesk database-roles shopdesk_tills” prints: shopdesk grants them itself
# whenever it makes or upgrades the tables as their owner.
set -euo pipefail
export OWNER_PASSWORD="${OWNER_PASSWORD:-$(< /run/secrets/owner-password)}"
export TILL_PASSWORD="${TILL_PASSWORD:-$(< /run/secrets/till-password)}"

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname "$POSTGRES_DB" <<'SQL'
\getenv owner_password OWNER_PASSWORD
\getenv till_password TILL_PASSWORD
SET client_min_messages = warning;
BEGIN;
SELECT format('CREATE ROLE %I', name) FROM unnest(ARRAY['owner', 'till', 'shopdesk_tills', 'shopdesk_acts']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'owner_password';
ALTER ROLE till LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'till_password';
ALTER ROLE shopdesk_tills NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE shopdesk_acts NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
GRANT shopdesk_tills TO till;
GRANT shopdesk_acts TO owner;
SELECT format('ALTER DATABASE %I OWNER TO owner', current_database()) \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()) \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO shopdesk_tills', current_database()) \gexec
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
-- With locks of its own a till could stop sign-ins, with large objects fill the disk. (Pairs of numbers hold customers.)
SELECT format('REVOKE EXECUTE ON FUNCTION %1$s FROM PUBLIC; GRANT EXECUTE ON FUNCTION %1$s TO owner, shopdesk_acts',
    oid::regprocedure)
FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
    AND proname ~ '^(pg_advisory_|pg_try_advisory_|lo_|loread$|lowrite$)'
    AND oid <> 'pg_advisory_xact_lock(integer, integer)'::regprocedure \gexec
SELECT format('ALTER TABLE %I.%I OWNER TO owner', schemaname, tablename) FROM pg_tables WHERE schemaname = 'public' \gexec
SELECT format('ALTER FUNCTION %s OWNER TO owner', oid::regprocedure) FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'shopdesk~_%' ESCAPE '~' \gexec
-- The functions of people and settings; “shopdesk database-roles till --apply” then gives them to shopdesk_acts.
SELECT 'ALTER SCHEMA shopdesk_acts OWNER TO owner' FROM pg_namespace WHERE nspname = 'shopdesk_acts' \gexec
SELECT format('ALTER TABLE %s OWNER TO owner', oid::regclass) FROM pg_class
WHERE relnamespace = to_regnamespace('shopdesk_acts') AND relkind IN ('r', 'S')
    AND relowner <> 'shopdesk_acts'::regrole \gexec
SELECT format('ALTER FUNCTION %s OWNER TO owner', oid::regprocedure) FROM pg_proc
WHERE pronamespace = to_regnamespace('shopdesk_acts') AND proowner <> 'shopdesk_acts'::regrole \gexec
COMMIT;
SQL
