use std::collections::BTreeMap;

use super::{Context, Sink, rule};
use crate::model::{Via, ViewId};
use crate::plan::{self, Carried, Target};
use crate::source::Span;

rule! {
    /// A number is stored as text in a search index: exact, and ordered as a word.
    ///
    /// A decimal of more than 15 digits does not survive as a JSON number in every reader, so an index keeps it as a keyword. Nothing is lost, but ranges and
    /// sorting see letters: "10" comes before "9", and sums are not possible.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity rate in shop.public.rates {
    ///   rate_id  bigint         key
    ///   value    decimal(38,9)
    /// }
    /// view rates { rate | search.rates }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity rate in shop.public.rates {
    ///   rate_id  bigint         key
    ///   value    decimal(12,2)
    /// }
    /// view rates { rate | search.rates }
    /// ```
    {
        name: "lexical_number", severity: Advice, waivable: true, title: "a number is stored as text", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    // Mappings are of the plan; every environment has the same.
    let mut sinks: BTreeMap<ViewId, &plan::Sink> = BTreeMap::new();
    for sink in cx.plan.deployments.iter().flat_map(|deployment| &deployment.sinks) {
        sinks.entry(sink.view).or_insert(sink);
    }
    for (id, view) in model.all_views().filter(|(_, view)| view.via == Via::Cdc && !view.incomplete) {
        let Some(store) = &view.store else { continue };
        let Some(planned) = sinks.get(&id) else { continue };
        let mut found: Vec<(Span, &str)> = Vec::new();
        for (flow, planned) in view.flows.iter().zip(&planned.flows) {
            let Target::Index(_) = planned.target else { continue };
            let columns = flow.columns.iter().zip(&planned.columns);
            found.extend(
                columns
                    .filter(|(_, carried)| is_text(carried))
                    .map(|(column, carried)| (column.span, carried.name.as_str())),
            );
        }
        let Some((first, name)) = found.first().copied() else { continue };
        let store_name = &model.system(store.system).name;
        let message = match found.as_slice() {
            [_] => format!("`{name}` is a number and stored as text in `{store_name}`"),
            [_, (_, other)] => format!("`{name}` and `{other}` are numbers and stored as text in `{store_name}`"),
            all => format!("`{name}` and {} more are numbers and stored as text in `{store_name}`", all.len() - 1),
        };
        sink.push(
            sink.at(first, message)
                .here("of more than 15 digits, or without a bound")
                .also(store.span, "exact here, and ordered as a word")
                .help("bound it to 15 digits where ranges or sums are searched for"),
        );
    }
}

/// A decimal that an index keeps as a keyword.
fn is_text(column: &Carried) -> bool {
    column.mask.is_none() && column.is_decimal() && !column.is_exact_number()
}
