//! The bounded explorer: every interleaving of a pipeline's components within stated bounds, breadth first, so that a promise that breaks is shown by its
//! shortest run.
//!
//! It is a check within bounds and never a proof; how far it went is always said. [`topology`] is the shape, [`machine`] the one interpreter, [`search`] the
//! search, [`reduce`] what is left out and why that changes nothing, [`trace`] a run made readable.

mod components;
mod layout;
pub mod machine;
pub mod promise;
pub mod reduce;
mod scripts;
pub mod search;
mod told;
pub mod topology;
pub mod trace;
pub mod worked;

use machine::Machine;
use reduce::Reductions;
use search::{Limit, search};
use topology::{Bounds, Topology};
use trace::Trace;

/// What a bounded check has found of one promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explored {
    /// The fewest faults, then the fewest writes, then the fewest steps that break it.
    pub trace: Option<Trace>,
    /// States seen: until the run was found, else with all faults allowed.
    pub states: usize,
    /// Steps of the longest way looked at.
    pub depth: usize,
    /// Whether nothing within the bounds was left out.
    pub exhaustive: bool,
    /// The bounds.
    pub bounds: Bounds,
    /// Writes of the longest script.
    pub writes: usize,
}

/// Explores one promise of a shape: its slice, few faults first, short scripts first. `states` is the budget of all together.
#[must_use]
pub fn explore(shape: &Topology, promise: usize, bounds: Bounds, states: usize) -> Explored {
    let shape = reduce::slice(shape, promise);
    let scripts = scripts::of(&shape);
    let writes = shape.writers.iter().map(|writer| writer.steps.len()).sum();
    let mut explored = Explored { trace: None, states: 0, depth: 0, exhaustive: true, bounds, writes };
    let mut left = states;
    for faults in 0..=bounds.faults {
        explored = Explored { states: 0, depth: 0, exhaustive: true, ..explored };
        for script in &scripts {
            let Some(machine) = Machine::new(script.clone(), Bounds { faults, ..bounds }, Reductions::ALL) else {
                explored.exhaustive = false;
                continue;
            };
            let found = search(&machine, Limit { states: left, to_the_end: false });
            left = left.saturating_sub(found.states);
            explored.states += found.states;
            explored.depth = explored.depth.max(found.depth);
            explored.exhaustive &= found.exhaustive;
            if let Some(run) = found.broken {
                // A run that does not replay is a mistake of the search, and is not told.
                explored.trace = trace::tell(&machine, &run);
                debug_assert!(explored.trace.is_some(), "a run that does not replay");
                return explored;
            }
            if left == 0 {
                explored.exhaustive = false;
                return explored;
            }
        }
    }
    explored
}
