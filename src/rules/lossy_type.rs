use std::collections::BTreeSet;

use super::{Context, Sink, rule};
use crate::model::types::Type;
use crate::model::{Via, View};
use crate::plan::Position;
use crate::source::Span;
use crate::systems::Kind;

rule! {
    /// A value can change on its way into a store.
    ///
    /// Said only where a value really can: a decimal with more digits than the store keeps, a decimal without bound in a store that needs one, a time with
    /// an offset that arrives in UTC, a FLOAT of MySQL or MariaDB with more than six digits. What merely changes its form (an exact decimal kept as text) is not said.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system warehouse: snowflake
    /// entity rate in shop.public.rates {
    ///   rate_id  bigint          key
    ///   value    decimal(60,20)
    /// }
    /// view rates { rate | warehouse.analytics.rates }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system warehouse: snowflake
    /// entity rate in shop.public.rates {
    ///   rate_id  bigint          key
    ///   value    decimal(38,20)
    /// }
    /// view rates { rate | warehouse.analytics.rates }
    /// ```
    {
        name: "lossy_type", severity: Warning, waivable: true, title: "a value does not survive the way", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    floats(cx, sink);
    let mut seen = BTreeSet::new();
    for view in model.views.iter().filter(|view| !by_others(&view.via)) {
        let Some(store) = &view.store else { continue };
        let system = model.system(store.system);
        for (name, span, ty, copied) in values(view) {
            let Some(loss) = loss(system.kind, ty).filter(|loss| copied || !loss.unbounded) else { continue };
            if !seen.insert((store.span, span)) {
                continue;
            }
            let message = format!("`{name}` is {} and can change on its way into `{}`", ty.phrase(), system.name);
            sink.push(
                sink.at(span, message)
                    .here(loss.why)
                    .also(store.span, format!("stored here, in {}", system.kind.facts().title))
                    .help(format!("leave `{name}` out, or let the record hold a type the store keeps exactly")),
            );
        }
    }
}

/// MySQL and MariaDB show a FLOAT with six digits, and a snapshot reads what they show; a change brings all of them (tried on MariaDB 10.11).
fn floats(cx: &Context, sink: &mut Sink) {
    let mut seen = BTreeSet::new();
    for planned in cx.plan.deployments.iter().flat_map(|deployment| &deployment.sinks) {
        for flow in &planned.flows {
            let Some(changes) = flow.changes().filter(|changes| changes.position == Position::Binlog) else { continue };
            let clear = flow.columns.iter().filter(|column| column.mask.is_none() && column.ty == Type::Float);
            for source in clear.filter_map(|column| cx.model.entity(changes.entity).column(&column.source)) {
                if !seen.insert(source.span) {
                    continue;
                }
                let (name, record) = (&source.name, &cx.model.system(changes.system).name);
                let message = format!("`{name}` is a float and can change on its way out of `{record}`");
                sink.push(
                    sink.at(source.span, message)
                        .here("a snapshot brings six digits of it, a change brings all")
                        .also(cx.model.view(planned.view).span, "kept here")
                        .help(format!("let the record hold `{name}` as a double or a decimal, or leave it out")),
                );
            }
        }
    }
}

/// Whether somebody else stores it: what is lost then is not known.
fn by_others(via: &Via) -> bool {
    matches!(via, Via::Application(_) | Via::TwoPhaseCommit(_) | Via::Unknown)
}

/// The values a view stores in clear: name, place, type, and whether it is a record's own value.
fn values(view: &View) -> Vec<(&str, Span, &Type, bool)> {
    if let Some(relation) = &view.relation {
        let clear = relation.columns.iter().filter(|column| column.mask.is_none());
        return clear
            .map(|column| (column.name.as_str(), column.span, &column.ty, column.term.copies().is_some()))
            .collect();
    }
    let columns = view.flows.iter().flat_map(|flow| &flow.columns).filter(|column| column.mask.is_none());
    columns.map(|column| (column.name.as_str(), column.span, &column.ty, true)).collect()
}

/// What is lost of a value.
struct Loss {
    why: &'static str,
    /// The record sets no bounds; of what is computed (an average) that is a matter of rounding.
    unbounded: bool,
}

/// What is lost; nothing where every value survives.
fn loss(kind: Kind, ty: &Type) -> Option<Loss> {
    let why = match (kind, ty) {
        (Kind::Snowflake, Type::Decimal { precision: Some(p), .. }) if *p > 38 => "Snowflake keeps 38 digits",
        (Kind::Snowflake, Type::Decimal { scale: Some(s), .. }) if *s > 37 => {
            "Snowflake keeps 37 digits behind the point"
        }
        (Kind::Snowflake, Type::Decimal { precision: None, .. }) => {
            let why = "without bounds in the record; Snowflake would keep 38 digits, 9 of them behind the point";
            return Some(Loss { why, unbounded: true });
        }
        (Kind::Bigquery, Type::Decimal { scale: Some(s), .. }) if *s > 38 => {
            "BigQuery keeps 38 digits behind the point"
        }
        (Kind::Bigquery, Type::Decimal { precision: Some(p), scale })
            if i64::from(*p) - i64::from(scale.unwrap_or(0)) > 38 =>
        {
            "BigQuery keeps 38 digits before the point"
        }
        (Kind::Bigquery, Type::Decimal { precision: None, .. }) => {
            let why = "without bounds in the record; BigQuery keeps 38 digits before the point and 38 behind it";
            return Some(Loss { why, unbounded: true });
        }
        (_, Type::TimeTz) => "the capture turns it into UTC: the offset is lost",
        (_, Type::Array(of)) => return loss(kind, of),
        _ => return None,
    };
    Some(Loss { why, unbounded: false })
}
