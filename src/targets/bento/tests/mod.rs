//! Expected texts, and what the real Bento makes of them.

mod expected;
mod real;
mod sample;
