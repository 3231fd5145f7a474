//! The library of Bloblang maps: each stream gets only those it uses, with what they use themselves.

use super::exact::EXACT;

/// A map: its name, the maps it calls, its text.
pub(super) struct Map {
    pub(super) name: &'static str,
    pub(super) uses: &'static [&'static str],
    pub(super) text: &'static str,
}

/// Values first, then what filters need, then what processes send on.
fn library() -> impl Iterator<Item = &'static Map> {
    LIBRARY.iter().chain(EXACT)
}

/// Which maps a program uses.
#[derive(Debug, Default)]
pub(super) struct Maps(Vec<&'static str>);

impl Maps {
    /// Says that a map is used.
    pub(super) fn need(&mut self, name: &str) {
        let Some(map) = library().find(|map| map.name == name) else {
            debug_assert!(false, "no map is called {name}");
            return;
        };
        if self.0.contains(&map.name) {
            return;
        }
        self.0.push(map.name);
        for used in map.uses {
            self.need(used);
        }
    }

    /// The texts of all that are used, in the library's order.
    pub(super) fn text(&self) -> String {
        library().filter(|map| self.0.contains(&map.name)).map(|map| map.text).collect()
    }
}

/// In the order they are written: values first, then what filters need.
static LIBRARY: &[Map] = &[
    Map {
        name: "number",
        uses: &[],
        text: r#"# decimal text to a JSON number, digit for digit; what is no number (NaN, infinities) stays text, which the index leaves out
map number {
  let text = this
  root = match {
    this == null => null,
    this.type() == "array" => this.map_each(item -> item.apply("number")),
    _ => this.string().parse_json(use_number: true).catch(err -> $text)
  }
}
"#,
    },
    Map {
        name: "date",
        uses: &[],
        text: r#"# days since 1970 to a date
map date {
  root = match {
    this == null => null,
    this.type() == "array" => this.map_each(item -> item.apply("date")),
    _ => (this * 86400).ts_format("2006-01-02", "UTC")
  }
}
"#,
    },
    Map {
        name: "datetime",
        uses: &[],
        text: r#"# microseconds since 1970 to a date and time without a zone; before 1970 they are negative
map datetime {
  let fraction = if this == null || this.type() == "array" { 0 } else { ((this % 1000000) + 1000000) % 1000000 }
  root = match {
    this == null => null,
    this.type() == "array" => this.map_each(item -> item.apply("datetime")),
    _ => ((this - $fraction) / 1000000).int64().ts_format("2006-01-02T15:04:05", "UTC") + "." + "%06d".format($fraction)
  }
}
"#,
    },
    Map {
        name: "time",
        uses: &[],
        text: r#"# microseconds since midnight to a time of day
map time {
  let seconds = if this == null || this.type() == "array" { 0 } else { ((this - this % 1000000) / 1000000).int64() }
  root = match {
    this == null => null,
    this.type() == "array" => this.map_each(item -> item.apply("time")),
    _ => "%02d:%02d:%02d.%06d".format(
      (($seconds - $seconds % 3600) / 3600).int64(), (($seconds % 3600 - $seconds % 60) / 60).int64(), $seconds % 60, this % 1000000
    )
  }
}
"#,
    },
    Map {
        name: "json",
        uses: &[],
        text: r#"# text to the JSON it says
map json {
  root = match {
    this == null => null,
    this.type() == "array" => this.map_each(item -> item.apply("json")),
    _ => this.parse_json(use_number: true)
  }
}
"#,
    },
    Map {
        name: "hash",
        uses: &[],
        text: r#"# equal values stay equal, but nobody without the secret can try values out
map hash {
  root = if this == null { null } else { this.string().hash("hmac_sha256", env("DIAC_HASH_SALT")).encode("hex") }
}
"#,
    },
    Map {
        name: "part",
        uses: &[],
        text: r#"# a part of a key: what joins and encloses parts is escaped in it
map part {
  root = this.replace_all_many(["%", "%25", ":", "%3A", "{", "%7B", "}", "%7D"])
}
"#,
    },
    Map {
        name: "message_key",
        uses: &["part"],
        text: r#"# the key's columns are not known here: the values of the message's key, in the order its schema gives where it has one
map message_key {
  let text = this
  let key = $text.parse_json(use_number: true).catch(err -> $text)
  let value = if $key.type() == "object" && $key.exists("payload") { $key.payload } else { $key }
  let names = $key.schema.fields.map_each(column -> column.field).or($value.keys().sort()).or([])
  let columns = $value.key_values().or([])
  root = if $value.type() == "object" {
    $names.map_each(name -> $columns.filter(column -> column.key == name).index(0).value.not_null().string().apply("part")).join(":")
  } else {
    $value.not_null().string().apply("part")
  }
}
"#,
    },
    Map {
        name: "is_unavailable",
        uses: &[],
        // Spellings of Debezium 3.7 for text, bytes as base64, hstore as JSON, uuid arrays, and whole numbers (the text's bytes).
        text: r#"# what the connector writes in place of a value that the log left out: as text, bytes, pairs, an array of texts, uuids or numbers
map is_unavailable {
  let first = if this.type() == "array" { this.index(0).catch(null) } else { this }
  let count = if this.type() == "array" { this.length() } else { 0 }
  root = [
    "__debezium_unavailable_value",
    "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==",
    "{\"__debezium_unavailable_value\":\"__debezium_unavailable_value\"}",
    "b68a35a7-17ad-35b3-af2a-ae46edb4545a"
  ].contains($first) || ($count == 28 && this.map_each(item -> item.string().or("")).join(",") == "95,95,100,101,98,101,122,105,117,109,95,117,110,97,118,97,105,108,97,98,108,101,95,118,97,108,117,101")
}
"#,
    },
    Map {
        name: "all",
        uses: &[],
        text: r#"# SQL's logic: null is unknown
map all {
  root = match {
    this.contains(false) => false,
    this.contains(null) => null,
    _ => true
  }
}
"#,
    },
    Map {
        name: "any",
        uses: &[],
        text: r#"map any {
  root = match {
    this.contains(true) => true,
    this.contains(null) => null,
    _ => false
  }
}
"#,
    },
    Map { name: "not", uses: &[], text: "map not { root = if this == null { null } else { !this } }\n" },
    Map {
        name: "in_texts",
        uses: &[],
        text: "map in_texts { root = if this.index(0) == null { null } else { this.index(1).contains(this.index(0).string()) } }\n",
    },
    Map {
        name: "coalesce",
        uses: &[],
        text: "map coalesce { root = this.filter(item -> item != null).index(0).catch(null) }\n",
    },
    Map {
        name: "lower",
        uses: &[],
        text: "map lower { root = if this == null { null } else { this.string().lowercase() } }\n",
    },
    Map {
        name: "upper",
        uses: &[],
        text: "map upper { root = if this == null { null } else { this.string().uppercase() } }\n",
    },
    Map {
        name: "like",
        uses: &[],
        text: "map like { root = if this.index(0) == null { null } else { this.index(0).string().re_match(this.index(1)) } }\n",
    },
    Map { name: "bit", uses: &[], text: "map bit { root = if this == null { null } else if this { 1 } else { 0 } }\n" },
    Map {
        name: "instant",
        uses: &[],
        text: "# an instant's text to microseconds since 1970\nmap instant { root = if this == null { null } else { this.ts_unix_micro() } }\n",
    },
    Map {
        name: "midnight",
        uses: &[],
        text: "# days since 1970 to microseconds\nmap midnight { root = if this == null { null } else { this * 86400000000 } }\n",
    },
    Map {
        name: "sign",
        uses: &[],
        text: r#"# of two values that are not null: -1, 0 or 1
map sign { root = if this.index(0) == this.index(1) { 0 } else if this.index(0) < this.index(1) { -1 } else { 1 } }
"#,
    },
    Map {
        name: "compare",
        uses: &["sign"],
        text: "map compare { root = if this.contains(null) { null } else { this.apply(\"sign\") } }\n",
    },
    Map {
        name: "compare_texts",
        uses: &["sign"],
        text: r#"map compare_texts {
  root = if this.contains(null) { null } else { this.map_each(item -> item.string()).apply("sign") }
}
"#,
    },
    Map {
        name: "compare_unknown",
        uses: &["compare_texts", "compare_numbers"],
        text: r#"map compare_unknown {
  root = if this.all(item -> item.type() == "number") { this.apply("compare_numbers") } else { this.apply("compare_texts") }
}
"#,
    },
    Map {
        name: "magnitude",
        uses: &[],
        text: r#"# plain digits to a text that sorts as the number does: the longer whole part is the larger one
map magnitude {
  let parts = this.trim_prefix("-").split(".")
  let whole = $parts.index(0).re_replace_all("^0+", "")
  root = "%09d".format($whole.length()) + $whole + "." + $parts.index(1).catch("").re_replace_all("0+$", "")
}
"#,
    },
    Map {
        name: "beyond",
        uses: &[],
        text: r#"# values beyond all digits: nothing is above NaN, as in the database
map beyond {
  root = match this.uppercase() {
    "NAN" => 2,
    "POSITIVE_INFINITY" => 1,
    "INFINITY" => 1,
    "NEGATIVE_INFINITY" => -1,
    "-INFINITY" => -1,
    _ => 0
  }
}
"#,
    },
    Map {
        name: "compare_numbers",
        uses: &["sign", "magnitude", "beyond"],
        text: r#"# numbers and decimal texts, exact where both are plain digits
map compare_numbers {
  let texts = if this.contains(null) { ["0", "0"] } else { this.map_each(item -> item.string()) }
  let beyond = $texts.map_each(text -> text.apply("beyond"))
  let plain = $texts.all(text -> text.re_match("^-?[0-9]+([.][0-9]+)?$"))
  let sizes = if $plain { $texts.map_each(text -> text.apply("magnitude")) } else { [] }
  let below = if $plain { $texts.map_each(text -> text.has_prefix("-") && text.re_match("[1-9]")) } else { [] }
  root = match {
    this.contains(null) => null,
    $beyond != [0, 0] => $beyond.apply("sign"),
    !$plain => $texts.map_each(text -> text.number()).apply("sign"),
    $below == [false, false] => $sizes.apply("sign"),
    $below == [true, true] => [$sizes.index(1), $sizes.index(0)].apply("sign"),
    $below.index(0) => -1,
    _ => 1
  }
}
"#,
    },
    Map { name: "is_equal", uses: &[], text: "map is_equal { root = if this == null { null } else { this == 0 } }\n" },
    Map { name: "is_other", uses: &[], text: "map is_other { root = if this == null { null } else { this != 0 } }\n" },
    Map { name: "is_below", uses: &[], text: "map is_below { root = if this == null { null } else { this < 0 } }\n" },
    Map { name: "is_above", uses: &[], text: "map is_above { root = if this == null { null } else { this > 0 } }\n" },
    Map {
        name: "is_at_most",
        uses: &[],
        text: "map is_at_most { root = if this == null { null } else { this <= 0 } }\n",
    },
    Map {
        name: "is_at_least",
        uses: &[],
        text: "map is_at_least { root = if this == null { null } else { this >= 0 } }\n",
    },
    Map {
        name: "scale",
        uses: &[],
        text: "map scale { root = this.string().split(\".\").index(1).catch(\"\").length() }\n",
    },
    Map {
        name: "manner",
        uses: &[],
        text: r#"# how two numbers are reckoned with: numbers with a point are binary, texts are decimals
map manner {
  let texts = if this.contains(null) { [] } else { this.map_each(item -> item.string()) }
  let numbers = this.all(item -> item.type() == "number")
  root = match {
    this.contains(null) => "null",
    $numbers && $texts.all(text -> text.re_match("^-?[0-9]{1,9}$")) => "small",
    $numbers && $texts.all(text -> text.re_match("^-?[0-9]+$")) => "whole",
    $numbers => "binary",
    this.any(item -> item.type() == "number" && !item.string().re_match("^-?[0-9]+$")) => "mixed",
    $texts.all(text -> text.re_match("^-?[0-9]+([.][0-9]+)?$")) => "plain",
    _ => "mixed"
  }
}
"#,
    },
    Map {
        name: "rounded",
        uses: &[],
        text: r#"# [a result in binary, digits behind the point]: exact again, as long as there are no more than 15 digits
map rounded {
  let text = ("%." + this.index(1).string() + "f").format(this.index(0))
  root = if $text.re_replace_all("[^0-9]", "").re_replace_all("^0+", "").length() > 15 { throw("arithmetic beyond 15 digits is not exact here") } else { $text }
}
"#,
    },
    Map {
        name: "plus",
        uses: &["scale", "rounded", "manner", "exact_plus"],
        text: r#"map plus {
  let pair = this
  root = match $pair.apply("manner") {
    "null" => null,
    "small" => $pair.index(0) + $pair.index(1),
    "whole" => $pair.apply("exact_plus").int64(),
    "plain" => $pair.apply("exact_plus"),
    "binary" => $pair.index(0) + $pair.index(1),
    _ => [$pair.index(0).number() + $pair.index(1).number(), $pair.map_each(item -> item.apply("scale")).sort().index(-1)].apply("rounded")
  }
}
"#,
    },
    Map {
        name: "minus",
        uses: &["scale", "rounded", "manner", "exact_minus"],
        text: r#"map minus {
  let pair = this
  root = match $pair.apply("manner") {
    "null" => null,
    "small" => $pair.index(0) - $pair.index(1),
    "whole" => $pair.apply("exact_minus").int64(),
    "plain" => $pair.apply("exact_minus"),
    "binary" => $pair.index(0) - $pair.index(1),
    _ => [$pair.index(0).number() - $pair.index(1).number(), $pair.map_each(item -> item.apply("scale")).sort().index(-1)].apply("rounded")
  }
}
"#,
    },
    Map {
        name: "times",
        uses: &["scale", "rounded", "manner", "exact_times"],
        text: r#"map times {
  let pair = this
  root = match $pair.apply("manner") {
    "null" => null,
    "small" => $pair.index(0) * $pair.index(1),
    "whole" => $pair.apply("exact_times").int64(),
    "plain" => $pair.apply("exact_times"),
    "binary" => $pair.index(0) * $pair.index(1),
    _ => [$pair.index(0).number() * $pair.index(1).number(), $pair.map_each(item -> item.apply("scale")).sum()].apply("rounded")
  }
}
"#,
    },
    Map {
        name: "over",
        uses: &[],
        text: "map over { root = if this.contains(null) { null } else { this.index(0).number() / this.index(1).number() } }\n",
    },
    Map {
        name: "whole_over",
        uses: &[],
        text: r#"# whole numbers are divided towards zero
map whole_over {
  root = if this.contains(null) { null } else { ((this.index(0) - this.index(0) % this.index(1)) / this.index(1)).int64() }
}
"#,
    },
    Map {
        name: "rest",
        uses: &[],
        text: r#"map rest {
  root = match {
    this.contains(null) => null,
    this.all(item -> item.type() == "number") => this.index(0) % this.index(1),
    _ => throw("the rest of a division of decimals is not known here")
  }
}
"#,
    },
];
