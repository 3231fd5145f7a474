//! What the rows of views are: `tests/relations/<case>.dia` beside `<case>.expected`, which is blessed with `UPDATE_EXPECT=1` and read by people.
//!
//! For each view: what a row stands for, its key and routing, and each column with its type and where its value comes from.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::fmt::Write as _;
use std::path::Path;

use diac::model::relation::{InputId, Nature, RecordId, Relation, Role, Term};
use diac::model::{Model, View};

#[test]
fn rows_of_views_are_what_people_read() {
    let mut wrong = Vec::new();
    let mut cases = 0;
    for entry in std::fs::read_dir("tests/relations").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "dia") {
            continue;
        }
        cases += 1;
        let found = dump(path.to_str().unwrap());
        let expected = path.with_extension("expected");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&expected, &found).unwrap();
        }
        let meant = std::fs::read_to_string(&expected).unwrap_or_default();
        if meant != found {
            let diff = similar::TextDiff::from_lines(&meant, &found).unified_diff().to_string();
            wrong.push(format!("{}\n{diff}", path.display()));
        }
    }
    assert!(cases >= 8, "{cases} cases only");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn dump(path: &str) -> String {
    let inputs = diac::cli::load::load(&[path.to_owned()]).unwrap_or_else(|error| panic!("{}", error.0));
    let resolved = diac::model::resolve::resolve(&inputs);
    let model = &resolved.model;
    let mut text = String::new();
    for view in &model.views {
        let version = if view.version > 1 { format!(" version {}", view.version) } else { String::new() };
        writeln!(text, "{}{version}", view.name).unwrap();
        let Some(relation) = &view.relation else {
            writeln!(text, "  nothing is known\n").unwrap();
            continue;
        };
        rows(model, view, relation, &mut text);
    }
    for process in &model.processes {
        writeln!(text, "process {}", process.name).unwrap();
        for emit in &process.emits {
            writeln!(text, "  emits {}", model.event(emit.event).name).unwrap();
            for column in emit.columns.iter().flatten() {
                let (ty, null) = (column.ty.word(), if column.nullable { "?" } else { "" });
                writeln!(text, "    {} {ty}{null} <- {}", column.name, term(model, &column.term)).unwrap();
            }
            if let Some(when) = &emit.when {
                writeln!(text, "    when {}", term(model, when)).unwrap();
            }
        }
        text.push('\n');
    }
    let mut findings: Vec<_> = inputs.diagnostics.iter().chain(&resolved.diagnostics).collect();
    findings.retain(|finding| !finding.rule.ends_with("_not_built"));
    for finding in findings {
        let line = inputs.sources.positions(finding.primary.span).0.line;
        writeln!(text, "line {line}: {}: {}", finding.rule, finding.message).unwrap();
    }
    text
}

fn rows(model: &Model, view: &View, relation: &Relation, text: &mut String) {
    let nature = match relation.nature {
        Nature::State => "state",
        Nature::Facts => "facts",
    };
    let inputs: Vec<String> = view
        .inputs
        .iter()
        .map(|input| {
            let name = match input.what {
                InputId::Entity(id) => model.entity(id).name.clone(),
                InputId::Event(id) => model.event(id).name.clone(),
                InputId::View(id) => model.view(id).name.clone(),
            };
            match input.role {
                Role::Start => name,
                Role::Join { left, many, keyed, .. } => format!(
                    "{}join {}{name}{}",
                    if left { "left " } else { "" },
                    if many { "many " } else { "" },
                    if keyed { "" } else { " (several rows)" }
                ),
                Role::Nest => format!("nest {name}"),
                Role::Union => format!("union {name}"),
            }
        })
        .collect();
    writeln!(text, "  {nature} of {}{}", inputs.join(", "), if relation.open { ", columns unknown" } else { "" })
        .unwrap();
    let list = |terms: &[Term]| terms.iter().map(|one| term(model, one)).collect::<Vec<_>>().join(", ");
    writeln!(text, "  key ({})  routed by ({})", list(&relation.key), list(&relation.routing)).unwrap();
    for column in &relation.columns {
        let null = if column.nullable { "?" } else { "" };
        let pii = if column.pii.is_some() { " pii" } else { "" };
        let (ty, from) = (column.ty.word(), term(model, &column.term));
        writeln!(text, "    {} {ty}{null}{pii} <- {from}", column.name).unwrap();
    }
    for promise in &view.guarantees {
        let terms: Vec<Term> = promise.terms.iter().map(|one| one.value.clone()).collect();
        if !terms.is_empty() {
            writeln!(text, "  promises about ({})", list(&terms)).unwrap();
        }
    }
    text.push('\n');
}

fn term(model: &Model, one: &Term) -> String {
    match one {
        Term::Column(column) => {
            let record = match column.record {
                RecordId::Entity(id) => &model.entity(id).name,
                RecordId::Event(id) => &model.event(id).name,
            };
            let joined = if column.joined.is_some() { "+" } else { "" };
            format!("{joined}{record}.{}", column.column)
        }
        Term::Literal(text) => text.clone(),
        Term::Apply(word, terms) => {
            format!("{word}({})", terms.iter().map(|one| term(model, one)).collect::<Vec<_>>().join(", "))
        }
    }
}

#[test]
fn folder_has_no_expectation_without_its_case() {
    for entry in std::fs::read_dir("tests/relations").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "expected") {
            assert!(Path::new(&path.with_extension("dia")).exists(), "{}", path.display());
        }
    }
}
