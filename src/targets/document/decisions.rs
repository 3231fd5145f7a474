//! Sections 4 and 5: what the compiler decided and why, what was decided by default, and what rests on somebody's word.

use std::collections::BTreeMap;

use super::Context;
use super::words::origin;
use crate::model::Allow;
use crate::plan::{Connector, Decided, Deployment, Origin, Why};
use crate::targets::markdown::{Table, code, inline, sentence};
use crate::targets::units::{duration, size};

pub fn decisions(cx: &Context) -> String {
    let mut rows = Rows::new(cx);
    for deployment in &cx.plan.deployments {
        for decision in &deployment.decisions {
            rows.add(deployment, inline(&decision.subject), inline(&decision.value), &decision.why);
        }
        for sink in &deployment.sinks {
            let subject = format!("what keeps {}", code(&sink.name));
            rows.add(deployment, subject, super::runner(sink), &sink.runner_why);
            let subject = format!("how long {} remembers what was deleted", code(&sink.name));
            rows.add(deployment, subject, duration(sink.late.value), &sink.late.why);
        }
        for source in &deployment.sources {
            if let Some(limit) = &source.slot_limit {
                rows.add(
                    deployment,
                    format!("log kept for the slot of {}", code(&source.name)),
                    size(limit.value),
                    &limit.why,
                );
            }
            for table in &source.tables {
                if let Some(why) = &table.identity_full {
                    let subject =
                        format!("replica identity of {}", code(&format!("{}.{}", table.namespace, table.table)));
                    rows.add(deployment, subject, "FULL".into(), why);
                }
            }
        }
    }
    format!(
        "## 4. Decisions\n\n\
         Taken by the compiler where the file leaves room. To take another one, state it: the statement wins, and this table then shows its \
         line.\n\n{}",
        rows.table("what was decided", |_| true, "Nothing was left to decide.")
    )
}

pub fn taken_for_granted(cx: &Context) -> String {
    format!(
        "## 5. Taken for granted\n\n### Decided by default\n\n{}### Raw properties\n\n{}### Accepted risks\n\n{}### Assumptions\n\n{}### Notes of \
         the compiler\n\n{}",
        defaults(cx),
        raw(cx),
        risks(cx),
        assumptions(cx),
        notes(cx)
    )
}

/// Rows that are the same in several environments, merged; in order of first appearance.
struct Rows<'a, 'b> {
    cx: &'b Context<'a>,
    all: Vec<Row>,
    index: BTreeMap<(String, String, String), usize>,
}

struct Row {
    subject: String,
    value: String,
    why: Why,
    environments: Vec<String>,
}

impl<'a, 'b> Rows<'a, 'b> {
    fn new(cx: &'b Context<'a>) -> Self {
        Self { cx, all: Vec::new(), index: BTreeMap::new() }
    }

    fn add(&mut self, deployment: &Deployment, subject: String, value: String, why: &Why) {
        let key = (subject.clone(), value.clone(), why.note.clone());
        let at = *self.index.entry(key).or_insert(self.all.len());
        match self.all.get_mut(at) {
            Some(row) if row.environments.contains(&deployment.name) => {}
            Some(row) => row.environments.push(deployment.name.clone()),
            None => {
                self.all.push(Row { subject, value, why: why.clone(), environments: vec![deployment.name.clone()] })
            }
        }
    }

    fn table(&self, heading: &str, test: impl Fn(&Why) -> bool, otherwise: &str) -> String {
        let every = self.cx.plan.deployments.len();
        let mut table = Table::new(&[heading, "value", "why", "by", "in"]);
        for row in self.all.iter().filter(|row| test(&row.why)) {
            let place = if row.environments.len() == every { "all".into() } else { row.environments.join(", ") };
            table.row([
                row.subject.clone(),
                row.value.clone(),
                sentence(&inline(&row.why.note)),
                origin(self.cx, &row.why),
                place,
            ]);
        }
        table.or(otherwise)
    }
}

fn defaults(cx: &Context) -> String {
    let mut rows = Rows::new(cx);
    for deployment in &cx.plan.deployments {
        let log = &deployment.log;
        number(&mut rows, deployment, "partitions of a topic", &log.partitions);
        number(&mut rows, deployment, "replication factor", &log.replication);
        number(&mut rows, deployment, "min.insync.replicas", &log.min_insync);
        for source in &deployment.sources {
            let name = |what: &str| format!("{what} of {}", code(&source.name));
            for (what, value) in [
                ("role", &source.role),
                ("slot", &source.slot),
                ("publication", &source.publication),
                ("topic prefix", &source.prefix),
            ] {
                rows.add(deployment, name(what), code(&value.value), &value.why);
            }
        }
        for topic in &deployment.topics {
            number(&mut rows, deployment, &format!("partitions of {}", code(&topic.name)), &topic.partitions);
            for (key, value) in &topic.config {
                rows.add(deployment, format!("{} of {}", code(key), code(&topic.name)), code(&value.value), &value.why);
            }
        }
        for connector in deployment.connectors() {
            number(&mut rows, deployment, &format!("tasks of {}", code(&connector.name)), &connector.tasks);
            connector_defaults(&mut rows, deployment, connector);
        }
    }
    let table = rows.table(
        "what",
        |why| why.origin == Origin::Default,
        "Nothing: every value is stated, follows from another or is needed for safety.",
    );
    format!("Nobody stated these; diac chose them. Each can be stated.\n\n{table}")
}

fn number<T: ToString>(rows: &mut Rows, deployment: &Deployment, subject: &str, value: &Decided<T>) {
    rows.add(deployment, subject.to_owned(), value.value.to_string(), &value.why);
}

fn connector_defaults(rows: &mut Rows, deployment: &Deployment, connector: &Connector) {
    for (key, property) in &connector.config {
        if let Some(value) = property.value.literal() {
            rows.add(deployment, format!("{} of {}", code(key), code(&connector.name)), code(&value), &property.why);
        }
    }
}

fn raw(cx: &Context) -> String {
    let mut rows = Rows::new(cx);
    for deployment in &cx.plan.deployments {
        for connector in deployment.connectors() {
            for (key, property) in connector.config.iter().filter(|(_, property)| property.raw) {
                let value = property.value.render(|variable| format!("${{{}}}", variable.name));
                rows.add(
                    deployment,
                    format!("{} of {}", code(key), code(&connector.name)),
                    code(&value),
                    &property.why,
                );
            }
        }
        for (_, _, stream) in deployment.streams() {
            let why = Why { origin: Origin::Derived, note: "given as `raw`".into() };
            for (path, value) in &stream.raw {
                rows.add(deployment, format!("{} of stream {}", code(path), code(&stream.id)), code(value), &why);
            }
        }
    }
    rows.table("property", |_| true, "None: no value passes diac unread.")
}

fn risks(cx: &Context) -> String {
    let mut table = Table::new(&["rule", "reason", "until", "where", "what it covers"]);
    for allow in &cx.model.allows {
        let until = allow.until.as_ref().map_or("no end".into(), |until| until.value.clone());
        let covered = covered(cx, allow);
        let covered = if covered.is_empty() { "nothing any more".into() } else { covered.join("; ") };
        table.row([code(&allow.rule), inline(&allow.because), until, cx.at(allow.span), covered]);
    }
    table.or("None: no rule is waived.")
}

/// The findings a waiver covers: those of its rule with its reason that label something in its declaration.
fn covered(cx: &Context, allow: &Allow) -> Vec<String> {
    let inside = |span: crate::source::Span| {
        span.file == allow.scope.file && span.start >= allow.scope.start && span.end <= allow.scope.end
    };
    cx.findings
        .iter()
        .filter(|finding| {
            finding.rule == allow.rule && finding.waived.as_ref().is_some_and(|waived| waived.reason == allow.because)
        })
        .filter(|finding| std::iter::once(&finding.primary).chain(&finding.labels).any(|label| inside(label.span)))
        .map(|finding| format!("{} ({})", inline(&finding.message), cx.at(finding.primary.span)))
        .collect()
}

fn assumptions(cx: &Context) -> String {
    let mut list: Vec<String> = Vec::new();
    let sources: BTreeMap<&str, u64> = cx
        .plan
        .deployments
        .iter()
        .flat_map(|deployment| &deployment.sources)
        .map(|source| (source.name.as_str(), source.epoch))
        .collect();
    for (name, epoch) in sources {
        list.push(format!(
            "Positions in the log of {} only rise. After a restore, or a failover to a replica that lacked the last commits, they may not: raise \
             `epoch` (now {epoch}) before captures start again, or stores refuse what is new as old.",
            code(name)
        ));
    }
    if cx.plan.deployments.iter().any(|deployment| !deployment.topics.is_empty()) {
        list.push("Nobody but these files changes the topics: another number of partitions moves keys, and shorter retention loses deletes.".into());
    }
    if !cx.model.entities.is_empty() {
        list.push(
            "The services named in section 1 are all that write. diac sees files, not databases: a job nobody declared is in no table here.".into(),
        );
    }
    if cx.model.entities.iter().any(|entity| entity.open) {
        list.push("Where an entity's columns are not known, everything passes: no type, key or personal datum in it was checked.".into());
    }
    if list.is_empty() {
        return "None.\n\n".into();
    }
    let mut text = String::new();
    for line in list {
        text.push_str(&format!("- {line}\n"));
    }
    text.push('\n');
    text
}

fn notes(cx: &Context) -> String {
    let mut table = Table::new(&["weight", "rule", "what", "where"]);
    for finding in cx.findings.iter().filter(|finding| finding.waived.is_none()) {
        table.row([
            finding.severity.word().into(),
            code(finding.rule),
            inline(&finding.message),
            cx.at(finding.primary.span),
        ]);
    }
    table.or("None: no warning and no advice stands.")
}
