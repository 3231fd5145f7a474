//! Streams of facts into PostgreSQL: one call of the table's function a batch, in the order of the log; each record gets its own answer.

use crate::model::expr::Expr;
use crate::plan::{Absent, Address, Facts, Once, PlannedFlow, Table, Template};
use crate::targets::apply::dba_variable;
use crate::targets::sql::facts::{PLACE, function};

use super::bloblang::{access, literal, literals};
use super::mapping;
use super::maps::Maps;
use super::redis::PURE;
use super::row;
use super::search::FAILED;
use super::stream::{Taking, Way};
use super::yaml::Node;

/// The stream's file.
pub(super) fn file(way: &Way<'_>, facts: &Facts, table: &Table) -> String {
    let processors = vec![
        Node::map().noted("mapping", Node::Block(program(way.flow, facts, table)), PURE),
        Node::map().noted(
            "branch",
            branch(way, table),
            "One call for the batch; each record gets its own answer, so that a bad one does not hold up the others.",
        ),
    ];
    let into = format!("table {}.{} of {}", table.namespace, table.name, way.sink.store_name);
    way.file(Taking::InOrder, processors, &into)
}

fn branch(way: &Way<'_>, table: &Table) -> Node {
    let mapping = |text: &str| Node::map().with("mapping", Node::Block(text.to_owned()));
    let stop = way.sink.dead_letters.is_none();
    let sql = Node::map()
        .with("driver", Node::plain("postgres"))
        .noted(
            "dsn",
            dsn(way),
            "TLS unless the store's `sslmode` or the variable says otherwise: the driver knows no \"where the server has it\"",
        )
        .with("query", Node::text(&format!("SELECT {}($1::text, {stop})::text AS answer", function(table))))
        .with("args_mapping", Node::Block("root = [content().string()]\n".to_owned()));
    let steps = vec![
        mapping("meta items = batch_size()\nroot = content()\n"),
        Node::map().with("archive", Node::map().with("format", Node::plain("lines"))),
        Node::map().with("sql_raw", sql),
        Node::map().noted(
            "catch",
            Node::List(vec![mapping(FAILED)]),
            "the call failed as a whole: every record of the batch will be tried again",
        ),
        mapping(JUDGE),
        Node::map().with("unarchive", Node::map().with("format", Node::plain("json_array"))),
    ];
    Node::map()
        .with("request_map", Node::Block(REQUEST.to_owned()))
        .with("processors", Node::List(steps))
        .with("result_map", Node::Block(RESULT.to_owned()))
}

const REQUEST: &str = "root = if @poison != null { deleted() } else { @command.format_json(no_indent: true, escape_html: false).string() }\n";

const JUDGE: &str = "root = if this.type() == \"array\" { this.index(0).answer.parse_json() } else { range(0, @items).map_each(item -> this) }\n";

const RESULT: &str = r#"meta result = this.result.or(deleted())
meta poison = this.poison.or(deleted())
meta retry = this.retry.or(deleted())
meta failed = this.failed.or(deleted())
"#;

/// Words and values, not an address: a password in it needs no escapes but for quotes and backslashes.
fn dsn(way: &Way<'_>) -> Node {
    let Address::Postgres { host, port, database, role, password, sslmode } = &way.sink.address else {
        return Node::text("");
    };
    let mode = match sslmode.as_deref() {
        // The driver knows neither; what they mean is that TLS is used where the server offers it.
        Some("prefer" | "allow") | None => {
            format!("${{{}:require}}", dba_variable(&way.sink.store_name, "SSLMODE"))
        }
        Some(mode) => mode.to_owned(),
    };
    // A backslash before the brace keeps Bento from reading a variable there, and means nothing to the driver.
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('\'', "\\'").replace("${", "$\\{").replace('\n', " ");
    let part = |word: &str, value: &Template| -> Template {
        let mut all = Template::text(format!("{word}='"));
        for part in &value.0 {
            all = match part {
                crate::plan::Part::Text(text) => all.then(quoted(text)),
                crate::plan::Part::Variable(variable) => all.then(Template::variable(variable.clone())),
            };
        }
        all.then("' ")
    };
    let whole = part("host", host)
        .then(part("port", port))
        .then(part("dbname", database))
        .then(part("user", &Template::text(role.clone())))
        .then(part("password", password));
    Node::env_block(&whole, &format!("sslmode='{mode}'"))
}

/// The one pure step: from a record to a line for the function, or the reason why there can be none.
fn program(flow: &PlannedFlow, facts: &Facts, table: &Table) -> String {
    let mut maps = Maps::default();
    let command = command(flow, facts, table, &mut maps);
    let mut out = mapping::declared(flow, &maps, "line", &command);
    let own = literal(&facts.name);
    out.push_str("let event = metadata(\"event\").or(\"\").string()\n");
    let (ours, without) = if facts.shared {
        let without = "if $event == \"\" { {\"poison\": \"the topic holds several events, and no header `event` says which this is\"} } else { ";
        (format!("$event == \"\" || $event == {own}"), without)
    } else {
        (format!("$event == \"\" || $event == {own}"), "")
    };
    let end = if without.is_empty() { "" } else { " }" };
    out.push_str(&format!(
        "# records of other events are for others; a record without a value says nothing\n\
         let mine = ({ours}) && metadata(\"kafka_tombstone_message\").or(\"false\").string() != \"true\"\n\
         let command = if !$mine {{ null }} else {{\n  {without}content().string().parse_json(use_number: true).apply(\"command\").catch(err -> {{\"poison\": err.string()}}){end}\n}}\n\
         meta command = if $command.poison == null {{ $command }} else {{ deleted() }}\n\
         meta poison = $command.poison.or(deleted())\n\
         root = if $mine {{ content() }} else {{ deleted() }}\n"
    ));
    out
}

fn command(flow: &PlannedFlow, facts: &Facts, table: &Table, maps: &mut Maps) -> String {
    let mut out = String::from(
        "let record = if this.type() == \"object\" { this } else { throw(\"the record is no JSON object\") }\n",
    );
    out.push_str("let names = $record.keys()\n");
    let sources = sources(flow, table);
    let nothing = Absent::default();
    let absent = |source: &str| facts.absent.get(source).unwrap_or(&nothing);
    let lines: Vec<String> =
        sources.iter().map(|source| format!("  {}: {}", literal(source), member(source, absent(source)))).collect();
    out.push_str(&format!("let row = {{\n{}\n}}\n", lines.join(",\n")));
    let needed: Vec<&str> = sources.iter().map(String::as_str).filter(|source| !absent(source).nullable).collect();
    if !needed.is_empty() {
        out.push_str(&format!(
            "let lost = $row.key_values().filter(member -> {}.contains(member.key) && member.value == null).map_each(member -> member.key).sort()\n\
             let _ = if $lost.length() > 0 {{ throw(\"the record has no %v\".format($lost.join(\", \"))) }}\n",
            literals(needed.iter().copied())
        ));
    }
    let mut kept: Vec<String> = table
        .columns
        .iter()
        .map(|column| {
            let carried = flow.columns.iter().find(|carried| carried.name == column.name);
            let value = carried.map_or_else(
                || access("row", &column.source),
                |carried| row::value(carried, crate::plan::JsonForm::AsIs, maps),
            );
            format!("    {}: {value}", literal(&column.name))
        })
        .collect();
    if facts.once == Once::Place {
        let [partition, offset] = PLACE.map(|(column, _)| literal(column));
        kept.push(format!("    {partition}: @kafka_partition.number()"));
        kept.push(format!("    {offset}: @kafka_offset.number()"));
    }
    out.push_str(&format!("root = {{\n  \"row\": {{\n{}\n  }}", kept.join(",\n")));
    let looked_at = looked_at(flow);
    if !looked_at.is_empty() {
        let seen: Vec<String> =
            looked_at.iter().map(|source| format!("    {}: {}", literal(source), access("row", source))).collect();
        out.push_str(&format!(",\n  \"seen\": {{\n{}\n  }}", seen.join(",\n")));
    }
    out.push_str("\n}\n");
    out
}

/// What a member of the record is; one that is missing may have an older name or a default.
fn member(source: &str, absent: &Absent) -> String {
    let otherwise = absent.default.as_ref().map_or_else(|| "null".to_owned(), |default| literal(default));
    let old = absent.was.as_ref().map_or_else(
        || otherwise.clone(),
        |was| format!("if $names.contains({}) {{ {} }} else {{ {otherwise} }}", literal(was), access("record", was)),
    );
    format!("if $names.contains({}) {{ {} }} else {{ {old} }}", literal(source), access("record", source))
}

/// The event's columns that are kept or looked at.
fn sources(flow: &PlannedFlow, table: &Table) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let kept = table.columns.iter().filter(|column| {
        // What is kept as null is not read.
        flow.columns.iter().all(|c| c.name != column.name || c.mask != Some(crate::model::Mask::Null))
    });
    for source in kept.map(|column| column.source.clone()).chain(looked_at(flow)) {
        if !all.contains(&source) {
            all.push(source);
        }
    }
    all
}

fn looked_at(flow: &PlannedFlow) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for filter in &flow.filters {
        filter.visit(&mut |expr| {
            if let Expr::Column { name, .. } = expr
                && !all.contains(name)
            {
                all.push(name.clone());
            }
        });
    }
    all
}
