//! The parser as a whole.

mod constructs;
mod examples;
mod laws;
mod mistakes;
mod recovery;
