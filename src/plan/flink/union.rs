//! `union`: rows of several inputs, columns by their names.

use super::build::{Builder, Flowing, Place, bound, free};
use super::{From, Made};
use crate::model::query::{At, Column as Told, Value, ValueKind};
use crate::model::relation::InputId;
use crate::model::types::Type;
use crate::source::Span;

impl Builder<'_, '_> {
    pub(super) fn union(&mut self, rows: Flowing, others: &[(InputId, &[Told])], told: &[Told], view: &str) -> Flowing {
        let mut sides = vec![rows];
        for (what, columns) in others {
            let other = self.input(*what);
            sides.push(bound(other, columns));
        }
        let mut branches: Vec<(String, Vec<Made>)> = sides.iter().map(|side| (side.name.clone(), Vec::new())).collect();
        let (mut places, mut names) = (Vec::new(), Vec::new());
        for told in told {
            let name = free(&told.at.name, |name| names.iter().any(|taken| taken == name));
            for (side, (_, made)) in sides.iter().zip(&mut branches) {
                let found = side.columns.iter().find(|place| place.at.name == told.at.name);
                made.push(found.map_or_else(|| Made::Null(told.ty.clone()), |place| widened(place, &told.ty)));
            }
            names.push(name.clone());
            let (at, ty, nullable) = (told.at.clone(), told.ty.clone(), told.nullable);
            places.push(Place { at, name, ty, nullable, nested: None });
        }
        // Keys meet by position; so does what tells versions.
        let (mut hidden, mut key, mut versions) = (Vec::new(), Vec::new(), Vec::new());
        let parts = sides.first().map_or(0, |side| side.key.len());
        for at in 0..parts {
            let of: Vec<Option<&Place>> = sides
                .iter()
                .map(|side| side.key.get(at).and_then(|name| side.all().find(|place| place.name == *name)))
                .collect();
            let Some(Some(first)) = of.first() else { continue };
            let shown = |place: &&Option<&Place>| place.is_some_and(|place| place.at.name == first.at.name);
            let name = names.iter().zip(&places).find(|(_, place)| place.at.name == first.at.name);
            if let (true, Some((name, _))) = (of.iter().all(|place| shown(&place)), name) {
                key.push(name.clone());
                continue;
            }
            let name = free("key", |name| names.iter().any(|taken| taken == name));
            let ty = first.ty.clone();
            for (place, (_, made)) in of.iter().zip(&mut branches) {
                made.push(place.map_or_else(|| Made::Null(ty.clone()), |place| widened(place, &ty)));
            }
            hidden.push(Place { at: At::new("", "key"), name: name.clone(), ty, nullable: false, nested: None });
            names.push(name.clone());
            key.push(name);
        }
        let version = free("__version", |name| names.iter().any(|taken| taken == name));
        for (side, (_, made)) in sides.iter().zip(&mut branches) {
            let found = side.versions.first().and_then(|name| side.all().find(|place| place.name == *name));
            made.push(found.map_or(Made::Null(Type::Bigint), |place| Made::Value(place.value(""))));
        }
        let place =
            Place { at: At::new("", &version), name: version.clone(), ty: Type::Bigint, nullable: true, nested: None };
        hidden.push(place);
        names.push(version.clone());
        versions.push(version);
        let appends = sides.iter().all(|side| side.appends);
        let columns = names.iter().zip(places.iter().chain(&hidden)).map(|(name, place)| {
            let value = Value {
                kind: ValueKind::Column(At::new("", name.as_str())),
                ty: place.ty.clone(),
                nullable: place.nullable,
                span: Span::NOWHERE,
            };
            (name.clone(), Made::Value(value))
        });
        let columns = columns.collect();
        let name = self.step(view, "`union`", columns, From::Union(branches), None);
        Flowing { name, columns: places, hidden, key, versions, loose: true, appends, window: None, group: None }
    }
}

/// A column in the type that all sides have in common.
fn widened(place: &Place, ty: &Type) -> Made {
    let value = place.value("");
    if value.ty == *ty {
        return Made::Value(value);
    }
    let span = value.span;
    Made::Value(Value { nullable: value.nullable, ty: ty.clone(), span, kind: ValueKind::Cast(Box::new(value)) })
}
