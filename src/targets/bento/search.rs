//! Streams into a search engine: one bulk request a batch, every item with its version, every item's outcome judged by itself.

use crate::plan::{Address, Index, JsonForm, Part, Template};

use super::bloblang::{inside, literal};
use super::mapping::{Shape, program};
use super::redis::PURE;
use super::stream::{Taking, Way};
use super::yaml::Node;

/// What the engines take as a document's id.
const LONGEST_ID: u32 = 512;

/// The stream's file.
pub(super) fn file(way: &Way<'_>, index: &Index) -> String {
    let form = |name: &str| index.forms.get(name).copied().unwrap_or(JsonForm::AsIs);
    let shape = Shape { form: &form, longest_id: Some(LONGEST_ID), version: "$version" };
    let processors = vec![
        Node::map().noted("mapping", Node::Block(program(way.flow, &shape)), PURE),
        Node::map().noted("branch", branch(way, index), "One request for the batch; each record gets its own item's outcome, so that a bad one does not hold up the others."),
    ];
    way.file(Taking::Batches, processors, &format!("index {} of {}", index.index, way.sink.store_name))
}

fn branch(way: &Way<'_>, index: &Index) -> Node {
    let request = format!(
        "let at = {{\"_index\": {}, \"_id\": @command.id, \"version\": @command.version, \"version_type\": \"external\"}}\n\
         root = match {{\n  @poison != null => deleted(),\n  \
         @command.op == \"del\" => {{\"delete\": $at}}.format_json(no_indent: true).string(),\n  \
         _ => {{\"index\": $at}}.format_json(no_indent: true).string() + \"\\n\" + @command.body\n}}\n",
        literal(&index.index)
    );
    let mapping = |text: &str| Node::map().with("mapping", Node::Block(text.to_owned()));
    let steps = vec![
        mapping("meta items = batch_size()\nroot = content()\n"),
        Node::map().with("archive", Node::map().with("format", Node::plain("lines"))),
        mapping("root = content().string() + \"\\n\"\n"),
        Node::map().with("http", http(way)),
        Node::map().noted(
            "catch",
            Node::List(vec![mapping(FAILED)]),
            "the request failed as a whole: every record of the batch will be tried again",
        ),
        mapping(JUDGE),
        Node::map().with("unarchive", Node::map().with("format", Node::plain("json_array"))),
    ];
    Node::map()
        .with("request_map", Node::Block(request))
        .with("processors", Node::List(steps))
        .with("result_map", Node::Block(RESULT.to_owned()))
}

fn http(way: &Way<'_>) -> Node {
    let Address::Search { urls, user, password } = &way.sink.address else {
        return Node::map();
    };
    let auth = match (user, password) {
        (None, None) => None,
        (user, password) => Some(
            Node::map()
                .with("enabled", Node::plain(true))
                .with_some("username", user.as_ref().map(Node::env))
                .with_some("password", password.as_ref().map(Node::env)),
        ),
    };
    Node::map()
        .with("url", url(urls))
        .with("verb", Node::plain("POST"))
        .with("headers", Node::map().with("Content-Type", Node::plain("application/x-ndjson")))
        .with_some("basic_auth", auth)
        .with("timeout", Node::plain("30s"))
        .with("retries", Node::plain(3))
}

/// One address as it is; of several a random one at each request, so that a dead node is left at the next try.
fn url(urls: &[Template]) -> Node {
    let bulk = |url: &Template| trimmed(url).then("/_bulk");
    if let [only] = urls {
        return Node::env_in_field(&bulk(only));
    }
    let all: Vec<String> = urls
        .iter()
        .map(|url| {
            let pieces: String = bulk(url)
                .0
                .iter()
                .map(|part| match part {
                    Part::Text(text) => inside(text),
                    Part::Variable(variable) => format!("${{{}}}", variable.name),
                })
                .collect();
            format!("\"{pieces}\"")
        })
        .collect();
    let last = urls.len().saturating_sub(1);
    let pick =
        format!("${{! [{}].index(random_int(seed: timestamp_unix_nano(), min: 0, max: {last})) }}", all.join(", "));
    Node::Plain(format!("'{}'", pick.replace('\'', "''")))
}

/// Without slashes at the end.
fn trimmed(url: &Template) -> Template {
    let mut url = url.clone();
    if let Some(Part::Text(text)) = url.0.last_mut() {
        text.truncate(text.trim_end_matches('/').len());
    }
    url
}

pub(super) const FAILED: &str = "root = {\"failed\": error()}\n";

/// One outcome for each item, in the order of the records. A bulk request succeeds even where each of its items failed.
const JUDGE: &str = r#"map outcome {
  let action = this.keys().index(0)
  let item = this.values().index(0)
  let why = $item.error.type.or("") + ": " + $item.error.reason.or("")
  let versions = $why.re_find_all_submatch("version \\[([0-9]+)\\] is higher or equal to the one provided \\[([0-9]+)\\]").index(0).catch(["", "", "?"])
  root = match {
    # what is there is as new, or newer
    $item.status == 409 => {"result": if $versions.index(1) == $versions.index(2) { "duplicate" } else { "stale" }},
    # the document itself is refused, and will be again; a closed index is no fault of the document
    $item.status == 400 && $item.error.type != "index_closed_exception" => {"poison": $why},
    $item.error != null => {"retry": $why},
    # 404: the deleted document was not there; its version is kept all the same
    $action == "delete" && [200, 404].contains($item.status) => {"result": "deleted"},
    [200, 201].contains($item.status) => {"result": "applied"},
    _ => {"retry": "status %v".format($item.status)}
  }
}
root = if this.failed == null { this.items.map_each(item -> item.apply("outcome")) } else { range(0, @items).map_each(item -> this) }
"#;

const RESULT: &str = r#"meta result = this.result.or(deleted())
meta poison = this.poison.or(deleted())
meta retry = this.retry.or(deleted())
meta failed = this.failed.or(deleted())
"#;
