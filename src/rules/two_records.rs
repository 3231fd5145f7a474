use std::collections::BTreeMap;

use super::{Context, Sink, rule};
use crate::model::Entity;

rule! {
    /// Two entities are recorded at one place.
    ///
    /// An entity says who is right when copies disagree. Two declarations of one table can state different keys, different columns and different personal
    /// data, and everything that follows depends on which of them a view happens to name.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// entity customer in shop.public.customers { customer_id bigint key }
    /// entity account in shop.public.customers { customer_id bigint key }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// entity customer in shop.public.customers { customer_id bigint key }
    /// ```
    {
        name: "two_records", severity: Error, waivable: true, title: "two systems of record for one table of facts",
        check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let mut tables: BTreeMap<(&str, &str), Vec<&Entity>> = BTreeMap::new();
    for entity in cx.model.entities.iter().filter(|entity| entity.declared) {
        let home = &entity.home;
        let alike = tables.entry((&home.namespace, &home.table)).or_default();
        let twin = alike.iter().find(|other| cx.model.same_place(home.system, other.home.system)).copied();
        alike.push(entity);
        let Some(twin) = twin else { continue };
        let table = format!("{}.{}", entity.home.namespace, entity.home.table);
        sink.push(
            sink.at(entity.home.span, format!("`{}` and `{}` are both recorded in {table}", twin.name, entity.name))
                .here("recorded here a second time")
                .also(twin.home.span, format!("`{}` is recorded here", twin.name))
                .help(format!("keep one of the two entities, and let everything name `{}`", twin.name))
                .story([
                    format!("A column is marked personal in `{}` and not in `{}`.", twin.name, entity.name),
                    format!("A view of `{}` carries it where it may not be, and nothing objects.", entity.name),
                ]),
        );
    }
}
