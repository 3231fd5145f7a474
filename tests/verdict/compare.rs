//! One shape, judged by both.

use std::collections::BTreeMap;

use diac::explore::machine::Machine;
use diac::explore::reduce::Reductions;
use diac::explore::search::{Limit, search};
use diac::explore::topology::{Bounds, Topology};
use diac::flow::judge_by;
use diac::flow::rule::{Rule, Rules};

/// What the explorer says of a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Explored {
    /// No run within the bounds breaks a promise.
    Holds,
    /// The shortest run that breaks one has so many steps.
    Breaks(usize),
    /// There are more states than asked for.
    Unknown,
}

/// Explores with few faults first, so that a short run is found in a small space.
pub fn explore(shape: &Topology, bounds: Bounds, reductions: Reductions, states: usize) -> (Explored, usize) {
    let mut seen = 0;
    let mut last = Explored::Unknown;
    for faults in 0..=bounds.faults {
        let machine = Machine::new(shape.clone(), Bounds { faults, ..bounds }, reductions).expect("a whole shape");
        let found = search(&machine, Limit { states, to_the_end: false });
        seen += found.states;
        last = match found.broken {
            Some(run) => return (Explored::Breaks(run.actions.len()), seen),
            None if found.exhaustive => Explored::Holds,
            None => Explored::Unknown,
        };
    }
    (last, seen)
}

/// How often the two agreed, and how not.
#[derive(Debug, Default)]
pub struct Tally {
    pub plans: usize,
    pub accepted: usize,
    pub refused: usize,
    pub unsound: Vec<String>,
    pub conservative: BTreeMap<String, usize>,
    pub unknown: usize,
    pub states: usize,
}

impl Tally {
    /// Counts one shape; `name` finds it again.
    pub fn add(&mut self, shape: &Topology, explored: Explored, name: &str) {
        let judgement = judge_by(shape, 0, Rules::default());
        self.plans += 1;
        if judgement.accepted() {
            self.accepted += 1;
        } else {
            self.refused += 1;
        }
        match (judgement.accepted(), explored) {
            (true, Explored::Holds) | (false, Explored::Breaks(_)) => {}
            (true, Explored::Breaks(steps)) => self.unsound.push(format!("{name}: accepted, breaks in {steps} steps")),
            (false, Explored::Holds) => {
                let why: Vec<&str> = judgement.refusals.iter().map(|refusal| refusal.note).collect();
                *self.conservative.entry(format!("{} ({name})", why.join("; "))).or_default() += 1;
            }
            (_, Explored::Unknown) => self.unknown += 1,
        }
    }

    pub fn print(&self, what: &str, distinct: usize) {
        println!(
            "{what}: {} plans, {distinct} distinct, {} accepted, {} refused; unsound {}, conservative {}, not decided within the \
             budget {}; {} states",
            self.plans,
            self.accepted,
            self.refused,
            self.unsound.len(),
            self.conservative.values().sum::<usize>(),
            self.unknown,
            self.states,
        );
        self.unsound.iter().take(12).for_each(|line| println!("  unsound: {line}"));
        self.conservative.iter().take(12).for_each(|(cause, n)| println!("  conservative: {n} x {cause}"));
    }
}

/// Rules whose loss no shape notices.
pub fn unnoticed<'a>(shapes: impl Iterator<Item = (&'a Topology, Explored)> + Clone, rules: &[Rule]) -> Vec<Rule> {
    let noticed = |rule: &Rule| {
        shapes.clone().any(|(shape, explored)| {
            let accepted = judge_by(shape, 0, Rules { without: Some(*rule) }).accepted();
            matches!((accepted, explored), (true, Explored::Breaks(_)) | (false, Explored::Holds))
        })
    };
    rules.iter().filter(|rule| !noticed(rule)).copied().collect()
}
