//! Random plans: copies that begin with a snapshot, jobs of every kind, topics that lose records, unions, several writers.

use std::collections::BTreeMap;

use diac::explore::reduce::Reductions;
use diac::explore::topology::{
    Bounds, Capture, CaptureMode, Content, Id, Job, Keeps, Kind, Mode, Op, Place, Promise, Retries, Route, Sink, Store,
    Table, Topic, Topology, Work, Writer,
};
use diac::explore::worked::{fact, op, script};
use diac::flow::rule::Rule;

use crate::compare::{Explored, Tally, explore, unnoticed};
use crate::family;

/// A generator that is the same everywhere. What is unusual is as rare as `care` says, so that plans that hold are drawn too.
struct Dice {
    state: u64,
    care: usize,
    /// Which script the writers have; nothing else hangs on it.
    size: usize,
}

impl Dice {
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// Once in `n`, or less often.
    fn rare(&mut self, n: usize) -> bool {
        let care = self.care;
        self.below(n * care) == 0
    }

    /// The first, or more rarely one of the others.
    fn mostly<T: Copy>(&mut self, first: T, others: &[T]) -> T {
        if self.rare(2) { self.of(others) } else { first }
    }
}

fn topic(dice: &mut Dice) -> Topic {
    let grows = dice.rare(8);
    let partitions = if grows { 2 } else { dice.of(&[1, 2]) };
    let route = dice.mostly(Route::Key, &[Route::Key, Route::Any, Route::Value]);
    let keeps = dice.mostly(
        Keeps::Enough,
        &[Keeps::Window, Keeps::TooShort, Keeps::Compacted, Keeps::Compacted, Keeps::CompactedTooSoon],
    );
    Topic { partitions, route: if grows { Route::Key } else { route }, grows, keeps }
}

fn capture(dice: &mut Dice, table: Id, topic: Id, mode: CaptureMode) -> Capture {
    Capture { table, topic, mode, in_flight: if dice.rare(5) { 2 } else { 1 }, crashes: dice.rare(2) }
}

fn sink(dice: &mut Dice, inputs: Vec<Id>, mode: Mode) -> Sink {
    let crashes = dice.rare(2);
    Sink {
        inputs,
        store: 0,
        mode,
        deletes: !dice.rare(6),
        in_flight: if dice.rare(4) { 2 } else { 1 },
        crashes,
        zombies: crashes && dice.rare(2),
        waits: false,
    }
}

/// A job between topics; what it writes is new.
fn job(dice: &mut Dice, shape: &mut Topology, inputs: Vec<Id>, work: Work) -> Vec<Id> {
    let outputs: Vec<Id> = (0..if work == Work::ByValue { 2 } else { 1 })
        .map(|_| {
            let made = topic(dice);
            shape.topics.push(made);
            Id::try_from(shape.topics.len() - 1).unwrap()
        })
        .collect();
    shape.jobs.push(Job { inputs, outputs: outputs.clone(), work, atomic: dice.rare(2), crashes: dice.rare(2) });
    outputs
}

fn rows(dice: &mut Dice, table: Id, first: u8) -> Writer {
    let with_deletes: [&[Option<u8>]; SIZES] =
        [&[Some(1), Some(2), None], &[Some(1), Some(3), None], &[Some(1), None, Some(2)]];
    let without: [&[Option<u8>]; SIZES] =
        [&[Some(1), Some(2)], &[Some(1), Some(2), Some(3)], &[Some(1), Some(2), Some(4)]];
    let values = if dice.below(2) == 0 { with_deletes[dice.size] } else { without[dice.size] };
    script((first..).zip(values).map(|(id, value)| op(Place::Table(table), 0, *value, id)))
}

/// Scripts that are tried for each plan: a small one may end where the fault does not show.
const SIZES: usize = 3;

const STATE: [Mode; 5] = [Mode::Blind, Mode::Offset, Mode::Commit, Mode::Counter, Mode::OffsetStored];

fn store(dice: &mut Dice, mode: Mode) -> Store {
    let versioned = matches!(mode, Mode::Offset | Mode::Commit);
    let dedup = matches!(mode, Mode::DedupTogether | Mode::DedupApart);
    Store { forgets: versioned && dice.rare(3), forgets_ids: dedup && dice.rare(3), rebuilt: dice.rare(5) }
}

/// Rows of a table, through none, one or two jobs.
fn copy(dice: &mut Dice) -> Topology {
    let mode = dice.mostly(CaptureMode::Log, &[CaptureMode::Snapshot, CaptureMode::Poll]);
    let mut shape = Topology { keys: 1, tables: vec![Table], ..Topology::default() };
    shape.writers.push(rows(dice, 0, 1));
    shape.topics.push(topic(dice));
    let source = capture(dice, 0, 0, mode);
    shape.captures.push(source);
    let mut content = Content::Row(0);
    let mut at = vec![0];
    for _ in 0..dice.of(&[0, 0, 1, 1, 2]) {
        let once = content == Content::Row(0);
        let work = match dice.below(5) {
            0 if once => Work::Filter { deletes: !dice.rare(3) },
            1 if once => Work::Rekey { deletes: !dice.rare(3) },
            2 if mode == CaptureMode::Log => Work::Distinct,
            3 => Work::ByValue,
            _ => Work::Pass,
        };
        match work {
            Work::Filter { .. } => content = Content::OddRow(0),
            Work::Rekey { .. } => {
                content = Content::ByGroup(0);
                shape.keys = 2;
            }
            _ => {}
        }
        at = job(dice, &mut shape, at, work);
    }
    let mode = dice.of(&STATE);
    let into = sink(dice, at, mode);
    shape.sinks.push(into);
    shape.stores.push(store(dice, mode));
    shape.promises.push(Promise::Converges { store: 0, of: content });
    shape
}

/// Facts, from a client or a table; where they come into a topic.
fn facts(dice: &mut Dice, shape: &mut Topology) -> Vec<u8> {
    let n = [2, 3, 4][dice.size];
    let by_table = dice.rare(3);
    let to = if by_table { Place::Table(0) } else { Place::Topic(0) };
    let retries = dice.mostly(Retries::Never, &[Retries::SameId, Retries::NewId]);
    shape.writers.push(Writer { retries, ..script((1..=n).map(|id| fact(to, 0, id))) });
    shape.topics.push(topic(dice));
    if by_table {
        shape.tables.push(Table);
        let mode = if dice.rare(4) { CaptureMode::Poll } else { CaptureMode::Log };
        let source = capture(dice, 0, 0, mode);
        shape.captures.push(source);
    }
    (1..=n).collect()
}

/// Operations that must have their effect once.
fn once(dice: &mut Dice) -> Topology {
    let mut shape = Topology { keys: 1, ..Topology::default() };
    let ops = facts(dice, &mut shape);
    let mut at = vec![0];
    let mut parts = 1;
    for _ in 0..dice.of(&[0, 1, 1, 2]) {
        let work = match dice.below(4) {
            0 if parts == 1 => Work::Split { parts: 2, keeps_id: !dice.rare(3) },
            1 => Work::Distinct,
            2 => Work::ByValue,
            _ => Work::Pass,
        };
        if let Work::Split { .. } = work {
            parts = 2;
            shape.keys = 2;
        }
        at = job(dice, &mut shape, at, work);
    }
    let mode = dice.of(&[Mode::Append, Mode::DedupTogether, Mode::DedupTogether, Mode::DedupApart, Mode::OffsetStored]);
    let into = sink(dice, at, mode);
    shape.sinks.push(into);
    shape.stores.push(store(dice, mode));
    shape.promises.push(Promise::Once { store: 0, ops, parts });
    shape
}

/// Counts of facts.
fn count(dice: &mut Dice) -> Topology {
    let mut shape = Topology { keys: 1, ..Topology::default() };
    facts(dice, &mut shape);
    let mut at = vec![0];
    if dice.rare(3) {
        let work = dice.of(&[Work::Distinct, Work::Pass, Work::ByValue]);
        at = job(dice, &mut shape, at, work);
    }
    let dedup = dice.rare(2);
    at = job(dice, &mut shape, at, Work::Count { dedup });
    let mode = dice.of(&STATE);
    let into = sink(dice, at, mode);
    shape.sinks.push(into);
    shape.stores.push(store(dice, mode));
    shape.promises.push(Promise::Converges { store: 0, of: Content::Count });
    shape
}

/// Rows of two tables with one key.
fn join(dice: &mut Dice) -> Topology {
    let mut shape = Topology { keys: 1, tables: vec![Table, Table], ..Topology::default() };
    shape.writers.push(rows(dice, 0, 1));
    shape.writers.push(rows(dice, 1, 4));
    for table in 0..2 {
        let made = topic(dice);
        shape.topics.push(made);
        let mode = dice.of(&[CaptureMode::Log, CaptureMode::Log, CaptureMode::Log, CaptureMode::Snapshot]);
        let source = Capture { crashes: dice.rare(4), ..capture(dice, table, table, mode) };
        shape.captures.push(source);
    }
    let at = job(dice, &mut shape, vec![0, 1], Work::Join);
    let mode = dice.of(&STATE);
    let into = sink(dice, at, mode);
    shape.sinks.push(into);
    shape.stores.push(store(dice, mode));
    shape.promises.push(Promise::Converges { store: 0, of: Content::Pair(0, 1) });
    shape
}

/// A fact and one that followed from it.
fn causal(dice: &mut Dice) -> Topology {
    let mut shape = Topology { keys: 1, stores: vec![Store::default()], ..Topology::default() };
    let by_table = dice.rare(2);
    let two = !by_table && dice.rare(2);
    let to = |n: u8| if by_table { Place::Table(0) } else { Place::Topic(if two { n } else { 0 }) };
    let other = u8::from(dice.rare(3));
    shape.keys = 1 + other;
    shape.writers.push(script([fact(to(0), other, 1), Op { after: Some(1), ..fact(to(1), 0, 2) }]));
    for _ in 0..if two { 2 } else { 1 } {
        let made = topic(dice);
        shape.topics.push(made);
    }
    if by_table {
        shape.tables.push(Table);
        let mode = if dice.rare(4) { CaptureMode::Poll } else { CaptureMode::Log };
        let source = capture(dice, 0, 0, mode);
        shape.captures.push(source);
    }
    let mut at: Vec<Id> = if two { vec![0, 1] } else { vec![0] };
    if dice.rare(3) {
        let work = dice.of(&[Work::Distinct, Work::Pass, Work::ByValue]);
        at = job(dice, &mut shape, at, work);
    }
    let mode = dice.of(&[Mode::Append, Mode::DedupTogether, Mode::DedupApart]);
    let into = sink(dice, at, mode);
    shape.sinks.push(Sink { waits: dice.rare(3), ..into });
    shape.stores = vec![store(dice, mode)];
    shape.promises.push(Promise::Causal { store: 0 });
    shape
}

/// A copy that an application writes as well; it answers several callers at a time.
fn dual(dice: &mut Dice) -> Topology {
    let mut shape = copy(dice);
    for writer in &mut shape.writers {
        let mut steps = Vec::new();
        for step in writer.steps.drain(..) {
            let Op { kind, key, value, id, .. } = step[0];
            let again = op(Place::Store(0), key, (kind != Kind::Delete).then_some(value), id);
            steps.extend([step, vec![again]]);
        }
        writer.steps = steps;
        writer.crashes = true;
    }
    let last = op(Place::Table(0), 0, Some(6), 7);
    let again = Op { to: Place::Store(0), ..last };
    shape.writers.push(Writer { crashes: true, ..script([last, again]) });
    shape
}

/// A plan with one of its scripts.
fn plan(seed: u64, size: usize) -> Topology {
    let care = 1 + usize::try_from(seed % 5).unwrap();
    let mut dice = Dice { state: seed, care, size };
    match dice.below(16) {
        0..6 => copy(&mut dice),
        6..9 => once(&mut dice),
        9..11 => count(&mut dice),
        11..13 => join(&mut dice),
        13..15 => causal(&mut dice),
        _ => dual(&mut dice),
    }
}

/// Two faults, at most one of a kind.
const BOUNDS: Bounds = Bounds::each_once(2);

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// The script that breaks a plan, else the last, with what the explorer says.
fn verdict(seed: u64, budget: usize, states: &mut usize) -> (Topology, Explored) {
    let mut unknown = false;
    for size in 0..SIZES {
        let shape = plan(seed, size);
        let (verdict, seen) = explore(&shape, BOUNDS, Reductions::ALL, budget);
        *states += seen;
        unknown |= verdict == Explored::Unknown;
        if let Explored::Breaks(_) = verdict {
            return (shape, verdict);
        }
    }
    (plan(seed, SIZES - 1), if unknown { Explored::Unknown } else { Explored::Holds })
}

fn explored() -> (Vec<(u64, Topology, Explored)>, usize) {
    let (from, cases) = (number("DIAC_SEED", 1), number("DIAC_CASES", 240));
    let budget = usize::try_from(number("DIAC_STATES", 15_000)).unwrap();
    let mut states = 0;
    let mut known: BTreeMap<Topology, (Topology, Explored)> = BTreeMap::new();
    let mut all = Vec::new();
    for seed in from..from + cases {
        let first = plan(seed, 0);
        let (shape, verdict) = known.entry(first).or_insert_with(|| verdict(seed, budget, &mut states)).clone();
        all.push((seed, shape, verdict));
    }
    (all, states)
}

#[test]
fn the_analysis_and_the_explorer_agree_on_random_plans_and_miss_every_rule() {
    let (all, states) = explored();
    let mut tally = Tally { states, ..Tally::default() };
    for (seed, shape, verdict) in &all {
        tally.add(shape, *verdict, &format!("seed {seed}"));
    }
    let distinct: std::collections::BTreeSet<&Topology> = all.iter().map(|(_, shape, _)| shape).collect();
    tally.print("random", distinct.len());
    assert!(tally.unsound.is_empty());
    let conservative: usize = tally.conservative.values().sum();
    assert!(conservative * 20 <= tally.plans, "more than 5 %");

    let (verdicts, _) = family::explored(Reductions::ALL);
    let random = all.iter().map(|(_, shape, verdict)| (shape, *verdict));
    let shapes = random.chain(verdicts.iter().map(|(shape, verdict)| (shape, *verdict)));
    let unnoticed = unnoticed(shapes, Rule::ALL);
    assert!(unnoticed.is_empty(), "nothing goes wrong without {unnoticed:?}");
}

/// One plan with its run, for who looks into a difference: `DIAC_ONE=34 cargo test --test verdict one_plan -- --nocapture`.
#[test]
fn one_plan() {
    let Ok(seeds) = std::env::var("DIAC_ONE") else { return };
    for seed in seeds.split(',') {
        let seed: u64 = seed.parse().unwrap();
        let (shape, _) = verdict(seed, 200_000, &mut 0);
        println!("seed {seed}: {shape:#?}");
        println!("{:#?}", diac::flow::judge(&shape, 0).refusals);
        for faults in 0..=BOUNDS.faults {
            let bounds = Bounds { faults, ..BOUNDS };
            let machine = diac::explore::machine::Machine::new(shape.clone(), bounds, Reductions::NONE).unwrap();
            let found = diac::explore::search::search(&machine, diac::explore::search::Limit::default());
            println!("{faults} faults: {} states, exhaustive {}", found.states, found.exhaustive);
            if let Some(run) = found.broken {
                println!("{:?}", run.broken);
                run.actions.iter().for_each(|action| println!("  {action:?}"));
                break;
            }
        }
    }
}
