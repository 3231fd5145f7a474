//! Maps of what processes send on: exact arithmetic over decimal texts, and values held against what an event declares.
//!
//! Numbers of Bloblang are 64-bit integers that wrap in silence and floats that round; so sums and products are worked out digit by digit (compared with
//! another arithmetic over random numbers: test `bento/exact arithmetic`). No reason of a failure holds a value: it may be personal.

use super::maps::Map;

/// In the order they are written.
pub(super) static EXACT: &[Map] = &[
    Map {
        name: "limbs",
        uses: &[],
        text: r#"# digits to numbers of seven digits, the lowest first
map limbs {
  let pad = (7 - this.length() % 7) % 7
  let all = ("0000000".slice(0, $pad) + this).re_find_all("[0-9]{7}").map_each(limb -> limb.re_replace_all("^0+([0-9])", "$1").int64())
  root = range(0, $all.length()).map_each(at -> $all.index($all.length() - 1 - at))
}
"#,
    },
    Map {
        name: "digits",
        uses: &[],
        text: r#"# [a plain number, digits wanted behind the point]: its digits without point and sign
map digits {
  let parts = this.index(0).trim_prefix("-").split(".")
  let behind = $parts.index(1).catch("")
  root = $parts.index(0) + $behind + "0".repeat(this.index(1) - $behind.length())
}
"#,
    },
    Map {
        name: "carry",
        uses: &[],
        text: r#"map carry {
  let all = this.tally.carry + this.value
  let rest = (($all % 10000000) + 10000000) % 10000000
  root = {"carry": (($all - $rest) / 10000000).int64(), "text": "%07d".format($rest.int64()) + this.tally.text}
}
"#,
    },
    Map {
        name: "from_limbs",
        uses: &["carry"],
        text: r#"# [sums of limbs, which may be of any sign, digits behind the point]: the number as text
map from_limbs {
  let scale = this.index(1)
  let first = this.index(0).fold({"carry": 0, "text": ""}, item -> item.apply("carry"))
  let below = $first.carry < 0
  let text = if $below { this.index(0).map_each(limb -> 0 - limb).fold({"carry": 0, "text": ""}, item -> item.apply("carry")).text } else { $first.text }
  let digits = "0".repeat($scale + 1) + $text
  let whole = $digits.slice(0, $digits.length() - $scale).re_replace_all("^0+([0-9])", "$1")
  root = (if $below { "-" } else { "" }) + $whole + (if $scale > 0 { "." + $digits.slice($digits.length() - $scale) } else { "" })
}
"#,
    },
    Map {
        name: "plain",
        uses: &[],
        text: r#"# a number as plain digits; NaN, infinities and exponents are none
map plain {
  let text = this.string()
  root = if $text.re_match("^-?[0-9]+([.][0-9]+)?$") { $text } else { throw("it is no plain number") }
}
"#,
    },
    Map {
        name: "exact_plus",
        uses: &["plain", "scale", "digits", "limbs", "from_limbs"],
        text: r#"map exact_plus {
  let texts = if this.contains(null) { ["0", "0"] } else { this.map_each(item -> item.apply("plain")) }
  let scale = $texts.map_each(text -> text.apply("scale")).sort().index(-1)
  let limbs = $texts.map_each(text -> [text, $scale].apply("digits").apply("limbs").map_each(limb -> if text.has_prefix("-") { 0 - limb } else { limb }))
  let length = $limbs.map_each(all -> all.length()).sort().index(-1) + 1
  let sums = range(0, $length).map_each(at -> $limbs.map_each(all -> all.index(at).catch(0)).sum())
  root = if this.contains(null) { null } else { [$sums, $scale].apply("from_limbs") }
}
"#,
    },
    Map {
        name: "exact_minus",
        uses: &["exact_plus"],
        text: r#"map exact_minus {
  let second = if this.index(1) == null { null } else { this.index(1).apply("plain") }
  root = [this.index(0), if $second == null { null } else if $second.has_prefix("-") { $second.trim_prefix("-") } else { "-" + $second }].apply("exact_plus")
}
"#,
    },
    Map {
        name: "exact_times",
        uses: &["plain", "scale", "digits", "limbs", "from_limbs"],
        text: r#"map exact_times {
  let texts = if this.contains(null) { ["0", "0"] } else { this.map_each(item -> item.apply("plain")) }
  let scales = $texts.map_each(text -> text.apply("scale"))
  let below = $texts.filter(text -> text.has_prefix("-")).length() == 1
  let limbs = range(0, 2).map_each(at -> [$texts.index(at), $scales.index(at)].apply("digits").apply("limbs"))
  let a = $limbs.index(0)
  let b = $limbs.index(1)
  let sums = range(0, $a.length() + $b.length()).map_each(k -> range(0, $a.length()).filter(i -> k - i >= 0 && k - i < $b.length()).map_each(i -> $a.index(i) * $b.index(k - i)).sum())
  root = if this.contains(null) { null } else { [if $below { $sums.map_each(limb -> 0 - limb) } else { $sums }, $scales.sum()].apply("from_limbs") }
}
"#,
    },
    Map {
        name: "exact_rest",
        uses: &[],
        text: r#"# of whole numbers; the sign is the dividend's, as in SQL
map exact_rest {
  root = if this.contains(null) { null } else { this.index(0).string().int64() % this.index(1).string().int64() }
}
"#,
    },
    Map {
        name: "fit_whole",
        uses: &["plain", "compare_numbers"],
        text: r#"# [value, least, most]: a whole number, all its digits kept
map fit_whole {
  let text = if this.index(0) == null { "0" } else { this.index(0).apply("plain").re_replace_all("[.]0+$", "") }
  root = match {
    this.index(0) == null => null,
    $text.contains(".") => throw("it is no whole number"),
    [$text, this.index(1)].apply("compare_numbers") < 0 || [$text, this.index(2)].apply("compare_numbers") > 0 => throw("it is out of range"),
    _ => $text.re_replace_all("^(-?)0+([0-9])", "$1$2").re_replace_all("^-0$", "0").parse_json(use_number: true)
  }
}
"#,
    },
    Map {
        name: "fit_decimal",
        uses: &["plain"],
        text: r#"# [value, digits before the point, digits behind it]: the one text of a decimal; nothing is rounded. Negative: no bound is declared
map fit_decimal {
  let text = if this.index(0) == null { "0" } else { this.index(0).apply("plain") }
  let parts = $text.trim_prefix("-").split(".")
  let whole = $parts.index(0).re_replace_all("^0+([0-9])", "$1")
  let behind = $parts.index(1).catch("").re_replace_all("0+$", "")
  let scale = this.index(2)
  let sign = if $text.has_prefix("-") && $text.re_match("[1-9]") { "-" } else { "" }
  root = match {
    this.index(0) == null => null,
    $scale < 0 => $sign + $whole + (if $behind == "" { "" } else { "." + $behind }),
    $behind.length() > $scale => throw("it has more than %v digits behind the point".format($scale)),
    $whole != "0" && $whole.length() > this.index(1) => throw("it has more than %v digits before the point".format(this.index(1))),
    $scale == 0 => $sign + $whole,
    _ => $sign + $whole + "." + $behind + "0".repeat($scale - $behind.length())
  }
}
"#,
    },
    Map {
        name: "fit_kind",
        uses: &[],
        text: r#"# [value, kind]: a value of that kind
map fit_kind {
  root = if this.index(0) == null || this.index(0).type() == this.index(1) { this.index(0) } else { throw("it is no %v".format(this.index(1))) }
}
"#,
    },
    Map {
        name: "fit_float",
        uses: &[],
        text: r#"map fit_float {
  root = match {
    this == null || this.type() == "number" => this,
    this.type() == "string" && this.re_match("^-?[0-9]+([.][0-9]+)?$") => this.re_replace_all("^(-?)0+([0-9])", "$1$2").parse_json(use_number: true),
    _ => throw("it is no number")
  }
}
"#,
    },
    Map {
        name: "fit_text",
        uses: &[],
        text: r#"# [value, form]: a text of that form
map fit_text {
  root = match {
    this.index(0) == null => null,
    this.index(0).type() != "string" => throw("it is no text"),
    this.index(0).re_match(this.index(1)) => this.index(0),
    _ => throw("it is not of its form")
  }
}
"#,
    },
    Map {
        name: "given",
        uses: &[],
        text: r#"map given { root = if this == null { throw("it is null or missing") } else { this } }
"#,
    },
    Map {
        name: "pair_of_numbers",
        uses: &["compare_numbers"],
        text: r#"map pair_of_numbers {
  root = if this.apply("compare_numbers") > 0 { this.index(1).string() + ":" + this.index(0).string() } else { this.index(0).string() + ":" + this.index(1).string() }
}
"#,
    },
    Map {
        name: "pair_of_texts",
        uses: &["part"],
        text: r#"map pair_of_texts {
  root = this.map_each(item -> item.string()).sort().map_each(item -> item.apply("part")).join(":")
}
"#,
    },
    Map {
        name: "days_of",
        uses: &[],
        text: "# a date's text to days since 1970\nmap days_of { root = if this == null { null } else { ((this + \"T00:00:00Z\").ts_unix() / 86400).int64() } }\n",
    },
    Map {
        name: "micros_of",
        uses: &[],
        text: "# a wall clock reading's text to microseconds since 1970\nmap micros_of { root = if this == null { null } else { (this + \"Z\").ts_unix_micro() } }\n",
    },
    Map {
        name: "clock_of",
        uses: &[],
        text: "# a time of day's text to microseconds since midnight\nmap clock_of { root = if this == null { null } else { (\"1970-01-01T\" + this + \"Z\").ts_unix_micro() } }\n",
    },
];
