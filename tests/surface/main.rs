//! The surface of the language, from outside: every construct, what newcomers write instead, and files that are no pages.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    missing_docs
)]

mod constructs;
mod mistakes;
