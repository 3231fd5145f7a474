//! Every worked case, by both.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs)]

use diac::explore::machine::Machine;
use diac::explore::reduce::Reductions;
use diac::explore::search::{Limit, search};
use diac::explore::worked::cases;
use diac_oracle::ask;

#[test]
fn both_say_the_same_of_every_worked_case() {
    for reductions in [Reductions::NONE, Reductions::ALL] {
        for case in cases() {
            let machine = Machine::new(case.shape.clone(), case.bounds, reductions).expect(case.name);
            let own = search(&machine, Limit::default());
            let (steps, states) = ask(machine);
            println!("{:16} {:?} {} / stateright {steps:?} {states}", case.name, own.broken, own.states);
            assert_eq!(own.broken.map(|run| run.actions.len()), steps, "{}", case.name);
            if steps.is_none() {
                assert_eq!(own.states, states, "{}: states", case.name);
            }
        }
    }
}
