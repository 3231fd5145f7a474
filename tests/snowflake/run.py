"""Runs the generated Snowflake files on fakesnow: python3 run.py FOLDER, where FOLDER holds the sample's targets/warehouse.

Loads shuffled, repeated, deleted and filtered changes into the log tables and compares what readers see with what the changes mean.
Exit code 77 where fakesnow is not installed. What fakesnow does not know is left out: grants, roles, warehouses; a dynamic table is run as a view.
"""

import datetime
import json
import pathlib
import random
import re
import sys
import warnings

warnings.simplefilter("ignore")
try:
    import fakesnow
    import snowflake.connector
except ImportError as error:
    print("not run: %s" % error)
    sys.exit(77)

FOLDER = pathlib.Path(sys.argv[1])
LEFT_OUT = re.compile(r"^(GRANT|USE|CREATE (ROLE|WAREHOUSE|USER))\b")
DYNAMIC = re.compile(r"^CREATE DYNAMIC TABLE IF NOT EXISTS (.*) TARGET_LAG = '\d+ seconds' WAREHOUSE = \S+ AS$", re.M)
EPOCH = datetime.datetime(1970, 1, 1)


def statements(path):
    """A file's statements: one ends with a semicolon at the end of a line."""
    text = "\n".join(line for line in path.read_text().splitlines() if not line.startswith("--"))
    return [statement.strip() for statement in re.split(r";\n", text + "\n") if statement.strip()]


def run_file(cursor, name):
    ran = left_out = 0
    for statement in statements(FOLDER / name):
        if LEFT_OUT.match(statement):
            left_out += 1
            continue
        cursor.execute(DYNAMIC.sub(r"CREATE OR REPLACE VIEW \1 AS", statement))
        ran += 1
    return ran, left_out


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, list):
        return "ARRAY_CONSTRUCT(%s)" % ", ".join(map(literal, value))
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def load(cursor, table, columns, rows):
    for start in range(0, len(rows), 200):
        selects = []
        for offset, row in rows[start : start + 200]:
            metadata = json.dumps({"topic": "t", "partition": 0, "offset": offset})
            values = ["PARSE_JSON(%s)" % literal(metadata)] + [literal(row.get(column)) for column in columns]
            selects.append("SELECT " + ", ".join(values))
        names = ", ".join('"%s"' % column.replace('"', '""') for column in ["RECORD_METADATA"] + columns)
        cursor.execute("INSERT INTO %s (%s) %s" % (table, names, " UNION ALL ".join(selects)))


def want(found, expected, what):
    if found != expected:
        print("%s:\n found    %r\n expected %r" % (what, found, expected))
        sys.exit(1)


def delivered(luck, changes):
    """The changes as a log holds them that was written again here and there: with doubles, and out of order."""
    late = changes + luck.sample(changes, len(changes) // 3)
    luck.shuffle(late)
    return list(enumerate(late))


def products(cursor):
    luck = random.Random(11)
    changes, lsn, newest = [], 9007199254740993, {}
    for _ in range(1500):
        lsn += luck.randrange(1, 50)
        key = luck.randrange(200)
        gone = luck.random() < 0.2
        # fakesnow counts microseconds in binary floats: only near today are they exact there.
        micros = luck.choice([0, -1, 253370764799000000, luck.randrange(-(10**15), 2 * 10**15)])
        row = {
            "PRODUCT_ID": key,
            "NAME": "n%d ü ' \\" % lsn,
            "NOTE": luck.choice([None, "äöüß", "x"]),
            "PRICE": luck.choice([None, "-12.50", "9999999999.99"]),
            "ANY": "12345678901234567890.123456789",
            "WEIGHT": 0.5,
            "STOCK": luck.choice([None, 0, 1, 7]),
            "TAGS": luck.choice([None, [], ["a,b", None, "ü"]]),
            "PHOTO": luck.choice([None, "AP9+", ""]),
            "ATTRS": luck.choice([None, '{"a": [1.5, null]}']),
            "OK": luck.choice([None, True, False]),
            "UPDATED_AT": (EPOCH + datetime.timedelta(microseconds=micros)).isoformat() + "Z",
            "CREATED": micros,
            "DAY": micros // 86_400_000_000,
            "AT": 86_399_999_999,
            "__LSN": lsn,
            "__OP": "d" if gone else "u",
            "__TS_MS": 1,
            "__DELETED": "true" if gone else "false",
        }
        changes.append(row)
        newest[key] = row
    columns = list(changes[0])
    load(cursor, '"WAREHOUSE"."PUBLIC"."PRODUCTS_LOG_V1"', columns, delivered(luck, changes))
    expected = {}
    for key, row in newest.items():
        if row["__DELETED"] == "true" or not row["STOCK"]:
            continue
        moment = EPOCH + datetime.timedelta(microseconds=row["CREATED"])
        expected[key] = (
            row["NAME"],
            row["NOTE"] and row["NOTE"][:3],
            row["PRICE"],
            row["ANY"],
            row["STOCK"],
            row["TAGS"],
            {None: None, "AP9+": b"\x00\xff~", "": b""}[row["PHOTO"]],
            row["ATTRS"] and json.loads(row["ATTRS"]),
            row["OK"],
            moment.replace(tzinfo=datetime.timezone.utc),
            moment,
            moment.date(),
            datetime.time(23, 59, 59, 999999),
        )
    cursor.execute('SELECT PRODUCT_ID, NAME, NOTE, PRICE, "ANY", STOCK, TAGS, PHOTO, ATTRS, OK, UPDATED_AT, CREATED, DAY, "AT" FROM WAREHOUSE.PUBLIC.PRODUCTS')
    found = {}
    for key, name, note, price, exact, stock, tags, photo, attrs, ok, updated, created, day, at in cursor.fetchall():
        want(key in found, False, "a row twice")
        found[key] = (
            name, note, price if price is None else str(price), exact, stock, tags and json.loads(tags), photo and bytes(photo),
            attrs and json.loads(attrs), ok, updated and updated.astimezone(datetime.timezone.utc), created, day, at,
        )
        found[key] = tuple(b"" if value == b"" else value for value in found[key])
    want(sorted(found), sorted(expected), "rows of PRODUCTS")
    for key, row in expected.items():
        want(found[key], row, "product %d" % key)
    cursor.execute("SELECT MIN(\"__LSN\") > 144115188075855872 FROM WAREHOUSE.PUBLIC.PRODUCTS_V1")
    want(cursor.fetchone()[0], True, "the epoch is in the version")
    return len(expected)


def lines(cursor):
    luck = random.Random(12)
    changes, newest = [], {}
    for lsn in range(1, 600):
        key = ("00000000-0000-0000-0000-%012d" % luck.randrange(20), luck.randrange(3))
        gone = luck.random() < 0.2
        row = {"ORDER": key[0], "LINE_NO": key[1], "AMOUNT": luck.choice([None, "12.50"]), "__LSN": lsn, "__DELETED": "true" if gone else "false"}
        changes.append(row)
        newest[key] = row
    load(cursor, '"WAREHOUSE"."PUBLIC"."ORDER ""LINES_LOG_V1"', list(changes[0]), delivered(luck, changes))
    expected = sorted(key for key, row in newest.items() if row["__DELETED"] == "false" and row["AMOUNT"])
    cursor.execute('SELECT * FROM WAREHOUSE.PUBLIC."ORDER ""LINES"')
    want([column[0] for column in cursor.description], ["ORDER", "LINE_NO"], "columns readers see")
    want(sorted(cursor.fetchall()), expected, "rows of a composite key")
    return len(expected)


def main():
    with fakesnow.patch():
        cursor = snowflake.connector.connect(database="WAREHOUSE", schema="PUBLIC").cursor()
        ran = left_out = 0
        for _ in range(2):
            for path in sorted(path.name for path in FOLDER.glob("*.sql")):
                more = run_file(cursor, path)
                ran, left_out = ran + more[0], left_out + more[1]
        rows = products(cursor) + lines(cursor)
        answers = []
        for statement in statements(FOLDER.parent.parent / "audits" / "wh_products.view.sql"):
            cursor.execute(statement)
            answers.append(cursor.fetchall())
        want([tuple(map(int, row[1:])) for row in answers[0]], [(0, 1999, 0, 0)], "offsets of PRODUCTS")
        want([answers[1], answers[3]], [[(0,)], [(0,)]], "rows without a version")
    print("OK: %d rows, %d statements run, %d left out, fakesnow %s" % (rows, ran, left_out, fakesnow_version()))


def fakesnow_version():
    import importlib.metadata

    return importlib.metadata.version("fakesnow")


main()
