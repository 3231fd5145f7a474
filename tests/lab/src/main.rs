//! The lab: installs the real systems (PostgreSQL, Kafka, Kafka Connect with Debezium, Redis, OpenSearch, Bento), runs what diac generated on them,
//! injects faults, and compares the stores with their sources.
//!
//! `diac-lab install` brings everything; `diac-lab test [FILTER]` runs the tests; `diac-lab table` writes what they have shown into `docs/lab.md`;
//! `diac-lab up shop` brings the shop of the examples up for people; `diac-lab up NAME` holds servers without a pipeline, with their files below that name.

mod cases;
mod clients;
mod compare;
mod generated;
mod home;
mod install;
mod load;
mod pipeline;
pub mod report;
mod servers;
mod supervise;

use std::process::ExitCode;

use anyhow::{Result, bail};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("lab: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<ExitCode> {
    match arguments {
        [command] if command == "install" => {
            install::install(&home::Home::find()?)?;
            Ok(ExitCode::SUCCESS)
        }
        [command, rest @ ..] if command == "test" => cases::run(rest),
        [command] if command == "table" => {
            println!("{}", report::write_page(&home::Home::find()?)?.display());
            Ok(ExitCode::SUCCESS)
        }
        [command, name] if command == "up" && name == "shop" => {
            cases::people::up(&home::Home::find()?)?;
            Ok(ExitCode::SUCCESS)
        }
        [command, name] if command == "up" => {
            cases::machinery::hold(name)?;
            Ok(ExitCode::SUCCESS)
        }
        [command, rest @ ..] if command == "supervise" => {
            Ok(ExitCode::from(u8::try_from(supervise::supervise(rest)).unwrap_or(1)))
        }
        _ => bail!("usage: diac-lab install | test [FILTER] [libtest options] | table | up shop | up NAME"),
    }
}
