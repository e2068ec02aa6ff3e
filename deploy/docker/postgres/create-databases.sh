#!/bin/bash
# Runs once, on an empty volume: each service's role owns a database that no other role can connect to. The dashboard of
# the queues may read the job database, and nothing else.
set -euo pipefail

superuser() { psql --set ON_ERROR_STOP=1 --no-psqlrc --quiet --username "$POSTGRES_USER" --dbname postgres "$@"; }

superuser <<<"REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC;"

for service in user job email; do
  superuser --set role="mcsv_$service" --set password="$(<"/run/secrets/${service}_database_password")" <<'SQL'
CREATE ROLE :"role" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE :"role" OWNER :"role";
REVOKE CONNECT ON DATABASE :"role" FROM PUBLIC;
SQL
done

superuser --set password="$(</run/secrets/dashboard_database_password)" <<'SQL'
CREATE ROLE mcsv_job_dashboard LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
ALTER ROLE mcsv_job_dashboard SET default_transaction_read_only = on;
GRANT pg_read_all_data TO mcsv_job_dashboard;
GRANT CONNECT ON DATABASE mcsv_job TO mcsv_job_dashboard;
SQL
