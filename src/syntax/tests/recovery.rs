//! What is left of a text with mistakes: everything but the mistakes.

use crate::source::FileId;
use crate::syntax::ast::{Allow, Item, Member, ViewStatementKind};
use crate::syntax::{Parsed, parse};

fn name(item: &Item) -> &str {
    match item {
        Item::System(system) => &system.name.text,
        Item::Entity(entity) => &entity.name.text,
        Item::Event(event) => &event.name.text,
        Item::View(view) => &view.name.text,
        Item::Process(process) => &process.name.text,
        Item::Service(service) => &service.name.text,
        Item::Constraint(constraint) => &constraint.name.text,
        Item::Environment(environment) => &environment.name.text,
        Item::Pipeline(name) | Item::Secret(name) => &name.text,
        Item::Edition(_) => "edition",
        Item::Import(import) => &import.value,
        Item::Defaults(_) => "defaults",
        Item::Bare(_) => "bare",
    }
}

fn check(text: &str, names: &[&str], findings: &[&str]) -> Parsed {
    let parsed = parse(FileId(0), text);
    let found: Vec<&str> = parsed.ast.items.iter().map(name).collect();
    assert_eq!(found, names, "{text}");
    let at: Vec<&str> =
        parsed.diagnostics.iter().map(|d| text.get(d.primary.span.range()).unwrap_or_default()).collect();
    assert_eq!(at, findings, "{:?}", parsed.diagnostics);
    parsed
}

#[test]
fn a_bad_line_costs_a_line() {
    let text = "service s {\n  writs a\n  reads b\n  emts c\n  team \"T\"\n}\nservice t { reads d }\n";
    let parsed = check(text, &["s", "t"], &["writs", "emts"]);
    assert!(matches!(&parsed.ast.items[0], Item::Service(service) if service.statements.len() == 2));
    assert_eq!(parsed.holes.len(), 2);
}

#[test]
fn a_bad_column_costs_a_finding() {
    let text = "entity e in a.b {\n  id bigint primary key,\n  name text not null,\n  price int\n  no\n}\n";
    let parsed = check(text, &["e"], &["primary key", "not null", ""]);
    let Item::Entity(entity) = &parsed.ast.items[0] else { panic!() };
    // What the edits make of it is there; a column without a type has its name.
    let [Member::Column(id), Member::Column(name), Member::Column(_), Member::Unread { name: no, key: false }] =
        entity.members.as_slice()
    else {
        panic!("{entity:?}")
    };
    assert_eq!((id.name.text.as_str(), id.modifiers.len()), ("id", 1));
    assert_eq!(text.get(name.name.span.range()), Some("name"));
    assert_eq!(no.text, "no");
}

#[test]
fn a_bad_waiver_still_covers() {
    let text = "view v {\n  a | b.c\n  alow x because \"y\"\n}\n";
    let parsed = check(text, &["v"], &["alow"]);
    let Item::View(view) = &parsed.ast.items[0] else { panic!() };
    let [statement] = view.statements.as_slice() else { panic!("{view:?}") };
    assert!(matches!(&statement.kind, ViewStatementKind::Allow(Allow { rule, unread: true, .. }) if rule.text == "x"));
}

#[test]
fn a_bad_stage_costs_a_stage() {
    let text = "view v {\n  a | wher x > 0 | select y | b.c\n  objective fresh within 5s\n}\n";
    let parsed = check(text, &["v"], &["wher"]);
    assert!(matches!(&parsed.ast.items[0], Item::View(view) if view.stages.len() == 2 && view.statements.len() == 1));
}

#[test]
fn a_missing_brace_costs_nothing() {
    let text = "service s {\n  reads a\n\n# Next.\nentity e in a.b {\n  id int key\n\nevent f in a.c\n\nhard constraint c on e: id > 0\n\nview v {\n  e\n  | b.c\n";
    check(text, &["s", "e", "f", "c", "v"], &["{", "{", "{"]);
}

#[test]
fn an_unindented_environment_is_no_mistake() {
    check(
        "environment e {\nsystem s {\na = 1\n}\nview v {\ntasks = 4\n}\nsecret x = env \"X\"\n}\nview v {\na | b.c\n}\n",
        &["e", "v"],
        &[],
    );
}

#[test]
fn a_bad_head_costs_a_declaration_and_keeps_its_name_known() {
    let text = "entity product shop.public.products {\n  id bigint key\n}\n\nenttiy order in a.b {\n  x { y }\n}\nview v {\n  product | b.c\n}\n";
    let parsed = check(text, &["v"], &["shop", "enttiy"]);
    let unread: Vec<&str> = parsed.unread.iter().map(|name| name.text.as_str()).collect();
    assert_eq!(unread, ["product", "order"]);
    assert!(parsed.unread.iter().all(|name| text.get(name.span.range()) == Some(name.text.as_str())));
}

#[test]
fn junk_behind_a_head_costs_its_body() {
    let parsed = check(
        "entity product in a.b frm topic \"x\" {\n  id bigint key\n}\nimport \"x\" as y\n",
        &["x"],
        &["frm", "as"],
    );
    assert_eq!(parsed.unread.len(), 1);
}

#[test]
fn a_brace_too_many_is_one_finding() {
    check(
        "view v {\n  a\n}\n  | b.c\n  objective fresh within 5s\n}\n\nservice s {\n  reads v\n}\n",
        &["v", "s"],
        &["|"],
    );
}

#[test]
fn neighbouring_mistakes_are_two_findings() {
    check("improt \"a\"\nsytem b: kafka\n\nservice s {\n  reads a\n}\n", &["s"], &["improt", "sytem"]);
}

#[test]
fn a_text_that_swallows_a_brace_is_one_finding() {
    check(
        "environment e {\n  system s { host = \"x }\n  system t { host = \"y\" }\n}\nservice s { team \"S }\n\nview v {\n  a | b.c\n}\n",
        &["e", "s", "v"],
        &["\"x }", "\"S }"],
    );
}

#[test]
fn a_pipe_at_the_end_of_each_line_is_one_finding() {
    check("view v {\n  a |\n  where b > 0 |\n  # why\n  c.d\n}\na |\nb\n", &["v", "bare"], &["|", "|"]);
}
