//! How events stand in the log: what every producer must write and every reader may expect, decided once.

use super::settings::Settings;
use super::topics::Draft;
use super::values::written;
use super::{Arrival, Deployment, TopicId, TopicRole};
use crate::model::relation::Term;
use crate::model::types::Type;
use crate::model::{Event, EventId};

/// The header that says which event a record is.
pub const HEADER: &str = "event";

/// Index of an event's form in [`Deployment::events`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FormId(pub usize);

/// How the records of one event stand in its topic.
#[derive(Clone, Debug, PartialEq)]
pub struct EventForm {
    /// The event.
    pub event: EventId,
    /// Its name, which is also the value of the header [`HEADER`].
    pub name: String,
    /// The topic.
    pub topic: TopicId,
    /// All events of the topic, by name. Where there are several the header is required.
    pub beside: Vec<String>,
    /// How the value is written.
    pub format: Format,
    /// What routes it: the parts of the record's key, in order. Empty: records carry no key, and go to any partition.
    pub key: Vec<KeyPart>,
    /// What the value holds; empty where nobody says.
    pub fields: Vec<Field>,
}

/// How a record's value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object in UTF-8, a member a column, no schema around it.
    Json,
}

/// A part of a record's key.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyPart {
    /// The text of a column's value.
    Column(String),
    /// The smaller and the larger of two columns' values, joined by `:`; of numbers by their size, else by their texts.
    Pair(String, String, Type),
    /// An expression that producers work out themselves.
    Other(Term),
}

/// A member of the value.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The column's name.
    pub name: String,
    /// The portable type.
    pub ty: Type,
    /// May be null, or missing.
    pub nullable: bool,
    /// What a record without it counts as.
    pub default: Option<String>,
    /// How the value is written.
    pub arrival: Arrival,
    /// Documentation.
    pub docs: Vec<String>,
}

impl EventForm {
    /// Whether records must say by the header which event they are.
    #[must_use]
    pub fn told_apart(&self) -> bool {
        self.beside.len() > 1
    }

    /// The member of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

impl Deployment {
    /// The form of that id.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "ids are made by this deployment's planner")]
    pub fn form(&self, id: FormId) -> &EventForm {
        &self.events[id.0]
    }

    /// The form of an event; none for one of another log.
    #[must_use]
    pub fn form_of(&self, event: EventId) -> Option<FormId> {
        self.events.iter().position(|form| form.event == event).map(FormId)
    }
}

/// Decides the form of every event whose topic is planned, by topic and then by name.
pub(super) fn plan(settings: &Settings, draft: &mut Draft) {
    let model = settings.model;
    let mut forms = Vec::new();
    for (at, topic) in draft.deployment.topics.iter().enumerate() {
        let TopicRole::Event(first) = topic.role else { continue };
        let log = model.event(first).log;
        let mut events: Vec<(EventId, &Event)> = model
            .events
            .iter()
            .enumerate()
            .filter(|(_, event)| event.log == log && event.topic == topic.name)
            .map(|(at, event)| (EventId(at), event))
            .collect();
        events.sort_by_key(|(_, event)| &event.name);
        let beside: Vec<String> = events.iter().map(|(_, event)| event.name.clone()).collect();
        forms.extend(events.into_iter().map(|(id, event)| EventForm {
            event: id,
            name: event.name.clone(),
            topic: TopicId(at),
            beside: beside.clone(),
            format: Format::Json,
            key: event.routing.iter().map(|term| part(event, term)).collect(),
            fields: event.columns.iter().map(field).collect(),
        }));
    }
    draft.deployment.events = forms;
}

fn field(column: &crate::model::Column) -> Field {
    Field {
        name: column.name.clone(),
        ty: column.ty.clone(),
        nullable: column.nullable,
        default: column.default.as_ref().map(|default| default.value.clone()),
        arrival: written(&column.ty),
        docs: column.docs.clone(),
    }
}

fn part(event: &Event, term: &Term) -> KeyPart {
    if let Some(column) = term.column() {
        return KeyPart::Column(column.column.clone());
    }
    if let Term::Apply(word, of) = term
        && word == "pair"
        && let [a, b] = of.as_slice()
        && let (Some(a), Some(b)) = (a.column(), b.column())
    {
        let ty = event.column(&a.column).map_or(Type::Text, |column| column.ty.clone());
        return KeyPart::Pair(a.column.clone(), b.column.clone(), ty);
    }
    KeyPart::Other(term.clone())
}

/// The least and the largest whole number of a type.
#[must_use]
pub fn whole_range(ty: &Type) -> (i64, i64) {
    if *ty == Type::Smallint {
        (i64::from(i16::MIN), i64::from(i16::MAX))
    } else if *ty == Type::Int {
        (i64::from(i32::MIN), i64::from(i32::MAX))
    } else {
        (i64::MIN, i64::MAX)
    }
}
