#!/usr/bin/env bash
# Creates what pipeline courier needs in dev: SQL of the databases, topics, search indexes, connectors.
# It only creates. It deletes nothing, switches nothing, stops at what is not as planned, and may run any number of times.
# It needs bash, curl, kafka-topics.sh.
#
# Environment variables:
#   KAFKA_BOOTSTRAP (default localhost:9092)
#       brokers, host:port with commas between
#   KAFKA_TOPICS (default kafka-topics.sh)
#       Kafka's command for topics
#   CONNECT_URL
#       address of Kafka Connect, such as http://localhost:8083
#   KAFKA_CLIENT_CONFIG (optional)
#       properties file for Kafka's command, where brokers ask for TLS or a login
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"

say() { printf '%s\n' "$*"; }
fail() { printf 'apply.sh: %s\n' "$*" >&2; exit 1; }

need_command() { command -v "$1" >/dev/null 2>&1 || fail "the command $1 is not found"; }
need_variable() { [ -n "${!1:-}" ] || fail "the environment variable $1 is not set: $2"; }

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
KAFKA_BOOTSTRAP=${KAFKA_BOOTSTRAP:-localhost:9092}
KAFKA_TOPICS=${KAFKA_TOPICS:-kafka-topics.sh}
need_command "$KAFKA_TOPICS"
need_command curl
need_variable CONNECT_URL 'address of Kafka Connect, such as http://localhost:8083'

# --- 2. Topics ---
say '2. Topics'
existing_topics=$(topics_command --list)
topic between_two 6 1 \
  --config cleanup.policy=delete \
  --config min.insync.replicas=1 \
  --config retention.ms=7776000000
topic driver_credits 6 1 \
  --config cleanup.policy=delete \
  --config min.insync.replicas=1 \
  --config retention.ms=7776000000
topic notices 6 1 \
  --config cleanup.policy=delete \
  --config min.insync.replicas=1 \
  --config retention.ms=7776000000
topic parcels 6 1 \
  --config cleanup.policy=delete \
  --config min.insync.replicas=1 \
  --config retention.ms=7776000000
topic texts 6 1 \
  --config cleanup.policy=delete \
  --config min.insync.replicas=1 \
  --config retention.ms=7776000000

say ''
say 'Everything above is there. Next:'
say '  start Bento, which runs pay, tell:'
say '    bento -c bento/bento.yaml streams --no-api bento/streams/*.yaml'
say '  then runbook.md, "Check that it works"'
