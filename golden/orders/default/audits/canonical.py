"""Canonical values: each type's one spelling, in which a value of the record and the same value in any store are equal texts.

audit.py beside this file compares rows in it. The kinds stand in audits.json; PostgreSQL makes the same spelling in SQL.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import struct
from decimal import Decimal, InvalidOperation


class NotSet(Exception):
    """Something this needs is not set."""


DAY = 86_400_000_000
STAMP = re.compile(
    r"^([+-]?\d{4,})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?"
    r"\s*(Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?( BC)?$"
)
CLOCK = re.compile(r"^(-?)(\d\d\d?):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?$")
SPAN = re.compile(
    r"^P(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?[\d.]+)S)?)?$"
)
NUMBER = re.compile(r"^-?\d+$")


def days(year, month, day):
    """Days since 1970-01-01 in the calendar that PostgreSQL uses for all times."""
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def date_of(number):
    """The date of that day, as stores write it."""
    number += 719_468
    era, day = divmod(number, 146_097)
    of_era = (day - day // 1_460 + day // 36_524 - day // 146_096) // 365
    of_year = day - (365 * of_era + of_era // 4 - of_era // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    year = era * 400 + of_era + (month <= 2)
    return "%s%04d-%02d-%02d" % ("-" if year < 0 else "", abs(year), month, day)


def clock_of(micros):
    """The time of day after so many microseconds."""
    if micros < 0:
        return "-" + clock_of(-micros)
    seconds, rest = divmod(micros, 1_000_000)
    return "%02d:%02d:%02d.%06d" % (seconds // 3600, seconds // 60 % 60, seconds % 60, rest)


def micros(hour, minute, second, fraction):
    whole = (int(hour or 0) * 60 + int(minute or 0)) * 60 + int(second or 0)
    return whole * 1_000_000 + int((fraction or "").ljust(6, "0")[:6] or 0)


def offset(zone):
    """Microseconds that a zone is ahead of UTC."""
    if not zone or zone == "Z":
        return 0
    digits = zone[1:].replace(":", "").ljust(6, "0")
    ahead = micros(digits[:2], digits[2:4], digits[4:6], "")
    return -ahead if zone[0] == "-" else ahead


def stamp(text):
    """Microseconds since 1970-01-01; a zone is worked in."""
    found = STAMP.match(text)
    if not found:
        return text
    year, month, day, hour, minute, second, fraction, zone, before = found.groups()
    year = 1 - int(year) if before else int(year)
    return str(days(year, int(month), int(day)) * DAY + micros(hour, minute, second, fraction) - offset(zone))


def decimal(value):
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if not number.is_finite():
        return "NaN" if number.is_nan() else ("Infinity" if number > 0 else "-Infinity")
    return plain(number)


def plain(number):
    """A finite number without an exponent, without trailing zeros, digit for digit."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def floating(value, single):
    number = float(value)
    if single and number == number and abs(number) != float("inf"):
        try:
            number = struct.unpack("f", struct.pack("f", number))[0]
        except OverflowError:
            pass
    return repr(number)


def document(value):
    """JSON as one text: keys sorted, numbers by value."""
    if isinstance(value, dict):
        pairs = (json.dumps(key, ensure_ascii=False) + ":" + document(value[key]) for key in sorted(value))
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(document, value)) + "]"
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return decimal(value)
    return json.dumps(value, ensure_ascii=False)


def read_json(text):
    return json.loads(text, parse_float=Decimal)


def json_or_text(text):
    try:
        return read_json(text)
    except ValueError:
        return text


def canonical(kind, value, parsed=False):
    """A value's one spelling; `value` is canonical SQL text or what a document holds. None stays None."""
    if value is None and not (kind == "json" and parsed):
        return None
    if isinstance(kind, dict):
        items = read_json(value) if isinstance(value, str) else value
        if not isinstance(items, list):
            items = [items]
        return array(kind["array"], items)
    if kind == "json":
        # A stored null and a stored JSON null look alike in a document: both count as null.
        found = value if parsed or not isinstance(value, str) else json_or_text(value)
        return None if found is None else document(found)
    if kind == "bool":
        return {"t": "true", "f": "false", "True": "true", "False": "false"}.get(str(value), str(value))
    if kind == "decimal" or kind == "integer":
        return decimal(value)
    if kind in ("real", "double"):
        return floating(value, kind == "real")
    if kind == "char":
        return str(value).rstrip(" ")
    if kind == "uuid":
        return str(value).lower()
    if kind == "bytes":
        text = str(value)
        if text.startswith("\\x"):
            return text
        try:
            return "\\x" + base64.b64decode(text, validate=True).hex()
        except ValueError:
            return text
    if kind == "date":
        text = str(value)
        if NUMBER.match(text):
            return text
        found = stamp(text)
        return str(int(found) // DAY) if NUMBER.match(found) else text
    if kind in ("instant", "datetime"):
        text = str(value)
        return text if NUMBER.match(text) else stamp(text)
    if kind in ("time", "time_tz"):
        text = str(value)
        found = CLOCK.match(text)
        if not found:
            return text
        sign, hour, minute, second, fraction, zone = found.groups()
        passed = micros(hour, minute, second, fraction) - offset(zone)
        # MySQL's times are spans as well: below zero, and beyond a day.
        passed = -passed if sign else passed
        return str(passed % DAY if zone else passed)
    if kind == "interval":
        found = SPAN.match(str(value))
        if not found:
            return str(value)
        years, months, of_days, hours, minutes, seconds = (Decimal(part or 0) for part in found.groups())
        passed = (hours * 3600 + minutes * 60 + seconds) * 1_000_000
        return "%s %s %s" % (plain(years * 12 + months), plain(of_days), plain(passed))
    return str(value)


def array(kind, items):
    """Elements one by one; an array in an array keeps its brackets."""
    spelled = []
    for item in items:
        found = array(kind, item) if isinstance(item, list) else canonical(kind, item, parsed=not isinstance(item, str))
        spelled.append("null" if found is None else found if isinstance(item, list) else json.dumps(found, ensure_ascii=False))
    return "[" + ",".join(spelled) + "]"


def hidden(mask, value):
    """What a masked column of the view must show for that value of the record."""
    # Nothing stays nothing, as Connect's MaskField leaves it (its code, and a run of the lab).
    if value is None:
        return None
    if "fixed" in mask:
        return mask["fixed"]
    if "first" in mask:
        return value[: mask["first"]]
    salt = os.environ.get(mask["hash"]["salt_env"])
    if salt is None:
        raise NotSet("set %s: columns are hashed with it" % mask["hash"]["salt_env"])
    return hmac.new(salt.encode(), value.encode(), hashlib.sha256).hexdigest()


def escaped(part):
    """A part of a document's or body's identity."""
    return part.replace("%", "%25").replace(":", "%3A").replace("{", "%7B").replace("}", "%7D")


def unescaped(part):
    for code, letter in (("%7D", "}"), ("%7B", "{"), ("%3A", ":"), ("%25", "%")):
        part = part.replace(code, letter)
    return part


class Stray(str):
    """An identity in a store that no row of the record can have."""


# Kinds whose identity in a store has one spelling only.
EXACT = ("bool", "integer", "text", "uuid", "date", "datetime", "time")


class Columns:
    """The columns of one table, keys first, and what identifies a row."""

    def __init__(self, described):
        self.all = described
        self.keys = [column for column in described if column["key"]]
        self.names = [column["name"] for column in described]

    def of_record(self, texts):
        """Key and values of a record's row of canonical texts."""
        values = []
        for column, text in zip(self.all, texts):
            mask = column.get("mask")
            values.append(hidden(mask, text) if mask else canonical(column["kind"], text))
        return self.split(values)

    def of_table(self, texts):
        return self.split([canonical(column["kind"], text) for column, text in zip(self.all, texts)])

    def of_document(self, identity, body):
        """A document's; its key is its identity, the values are its fields."""
        parts = identity.split(":")
        key = tuple(canonical(column["kind"], unescaped(part)) for column, part in zip(self.keys, parts))
        exact = all(column["kind"] in EXACT for column in self.keys)
        if len(parts) != len(self.keys) or (exact and self.identity(key) != identity):
            key = (Stray(identity),)
        values = []
        for at, column in enumerate(self.all):
            if column["key"] and column["name"] not in body:
                values.append(key[at] if at < len(key) else None)
            else:
                found = body.get(column["name"])
                values.append(canonical("text" if column.get("mask") else column["kind"], found, column.get("parsed", False)))
        return key, tuple(values)

    def split(self, values):
        return tuple(values[: len(self.keys)]), tuple(values)

    def identity(self, key):
        """The identity that a row of this key has in a store of documents."""
        if isinstance(key[0], Stray):
            return str(key[0])
        parts = []
        for column, value in zip(self.keys, key):
            kind = column["kind"]
            if kind == "date" and NUMBER.match(value):
                parts.append(date_of(int(value)))
                continue
            if kind in ("instant", "datetime") and NUMBER.match(value):
                day, rest = divmod(int(value), DAY)
                value = date_of(day) + "T" + clock_of(rest) + ("Z" if kind == "instant" else "")
            elif kind == "time" and NUMBER.match(value):
                value = clock_of(int(value))
            elif kind == "bytes":
                value = base64.b64encode(bytes.fromhex(value[2:])).decode()
            elif kind == "decimal" and column.get("scale"):
                value = format(Decimal(value).quantize(Decimal(1).scaleb(-column["scale"])), "f")
            parts.append(escaped(value))
        return ":".join(parts)
