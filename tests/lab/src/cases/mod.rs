//! The lab's tests. Each starts the servers it needs and ends them; they run one after another, for the machine is small.

mod faults;
mod files;
mod kubernetes;
pub mod machinery;
mod matrix;
mod oracle;
mod pagila;
pub mod people;
mod planted;
mod properties;
mod shop;
mod slice;
mod theory;

use std::process::ExitCode;

use anyhow::Result;
use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::home::Home;
use crate::install;
use crate::report;

/// A test: what it is called and what it does.
type Case = (&'static str, fn(&Home) -> Result<()>);

const CASES: [Case; 13] = [
    ("machinery::kill_leaves_nothing", machinery::kill_leaves_nothing),
    ("machinery::load_on_pagila", machinery::load_on_pagila),
    ("slice", slice::slice),
    ("files", files::files),
    ("kubernetes", kubernetes::kubernetes),
    ("shop", shop::shop),
    ("shop::edges", shop::edges),
    ("pagila::refused", pagila::refused),
    ("pagila::copied", pagila::copied),
    ("properties", properties::properties),
    ("faults", matrix::short),
    ("theory", theory::theory),
    ("people", people::shop_for_people),
];

/// Tests of the long form: `diac-lab test --include-ignored` runs them too, `diac-lab test --ignored` them alone.
const LONG: [Case; 1] = [("faults::long", matrix::long)];

/// What the tests are called.
pub fn names() -> Vec<&'static str> {
    CASES.iter().chain(&LONG).map(|(name, _)| *name).collect()
}

/// Runs the tests that match the arguments, which are those of `cargo test`'s own runner.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let home = Home::find()?;
    let mut options = Arguments::from_iter(std::iter::once("diac-lab".to_owned()).chain(arguments.iter().cloned()));
    options.test_threads = Some(1);
    let all = CASES.iter().map(|it| (it, false)).chain(LONG.iter().map(|it| (it, true)));
    let trials = all.map(|((name, case), is_long)| {
        let home = home.clone();
        Trial::ignorable_test(*name, move || {
            if !install::is_installed(&home) {
                return Ok(Completion::ignored_with("the systems are not installed: cargo run -p diac-lab -- install"));
            }
            report::begin(name);
            let outcome = case(&home);
            report::end(&outcome)?;
            outcome.map_err(|error| Failed::from(format!("{error:#}")))?;
            Ok(Completion::Completed)
        })
        .with_ignored_flag(is_long)
    });
    Ok(libtest_mimic::run(&options, trials.collect()).exit_code())
}
