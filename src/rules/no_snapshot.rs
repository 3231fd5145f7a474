use super::{Context, Sink, rule};
use crate::model::relation::RecordId;

rule! {
    /// A view of events is to be made again from a snapshot, and events have none.
    ///
    /// A snapshot reads what is the case now from the tables of record. What has happened stands only in the log.
    ///
    /// ```dia,bad
    /// system warehouse: snowflake
    /// event paid in kafka.payments { event_id uuid key }
    /// view payments {
    ///   paid | warehouse.finance.payments
    ///   rebuild from snapshot
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system warehouse: snowflake
    /// event paid in kafka.payments {
    ///   event_id  uuid  key
    ///   retain forever
    /// }
    /// view payments {
    ///   paid | warehouse.finance.payments
    ///   rebuild from log
    /// }
    /// ```
    {
        name: "no_snapshot", severity: Error, waivable: false, title: "events have no snapshot", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for view in &model.views {
        let Some(rebuild) = view.rebuilt_from_snapshot() else { continue };
        let event = model.records(view).into_iter().find_map(|record| match record {
            RecordId::Event(id) => Some(model.event(id)),
            RecordId::Entity(_) => None,
        });
        let Some(event) = event else { continue };
        let mut finding = sink
            .at(
                view.at(rebuild),
                format!("`{}` follows from `{}`, of which there is no snapshot", view.name, event.name),
            )
            .here("reads tables of record, and an event has none")
            .also(event.span, "stands only in its log");
        if !view.says(rebuild) {
            finding = finding.also(rebuild, "said for all views that say nothing else");
        }
        sink.push(
            finding.help(format!("write `rebuild from log`, and `retain forever` in `event {}`", event.name)).story([
                format!(
                    "`{}` is emptied to be made again; nothing can be asked for what `{}` told.",
                    view.name, event.name
                ),
            ]),
        );
    }
}
