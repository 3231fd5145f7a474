use std::collections::{BTreeMap, BTreeSet};

use super::{Context, Sink, rule};
use crate::diag::Severity;
use crate::model::types::Type;
use crate::model::{EntityId, Model};
use crate::plan::limits::{LIMITS, Limit};
use crate::source::Span;

rule! {
    /// Columns of a type of which some values do not arrive as they are.
    ///
    /// The ways into stores have been tried value by value. Of most types every value arrives; of a few, some do not: NaN in a table, `infinity` for a
    /// date, `24:00:00`. Whether anybody writes such a value the types do not say, so this is advice, once for each store; the document lists the same
    /// values, and audits find the rows.
    ///
    /// A warning where the schema says that such values are meant: an array that is declared with two dimensions arrives as text without meaning.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system report: postgres
    /// entity reading in shop.public.readings { reading_id bigint key, celsius double }
    /// reading | report.public.readings
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system report: postgres
    /// entity reading in shop.public.readings { reading_id bigint key, celsius decimal(6,2) }
    /// reading | report.public.readings
    /// ```
    {
        name: "impassable_value", severity: Advice, waivable: true, title: "some values do not arrive as they are", check: Some(check),
    }
}

/// A column, with what becomes of which of its values, and where it ends.
struct Found {
    entity: EntityId,
    name: String,
    span: Span,
    text: &'static str,
    store: Span,
}

/// So many columns are named.
const SHOWN: usize = 4;

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let mut seen: BTreeSet<Span> = BTreeSet::new();
    let mut stores: BTreeMap<&str, Vec<Found>> = BTreeMap::new();
    for planned in cx.plan.deployments.iter().flat_map(|deployment| &deployment.sinks) {
        let view = model.view(planned.view);
        for flow in &planned.flows {
            for column in flow.columns.iter().filter(|column| column.mask.is_none()) {
                let concerns = |limit: &&Limit| limit.concerns(&column.ty, &flow.target);
                let Some(limit) = LIMITS.iter().find(concerns) else { continue };
                // What the sink connector cannot pass on is a value of a change log.
                let Some(entity) = flow.entity() else { continue };
                let Some(source) = model.entity(entity).column(&column.source) else { continue };
                let (name, span) = (source.name.clone(), source.span);
                let store = view.store.as_ref().map_or(view.span, |store| store.span);
                let found = Found { entity, name, span, text: limit.text, store };
                if seen.insert(span) {
                    stores.entry(&planned.store_name).or_default().push(found);
                }
            }
        }
    }
    for (store, columns) in stores {
        let (deep, rest): (Vec<_>, Vec<_>) = columns.into_iter().partition(|found| is_deep(cx, found));
        for found in deep {
            let message = format!("`{}` is declared with several dimensions, and {}", found.name, found.text);
            let mut finding = sink
                .at(found.span, message)
                .here("every value of it arrives so")
                .also(found.store, "stored here")
                .help(format!("leave `{}` out, or let the record hold it as `jsonb`", found.name));
            finding.severity = Severity::Warning;
            sink.push(finding);
        }
        advise(model, sink, store, rest);
    }
}

fn advise(model: &Model, sink: &mut Sink, store: &str, mut columns: Vec<Found>) {
    // By name: in which order a page declares them says nothing.
    columns.sort_by(|a, b| (&model.entity(a.entity).name, &a.name).cmp(&(&model.entity(b.entity).name, &b.name)));
    let Some(first) = columns.first() else { return };
    let named = |found: &Found| format!("`{}` of `{}`", found.name, model.entity(found.entity).name);
    let rest = match columns.len() - 1 {
        0 => String::new(),
        1 => ", and of one column more,".to_owned(),
        more => format!(", and of {more} columns more,"),
    };
    let mut finding = sink
        .at(first.span, format!("not every value of {}{rest} arrives in `{store}`", named(first)))
        .here(first.text)
        .help(
            "let the record refuse such values, such as by a CHECK, or leave the column out; an audit finds the rows",
        );
    for found in columns.iter().skip(1).take(SHOWN) {
        finding = finding.also(found.span, format!("`{}`: {}", found.name, found.text));
    }
    sink.push(finding);
}

/// Whether the schema declares the column with two dimensions or more. PostgreSQL keeps no such thing, so only the text tells.
fn is_deep(cx: &Context, found: &Found) -> bool {
    let entity = cx.model.entity(found.entity);
    let Some(column) = cx.model.table(entity).and_then(|table| table.column(&found.name)) else { return false };
    if !matches!(column.ty, Type::Array(_)) {
        return false;
    }
    let Some(file) = cx.sources.get(column.span.file) else { return false };
    let behind = file.text.get(column.span.range().end..).unwrap_or("");
    let mut depth = 0u32;
    let mut ty = String::new();
    for c in behind.chars() {
        match c {
            '(' => depth += 1,
            ')' if depth > 0 => depth -= 1,
            ')' => break,
            ',' | ';' | '\n' if depth == 0 => break,
            _ => {}
        }
        if !c.is_whitespace() {
            ty.push(c);
        }
    }
    ty.contains("][")
}
