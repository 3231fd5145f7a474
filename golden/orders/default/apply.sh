#!/usr/bin/env bash
# Creates what pipeline orders needs in default: SQL of the databases, topics, search indexes, connectors.
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
#   SHOP_DBA_URL
#       shop: postgresql:// address of its database, for an administrator
#   REPORTS_URL
#       base address of reports
#   SEARCH_URL
#       base address of search
#   SHOP_DATABASE
#       database of shop
#   SHOP_PASSWORD
#       password of the role diac_orders_shop in shop
#   KAFKA_CLIENT_CONFIG (optional)
#       properties file for Kafka's command, where brokers ask for TLS or a login
#
# Not read here, but by what runs later:
#   CACHE_URL, read by Bento
#       address of cache
#   SHOP_HOST, read by the Connect workers
#       name or address of the server of shop
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

curl_quoted() { local text=${1//\\/\\\\}; printf '"%s"' "${text//\"/\\\"}"; }

# search METHOD PATH [FILE]: the status, on standard output
search() {
  local arguments=(--silent --show-error --output /dev/null --write-out '%{http_code}' --request "$1")
  if [ "$1" = HEAD ]; then arguments+=(--head); fi
  if [ -n "${3:-}" ]; then arguments+=(--header 'Content-Type: application/json' --data-binary "@$3"); fi
  if [ -n "$engine_user" ]; then
    printf 'user = %s\n' "$(curl_quoted "$engine_user:$engine_password")" | curl --config - "${arguments[@]}" "$engine_url$2"
  else
    curl "${arguments[@]}" "$engine_url$2"
  fi
}

# index_template INDEX FILE
index_template() {
  local status
  status=$(search PUT "/_index_template/$1" "$2")
  case $status in
    200 | 201) say "  template $1: written" ;;
    *) fail "template $1: $engine_url answered $status" ;;
  esac
}

# index NAME: made from its template
index() {
  local status
  status=$(search HEAD "/$1")
  case $status in
    200) say "  index $1: is there"; return ;;
    404) ;;
    *) fail "index $1: $engine_url answered $status" ;;
  esac
  status=$(search PUT "/$1")
  case $status in
    200 | 201) say "  index $1: created" ;;
    *) fail "index $1: $engine_url answered $status" ;;
  esac
}

# alias_once NAME INDEX FILE: only where nothing has that name yet; switching an alias is a step of runbook.md
alias_once() {
  local status
  status=$(search HEAD "/_alias/$1")
  case $status in
    200) say "  alias $1: is there and stays as it is (runbook.md tells how to switch it)"; return ;;
    404) ;;
    *) fail "alias $1: $engine_url answered $status" ;;
  esac
  status=$(search HEAD "/$1")
  case $status in
    200) say "  alias $1: an index has that name, so it is not made (runbook.md tells how to move on)"; return ;;
    404) ;;
    *) fail "alias $1: $engine_url answered $status" ;;
  esac
  status=$(search POST "/_aliases" "$3")
  case $status in
    200) say "  alias $1: points to $2" ;;
    *) fail "alias $1: $engine_url answered $status" ;;
  esac
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
need_variable SHOP_DBA_URL 'shop: postgresql:// address of its database, for an administrator'
need_variable REPORTS_URL 'base address of reports'
need_variable SEARCH_URL 'base address of search'
need_variable SHOP_DATABASE 'database of shop'
need_variable SHOP_PASSWORD 'password of the role diac_orders_shop in shop'

# --- 1. What captures need in the databases ---
say '1. What captures need in the databases'
say '  in shop'
run_sql "$SHOP_DBA_URL" sql/shop/00-preflight.sql
run_sql "$SHOP_DBA_URL" sql/shop/01-role-and-grants.sql
run_sql "$SHOP_DBA_URL" sql/shop/02-signal-heartbeat.sql
run_sql "$SHOP_DBA_URL" sql/shop/03-publication.sql

# --- 2. Topics ---
say '2. Topics'
existing_topics=$(topics_command --list)
topic orders.shop.public.customers 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic orders.shop.public.order_lines 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic orders.shop.public.orders 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic orders.shop.public.products 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic orders.shop.public.stock 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic orders.shop.diac.heartbeat 1 3 \
  --config cleanup.policy=compact \
  --config min.insync.replicas=2
topic __debezium-heartbeat.orders.shop 1 3 \
  --config cleanup.policy=compact \
  --config min.insync.replicas=2
topic orders.shop.diac.signal 1 3 \
  --config cleanup.policy=compact \
  --config min.insync.replicas=2
topic orders.available.v1 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic orders.order_search.v1 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic orders.order_search.v1.committed 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic orders.orders_by_customer.v1 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic orders.paid_orders.v1 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic orders.paid_orders.v1.committed 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic orders.product_card.v1 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic orders.product_card.v1.committed 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic orders.revenue_hourly.v1 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2
topic orders.revenue_sliding.v1 6 3 \
  --config cleanup.policy=compact \
  --config delete.retention.ms=518400000 \
  --config min.insync.replicas=2

# --- 4. Search indexes ---
say '4. Search indexes'
say '  in reports'
engine_url="${REPORTS_URL}"
engine_url=${engine_url%/}
engine_user=''
engine_password=''
index_template orders_by_customer_v1 targets/reports/orders_by_customer_v1.template.json
index orders_by_customer_v1
alias_once orders_by_customer orders_by_customer_v1 targets/reports/orders_by_customer_v1.aliases.json
index_template paid_orders_v1 targets/reports/paid_orders_v1.template.json
index paid_orders_v1
alias_once paid_orders paid_orders_v1 targets/reports/paid_orders_v1.aliases.json
index_template revenue_hourly_v1 targets/reports/revenue_hourly_v1.template.json
index revenue_hourly_v1
alias_once revenue_hourly revenue_hourly_v1 targets/reports/revenue_hourly_v1.aliases.json
index_template revenue_sliding_v1 targets/reports/revenue_sliding_v1.template.json
index revenue_sliding_v1
alias_once revenue_sliding revenue_sliding_v1 targets/reports/revenue_sliding_v1.aliases.json
say '  in search'
engine_url="${SEARCH_URL}"
engine_url=${engine_url%/}
engine_user=''
engine_password=''
index_template orders_v1 targets/search/orders_v1.template.json
index orders_v1
alias_once orders orders_v1 targets/search/orders_v1.aliases.json

# --- 5. Connectors ---
say '5. Connectors'
connector orders-source-shop connectors/orders-source-shop.json

say ''
say 'Everything above is there. Next:'
say '  start Bento, which runs order_search, orders_by_customer, paid_orders, product_card, revenue_hourly, revenue_sliding:'
say '    bento -c bento/bento.yaml streams --no-api bento/streams/*.yaml'
say '  start Flink'\''s jobs: runbook.md says how'
say '  then runbook.md, "Check that it works"'
