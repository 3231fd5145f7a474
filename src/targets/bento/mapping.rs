//! The one pure step of a stream: from a record of the change log to a command for the store, or the reason why there can be none.
//!
//! Whatever fails here fails again at every try, so it is marked as poison; whatever fails behind it may succeed later and is retried.

use crate::plan::{Feed, JsonForm, PLACE_BITS, PlannedFlow, Position};

use super::bloblang::comment;
use super::maps::Maps;
use super::{filter, row};

/// What the stores differ in.
pub(super) struct Shape<'a> {
    /// How a column's arriving value becomes JSON.
    pub(super) form: &'a dyn Fn(&str) -> JsonForm,
    /// Longest identity the store takes, in bytes.
    pub(super) longest_id: Option<u32>,
    /// The expression of the version that the store compares.
    pub(super) version: &'static str,
}

/// The whole program.
pub(super) fn program(flow: &PlannedFlow, shape: &Shape<'_>) -> String {
    let mut maps = Maps::default();
    let command = command(flow, shape, &mut maps);
    let mut out = declared(flow, &maps, "meaning", &command);
    out.push_str(if is_derived(flow) { DERIVED_TAIL } else { TAIL });
    out
}

/// The maps, that of the command among them, and the secret that it hashes with.
pub(super) fn declared(flow: &PlannedFlow, maps: &Maps, what: &str, command: &str) -> String {
    let mut out = maps.text();
    out.push_str(&format!("# a record's {what} for the store; fails where it has none\n"));
    out.push_str("map command {\n");
    out.push_str(&indented(command));
    out.push_str("}\n");
    if row::hashes(flow) {
        out.push_str(
            "# a missing secret is no fault of the record: it fails out here and is tried again, so that nothing is hashed without it\n",
        );
        out.push_str("let salt = env(\"DIAC_HASH_SALT\").not_empty()\n");
    }
    out
}

/// Bytes are parsed here and not by the input, for numbers must stay digits: as floats, positions above 2^53 would be others.
const TAIL: &str = r#"# a bare tombstone has no version: the delete before it had one
let tombstone = metadata("kafka_tombstone_message").or("false").string() == "true"
let command = if $tombstone { null } else {
  content().string().parse_json(use_number: true).apply("command").catch(err -> {"poison": err.string()})
}
meta command = if $command.poison == null { $command } else { deleted() }
meta poison = $command.poison.or(deleted())
root = if $tombstone { deleted() } else { content() }
"#;

/// The same for rows that an engine writes: a bare tombstone is the delete, and its offset the version.
const DERIVED_TAIL: &str = r#"let tombstone = metadata("kafka_tombstone_message").or("false").string() == "true"
let command = (if $tombstone { {} } else { content().string().parse_json(use_number: true) }).apply("command").catch(err -> {"poison": err.string()})
meta command = if $command.poison == null { $command } else { deleted() }
meta poison = $command.poison.or(deleted())
root = content()
"#;

fn is_derived(flow: &PlannedFlow) -> bool {
    matches!(flow.feed, Feed::Rows(_))
}

/// What a record is, as `$delete` and `$row`.
fn record(flow: &PlannedFlow) -> &'static str {
    if is_derived(flow) { DERIVED } else { ENVELOPE }
}

const ENVELOPE: &str = r#"# the envelope may have its schema around it
let event = this.payload.or(this)
let delete = $event.op == "d"
let row = match {
  $delete => $event.before.not_null(),
  ["c", "u", "r"].contains($event.op) => $event.after.not_null(),
  _ => throw("operation %v is none of a row's".format($event.op))
}
"#;

const DERIVED: &str = r#"# a row, or its bare key where it is gone
let delete = metadata("kafka_tombstone_message").or("false").string() == "true"
let row = if $delete { metadata("kafka_key").not_null().string().parse_json(use_number: true) } else { this }
"#;

fn command(flow: &PlannedFlow, shape: &Shape<'_>, maps: &mut Maps) -> String {
    let mut out = String::new();
    out.push_str(record(flow));
    out.push_str(&format!("let id = {}\n", row::identity(flow, maps)));
    if let Some(longest) = shape.longest_id {
        out.push_str(&format!(
            "let _ = if $id == \"\" || $id.bytes().length() > {longest} {{ throw(\"the store takes identities of 1 to {longest} bytes, this one has %v\".format($id.bytes().length())) }}\n"
        ));
    }
    out.push_str(&version(flow));
    out.push_str(&row::guards(flow, maps));
    out.push_str(&kept(flow, maps));
    let body = row::body(&flow.columns, shape.form, maps);
    out.push_str("let body = if $put {\n");
    out.push_str(&indented(&format!("{body}.format_json(no_indent: true, escape_html: false).string()\n")));
    out.push_str("} else { \"\" }\n");
    out.push_str(&format!(
        "root = {{\"op\": if $put {{ \"put\" }} else {{ \"del\" }}, \"id\": $id, \"version\": {}, \"body\": $body}}\n",
        shape.version
    ));
    out
}

/// The version of the row: the position in the source's log, with the epoch in front.
fn version(flow: &PlannedFlow) -> String {
    if is_derived(flow) {
        return "# one writer, one partition a key: the later record is the newer row\nlet version = metadata(\"kafka_offset\").not_null().string().int64() + 1\n".to_owned();
    }
    let (before, position) = match flow.position() {
        Position::Lsn => (String::new(), "$event.source.lsn.not_null().int64()"),
        Position::Binlog => (binlog(), "$place"),
    };
    if flow.epoch() == 0 {
        return format!("{before}let version = {position}\n");
    }
    let base = flow.epoch().saturating_mul(1 << 56);
    format!(
        "{before}# epoch {} in front of the position: {} * 2^56\nlet version = {position} + {base}\n",
        flow.epoch(),
        flow.epoch()
    )
}

/// The number of the file, then the row's place in it; what does not fit stops the view, since it would order rows wrongly in silence.
fn binlog() -> String {
    format!(
        "# the place in the binlog as one number: the file's number, then the event's position and the row's place in the event\n\
         let log_file = $event.source.file.not_null().re_find_object(\"[.](?P<number>[0-9]+)$\").number.re_replace_all(\"^0+\", \"\")\n\
         let log_file = if $log_file == \"\" {{ 0 }} else {{ $log_file.int64() }}\n\
         let log_row = $event.source.pos.not_null().int64() + $event.source.row.not_null().int64()\n\
         let _ = if $log_file > {} || $log_row < 0 || $log_row >= {places} {{ throw(\"the place %v, %v in the binlog has no number\".format($log_file, $log_row)) }}\n\
         let place = $log_file * {places} + $log_row\n",
        Position::last_file(),
        places = 1_u64 << PLACE_BITS,
    )
}

fn kept(flow: &PlannedFlow, maps: &mut Maps) -> String {
    if flow.filters.is_empty() {
        return "let put = !$delete\n".to_owned();
    }
    let truth = filter::truth(&flow.filters, &flow.filter_arrivals, maps);
    format!(
        "{}let put = if $delete {{ false }} else {{ {truth} == true }}\n",
        comment("a row the view leaves out is deleted, with its version; only true keeps it")
    )
}

/// Two blanks before each line that has something.
pub(super) fn indented(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for line in text.lines() {
        if !line.is_empty() {
            out.push_str("  ");
            out.push_str(line);
        }
        out.push('\n');
    }
    out
}
