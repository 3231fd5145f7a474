use std::collections::BTreeMap;

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
    /// date, `24:00:00`. Whether anybody writes such a value the types do not say, so this is advice, once for each entity; the document lists the same
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
    name: String,
    text: &'static str,
    store: Span,
}

/// So many columns are named.
const SHOWN: usize = 4;

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let mut entities: BTreeMap<EntityId, BTreeMap<Span, Found>> = BTreeMap::new();
    for planned in cx.plan.deployments.iter().flat_map(|deployment| &deployment.sinks) {
        let view = model.view(planned.view);
        for flow in &planned.flows {
            for column in flow.columns.iter().filter(|column| column.mask.is_none()) {
                let concerns = |limit: &&Limit| limit.concerns(&column.ty, &flow.target);
                let Some(limit) = LIMITS.iter().find(concerns) else { continue };
                let Some(source) = model.entity(flow.entity).column(&column.source) else { continue };
                let store = view.store.as_ref().map_or(view.span, |store| store.span);
                let found = Found { name: source.name.clone(), text: limit.text, store };
                entities.entry(flow.entity).or_default().entry(source.span).or_insert(found);
            }
        }
    }
    for (id, columns) in entities {
        let (deep, rest): (Vec<_>, Vec<_>) = columns.into_iter().partition(|(_, found)| is_deep(cx, id, found));
        for (span, found) in deep {
            let mut finding = sink
                .at(span, format!("`{}` is declared with several dimensions, and {}", found.name, found.text))
                .here("every value of it arrives so")
                .also(found.store, "stored here")
                .help(format!("leave `{}` out, or let the record hold it as `jsonb`", found.name));
            finding.severity = Severity::Warning;
            sink.push(finding);
        }
        advise(model, sink, id, &rest);
    }
}

fn advise(model: &Model, sink: &mut Sink, id: EntityId, columns: &[(Span, Found)]) {
    let Some((first, _)) = columns.first() else { return };
    let names: Vec<String> = columns.iter().take(SHOWN).map(|(_, found)| format!("`{}`", found.name)).collect();
    let more = columns.len().saturating_sub(names.len());
    let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
    let mut finding = sink
        .at(*first, format!("not every value of {}{rest} of `{}` arrives", names.join(", "), model.entity(id).name));
    for (at, (span, found)) in columns.iter().take(SHOWN).enumerate() {
        finding = if at == 0 { finding.here(found.text) } else { finding.also(*span, found.text) };
    }
    sink.push(finding.help(
        "let the record refuse such values, such as by a CHECK, or leave the column out; an audit finds the rows",
    ));
}

/// Whether the schema declares the column with two dimensions or more. PostgreSQL keeps no such thing, so only the text tells.
fn is_deep(cx: &Context, id: EntityId, found: &Found) -> bool {
    let entity = cx.model.entity(id);
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
