//! Topics of events: routing is the producers' matter, partitions and retention are decided here.

use std::collections::{BTreeMap, BTreeSet};

use super::settings::Settings;
use super::topics::{DAY_MS, Draft, FACTOR, time};
use super::{Decided, Deployment, Topic, TopicRole};
use crate::model::relation::InputId;
use crate::model::{Event, EventId, Model, Promise, Retain, View, ViewId};
use crate::source::Span;
use crate::syntax::ast::{Claim, RebuildFrom};

/// Least retention of an event nobody says anything of: a consumer that stops on Friday evening still finds all of it on Monday, with days to spare
/// (language 4.4).
const LEAST_MS: u64 = 7 * DAY_MS;

/// Plans the topic of every event of the deployment's log. Events that share a topic share its partitions; it keeps what the longest of them asks for.
pub(super) fn plan(settings: &Settings, draft: &mut Draft) {
    let model = settings.model;
    let mut by_topic: BTreeMap<&str, Vec<EventId>> = BTreeMap::new();
    for (at, event) in model.events.iter().enumerate() {
        if Some(event.log) == draft.deployment.log.system && !event.topic.is_empty() {
            by_topic.entry(&event.topic).or_default().push(EventId(at));
        }
    }
    let followers = Followers::of(model);
    for (name, mut events) in by_topic {
        events.sort_by_key(|id| &model.event(*id).name);
        let Some(&first) = events.first() else { continue };
        let partitions = partitions(settings, &draft.deployment, &events);
        let keep = events.iter().map(|id| kept(model, &followers, *id)).max_by_key(|keep| keep.value);
        let keep = keep.unwrap_or_else(|| Decided::default(LEAST_MS, "7 days".to_owned()));
        let value = if keep.value == u64::MAX { "-1".to_owned() } else { keep.value.to_string() };
        let docs: Vec<String> = events.iter().flat_map(|id| model.event(*id).docs.clone()).collect();
        draft.add_topic(name, |this| Topic {
            name: name.to_owned(),
            role: TopicRole::Event(first),
            partitions,
            replication: this.deployment.log.replication.clone(),
            config: this.config(vec![
                (
                    "cleanup.policy",
                    Decided::safety(
                        "delete".to_owned(),
                        "every event counts, also two of one key: compaction would drop the older",
                    ),
                ),
                ("retention.ms", Decided { value, why: keep.why }),
            ]),
            managed: true,
            docs,
        });
    }
}

fn partitions(settings: &Settings, deployment: &Deployment, events: &[EventId]) -> Decided<u32> {
    let tuned = events.iter().find_map(|id| settings.integer(settings.event(*id, "partitions")));
    if let Some(stated) = tuned {
        return Decided { value: u32::try_from(stated.value).unwrap_or(u32::MAX), why: stated.why };
    }
    match events.iter().find_map(|id| totally_ordered(settings.model, *id)) {
        Some(span) => Decided::stated(1, span, "`ordered totally`: one partition is the only total order a log has"),
        None => deployment.log.partitions.clone(),
    }
}

/// Where a total order of an event is promised.
fn totally_ordered(model: &Model, event: EventId) -> Option<Span> {
    let total = |promise: &&Promise| promise.claim == Claim::OrderedTotally;
    let views = model.views.iter().filter(|view| view.inputs.iter().any(|input| input.what == InputId::Event(event)));
    let processes = model
        .processes
        .iter()
        .filter(|process| process.inputs.iter().any(|input| input.value == InputId::Event(event)));
    let promised = views.filter_map(|view| view.guarantees.iter().find(total));
    promised
        .chain(processes.filter_map(|process| process.guarantees.iter().find(total)))
        .map(|promise| promise.span)
        .next()
}

/// How long an event is kept, in ms; for ever is the largest number. Stated, else the longest of a week, twice the longest rebuild from the log, the
/// longest promise to replay and what its readers state of outages (language 4.4 and 2.10, 20).
#[must_use]
pub fn retention(model: &Model, id: EventId) -> Decided<u64> {
    kept(model, &Followers::of(model), id)
}

fn kept(model: &Model, followers: &Followers, id: EventId) -> Decided<u64> {
    let event: &Event = model.event(id);
    if let Some(stated) = &event.retain {
        let note = match stated.value {
            Retain::Forever => "`retain forever`".to_owned(),
            Retain::For(duration) => format!("`retain {}`", time(duration.ms)),
        };
        return Decided::stated(stated.value.ms(), stated.span, note);
    }
    let readers: Vec<&View> = followers.views_of(id).into_iter().map(|view| model.view(view)).collect();
    let rebuild = readers.iter().filter_map(|view| match &view.rebuild {
        Some(stated) if stated.value.0 == RebuildFrom::Log => stated.value.1.map(|within| within.ms),
        _ => None,
    });
    let rebuild = FACTOR * rebuild.max().unwrap_or(0);
    let promised = readers.iter().flat_map(|view| &view.guarantees).filter_map(|promise| match promise.claim {
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
    let promised = promised.max_by_key(|(ms, _)| *ms);
    let stops = model.readers_of(InputId::Event(id)).into_iter().map(|reader| super::needed_log(reader.view()));
    let stop = stops.filter(|needed| needed.span.is_some()).max_by_key(|needed| needed.ms);
    let least = LEAST_MS.max(rebuild).max(promised.map_or(0, |(ms, _)| ms));
    if let Some(stop) = stop.filter(|stop| stop.ms > least)
        && let Some(span) = stop.span
    {
        return Decided::stated(stop.ms, span, stop.sum);
    }
    if let Some((ms, span)) = promised.filter(|(ms, _)| *ms > LEAST_MS.max(rebuild)) {
        let words = if ms == u64::MAX { "for ever".to_owned() } else { time(ms) };
        return Decided::stated(ms, span, format!("a reader may replay {words}"));
    }
    let note = match rebuild {
        0 => format!("{} unless a view that follows it states a longer rebuild or replay", time(LEAST_MS)),
        _ => format!(
            "max({}, {FACTOR} × longest rebuild {}) = {}",
            time(LEAST_MS),
            time(rebuild / FACTOR),
            time(LEAST_MS.max(rebuild))
        ),
    };
    Decided::default(LEAST_MS.max(rebuild), note)
}

/// Who takes rows from what: views by what they read, and the events that a process makes of what it reads.
struct Followers {
    views: BTreeMap<InputId, Vec<ViewId>>,
    emitted: BTreeMap<InputId, Vec<EventId>>,
}

impl Followers {
    fn of(model: &Model) -> Self {
        let mut followers = Self { views: BTreeMap::new(), emitted: BTreeMap::new() };
        for (id, view) in model.all_views() {
            for input in &view.inputs {
                followers.views.entry(input.what).or_default().push(id);
            }
        }
        for process in &model.processes {
            for input in &process.inputs {
                let made = process.emits.iter().map(|emit| emit.event);
                followers.emitted.entry(input.value).or_default().extend(made);
            }
        }
        followers
    }

    /// Views that follow from an event, at any distance and also through processes.
    fn views_of(&self, id: EventId) -> BTreeSet<ViewId> {
        let mut views = BTreeSet::new();
        let mut met = BTreeSet::from([InputId::Event(id)]);
        let mut open = vec![InputId::Event(id)];
        while let Some(at) = open.pop() {
            let found = self.views.get(&at).into_iter().flatten();
            views.extend(found.clone());
            let next = found.map(|view| InputId::View(*view));
            let made = self.emitted.get(&at).into_iter().flatten().map(|event| InputId::Event(*event));
            open.extend(next.chain(made).filter(|input| met.insert(*input)));
        }
        views
    }
}
