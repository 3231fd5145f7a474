#!/usr/bin/env python3
"""Compares every row of a view with the record it follows from.

    python3 audits/audit.py [VIEW…] [--settle SECONDS] [--sample N]

Reads the record through psql at <SYSTEM>_AUDIT_URL (a libpq URL of a role that may only read), the view in its store, and compares all columns
as canonical values. Prints a line a row that differs and a summary a view. What to compare stands in audits.json beside this file.

--settle SECONDS  reads rows that differ again for so long: a row on its way is no difference.
--sample N        compares about N rows of each side instead of all.

Exit code: 0 all equal, 1 differences, 2 something is not set, 3 something could not be read, 4 nothing to compare from here.
"""

import argparse
import base64
import hashlib
import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from decimal import Decimal, InvalidOperation

sys.dont_write_bytecode = True  # this folder holds generated files only
from canonical import Columns, NotSet, Stray, read_json  # noqa: E402

BATCH = 500


class Unreadable(Exception):
    """A system did not answer as it should."""


# ---------------------------------------------------------------- PostgreSQL

ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
SETTINGS = (
    "SET default_transaction_read_only = on; SET client_encoding = 'UTF8'; SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; "
    "SET IntervalStyle = 'iso_8601'; SET bytea_output = 'hex'; SET extra_float_digits = 1; SET standard_conforming_strings = on;\n"
)


def field(text):
    """A field of COPY's text format."""
    if text == "\\N":
        return None
    if "\\" not in text:
        return text
    return re.sub(r"\\(.)", lambda found: ESCAPES.get(found.group(1), found.group(1)), text, flags=re.S)


def quoted(value):
    return "'" + value.replace("'", "''") + "'"


def address(variable):
    """A libpq URL without its password, and the environment that carries the password: a command line is for all to see."""
    url = os.environ.get(variable)
    if not url:
        raise NotSet("set %s to a libpq URL of a role that may read the tables" % variable)
    environment = dict(os.environ)
    parts = urllib.parse.urlsplit(url)
    if parts.password is not None:
        environment["PGPASSWORD"] = urllib.parse.unquote(parts.password)
        host = parts.netloc.rpartition("@")[2]
        url = urllib.parse.urlunsplit(parts._replace(netloc=(parts.netloc.split(":", 1)[0] + "@" + host)))
    environment.setdefault("PGCONNECT_TIMEOUT", "10")
    return url, environment


def psql(variable, statement):
    """Rows of a statement, as texts."""
    url, environment = address(variable)
    command = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", "-"]
    try:
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
        )
    except FileNotFoundError:
        raise NotSet("psql is not on the PATH") from None
    try:
        child.stdin.write((SETTINGS + "COPY (" + statement + ") TO STDOUT;\n").encode())
        child.stdin.close()
    except BrokenPipeError:
        pass
    for line in child.stdout:
        yield [field(text) for text in line.decode().rstrip("\n").split("\t")]
    said = child.stderr.read().decode(errors="replace").strip()
    if child.wait() != 0:
        raise Unreadable("psql at %s: %s" % (variable, said))


class PostgresRows:
    """Rows of a table, record or view."""

    def __init__(self, variable, source, condition, columns, side):
        self.variable, self.source, self.condition = variable, source, condition
        self.expressions = [column[side] for column in columns.all]
        self.keys = self.expressions[: len(columns.keys)]
        self.make = columns.of_record if side == "record" else columns.of_table

    def scan(self, limit=None):
        some = " ORDER BY random() LIMIT %d" % limit if limit else ""
        return self.select(self.condition + some)

    def look(self, keys):
        keys = [key for key in keys if not isinstance(key[0], Stray)]
        for start in range(0, len(keys), BATCH):
            wanted = ", ".join("(" + ", ".join(map(quoted, key)) + ")" for key in keys[start : start + BATCH])
            yield from self.select("(%s) AND (%s) IN (VALUES %s)" % (self.condition, ", ".join(self.keys), wanted))

    def select(self, condition):
        statement = "SELECT %s FROM %s WHERE %s" % (", ".join(self.expressions), self.source, condition)
        return (self.make(texts) for texts in psql(self.variable, statement))


# ---------------------------------------------------------------- search engines


class SearchRows:
    """Documents of an index, over HTTP."""

    def __init__(self, store, index, columns):
        self.base = expanded(store["url"]).rstrip("/")
        self.index = urllib.parse.quote(index)
        self.columns = columns
        self.headers = {"Content-Type": "application/json"}
        if store.get("user") is not None:
            pair = expanded(store["user"]) + ":" + expanded(store.get("password") or "")
            self.headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data=data, method=method, headers=self.headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return read_json(answer.read().decode())
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")[:300]
            raise Unreadable("%s %s answers %d: %s" % (method, path, error.code, said)) from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise Unreadable("%s: %s" % (self.base, error)) from None

    def scan(self, limit=None):
        # What was written is found only after a refresh, which may be a while away.
        try:
            self.ask("POST", "/%s/_refresh" % self.index)
        except Unreadable:
            pass  # without that privilege the scan is a little behind; rows are looked at again anyway
        query = {"size": min(limit or 1000, 1000), "sort": ["_doc"]}
        page = self.ask("POST", "/%s/_search?scroll=5m" % self.index, query)
        seen = 0
        try:
            while page["hits"]["hits"]:
                for hit in page["hits"]["hits"]:
                    yield self.columns.of_document(hit["_id"], hit["_source"])
                    seen += 1
                    if limit and seen >= limit:
                        return
                page = self.ask("POST", "/_search/scroll", {"scroll": "5m", "scroll_id": page["_scroll_id"]})
        finally:
            try:
                self.ask("DELETE", "/_search/scroll", {"scroll_id": page["_scroll_id"]})
            except Unreadable:
                pass  # it ends by itself

    def look(self, keys):
        keys = list(keys)
        for start in range(0, len(keys), BATCH):
            ids = [self.columns.identity(key) for key in keys[start : start + BATCH]]
            for found in self.ask("POST", "/%s/_mget" % self.index, {"ids": ids})["docs"]:
                if found.get("found"):
                    yield self.columns.of_document(found["_id"], found["_source"])


# ---------------------------------------------------------------- Redis


class Redis:
    """As much of the protocol as an audit needs."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        place = (parts.hostname or "localhost", parts.port or 6379)
        try:
            self.socket = socket.create_connection(place, timeout=60)
            if parts.scheme == "rediss":
                self.socket = ssl.create_default_context().wrap_socket(self.socket, server_hostname=place[0])
        except OSError as error:
            raise Unreadable("redis at %s:%d: %s" % (place[0], place[1], error)) from None
        self.stream = self.socket.makefile("rb")
        if parts.password:
            who = [urllib.parse.unquote(parts.username)] if parts.username else []
            self.call("AUTH", *who, urllib.parse.unquote(parts.password))
        database = parts.path.strip("/")
        if database:
            self.call("SELECT", database)

    def call(self, *words):
        request = b"*%d\r\n" % len(words)
        for word in words:
            word = word if isinstance(word, bytes) else str(word).encode()
            request += b"$%d\r\n%s\r\n" % (len(word), word)
        try:
            self.socket.sendall(request)
            return self.answer()
        except OSError as error:
            raise Unreadable("redis: %s" % error) from None

    def answer(self):
        line = self.stream.readline()
        if not line:
            raise Unreadable("redis closed the connection")
        kind, rest = line[:1], line[1:].strip()
        if kind == b"-":
            raise Unreadable("redis: " + rest.decode(errors="replace"))
        if kind == b"$":
            length = int(rest)
            return None if length < 0 else self.stream.read(length + 2)[:-2]
        if kind == b"*":
            return [self.answer() for _ in range(int(rest))]
        return rest


class RedisRows:
    """Bodies below a prefix."""

    def __init__(self, store, prefix, columns):
        self.redis = Redis(expanded(store["url"]))
        self.start = (prefix + ":{").encode()
        self.columns = columns

    def scan(self, limit=None):
        pattern = re.sub(rb"([\[\]*?\\^])", rb"\\\1", self.start) + b"*}"
        cursor, seen = b"0", 0
        while True:
            cursor, found = self.redis.call("SCAN", cursor, "MATCH", pattern, "COUNT", "1000")
            # A scan may name a key twice; reading it twice does no harm.
            for row in self.read(found):
                yield row
                seen += 1
                if limit and seen >= limit:
                    return
            if cursor == b"0":
                return

    def look(self, keys):
        keys = list(keys)
        for start in range(0, len(keys), BATCH):
            names = [self.start + self.columns.identity(key).encode(errors="surrogateescape") + b"}" for key in keys[start : start + BATCH]]
            yield from self.read(names)

    def read(self, names):
        if not names:
            return
        for name, body in zip(names, self.redis.call("MGET", *names)):
            # Gone since the scan: the look at rows that differ tells.
            if body is None:
                continue
            identity = name[len(self.start) : -1].decode(errors="surrogateescape")
            try:
                found = read_json(body.decode())
            except ValueError:
                found = {}
            yield self.columns.of_document(identity, found if isinstance(found, dict) else {})


# ---------------------------------------------------------------- comparison


def expanded(template):
    """A setting with its ${NAME} from the environment."""

    def value(found):
        if found.group(1) not in os.environ:
            raise NotSet("set %s" % found.group(1))
        return os.environ[found.group(1)]

    return re.sub(r"\$\{(\w+)\}", value, template)


def digest(values):
    """A row in 16 bytes: a whole table of them fits into memory."""
    return None if values is None else hashlib.blake2b(repr(values).encode(), digest_size=16).digest()


class Difference:
    """What stands where two sides differ."""

    def __init__(self, record, store):
        self.record, self.store = record, store

    def line(self, key, names):
        # One difference is one line, also where a key holds a line feed.
        name = ":".join("" if part is None else json.dumps(part, ensure_ascii=False)[1:-1] for part in key)
        if self.store is None:
            return "missing " + name
        if self.record is None:
            return "left over " + name
        for column, ours, theirs in zip(names, self.record, self.store):
            if ours != theirs:
                return "changed %s: %s %s ≠ %s" % (name, column, shown(ours), shown(theirs))
        return "changed " + name


def shown(value):
    if value is None:
        return "null"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else text[:199] + "…"


def compare(record, store, settle, sample):
    """Rows compared, and by key what differs after looking again for `settle` seconds."""
    once = {}
    for key, values in record.scan(sample):
        once[key] = digest(values)
    compared = len(once)
    # For each row that differs: every state the record was seen in. A store in one of them is behind, not wrong.
    states = {}
    theirs = set()
    for key, values in store.scan(sample):
        if key in theirs:
            continue
        theirs.add(key)
        if sample or once.get(key) != digest(values):
            states[key] = {once.get(key)}
    for key in once:
        if sample or key not in theirs:
            states.setdefault(key, {once[key]})
    if sample:
        compared = len(states)
        # Each side picked rows of its own: which rows the other one has is only known after a look.
        states = {key: {once[key]} if key in once else set() for key in states}
    del once, theirs
    until = time.monotonic() + settle
    while states:
        ours = dict(record.look(states))
        stored = dict(store.look(states))
        different = {}
        for key, seen in states.items():
            now, there = ours.get(key), stored.get(key)
            seen.add(digest(now))
            if digest(there) not in seen:
                different[key] = Difference(now, there)
        states = {key: states[key] for key in different}
        left = until - time.monotonic()
        if not states or left <= 0:
            return compared, different
        time.sleep(min(1.0, left))
    return compared, {}


def rows_of(view, table, columns):
    store, place = view["store"], table["place"]
    if store["kind"] == "postgres":
        return PostgresRows(store["url_env"], place["table"]["from"], "true", columns, "view")
    if store["kind"] == "search":
        return SearchRows(store, place["index"]["name"], columns)
    return RedisRows(store, place["keys"]["prefix"], columns)


class Outcome:
    """What an audit of one view found."""

    def __init__(self):
        self.rows = self.missing = self.changed = self.left_over = self.failed = 0
        self.codes = set()

    def add(self, other):
        for name in ("rows", "missing", "changed", "left_over", "failed"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.codes |= other.codes

    def summary(self):
        return "rows compared %d, missing %d, changed %d, left over %d" % (
            self.rows, self.missing, self.changed, self.left_over,
        )


def audit_table(view, table, options, outcome):
    place = next(iter(table["place"].values()))
    where = place.get("name") or place["prefix"] + ":{…}"
    print("%s → %s in %s" % (table["record"]["name"], where, view["store"]["name"]))
    if table.get("not_compared"):
        print("not compared: " + table["not_compared"])
        outcome.codes.add(4)
        return
    columns = Columns(table["columns"])
    record = PostgresRows(table["record"]["url_env"], table["record"]["from"], table["record"]["filter"], columns, "record")
    store = rows_of(view, table, columns)
    compared, different = compare(record, store, options.settle, options.sample)
    outcome.rows += compared
    expired = 0
    for key in sorted(different, key=lambda key: tuple(part or "" for part in key)):
        difference = different[key]
        if difference.store is None and place.get("expires"):
            expired += 1
            continue
        print(difference.line(key, columns.names))
        outcome.missing += difference.store is None
        outcome.left_over += difference.record is None
        outcome.changed += difference.store is not None and difference.record is not None
    if "counts" in place:
        print(refused(view["store"]["url_env"], place["counts"]))
    if expired:
        print("not there, as the view lets rows expire: %d" % expired)


def refused(variable, counts):
    """What the guard of a table refused so far. It is told, not judged: both numbers grow with every delivery that is repeated."""
    try:
        duplicates, stale, gone = list(psql(variable, "SELECT * FROM " + counts))[0]
    except Unreadable:
        return "refused so far: the role may not read %s" % counts
    return "refused so far: %s duplicates, %s stale; %s versions of deleted rows" % (duplicates, stale, gone)


def stated(view, audit, settle):
    """A stated audit's line, and whether it holds; None where rows tell it already."""
    name = "audit " + audit["name"]
    view_url = view["store"].get("url_env")
    if "equal" in audit:
        record_url = view["tables"][0]["record"]["url_env"]
        until = time.monotonic() + settle
        while True:
            ours = list(psql(record_url, audit["equal"]["record"]))[0][0]
            theirs = list(psql(view_url, audit["equal"]["view"]))[0][0]
            if near(ours, theirs, audit.get("within_percent")):
                return name + ": %s = %s" % (ours, theirs), True
            if time.monotonic() >= until:
                return name + ": %s ≠ %s" % (ours, theirs), False
            time.sleep(1.0)
    if "empty" in audit:
        broken = [row[0] or "" for row in psql(view_url, audit["empty"]["view"])]
        lines = [name + ": broken by " + key for key in sorted(broken)]
        return "\n".join(lines) or name + ": holds", not broken
    if "rows" in audit:
        return name + ": among the rows compared", None
    return name + ": not run: " + audit["not_run"]["because"], None


def near(ours, theirs, percent):
    if ours == theirs:
        return True
    if ours is None or theirs is None:
        return False
    try:
        ours, theirs = Decimal(ours), Decimal(theirs)
    except InvalidOperation:
        return False
    return abs(ours - theirs) <= abs(ours) * Decimal(percent or "0") / 100


def audit_view(name, view, options):
    outcome = Outcome()
    print("view " + name)
    if view.get("note"):
        print(view["note"])
    try:
        for table in view["tables"]:
            audit_table(view, table, options, outcome)
        for audit in view.get("stated", []):
            line, holds = stated(view, audit, options.settle)
            print(line)
            outcome.failed += holds is False
    except NotSet as error:
        print("not compared: %s" % error)
        outcome.codes.add(2)
    except Unreadable as error:
        print("not compared: %s" % error)
        outcome.codes.add(3)
    print("%s: %s" % (name, outcome.summary()))
    return outcome


def main(arguments):
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("views", nargs="*", metavar="VIEW", help="views to audit; all where none is named")
    parser.add_argument("--settle", type=float, default=0, metavar="SECONDS", help="look at rows that differ again for so long")
    parser.add_argument("--sample", type=int, metavar="N", help="compare about N rows of each side")
    parser.add_argument("--config", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "audits.json"))
    options = parser.parse_args(arguments)
    with open(options.config, encoding="utf-8") as file:
        views = json.load(file)["views"]
    unknown = [name for name in options.views if name not in views]
    if unknown:
        print("no such view: %s; there are: %s" % (", ".join(unknown), ", ".join(views)), file=sys.stderr)
        return 2
    total = Outcome()
    for name in options.views or views:
        total.add(audit_view(name, views[name], options))
    print(total.summary())
    if total.missing or total.changed or total.left_over or total.failed:
        return 1
    # A system that is down is worse than a setting that is not there, and that worse than a store nobody reaches from here.
    return next((code for code in (3, 2, 4) if code in total.codes), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
