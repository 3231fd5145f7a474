//! Expected texts, and what the real Bento makes of them.

#![expect(clippy::indexing_slicing, reason = "a test that reads past its sample must fail")]

mod expected;
mod filters;
mod real;
mod sample;
