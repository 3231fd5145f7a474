use std::collections::BTreeSet;

use super::{Context, Sink, rule};
use crate::model::relation::{Nature, RecordId};
use crate::model::{EventId, Model, Retain, View};
use crate::source::Span;
use crate::units::duration;

rule! {
    /// A view is made again from a log that has forgotten its beginning.
    ///
    /// `rebuild from log` reads the log from its first record. The log of an event forgets after its `retain` (without one, after the time that outages ask for), and
    /// so does the topic of a view above. An entity's log keeps the newest version of every row. A view that `expire`s sooner than the log forgets misses nothing.
    ///
    /// ```dia,bad
    /// system warehouse: snowflake
    /// event page_viewed in kafka.page_views {
    ///   event_id  uuid  key
    ///   retain 30d
    /// }
    /// view views {
    ///   page_viewed | warehouse.web.views
    ///   rebuild from log
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system warehouse: snowflake
    /// event page_viewed in kafka.page_views {
    ///   event_id  uuid  key
    ///   retain forever
    /// }
    /// view views {
    ///   page_viewed | warehouse.web.views
    ///   rebuild from log
    /// }
    /// ```
    {
        name: "log_too_short", severity: Error, waivable: false, title: "rebuilding from the log needs the whole log",
        check: Some(check),
    }
}

/// A log that forgets.
struct Short<'a> {
    name: &'a str,
    place: Span,
    /// How long it keeps, in ms; none where nobody says.
    kept: Option<u64>,
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let forever = model.replayed_for_ever();
    for view in &model.views {
        let Some(rebuild) = view.rebuilt_from_log() else { continue };
        let Some(short) = short(model, view, &forever) else { continue };
        let (name, view_name) = (short.name, &view.name);
        let (message, why, days) = match short.kept {
            Some(kept) => {
                let kept = duration(kept);
                (
                    format!("`{view_name}` is made again from the log of `{name}`, which keeps {kept}"),
                    format!("forgotten after {kept}"),
                    kept,
                )
            }
            None => (
                format!("`{view_name}` is made again from the log of `{name}`, which forgets"),
                "no `retain`: kept for as long as outages ask for".to_owned(),
                "a few days".to_owned(),
            ),
        };
        let mut finding =
            sink.at(view.at(rebuild), message).here("needs every record there was").also(short.place, why);
        if !view.says(rebuild) {
            finding = finding.also(rebuild, "said for all views that say nothing else");
        }
        let edit = if short.kept.is_some() { "write `retain forever` in" } else { "add `retain forever` to" };
        sink.push(finding.help(format!("{edit} `{name}`")).story([
            format!("`{view_name}` is made again from its log."),
            format!("What `{name}` told more than {days} ago is not there: after the rebuild it never happened."),
        ]));
    }
}

fn short<'a>(model: &'a Model, view: &'a View, forever: &BTreeSet<EventId>) -> Option<Short<'a>> {
    let enough = |kept: u64| view.expire.as_ref().is_some_and(|expire| expire.value.ms <= kept);
    let above = model.views_above(view).into_iter().map(|id| model.view(id)).find_map(|above| {
        let retain = above.retain.as_ref()?;
        let Retain::For(kept) = retain.value else { return None };
        let facts = above.relation.as_ref().is_some_and(|relation| relation.nature == Nature::Facts);
        (facts && !enough(kept.ms)).then_some(Short { name: &above.name, place: retain.span, kept: Some(kept.ms) })
    });
    above.or_else(|| {
        model.records(view).into_iter().find_map(|record| {
            let RecordId::Event(id) = record else { return None };
            let event = model.event(id);
            // Where nothing is said, the log keeps what its readers promise.
            let kept = event.retain.as_ref().map(|retain| retain.value.ms());
            let kept = kept.or_else(|| forever.contains(&id).then_some(Retain::Forever.ms()));
            if kept == Some(Retain::Forever.ms()) || kept.is_some_and(enough) {
                return None;
            }
            Some(Short {
                name: &event.name,
                place: event.retain.as_ref().map_or(event.span, |retain| retain.span),
                kept,
            })
        })
    })
}
