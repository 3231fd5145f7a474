//! diac's machines as models of stateright, which shares no code with diac's search: the two must agree on verdict and shortest length.

use diac::explore::machine::{Action, Class, Machine};
use stateright::{Checker, HasDiscoveries, Model, Property};

/// A machine, as a model.
#[derive(Clone, Debug)]
pub struct Foreign(pub Machine);

impl Model for Foreign {
    type State = Vec<u8>;
    type Action = Action;

    fn init_states(&self) -> Vec<Self::State> {
        vec![self.0.initial()]
    }

    fn actions(&self, state: &Self::State, actions: &mut Vec<Self::Action>) {
        self.0.actions(state, actions);
    }

    fn next_state(&self, state: &Self::State, action: Self::Action) -> Option<Self::State> {
        let mut next = state.clone();
        self.0.step(&mut next, action);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("promises hold", |model: &Self, state: &Vec<u8>| {
            let mut actions = Vec::new();
            model.0.actions(state, &mut actions);
            let at_rest = actions.iter().all(|action| action.class() != Class::Progress);
            model.0.broken(state, at_rest).is_none()
        })]
    }
}

/// What stateright says: steps of the shortest run, and states where it saw all of them.
#[must_use]
pub fn ask(machine: Machine) -> (Option<usize>, usize) {
    let checker = Foreign(machine).checker().threads(1).finish_when(HasDiscoveries::Any).spawn_bfs().join();
    let steps = checker.discovery("promises hold").map(|path| path.into_actions().len());
    (steps, checker.unique_state_count())
}
