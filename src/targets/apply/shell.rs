//! Words of a shell script, and the functions every script has.

use crate::plan::{Part, Template};
use crate::targets::spelling::one_line;

/// A text as one shell word that nothing in it can leave.
pub fn quote(text: &str) -> String {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/:=@%+,".contains(&b));
    if plain { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// A template as one shell word: texts quoted, references as variables.
pub fn word(template: &Template) -> String {
    let parts: String = template
        .0
        .iter()
        .map(|part| match part {
            Part::Text(text) if text.is_empty() => String::new(),
            Part::Text(text) => quote(text),
            Part::Variable(variable) => format!("\"${{{}}}\"", variable.name),
        })
        .collect();
    if parts.is_empty() { "''".into() } else { parts }
}

/// A comment of any text on one line, without Markdown's backticks.
pub fn comment(text: &str) -> String {
    one_line(&text.replace('`', ""))
}

/// Says what happens; standard error is for what is wrong.
pub const SAY: &str = r#"
say() { printf '%s\n' "$*"; }
fail() { printf 'apply.sh: %s\n' "$*" >&2; exit 1; }

need_command() { command -v "$1" >/dev/null 2>&1 || fail "the command $1 is not found"; }
need_variable() { [ -n "${!1:-}" ] || fail "the environment variable $1 is not set: $2"; }
"#;

/// Runs a SQL file as the database's administrator. Passwords reach it through the environment: an argument is for all to see.
pub const SQL: &str = r#"
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
"#;

/// Runs a SQL file in MySQL or MariaDB as its administrator. Both passwords go to the client on standard input or in an options file that only this
/// user can read; a file of checks is passed when it answers nothing.
pub const MYSQL: &str = r#"
url_decoded() { local text=${1//\\/\\\\}; printf '%b' "${text//%/\\x}"; }

# mysql_options ADDRESS: an options file of mysql://user:password@host:port
mysql_options() {
  [[ $1 =~ ^(mysql|mariadb)://([^:/@]*)(:([^@/]*))?@([^:/@]+)(:([0-9]+))?(/.*)?$ ]] || fail "an address is no mysql://user:password@host:port"
  local user password
  user=$(url_decoded "${BASH_REMATCH[2]}")
  password=$(url_decoded "${BASH_REMATCH[4]}")
  printf '[client]\nprotocol=TCP\nhost="%s"\nport=%s\nuser="%s"\npassword="%s"\n' "${BASH_REMATCH[5]}" "${BASH_REMATCH[7]:-3306}" \
    "$(mysql_quoted "$user")" "$(mysql_quoted "$password")"
}
mysql_quoted() { local text=${1//\\/\\\\}; printf '%s' "${text//\"/\\\"}"; }

# run_mysql ADDRESS FILE PASSWORD-OF-THE-CONNECTOR
run_mysql() {
  local options said status=0
  say "  $2"
  options=$(mktemp)
  mysql_options "$1" >"$options"
  said=$({ printf 'SET @diac_password = CONVERT(0x%s USING utf8mb4);\n' "$(printf '%s' "$3" | od -An -v -tx1 | tr -d ' \n')"; cat -- "$2"; } |
    "$MYSQL" --defaults-extra-file="$options" --batch --skip-column-names) || status=$?
  rm -f -- "$options"
  [ "$status" = 0 ] || fail "$2: see the line above"
  if [ -n "$said" ]; then
    printf '%s\n' "$said" >&2
    fail "$2: the reasons stand above"
  fi
}
"#;

/// Makes topics that are not there and stops at one that is there with other numbers.
pub const TOPICS: &str = r#"
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
"#;

/// Talks to a search engine. The password goes to curl on standard input, where no process list shows it.
pub const SEARCH: &str = r#"
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
"#;

/// Hands configurations to Connect; while it starts it answers 404, while the workers share out tasks 409; both pass.
pub const CONNECTORS: &str = r#"
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
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_quotes() {
        assert_eq!(quote("localhost:9092"), "localhost:9092");
        assert_eq!(quote("a'b $(rm) `x`"), r"'a'\''b $(rm) `x`'");
        assert_eq!(quote(""), "''");
        assert_eq!(word(&Template::text("http://").then("h")), "http://h");
    }
}
