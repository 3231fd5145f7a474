//! The worked cases, as shapes: the two-store write, a transfer, an unfriending, each with its unsafe forms. Tests compare the explorer with what was
//! measured on paper, and with another model checker.

use super::topology::{
    Bounds, Capture, CaptureMode, Content, Job, Keeps, Kind, Mode, Op, Place, Promise, Retries, Route, Sink, Store,
    Table, Topic, Topology, Work, Writer,
};

/// A case with what is known of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name in the design.
    pub name: &'static str,
    /// The shape.
    pub shape: Topology,
    /// Its faults.
    pub bounds: Bounds,
    /// Steps of the shortest trace; none where there is none.
    pub steps: Option<usize>,
    /// States in all, as measured when the design was made.
    pub states: usize,
}

/// A write of a row; no value deletes it.
#[must_use]
pub fn op(to: Place, key: u8, value: Option<u8>, id: u8) -> Op {
    Op {
        to,
        kind: if value.is_some() { Kind::Put } else { Kind::Delete },
        key,
        value: value.unwrap_or(0),
        id,
        part: 0,
        after: None,
    }
}

/// A fact.
#[must_use]
pub fn fact(to: Place, key: u8, id: u8) -> Op {
    Op { to, kind: Kind::Fact, key, value: id, id, part: 0, after: None }
}

/// A script: one write after the other.
#[must_use]
pub fn script(ops: impl IntoIterator<Item = Op>) -> Writer {
    Writer { steps: ops.into_iter().map(|op| vec![op]).collect(), ..Writer::default() }
}

/// A topic partitioned by key that keeps records long enough.
#[must_use]
pub fn topic(partitions: u8, route: Route) -> Topic {
    Topic { partitions, route, grows: false, keeps: Keeps::Enough }
}

/// A capture of table 0 into topic 0 that appends one at a time.
#[must_use]
pub fn capture(crashes: bool) -> Capture {
    Capture { table: 0, topic: 0, mode: CaptureMode::Log, in_flight: 1, crashes }
}

/// A sink of a topic into store 0.
#[must_use]
pub fn sink(topic: u8, mode: Mode, crashes: bool) -> Sink {
    Sink { inputs: vec![topic], store: 0, mode, deletes: true, in_flight: 1, crashes, zombies: false, waits: false }
}

/// A captured table with one writer, a topic and a sink: the commonest pipeline.
#[must_use]
pub fn copied(values: &[Option<u8>], topic: Topic, capture: Capture, sink: Sink) -> Topology {
    let ops = (1..).zip(values).map(|(id, value)| op(Place::Table(0), 0, *value, id));
    Topology {
        keys: 1,
        writers: vec![script(ops)],
        tables: vec![Table],
        captures: vec![capture],
        topics: vec![topic],
        sinks: vec![sink],
        stores: vec![Store::default()],
        promises: vec![Promise::Converges { store: 0, of: Content::Row(0) }],
        ..Topology::default()
    }
}

const TWO: &[Option<u8>] = &[Some(1), Some(2)];
const DELETED: &[Option<u8>] = &[Some(1), Some(2), None];

/// Two applications that each write a table and a derived store.
#[must_use]
pub fn dual_write(crashes: bool) -> Topology {
    let writer = |id: u8| Writer {
        crashes,
        ..script([op(Place::Table(0), 0, Some(id), id), op(Place::Store(0), 0, Some(id), id)])
    };
    Topology {
        keys: 1,
        writers: vec![writer(1), writer(2)],
        tables: vec![Table],
        stores: vec![Store::default()],
        promises: vec![Promise::Converges { store: 0, of: Content::Row(0) }],
        ..Topology::default()
    }
}

/// Requests in a topic, a splitter, instructions by account, a store of accounts.
#[must_use]
pub fn transfer(requests: u8, retries: Retries, atomic: bool, mode: Mode) -> Topology {
    Topology {
        keys: 2,
        writers: vec![Writer { retries, ..script((1..=requests).map(|id| fact(Place::Topic(0), 0, id))) }],
        topics: vec![topic(1, Route::Key), topic(2, Route::Key)],
        jobs: vec![Job {
            inputs: vec![0],
            outputs: vec![1],
            work: Work::Split { parts: 2, keeps_id: true },
            atomic,
            crashes: true,
        }],
        sinks: vec![sink(1, mode, true)],
        stores: vec![Store::default()],
        promises: vec![Promise::Once { store: 0, ops: (1..=requests).collect(), parts: 2 }],
        ..Topology::default()
    }
}

fn unfriending(to: [Place; 2]) -> Writer {
    let [first, second] = to;
    script([fact(first, 0, 1), Op { after: Some(1), ..fact(second, 0, 2) }])
}

/// Unfriend, then write about it, in two topics.
#[must_use]
pub fn two_topics(waits: bool, crashes: bool) -> Topology {
    Topology {
        keys: 1,
        writers: vec![unfriending([Place::Topic(0), Place::Topic(1)])],
        topics: vec![topic(1, Route::Key), topic(1, Route::Key)],
        sinks: vec![Sink { inputs: vec![0, 1], waits, ..sink(0, Mode::Append, crashes) }],
        stores: vec![Store::default()],
        promises: vec![Promise::Causal { store: 0 }],
        ..Topology::default()
    }
}

/// Unfriend, then write about it, captured into one topic.
#[must_use]
pub fn one_topic(route: Route) -> Topology {
    Topology {
        writers: vec![unfriending([Place::Table(0), Place::Table(0)])],
        promises: vec![Promise::Causal { store: 0 }],
        ..copied(&[], topic(2, route), capture(true), sink(0, Mode::Append, true))
    }
}

/// All cases but the largest.
#[must_use]
pub fn cases() -> Vec<Case> {
    let crash = |n: u8| Bounds { faults: n, crashes: n, ..Bounds::NONE };
    let zombie = |mode: Mode| Sink { zombies: true, ..sink(0, mode, true) };
    let wide = |mode: Mode| Sink { in_flight: 2, ..sink(0, mode, false) };
    let key = || topic(1, Route::Key);
    let any = || topic(2, Route::Any);
    let case = |name, shape, bounds, steps, states| Case { name, shape, bounds, steps, states };
    let direct = Topology {
        keys: 2,
        writers: vec![Writer {
            crashes: true,
            ..script([fact(Place::Store(0), 0, 1), Op { part: 1, ..fact(Place::Store(0), 1, 1) }])
        }],
        stores: vec![Store::default()],
        promises: vec![Promise::Once { store: 0, ops: vec![1], parts: 2 }],
        ..Topology::default()
    };
    let forgets = || {
        let mut shape = copied(DELETED, key(), capture(true), zombie(Mode::Offset));
        shape.stores = vec![Store { forgets: true, ..Store::default() }];
        shape
    };
    let once_more = Bounds { faults: 1, retries: 1, ..Bounds::NONE };
    let forgotten = Bounds { faults: 2, crashes: 1, forgets: 1, ..Bounds::NONE };
    vec![
        case("A1", dual_write(false), Bounds::NONE, Some(4), 15),
        case("A2", dual_write(true), crash(1), Some(4), 25),
        case("A3", copied(TWO, key(), capture(true), sink(0, Mode::Blind, true)), crash(1), None, 466),
        case("A4", copied(TWO, key(), capture(true), zombie(Mode::Blind)), crash(1), Some(13), 559),
        case("A5", copied(TWO, any(), capture(true), sink(0, Mode::Blind, true)), crash(1), Some(10), 7_230),
        case(
            "A5 with offsets",
            copied(TWO, any(), capture(true), sink(0, Mode::Offset, true)),
            crash(1),
            Some(10),
            7_230,
        ),
        case("A6", copied(DELETED, key(), capture(true), zombie(Mode::Offset)), crash(1), None, 2_913),
        case("A6, two crashes", copied(DELETED, key(), capture(true), zombie(Mode::Offset)), crash(2), None, 30_865),
        case("A7", forgets(), forgotten, Some(19), 3_762),
        case("A8", copied(TWO, key(), capture(false), wide(Mode::Counter)), Bounds::NONE, Some(10), 68),
        // Nine steps with reading and writing as one, fifteen without.
        case("A9", copied(DELETED, key(), capture(false), sink(0, Mode::Counter, false)), Bounds::NONE, Some(15), 98),
        case("B1", direct, crash(1), Some(2), 4),
        case("B2", transfer(1, Retries::Never, false, Mode::Append), Bounds::NONE, None, 38),
        case("B3", transfer(1, Retries::Never, false, Mode::Append), crash(1), Some(10), 441),
        case("B3'", transfer(1, Retries::Never, true, Mode::Append), crash(1), Some(9), 66),
        case("B3''", transfer(1, Retries::SameId, true, Mode::Append), once_more, Some(12), 133),
        case("B4", transfer(1, Retries::Never, false, Mode::DedupApart), crash(1), Some(8), 341),
        case("B5", transfer(1, Retries::Never, false, Mode::DedupTogether), crash(1), None, 407),
        case("C1", two_topics(false, false), Bounds::NONE, Some(4), 25),
        case("C2", two_topics(true, true), crash(1), None, 43),
        case("C3", one_topic(Route::Key), crash(1), None, 472),
        case("C4", one_topic(Route::Any), crash(1), Some(8), 7_422),
    ]
}

/// The largest: two requests, a client that says it again, two crashes.
#[must_use]
pub fn largest() -> Case {
    Case {
        name: "B6",
        shape: transfer(2, Retries::SameId, false, Mode::DedupTogether),
        bounds: Bounds { faults: 3, crashes: 2, retries: 1, ..Bounds::NONE },
        steps: None,
        states: 6_400_000,
    }
}
