//! The suite: one binary whose cases are files. `cargo test --test suite -- <part of a name>` runs some of them; `UPDATE_EXPECT=1` blesses.
//!
//! A module makes the cases of one kind; all of them touch the compiler through `run` alone and files of expectations through `expect` alone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    missing_docs
)]

mod docs;
mod expect;
mod fixes;
mod golden;
mod json;
mod markers;
mod run;
mod schema;
mod tidy;
mod ui;

use libtest_mimic::{Arguments, Trial};

fn main() {
    let arguments = Arguments::from_args();
    let mut trials: Vec<Trial> = Vec::new();
    trials.extend(golden::trials());
    trials.extend(ui::trials());
    trials.extend(fixes::trials());
    trials.extend(json::trials());
    trials.extend(docs::trials());
    trials.extend(tidy::trials());
    libtest_mimic::run(&arguments, trials).exit();
}
