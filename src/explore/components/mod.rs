//! What each kind of component may do, and what it does then: methods of the one [`super::machine::Machine`].

mod capture;
mod job;
mod sink;
mod store;

pub(crate) use capture::FOLLOWING;
pub(crate) use job::pair;
