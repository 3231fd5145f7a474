use super::{Context, Sink, rule};
use crate::model::relation::{InputId, Nature};
use crate::model::walk::Reader;
use crate::model::{Event, EventId, Model, Retain};
use crate::plan::{needed_log, retention, time};
use crate::source::Span;
use crate::syntax::ast::{Claim, Spanned};

rule! {
    /// A log forgets sooner than its readers may need it.
    ///
    /// A reader that stops comes back and goes on where it was. What the log has forgotten meanwhile is gone without an error, so a log must keep twice the
    /// longest outage a reader is to survive (`survives outage of`, 3 days unless stated) and the time it then needs to the head (`bootstrap within`,
    /// `rebuild … within`). `guarantee replayable for` needs that time of every event it follows from.
    ///
    /// A view that says `rebuild from log` is judged by `log_too_short` alone.
    ///
    /// ```dia,bad
    /// system log: kafka
    /// system notes: postgres
    /// event page_viewed in log.page_views { event_id uuid key, retain 1d }
    /// view views { page_viewed | notes.public.views }
    /// ```
    ///
    /// ```dia,good
    /// system log: kafka
    /// system notes: postgres
    /// event page_viewed in log.page_views { event_id uuid key, retain 7d }
    /// view views { page_viewed | notes.public.views }
    /// ```
    {
        name: "retention_too_short", severity: Error, waivable: false,
        title: "retention is shorter than the longest outage you plan for", check: Some(check),
    }
}

/// The most that something needs of a log.
struct Most<'a> {
    ms: u64,
    reader: Reader<'a>,
    why: String,
    span: Span,
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for (at, event) in model.events.iter().enumerate() {
        let Some(retain) = &event.retain else { continue };
        judge(cx, sink, InputId::Event(EventId(at)), &event.name, retain, kept(model, event));
    }
    for (id, view) in model.all_views() {
        let facts = view.relation.as_ref().is_some_and(|relation| relation.nature == Nature::Facts);
        let Some(retain) = view.retain.as_ref().filter(|_| facts) else { continue };
        judge(cx, sink, InputId::View(id), &view.name, retain, retain.value.ms());
    }
}

/// How long the topic of an event keeps its records: of several events that share it, what the longest asks for.
fn kept(model: &Model, event: &Event) -> u64 {
    let shared = |other: &Event| other.log == event.log && other.topic == event.topic;
    let found = model.events.iter().enumerate().filter(|(_, other)| shared(other));
    found.map(|(at, _)| retention(model, EventId(at)).value).max().unwrap_or(0)
}

fn judge(cx: &Context, sink: &mut Sink, log: InputId, name: &str, stated: &Spanned<Retain>, kept: u64) {
    let (model, span) = (cx.model, stated.span);
    let stops = model.readers_of(log).into_iter().filter_map(|reader| outage(reader, kept));
    let replays = model.all_readers().filter_map(|reader| replay(model, reader, log, kept));
    let short = stops.chain(replays).filter(|most| most.ms > kept);
    // The first of equals, in the order of the page.
    let Some(most) = short.reduce(|first, next| if next.ms > first.ms { next } else { first }) else { return };
    let kept = time(kept);
    let (wanted, needs) = if most.ms == u64::MAX {
        ("forever".to_owned(), "all of it".to_owned())
    } else {
        (time(rounded(most.ms)), time(most.ms))
    };
    // Of an event the value alone is known, of a view the statement.
    let whole = cx.sources.slice(span).starts_with("retain");
    let edit = if whole { format!("retain {wanted}") } else { wanted.clone() };
    let reader = most.reader.name();
    sink.push(
        sink.at(span, format!("`{name}` is kept for {kept}, and `{reader}` needs {needs}"))
            .here(format!("what is older than {kept} is gone"))
            .also(most.span, most.why)
            .help(format!("write `retain {wanted}`"))
            .fix(span, edit)
            .story(story(most.reader, name, &kept, &needs, most.ms == u64::MAX)),
    );
}

/// What a reader needs to come back after an outage; nothing where the log is to make the view again: that needs the whole log, and another rule says so.
fn outage(reader: Reader<'_>, kept: u64) -> Option<Most<'_>> {
    if wants_all(reader, kept) {
        return None;
    }
    let needed = needed_log(reader.view());
    let span = needed.span.unwrap_or_else(|| reader.span());
    Some(Most { ms: needed.ms, reader, why: needed.sum, span })
}

/// What a promise to replay needs of a log.
fn replay<'a>(model: &Model, reader: Reader<'a>, log: InputId, kept: u64) -> Option<Most<'a>> {
    let most = reader.guarantees().iter().filter_map(|promise| match promise.claim {
        Claim::ReplayableForever => Some((u64::MAX, promise.span)),
        Claim::ReplayableFor(duration) => Some((duration.ms, promise.span)),
        Claim::OrderedTotally
        | Claim::OrderedPer(_)
        | Claim::EveryChange
        | Claim::ExactlyOnce { .. }
        | Claim::ReadYourWrites(_)
        | Claim::AgreesWith(_)
        | Claim::After { .. } => None,
    });
    let (ms, span) = most.max_by_key(|(ms, _)| *ms)?;
    if wants_all(reader, kept) || !model.follows(reader).contains(&log) {
        return None;
    }
    Some(Most { ms, reader, why: format!("`{}` promises to be replayed from it", reader.name()), span })
}

/// Whether the log is to make the view again, all of it: of that another rule speaks. What expires sooner than the log forgets needs no more than that.
fn wants_all(reader: Reader, kept: u64) -> bool {
    let Some(view) = reader.view().filter(|view| view.rebuilt_from_log().is_some()) else { return false };
    view.expire.as_ref().is_none_or(|expire| expire.value.ms > kept)
}

/// Up to whole days, where it is more than one; else to whole hours, or minutes.
fn rounded(ms: u64) -> u64 {
    let unit = if ms > 86_400_000 {
        86_400_000
    } else if ms > 3_600_000 {
        3_600_000
    } else {
        60_000
    };
    ms.div_ceil(unit).saturating_mul(unit)
}

fn story(reader: Reader, name: &str, kept: &str, needs: &str, whole: bool) -> Vec<String> {
    let reader = reader.name();
    if whole {
        return vec![
            format!("A mistake in `{reader}` is found and corrected, and its past is to be read again."),
            format!("The log of `{name}` starts {kept} ago."),
            "What happened before counts as if it never had, and nothing says so.".to_owned(),
        ];
    }
    vec![
        format!("`{reader}` stops. Until that is seen and cured and it has caught up, it may be {needs} behind."),
        format!("The log of `{name}` has kept the last {kept} only: what was not read before that is gone."),
        format!("`{reader}` goes on from the oldest record there is, and is wrong without an error."),
    ]
}
