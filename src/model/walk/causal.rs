//! What one record knows of another: common logs, and what was seen.

use std::collections::BTreeSet;

use super::identity::{key, named, roots_of};
use super::order::{routing, topic};
use crate::model::relation::{InputId, RecordId, Role, Term};
use crate::model::{Column, Model, Sees, Sequence};

/// Whether two records are events of one topic.
#[must_use]
pub fn one_topic(model: &Model, a: RecordId, b: RecordId) -> bool {
    use super::order::Topic;
    match (topic(model, a), topic(model, b)) {
        (Topic::Named(log, one), Topic::Named(other_log, other)) => one == other && model.same_place(log, other_log),
        (Topic::Of(one), Topic::Of(other)) => one == other,
        (Topic::Named(..), Topic::Of(_)) | (Topic::Of(_), Topic::Named(..)) => false,
    }
}

/// Whether two records have one order for each identity they share: one topic, and partitions by one function of the same.
#[must_use]
pub fn one_log(model: &Model, a: RecordId, b: RecordId) -> bool {
    if !one_topic(model, a, b) {
        return false;
    }
    let (one, other) = (routing(model, a), routing(model, b));
    !one.is_empty()
        && one.len() == other.len()
        && one.iter().zip(&other).all(|(one, other)| alike(model, one, other, false))
}

/// Whether two terms are one function, of columns that stand for the same. A column alone has to say so, by its name or by what it references; within a
/// function (`pair(user_a, user_b)`, `pair(sender, recipient)`) the function says it, and types have to agree.
fn alike(model: &Model, a: &Term, b: &Term, within: bool) -> bool {
    match (a, b) {
        (Term::Column(a), Term::Column(b)) => {
            let (Some(one), Some(other)) =
                (model.record_column(a.record, &a.column), model.record_column(b.record, &b.column))
            else {
                return a.column == b.column;
            };
            let references = |column: &Column| column.references.as_ref().and_then(|found| found.value);
            match (references(one), references(other)) {
                (Some(one), Some(other)) => one == other,
                _ => one.ty == other.ty && (within || one.name == other.name),
            }
        }
        (Term::Literal(a), Term::Literal(b)) => a == b,
        (Term::Apply(word, one), Term::Apply(other_word, other)) => {
            word == other_word
                && one.len() == other.len()
                && one.iter().zip(other).all(|(a, b)| alike(model, a, b, true))
        }
        _ => false,
    }
}

/// The columns of a record that say what of another one was seen.
#[must_use]
pub fn sees(model: &Model, effect: RecordId, cause: RecordId) -> Vec<(&Column, &Sees)> {
    let seen =
        model.record_columns(effect).iter().filter_map(|column| Some((column, column.sees.as_ref()?.value.as_ref()?)));
    seen.filter(|(_, sees)| sees.record == cause).collect()
}

/// The columns that a seen number counts for.
#[must_use]
pub fn scope(model: &Model, sees: &Sees) -> Vec<String> {
    let column = model.record_column(sees.record, &sees.column);
    match column.and_then(|column| column.sequence.as_ref()).map(|sequence| &sequence.value) {
        Some(Sequence::Column(name)) => vec![name.clone()],
        Some(Sequence::Key) | None => key(model, sees.record).to_vec(),
    }
}

/// What a record lacks to find again what it has seen.
#[must_use]
pub fn missing(model: &Model, record: RecordId, sees: &Sees) -> Vec<String> {
    let scope = scope(model, sees);
    let counted = model.record_column(sees.record, &sees.column).is_some_and(|column| column.sequence.is_some());
    if !counted || super::identity::is_open(model, record) || joined(model, record, sees.record) {
        return Vec::new();
    }
    let (cause, _) = named(model, sees.record);
    let refers = model
        .record_columns(record)
        .iter()
        .any(|column| column.references.as_ref().is_some_and(|found| found.value == Some(sees.record)));
    if scope.len() == 1 && refers {
        return Vec::new();
    }
    let names: BTreeSet<&str> = model.record_columns(record).iter().map(|column| column.name.as_str()).collect();
    let has = |part: &String| names.contains(part.as_str()) || names.contains(format!("{cause}_{part}").as_str());
    scope.into_iter().filter(|part| !has(part)).collect()
}

/// Whether some view joins the two by the whole key.
fn joined(model: &Model, effect: RecordId, cause: RecordId) -> bool {
    model.views.iter().any(|view| {
        let start = view.inputs.iter().any(|input| {
            matches!(input.role, Role::Start | Role::Union) && roots_of(model, input.what).contains(&effect)
        });
        let by_key = |input: &crate::model::relation::Input| {
            let keyed = matches!(input.role, Role::Join { keyed: true, .. });
            keyed
                && match input.what {
                    InputId::Entity(_) | InputId::Event(_) | InputId::View(_) => {
                        roots_of(model, input.what).contains(&cause)
                    }
                }
        };
        start && view.inputs.iter().any(by_key)
    })
}
