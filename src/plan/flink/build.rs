//! A view's query as steps of a job: where each column goes, what the key is at each point, where of several rows of one key the newest is taken.

use std::collections::{BTreeMap, BTreeSet};

use super::{Column, From, Input, InputColumn, InputForm, Made, Rows, Step};
use crate::model::query::{At, Column as Told, Value, ValueKind};
use crate::model::relation::InputId;
use crate::model::schema::Generated;
use crate::model::types::Type;
use crate::model::{EntityId, EventId, Model, ViewId};
use crate::plan::settings::Settings;
use crate::plan::sources::topic_of;
use crate::plan::topics::Draft;
use crate::source::Span;

/// What a view became.
pub(super) struct Built {
    pub(super) inputs: Vec<Input>,
    pub(super) steps: Vec<Step>,
    pub(super) rows: String,
    pub(super) columns: Vec<Column>,
    pub(super) key: Vec<String>,
}

/// Rows on their way.
#[derive(Clone)]
pub(super) struct Flowing {
    /// The input or step they come from.
    pub(super) name: String,
    /// Their columns, in order.
    pub(super) columns: Vec<Place>,
    /// Columns that are carried and no stage sees: parts of the key, versions, bounds of windows.
    pub(super) hidden: Vec<Place>,
    /// What identifies a row, by the columns' names here.
    pub(super) key: Vec<String>,
    /// What orders two rows of one key.
    pub(super) versions: Vec<String>,
    /// Two rows of one key may be met for a moment: a row has moved between parts of the engine.
    pub(super) loose: bool,
    /// Rows only come.
    pub(super) appends: bool,
    /// Start and end of the window.
    pub(super) window: Option<(String, String)>,
    /// What rows are grouped by, behind `group by`: each value and the column that holds it.
    pub(super) group: Option<Vec<(Value, String)>>,
}

/// A column and its name here.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) at: At,
    pub(super) name: String,
    pub(super) ty: Type,
    pub(super) nullable: bool,
    pub(super) nested: Option<Vec<(String, Type)>>,
}

/// A job in the making.
pub(super) struct Builder<'a, 'd> {
    pub(super) settings: &'a Settings<'a>,
    pub(super) draft: &'d mut Draft,
    pub(super) known: &'a BTreeMap<ViewId, Rows>,
    pub(super) inputs: Vec<Input>,
    pub(super) steps: Vec<Step>,
    names: BTreeSet<String>,
}

pub(super) fn view(settings: &Settings, draft: &mut Draft, id: ViewId, known: &BTreeMap<ViewId, Rows>) -> Built {
    let mut builder = Builder { settings, draft, known, inputs: Vec::new(), steps: Vec::new(), names: BTreeSet::new() };
    let rows = builder.view(id);
    builder.result(rows, id)
}

impl Builder<'_, '_> {
    pub(super) fn model(&self) -> &Model {
        self.settings.model
    }

    /// The rows of a view.
    pub(super) fn view(&mut self, id: ViewId) -> Flowing {
        let view = self.settings.model.view(id);
        let (Some(query), Some(first)) = (&view.query, view.inputs.first()) else { return nothing() };
        let started = self.input(first.what);
        let mut rows = bound(started, &query.start);
        for stage in &query.stages {
            let inputs = view.inputs.iter().map(|input| input.what).collect::<Vec<_>>();
            rows = self.stage(rows, stage, &view.name, &inputs);
        }
        rows
    }

    /// Rows as they come in.
    pub(super) fn input(&mut self, what: InputId) -> Flowing {
        match what {
            InputId::Entity(id) => self.entity(id),
            InputId::Event(id) => self.event(id),
            InputId::View(id) => match self.known.get(&id) {
                Some(rows) => self.topic(id, &rows.clone()),
                None => self.view(id),
            },
        }
    }

    fn entity(&mut self, id: EntityId) -> Flowing {
        let model = self.settings.model;
        let entity = model.entity(id);
        let topic_name = topic_of(self.settings, entity);
        let topic = self.draft.entity_topic(model, id, &topic_name, None);
        let logged = entity.columns.iter().filter(|column| column.generated == Generated::No);
        let columns = logged.map(|column| InputColumn {
            name: column.name.clone(),
            ty: column.ty.clone(),
            nullable: column.nullable,
            wide: column.wide,
        });
        let deleted = entity.deleted_when.as_ref().map(|expr| Value::of_expr(expr, "", entity.span));
        let form = InputForm::Changes { key: entity.key.clone(), deleted };
        let columns = columns.collect();
        self.read(&entity.name, topic, topic_name, form, columns, &entity.key)
    }

    fn event(&mut self, id: EventId) -> Flowing {
        let model = self.settings.model;
        let event = model.event(id);
        let topic = self.draft.event_topic(&event.topic);
        let twins = model.events.iter().filter(|other| other.log == event.log && other.topic == event.topic).count();
        let columns = event.columns.iter().map(|column| InputColumn {
            name: column.name.clone(),
            ty: column.ty.clone(),
            nullable: column.nullable,
            wide: false,
        });
        let form = InputForm::Facts { event: (twins > 1).then(|| event.name.clone()) };
        let columns = columns.collect();
        self.read(&event.name, topic, event.topic.clone(), form, columns, &event.key)
    }

    fn topic(&mut self, id: ViewId, rows: &Rows) -> Flowing {
        let name = self.model().view(id).name.clone();
        let columns: Vec<InputColumn> = rows
            .columns
            .iter()
            .map(|column| InputColumn {
                name: column.name.clone(),
                ty: if column.nested.is_some() { Type::Json } else { column.ty.clone() },
                nullable: column.nullable,
                wide: false,
            })
            .collect();
        let form = InputForm::Rows { key: rows.key.clone() };
        let mut flowing = self.read(&name, rows.topic, rows.topic_name.clone(), form, columns, &rows.key);
        for (place, column) in flowing.columns.iter_mut().zip(&rows.columns) {
            place.nested.clone_from(&column.nested);
        }
        flowing
    }

    fn read(
        &mut self,
        name: &str,
        topic: crate::plan::TopicId,
        topic_name: String,
        form: InputForm,
        columns: Vec<InputColumn>,
        key: &[String],
    ) -> Flowing {
        let same = |input: &&Input| {
            let (InputForm::Facts { event: mine }, InputForm::Facts { event }) = (&input.form, &form) else {
                return input.topic == topic;
            };
            input.topic == topic && mine == event
        };
        let appends = matches!(form, InputForm::Facts { .. });
        let found = self.inputs.iter().find(same).map(|input| (input.name.clone(), input.version.clone()));
        let (name, version) = found.unwrap_or_else(|| {
            let taken = |name: &str| columns.iter().any(|column| column.name == name);
            let version = free("__version", taken);
            let name = self.name(name);
            let (name_, version_) = (name.clone(), version.clone());
            let columns = columns.clone();
            self.inputs.push(Input { name: name_, topic, topic_name, form, columns, version: version_ });
            (name, version)
        });
        let places = columns.into_iter().map(|column| Place {
            at: At::new("", &column.name),
            name: column.name,
            ty: column.ty,
            nullable: column.nullable,
            nested: None,
        });
        let hidden =
            Place { at: At::new("", &version), name: version.clone(), ty: Type::Bigint, nullable: false, nested: None };
        Flowing {
            name,
            columns: places.collect(),
            hidden: vec![hidden],
            key: key.to_vec(),
            versions: vec![version],
            loose: false,
            appends,
            window: None,
            group: None,
        }
    }

    /// A name for rows that no other rows have.
    pub(super) fn name(&mut self, wanted: &str) -> String {
        let name = free(wanted, |name| self.names.contains(name));
        self.names.insert(name.clone());
        name
    }

    /// Adds a step.
    pub(super) fn step(
        &mut self,
        of: &str,
        about: &str,
        columns: Vec<(String, Made)>,
        from: From,
        filter: Option<Value>,
    ) -> String {
        let name = self.name(of);
        let step = Step { name: name.clone(), about: about.to_owned(), columns, from, filter, group: Vec::new() };
        self.steps.push(step);
        name
    }

    /// The result of a job: one row a key, the view's columns, and those of the key that the view does not show.
    fn result(mut self, mut rows: Flowing, id: ViewId) -> Built {
        let name = self.model().view(id).name.clone();
        if rows.loose {
            rows = self.newest(rows, &name);
        }
        let mut columns: Vec<Column> = Vec::new();
        let mut made: Vec<(String, Made)> = Vec::new();
        let mut key = Vec::new();
        for place in &rows.columns {
            columns.push(Column {
                name: place.at.name.clone(),
                ty: place.ty.clone(),
                nullable: place.nullable && !rows.key.contains(&place.name),
                nested: place.nested.clone(),
                hidden: false,
            });
            made.push((place.at.name.clone(), Made::Value(place.value(""))));
        }
        for part in &rows.key {
            if let Some(shown) = rows.columns.iter().find(|place| place.name == *part) {
                key.push(shown.at.name.clone());
                continue;
            }
            let Some(place) = rows.hidden.iter().find(|place| place.name == *part) else { continue };
            let name = free(&place.at.name, |name| columns.iter().any(|column| column.name == name));
            made.push((name.clone(), Made::Value(place.value(""))));
            key.push(name.clone());
            columns.push(Column { name, ty: place.ty.clone(), nullable: false, nested: None, hidden: true });
        }
        let from = From::One(rows.name.clone());
        let name = self.step(&name, "the view's columns", made, from, None);
        Built { inputs: self.inputs, steps: self.steps, rows: name, columns, key }
    }

    /// Of several rows of one key the newest.
    pub(super) fn newest(&mut self, rows: Flowing, of: &str) -> Flowing {
        let columns = rows.everything();
        let order = if rows.versions.is_empty() { rows.key.clone() } else { rows.versions.clone() };
        let from = From::Newest { of: rows.name.clone(), key: rows.key.clone(), order };
        let about = "a row that moves between parts of the engine is met twice for a moment: the newest counts";
        let name = self.step(of, about, columns, from, None);
        Flowing { name, loose: false, appends: false, ..rows }
    }
}

impl Flowing {
    /// All columns as they are.
    pub(super) fn everything(&self) -> Vec<(String, Made)> {
        self.all().map(|place| (place.name.clone(), Made::Value(place.value("")))).collect()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Place> {
        self.columns.iter().chain(&self.hidden)
    }

    /// A value over the columns' names here, which stand in that row of a step.
    pub(super) fn here(&self, value: &Value, row: &str) -> Value {
        let mut value = value.clone();
        value.rename(&|at| {
            let place = self.columns.iter().find(|place| place.at == *at);
            At::new(row, place.map_or(at.name.as_str(), |place| place.name.as_str()))
        });
        value
    }

    /// Whether a name is taken here.
    pub(super) fn takes(&self, name: &str) -> bool {
        self.all().any(|place| place.name == name)
    }
}

impl Place {
    /// Its value, in that row of a step.
    pub(super) fn value(&self, row: &str) -> Value {
        Value {
            kind: ValueKind::Column(At::new(row, &self.name)),
            ty: if self.nested.is_some() { Type::Json } else { self.ty.clone() },
            nullable: self.nullable,
            span: Span::NOWHERE,
        }
    }
}

/// Rows under the names that stages know them by.
pub(super) fn bound(rows: Flowing, told: &[Told]) -> Flowing {
    let columns = told.iter().filter_map(|told| {
        let place = rows.columns.iter().find(|place| place.at.name == told.at.name)?;
        Some(Place { at: told.at.clone(), ..place.clone() })
    });
    let mut bound = Flowing { columns: columns.collect(), ..rows.clone() };
    // What no stage sees may still be part of the key.
    for place in rows.columns {
        if rows.key.contains(&place.name) && !bound.takes(&place.name) {
            bound.hidden.push(place);
        }
    }
    bound
}

/// A name that is not taken: with a number behind it, if need be.
pub(super) fn free(wanted: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(wanted) {
        return wanted.to_owned();
    }
    let mut number = 2;
    loop {
        let name = format!("{wanted} {number}");
        if !taken(&name) {
            return name;
        }
        number += 1;
    }
}

fn nothing() -> Flowing {
    Flowing {
        name: String::new(),
        columns: Vec::new(),
        hidden: Vec::new(),
        key: Vec::new(),
        versions: Vec::new(),
        loose: false,
        appends: false,
        window: None,
        group: None,
    }
}

/// Whether two values are the same, wherever they are written.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    fn bare(value: &Value) -> Value {
        let mut value = value.clone();
        value.unplace();
        value
    }
    bare(a) == bare(b)
}
