//! Streams into Redis: one script call a record, which compares and sets.

use crate::plan::{Address, JsonForm, Keyspace, Part, Template};
use crate::targets::redis_script::APPLY;

use super::bloblang::literal;
use super::mapping::{Shape, program};
use super::stream::{Taking, Way};
use super::yaml::Node;

/// The stream's file.
pub(super) fn file(way: &Way<'_>, keyspace: &Keyspace) -> String {
    let form = |name: &str| keyspace.forms.get(name).copied().unwrap_or(JsonForm::AsIs);
    let shape = Shape { form: &form, longest_id: None, version: "\"%020d\".format($version)" };
    let processors = vec![
        Node::map().noted("mapping", Node::Block(program(way.flow, &shape)), PURE),
        Node::map().noted(
            "branch",
            branch(way, keyspace),
            "the record itself stays as it came, for the dead-letter topic or another try",
        ),
    ];
    way.file(Taking::Single, processors, &format!("keys {}:{{…}} of {}", keyspace.prefix, way.sink.store_name))
}

/// Said above the mapping of every stream.
pub(super) const PURE: &str =
    "Decides in one pure step: what fails here can never succeed and is marked with the reason.";

fn branch(way: &Way<'_>, keyspace: &Keyspace) -> Node {
    let keys = format!(
        "let body = {} + @command.id + \"}}\"\nroot = [$body, $body + \":v\"]\n",
        literal(&format!("{}:{{", keyspace.prefix))
    );
    let life = keyspace.expire.unwrap_or(0);
    // Redis takes no life of 0 ms.
    let late = way.sink.late.value.max(1);
    let arguments = format!("root = [@command.op, @command.version, @command.body, \"{late}\", \"{life}\"]\n");
    let mut script = Node::map();
    if let Address::Redis { url } = &way.sink.address {
        script = script.with("url", Node::env(url)).with_some("tls", tls(url));
    }
    script = script
        .with("keys_mapping", Node::Block(keys))
        .with("args_mapping", Node::Block(arguments))
        .with("script", Node::Block(APPLY.to_owned()));
    Node::map()
        .with("request_map", Node::Block("root = if @poison != null { deleted() } else { \"\" }\n".to_owned()))
        .with("processors", Node::List(vec![Node::map().with("redis_script", script)]))
        .with("result_map", Node::Block("meta result = this\n".to_owned()))
}

/// Bento does not take TLS from the address. Where the address is only known at run time, so is this.
fn tls(url: &Template) -> Option<Node> {
    match url.0.first()? {
        Part::Text(text) if text.starts_with("rediss:") => Some(Node::map().with("enabled", Node::plain(true))),
        Part::Text(_) => None,
        Part::Variable(variable) => {
            let switch = format!("${{{}_TLS:false}}", variable.name);
            Some(Node::map().noted("enabled", Node::plain(switch), "Bento does not see it from a rediss:// address"))
        }
    }
}
