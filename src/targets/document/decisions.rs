//! Sections 4 and 5: what the compiler decided and why, what was decided by default, and what rests on somebody's word.

use std::collections::{BTreeMap, BTreeSet};

use super::Context;
use super::words::origin;
use crate::model::Allow;
use crate::plan::{Deployment, Origin, Why};
use crate::profiles::facts::{self, Fact};
use crate::targets::markdown::{Table, code, inline, sentence};
use crate::units::size;

pub fn decisions(cx: &Context) -> String {
    let mut rows = Rows::new(cx);
    for deployment in &cx.plan.deployments {
        for decision in &deployment.decisions {
            rows.add(deployment, (&inline(&decision.subject), ""), inline(&decision.value), &decision.why);
        }
        for source in &deployment.sources {
            if let Some(limit) = &source.slot_limit {
                rows.add(deployment, ("log kept for the slot of", &code(&source.name)), size(limit.value), &limit.why);
            }
            for table in &source.tables {
                if let Some(why) = &table.identity_full {
                    let name = code(&format!("{}.{}", table.namespace, table.table));
                    rows.add(deployment, ("replica identity of", &name), "FULL".into(), why);
                }
                if let Some(why) = &table.reselect {
                    let name = code(&format!("{}.{}", table.namespace, table.table));
                    rows.add(deployment, ("wide values of", &name), "read again from the table".into(), why);
                }
            }
        }
    }
    let (method, table) = (method(cx), rows.table("what was decided", |_| true));
    if table.is_empty() {
        return method;
    }
    format!(
        "{method}Taken by the compiler where the file leaves room. To take another one, state it: the statement wins, and this table then shows its \
         line.\n\n{table}"
    )
}

/// The decisions that shape every pipeline, where this one has a view they are about.
fn method(cx: &Context) -> String {
    if cx.plan.deployments.iter().all(|deployment| deployment.sinks.is_empty()) {
        return String::new();
    }
    let mut table = Table::new(&["decision", "rejected", "because"]);
    table.row([
        "Copies follow the record's change log".into(),
        "services that write both places; jobs that poll".into(),
        "Two writes have no common order and no common failure; a poll misses deletes and commits that come late."
            .into(),
    ]);
    table.row([
        "One path, replayed when a view is made again".into(),
        "a batch path beside the stream".into(),
        "Two programs for one result drift apart; a compacted log can be read from its beginning at any time.".into(),
    ]);
    table.row([
        "Delivery at least once, and writes that carry the record's position".into(),
        "transactions across log and store".into(),
        "No store here shares a transaction with Kafka; a write that refuses what is not newer may be repeated.".into(),
    ]);
    table.or("")
}

pub fn taken_for_granted(cx: &Context) -> String {
    let mut text = String::new();
    let mut nothing: Vec<&str> = Vec::new();
    for (title, part, none) in [
        ("Decided by default", defaults(cx), "every value is stated, follows from another or is needed for safety"),
        ("Raw properties", raw(cx), "no value passes diac unread"),
        ("Accepted risks", risks(cx), "no rule is waived"),
        ("Assumptions", assumptions(cx), "no assumption is stated"),
        ("Facts nobody tested", untested(cx), "every behaviour of the programs that is relied on is held by a test"),
        ("Notes of the compiler", notes(cx), "no warning and no advice stands"),
    ] {
        if part.is_empty() {
            nothing.push(none);
        } else {
            text.push_str(&format!("### {title}\n\n{part}"));
        }
    }
    if nothing.is_empty() { text } else { format!("{text}{}\n\n", sentence(&nothing.join("; "))) }
}

/// A table's text; nothing where it has no row.
fn filled(table: Table) -> String {
    table.or("").trim_start().to_owned()
}

/// Rows of the same value for the same reason are one: over environments and over the objects they are about.
struct Rows<'a, 'b> {
    cx: &'b Context<'a>,
    all: Vec<Row>,
    index: BTreeMap<(String, String, String), usize>,
    /// Values and reasons that another table shows.
    told: BTreeSet<(String, String)>,
}

struct Row {
    kind: String,
    value: String,
    why: Why,
    objects: BTreeSet<String>,
    environments: BTreeSet<String>,
}

/// More objects than this are counted, not named.
const NAMED: usize = 4;

impl Row {
    fn subject(&self) -> String {
        let names: Vec<&str> = self.objects.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
        match names.len() {
            0 => self.kind.clone(),
            1..=NAMED => format!("{} {}", self.kind, names.join(", ")),
            many => format!(
                "{} {many} objects, from {} to {}",
                self.kind,
                names.first().unwrap_or(&""),
                names.last().unwrap_or(&"")
            ),
        }
    }
}

impl<'a, 'b> Rows<'a, 'b> {
    fn new(cx: &'b Context<'a>) -> Self {
        Self { cx, all: Vec::new(), index: BTreeMap::new(), told: BTreeSet::new() }
    }

    /// Kind and object make the subject together: "partitions of" and a topic.
    fn add(&mut self, deployment: &Deployment, (kind, object): (&str, &str), value: String, why: &Why) {
        if self.told.contains(&(value.replace('`', ""), why.note.clone())) {
            return;
        }
        let key = (kind.to_owned(), value.clone(), why.note.clone());
        let at = *self.index.entry(key).or_insert(self.all.len());
        if at == self.all.len() {
            let (objects, environments) = (BTreeSet::new(), BTreeSet::new());
            self.all.push(Row { kind: kind.to_owned(), value, why: why.clone(), objects, environments });
        }
        if let Some(row) = self.all.get_mut(at) {
            row.objects.insert(object.to_owned());
            row.environments.insert(deployment.name.clone());
        }
    }

    fn table(&self, heading: &str, test: impl Fn(&Why) -> bool) -> String {
        let every = self.cx.plan.deployments.len();
        let mut table = Table::new(&[heading, "value", "why", "by", "in"]);
        // One subject's rows of several environments stand together.
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for (at, row) in self.all.iter().enumerate() {
            kinds.entry(&row.kind).or_insert(at);
        }
        let mut sorted: Vec<&Row> = self.all.iter().filter(|row| test(&row.why)).collect();
        sorted.sort_by_key(|row| kinds.get(row.kind.as_str()));
        for row in sorted {
            let names: Vec<&str> = row.environments.iter().map(String::as_str).collect();
            let place = if names.len() == every { "all".into() } else { names.join(", ") };
            table.row([
                row.subject(),
                row.value.clone(),
                sentence(&inline(&row.why.note)),
                origin(self.cx, &row.why),
                place,
            ]);
        }
        filled(table)
    }
}

fn defaults(cx: &Context) -> String {
    let mut rows = Rows::new(cx);
    for deployment in &cx.plan.deployments {
        rows.told =
            deployment.decisions.iter().map(|decision| (decision.value.clone(), decision.why.note.clone())).collect();
        for source in &deployment.sources {
            rows.add(deployment, ("role of", &code(&source.name)), code(&source.role.value), &source.role.why);
        }
        for topic in &deployment.topics {
            let name = code(&topic.name);
            rows.add(deployment, ("partitions of", &name), topic.partitions.value.to_string(), &topic.partitions.why);
            for (key, value) in &topic.config {
                rows.add(deployment, (&format!("{} of", code(key)), &name), code(&value.value), &value.why);
            }
        }
        for connector in deployment.connectors() {
            let name = code(&connector.name);
            rows.add(deployment, ("tasks of", &name), connector.tasks.value.to_string(), &connector.tasks.why);
            for (key, property) in connector.config.iter().filter(|(key, _)| *key != "tasks.max") {
                if let Some(value) = property.value.literal() {
                    rows.add(deployment, (&format!("{} of", code(key)), &name), code(&value), &property.why);
                }
            }
        }
    }
    let table = rows.table("what", |why| why.origin == Origin::Default);
    if table.is_empty() {
        return table;
    }
    format!("Beside the decisions above, nobody stated these; diac chose them. Each can be stated.\n\n{table}")
}

fn raw(cx: &Context) -> String {
    let mut rows = Rows::new(cx);
    for deployment in &cx.plan.deployments {
        for connector in deployment.connectors() {
            for (key, property) in connector.config.iter().filter(|(_, property)| property.raw) {
                let value = property.value.render(|variable| format!("${{{}}}", variable.name));
                let subject = (&*format!("{} of", code(key)), &*code(&connector.name));
                rows.add(deployment, subject, code(&value), &property.why);
            }
        }
        for (_, _, stream) in deployment.streams() {
            let why = Why { origin: Origin::Derived, note: "given as `raw`".into() };
            for (path, value) in &stream.raw {
                rows.add(deployment, (&format!("{} of stream", code(path)), &code(&stream.id)), code(value), &why);
            }
        }
    }
    rows.table("property", |_| true)
}

fn risks(cx: &Context) -> String {
    let mut table = Table::new(&["rule", "reason", "until", "where", "what it covers"]);
    for allow in &cx.model.allows {
        let until = allow.until.as_ref().map_or("no end".into(), |until| until.value.clone());
        let covered = covered(cx, allow);
        let covered = if covered.is_empty() { "nothing any more".into() } else { covered.join("; ") };
        table.row([code(&allow.rule), inline(&allow.because), until, cx.at(allow.span), covered]);
    }
    filled(table)
}

/// The findings a waiver covers: those of its rule with its reason that label something in its declaration.
fn covered(cx: &Context, allow: &Allow) -> Vec<String> {
    cx.findings
        .iter()
        .filter(|finding| {
            finding.rule == allow.rule && finding.waived.as_ref().is_some_and(|waived| waived.reason == allow.because)
        })
        .filter(|finding| {
            std::iter::once(&finding.primary).chain(&finding.labels).any(|label| allow.reaches(label.span))
        })
        .map(|finding| format!("{} ({})", inline(&finding.message), cx.at(finding.primary.span)))
        .collect()
}

fn assumptions(cx: &Context) -> String {
    let mut list: Vec<String> = Vec::new();
    let sources: BTreeSet<&str> = cx
        .plan
        .deployments
        .iter()
        .flat_map(|deployment| &deployment.sources)
        .map(|source| source.name.as_str())
        .collect();
    for name in sources {
        list.push(format!(
            "Positions in the log of {} only rise. After a restore, or a failover to a replica that lacked the last commits, they may not, and stores \
             would refuse what is new as old: the runbook tells what to do before captures start again.",
            code(name)
        ));
    }
    if cx.plan.deployments.iter().any(|deployment| !deployment.topics.is_empty()) {
        list.push("Nobody but these files changes the topics: another number of partitions moves keys, and shorter retention loses deletes.".into());
    }
    if cx.model.services.is_empty() {
        list.push("Nothing but what is shown here writes the stores. No service is declared, so who writes the records is not known.".into());
    } else if !cx.model.entities.is_empty() || !cx.model.events.is_empty() {
        list.push(
            "The services named in section 1 are all that write. diac sees files, not databases: a job nobody declared is in no table here.".into(),
        );
    }
    if cx.model.entities.iter().any(|entity| entity.open) {
        list.push("Where an entity's columns are not known, everything passes: no type, key or personal datum in it was checked.".into());
    }
    let mut text = stated(cx);
    for line in &list {
        text.push_str(&format!("- {line}\n"));
    }
    if !list.is_empty() {
        text.push('\n');
    }
    text
}

/// What these files rest on and no test of a real program holds.
fn untested(cx: &Context) -> String {
    let used: Vec<&Fact> =
        facts::ALL.iter().filter(|fact| cx.plan.deployments.iter().any(|it| fact.of.is_used_by(it))).collect();
    let mut table = Table::new(&["program", "is taken to do"]);
    for fact in used.iter().filter(|fact| !fact.is_verified()) {
        table.row([fact.of.name().into(), fact.says.into()]);
    }
    let table = filled(table);
    if table.is_empty() {
        return table;
    }
    let held = used.iter().filter(|fact| fact.is_verified()).count();
    format!(
        "These files rest on {} behaviours of the programs around them. {held} are held by tests that run the real program (`plugins.md` names each); these are \
         read and not run.\n\n{table}",
        used.len()
    )
}

/// `assume … because` of every declaration.
fn stated(cx: &Context) -> String {
    let model = cx.model;
    let systems = model.systems.iter().map(|system| (&system.name, &system.assumes));
    let events = model.events.iter().map(|event| (&event.name, &event.assumes));
    let views = model.views.iter().map(|view| (&view.name, &view.assumes));
    let processes = model.processes.iter().map(|process| (&process.name, &process.assumes));
    let mut table = Table::new(&["assumed", "of", "because", "where"]);
    for (name, assumes) in systems.chain(events).chain(views).chain(processes) {
        for assume in assumes {
            table.row([code(&assume.what), code(name), inline(&assume.because), cx.at(assume.span)]);
        }
    }
    filled(table)
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
    filled(table)
}
