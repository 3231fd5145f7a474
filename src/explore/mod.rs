//! The bounded explorer: every interleaving of a pipeline's components within stated bounds, breadth first, so that a promise that breaks is shown by its
//! shortest run.
//!
//! It is a check within bounds and never a proof; how far it went is always said. [`topology`] is the shape, [`machine`] the one interpreter, [`search`] the
//! search, [`reduce`] what is left out and why that changes nothing.

mod components;
mod layout;
pub mod machine;
pub mod promise;
pub mod reduce;
pub mod search;
pub mod topology;
pub mod worked;
