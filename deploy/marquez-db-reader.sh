#!/usr/bin/env bash
# Run by the image of PostgreSQL when its volume is new: makes the role by which Headwater reads Marquez's table, and nothing else.
# On a database that is there already: docs/marquez.md, "The role".
set -euo pipefail

psql -v ON_ERROR_STOP=1 -v password="$HEADWATER_MARQUEZ_PASSWORD" -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
CREATE ROLE headwater LOGIN PASSWORD :'password' CONNECTION LIMIT 5;
ALTER ROLE headwater SET default_transaction_read_only = on;
-- So that it sees since when transactions have been open: what appears late is then found for certain.
GRANT pg_read_all_stats TO headwater;
-- Marquez makes its tables at its first start.
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO headwater;
SQL
