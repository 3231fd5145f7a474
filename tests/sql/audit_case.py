"""Fills a record and its views as the runners would, plants a missing, a changed and a left-over row in each store, and wants them found.

Run by tests/audits.rs with the addresses in the environment; says OK at the end.
"""

import base64
import datetime
import json
import os
import random
import subprocess
import sys
import threading
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "expected", "prod")
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(FOLDER, "audits"))
import audit

VIEWS = [("report_products", "report"), ("product_search", "search")] + (
    [("product_cache", "cache")] if os.environ.get("CACHE_URL") else []
)
EPOCH = datetime.datetime(1970, 1, 1)
ROWS = 1200


def sql(database, *statements):
    url = os.environ[{"shop": "SHOP_AUDIT_URL", "report": "REPORT_AUDIT_URL"}[database]]
    text = "\n".join(statements)
    subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url], input=text.encode(), check=True, stdout=subprocess.DEVNULL)


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, list):
        return "ARRAY[" + ", ".join(map(literal, value)) + "]::text[]"
    return "E'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"


TEXTS = ["plain", "it's", "tab\tnew\nline\r\\N \\.", "äöü 💡", "", "{\"a\":1}", "\x01\x1f", "x" * 5000, "__null__", " padded "]


def rows():
    """Rows with values from the edges, each as it stands in the record."""
    luck = random.Random(7)
    some = lambda value: None if luck.random() < 0.15 else value
    made = []
    for at in range(ROWS):
        number = at if at else 9007199254740993
        micros = luck.choice([0, -1, 253402300799999999, luck.randrange(-(10**16), 4 * 10**15)])
        made.append({
            "product_id": number,
            "name": TEXTS[at % len(TEXTS)] + str(at),
            "email": some("a%d@b.c" % at),
            "note": some(luck.choice(TEXTS)),
            "price": some("%d.%02d" % (luck.randrange(-(10**9), 10**9), luck.randrange(100))),
            "any": some(luck.choice(["1.50", "1e-20", "12345678901234567890.123456789", "0", "100"])),
            "weight": some(luck.choice(["0.1", "1e+20", "-3.25", "16777216"])),
            "ratio": some(luck.choice(["0.1", "1e-300", "0.30000000000000004", "123456789.123"])),
            "stock": luck.choice([0, None, 5]) if at % 10 == 9 else at % 50 + 1,
            "tags": some([luck.choice(TEXTS[:6] + [None]) for _ in range(luck.randrange(4))]),
            "wide": some("w" * luck.randrange(9000)),
            "photo": some(bytes(luck.randrange(256) for _ in range(luck.randrange(90)))),
            "attrs": some(json.dumps({"n": [1.5, None, luck.randrange(10)], "ä": {"x": True}, "e": ""})),
            "ok": some(luck.choice([True, False])),
            "updated_at": (EPOCH + datetime.timedelta(microseconds=micros)).isoformat(),
            "created": some((EPOCH + datetime.timedelta(microseconds=micros)).isoformat()),
            "day": some((EPOCH + datetime.timedelta(microseconds=micros)).date().isoformat()),
            "at": some("23:59:59.%06d" % luck.randrange(10**6)),
            "code": some(luck.choice(["ab", "abcd", ""])),
            "ident": some("a0eebc99-9c0b-4ef8-bb6d-6bb9bd38%04x" % at),
        })
    return made


def in_record(row):
    values = dict(row)
    if values["photo"] is not None:
        values["photo"] = "\\x" + values["photo"].hex()
    values["updated_at"] += "Z"
    names = ", ".join('"%s"' % name for name in values)
    return 'INSERT INTO products (%s) VALUES (%s);' % (names, ", ".join(literal(value) for value in values.values()))


def arriving(row):
    """As it stands in the log."""
    values = dict(row)
    if values["photo"] is not None:
        values["photo"] = base64.b64encode(values["photo"]).decode()
    values["updated_at"] += "Z"
    if values["code"] is not None:
        values["code"] = values["code"].ljust(4)
    return values


def in_report(row, lsn, deleted="false"):
    values = dict(arriving(row), __lsn=lsn, __deleted=deleted)
    names = ['"%s"' % name for name in values]
    return "INSERT INTO products (%s) VALUES (%s) ON CONFLICT (product_id) DO UPDATE SET %s;" % (
        ", ".join(names), ", ".join(map(literal, values.values())), ", ".join("%s = EXCLUDED.%s" % (name, name) for name in names),
    )


# JSON writes a text between these as the number it is, digit for digit.
RAW = "\x00%s\x00"


def body(row):
    values = arriving(row)
    for name in ("price", "weight", "ratio"):
        values[name] = values[name] and RAW % values[name]
    if values["attrs"] is not None:
        values["attrs"] = json.loads(values["attrs"])
    if values["at"] is not None:
        values["at"] = values["at"].ljust(15, "0")
    if values["created"] is not None and "." not in values["created"]:
        values["created"] += ".000000"
    values["email"] = values["email"] and "[redacted]"
    values["note"] = values["note"] and values["note"][:3]
    return json.dumps(values, ensure_ascii=False).replace('"\\u0000', "").replace('\\u0000"', "")


class Report:
    def put(self, row, lsn=None):
        sql("report", in_report(row, lsn or next(LSN)))

    def drop(self, key):
        sql("report", "DELETE FROM products WHERE product_id = %d;" % key)

    def fill(self, all_rows):
        sql("report", *(in_report(row, next(LSN)) for row in all_rows))


class Search:
    def __init__(self):
        # The values alone matter here, not their index. The stub knows no mappings and needs none.
        if os.environ.get("REAL_SEARCH"):
            self.send("PUT", "/products", b'{"mappings": {"dynamic": false}}')

    def ask(self, method, key, data=None):
        self.send(method, "/products/_doc/%d" % key, data)

    def send(self, method, path, data=None):
        request = urllib.request.Request(os.environ["SEARCH_URL"] + path, data, method=method)
        request.add_header("Content-Type", "application/json")
        request.add_header("Authorization", "Basic " + base64.b64encode(b"admin:secret").decode())
        urllib.request.urlopen(request).read()

    def put(self, row, lsn=None):
        self.ask("PUT", row["product_id"], body(row).encode())

    def drop(self, key):
        self.ask("DELETE", key)

    def fill(self, all_rows):
        for row in all_rows:
            if row["stock"]:
                self.put(row)


class Cache(Search):
    def __init__(self):
        self.redis = audit.Redis(os.environ["CACHE_URL"])

    def put(self, row, lsn=None):
        self.redis.call("SET", "product:{%d}" % row["product_id"], body(row))
        self.redis.call("SET", "product:{%d}:v" % row["product_id"], "%020d" % next(LSN))

    def drop(self, key):
        self.redis.call("DEL", "product:{%d}" % key)


LSN = iter(range(1, 10**9))


def run(*arguments):
    done = subprocess.run([sys.executable, "audits/audit.py", *arguments], cwd=FOLDER, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def want(condition, said):
    if not condition:
        print(said)
        sys.exit(1)


def main():
    made = rows()
    here = [row for row in made if row["stock"]]
    sql("shop", *(in_record(row) for row in made))
    stores = {"report": Report(), "search": Search()}
    if os.environ.get("CACHE_URL"):
        stores["cache"] = Cache()
    for store in stores.values():
        store.fill(made)

    for view, name in VIEWS:
        code, said = run(view)
        want(name != "report" or "refused so far: 0 duplicates, 0 stale" in said, said)
        want(code == 0 and "%s: rows compared %d, missing 0, changed 0, left over 0" % (view, len(here)) in said, said)
    want("audit count(): %d = %d" % (len(here), len(here)) in run("report_products")[1], run("report_products")[1])

    lost, other, risen = here[3], dict(here[5]), made[9]
    want(not risen["stock"], "the tenth row is outside the views")
    for view, name in VIEWS:
        store = stores[name]
        store.drop(lost["product_id"])
        store.put(dict(other, name="changed"))
        store.put(dict(risen, stock=1))
        for options in ([], ["--settle", "1.5"], ["--sample", "5000"]):
            code, said = run(view, *options)
            want(code == 1, said)
            want("missing %d\n" % lost["product_id"] in said, said)
            want("changed %d: name" % other["product_id"] in said and '≠ "changed"' in said, said)
            want("left over %d\n" % risen["product_id"] in said, said)
            want("missing 1, changed 1, left over 1" in said, said)

        shown = next(row for row in here[20:] if row["email"])
        # A masked column that shows what it must hide is a difference as well.
        if name == "report":
            sql("report", "UPDATE products SET email = 'a@b.c' WHERE product_id = %d;" % shown["product_id"])
            want('changed %d: email "[redacted]" ≠ "a@b.c"' % shown["product_id"] in run(view)[1], run(view)[1])
            sql("report", "UPDATE products SET email = '[redacted]' WHERE product_id = %d;" % shown["product_id"])
        if name == "cache":
            store.redis.call("SET", "product:{007}", "{}")
            want("left over 007\n" in run(view)[1], run(view)[1])
            store.redis.call("DEL", "product:{007}")

        # What comes while the audit looks again is no difference.
        def later():
            time.sleep(2)
            store.put(lost)
            store.put(other)
            if name == "report":
                sql("report", in_report(risen, next(LSN), deleted="true"))
            else:
                store.drop(risen["product_id"])

        thread = threading.Thread(target=later)
        thread.start()
        code, said = run(view, "--settle", "15")
        thread.join()
        want(code == 0, said)

    # Of a count and a sum beyond their tolerance the audit says both numbers.
    sql("report", "DELETE FROM products WHERE product_id = %d;" % here[11]["product_id"])
    code, said = run("report_products")
    want(code == 1 and "audit count(): %d ≠ %d" % (len(here), len(here) - 1) in said, said)

    code, said = run("wh_products")
    want(code == 4 and "cannot be read from here" in said, said)
    code, said = run("nobody")
    want(code == 2 and "no such view" in said, said)
    del os.environ["SHOP_AUDIT_URL"]
    code, said = run("report_products")
    want(code == 2 and "set SHOP_AUDIT_URL" in said, said)
    os.environ["SHOP_AUDIT_URL"] = "postgresql://nobody@127.0.0.1:1/shop"
    code, said = run("report_products")
    want(code == 3, said)
    print("OK: %d rows in %s" % (len(here), ", ".join(name for _, name in VIEWS)))


main()
