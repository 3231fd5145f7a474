//! Events, processes and constraints.

use std::collections::BTreeMap;

use super::emits::Parts;
use super::records::member_assume;
use super::scope::Scope;
use super::stages::{Row, of_record};
use super::{Context, Named, member_allow};
use crate::diag::{Diagnostic, codes};
use crate::model::relation::{RecordId, Term};
use crate::model::{
    Constraint, ConstraintId, ConstraintRule, Emit, Event, EventId, Outbox, Process, ProcessId, Retain, ViewId, Volume,
};
use crate::source::Span;
use crate::syntax::ast::{self, ConstraintStatement, Item, Member, Name, Path, ProcessStatement, Spanned};
use crate::systems::Kind;

/// No view: what processes and constraints look at cannot follow from them.
const NOBODY: ViewId = ViewId(usize::MAX);

impl Context<'_> {
    pub(super) fn declare_event(&mut self, tree: &ast::Event) {
        let id = EventId(self.model.events.len());
        let place = self.system_of(&tree.home);
        let Some((log, rest)) = place else {
            // The name stays known, so that what uses it is not reported as well.
            self.take(&tree.name, Named::Other);
            return;
        };
        if !self.take(&tree.name, Named::Event(id)) {
            return;
        }
        let system = self.model.system(log);
        if system.kind != Kind::Kafka {
            let message =
                format!("an event is recorded in a log, and `{}` is {}", system.name, system.kind.facts().title);
            self.report(
                Diagnostic::new(codes::BAD_VALUE, tree.home.span, message).help(format!(
                    "write `event {} in kafka.{}`, or declare an entity",
                    tree.name.text, tree.name.text
                )),
            );
        } else if rest.is_empty() {
            self.report(Diagnostic::new(codes::BAD_VALUE, tree.home.span, "an event has a topic").help(format!(
                "write `{}.{}`",
                tree.home.text(),
                tree.name.text
            )));
        }
        let topic = super::dotted(rest);
        let columns = self.columns(&tree.members);
        let key = self.declared_key(&tree.members, &columns, false);
        let record = RecordId::Event(id);
        let scope = Scope::of_columns(record, &tree.name.text, &columns);
        let stated: Vec<Option<Term>> =
            tree.partitioned.iter().map(|expr| self.typed(expr, &scope).map(|typed| typed.term)).collect();
        let partitioned = tree.partitioned.first().zip(tree.partitioned.last()).map(|(a, b)| a.span.to(b.span));
        let routing = match partitioned {
            Some(_) => stated.into_iter().flatten().collect(),
            None => key.iter().map(|name| of_record(record, name)).collect(),
        };
        let retain = self.event_members(tree, &columns);
        let outbox = tree.outbox.as_ref().and_then(|path| self.outbox(path));
        self.allows_of(tree.span, tree.members.iter().filter_map(member_allow));
        let assumes = self.assumes(tree.members.iter().filter_map(member_assume));
        self.model.events.push(Event {
            name: tree.name.text.clone(),
            span: tree.name.span,
            log,
            topic,
            home_span: tree.home.span,
            docs: tree.docs.clone(),
            open: columns.is_empty(),
            columns,
            key,
            routing,
            partitioned,
            outbox,
            retain,
            volume: tree.members.iter().find_map(volume),
            assumes,
            scope: tree.span,
        });
    }

    fn outbox(&mut self, path: &Path) -> Option<Outbox> {
        let (system, rest) = self.system_of(path)?;
        let (namespace, table) = self.place(system, rest, path)?;
        Some(Outbox { system, namespace, table, span: path.span })
    }

    fn event_members(&mut self, tree: &ast::Event, columns: &[crate::model::Column]) -> Option<Spanned<Retain>> {
        let mut retain: Option<Spanned<Retain>> = None;
        for member in &tree.members {
            let (span, word) = match member {
                Member::RetainForever(span) => {
                    self.once(retain.as_ref().map(|before| before.span), *span, "`retain`");
                    retain = Some(Spanned { value: Retain::Forever, span: *span });
                    continue;
                }
                Member::Retain(duration) => {
                    self.once(retain.as_ref().map(|before| before.span), duration.span, "`retain`");
                    retain = Some(Spanned { value: Retain::For(duration.value), span: duration.span });
                    continue;
                }
                Member::Unique(names) => {
                    for name in &names.value {
                        self.column_known(name, columns, false);
                    }
                    continue;
                }
                Member::DeletedWhen(expr) => (expr.span, "deleted when"),
                Member::AppendOnly(span) => (*span, "append only"),
                Member::MayTruncate(span) => (*span, "may truncate"),
                Member::Identity(identity) => (identity.span, "identity"),
                _ => continue,
            };
            self.report(
                Diagnostic::new(codes::MISPLACED_STATEMENT, span, format!("`{word}` belongs to an entity"))
                    .here("an event is recorded once and never changes")
                    .help("delete the line"),
            );
        }
        retain
    }

    pub(super) fn processes(&mut self) {
        for (_, item) in self.items() {
            if let Item::Process(tree) = item {
                self.process(tree);
            }
        }
    }

    fn process(&mut self, tree: &ast::Process) {
        let id = ProcessId(self.model.processes.len());
        let allows = tree
            .statements
            .iter()
            .filter_map(|statement| if let ProcessStatement::Allow(allow) = statement { Some(allow) } else { None });
        self.allows_of(tree.span, allows);
        if !self.take(&tree.name, Named::Process(id)) {
            return;
        }
        self.wired = true;
        let (mut inputs, mut row, mut known) = (Vec::new(), None, true);
        for path in &tree.from {
            let Some((what, found)) = self.input(path, NOBODY) else {
                known = false;
                continue;
            };
            inputs.push(Spanned { value: what, span: path.span });
            row = Some(match row {
                None => found,
                Some(before) => side_by_side(before, found),
            });
        }
        let assumed = tree
            .statements
            .iter()
            .filter_map(|statement| if let ProcessStatement::Assume(assume) = statement { Some(assume) } else { None });
        let assumes = self.assumes(assumed);
        let (mut emits, mut run, mut guarantees) = (Vec::new(), None::<Spanned<String>>, Vec::new());
        let foreign = tree.statements.iter().any(|statement| matches!(statement, ProcessStatement::Run(_)));
        let compiled = known && !foreign && self.of_events(&inputs);
        for statement in &tree.statements {
            match statement {
                ProcessStatement::Emit { event, items, when, span } => {
                    let Some(event) = self.event_named(event) else { continue };
                    let own = row.clone().filter(|_| known);
                    let parts = Parts { event, items, when: when.as_ref(), span: *span };
                    emits.push(match own {
                        Some(mut row) => self.emit(&parts, &mut row, compiled.then_some(&inputs)),
                        None => Emit { event, span: *span, columns: None, when: None, made: None },
                    });
                }
                ProcessStatement::Run(image) => {
                    self.once(run.as_ref().map(|before| before.span), image.span, "`run`");
                    run = Some(image.clone());
                }
                ProcessStatement::Guarantee(claim) => {
                    let scope = row.as_ref().map(Row::scope).unwrap_or_default();
                    guarantees.push(self.promise(&claim.value, claim.span, &scope));
                }
                ProcessStatement::Allow(_) | ProcessStatement::Assume(_) => {}
            }
        }
        self.model.processes.push(Process {
            name: tree.name.text.clone(),
            span: tree.name.span,
            docs: tree.docs.clone(),
            inputs,
            emits,
            run,
            guarantees,
            assumes,
            scope: tree.span,
        });
    }

    fn event_named(&mut self, name: &Name) -> Option<EventId> {
        match self.names.get(&name.text).copied() {
            Some((Named::Event(id), _)) => Some(id),
            Some((Named::Other | Named::Unread, _)) => None,
            Some((named, span)) => {
                let finding = named.instead(name, name.span, span, "no event");
                self.report(finding.help("a process emits events"));
                None
            }
            None => {
                let candidates = self.names_of(|named| matches!(named, Named::Event(_)));
                self.unknown(name, codes::UNKNOWN_NAME, "event", candidates);
                None
            }
        }
    }

    pub(super) fn constraints(&mut self) {
        for (_, item) in self.items() {
            if let Item::Constraint(tree) = item {
                self.constraint(tree);
            }
        }
    }

    fn constraint(&mut self, tree: &ast::Constraint) {
        let id = ConstraintId(self.model.constraints.len());
        let allows = tree
            .statements
            .iter()
            .filter_map(|statement| if let ConstraintStatement::Allow(allow) = statement { Some(allow) } else { None });
        self.allows_of(tree.span, allows);
        if !self.take(&tree.name, Named::Constraint(id)) {
            return;
        }
        self.wired = false;
        let Some((on, row)) = self.input(&tree.on, NOBODY) else { return };
        let scope = row.scope();
        let rule = match &tree.rule {
            ast::ConstraintRule::Unique(names) => {
                let mut columns = Vec::new();
                for name in names {
                    let path = Path { parts: vec![name.clone()], span: name.span };
                    columns.extend(self.column_in(&path, &scope).map(|column| column.name));
                }
                ConstraintRule::Unique(columns)
            }
            ast::ConstraintRule::Expr(expr) => match self.condition(expr, &scope) {
                Some(typed) => ConstraintRule::Condition(typed.term),
                None => return,
            },
        };
        let rule_span = match &tree.rule {
            ast::ConstraintRule::Unique(names) => {
                names.first().zip(names.last()).map_or(tree.name.span, |(a, b)| a.span.to(b.span))
            }
            ast::ConstraintRule::Expr(expr) => expr.span,
        };
        let mut constraint = Constraint {
            name: tree.name.text.clone(),
            span: tree.name.span,
            docs: tree.docs.clone(),
            hard: tree.hard,
            on: Spanned { value: on, span: tree.on.span },
            rule,
            rule_span,
            check_every: None,
            compensates: false,
            compensate: None,
            because: None,
            scope: tree.span,
        };
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for statement in &tree.statements {
            match statement {
                ConstraintStatement::CheckEvery(every) => {
                    constraint.check_every = Some(Spanned { value: *every, span: tree.span });
                }
                ConstraintStatement::CompensateWith(name) => {
                    self.once(seen.insert("compensate", name.span), name.span, "`compensate with`");
                    constraint.compensates = true;
                    constraint.compensate =
                        self.event_named(name).map(|event| Spanned { value: event, span: name.span });
                }
                ConstraintStatement::Because(text) => {
                    self.once(seen.insert("because", text.span), text.span, "`because`");
                    constraint.because = Some(text.value.clone());
                }
                ConstraintStatement::Allow(_) => {}
            }
        }
        self.model.constraints.push(constraint);
    }
}

/// `volume …`, where a line says it.
fn volume(member: &Member) -> Option<Volume> {
    let Member::Volume { rows, writes_per_second, largest_row } = member else { return None };
    Some(Volume {
        rows: rows.value,
        writes_per_second: writes_per_second.as_ref().map(|rate| rate.value),
        largest_row: largest_row.as_ref().map(|size| size.value),
    })
}

/// Rows of several inputs: each is reached by its name, a bare name must be one's alone.
fn side_by_side(mut before: Row, other: Row) -> Row {
    before.columns.extend(other.columns);
    before.names.extend(other.names);
    before.computed.extend(other.computed);
    before.open = before.open.or(other.open);
    before.record = None;
    before
}
