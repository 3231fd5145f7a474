//! The static analysis: what is known of the records on each hop, and whether what reaches a store keeps a promise there.
//!
//! It reads the same shape as the explorer and answers in microseconds, for any number of rows, faults and steps. That it accepts nothing the explorer can
//! break, and refuses nothing without a run that breaks it, is what the tests compare.

mod accept;
pub mod fact;
pub mod rule;
mod transfer;

pub use accept::{Judgement, Refusal, judge, judge_by};
