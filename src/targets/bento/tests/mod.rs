//! Expected texts, and what the real Bento makes of them.

mod expected;
mod filters;
mod real;
mod sample;
