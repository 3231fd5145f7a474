//! `diac explain` and `diac rules`: the registry of rules, for people and for tools.

use serde::Serialize;

use super::args::{Explain, Listing, Rules};
use super::{Exit, UsageError, console};
use crate::diag::Severity;
use crate::rules::{self, Rule};
use crate::syntax::suggest::nearest;

/// Prints a rule's page.
pub(super) fn explain(args: &Explain) -> Result<Exit, UsageError> {
    let name = args.rule.as_deref().unwrap_or_default();
    let Some(rule) = rules::named(name) else {
        let hint = match nearest(name, rules::ALL.iter().map(|rule| rule.name)) {
            Some(other) => format!("did you mean `{other}`?"),
            None => "`diac rules` lists them".to_owned(),
        };
        return Err(UsageError(format!("there is no rule `{name}`; {hint}")));
    };
    console::out(&format!("{} · {}\n{}\n\n{}\n", rule.name, facts(rule), rule.title, page(rule)))?;
    Ok(Exit::Clean)
}

/// The page without the blank that stands before every line of a doc comment.
fn page(rule: &Rule) -> String {
    let lines = rule.page.trim_end().lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

fn facts(rule: &Rule) -> String {
    // Warnings and advice always yield; of errors, those whose rule says so.
    let waivable = if rule.waivable || rule.severity != Severity::Error { "can be waived" } else { "never waived" };
    format!("{}, {waivable}, since {}", rule.severity.word(), rule.since)
}

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    severity: &'static str,
    waivable: bool,
    title: &'a str,
    since: &'a str,
}

/// Lists the rules.
pub(super) fn rules(args: &Rules) -> Result<Exit, UsageError> {
    if args.format == Listing::Json {
        let rows: Vec<Row> = rules::ALL
            .iter()
            .map(|rule| Row {
                name: rule.name,
                severity: rule.severity.word(),
                waivable: rule.waivable || rule.severity != Severity::Error,
                title: rule.title,
                since: rule.since,
            })
            .collect();
        console::out(&crate::output::json(&rows))?;
        return Ok(Exit::Clean);
    }
    let width = rules::ALL.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
    let lines =
        rules::ALL.iter().map(|rule| format!("{:width$}  {:7}  {}\n", rule.name, rule.severity.word(), rule.title));
    console::out(&lines.collect::<String>())?;
    Ok(Exit::Clean)
}
