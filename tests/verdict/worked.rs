//! The explorer against the worked cases: verdict, length of the shortest run, size.

use diac::explore::machine::Machine;
use diac::explore::reduce::Reductions;
use diac::explore::search::{Limit, search};
use diac::explore::worked::{Case, cases};

fn run(case: &Case, reductions: Reductions) -> (Option<usize>, usize, usize) {
    let machine = Machine::new(case.shape.clone(), case.bounds, reductions).expect(case.name);
    let found = search(&machine, Limit { to_the_end: true, ..Limit::default() });
    assert!(found.exhaustive, "{}: not exhaustive", case.name);
    let steps = found.broken.as_ref().map(|run| run.actions.len());
    (steps, found.broken.map_or(0, |run| run.states), found.states)
}

#[test]
fn worked_cases_are_as_measured() {
    let mut wrong = Vec::new();
    for case in cases() {
        let (steps, until, states) = run(&case, Reductions::NONE);
        println!("{:16} {steps:?} wanted {:?}, {until} / {states} wanted {}", case.name, case.steps, case.states);
        if steps != case.steps || states > 10 * case.states || states * 10 < case.states {
            wrong.push(case.name);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn reductions_change_no_verdict_of_a_worked_case() {
    for case in cases() {
        let (steps, ..) = run(&case, Reductions::NONE);
        let (fewer, _, states) = run(&case, Reductions::ALL);
        println!("{:16} {steps:?} {fewer:?} {states}", case.name);
        assert_eq!(steps.is_some(), fewer.is_some(), "{}", case.name);
        let blanked = run(&case, Reductions { fusion: false, ..Reductions::ALL });
        assert_eq!(steps, blanked.0, "{}", case.name);
    }
}
