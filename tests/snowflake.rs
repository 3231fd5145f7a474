//! The generated Snowflake files on fakesnow, where it is installed (`pip install fakesnow 'snowflake-connector-python<4'`).
//!
//! `DIAC_FAKESNOW_PYTHON` names the interpreter that has it; `python3` unless set.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::path::Path;
use std::process::Command;

/// What the program answers where fakesnow is not installed.
const NOT_RUN: i32 = 77;

#[test]
fn readers_see_the_newest_rows() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let python = std::env::var("DIAC_FAKESNOW_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut command = Command::new(python);
    command.arg(here.join("snowflake/run.py")).arg(here.join("sql/expected/prod/targets/warehouse"));
    let Ok(output) = command.output() else {
        println!("not run: no python3");
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{}", said.trim());
    if output.status.code() != Some(NOT_RUN) {
        assert!(output.status.success() && said.contains("OK: "), "{said}{}", String::from_utf8_lossy(&output.stderr));
    }
}
