//! What a store needs of what reaches it, by the way it is written.

use crate::explore::topology::{Content, Id, Mode, Op, Place, Promise, Sink, Store, Topology};

use super::fact::{Axis, EVENT, Fact, Loss, Node, Order, Repeats, Replay};
use super::rule::{Rule, Rules};
use super::transfer::Flow;

/// Why a promise does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Refusal {
    /// What is asked for and not given.
    pub axis: Axis,
    /// Where the store is written.
    pub node: Node,
    /// In words, without the names.
    pub note: &'static str,
}

/// What the analysis says of one promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Why it does not hold; none: it holds.
    pub refusals: Vec<Refusal>,
    /// What is known where each sink writes.
    pub facts: Vec<(Id, Fact)>,
    /// Why what is asked for is given, in words.
    pub grounds: Vec<&'static str>,
}

impl Judgement {
    /// Whether the promise holds.
    #[must_use]
    pub fn accepted(&self) -> bool {
        self.refusals.is_empty()
    }
}

/// Judges a promise of a shape.
#[must_use]
pub fn judge(shape: &Topology, promise: usize) -> Judgement {
    judge_by(shape, promise, Rules::default())
}

/// The same with some rules only.
#[must_use]
pub fn judge_by(shape: &Topology, promise: usize, rules: Rules) -> Judgement {
    let mut asked = Asked { shape, rules, node: Node::Store(0), refusals: Vec::new(), grounds: Vec::new() };
    let Some(promise) = shape.promises.get(promise) else {
        return Judgement { refusals: Vec::new(), facts: Vec::new(), grounds: Vec::new() };
    };
    let (Promise::Converges { store, .. } | Promise::Once { store, .. } | Promise::Causal { store }) = promise;
    asked.node = Node::Store(*store);
    let flow = Flow { shape, rules };
    let direct = flow.direct(Place::Store(*store));
    let mut ways = Vec::new();
    for (id, sink) in (0..).zip(&shape.sinks).filter(|(_, sink)| sink.store == *store) {
        match flow.sink(id, sink) {
            Some((topic, fact)) => ways.push(Way { id, sink, topic, fact }),
            None => asked.refuse(Axis::Loss, "nothing writes what it reads"),
        }
    }
    let several = ways.len() > 1;
    for way in &mut ways {
        if several && rules.has(Rule::Union) {
            let node = Node::Store(*store);
            way.topic.order_by(EVENT, node, "several write it, and nothing orders them");
            way.fact.order_by(EVENT, node, "several write it, and nothing orders them");
        }
    }
    if direct.is_some() && rules.has(Rule::DirectWrite) {
        asked.refuse(Axis::Owner, "an application writes it as well, and nothing holds the two writes together");
    } else if direct.is_none() && ways.is_empty() {
        asked.refuse(Axis::Loss, "nothing fills it");
    }
    let of = shape.stores.get(usize::from(*store)).copied().unwrap_or_default();
    for way in &ways {
        asked.node = Node::Sink(way.id);
        match promise {
            Promise::Converges { of: content, .. } => asked.converges(way, of, *content),
            Promise::Once { .. } => asked.once(way, of),
            Promise::Causal { .. } => asked.causal(way),
        }
        if of.rebuilt && way.topic.replay == Replay::Window && rules.has(Rule::Rebuilt) {
            asked.refuse(Axis::Replay, "when it is filled again, what the log no longer holds is missing");
        }
    }
    let Asked { refusals, grounds, .. } = asked;
    Judgement { refusals, grounds, facts: ways.into_iter().map(|way| (way.id, way.fact)).collect() }
}

/// One sink's way into a store.
struct Way<'a> {
    id: Id,
    sink: &'a Sink,
    /// What is known at the topic.
    topic: Fact,
    /// What is known where it writes.
    fact: Fact,
}

struct Asked<'a> {
    shape: &'a Topology,
    rules: Rules,
    node: Node,
    refusals: Vec<Refusal>,
    grounds: Vec<&'static str>,
}

impl Asked<'_> {
    fn refuse(&mut self, axis: Axis, note: &'static str) {
        self.refusals.push(Refusal { axis, node: self.node, note });
    }

    /// Refuses unless it holds; a rule that is not asked is always content.
    fn need(&mut self, rule: Rule, holds: bool, axis: Axis, note: &'static str) {
        if !holds && self.rules.has(rule) {
            self.refuse(axis, note);
        }
    }

    fn ground(&mut self, note: &'static str) {
        if !self.grounds.contains(&note) {
            self.grounds.push(note);
        }
    }

    fn converges(&mut self, way: &Way<'_>, store: Store, content: Content) {
        let Way { topic, fact, sink, .. } = way;
        self.need(Rule::LosesNothing, fact.loss < Loss::Anything, Axis::Loss, "changes can be missing");
        self.need(Rule::Deletes, fact.deletes, Axis::Deletes, "rows that go are not taken away");
        let in_order = fact.order.holds();
        let not_late = fact.repeats < Repeats::Stray;
        match sink.mode {
            Mode::Append | Mode::DedupTogether | Mode::DedupApart => {
                self.refuse(Axis::Version, "it adds what it should replace");
            }
            Mode::Blind | Mode::Counter => {
                self.need(
                    Rule::UpsertOrder,
                    in_order,
                    Axis::Order,
                    "the last to arrive wins, and that need not be the newest",
                );
                self.need(
                    Rule::UpsertStray,
                    not_late,
                    Axis::Repeats,
                    "the last to arrive wins, and that can be one that was long under way",
                );
                let goes = sink.mode == Mode::Counter && fact.rows_go;
                self.need(
                    Rule::CounterDeletes,
                    !goes,
                    Axis::Version,
                    "a delete is compared with a counter that is not of its kind",
                );
                self.ground("each key's changes arrive in order, so the last to arrive is the newest; a repetition ends with the newest again");
            }
            Mode::OffsetStored => {
                self.need(
                    Rule::StoredInOrder,
                    in_order,
                    Axis::Order,
                    "writes are not in order, and what is behind the stored position is refused",
                );
                if !self.rules.has(Rule::StoredFences) {
                    self.need(Rule::UpsertStray, not_late, Axis::Repeats, "a late write can come");
                }
                self.ground(
                    "the position is stored in the transaction of the effect, so nothing is written twice or late",
                );
            }
            Mode::Offset => {
                self.need(
                    Rule::OffsetOrder,
                    topic.order.holds(),
                    Axis::Version,
                    "offsets do not follow the order of the record",
                );
                if !self.rules.has(Rule::OffsetForgivesStore) {
                    self.need(Rule::UpsertOrder, in_order && not_late, Axis::Order, "writes are not in order");
                }
                self.ground(
                    "the store takes a change only if its offset is higher, and a key's offsets follow the record",
                );
            }
            Mode::Commit => {
                self.need(
                    Rule::CommitPosition,
                    fact.position,
                    Axis::Version,
                    "positions do not order what is said of a key",
                );
                if !self.rules.has(Rule::CommitForgivesOrder) {
                    self.need(Rule::UpsertOrder, in_order && not_late, Axis::Order, "writes are not in order");
                }
                self.ground("the store takes a change only if its position in the record's log is higher");
            }
        }
        let versioned = matches!(sink.mode, Mode::Offset | Mode::Commit);
        if versioned && store.forgets && fact.rows_go && self.rules.has(Rule::Forgets) && !(in_order && not_late) {
            self.refuse(Axis::Version, "versions of deleted rows are forgotten while older writes can still arrive");
        }
        // A filter's view is of state all the same, and a count is one of a key.
        let _ = content;
    }

    fn once(&mut self, way: &Way<'_>, store: Store) {
        let Way { topic, fact, sink, .. } = way;
        self.need(Rule::LosesNothing, fact.loss == Loss::Nothing, Axis::Loss, "an operation can be missing");
        let exact = |repeats: Repeats| repeats == Repeats::Exact;
        match sink.mode {
            Mode::Append => {
                self.need(Rule::AppendOnce, exact(fact.repeats), Axis::Repeats, "what is repeated is added again");
                self.ground("nothing on the way repeats");
            }
            Mode::OffsetStored => {
                self.need(Rule::AppendOnce, exact(topic.repeats), Axis::Repeats, "what is repeated is added again");
                self.need(Rule::StoredInOrder, sink.in_flight <= 1, Axis::Loss, "a write that is overtaken is refused");
                if !self.rules.has(Rule::StoredFences) {
                    self.need(Rule::AppendOnce, exact(fact.repeats), Axis::Repeats, "what is repeated is added again");
                }
                self.ground("the position is stored in the transaction of the effect, and the topic repeats nothing");
            }
            Mode::DedupTogether | Mode::DedupApart => {
                self.need(Rule::DedupTogether, exact(fact.disguised), Axis::Ids, "a repetition comes under another id");
                if store.forgets_ids {
                    self.need(
                        Rule::DedupForgets,
                        exact(fact.repeats),
                        Axis::Repeats,
                        "a repetition can come after its id is forgotten",
                    );
                }
                if sink.mode == Mode::DedupApart && sink.crashes && self.rules.has(Rule::DedupApart) {
                    self.refuse(Axis::Loss, "an id can be marked without its effect");
                }
                self.ground(
                    "the operation id is marked in the transaction of the effect, and every repetition carries it",
                );
            }
            Mode::Blind | Mode::Offset | Mode::Commit | Mode::Counter => {
                self.refuse(Axis::Version, "it replaces what it should add");
            }
        }
    }

    fn causal(&mut self, way: &Way<'_>) {
        let Way { fact, sink, .. } = way;
        if sink.waits && self.rules.has(Rule::CausalWaits) {
            self.ground("what follows waits until what it followed from is there");
            return;
        }
        let ops = || self.shape.writers.iter().flat_map(|writer| writer.steps.iter().flatten());
        let cause = |op: &Op| ops().find(|cause| Some(cause.id) == op.after).map(|cause| cause.key);
        let one_key = ops().all(|op| op.after.is_none() || cause(op) == Some(op.key));
        let in_order = if one_key { fact.order.holds() } else { fact.order == Order(0) };
        self.need(Rule::CausalOrder, in_order, Axis::Order, "what followed can arrive before what it followed from");
        // A later record of the same row only replaces a cause that is of that row.
        let most = if one_key { Loss::Nothing } else { Loss::Replaced };
        self.need(Rule::LosesNothing, fact.loss <= most, Axis::Loss, "what it followed from can be missing");
        if sink.mode == Mode::DedupApart && sink.crashes && self.rules.has(Rule::DedupApart) {
            self.refuse(Axis::Loss, "an id can be marked without its effect");
        }
        self.ground("both are in one order all the way");
    }
}
