//! The verdict's two engines against each other and against what was measured on paper: the analysis accepts what the explorer cannot break, and refuses what
//! it can.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    clippy::print_stdout,
    missing_docs
)]

mod compare;
mod family;
mod random;
mod worked;
