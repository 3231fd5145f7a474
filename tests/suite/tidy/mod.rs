//! The repository keeps its own rules: what a compiler cannot enforce and a reviewer would forget.

mod catalogue;
mod facts;
mod files;
mod imports;
mod registry;
mod sources;

use libtest_mimic::Trial;

/// A check: what it holds, and how it looks.
type Check = (&'static str, fn() -> Vec<String>);

const CHECKS: &[Check] = &[
    ("rules, pages, fixtures and emitters agree", registry::agree),
    ("every rule has a firing case and a near miss", registry::fixtures),
    ("every entry of the catalogues is answered", catalogue::answered),
    ("every fact names its test, and the test is there", facts::held),
    ("each rule has its page, cases and emitter in the table", registry::table),
    ("modules use only what they may", imports::edges),
    ("each crate has one home", imports::homes),
    ("files are short", files::short),
    ("nothing tells of this machine", files::no_machine),
    ("dependencies say why", files::dependencies),
    ("the changelog is kept", files::changelog),
    ("nothing is left undone", files::done),
];

pub fn trials() -> Vec<Trial> {
    let checks = CHECKS.iter();
    checks
        .map(|(name, check)| {
            Trial::test(format!("tidy/{name}"), move || {
                let wrong = check();
                if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
            })
        })
        .collect()
}
