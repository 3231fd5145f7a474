//! `diac explain` and `diac rules`: the registry of rules, for people and for tools.

use serde::Serialize;

use super::args::{Explain, Format, Rules};
use super::passes::{RULES, Rule};
use super::{Exit, UsageError, console};
use crate::diag::Severity;
use crate::syntax::suggest::nearest;

/// Prints a rule's page.
pub(super) fn explain(args: &Explain) -> Result<Exit, UsageError> {
    let name = args.rule.as_deref().unwrap_or_default();
    let Some(rule) = RULES.iter().find(|rule| rule.name == name) else {
        let hint = match nearest(name, RULES.iter().map(|rule| rule.name)) {
            Some(other) => format!("did you mean `{other}`?"),
            None => "`diac rules` lists them".to_owned(),
        };
        return Err(UsageError(format!("there is no rule `{name}`; {hint}")));
    };
    let page = rule.page.trim_end();
    console::out(&format!("{} · {}\n{}\n\n{page}\n", rule.name, facts(rule), rule.title))?;
    Ok(Exit::Clean)
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
    if args.format == Format::Json {
        let rows: Vec<Row> = RULES
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
    let width = RULES.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
    let lines = RULES.iter().map(|rule| format!("{:width$}  {:7}  {}\n", rule.name, rule.severity.word(), rule.title));
    console::out(&lines.collect::<String>())?;
    Ok(Exit::Clean)
}
