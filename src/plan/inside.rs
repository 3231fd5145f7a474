//! Views that SQL inside their store makes of tables that lie there: which form, of which tables, and what each waits for.

use std::collections::{BTreeMap, BTreeSet};

use super::address::address;
use super::names::cut;
use super::settings::Settings;
use super::topics::Draft;
use super::{Address, Origin, Table, Target, Why, sql_type};
use crate::model::query::{At, Query, Value, ValueKind, What};
use crate::model::relation::{InputId, Nature, RecordId, Role};
use crate::model::types::Type;
use crate::model::walk::causal;
use crate::model::{Model, SystemId, View, ViewId};
use crate::syntax::ast::Claim;
use crate::systems::Kind;

/// A view whose rows SQL inside its store makes.
#[derive(Clone, Debug)]
pub struct Inside {
    /// The view.
    pub view: ViewId,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u64,
    /// The store.
    pub store: SystemId,
    /// The store's name.
    pub store_name: String,
    /// How to reach it; the role in it writes what the view is made of.
    pub address: Address,
    /// Schema.
    pub namespace: String,
    /// The table or view of the result.
    pub table: String,
    /// The columns of the result, in order.
    pub columns: Vec<InsideColumn>,
    /// The tables it is made of, in the order of the view's inputs; the start first.
    pub inputs: Vec<InsideInput>,
    /// The stages over them.
    pub query: Query,
    /// How the result is kept.
    pub form: Form,
    /// Why so.
    pub form_why: Why,
    /// What each row of the start waits for before it is shown.
    pub waits: Vec<Wait>,
}

/// A column of the result.
#[derive(Clone, Debug, PartialEq)]
pub struct InsideColumn {
    /// Its name.
    pub name: String,
    /// The portable type.
    pub ty: Type,
    /// The SQL type.
    pub sql_type: String,
    /// May be null.
    pub nullable: bool,
}

/// A table or view that a view is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct InsideInput {
    /// The name its row goes by in the stages.
    pub row: String,
    /// Schema.
    pub namespace: String,
    /// Table.
    pub table: String,
    /// Names of its key's columns.
    pub key: Vec<String>,
}

/// How the result of SQL inside a store is kept.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// A view: worked out whenever it is read, from what its tables then hold.
    Read,
    /// A table of groups: what a new fact adds to its group is added in the transaction that keeps the fact.
    Kept {
        /// The columns that groups are told apart by.
        by: Vec<String>,
        /// The other columns, each with its aggregate over a row of facts.
        sums: Vec<Kept>,
    },
}

/// A column that is kept up to date by adding.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// The column.
    pub column: String,
    /// `count`, `sum`, `min`, `max` or `avg`.
    pub function: String,
    /// What is added up; none for `count(*)`.
    pub arg: Option<Value>,
}

/// What a row of the start waits for: that the joined row has come as far as its writer had seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Wait {
    /// Number of the joined input.
    pub input: usize,
    /// The start's column that says what was seen.
    pub seen: String,
    /// The joined table's column that counts.
    pub sequence: String,
    /// The joined table's columns that the view's conditions look at, with their SQL types: they must hold of the seen state as well.
    pub judged: Vec<(String, String)>,
    /// The joined key's columns with their SQL types.
    pub key: Vec<(String, String)>,
    /// The table that keeps each state of the joined rows.
    pub history: String,
    /// The promise, for people.
    pub why: Why,
}

/// Plans the views that SQL inside their store makes, each behind those it is made of.
pub(super) fn plan(settings: &mut Settings, draft: &mut Draft) {
    let model = settings.model;
    let mut views: Vec<(ViewId, &View)> =
        model.all_views().filter(|(_, view)| view.inside && !view.incomplete && model.is_wired(view)).collect();
    views.sort_by_key(|(_, view)| (model.views_above(view).len(), &view.name, view.version));
    for (id, view) in views {
        let planned = planned(settings, draft, id, view);
        draft.deployment.inside.extend(planned);
    }
}

fn planned(settings: &mut Settings, draft: &Draft, id: ViewId, view: &View) -> Option<Inside> {
    let model = settings.model;
    let (store, place) = (view.store.as_ref()?.system, view.target.as_ref()?);
    let (query, relation) = (view.query.as_ref()?, view.relation.as_ref()?);
    let columns: Vec<InsideColumn> = relation
        .columns
        .iter()
        .map(|column| InsideColumn {
            name: column.name.clone(),
            ty: column.ty.clone(),
            sql_type: sql_type(Kind::Postgres, &column.ty, None),
            nullable: column.nullable,
        })
        .collect();
    let inputs = inputs(model, draft, id, view, query)?;
    let (form, form_why) = form(model, view, query, &columns);
    let version = if view.version > 1 { format!("_v{}", view.version) } else { String::new() };
    let table = cut(&format!("{}{version}", place.name), 63);
    let waits = waits(model, draft, view, query, &inputs, &table);
    Some(Inside {
        view: id,
        name: view.name.clone(),
        version: view.version,
        store,
        store_name: model.system(store).name.clone(),
        address: address(settings, store)?,
        namespace: place.namespace.clone().unwrap_or_else(|| "public".into()),
        table,
        columns,
        inputs,
        query: query.clone(),
        form,
        form_why,
        waits,
    })
}

/// The table that a view's own or another view's flow fills.
fn filled(draft: &Draft, view: ViewId) -> Option<&Table> {
    let sink = draft.deployment.sinks.iter().find(|sink| sink.view == view)?;
    match &sink.flows.first()?.target {
        Target::Table(table) => Some(table),
        Target::Index(_) | Target::Keyspace(_) | Target::Snowflake(_) => None,
    }
}

fn inputs(model: &Model, draft: &Draft, me: ViewId, view: &View, query: &Query) -> Option<Vec<InsideInput>> {
    let rows = rows(view, query);
    let mut all = Vec::new();
    for (at, input) in view.inputs.iter().enumerate() {
        let row = rows.get(&at).cloned().unwrap_or_default();
        let of_table = |table: &Table| InsideInput {
            row: row.clone(),
            namespace: table.namespace.clone(),
            table: table.name.clone(),
            key: table.key.clone(),
        };
        let found = match (input.what, input.role) {
            (_, Role::Start) if !view.flows.is_empty() => of_table(filled(draft, me)?),
            (InputId::View(above), _) if model.view(above).inside => {
                let made = draft.deployment.inside.iter().find(|made| made.view == above)?;
                let (namespace, table) = (made.namespace.clone(), made.table.clone());
                InsideInput { row, namespace, table, key: Vec::new() }
            }
            (InputId::View(above), _) => of_table(filled(draft, above)?),
            (InputId::Entity(id), _) => {
                let entity = model.entity(id);
                let (namespace, table) = (entity.home.namespace.clone(), entity.home.table.clone());
                InsideInput { row, namespace, table, key: entity.key.clone() }
            }
            (InputId::Event(_), _) => return None,
        };
        all.push(found);
    }
    Some(all)
}

/// The name each input's row goes by.
fn rows(view: &View, query: &Query) -> BTreeMap<usize, String> {
    let mut rows = BTreeMap::new();
    let start = view.inputs.iter().position(|input| input.role == Role::Start).unwrap_or(0);
    rows.extend(query.start.first().map(|column| (start, column.at.row.clone())));
    for stage in &query.stages {
        if let What::Join { input, joined, .. } = &stage.what {
            rows.extend(joined.first().map(|column| (*input, column.at.row.clone())));
        }
    }
    rows
}

/// Sums of facts are kept, everything else is read.
fn form(model: &Model, view: &View, query: &Query, columns: &[InsideColumn]) -> (Form, Why) {
    let read = |note: &str| (Form::Read, Why { origin: Origin::Derived, note: note.to_owned() });
    let groups = query.stages.iter().any(|stage| matches!(stage.what, What::Group { .. }));
    if !groups {
        return read("a view in the store, worked out when it is read: it shows what its tables hold at that moment");
    }
    let facts = view.inputs.first().is_some_and(|start| match start.what {
        InputId::Event(_) => true,
        // Groups of groups change with every fact: nothing can be added to them.
        InputId::View(id) => {
            let above = model.view(id);
            !above.inside && above.relation.as_ref().is_some_and(|relation| relation.nature == Nature::Facts)
        }
        InputId::Entity(_) => false,
    });
    if !facts {
        return read(
            "a view in the store, worked out when it is read: rows that change cannot be added up once and for all",
        );
    }
    match kept(query, columns) {
        Some(form) => (
            form,
            Why {
                origin: Origin::Derived,
                note: "a table in the store: facts stay as they are, so each new one is added to its group, in the transaction that keeps it".into(),
            },
        ),
        None => read("a view in the store, worked out when it is read: adding a fact to its group would not give all of its columns"),
    }
}

/// The groups, where the stages are conditions and columns, then `group by`, then its columns and plain aggregates.
fn kept(query: &Query, columns: &[InsideColumn]) -> Option<Form> {
    let at = query.stages.iter().position(|stage| matches!(stage.what, What::Group { .. }))?;
    let (before, behind) = (query.stages.get(..at)?, query.stages.get(at + 1..)?);
    if before.iter().any(|stage| !matches!(stage.what, What::Where(_) | What::Select(_))) {
        return None;
    }
    let What::Group { by } = &query.stages.get(at)?.what else { return None };
    let select: Vec<(At, Value)> = match behind {
        [] => by.clone(),
        [only] => {
            let What::Select(all) = &only.what else { return None };
            all.clone()
        }
        _ => return None,
    };
    let mut found: Vec<String> = Vec::new();
    let mut sums = Vec::new();
    let mut shown: BTreeSet<usize> = BTreeSet::new();
    for ((_, value), column) in select.iter().zip(columns) {
        if let ValueKind::Aggregate { function, arg } = &value.kind {
            let arg = arg.as_deref().cloned();
            sums.push(Kept { column: column.name.clone(), function: function.clone(), arg });
            continue;
        }
        // A group is found by its columns: all of them must be there, as they are, and never be null.
        let group = by.iter().position(|(_, group)| group.kind == value.kind)?;
        if column.nullable {
            return None;
        }
        shown.insert(group);
        found.push(column.name.clone());
    }
    (shown.len() == by.len() && found.len() == by.len() && !by.is_empty()).then_some(Form::Kept { by: found, sums })
}

/// What the promises `effect after cause` make a row wait for.
fn waits(model: &Model, draft: &Draft, view: &View, query: &Query, inputs: &[InsideInput], table: &str) -> Vec<Wait> {
    let mut all: Vec<Wait> = Vec::new();
    let promises = view.guarantees.iter().filter(|promise| matches!(promise.claim, Claim::After { .. }));
    for promise in promises {
        let [effect, cause] = promise.about.as_slice() else { continue };
        let causes: BTreeSet<RecordId> = model.records_of(cause.value);
        for (at, joined) in view.inputs.iter().enumerate() {
            let (InputId::View(copy), Role::Join { .. }) = (joined.what, joined.role) else { continue };
            let Some(flow) = model.view(copy).flows.first() else { continue };
            if !causes.contains(&flow.record) {
                continue;
            }
            let (Some(sink), Some(input)) = (filled(draft, copy), inputs.get(at)) else { continue };
            let seen = model.records_of(effect.value);
            let seen = seen.into_iter().flat_map(|effect| causal::sees(model, effect, flow.record));
            for (column, sees) in seen {
                let Some(sequence) = flow.columns.iter().find(|kept| kept.source == sees.column) else { continue };
                let typed = |name: &String| {
                    let column = sink.columns.iter().find(|column| column.name == *name)?;
                    Some((name.clone(), column.sql_type.clone()))
                };
                let started = filled_column(draft, view, model, &column.name).unwrap_or_else(|| column.name.clone());
                let suffix = if all.is_empty() { String::new() } else { format!("_{}", all.len() + 1) };
                all.push(Wait {
                    input: at,
                    seen: started,
                    sequence: sequence.name.clone(),
                    judged: judged(query, &input.row).iter().filter_map(typed).collect(),
                    key: sink.key.iter().filter_map(typed).collect(),
                    history: cut(&format!("{table}__history{suffix}"), 63),
                    why: Why {
                        origin: Origin::Stated(promise.span),
                        note: format!(
                            "`{}` says which `{}` of `{}` was seen",
                            column.name,
                            sees.column,
                            model.record_name(sees.record)
                        ),
                    },
                });
            }
        }
    }
    all
}

/// The name of a record's column in the table that the view's own flow fills.
fn filled_column(draft: &Draft, view: &View, model: &Model, source: &str) -> Option<String> {
    let (id, _) = model.all_views().find(|(_, other)| std::ptr::eq(*other, view))?;
    let column = filled(draft, id)?.columns.iter().find(|column| column.source == source)?;
    Some(column.name.clone())
}

/// The columns of a row that the conditions behind its join look at, under whatever names.
fn judged(query: &Query, row: &str) -> Vec<String> {
    let mut names: BTreeSet<String> = BTreeSet::new();
    // What each column is made of, stage by stage.
    let mut made: BTreeMap<At, BTreeSet<At>> = BTreeMap::new();
    let reads = |made: &BTreeMap<At, BTreeSet<At>>, value: &Value| {
        let mut all: BTreeSet<At> = BTreeSet::new();
        value.visit(&mut |part| {
            if let Some(at) = part.column() {
                all.extend(made.get(at).cloned().unwrap_or_else(|| BTreeSet::from([at.clone()])));
            }
        });
        all
    };
    for stage in &query.stages {
        match &stage.what {
            What::Where(value) => {
                names.extend(reads(&made, value).into_iter().filter(|at| at.row == row).map(|at| at.name));
            }
            What::Select(columns) => {
                made = columns.iter().map(|(at, value)| (at.clone(), reads(&made, value))).collect();
            }
            What::Join { .. }
            | What::Nest { .. }
            | What::Window { .. }
            | What::Group { .. }
            | What::Distinct { .. }
            | What::Union { .. }
            | What::KeyBy { .. } => {}
        }
    }
    names.into_iter().collect()
}
