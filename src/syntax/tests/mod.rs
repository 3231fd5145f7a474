//! The parser as a whole.

mod examples;
