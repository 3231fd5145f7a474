//! Topics: entities' change logs, the connector's companions, dead letters; and the arithmetic of what must be kept how long.

use std::collections::BTreeMap;

use super::{Decided, Deployment, Topic, TopicId, TopicRole};
use crate::model::{EntityId, Model, View};
use crate::source::Span;

/// Longest outage a side must survive, where nothing is stated (language 2.10, 20): 3 days.
pub(crate) const OUTAGE_MS: u64 = 3 * DAY_MS;
/// Longest a reader needs from the start of a log to its head, where nothing is stated: 1 day.
const BOOTSTRAP_MS: u64 = DAY_MS;
/// Safety factor (facts/sources 11).
pub(super) const FACTOR: u64 = 2;
pub(super) const DAY_MS: u64 = 86_400_000;

/// A deployment in the making, and what is looked up in it again and again.
pub(super) struct Draft {
    pub(super) deployment: Deployment,
    /// Topics by their names.
    named: BTreeMap<String, TopicId>,
    /// How long tombstones of an entity's log stay readable, in ms: what its slowest reader needs.
    outages: BTreeMap<EntityId, Decided<u64>>,
}

impl Draft {
    pub(super) fn new(model: &Model, deployment: Deployment) -> Self {
        Self { deployment, named: BTreeMap::new(), outages: longest_outages(model) }
    }

    /// The topic of that name.
    pub(super) fn topic_named(&self, name: &str) -> Option<TopicId> {
        self.named.get(name).copied()
    }

    /// The topic of that name; a new one is made by `make`.
    pub(super) fn add_topic(&mut self, name: &str, make: impl FnOnce(&Self) -> Topic) -> TopicId {
        if let Some(id) = self.named.get(name) {
            return *id;
        }
        let topic = make(self);
        let id = TopicId(self.deployment.topics.len());
        self.deployment.topics.push(topic);
        self.named.insert(name.to_owned(), id);
        id
    }

    pub(super) fn config(&self, entries: Vec<(&str, Decided<String>)>) -> BTreeMap<String, Decided<String>> {
        let mut config: BTreeMap<String, Decided<String>> =
            entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let min = &self.deployment.log.min_insync;
        config.insert("min.insync.replicas".into(), Decided { value: min.value.to_string(), why: min.why.clone() });
        config
    }

    /// An entity's change log.
    pub(super) fn entity_topic(
        &mut self,
        model: &Model,
        entity: EntityId,
        name: &str,
        partitions: Option<Decided<u64>>,
    ) -> TopicId {
        let found = model.entity(entity);
        let managed = found.from_topic.is_none();
        let keyed = !found.key.is_empty();
        self.add_topic(name, |this| {
            let entries = if keyed {
                vec![
                    (
                        "cleanup.policy",
                        Decided::safety(
                            "compact".to_owned(),
                            "the newest version of every row stays for ever, so a view can be made again from the log",
                        ),
                    ),
                    ("delete.retention.ms", this.keep(entity)),
                ]
            } else {
                vec![
                    (
                        "cleanup.policy",
                        Decided::safety(
                            "delete".to_owned(),
                            "records may carry no key, and a compacted log refuses those",
                        ),
                    ),
                    (
                        "retention.ms",
                        Decided::safety(
                            "-1".to_owned(),
                            "nothing is forgotten, so a view can be made again from the log",
                        ),
                    ),
                ]
            };
            Topic {
                name: name.to_owned(),
                role: TopicRole::Entity(entity),
                partitions: partitions.map_or_else(
                    || this.deployment.log.partitions.clone(),
                    |stated| Decided { value: u32::try_from(stated.value).unwrap_or(u32::MAX), why: stated.why },
                ),
                replication: this.deployment.log.replication.clone(),
                config: super::large::topic(found, this.config(entries)),
                managed,
                docs: found.docs.clone(),
            }
        })
    }

    /// Twice the longest of the outages and bootstraps of the views that read the log (facts/sources 11, TOP-08).
    fn keep(&self, entity: EntityId) -> Decided<String> {
        let longest = self.outages.get(&entity).cloned();
        let longest =
            longest.unwrap_or_else(|| Decided::default(FACTOR * OUTAGE_MS, arithmetic(OUTAGE_MS, BOOTSTRAP_MS)));
        Decided { value: longest.value.to_string(), why: longest.why }
    }

    /// A companion topic of a source connector: one partition, compacted, since only the newest record matters.
    pub(super) fn companion_topic(&mut self, name: &str, role: TopicRole, about: &str) -> TopicId {
        self.add_topic(name, |this| Topic {
            name: name.to_owned(),
            role,
            partitions: Decided::safety(1, "one writer, one key: more partitions would stay empty"),
            replication: this.deployment.log.replication.clone(),
            config: this.config(vec![(
                "cleanup.policy",
                Decided::safety("compact".to_owned(), "only the newest heartbeat matters"),
            )]),
            managed: true,
            docs: vec![about.to_owned()],
        })
    }

    /// A dead-letter topic.
    pub(super) fn dead_letter_topic(
        &mut self,
        view: crate::model::ViewId,
        found: &View,
        name: &str,
        keep: Option<Decided<u64>>,
    ) -> TopicId {
        let keep = keep.unwrap_or_else(|| {
            Decided::default(
                30 * DAY_MS,
                "30 days to look at a bad record, unless `bad records to … for d` says otherwise",
            )
        });
        self.add_topic(name, |this| Topic {
            name: name.to_owned(),
            role: TopicRole::DeadLetter(view),
            partitions: Decided::default(1, "bad records are few; one partition keeps them in the order they came"),
            replication: this.deployment.log.replication.clone(),
            config: this.config(vec![
                (
                    "cleanup.policy",
                    Decided::safety("delete".to_owned(), "every bad record counts, also two of one key"),
                ),
                ("retention.ms", Decided { value: keep.value.to_string(), why: keep.why }),
            ]),
            managed: true,
            docs: vec![format!("Records that `{}` could not apply.", found.name)],
        })
    }
}

/// What the slowest reader of each entity needs; of two alike the later view says why.
fn longest_outages(model: &Model) -> BTreeMap<EntityId, Decided<u64>> {
    let mut longest: BTreeMap<EntityId, Decided<u64>> = BTreeMap::new();
    for view in &model.views {
        let late = late_delivery(view);
        for entity in view.flows.iter().filter_map(crate::model::Flow::entity) {
            if longest.get(&entity).is_none_or(|known| known.value <= late.value) {
                longest.insert(entity, late.clone());
            }
        }
    }
    longest
}

/// How long after the newest version of a row an older one can still be delivered to a view, in ms.
pub(super) fn late_delivery(view: &View) -> Decided<u64> {
    let outage = view.survives.as_ref().map_or(OUTAGE_MS, |stated| stated.value.ms);
    let rebuild = view.rebuild.as_ref().and_then(|stated| stated.value.1).map(|within| within.ms);
    let bootstrap = view.bootstrap.as_ref().map(|stated| stated.value.ms).or(rebuild).unwrap_or(BOOTSTRAP_MS);
    let value = FACTOR * outage.max(bootstrap);
    let note = arithmetic(outage, bootstrap);
    match view.survives.as_ref().map(|s| s.span).or_else(|| view.bootstrap.as_ref().map(|s| s.span)) {
        Some(span) => Decided::stated(value, span, note),
        None => Decided::default(value, note),
    }
}

fn arithmetic(outage: u64, bootstrap: u64) -> String {
    format!(
        "{FACTOR} × max(outage {}, bootstrap {}) = {}",
        time(outage),
        time(bootstrap),
        time(FACTOR * outage.max(bootstrap))
    )
}

/// What a log must keep for one reader that may stop and come back, with what decides it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needed {
    /// In ms: the outage it survives and the time it then needs to catch up, doubled.
    pub ms: u64,
    /// The sum as people write it.
    pub sum: String,
    /// The statement that decides most of it; none where the default outage does.
    pub span: Option<Span>,
}

/// What a log that forgets by time must keep for a view, or for a process (none): a stop of that length, found and ended, and the way back to the head
/// (facts/sources 11: `retention.ms`). What is not stated counts as the default outage and no time for the way back.
#[must_use]
pub fn needed_log(view: Option<&View>) -> Needed {
    let survives = view.and_then(|view| view.survives.as_ref());
    let outage = survives.map_or(OUTAGE_MS, |stated| stated.value.ms);
    let bootstrap = view.and_then(|view| view.bootstrap.as_ref()).map(|stated| (stated.value.ms, stated.span));
    let rebuild = view.and_then(|view| view.rebuild.as_ref());
    let rebuild = rebuild.and_then(|stated| stated.value.1.map(|within| (within.ms, stated.span)));
    let back = bootstrap.or(rebuild);
    let ms = FACTOR.saturating_mul(outage.saturating_add(back.map_or(0, |(ms, _)| ms)));
    let way = back.map_or_else(String::new, |(ms, _)| format!(" + back at the head {}", time(ms)));
    let span = match (survives, back) {
        (Some(stated), Some((ms, span))) => Some(if ms > stated.value.ms { span } else { stated.span }),
        (Some(stated), None) => Some(stated.span),
        (None, Some((_, span))) => Some(span),
        (None, None) => None,
    };
    Needed { ms, sum: format!("{FACTOR} × (outage {}{way}) = {}", time(outage), time(ms)), span }
}

/// What tombstones of a compacted log must outlive for a view, or for a process (none), with the sum (facts/sources 11: `delete.retention.ms`).
#[must_use]
pub fn needed_tombstones(view: Option<&View>) -> Needed {
    match view {
        Some(view) => {
            let late = late_delivery(view);
            let span = view.survives.as_ref().or(view.bootstrap.as_ref()).map(|stated| stated.span);
            Needed { ms: late.value, sum: late.why.note, span }
        }
        None => {
            Needed { ms: FACTOR * OUTAGE_MS.max(BOOTSTRAP_MS), sum: arithmetic(OUTAGE_MS, BOOTSTRAP_MS), span: None }
        }
    }
}

/// A time as people write it.
pub(crate) fn time(ms: u64) -> String {
    for (unit, size) in [("d", DAY_MS), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)] {
        if ms >= size && ms.is_multiple_of(size) {
            return format!("{}{unit}", ms / size);
        }
    }
    format!("{ms}ms")
}
