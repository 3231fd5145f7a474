#!/usr/bin/env bash
# Creates what pipeline pagila needs in default: SQL of the databases, topics, search indexes, connectors.
# It only creates. It deletes nothing, switches nothing, stops at what is not as planned, and may run any number of times.
# It needs bash, curl, psql, kafka-topics.sh.
#
# Environment variables:
#   KAFKA_BOOTSTRAP
#       brokers, host:port with commas between
#   KAFKA_TOPICS (default kafka-topics.sh)
#       Kafka's command for topics
#   CONNECT_URL
#       address of Kafka Connect, such as http://localhost:8083
#   RENTALS_DBA_URL
#       rentals: postgresql:// address of its database, for an administrator
#   REPORTS_DBA_URL
#       reports: postgresql:// address of its database, for an administrator
#   RENTALS_DATABASE
#       database of rentals
#   RENTALS_PASSWORD
#       password of the role diac_pagila_rentals in rentals
#   REPORTS_DATABASE
#       database of reports
#   REPORTS_PASSWORD
#       password of the role diac_pagila_reports in reports
#   KAFKA_CLIENT_CONFIG (optional)
#       properties file for Kafka's command, where brokers ask for TLS or a login
#
# Not read here, but by what runs later:
#   RENTALS_HOST, read by the Connect workers
#       name or address of the server of rentals
#   REPORTS_HOST, read by the Connect workers
#       name or address of the server of reports
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"

say() { printf '%s\n' "$*"; }
fail() { printf 'apply.sh: %s\n' "$*" >&2; exit 1; }

need_command() { command -v "$1" >/dev/null 2>&1 || fail "the command $1 is not found"; }
need_variable() { [ -n "${!1:-}" ] || fail "the environment variable $1 is not set: $2"; }

# run_sql ADDRESS FILE
run_sql() {
  local address=$1 password=${PGPASSWORD:-}
  if [[ $address =~ ^(postgres(ql)?://[^:/@]*):([^@/]*)@(.*)$ ]]; then
    password=${BASH_REMATCH[3]//\\/\\\\}
    password=$(printf '%b' "${password//%/\\x}")
    address=${BASH_REMATCH[1]}@${BASH_REMATCH[4]}
  fi
  say "  $2"
  PGPASSWORD=$password psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname="$address" --file="$2"
}

topics_command() {
  if [ -n "${KAFKA_CLIENT_CONFIG:-}" ]; then
    "$KAFKA_TOPICS" --bootstrap-server "$KAFKA_BOOTSTRAP" --command-config "$KAFKA_CLIENT_CONFIG" "$@"
  else
    "$KAFKA_TOPICS" --bootstrap-server "$KAFKA_BOOTSTRAP" "$@"
  fi
}

has_topic() { grep -qxF -- "$1" <<<"$existing_topics"; }

# topic NAME PARTITIONS REPLICATION [--config KEY=VALUE]...
topic() {
  local name=$1 partitions=$2 replication=$3 found
  shift 3
  if has_topic "$name"; then
    found=$(topics_command --describe --topic "$name" | sed -n 's/.*PartitionCount: *\([0-9][0-9]*\).*/\1/p' | head -n 1)
    if [ "$found" != "$partitions" ]; then
      fail "topic $name is there with ${found:-an unknown number of} partitions, planned are $partitions; changing it moves keys, so nothing is changed"
    fi
    say "  $name: is there"
  else
    topics_command --create --if-not-exists --topic "$name" --partitions "$partitions" --replication-factor "$replication" "$@" >/dev/null
    say "  $name: created"
  fi
}

# foreign_topic NAME
foreign_topic() {
  has_topic "$1" || fail "topic $1 is not there; another team's capture writes it"
  say "  $1: is there, written by another capture"
}

# connector NAME-IN-ADDRESSES FILE
connector() {
  local answer status tries=0
  answer=$(mktemp)
  while :; do
    status=$(curl --silent --show-error --output "$answer" --write-out '%{http_code}' --request PUT \
      --header 'Content-Type: application/json' --data-binary "@$2" "${CONNECT_URL%/}/connectors/$1/config") || status=000
    case $status in
      200) say "  $1: configured as before or anew" ; break ;;
      201) say "  $1: created"; break ;;
      000 | 404 | 409 | 503)
        tries=$((tries + 1))
        if [ "$tries" -ge 30 ]; then rm -f "$answer"; fail "connector $1: Connect answered $status thirty times"; fi
        sleep 2 ;;
      *) cat "$answer" >&2; rm -f "$answer"; fail "connector $1: Connect answered $status" ;;
    esac
  done
  rm -f "$answer"
}

# --- Before anything is made ---
KAFKA_TOPICS=${KAFKA_TOPICS:-kafka-topics.sh}
need_command psql
need_command "$KAFKA_TOPICS"
need_command curl
need_variable KAFKA_BOOTSTRAP 'brokers, host:port with commas between'
need_variable CONNECT_URL 'address of Kafka Connect, such as http://localhost:8083'
need_variable RENTALS_DBA_URL 'rentals: postgresql:// address of its database, for an administrator'
need_variable REPORTS_DBA_URL 'reports: postgresql:// address of its database, for an administrator'
need_variable RENTALS_DATABASE 'database of rentals'
need_variable RENTALS_PASSWORD 'password of the role diac_pagila_rentals in rentals'
need_variable REPORTS_DATABASE 'database of reports'
need_variable REPORTS_PASSWORD 'password of the role diac_pagila_reports in reports'

# --- 1. What captures need in the databases ---
say '1. What captures need in the databases'
say '  in rentals'
run_sql "$RENTALS_DBA_URL" sql/rentals/00-preflight.sql
run_sql "$RENTALS_DBA_URL" sql/rentals/01-role-and-grants.sql
run_sql "$RENTALS_DBA_URL" sql/rentals/02-signal-heartbeat.sql
run_sql "$RENTALS_DBA_URL" sql/rentals/03-publication.sql

# --- 2. Topics ---
say '2. Topics'
existing_topics=$(topics_command --list)
topic pagila.rentals.public.actor 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic pagila.rentals.public.address 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic pagila.rentals.public.category 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic pagila.rentals.public.city 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic pagila.rentals.public.country 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic pagila.rentals.public.customer 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic pagila.rentals.public.film 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic pagila.rentals.public.film_actor 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic pagila.rentals.public.film_category 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic pagila.rentals.public.inventory 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic pagila.rentals.public.language 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic pagila.rentals.public.payment 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic pagila.rentals.public.rental 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic pagila.rentals.public.staff 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic pagila.rentals.public.store 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic pagila.rentals.diac.heartbeat 1 3 \
  --config cleanup.policy=compact \
  --config min.insync.replicas=2
topic __debezium-heartbeat.pagila.rentals 1 3 \
  --config cleanup.policy=compact \
  --config min.insync.replicas=2
topic pagila.rentals.diac.signal 1 3 \
  --config cleanup.policy=compact \
  --config min.insync.replicas=2

# --- 3. Tables and roles of views in databases ---
say '3. Tables and roles of views in databases'
say '  in reports'
run_sql "$REPORTS_DBA_URL" sql/reports/04-view-tables.sql
run_sql "$REPORTS_DBA_URL" sql/reports/05-idempotency.sql

# --- 5. Connectors ---
say '5. Connectors'
connector pagila-source-rentals connectors/pagila-source-rentals.json
connector pagila-sink-reports_rentals-v1 connectors/pagila-sink-reports_rentals-v1.json

say ''
say 'Everything above is there. Next:'
say '  then runbook.md, "Check that it works"'
