use super::{Context, Sink, rule};
use crate::diag::Diagnostic;
use crate::model::relation::RecordId;
use crate::model::schema::Generated;
use crate::model::{Column, EntityId};
use crate::plan::baseline::{OldColumn, OldForm, OldRecord};
use crate::plan::{PlannedFlow, Sink as Way};
use crate::source::Span;

rule! {
    /// A change of a record's columns that old records of its log cannot meet.
    ///
    /// A log holds records of every form its table ever had, and a view that is made again reads them all. A new column that may not be null has no value in
    /// them; neither has one that could be null until now, nor one whose old values do not fit its new type.
    ///
    /// Compared with an earlier compilation (`--against`, or the folder that is compiled to); silent without one. A type that changes in a view whose
    /// version stays is `target_changed_in_place` first.
    ///
    /// ```dia,before
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity order in shop.public.orders { order_id uuid key }
    /// view orders { order | search.orders }
    /// ```
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity order in shop.public.orders { order_id uuid key, currency text }
    /// view orders { order | search.orders }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity order in shop.public.orders { order_id uuid key, currency text? }
    /// view orders version 2 replaces 1 { order | search.orders }
    /// ```
    {
        name: "incompatible_schema", severity: Error, waivable: false, title: "old records cannot meet the schema", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    for form in cx.old_forms() {
        entities(cx, sink, &form);
        events(cx, sink, &form);
    }
}

/// Events whose old records lie in their topic: every reader of the event meets them.
fn events(cx: &Context, sink: &mut Sink, form: &OldForm) {
    for (id, event) in cx.model.all_events().filter(|(_, event)| !event.open) {
        let Some(old) = form.records.events.get(&event.name).filter(|old| !old.columns.is_empty()) else { continue };
        let record = Record { name: &event.name, span: event.span, key: &event.key, event: true };
        for column in &event.columns {
            let kept = carried(cx, RecordId::Event(id), column).any(|sink| kept(form, sink));
            if let Some(finding) = judge(sink, &record, old, column, kept) {
                sink.push(finding);
            }
        }
    }
}

/// An entity or event, as far as it matters here.
struct Record<'a> {
    name: &'a str,
    span: Span,
    key: &'a [String],
    event: bool,
}

/// Entities whose old records lie in their log, as far as views take their columns along.
fn entities(cx: &Context, sink: &mut Sink, form: &OldForm) {
    for (name, old) in &form.records.entities {
        let entity = cx.model.entities.iter().enumerate().find(|(_, entity)| entity.name == *name);
        let Some((at, entity)) = entity.filter(|_| form.captures(name) && !old.columns.is_empty()) else {
            continue;
        };
        let record = Record { name, span: entity.span, key: &entity.key, event: false };
        for column in entity.columns.iter().filter(|column| column.generated == Generated::No) {
            // What no view takes along is missed by none.
            let mut views = carried(cx, RecordId::Entity(EntityId(at)), column).peekable();
            if views.peek().is_none() {
                continue;
            }
            let kept = views.any(|sink| kept(form, sink));
            if let Some(finding) = judge(sink, &record, old, column, kept) {
                sink.push(finding);
            }
        }
    }
}

/// The views' ways into stores that take a column along.
fn carried<'a>(cx: &Context<'a>, record: RecordId, column: &'a Column) -> impl Iterator<Item = &'a Way> {
    let takes = move |flow: &PlannedFlow| {
        flow.record() == Some(record) && flow.columns.iter().any(|found| found.source == column.name)
    };
    let sinks = cx.plan.deployments.iter().flat_map(|deployment| &deployment.sinks);
    sinks.filter(move |sink| sink.flows.iter().any(takes))
}

/// Whether a view was there in that version.
fn kept(form: &OldForm, sink: &Way) -> bool {
    form.environments.iter().any(|old| old.sink(&sink.name, sink.version).is_some())
}

fn judge(sink: &Sink, entity: &Record, old: &OldRecord, column: &Column, kept: bool) -> Option<Diagnostic> {
    let known = |name: &str| old.columns.iter().find(|old| old.name == name);
    let before = known(&column.name).or_else(|| column.was.as_ref().and_then(|was| known(&was.value)));
    let free = column.nullable || column.default.is_some();
    let (name, ty) = (&column.name, column.ty.word());
    let cure = format!("write `{name} {ty}?`, or say what an old record counts as: `{name} {ty} default …`");
    let (message, here, help) = match before {
        None if free => return None,
        None => (
            format!("old records of `{}` have no `{name}`", entity.name),
            "new, never null and without a default",
            cure,
        ),
        Some(before) if before.nullable && !free => {
            (format!("old records of `{}` may have no `{name}`", entity.name), "could be null until now", cure)
        }
        // In a view whose version stays the type is that view's matter first; in a key it is another rule's.
        // The key of an event is a value like any other: its log is not keyed by it.
        Some(before) if kept || (entity.key.contains(name) && !entity.event) || widens(before, &ty) => return None,
        Some(before) => (
            format!("old records of `{}` have `{name}` as {}, which is no {ty}", entity.name, before.ty),
            "another type until now",
            format!("keep {} and add a column of the new type beside it", before.ty),
        ),
    };
    Some(
        sink.at(column.span, message)
            .here(here)
            .also(entity.span, format!("the log of `{}` keeps records of every form", entity.name))
            .help(help)
            .story(if entity.event {
                [
                    format!("Who reads `{}` is behind, or reads it again from its start.", entity.name),
                    "A record comes that was written before this change.".to_owned(),
                    format!("It has nothing for `{name}` that the reader takes: the reader stops there."),
                ]
            } else {
                [
                    format!("A view of `{}` is made again from the log.", entity.name),
                    "It comes to a row that nobody has changed since last year.".to_owned(),
                    format!("That record has nothing for `{name}` that the store takes: the view stops there."),
                ]
            }),
    )
}

/// Whether every value of the old type is one of the new type.
fn widens(old: &OldColumn, new: &str) -> bool {
    let rank = |word: &str| ["smallint", "int", "bigint"].iter().position(|known| *known == word);
    let floats = |word: &str| ["float", "double"].iter().position(|known| *known == word);
    let grows =
        |rank: &dyn Fn(&str) -> Option<usize>| matches!((rank(&old.ty), rank(new)), (Some(a), Some(b)) if a <= b);
    old.ty == new || new == "text" || grows(&rank) || grows(&floats) || decimals(&old.ty, new) || enums(&old.ty, new)
}

/// `decimal(p,s)` with no fewer digits on either side of the point; without bounds every one fits.
fn decimals(old: &str, new: &str) -> bool {
    let parts = |word: &str| {
        let (digits, scale) = word.strip_prefix("decimal(")?.strip_suffix(')')?.split_once(',')?;
        Some((digits.parse::<i64>().ok()?, scale.parse::<i64>().ok()?))
    };
    match (parts(old), parts(new)) {
        (Some((p, s)), Some((q, t))) => t >= s && q - t >= p - s,
        (Some(_), None) => new == "decimal",
        (None, _) => false,
    }
}

/// An enum with every value of the old one.
fn enums(old: &str, new: &str) -> bool {
    let values = |word: &str| -> Option<Vec<String>> {
        let inner = word.strip_prefix("enum(")?.strip_suffix(')')?;
        Some(inner.split(", ").map(str::to_owned).collect())
    };
    match (values(old), values(new)) {
        (Some(old), Some(new)) => old.iter().all(|value| new.contains(value)),
        (_, None) | (None, Some(_)) => false,
    }
}
