use super::{Context, Sink, rule};
use crate::model::Model;
use crate::model::relation::InputId;
use crate::model::walk::Reader;
use crate::plan::{OUTAGE_MS, retention, time};
use crate::source::Span;
use crate::syntax::ast::Claim;

rule! {
    /// Ids are forgotten while the log can still deliver their events.
    ///
    /// `exactly once by … for D` bounds the table of what has been seen. A record can come again for as long as its log keeps it, and then some: the view may
    /// be stopped for the longest outage it survives (`survives outage of`, 3 days unless stated). A shorter D applies a replayed event twice.
    ///
    /// ```dia,bad
    /// system log: kafka
    /// system bank: postgres
    /// event paid in log.payments { payment_id uuid key operation from client, amount decimal(12,2), retain 30d }
    /// view payments {
    ///   paid | bank.public.payments
    ///   guarantee exactly once by payment_id for 7d
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system log: kafka
    /// system bank: postgres
    /// event paid in log.payments { payment_id uuid key operation from client, amount decimal(12,2), retain 30d }
    /// view payments {
    ///   paid | bank.public.payments
    ///   guarantee exactly once by payment_id for 60d
    /// }
    /// ```
    {
        name: "dedup_horizon", severity: Error, waivable: false, title: "ids are forgotten before their events", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for view in &model.views {
        for promise in &view.guarantees {
            let Claim::ExactlyOnce { horizon: Some(horizon), .. } = &promise.claim else { continue };
            let Some((name, kept, span)) = longest(model, Reader::View(view)) else { continue };
            let outage = view.survives.as_ref().map_or(OUTAGE_MS, |stated| stated.value.ms);
            let needed = kept.saturating_add(outage);
            if horizon.ms >= needed {
                continue;
            }
            let forever = kept == u64::MAX;
            let (long, sum) = if forever {
                ("for ever".to_owned(), "its records can come again at any time".to_owned())
            } else {
                (time(needed), format!("kept for {} + outage {} = {}", time(kept), time(outage), time(needed)))
            };
            let help = if forever {
                format!("delete `for {}`: then no id is forgotten", time(horizon.ms))
            } else {
                format!("write `for {}` or more", time(needed))
            };
            sink.push(
                sink.of(
                    view,
                    promise.span,
                    format!(
                        "`{}` forgets ids after {}, and `{name}` can come again for {long}",
                        view.name,
                        time(horizon.ms)
                    ),
                )
                .here("an older id counts as new")
                .also(span, sum)
                .help(help)
                .story([
                    format!("Event 17 of `{name}` takes effect; {} later its id is forgotten.", time(horizon.ms)),
                    format!("`{}` is read again from the log, which still holds event 17.", view.name),
                    "Its id is not known, so it takes effect a second time.".to_owned(),
                ]),
            );
        }
    }
}

/// The event that is kept longest of those a view follows from.
fn longest<'a>(model: &'a Model, reader: Reader) -> Option<(&'a str, u64, Span)> {
    let events = model.follows(reader).into_iter().filter_map(|input| match input {
        InputId::Event(id) => Some(id),
        InputId::Entity(_) | InputId::View(_) => None,
    });
    let kept = events.map(|id| {
        let event = model.event(id);
        let span = event.retain.as_ref().map_or(event.span, |retain| retain.span);
        (event.name.as_str(), retention(model, id).value, span)
    });
    kept.reduce(|first, next| if next.1 > first.1 { next } else { first })
}
