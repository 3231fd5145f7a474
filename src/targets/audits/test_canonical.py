"""python3 -m unittest test_canonical: equal values of different systems become equal texts, different ones do not."""

import os
import sys
import unittest
from decimal import Decimal

sys.dont_write_bytecode = True
import audit
from canonical import Columns, Stray, canonical, date_of, days, read_json


class Values(unittest.TestCase):
    def same(self, kind, *values, parsed=False):
        spelled = {canonical(kind, value, parsed) for value in values}
        self.assertEqual(len(spelled), 1, spelled)

    def apart(self, kind, one, other):
        self.assertNotEqual(canonical(kind, one), canonical(kind, other))

    def test_decimals_are_exact(self):
        self.same("decimal", "12.50", Decimal("12.5"), "12.5", "0012.500")
        self.same("decimal", "100", Decimal("1E+2"), 100)
        self.same("decimal", "-0.00", 0, "0")
        self.same("decimal", "0.0000001", Decimal("1E-7"))
        self.apart("decimal", "12345678901234567890.01", "12345678901234567890.02")
        self.same("decimal", "NaN", Decimal("NaN"))

    def test_whole_numbers_above_2_to_the_53(self):
        self.same("integer", "9007199254740993", 9007199254740993)
        self.apart("integer", "9007199254740993", 9007199254740992)

    def test_floats(self):
        self.same("real", "0.1", Decimal("0.1"), Decimal("0.10000000149011612"))
        self.same("double", "1e+20", Decimal("100000000000000000000"), "1E20")
        self.apart("double", "0.1", Decimal("0.10000000149011612"))
        self.same("double", "NaN", "nan")

    def test_instants(self):
        moment = "1706745600123456"
        self.same("instant", moment, "2024-02-01T00:00:00.123456Z", "2024-02-01T01:00:00.123456+01:00", "2024-01-31 19:00:00.123456-05")
        self.same("instant", "-30617136000000000", "0999-10-13T00:00:00Z")
        self.same("instant", "0", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z", 0)
        self.same("instant", "infinity")
        self.apart("instant", "0", "1970-01-01T00:00:00.000001Z")

    def test_datetimes_before_1970(self):
        self.same("datetime", "-1", "1969-12-31T23:59:59.999999", -1)

    def test_dates(self):
        self.same("date", "19754", "2024-02-01", 19754)
        self.same("date", "-719528", "0000-01-01", "0001-01-01 BC")
        self.same("date", "2932897", "10000-01-01")
        for day in (-800_000, -719_529, -1, 0, 59, 60, 11_016, 19_782, 2_932_896):
            self.assertEqual(canonical("date", date_of(day)), str(day))
        self.assertEqual(days(2000, 3, 1), 11_017)

    def test_times(self):
        self.same("time", "3723000004", "01:02:03.000004", 3723000004)
        self.same("time_tz", "3600000000", "02:00:00+01:00", "01:00:00Z", "23:00:00-02")

    def test_intervals(self):
        self.same("interval", "14 3 14706780000", "P1Y2M3DT4H5M6.78S", "P0Y14M3DT4H5M6.78S")
        self.same("interval", "0 0 0", "P0Y0M0DT0H0M0.0S", "PT0S")
        self.same("interval", "-1 -2 -3500000", "P0Y-1M-2DT0H0M-3.5S")

    def test_bytes(self):
        self.same("bytes", "\\x00ff7e", "AP9+")
        self.same("bytes", "\\x", "")

    def test_arrays(self):
        text = {"array": "text"}
        self.same(text, '["a,b", null, "\\"ü\\n", ""]', ["a,b", None, '"ü\n', ""])
        self.apart(text, '["null"]', [None])
        self.apart(text, '["a", "b"]', ["a,b"])
        self.same({"array": "decimal"}, "[1.50, 2]", ["1.5", "2.00"], read_json("[1.5,2.0]"))
        self.same({"array": "date"}, '["2024-02-01"]', [19754])
        self.same({"array": "integer"}, "[[1,2],[3,4]]", [[1, 2], [3, 4]])
        self.same({"array": "instant"}, '["2024-02-01T00:00:00+00:00"]', ["2024-02-01T00:00:00Z"])

    def test_json(self):
        self.same("json", '{"b": [1, 2.50], "a": null}', '{"a":null,"b":[1.0,2.5]}', read_json('{"b":[1,2.5],"a":null}'))
        self.apart("json", '{"a": "1"}', '{"a": 1}')
        self.assertEqual(canonical("json", "text", parsed=True), '"text"')
        self.assertIsNone(canonical("json", None, parsed=True))

    def test_padded_text_and_others(self):
        self.same("char", "ab  ", "ab")
        self.apart("text", "ab  ", "ab")
        self.same("uuid", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")
        self.same("bool", True, "true")
        self.assertIsNone(canonical("text", None))


class Rows(unittest.TestCase):
    def columns(self, *kinds):
        return Columns([{"name": "k%d" % at, "kind": kind, "key": True} for at, kind in enumerate(kinds)])

    def test_identity_goes_back_and_forth(self):
        columns = self.columns("integer", "text", "date", "datetime", "time")
        key = ("7", "a:{%}ü", "19754", "-1", "1")
        identity = columns.identity(key)
        self.assertEqual(identity, "7:a%3A%7B%25%7Dü:2024-02-01:1969-12-31T23%3A59%3A59.999999:00%3A00%3A00.000001")
        self.assertEqual(columns.of_document(identity, {})[0], key)

    def test_an_identity_nobody_has_stays_apart(self):
        for identity in ("007", "1:2", "x y"):
            key, _ = self.columns("integer").of_document(identity, {})
            self.assertEqual(self.columns("integer").identity(key), identity)
        self.assertIsInstance(self.columns("integer").of_document("007", {})[0][0], Stray)

    def test_masks(self):
        os.environ["DIAC_TEST_SALT"] = "salt"
        columns = Columns([
            {"name": "id", "kind": "integer", "key": True},
            {"name": "first", "kind": "text", "key": False, "mask": {"first": 2}},
            {"name": "fixed", "kind": "text", "key": False, "mask": {"fixed": "[redacted]"}},
            {"name": "none", "kind": "text", "key": False, "mask": {"fixed": None}},
            {"name": "hash", "kind": "text", "key": False, "mask": {"hash": {"salt_env": "DIAC_TEST_SALT"}}},
        ])
        _, values = columns.of_record(["1", "äöü", "y", "x", "a@b.c"])
        self.assertEqual(values[:4], ("1", "äö", "[redacted]", None))
        self.assertEqual(len(values[4]), 64)
        self.assertIsNone(columns.of_record(["1", None, None, None, None])[1][4])

    def test_fields_of_copy(self):
        self.assertEqual([audit.field(text) for text in ("\\N", "a\\tb\\\\n\\n", "\\\\x00")], [None, "a\tb\\n\n", "\\x00"])

    def test_tolerance(self):
        self.assertTrue(audit.near("1000", "999.95", "0.01"))
        self.assertFalse(audit.near("1000", "999.8", "0.01"))
        self.assertFalse(audit.near("10", None, "50"))

    def test_a_password_is_in_no_command_line(self):
        os.environ["X_AUDIT_URL"] = "postgresql://me:p%40ss@host:5433/db?sslmode=require"
        url, environment = audit.address("X_AUDIT_URL")
        self.assertEqual((url, environment["PGPASSWORD"]), ("postgresql://me@host:5433/db?sslmode=require", "p@ss"))


class Side:
    """A side that answers each look with the next of its states."""

    def __init__(self, *states):
        self.states = list(states)

    def rows(self):
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return [((key,), (key, value)) for key, value in state.items()]

    def scan(self, limit=None):
        return self.rows()[:limit]

    def look(self, keys):
        return [row for row in self.rows() if row[0] in keys]


class Settling(unittest.TestCase):
    def test_rows_on_their_way_are_no_difference(self):
        # The record moves on while the store follows one step behind.
        record = Side({"1": "a", "2": "x"}, {"1": "b", "2": "x"}, {"1": "c", "2": "x"})
        store = Side({"2": "x"}, {"1": "a", "2": "x"})
        self.assertEqual(audit.compare(record, store, 0, None), (2, {}))

    def test_every_kind_of_difference_is_found(self):
        record = Side({"1": "a", "2": "b"})
        store = Side({"2": "c", "3": "d"})
        compared, different = audit.compare(record, store, 0, None)
        lines = sorted(found.line(key, ["id", "name"]) for key, found in different.items())
        self.assertEqual((compared, lines), (2, ['changed 2: name "b" ≠ "c"', "left over 3", "missing 1"]))

    def test_a_sample_finds_both_ways(self):
        record = Side({"1": "a"})
        store = Side({"1": "a", "3": "d"})
        self.assertEqual([found.line(key, ["id", "name"]) for key, found in audit.compare(record, store, 0, 5)[1].items()], ["left over 3"])
        self.assertEqual(audit.Difference(None, ("x",)).line(("a\nb", "ö"), ["id"]), "left over a\\nb:ö")


if __name__ == "__main__":
    unittest.main()
