//! The command line: reads arguments and files, runs the passes, prints and writes. Everything that touches the world is here.

mod against;
mod args;
mod compile;
mod console;
mod date;
mod encoding;
pub mod exchange;
mod explain;
mod fmt;
mod graph;
mod init;
pub mod load;
pub mod manifest;
mod parallel;
mod paths;
mod prove;
pub mod write;

use std::process::ExitCode;

use clap::Parser;

use crate::syntax::suggest::nearest;
use args::{Cli, Command};

/// A mistake in how diac was called, or a file that could not be read or written: one sentence without a full stop. Exit code 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageError(pub String);

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// Nothing stands in the way.
    Clean = 0,
    /// Findings that count.
    Findings = 1,
    /// Called wrongly, or the system refused something.
    Failure = 2,
    /// The output folder, or a page's form, is not what it should be.
    Stale = 3,
}

/// Runs diac on the process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    // The sentence below says what a user needs; where it happened goes with it.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| format!(" at {}:{}", place.file(), place.line()));
        let what = panic.payload_as_str().unwrap_or("unknown");
        console::err(&format!(
            "diac: internal error: {what}{}; this is a mistake in diac, please report it with the files that caused it\n",
            place.unwrap_or_default()
        ));
    }));
    let exit = std::panic::catch_unwind(run).unwrap_or(Exit::Failure);
    ExitCode::from(exit as u8)
}

fn run() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are asked for; everything else is a mistake.
            let asked = !error.use_stderr();
            let _ = error.print();
            return if asked { Exit::Clean } else { Exit::Failure };
        }
    };
    match dispatch(&cli.command) {
        Ok(exit) => exit,
        Err(UsageError(sentence)) => {
            console::err(&format!("diac: {sentence}\n"));
            Exit::Failure
        }
    }
}

fn dispatch(command: &Command) -> Result<Exit, UsageError> {
    if let Some(option) = command.later() {
        return Err(UsageError(format!("`{option}` is not in this version of diac")));
    }
    match command {
        Command::Compile(args) => compile::compile(args),
        Command::Check(args) => compile::check(args),
        Command::Init(args) => init::init(args),
        Command::Graph(args) => graph::graph(args),
        Command::Prove(args) => prove::prove(args),
        Command::Fmt(args) => fmt::fmt(args),
        Command::Explain(args) => explain::explain(args),
        Command::Rules(args) => explain::rules(args),
        Command::Other(words) => Err(unknown(words)),
    }
}

fn unknown(words: &[std::ffi::OsString]) -> UsageError {
    let word = words.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
    if args::LATER.contains(&word.as_str()) {
        return UsageError(format!("`diac {word}` is not in this version of diac"));
    }
    let hint = match nearest(&word, args::NOW.iter().copied()) {
        Some(command) => format!("did you mean `diac {command}`?"),
        None if word.ends_with(".dia") => format!("did you mean `diac compile {word}`?"),
        None => "`diac --help` lists what there is".to_owned(),
    };
    UsageError(format!("there is no command `{word}`; {hint}"))
}
