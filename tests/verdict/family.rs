//! Every combination of ten knobs of the commonest pipeline: 3,072 configurations.

use std::collections::BTreeMap;

use diac::explore::reduce::Reductions;
use diac::explore::topology::{Bounds, Content, Mode, Promise, Route, Sink, Store, Topology};
use diac::explore::worked::{capture, copied, sink, topic};

use crate::compare::{Explored, Tally, explore};

/// Faults of the family: one crash, one forgotten tombstone.
pub const BOUNDS: Bounds = Bounds { faults: 2, crashes: 1, forgets: 1, ..Bounds::NONE };

fn both<T>(one: T, other: T, second: bool) -> T {
    if second { other } else { one }
}

/// All configurations, in a fixed order; knobs that mean nothing in a combination are left at rest, so some are equal.
pub fn all() -> Vec<Topology> {
    let modes = [Mode::Blind, Mode::Offset, Mode::Commit, Mode::Append];
    let mut shapes = Vec::new();
    for bits in 0..256u16 {
        let bit = |n: u16| bits >> n & 1 == 1;
        for mode in modes {
            for deletes in 0..3 {
                let partitions = both(1, 2, bit(0));
                let route = both(Route::Key, Route::Any, bit(1));
                let route = if partitions == 1 { Route::Key } else { route };
                let source = diac::explore::topology::Capture { in_flight: both(1, 2, bit(2)), ..capture(bit(4)) };
                let into = Sink {
                    in_flight: both(1, 2, bit(3)),
                    zombies: bit(6) && bit(5),
                    deletes: deletes != 2,
                    ..sink(0, mode, bit(5))
                };
                let values: &[Option<u8>] = if deletes == 0 { &[Some(1), Some(2)] } else { &[Some(1), Some(2), None] };
                let mut shape = copied(values, topic(partitions, route), source, into);
                let versioned = matches!(mode, Mode::Offset | Mode::Commit);
                shape.stores = vec![Store { forgets: bit(7) && deletes == 1 && versioned, ..Store::default() }];
                if mode == Mode::Append {
                    let ops = if deletes == 1 { vec![1, 2, 3] } else { vec![1, 2] };
                    shape.promises = vec![Promise::Once { store: 0, ops, parts: 1 }];
                } else {
                    shape.promises = vec![Promise::Converges { store: 0, of: Content::Row(0) }];
                }
                shapes.push(shape);
            }
        }
    }
    shapes
}

/// The distinct ones, with what the explorer says of each.
pub fn explored(reductions: Reductions) -> (BTreeMap<Topology, Explored>, usize) {
    let mut verdicts = BTreeMap::new();
    let mut states = 0;
    for shape in all() {
        verdicts.entry(shape).or_insert_with_key(|shape| {
            let (explored, seen) = explore(shape, BOUNDS, reductions, 2_000_000);
            states += seen;
            explored
        });
    }
    (verdicts, states)
}

#[test]
fn the_analysis_and_the_explorer_agree_on_the_whole_family() {
    let (verdicts, states) = explored(Reductions::ALL);
    let mut tally = Tally { states, ..Tally::default() };
    for (at, shape) in all().iter().enumerate() {
        tally.add(shape, verdicts[shape], &format!("configuration {at}"));
    }
    tally.print("family", verdicts.len());
    assert_eq!(tally.plans, 3_072);
    assert!(tally.unsound.is_empty() && tally.conservative.is_empty() && tally.unknown == 0);
}

#[test]
fn reductions_change_no_verdict_of_the_family() {
    // Each eleventh of the distinct ones, unless all are asked for: without reductions there are many times the states.
    let every = if std::env::var("DIAC_WHOLE").is_ok() { 1 } else { 11 };
    let distinct: std::collections::BTreeSet<Topology> = all().into_iter().collect();
    let mut seen = (0, 0, 0);
    for shape in distinct.iter().step_by(every) {
        let (reduced, few) = explore(shape, BOUNDS, Reductions::ALL, 2_000_000);
        let (raw, many) = explore(shape, BOUNDS, Reductions::NONE, 2_000_000);
        let word = |explored: Explored| (explored == Explored::Holds, explored == Explored::Unknown);
        assert_eq!(word(reduced), word(raw), "{shape:#?}");
        seen = (seen.0 + 1, seen.1 + few, seen.2 + many);
    }
    println!("reductions: {} shapes, {} states with and {} without", seen.0, seen.1, seen.2);
}
