use std::collections::BTreeSet;

use super::{Context, Sink, rule};
use crate::model::Via;
use crate::model::types::Type;
use crate::systems::Kind;

rule! {
    /// A value can change on its way into a store.
    ///
    /// Said only where a value really can: a decimal with more digits than the store keeps, a decimal without bound in a store that needs one, a time with
    /// an offset that arrives in UTC. What merely changes its form (an exact decimal kept as text) is not said.
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
    let mut seen = BTreeSet::new();
    for view in model.views.iter().filter(|view| view.via == Via::Cdc) {
        let Some(store) = &view.store else { continue };
        let system = model.system(store.system);
        for flow in &view.flows {
            for column in flow.columns.iter().filter(|column| column.mask.is_none()) {
                let Some(loss) = loss(system.kind, &column.ty) else { continue };
                if !seen.insert((store.span, column.span)) {
                    continue;
                }
                sink.push(
                    sink.at(
                        column.span,
                        format!(
                            "`{}` is {} and can change on its way into `{}`",
                            column.name,
                            column.ty.phrase(),
                            system.name
                        ),
                    )
                    .here(loss)
                    .also(store.span, format!("stored here, in {}", system.kind.facts().title))
                    .help(format!(
                        "leave `{}` out, or let the record hold a type the store keeps exactly",
                        column.name
                    )),
                );
            }
        }
    }
}

/// What is lost; nothing where every value survives.
fn loss(kind: Kind, ty: &Type) -> Option<&'static str> {
    match (kind, ty) {
        (Kind::Snowflake, Type::Decimal { precision: Some(p), .. }) if *p > 38 => Some("Snowflake keeps 38 digits"),
        (Kind::Snowflake, Type::Decimal { scale: Some(s), .. }) if *s > 37 => {
            Some("Snowflake keeps 37 digits behind the point")
        }
        (Kind::Snowflake, Type::Decimal { precision: None, .. }) => {
            Some("without bounds in the record; Snowflake would keep 38 digits, 9 of them behind the point")
        }
        (_, Type::TimeTz) => Some("the capture turns it into UTC: the offset is lost"),
        (_, Type::Array(of)) => loss(kind, of),
        _ => None,
    }
}
