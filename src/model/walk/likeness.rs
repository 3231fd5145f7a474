//! Questions about what two declarations have in common: an event that carries an entity's key, two entities with one unique value.

use crate::model::relation::RecordId;
use crate::model::types::Type;
use crate::model::{Column, EntityId, EventId, Model};
use crate::source::Span;

/// Names that say nothing of what they identify.
const GENERIC: &[&str] = &["id", "uuid", "guid", "key", "code", "name", "no", "number", "slug", "title", "ref", "type"];

/// Two entities that share a unique value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alike<'a> {
    /// The column.
    pub column: &'a str,
    /// Where the first entity says that it is unique.
    pub first: Span,
    /// Where the second does.
    pub second: Span,
}

impl Model {
    /// Where an event carries the key of an entity or references it; none where the two have nothing to do with each other.
    #[must_use]
    pub fn carries(&self, event: EventId, entity: EntityId) -> Option<Span> {
        let (found, about) = (self.event(event), self.entity(entity));
        let references =
            |column: &&Column| column.references.as_ref().is_some_and(|to| to.value == Some(RecordId::Entity(entity)));
        if let Some(column) = found.columns.iter().find(references) {
            return Some(column.span);
        }
        let named_after = is_named_after(&found.name, &about.name);
        if found.open {
            return named_after.then_some(found.span);
        }
        if about.key.is_empty() {
            let ends = ["id", "uuid", "key", "no", "number"];
            let key = |column: &&Column| ends.iter().any(|end| is_prefixed(&column.name, &about.name, end));
            return found.columns.iter().find(key).map(|column| column.span);
        }
        let mut first = None;
        for part in &about.key {
            let generic = is_generic(part);
            let ty = about.column(part).map(|column| &column.ty);
            let column = found.columns.iter().find(|column| {
                let same = column.name.eq_ignore_ascii_case(part) && (!generic || named_after);
                // A reference to another record is that one's.
                let other = column.references.as_ref().is_some_and(|to| to.value != Some(RecordId::Entity(entity)));
                (same || is_prefixed(&column.name, &about.name, part))
                    && !other
                    && ty.is_none_or(|ty| are_alike(ty, &column.ty))
            })?;
            first = first.or(Some(column.span));
        }
        first
    }

    /// What two entities in different places have in common: a unique column of one name and type. Names that say nothing (`code`, `slug`) count only where
    /// the entities' own names are alike, and entities of which one references the other are two facts.
    #[must_use]
    pub fn alike(&self, first: EntityId, second: EntityId) -> Option<Alike<'_>> {
        let (a, b) = (self.entity(first), self.entity(second));
        let (mine, theirs) = (self.unique_columns(first), self.unique_columns(second));
        if mine.is_empty() || theirs.is_empty() {
            return None;
        }
        if self.same_place(a.home.system, b.home.system) || self.refers(first, second) || self.refers(second, first) {
            return None;
        }
        let kin = share_a_word(&a.name, &b.name) || share_a_word(&a.home.table, &b.home.table);
        mine.into_iter().find_map(|(column, span)| {
            let (twin, other) = theirs.iter().find(|(name, _)| name.eq_ignore_ascii_case(column))?;
            let types = a.column(column).zip(b.column(twin)).is_none_or(|(a, b)| are_alike(&a.ty, &b.ty));
            (types && (kin || !is_generic(column))).then_some(Alike { column, first: span, second: *other })
        })
    }

    fn refers(&self, from: EntityId, to: EntityId) -> bool {
        let columns = self.entity(from).columns.iter();
        columns.filter_map(|column| column.references.as_ref()).any(|found| found.value == Some(RecordId::Entity(to)))
    }
}

fn is_generic(name: &str) -> bool {
    GENERIC.iter().any(|word| name.eq_ignore_ascii_case(word))
}

/// Whether a column is `order_id` for the entity `order` (or `orders`) and its column `id`.
fn is_prefixed(column: &str, entity: &str, part: &str) -> bool {
    let column = column.to_ascii_lowercase();
    let stem = column.strip_suffix(&part.to_ascii_lowercase()).and_then(|stem| stem.strip_suffix('_'));
    stem.is_some_and(|stem| singular(stem) == singular(&entity.to_ascii_lowercase()))
}

/// Whether an event's name starts or ends with an entity's: `order_placed`, `new_order`.
fn is_named_after(event: &str, entity: &str) -> bool {
    let (event, entity) = (event.to_ascii_lowercase(), entity.to_ascii_lowercase());
    let entity = singular(&entity);
    let stem = |rest: Option<&str>| rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'));
    let end = event.strip_suffix('s').unwrap_or(&event).strip_suffix(entity);
    stem(event.strip_prefix(entity).map(|rest| rest.strip_prefix('s').unwrap_or(rest)))
        || end.is_some_and(|rest| rest.ends_with('_'))
}

fn singular(word: &str) -> &str {
    word.strip_suffix('s').unwrap_or(word)
}

fn share_a_word(a: &str, b: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.to_ascii_lowercase().split('_').map(|word| singular(word).to_owned()).filter(|w| w.len() > 2).collect()
    };
    let theirs = words(b);
    words(a).iter().any(|word| theirs.contains(word))
}

/// Whether a value of one type can be one of the other: whole numbers of any size, texts of any form.
fn are_alike(a: &Type, b: &Type) -> bool {
    let group = |ty: &Type| match ty {
        Type::Smallint | Type::Int | Type::Bigint => 1,
        Type::Text | Type::Uuid | Type::Enum(_) => 2,
        Type::Other(_) => 0,
        Type::Decimal { .. } => 1,
        Type::Float | Type::Double => 3,
        Type::Bool => 4,
        Type::Bytes => 5,
        Type::Date | Type::Timestamp | Type::Datetime | Type::Time | Type::TimeTz | Type::Interval => 6,
        Type::Json => 7,
        Type::Array(_) => 8,
    };
    let (a, b) = (group(a), group(b));
    a == 0 || b == 0 || a == b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_belongs_together() {
        assert!(is_prefixed("order_id", "order", "id"));
        assert!(is_prefixed("Order_ID", "orders", "id"));
        assert!(!is_prefixed("reorder_id", "order", "id"));
        assert!(!is_prefixed("id", "order", "id"));
        assert!(is_named_after("order_placed", "order"));
        assert!(is_named_after("orders_placed", "orders"));
        assert!(is_named_after("new_order", "order"));
        assert!(!is_named_after("ordering_changed", "order"));
        assert!(!is_named_after("reorder", "order"));
        assert!(share_a_word("crm_customer", "customers"));
        assert!(!share_a_word("brand", "supplier"));
    }
}
