//! One stage of a view as steps of a job.

use super::build::{Builder, Flowing, Place, bound, free, same};
use super::{From, Made};
use crate::model::query::limits::{equalities, nest_condition};
use crate::model::query::{At, Column as Told, Stage, Value, ValueKind, What};
use crate::model::relation::InputId;
use crate::model::types::Type;
use crate::source::Span;
use crate::syntax::ast::WindowKind;

/// The words of a join.
pub(super) struct Words<'a> {
    pub(super) left: bool,
    pub(super) many: bool,
    pub(super) within: Option<u64>,
    pub(super) on: &'a Value,
}

impl Builder<'_, '_> {
    pub(super) fn stage(&mut self, rows: Flowing, stage: &Stage, view: &str, inputs: &[InputId]) -> Flowing {
        match &stage.what {
            What::Where(condition) => {
                let filter = rows.here(condition, "");
                let from = From::One(rows.name.clone());
                let name = self.step(view, "`where`", rows.everything(), from, Some(filter));
                Flowing { name, ..rows }
            }
            What::Select(all) if rows.group.is_some() => self.aggregate(rows, all, view),
            What::Select(all) => self.select(rows, all, view),
            What::Join { input, left, many, within, joined, on } => {
                let Some(what) = inputs.get(*input) else { return rows };
                let ends = inputs.first().copied().zip(Some(*what));
                let other = self.input(*what);
                let other = bound(other, joined);
                let words = Words { left: *left, many: *many, within: *within, on };
                self.join(rows, other, &words, ends, &stage.columns, view)
            }
            What::Nest { input, into, joined, columns, on } => {
                let Some(what) = inputs.get(*input) else { return rows };
                let other = self.input(*what);
                let other = bound(other, joined);
                self.nest(rows, other, into, columns, (on, joined), view)
            }
            What::Window { kind, on } => self.window(rows, *kind, on, view),
            What::Group { by } => self.group(rows, by, view),
            What::Distinct { by } => self.distinct(rows, by, view),
            What::Union { inputs: added } => {
                let others = added.iter().filter_map(|(at, told)| Some((*inputs.get(*at)?, told.as_slice())));
                let others = others.collect::<Vec<_>>();
                self.union(rows, &others, &stage.columns, view)
            }
            What::KeyBy { by } => self.key_by(rows, by, view),
        }
    }

    fn select(&mut self, rows: Flowing, all: &[(At, Value)], view: &str) -> Flowing {
        let (mut columns, mut places) = (Vec::new(), Vec::new());
        for (at, value) in all {
            let here = rows.here(value, "");
            let name = free(&at.name, |name| places.iter().any(|place: &Place| place.name == name));
            let from = here.column().and_then(|from| rows.columns.iter().find(|place| place.name == from.name));
            let nested = from.and_then(|place| place.nested.clone());
            places.push(Place {
                at: at.clone(),
                name: name.clone(),
                ty: here.ty.clone(),
                nullable: here.nullable,
                nested,
            });
            columns.push((name, Made::Value(here)));
        }
        self.carried(rows, columns, places, view, "`select`")
    }

    /// A step whose columns are those, and what is carried beside them: the key where it is not among them, and versions.
    fn carried(
        &mut self,
        rows: Flowing,
        mut columns: Vec<(String, Made)>,
        places: Vec<Place>,
        view: &str,
        about: &str,
    ) -> Flowing {
        let mut renamed: Vec<(String, String)> = Vec::new();
        let mut hidden = Vec::new();
        let kept =
            rows.key.iter().chain(&rows.versions).chain(rows.window.iter().flat_map(|(start, end)| [start, end]));
        for old in kept {
            if renamed.iter().any(|(known, _)| known == old) {
                continue;
            }
            let is_it =
                |made: &Made| matches!(made, Made::Value(value) if value.column().is_some_and(|at| at.name == *old));
            if let Some((name, _)) = columns.iter().find(|(_, made)| is_it(made)) {
                renamed.push((old.clone(), name.clone()));
                continue;
            }
            let Some(place) = rows.all().find(|place| place.name == *old) else { continue };
            let name = free(old, |name| columns.iter().any(|(taken, _)| taken == name));
            columns.push((name.clone(), Made::Value(place.value(""))));
            renamed.push((old.clone(), name.clone()));
            hidden.push(Place { name, ..place.clone() });
        }
        let now = |old: &String| {
            renamed.iter().find(|(known, _)| known == old).map_or_else(|| old.clone(), |(_, name)| name.clone())
        };
        let from = From::One(rows.name.clone());
        let name = self.step(view, about, columns, from, None);
        Flowing {
            name,
            columns: places,
            hidden,
            key: rows.key.iter().map(now).collect(),
            versions: rows.versions.iter().map(now).collect(),
            window: rows.window.as_ref().map(|(start, end)| (now(start), now(end))),
            ..rows
        }
    }

    fn join(
        &mut self,
        rows: Flowing,
        other: Flowing,
        words: &Words,
        ends: Option<(InputId, InputId)>,
        told: &[Told],
        view: &str,
    ) -> Flowing {
        let mut beside = Beside::default();
        for told in told {
            let mine = rows.columns.iter().find(|place| place.at == told.at).map(|place| ("l", place));
            let found =
                mine.or_else(|| other.columns.iter().find(|place| place.at == told.at).map(|place| ("r", place)));
            let Some((row, place)) = found else { continue };
            let place = Place { nullable: told.nullable, ..place.clone() };
            beside.shown(row, place);
        }
        let mut key: Vec<String> = rows.key.iter().filter_map(|name| beside.carried("l", name, &rows)).collect();
        if words.many {
            key.extend(other.key.iter().filter_map(|name| beside.carried("r", name, &other)));
        }
        let mut versions: Vec<String> =
            rows.versions.iter().filter_map(|name| beside.carried("l", name, &rows)).collect();
        versions.extend(other.versions.iter().filter_map(|name| beside.carried("r", name, &other)));
        let on = both_sides(words.on, &rows, &other);
        let within = words.within.zip(ends).and_then(|(ms, (first, second))| {
            let left = rows.moment(self.model(), first, "l")?;
            Some((left, other.moment(self.model(), second, "r")?, ms))
        });
        let joined: Vec<Told> = other.columns.iter().map(|place| place.told()).collect();
        let equal = equalities(words.on, &joined);
        let of_key = |value: &Value, side: &Flowing| {
            let here = side.here(value, "");
            here.column().is_some_and(|at| side.key.contains(&at.name))
        };
        let stays = equal.iter().all(|(_, mine)| of_key(mine, &rows))
            && (!words.many || equal.iter().all(|(theirs, _)| of_key(theirs, &other)));
        let from = From::Join { left: rows.name.clone(), right: other.name.clone(), outer: words.left, on, within };
        let about = if words.left { "`left join`" } else { "`join`" };
        let name = self.step(view, about, beside.made, from, None);
        Flowing {
            name,
            columns: beside.columns,
            hidden: beside.hidden,
            key,
            versions,
            loose: rows.loose || other.loose || !stays,
            appends: rows.appends && other.appends && !words.left,
            window: None,
            group: None,
        }
    }

    fn nest(
        &mut self,
        rows: Flowing,
        other: Flowing,
        into: &At,
        columns: &[At],
        (on, joined): (&Value, &[Told]),
        view: &str,
    ) -> Flowing {
        let Some(condition) = nest_condition(on, joined) else { return rows };
        // What rows are gathered by, in one spelling.
        let mut by: Vec<(String, Made)> = Vec::new();
        for (theirs, _) in &condition.equal {
            let name = free("nested by", |name| by.iter().any(|(taken, _)| taken == name) || other.takes(name));
            by.push((name, Made::Canonical(other.here(theirs, ""))));
        }
        let filter = condition.own.into_iter().map(|own| other.here(own, "")).reduce(|a, b| Value {
            span: a.span,
            ty: Type::Bool,
            nullable: true,
            kind: ValueKind::And(vec![a, b]),
        });
        let mut spread = other.everything();
        spread.extend(by.iter().cloned());
        let from = From::One(other.name.clone());
        let spread = self.step(view, &format!("rows of `{}`", into.name), spread, from, filter);
        let members: Vec<(String, Value)> = columns
            .iter()
            .filter_map(|at| {
                let place = other.columns.iter().find(|place| place.at == *at)?;
                Some((at.name.clone(), place.value("")))
            })
            .collect();
        let order = other.key.iter().filter_map(|key| other.all().find(|place| place.name == *key));
        let order = order.map(|place| place.value("")).collect();
        let nested: Vec<(String, Type)> =
            members.iter().map(|(name, value)| (name.clone(), value.ty.clone())).collect();
        let gathered = free(&into.name, |name| by.iter().any(|(taken, _)| taken == name));
        let group: Vec<String> = by.iter().map(|(name, _)| name.clone()).collect();
        let column = |name: &str, ty: &Type, row: &str| Value {
            kind: ValueKind::Column(At::new(row, name)),
            ty: ty.clone(),
            nullable: true,
            span: Span::NOWHERE,
        };
        let type_of = |made: &Made| match made {
            Made::Canonical(value) | Made::Value(value) => value.ty.clone(),
            Made::Array { .. } | Made::WindowStart(..) | Made::WindowEnd(..) | Made::Null(_) => Type::Text,
        };
        let mut made: Vec<(String, Made)> =
            by.iter().map(|(name, of)| (name.clone(), Made::Value(column(name, &type_of(of), "")))).collect();
        made.push((gathered.clone(), Made::Array { members, order }));
        let array =
            self.step(view, &format!("`nest … as {}`: an array for each", into.name), made, From::One(spread), None);
        if let Some(step) = self.steps.last_mut() {
            step.group = group;
        }
        let mut beside = Beside::default();
        for place in &rows.columns {
            beside.shown("l", place.clone());
        }
        let key = rows.key.iter().filter_map(|name| beside.carried("l", name, &rows)).collect();
        let versions = rows.versions.iter().filter_map(|name| beside.carried("l", name, &rows)).collect();
        let empty = Value { kind: ValueKind::Text("[]".into()), ty: Type::Json, nullable: false, span: on.span };
        let all = Value {
            kind: ValueKind::Call {
                function: "coalesce".into(),
                args: vec![column(&gathered, &Type::Json, "r"), empty],
            },
            ty: Type::Json,
            nullable: false,
            span: on.span,
        };
        let array_type = Type::Array(Box::new(Type::Json));
        beside.made_of(
            all,
            Place { at: into.clone(), name: into.name.clone(), ty: array_type, nullable: false, nested: Some(nested) },
        );
        let equal: Vec<Value> = condition
            .equal
            .iter()
            .zip(&by)
            .map(|((theirs, mine), (name, _))| Value {
                kind: ValueKind::Compare {
                    op: crate::syntax::ast::CompareOp::Eq,
                    left: Box::new(column(name, &theirs.ty, "r")),
                    right: Box::new(rows.here(mine, "l")),
                },
                ty: Type::Bool,
                nullable: true,
                span: on.span,
            })
            .collect();
        let stays = condition
            .equal
            .iter()
            .all(|(_, mine)| rows.here(mine, "").column().is_some_and(|at| rows.key.contains(&at.name)));
        let condition = Value { kind: ValueKind::And(equal), ty: Type::Bool, nullable: true, span: on.span };
        let from = From::Join { left: rows.name.clone(), right: array, outer: true, on: condition, within: None };
        let name = self.step(view, "`nest`", beside.made, from, None);
        Flowing {
            name,
            columns: beside.columns,
            hidden: beside.hidden,
            key,
            versions,
            loose: rows.loose || !stays,
            appends: false,
            window: None,
            group: None,
        }
    }

    fn window(&mut self, rows: Flowing, kind: WindowKind, on: &Value, view: &str) -> Flowing {
        let on = rows.here(on, "");
        let (start, end) = (free("window start", |name| rows.takes(name)), free("window end", |name| rows.takes(name)));
        let mut columns = rows.everything();
        columns.push((start.clone(), Made::WindowStart(on.clone(), kind)));
        columns.push((end.clone(), Made::WindowEnd(on, kind)));
        let from = match kind {
            WindowKind::Hopping { size, every } => {
                From::Hops { of: rows.name.clone(), count: size.ms.div_ceil(every.ms.max(1)).max(1) }
            }
            WindowKind::Tumbling(_) | WindowKind::Session(_) => From::One(rows.name.clone()),
        };
        let name = self.step(view, "`window`", columns, from, None);
        let mut hidden = rows.hidden.clone();
        for name in [&start, &end] {
            hidden.push(Place {
                at: At::new("", name.as_str()),
                name: name.clone(),
                ty: Type::Timestamp,
                nullable: true,
                nested: None,
            });
        }
        Flowing { name, hidden, window: Some((start, end)), ..rows }
    }

    /// Rows with what they are grouped by, each value in one spelling.
    fn group(&mut self, rows: Flowing, by: &[(At, Value)], view: &str) -> Flowing {
        let mut columns = rows.everything();
        let mut hidden = rows.hidden.clone();
        let mut group: Vec<(Value, String)> = Vec::new();
        let mut added = false;
        for (at, value) in by {
            let here = rows.here(value, "");
            let plain = here.column().filter(|_| !respelled(&here.ty)).map(|at| at.name.clone());
            let name = plain.unwrap_or_else(|| {
                let name = free(&format!("by {}", at.name), |name| columns.iter().any(|(taken, _)| taken == name));
                columns.push((name.clone(), Made::Canonical(here.clone())));
                let (at, ty, nullable) = (at.clone(), here.ty.clone(), here.nullable);
                hidden.push(Place { at, name: name.clone(), ty, nullable, nested: None });
                added = true;
                name
            });
            group.push((value.clone(), name));
        }
        let name = if added {
            let from = From::One(rows.name.clone());
            self.step(view, "what is grouped by, in one spelling", columns, from, None)
        } else {
            rows.name.clone()
        };
        Flowing { name, hidden, group: Some(group), ..rows }
    }

    fn aggregate(&mut self, rows: Flowing, all: &[(At, Value)], view: &str) -> Flowing {
        let group = rows.group.clone().unwrap_or_default();
        let bounds = rows.window.clone();
        let mut names: Vec<String> = group.iter().map(|(_, name)| name.clone()).collect();
        names.dedup();
        names.extend(bounds.as_ref().map(|(start, _)| start.clone()));
        let (mut columns, mut places) = (Vec::new(), Vec::new());
        for (at, value) in all {
            let grouped = of_group(value, &group, bounds.as_ref());
            let here = rows.here(&grouped, "");
            let name = free(&at.name, |name| places.iter().any(|place: &Place| place.name == name));
            let (ty, nullable) = (value.ty.clone(), value.nullable);
            places.push(Place { at: at.clone(), name: name.clone(), ty, nullable, nested: None });
            columns.push((name, Made::Value(here)));
        }
        let mut key: Vec<String> = Vec::new();
        for (_, name) in &group {
            if !key.contains(name) {
                key.push(name.clone());
            }
        }
        key.extend(bounds.map(|(start, _)| start));
        let grouped =
            Flowing { key, versions: Vec::new(), window: None, group: None, loose: false, appends: false, ..rows };
        let made = self.carried(grouped, columns, places, view, "`group by`");
        if let Some(step) = self.steps.last_mut() {
            step.group = names;
        }
        made
    }

    fn distinct(&mut self, rows: Flowing, by: &[Value], view: &str) -> Flowing {
        if rows.appends {
            let by = by.iter().map(|value| rows.here(value, "")).collect();
            let from = From::First { of: rows.name.clone(), by };
            let name = self.step(view, "`distinct by`: the first of each", rows.everything(), from, None);
            return Flowing { name, ..rows };
        }
        // Of rows that change none is the first: the one with the least key stands for all.
        let mut columns = rows.everything();
        let mut names = Vec::new();
        for value in by {
            let name = free("distinct by", |name| columns.iter().any(|(taken, _)| taken == name));
            columns.push((name.clone(), Made::Canonical(rows.here(value, ""))));
            names.push(name);
        }
        let spread =
            self.step(view, "what is told apart, in one spelling", columns, From::One(rows.name.clone()), None);
        let from = From::Newest { of: spread, key: names, order: rows.key.clone() };
        let name = self.step(view, "`distinct by`: one of each", rows.everything(), from, None);
        Flowing { name, loose: true, ..rows }
    }

    fn key_by(&mut self, rows: Flowing, by: &[Value], view: &str) -> Flowing {
        let mut columns = rows.everything();
        let mut hidden = rows.hidden.clone();
        let mut key = Vec::new();
        for value in by {
            let here = rows.here(value, "");
            if let Some(at) = here.column().filter(|_| !respelled(&here.ty)) {
                key.push(at.name.clone());
                continue;
            }
            let name = free("key", |name| columns.iter().any(|(taken, _)| taken == name));
            columns.push((name.clone(), Made::Canonical(here.clone())));
            hidden.push(Place {
                at: At::new("", "key"),
                name: name.clone(),
                ty: here.ty,
                nullable: false,
                nested: None,
            });
            key.push(name);
        }
        let from = From::One(rows.name.clone());
        let name = self.step(view, "`key by`", columns, from, None);
        Flowing { name, hidden, key, loose: true, ..rows }
    }
}

/// Whether values of a type have several spellings in the log, so that what is alike must be brought into one.
fn respelled(ty: &Type) -> bool {
    matches!(ty, Type::Decimal { .. } | Type::Timestamp)
}

/// A value behind `group by`: what rows are grouped by is the group's column, and so are the bounds of the window.
fn of_group(value: &Value, group: &[(Value, String)], bounds: Option<&(String, String)>) -> Value {
    let column = |name: &str| Value { kind: ValueKind::Column(At::new("", name)), ..value.clone() };
    if let Some((_, name)) = group.iter().find(|(by, _)| same(by, value)) {
        return column(name);
    }
    match (&value.kind, bounds) {
        (ValueKind::WindowStart, Some((start, _))) => column(start),
        // It follows from the start, and is no part of the key: all rows of a group have it.
        (ValueKind::WindowEnd, Some((_, end))) => {
            let end = Value { ty: Type::Text, ..column(end) };
            let largest = ValueKind::Aggregate { function: "max".into(), arg: Some(Box::new(end)) };
            Value { kind: largest, ty: Type::Text, ..value.clone() }
        }
        (ValueKind::Aggregate { .. }, _) => value.clone(),
        _ => {
            let mut value = value.clone();
            value.each_part(&mut |part| *part = of_group(part, group, bounds));
            value
        }
    }
}

/// A condition over both sides of a join.
fn both_sides(on: &Value, rows: &Flowing, other: &Flowing) -> Value {
    let mut on = on.clone();
    on.rename(&|at| {
        if let Some(place) = other.columns.iter().find(|place| place.at == *at) {
            return At::new("r", &place.name);
        }
        let place = rows.columns.iter().find(|place| place.at == *at);
        At::new("l", place.map_or(at.name.as_str(), |place| place.name.as_str()))
    });
    on
}

/// The columns of two rows side by side.
#[derive(Default)]
struct Beside {
    made: Vec<(String, Made)>,
    columns: Vec<Place>,
    hidden: Vec<Place>,
}

impl Beside {
    fn free(&self, wanted: &str) -> String {
        free(wanted, |name| self.made.iter().any(|(taken, _)| taken == name))
    }

    fn shown(&mut self, row: &str, place: Place) {
        let value = place.value(row);
        self.made_of(value, place);
    }

    fn made_of(&mut self, value: Value, place: Place) {
        let taken = self.made.iter().any(|(taken, _)| *taken == place.name);
        let name = if taken && !place.at.row.is_empty() {
            self.free(&format!("{}.{}", place.at.row, place.at.name))
        } else {
            self.free(&place.name)
        };
        self.made.push((name.clone(), Made::Value(value)));
        self.columns.push(Place { name, ..place });
    }

    /// The name here of a column of one side; one that no stage sees is carried.
    fn carried(&mut self, row: &str, old: &str, side: &Flowing) -> Option<String> {
        let is_it = |made: &Made| matches!(made, Made::Value(value) if value.column().is_some_and(|at| at.row == row && at.name == old));
        if let Some((name, _)) = self.made.iter().find(|(_, made)| is_it(made)) {
            return Some(name.clone());
        }
        let place = side.all().find(|place| place.name == old)?;
        let name = self.free(old);
        self.made.push((name.clone(), Made::Value(place.value(row))));
        self.hidden.push(Place { name: name.clone(), ..place.clone() });
        Some(name)
    }
}

impl Place {
    fn told(&self) -> Told {
        Told { at: self.at.clone(), ty: self.ty.clone(), nullable: self.nullable }
    }
}

impl Flowing {
    /// The moment an event of these rows happened.
    fn moment(&self, model: &crate::model::Model, what: InputId, row: &str) -> Option<Value> {
        let InputId::Event(id) = what else { return None };
        let marked = model.event(id).columns.iter().find(|column| column.event_time)?;
        self.columns.iter().find(|place| place.at.name == marked.name).map(|place| place.value(row))
    }
}
