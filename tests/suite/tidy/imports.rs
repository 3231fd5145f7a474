//! Which module may use which, and where each third-party crate lives: the tables of ARCHITECTURE.md, section 3.

use super::sources;

/// A module of the crate and the paths below `crate::` it may name.
const MAY_USE: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("diag", &["source"]),
    ("output", &[]),
    ("systems", &[]),
    ("units", &[]),
    ("syntax", &["source", "diag"]),
    ("inputs", &["source", "diag", "syntax::ast"]),
    // A profile is an instance of the plan's own type of plugin.
    ("profiles", &["plan", "syntax::suggest", "systems"]),
    ("model", &["source", "diag", "inputs", "syntax::ast", "syntax::suggest", "systems"]),
    ("plan", &["source", "model", "profiles", "syntax::ast", "syntax::spell", "systems"]),
    // Shapes of pipelines, and what two engines say of them; neither knows the other's insides.
    ("explore", &[]),
    ("flow", &["explore::topology"]),
    ("prove", &["source", "diag", "model", "plan", "explore", "flow", "syntax::ast", "units"]),
    (
        "rules",
        &["source", "diag", "model", "plan", "profiles", "prove", "syntax::ast", "syntax::suggest", "systems", "units"],
    ),
    ("check", &["source", "diag", "model", "plan", "prove", "rules"]),
    // Expressions keep the operators they are written with; the document shows findings.
    (
        "targets",
        &[
            "source",
            "diag",
            "check",
            "model",
            "output",
            "plan",
            "profiles",
            "prove",
            "syntax::ast",
            "syntax::spell",
            "systems",
            "units",
        ],
    ),
    ("render", &["source", "diag", "output"]),
    (
        "cli",
        &[
            "source", "diag", "inputs", "syntax", "model", "systems", "plan", "profiles", "explore", "prove", "rules",
            "check", "targets", "output", "render",
        ],
    ),
    ("lib", &[]),
    ("main", &[]),
];

/// A crate, or a part of `std` that touches the world, and the files it is allowed in.
const HOMES: &[(&str, &[&str])] = &[
    ("pest", &["syntax/parse.rs"]),
    ("pest_derive", &["syntax/parse.rs"]),
    ("miette", &["render/human.rs"]),
    ("textwrap", &["render/human.rs"]),
    ("clap", &["cli/"]),
    ("mimalloc", &["main.rs"]),
    ("rustix", &["cli/"]),
    ("squawk_syntax", &["model/ddl/postgres/"]),
    ("serde_yaml", &["output.rs"]),
    ("sha2", &["cli/manifest.rs", "plan/names.rs"]),
    (
        "serde_json",
        &[
            "cli/",
            "model/mod.rs",
            "model/resolve/statements.rs",
            "output.rs",
            "plan/",
            "profiles/",
            "render/json.rs",
            "targets/",
        ],
    ),
    ("std::fs", &["cli/"]),
    ("std::env", &["cli/"]),
    ("std::process", &["cli/", "main.rs"]),
    ("std::net", &[]),
    ("std::time", &["cli/date.rs"]),
    // The form of JSON is said to a writer, which is a text in memory there.
    ("std::io", &["cli/", "output.rs"]),
    ("std::thread", &["cli/parallel.rs"]),
];

pub fn edges() -> Vec<String> {
    let mut wrong = Vec::new();
    for source in sources::all() {
        let module = source.module();
        let Some((_, may)) = MAY_USE.iter().find(|(name, _)| *name == module) else {
            wrong.push(format!("src/{}: module `{module}` is in no row of the table", source.name));
            continue;
        };
        if source.text.contains("crate::{") {
            wrong.push(format!("src/{}: one `use crate::…` a line, so that this check can read it", source.name));
        }
        for path in source.paths("crate") {
            let own = path == module || path.starts_with(&format!("{module}::"));
            let allowed = may.iter().any(|one| path == *one || path.starts_with(&format!("{one}::")));
            if !own && !allowed {
                wrong.push(format!("src/{}: `{module}` may not use `crate::{path}`", source.name));
            }
        }
    }
    wrong
}

pub fn homes() -> Vec<String> {
    let mut wrong = Vec::new();
    for source in sources::all() {
        for (name, homes) in HOMES {
            let uses = match name.split_once("::") {
                None => !source.paths(name).is_empty() || source.text.contains(&format!("use {name};")),
                Some((first, part)) => {
                    source.paths(first).iter().any(|path| path == part || path.starts_with(&format!("{part}::")))
                }
            };
            if uses && !homes.iter().any(|home| source.name.starts_with(home)) {
                wrong.push(format!("src/{}: `{name}` lives in {homes:?}", source.name));
            }
        }
    }
    wrong
}
