#!/usr/bin/env bash
# Creates what pipeline courier needs in prod: SQL of the databases and search indexes; topics and connectors are Strimzi's resources.
# It only creates. It deletes nothing, switches nothing, stops at what is not as planned, and may run any number of times.
# It needs bash, curl.
#
# Environment variables:
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"

say() { printf '%s\n' "$*"; }
fail() { printf 'apply.sh: %s\n' "$*" >&2; exit 1; }

need_command() { command -v "$1" >/dev/null 2>&1 || fail "the command $1 is not found"; }
need_variable() { [ -n "${!1:-}" ] || fail "the environment variable $1 is not set: $2"; }

# --- Before anything is made ---

say ''
say 'Everything above is there. Next:'
say '  topics, connectors and Bento:  kubectl apply -k strimzi'
say '  then runbook.md, "Check that it works"'
