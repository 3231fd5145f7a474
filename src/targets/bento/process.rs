//! A process as a stream: events in, the events they cause out, in the order of each partition.
//!
//! INVARIANT: an offset is acknowledged when all that its record causes is written by all replicas. A record that cannot be understood stops the process:
//! nothing behind it is written, and nothing is skipped. After a crash some events are written again, with the same key and the same values.

use crate::plan::Deployment;
use crate::plan::Stream;
use crate::plan::encoding::{FormId, HEADER};
use crate::plan::processes::{PlannedEmit, PlannedProcess};

use super::bloblang::{comment, literal, literals};
use super::mapping::indented;
use super::maps::Maps;
use super::yaml::{Node, field};
use super::{filter, made};

/// The stream's file.
pub(super) fn file(
    deployment: &Deployment,
    process: &PlannedProcess,
    stream: &Stream,
    emits: &[PlannedEmit],
) -> String {
    let process_name = &process.name;
    let names: Vec<&str> = process.inputs.iter().map(|id| deployment.form(*id).name.as_str()).collect();
    let into: Vec<&str> = process.emits().into_iter().map(|id| deployment.form(id).name.as_str()).collect();
    let processors = vec![
        Node::map().noted(
            "mapping",
            Node::Block(program(deployment, process, emits)),
            "What a record causes, in one pure step.",
        ),
        Node::map().with("unarchive", Node::map().with("format", Node::plain("json_array"))),
        Node::map().noted(
            "mapping",
            Node::Block(ADDRESS.to_owned()),
            "A record that says nothing stops all that came with it, so that nothing overtakes it.",
        ),
        count(process_name),
    ];
    Node::map()
        .with("input", input(deployment, process, stream))
        .with(
            "pipeline",
            Node::map()
                .noted("threads", Node::plain(stream.threads), "one, so that the order of a partition stays")
                .with("processors", Node::List(processors)),
        )
        .with("output", output(deployment))
        .file(&format!("Process {process_name}: from {} to {}", names.join(", "), into.join(", ")))
}

/// What a made event becomes as a message. Only the header that names it travels with it.
const ADDRESS: &str = r#"let stop = json("poison").from_all().filter(reason -> reason != null).index(0).catch(null)
meta = {
  "event": this.event.or(deleted()),
  "to_topic": this.topic.or(deleted()),
  "to_key": this.key.or(deleted()),
  "poison": this.poison.or(deleted()),
  "stop": $stop.or(deleted()),
  "kafka_topic": @kafka_topic,
  "kafka_partition": @kafka_partition,
  "kafka_offset": @kafka_offset
}
root = if this.poison == null { this.body } else { "" }
"#;

fn brokers(deployment: &Deployment) -> Node {
    Node::List(deployment.log.bootstrap.iter().map(Node::env).collect())
}

/// One batch of a partition at a time: the defaults of input and output change the order (tried: facts/runners 8).
fn input(deployment: &Deployment, process: &PlannedProcess, stream: &Stream) -> Node {
    let mut topics: Vec<&str> = Vec::new();
    for id in &process.inputs {
        let name = deployment.topic(deployment.form(*id).topic).name.as_str();
        if !topics.contains(&name) {
            topics.push(name);
        }
    }
    let kafka = Node::map()
        .with("addresses", brokers(deployment))
        .with("topics", Node::List(topics.into_iter().map(Node::text).collect()))
        .with("consumer_group", Node::text(&stream.group))
        .with("commit_period", Node::plain("1s"))
        .noted(
            "group",
            Node::map()
                .with("session_timeout", Node::plain("6s"))
                .with("heartbeat_interval", Node::plain("2s"))
                .with("rebalance_timeout", Node::plain("10s")),
            "after a kill the others take over within seconds",
        )
        .noted("checkpoint_limit", Node::plain(1), "one batch of a partition at a time, so that its order stays")
        .with(
            "batching",
            Node::map()
                .with("count", Node::plain(200))
                .with("byte_size", Node::plain(500_000))
                .with("period", Node::plain("50ms")),
        );
    Node::map().with("kafka", kafka)
}

fn output(deployment: &Deployment) -> Node {
    let kafka = Node::map()
        .with("addresses", brokers(deployment))
        .with("topic", Node::text_in_field("${! metadata(\"to_topic\") }"))
        .with("key", Node::text_in_field("${! metadata(\"to_key\").or(\"\") }"))
        .noted(
            "partitioner",
            Node::plain("murmur2_hash"),
            "as Kafka's own producers do: one key, one partition, whoever writes",
        )
        .with("ack_replicas", Node::plain(true))
        .with("idempotent_write", Node::plain(true))
        .noted(
            "max_in_flight",
            Node::plain(1),
            "with `retry_as_batch`: a batch that fails is written again before any other",
        )
        .with("retry_as_batch", Node::plain(true))
        .with("backoff", Node::map().with("max_elapsed_time", Node::plain("0s")))
        .with("metadata", Node::map().with("exclude_prefixes", Node::List(HIDDEN.iter().map(Node::plain).collect())));
    let cases = vec![
        Node::map().with("check", Node::plain("'errored() || @stop != null'")).with(
            "output",
            Node::map().with("reject", Node::text_in_field("stopped: ${! metadata(\"stop\").or(error()) }")),
        ),
        Node::map().with("output", Node::map().with("kafka", kafka)),
    ];
    Node::map().with("switch", Node::map().with("cases", Node::List(cases)))
}

/// What no reader of the events is to see.
const HIDDEN: &[&str] = &["to_topic", "to_key", "poison", "stop", "kafka_"];

fn count(process: &str) -> Node {
    let counter = |name: &str| {
        let labels = Node::map()
            .with("process", Node::text(&field(process)))
            .with("event", Node::text_in_field("${! metadata(\"event\").or(\"none\") }"));
        Node::map().with(
            "metric",
            Node::map().with("type", Node::plain("counter")).with("name", Node::plain(name)).with("labels", labels),
        )
    };
    let fields = format!(
        "root.process = {}\nroot.reason = @poison\nroot.topic = @kafka_topic\nroot.partition = @kafka_partition\nroot.offset = @kafka_offset\n",
        literal(process)
    );
    let log = Node::map().with(
        "log",
        Node::map()
            .with("level", Node::plain("ERROR"))
            .with("message", Node::text("a record says nothing the process understands; it stops here"))
            .with("fields_mapping", Node::Block(fields)),
    );
    let case = |check: Option<&str>, processors: Vec<Node>| {
        Node::map().with_some("check", check.map(Node::plain)).with("processors", Node::List(processors))
    };
    Node::map().with(
        "switch",
        Node::List(vec![
            case(Some("'@poison != null'"), vec![log, counter("process_poison")]),
            case(Some("'@stop == null'"), vec![counter("process_made")]),
        ]),
    )
}

/// The whole program: an array of what the record causes.
pub(super) fn program(deployment: &Deployment, process: &PlannedProcess, emits: &[PlannedEmit]) -> String {
    let mut maps = Maps::default();
    let mut own = String::new();
    for id in &process.inputs {
        own.push_str(&of_input(deployment, *id, emits, &mut maps));
    }
    let mut out = maps.text();
    out.push_str(&own);
    out.push_str(&dispatch(deployment, process));
    out.push_str(TAIL);
    out
}

/// Bytes are parsed here and not by the input, for numbers must stay digits.
const TAIL: &str = r#"let tombstone = metadata("kafka_tombstone_message").or("false").string() == "true"
let all = if $tombstone { [{"poison": "a record without a value is no event"}] } else {
  content().string().parse_json(use_number: true).apply("made").catch(err -> [{"poison": err.string()}])
}
root = if $all.length() == 0 { deleted() } else { $all }
"#;

fn map_name(at: FormId) -> String {
    format!("of_{}", at.0)
}

/// What records of one event cause.
fn of_input(deployment: &Deployment, id: FormId, emits: &[PlannedEmit], maps: &mut Maps) -> String {
    let form = deployment.form(id);
    let (mut singles, mut names) = (String::new(), Vec::new());
    for (at, emit) in emits.iter().filter(|emit| emit.from == id).enumerate() {
        let into = deployment.form(emit.into);
        let value = made::object(emit, &into.name, maps);
        let key = made::key(into, maps).unwrap_or_else(|| "null".to_owned());
        let body = format!(
            "let value = {value}\nroot = {{\n  \"topic\": {},\n  \"event\": {},\n  \"key\": {key},\n  \"body\": $value.format_json(no_indent: true, escape_html: false).string()\n}}\n",
            literal(&deployment.topic(into.topic).name),
            literal(&into.name),
        );
        let single = format!("{}_{at}", map_name(id));
        // A map of its own, so that a condition that does not hold leaves the values alone.
        let whole = format!("map {single} {{\n  let row = this\n{}}}\n", indented(&body));
        singles.push_str(&whole);
        names.push(match &emit.when {
            Some(when) => {
                let truth = filter::truth(std::slice::from_ref(when), &emit.arrivals, maps);
                format!("if {truth} == true {{ $row.apply({}) }} else {{ null }}", literal(&single))
            }
            None => format!("$row.apply({})", literal(&single)),
        });
    }
    let list = names.join(",\n    ");
    let list =
        if list.is_empty() { "[]".to_owned() } else { format!("[\n    {list}\n  ].filter(made -> made != null)") };
    let about = comment(&format!("what {} causes", form.name));
    format!("{about}{singles}map {} {{\n  let row = this\n  root = {list}\n}}\n", map_name(id))
}

/// Which event a record is: by its topic, and by its header where several share one.
fn dispatch(deployment: &Deployment, process: &PlannedProcess) -> String {
    let mut out = String::from("map made {\n  let row = this\n");
    out.push_str("  let _ = if $row.type() != \"object\" { throw(\"the value is no JSON object\") }\n");
    out.push_str(&format!("  let name = metadata({})\n", literal(HEADER)));
    out.push_str("  root = match {\n");
    let mut topics: Vec<(&str, Vec<FormId>)> = Vec::new();
    for id in &process.inputs {
        let name = deployment.topic(deployment.form(*id).topic).name.as_str();
        match topics.iter_mut().find(|(topic, _)| *topic == name) {
            Some((_, all)) => all.push(*id),
            None => topics.push((name, vec![*id])),
        }
    }
    for (topic, forms) in &topics {
        let here = format!("@kafka_topic == {}", literal(topic));
        let told = forms.first().is_some_and(|id| deployment.form(*id).told_apart());
        for id in forms {
            let name = literal(&deployment.form(*id).name);
            let missing = if told { "" } else { "$name == null || " };
            out.push_str(&format!(
                "    {here} && ({missing}$name == {name}) => $row.apply({}),\n",
                literal(&map_name(*id))
            ));
        }
        let others: Vec<&str> = forms.first().map_or(Vec::new(), |id| {
            let read: Vec<&str> = forms.iter().map(|id| deployment.form(*id).name.as_str()).collect();
            deployment.form(*id).beside.iter().map(String::as_str).filter(|name| !read.contains(name)).collect()
        });
        if !others.is_empty() {
            out.push_str(&format!("    {here} && {}.contains($name) => [],\n", literals(others)));
        }
    }
    out.push_str(&format!(
        "    $name == null => throw({}),\n",
        literal(&format!("the record has no header `{HEADER}`, and its topic holds several events"))
    ));
    out.push_str("    _ => throw(\"%v is no event of this topic\".format($name))\n  }\n}\n");
    out
}
