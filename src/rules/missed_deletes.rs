use super::{Context, Sink, rule};
use crate::model::relation::{Nature, RecordId};
use crate::model::types::Type;
use crate::model::{EntityId, Model, Via, View};

rule! {
    /// Incremental batch copies do not see deletes.
    ///
    /// A copy of "the rows whose column has grown" asks the table for rows that are there. A row that is gone is not among them, and stays in the copy for ever.
    /// Rows that never change (`append only`) and rows that are marked as deleted (`deleted when …`) by a change that the column shows have nothing to miss.
    /// That such a copy can also miss rows is `missed_rows`.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system warehouse: snowflake
    /// entity order in shop.public.orders { order_id bigint key, updated_at timestamp }
    /// view orders_fact {
    ///   order | warehouse.analytics.orders_fact
    ///   via batch incremental on updated_at every 1h
    ///   allow missed_rows because "the page shows how the other rule is found"
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system warehouse: snowflake
    /// entity order in shop.public.orders { order_id bigint key, updated_at timestamp }
    /// view orders_fact {
    ///   order | warehouse.analytics.orders_fact
    ///   via batch full every 1h
    /// }
    /// ```
    {
        name: "missed_deletes", severity: Warning, waivable: true, title: "incremental batch copies miss deletes",
        check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for view in &model.views {
        let (Via::BatchIncremental { on, every }, Some(span)) = (&view.via, view.via_span) else { continue };
        if view.keeps_deleted() {
            continue;
        }
        let Some(id) = deleting(model, view, &on.value) else { continue };
        let entity = model.entity(id);
        let store = model.store_path(view);
        let mut finding = sink
            .at(view.at(span), format!("rows deleted from `{}` stay in `{}`", entity.name, view.name))
            .here(format!("asks for rows whose `{}` has grown; one that is gone is not among them", on.value));
        finding = match &view.deletes {
            Some(deletes) => finding.also(view.at(deletes.span), "deletes should travel"),
            None => finding.also(view.span, "deletes should travel: that is the default"),
        };
        let every = crate::units::duration(every.ms);
        sink.push(
            finding
                .help(format!(
                    "write `via cdc`, or `via batch full every {every}`; or `deletes keep`, if they may stay"
                ))
                .story([
                    format!("A row of {} is copied to {store}, and deleted a day later.", model.home_path(id)),
                    format!("No later copy asks for it: {store} counts it for ever."),
                ]),
        );
    }
}

/// An entity whose deletes the copy cannot see.
fn deleting(model: &Model, view: &View, on: &str) -> Option<EntityId> {
    if view.relation.as_ref().is_some_and(|relation| relation.nature == Nature::Facts) {
        return None;
    }
    model.records(view).into_iter().find_map(|record| {
        let RecordId::Entity(id) = record else { return None };
        let entity = model.entity(id);
        // A row marked as deleted is a change like any other, if the column shows changes.
        let marked = entity.deleted_when.is_some()
            && !entity.key.iter().any(|key| key == on)
            && entity.column(on).is_some_and(|column| {
                matches!(column.ty, Type::Timestamp | Type::Datetime) || column.sequence.is_some()
            });
        (entity.append_only.is_none() && !marked).then_some(id)
    })
}
