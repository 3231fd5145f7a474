//! What each component does to what is known: one function a kind of node. Nothing here asks what a store needs.

use crate::explore::topology::{
    Capture, CaptureMode, Id, Job, Keeps, Kind, Op, Place, Retries, Route, Sink, Topic, Topology, Work,
};

use super::fact::{Axis, EVENT, Fact, KEY, Loss, Node, Order, Repeats, Replay, VALUE};
use super::rule::{Rule, Rules};

/// What is known along one shape.
pub(super) struct Flow<'a> {
    pub shape: &'a Topology,
    pub rules: Rules,
}

impl Flow<'_> {
    /// Records in a topic, as its readers find them; none where nothing writes it. `depth` ends on shapes that go in a circle.
    pub fn topic(&self, id: Id, depth: usize) -> Option<Fact> {
        if depth > self.shape.topics.len() {
            return None;
        }
        let of = self.shape.topics.get(usize::from(id))?;
        let node = Node::Topic(id);
        let mut facts = Vec::new();
        for (at, capture) in (0..).zip(&self.shape.captures) {
            if capture.topic == id {
                facts.push(self.capture(at, *capture));
            }
        }
        for (at, job) in (0..).zip(&self.shape.jobs) {
            if job.outputs.contains(&id) {
                facts.push(self.job(at, job, depth + 1)?);
            }
        }
        facts.extend(self.direct(Place::Topic(id)));
        let several = facts.len() > 1;
        let mut fact = facts.into_iter().reduce(Fact::meet)?;
        if several && self.rules.has(Rule::Union) {
            fact.order_by(EVENT, node, "several write into it, and nothing orders them");
        }
        self.stored(&mut fact, node, of);
        Some(fact)
    }

    /// What a topic does: partitions and retention.
    fn stored(&self, fact: &mut Fact, node: Node, of: &Topic) {
        let written_in_order = fact.order.holds();
        match of.route {
            _ if of.partitions == 1 => fact.keep(Axis::Order, node, "it has one partition"),
            Route::Key => fact.order_by(KEY, node, "records of one key share a partition"),
            Route::Value if fact.keyed_by_value => fact.order_by(KEY, node, "records of one key share a partition"),
            Route::Value if self.rules.has(Rule::RouteByValue) => {
                fact.order_by(VALUE, node, "a change of the column moves the row to another partition");
            }
            Route::Any if self.rules.has(Rule::RouteByNothing) => {
                fact.order_by(EVENT, node, "records of one key lie in several partitions");
            }
            Route::Value | Route::Any => {}
        }
        if of.grows && self.rules.has(Rule::Grows) {
            fact.order_by(
                EVENT,
                node,
                "when partitions are added, a key moves while its older records are still unread",
            );
        }
        match of.keeps {
            Keeps::Enough => {}
            Keeps::Window => {
                if self.rules.has(Rule::Window) {
                    fact.replay = Replay::Window;
                    fact.lower(Axis::Replay, node, "it keeps records some time only");
                }
            }
            Keeps::TooShort => {
                if self.rules.has(Rule::TooShort) {
                    fact.lose(Loss::Anything, node, "records can be gone before a reader comes back");
                }
            }
            Keeps::Compacted | Keeps::CompactedTooSoon => {
                if self.rules.has(Rule::Compacted) {
                    fact.lose(Loss::Replaced, node, "compaction keeps the newest record of a key only");
                }
                if !written_in_order && self.rules.has(Rule::CompactedOrder) {
                    fact.lose(
                        Loss::Anything,
                        node,
                        "compaction keeps what was written last, which need not be the newest",
                    );
                }
                if of.keeps == Keeps::CompactedTooSoon && self.rules.has(Rule::Tombstones) {
                    fact.drop_deletes(node, "tombstones can be gone before a reader comes back");
                }
            }
        }
    }

    /// What applications write straight into a topic or store.
    pub fn direct(&self, to: Place) -> Option<Fact> {
        let mut facts = Vec::new();
        for (at, writer) in (0..).zip(&self.shape.writers) {
            let own = |op: &&Op| op.to == to;
            if !writer.steps.iter().flatten().any(|op| own(&op)) {
                continue;
            }
            let node = Node::Writer(at);
            let mut fact =
                Fact::of_log(node, writer.steps.iter().flatten().filter(own).any(|op| op.kind == Kind::Delete));
            fact.position = false;
            match writer.retries {
                Retries::Never => {}
                Retries::SameId | Retries::NewId => {
                    if self.rules.has(Rule::Retry) {
                        fact.repeat(Repeats::Rewind, node, "a call whose answer is lost is made again");
                    }
                    if writer.retries == Retries::NewId && self.rules.has(Rule::RetryNewId) {
                        fact.disguised = Repeats::Rewind;
                        fact.lower(Axis::Ids, node, "the repetition has another operation id");
                    }
                }
            }
            facts.push(fact);
        }
        facts.into_iter().reduce(|a, b| {
            let mut fact = a.meet(b);
            let node = Node::Writer(0);
            fact.order_by(EVENT, node, "several applications write, and nothing orders them");
            fact
        })
    }

    fn capture(&self, id: Id, of: Capture) -> Fact {
        let node = Node::Capture(id);
        let ops = self.shape.writers.iter().flat_map(|writer| writer.steps.iter().flatten());
        let mut own = ops.filter(|op| op.to == Place::Table(of.table));
        let rows_go = own.any(|op| op.kind == Kind::Delete);
        let mut fact = Fact::of_log(Node::Table(of.table), rows_go);
        let again = self.shape.writers.iter().any(|writer| {
            writer.retries != Retries::Never && writer.steps.iter().flatten().any(|op| op.to == Place::Table(of.table))
        });
        if again && self.rules.has(Rule::Retry) {
            fact.repeat(Repeats::Rewind, Node::Table(of.table), "a call whose answer is lost is made again");
            let anew = self.shape.writers.iter().any(|writer| writer.retries == Retries::NewId);
            if anew && self.rules.has(Rule::RetryNewId) {
                fact.disguised = Repeats::Rewind;
                fact.lower(Axis::Ids, Node::Table(of.table), "the repetition has another operation id");
            }
        }
        match of.mode {
            CaptureMode::Log => {}
            CaptureMode::Snapshot => {
                if of.crashes && self.rules.has(Rule::SnapshotAgain) {
                    fact.drop_deletes(
                        node,
                        "a copy that is interrupted starts again and never hears of rows that went in between",
                    );
                }
            }
            CaptureMode::Poll => {
                fact.order_by(KEY, node, "changed rows come row by row");
                if self.rules.has(Rule::PollDeletes) {
                    fact.drop_deletes(node, "who asks for changed rows never sees one that is gone");
                }
                if self.rules.has(Rule::PollSkips) {
                    fact.lose(Loss::Replaced, node, "who asks for changed rows sees the last state only");
                }
            }
        }
        if of.crashes && self.rules.has(Rule::CaptureCrash) {
            fact.repeat(Repeats::Rewind, node, "after a crash it reads again from its last committed position");
        }
        if of.in_flight > 1 && self.rules.has(Rule::CaptureInFlight) {
            fact.order_by(EVENT, node, "appends under way can overtake each other");
        }
        fact
    }

    fn job(&self, id: Id, of: &Job, depth: usize) -> Option<Fact> {
        let node = Node::Job(id);
        let mut inputs = Vec::new();
        for input in &of.inputs {
            inputs.push(self.topic(*input, depth)?);
        }
        let several = inputs.len() > 1;
        let mut fact = inputs.into_iter().reduce(Fact::meet)?;
        if several && of.work != Work::Join && self.rules.has(Rule::Union) {
            fact.order_by(EVENT, node, "it reads several topics, and nothing orders them");
        }
        self.work(&mut fact, node, of);
        if of.crashes && !of.atomic && self.rules.has(Rule::JobCrash) {
            fact.repeat(Repeats::Rewind, node, "after a crash it works again from its last committed position");
        }
        if let Work::Split { keeps_id: false, .. } = of.work
            && fact.repeats > fact.disguised
            && self.rules.has(Rule::SplitNewId)
        {
            fact.disguised = fact.repeats;
            fact.lower(Axis::Ids, node, "a repetition is given new ids");
        }
        // What is read again is the job's output topic, with its own retention.
        fact.replay = Replay::Whole;
        Some(fact)
    }

    /// What a job's work does, apart from its dying.
    fn work(&self, fact: &mut Fact, node: Node, of: &Job) {
        let dies = of.crashes && !of.atomic;
        match of.work {
            // Each output of a split by value is in order; that a row changes sides shows where they meet again.
            Work::Pass | Work::Split { .. } | Work::ByValue => {}
            Work::Filter { deletes } => {
                fact.rows_go = true;
                if !deletes && self.rules.has(Rule::FilterDeletes) {
                    fact.drop_deletes(node, "a row that stops matching is passed over in silence");
                }
            }
            Work::Rekey { deletes } => {
                fact.rows_go = true;
                self.needs_order(fact, node);
                if !deletes && self.rules.has(Rule::RekeyDeletes) {
                    fact.drop_deletes(node, "a row that changes its key stays under the old one");
                }
                fact.keyed_by_value = true;
                fact.shared_id |= deletes;
            }
            Work::Count { dedup } => {
                let repeats = if dedup { fact.disguised } else { fact.repeats };
                let twice = repeats > Repeats::Exact || dies && !dedup;
                if twice && self.rules.has(Rule::CountRepeats) {
                    fact.lose(Loss::Anything, node, "what repeats is counted again");
                }
                if dedup && dies && self.rules.has(Rule::MarkedApart) {
                    fact.lose(Loss::Anything, node, "what is marked as seen can be lost before it is counted");
                }
                if fact.loss > Loss::Nothing && self.rules.has(Rule::CountLoss) {
                    fact.lose(Loss::Anything, node, "what is missing is not counted");
                }
                if !fact.order.holds() && self.rules.has(Rule::CountPosition) {
                    fact.drop_position(node, "counts follow the order in which it reads, positions do not");
                }
                if self.rules.has(Rule::CountOrder) {
                    fact.order = Order(0);
                    fact.keep(Axis::Order, node, "a count does not hang on the order of what it counts");
                }
                fact.repeats = Repeats::Exact;
                fact.rows_go = false;
            }
            Work::Join => {
                self.needs_order(fact, node);
                if self.rules.has(Rule::JoinPosition) {
                    fact.drop_position(node, "the two sides' positions cannot be compared");
                }
            }
            Work::Distinct => {
                if fact.shared_id && self.rules.has(Rule::SharedId) {
                    fact.lose(
                        Loss::Anything,
                        node,
                        "two records carry one id, and the second is taken for a repetition",
                    );
                }
                if self.rules.has(Rule::Distinct) {
                    fact.repeats = fact.disguised;
                    fact.keep(Axis::Repeats, node, "a repetition of a known id is dropped");
                }
                if dies && self.rules.has(Rule::MarkedApart) {
                    fact.lose(Loss::Anything, node, "what is marked as seen can be lost before it is passed on");
                }
            }
        }
    }

    /// Work that remembers rows gives wrong results to records in a wrong order, and no version mends them.
    fn needs_order(&self, fact: &mut Fact, node: Node) {
        if !fact.order.holds() && self.rules.has(Rule::StateNeedsOrder) {
            fact.drop_position(node, "it remembers the row that came last, which need not be the newest");
        }
    }

    /// What reaches a store through a sink, before its mode is asked; and the same as it stands in the topic.
    pub fn sink(&self, id: Id, of: &Sink) -> Option<(Fact, Fact)> {
        let node = Node::Sink(id);
        let mut inputs = Vec::new();
        for input in &of.inputs {
            inputs.push(self.topic(*input, 0)?);
        }
        let several = inputs.len() > 1;
        let mut topic = inputs.into_iter().reduce(Fact::meet)?;
        if several && self.rules.has(Rule::Union) {
            topic.order_by(EVENT, node, "it reads several topics, and nothing orders them");
        }
        let mut fact = topic.clone();
        if of.in_flight > 1 && self.rules.has(Rule::SinkInFlight) {
            fact.order_by(EVENT, node, "writes under way can overtake each other");
        }
        if of.crashes && self.rules.has(Rule::SinkCrash) {
            fact.repeat(Repeats::Rewind, node, "after a crash it writes again from its last committed position");
        }
        if of.crashes && of.zombies && self.rules.has(Rule::Zombies) {
            fact.repeat(Repeats::Stray, node, "a write of a task that has died can still arrive, long after");
        }
        if !of.deletes && self.rules.has(Rule::SinkDeletes) {
            fact.drop_deletes(node, "it does not pass deletes on");
        }
        Some((topic, fact))
    }
}
