//! The parser as a whole.

#![expect(
    clippy::print_stdout,
    clippy::wildcard_enum_match_arm,
    reason = "a test that finds something else has failed"
)]

mod constructs;
mod examples;
mod laws;
mod mistakes;
mod recovery;
