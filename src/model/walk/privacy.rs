//! Where personal data goes: through expressions, through what processes emit, into what a view keeps.

use std::collections::{BTreeMap, BTreeSet};

use super::identity::{Cause, given};
use crate::model::relation::{RecordId, Term};
use crate::model::{EventId, Model, View};
use crate::source::Span;

/// Words of what shows an outcome and not the value.
const HIDING: &[&str] = &[
    "mask",
    "count",
    "is null",
    "is not null",
    "=",
    "<>",
    "<",
    "<=",
    ">",
    ">=",
    "in",
    "not in",
    "like",
    "not like",
    "and",
    "or",
    "not",
];

/// Columns of events that hold personal data because a process fills them with it, with the place where it does.
pub type Filled = BTreeMap<(EventId, String), Span>;

/// A value in a view that shows personal data.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Its name in the view.
    pub name: String,
    /// Where it is selected; none where it only names the row.
    pub selected: Option<Span>,
    /// It names the row, and stays in clear.
    pub key: bool,
    /// The columns it shows: their names, and where each is said to be personal.
    pub sources: Vec<(String, Span)>,
}

/// What processes fill with personal data, through any number of them.
#[must_use]
pub fn filled(model: &Model) -> Filled {
    let mut filled = Filled::new();
    loop {
        let before = filled.len();
        for process in model.processes.iter() {
            for emit in &process.emits {
                // What foreign code fills is not seen.
                if emit.columns.is_none() && process.run.is_some() {
                    continue;
                }
                let cause = Cause { process, emit };
                for into in
                    model.record_columns(RecordId::Event(emit.event)).iter().filter(|column| column.pii.is_none())
                {
                    let Some(term) = given(model, &cause, &into.name) else { continue };
                    if !shown_by(model, &term, &filled).is_empty() {
                        let listed = emit.columns.iter().flatten().find(|made| made.name == into.name);
                        let at = listed.map_or(emit.span, |made| made.span);
                        filled.entry((emit.event, into.name.clone())).or_insert(at);
                    }
                }
            }
        }
        if filled.len() == before {
            return filled;
        }
    }
}

/// The columns of records whose personal values a term shows: name, and the place that says so.
#[must_use]
pub fn shown_by(model: &Model, term: &Term, filled: &Filled) -> Vec<(String, Span)> {
    match term {
        Term::Column(read) => {
            let declared = model.record_column(read.record, &read.column).and_then(|column| column.pii);
            let span = declared.or_else(|| match read.record {
                RecordId::Event(id) => filled.get(&(id, read.column.clone())).copied(),
                RecordId::Entity(_) => None,
            });
            span.map(|span| (read.column.clone(), span)).into_iter().collect()
        }
        Term::Literal(_) => Vec::new(),
        Term::Apply(word, _) if HIDING.contains(&word.as_str()) => Vec::new(),
        Term::Apply(_, terms) => {
            let mut all: Vec<(String, Span)> = Vec::new();
            for found in terms.iter().flat_map(|term| shown_by(model, term, filled)) {
                if !all.contains(&found) {
                    all.push(found);
                }
            }
            all
        }
    }
}

/// What a view keeps that shows personal data: its columns, and its key even where that is no column. One list for each table.
#[must_use]
pub fn shown(model: &Model, view: &View, filled: &Filled) -> Vec<Vec<Shown>> {
    let Some(relation) = &view.relation else { return of_flows(model, view) };
    let key: BTreeSet<&Term> = relation.key.iter().collect();
    let mut all = Vec::new();
    for column in &relation.columns {
        let sources = shown_by(model, &column.term, filled);
        if sources.is_empty() {
            continue;
        }
        let own = column.term.column().is_some_and(|read| {
            model.record_column(read.record, &read.column).is_some_and(|found| found.span == column.span)
        });
        all.push(Shown {
            name: column.name.clone(),
            selected: (!own).then_some(column.span),
            key: key.contains(&column.term),
            sources,
        });
    }
    for part in &relation.key {
        let there = relation.columns.iter().any(|column| column.term == *part);
        // A masked key identifies nothing, which is told there.
        let masked = relation.columns.iter().any(|column| {
            column.mask.is_some() && matches!(&column.term, Term::Apply(_, of) if of.first() == Some(part))
        });
        let sources = shown_by(model, part, filled);
        if let (Some((name, _)), false) = (sources.first(), there || masked) {
            all.push(Shown { name: name.clone(), selected: None, key: true, sources });
        }
    }
    vec![all]
}

fn of_flows(model: &Model, view: &View) -> Vec<Vec<Shown>> {
    // A view of a view of a whole system keeps what that keeps.
    let above = view.upstream.iter().map(|id| model.view(*id)).find(|above| above.whole_system.is_some());
    let flows = if view.flows.is_empty() {
        above.map_or(view.flows.as_slice(), |above| above.flows.as_slice())
    } else {
        &view.flows
    };
    flows
        .iter()
        .map(|flow| {
            let personal = flow.columns.iter().filter(|column| column.pii);
            personal
                .filter_map(|column| {
                    let source = model.record_column(flow.record, &column.source)?;
                    Some(Shown {
                        name: column.name.clone(),
                        selected: (source.span != column.span).then_some(column.span),
                        key: model.record_key(flow.record).contains(&source.name),
                        sources: vec![(source.name.clone(), source.pii.unwrap_or(source.span))],
                    })
                })
                .collect()
        })
        .collect()
}

/// Columns of a record that are personal: name, and the place that says so.
#[must_use]
pub fn personal(model: &Model, record: RecordId, filled: &Filled) -> Vec<(String, Span)> {
    model
        .record_columns(record)
        .iter()
        .flat_map(|column| shown_by(model, &super::identity::own(record, &column.name), filled))
        .collect()
}
