use super::{Context, Sink, rule};
use crate::model::Retain;
use crate::model::relation::{InputId, Nature};
use crate::plan::{needed_tombstones, time};

rule! {
    /// A log forgets that a row is gone before every reader has heard of it.
    ///
    /// The topic of a view that holds what is the case now keeps the newest version of every row, and of a row that is gone a mark, for as long as `retain`
    /// says. A reader that was away longer, or needs longer from the log's start to its head, has read the row and never meets the mark. The mark must outlive twice
    /// the longest of the two (`survives outage of`, 3 days unless stated; `bootstrap within`, 1 day). Logs of entities are given that time by diac.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system compute: flink
    /// system search: elasticsearch
    /// entity stock in shop.public.stock { product_id bigint, shelf int, amount int, key (product_id, shelf) }
    /// view amounts {
    ///   stock
    ///   | group by product_id
    ///   | select product_id, sum(amount) as amount
    ///   retain 1d
    /// }
    /// view found { amounts | search.amounts }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system compute: flink
    /// system search: elasticsearch
    /// entity stock in shop.public.stock { product_id bigint, shelf int, amount int, key (product_id, shelf) }
    /// view amounts {
    ///   stock
    ///   | group by product_id
    ///   | select product_id, sum(amount) as amount
    /// }
    /// view found { amounts | search.amounts }
    /// ```
    {
        name: "tombstone_horizon", severity: Error, waivable: false,
        title: "a deleted row comes back after an outage", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for (id, view) in model.all_views() {
        let state = view.relation.as_ref().is_some_and(|relation| relation.nature == Nature::State);
        let Some(retain) = view.retain.as_ref().filter(|_| state) else { continue };
        let Retain::For(keep) = retain.value else { continue };
        let needs =
            model.readers_of(InputId::View(id)).into_iter().map(|reader| (needed_tombstones(reader.view()), reader));
        let short = needs.filter(|(needed, _)| needed.ms > keep.ms);
        let Some((needed, reader)) = short.reduce(|first, next| if next.0.ms > first.0.ms { next } else { first })
        else {
            continue;
        };
        let (kept, wanted) = (time(keep.ms), format!("retain {}", time(needed.ms)));
        sink.push(
            sink.at(
                retain.span,
                format!(
                    "`{}` forgets deleted rows after {kept}, and `{}` needs {}",
                    view.name,
                    reader.name(),
                    time(needed.ms)
                ),
            )
            .here("so long does the mark of a deleted row stay")
            .also(needed.span.unwrap_or_else(|| reader.span()), needed.sum)
            .help(format!("write `{wanted}`"))
            .fix(retain.span, wanted)
            .story([
                format!("`{}` has row 17 of `{}` and stops.", reader.name(), view.name),
                format!("Row 17 goes. {kept} later the log forgets that it ever was."),
                format!("`{}` comes back, reads on, and keeps row 17 for ever.", reader.name()),
            ]),
        );
    }
}
