use super::{Context, Sink, rule};
use crate::model::Model;
use crate::model::relation::{Derived, StepKind, Term};

rule! {
    /// A window counts by a time that is not the event's own.
    ///
    /// When a record came in is another time with every replay, and two readers of one log see two times. The time when it happened is in the record: the column
    /// that says so is marked `event_time`.
    ///
    /// ```dia,bad
    /// system compute: flink
    /// system warehouse: snowflake
    /// event sold in kafka.sales {
    ///   event_id     uuid  key
    ///   total        decimal(12,2)
    ///   received_at  timestamp
    ///   retain forever
    /// }
    /// view per_hour {
    ///   sold
    ///   | window tumbling 1h on received_at
    ///   | group by event_id
    ///   | select event_id, sum(total) as total
    ///   | warehouse.sales.per_hour
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system compute: flink
    /// system warehouse: snowflake
    /// event sold in kafka.sales {
    ///   event_id     uuid  key
    ///   total        decimal(12,2)
    ///   sold_at      timestamp  event_time
    ///   retain forever
    /// }
    /// view per_hour {
    ///   sold
    ///   | window tumbling 1h on sold_at
    ///   | group by event_id
    ///   | select event_id, sum(total) as total
    ///   | warehouse.sales.per_hour
    /// }
    /// ```
    {
        name: "processing_time_window", severity: Error, waivable: false, title: "window without the event's own time",
        check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for view in &model.views {
        for step in view.relation.iter().flat_map(|relation| &relation.steps) {
            let StepKind::Window { on, event_time, .. } = &step.kind else { continue };
            if *event_time || is_own_time(model, &on.term) {
                continue;
            }
            let mut finding = sink
                .at(on.span, format!("`{}` is not the time when it happened", on.name))
                .here("no `event_time` column");
            let declared = source(model, on);
            if let Some((span, name)) = &declared {
                finding = finding.also(*span, format!("`{name}` is not marked `event_time`"));
            }
            sink.push(
                finding
                    .help(format!(
                        "name the column that says when it happened, and mark it `event_time`; if that is `{}`, mark it",
                        declared.map_or_else(|| on.name.clone(), |(_, name)| name)
                    ))
                    .story([
                        format!("`{}` is made again in July from the log of June.", view.name),
                        "All that came in again counts as of July: a month stands in one hour.".to_owned(),
                    ]),
            );
        }
    }
}

/// Whether a value is made of times of events alone: a cast, a rounding, the start of an earlier window.
fn is_own_time(model: &Model, term: &Term) -> bool {
    let reads = term.reads();
    if reads.is_empty() {
        return term.applies(&["window_start", "window_end"]);
    }
    reads
        .iter()
        .all(|column| model.record_column(column.record, &column.column).is_some_and(|column| column.event_time))
}

fn source(model: &Model, on: &Derived) -> Option<(crate::source::Span, String)> {
    let reads = on.term.reads();
    let mut columns = reads.iter().filter_map(|column| model.record_column(column.record, &column.column));
    columns.find(|column| !column.event_time).map(|column| (column.span, column.name.clone()))
}
