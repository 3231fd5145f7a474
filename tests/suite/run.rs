//! The one place that touches the compiler: files in, findings and files out.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use diac::diag::{Diagnostic, Severity};
use diac::inputs::Inputs;
use diac::output::OutputTree;
use diac::plan::baseline::Baseline;
use diac::render::{human, json};
use diac::source::SourceMap;

/// The date waivers are held against.
const TODAY: &str = "2026-07-01";

/// What the compiler said and made.
pub struct Outcome {
    pub sources: SourceMap,
    pub findings: Vec<Diagnostic>,
    /// None where an error stands in the way.
    pub tree: Option<OutputTree>,
    /// What the names of the sources start with and reports shall not show.
    strip: String,
}

impl Outcome {
    /// The findings of `diac check`, where what is not compiled is advice, but for advice of other rules than `rule`, and but for views that nobody reads,
    /// which most cases leave open: a case shows one rule. No rule at all stands for an example, which leaves nothing open.
    pub fn about(mut self, rule: &str) -> Self {
        diac::diag::unbuilt_is_advice(&mut self.findings);
        let open = |finding: &Diagnostic| finding.rule == "unread_view" && !rule.is_empty();
        let aside = |finding: &Diagnostic| finding.severity == Severity::Advice || open(finding);
        self.findings.retain(|finding| !aside(finding) || finding.rule == rule);
        self
    }

    /// The rendering for people, without colour, 100 columns wide; empty where nothing was found.
    pub fn human(&self) -> String {
        if self.findings.is_empty() {
            return String::new();
        }
        human::report(&self.findings, &self.sources, human::Look::PLAIN).replace(&self.strip, "")
    }

    /// The rendering for machines.
    pub fn json(&self) -> String {
        json::report(&self.findings, &self.sources).replace(&self.strip, "")
    }

    /// A finding's rule and message, without the folder.
    pub fn key(&self, finding: &Diagnostic) -> (&'static str, String) {
        (finding.rule, finding.message.replace(&self.strip, ""))
    }

    /// The name of a finding's file and its line.
    pub fn place(&self, finding: &Diagnostic) -> (String, u32) {
        let span = finding.primary.span;
        let name = self.sources.name(span.file);
        (name.strip_prefix(&self.strip).unwrap_or(name).to_owned(), self.sources.positions(span).0.line)
    }
}

/// Compiles files as `diac compile` would. Names are shown below `folder`.
pub fn compile(folder: &str, roots: &[&str]) -> Result<Outcome, String> {
    let strip = format!("{folder}/");
    let roots: Vec<String> = roots.iter().map(|root| format!("{strip}{root}")).collect();
    let inputs = diac::cli::load::load(&roots).map_err(|error| error.0)?;
    Ok(judge(inputs, strip))
}

/// Compiles a folder's `.dia` files.
pub fn compile_folder(folder: &str) -> Result<Outcome, String> {
    let inputs = diac::cli::load::load(&[folder.to_owned()]).map_err(|error| error.0)?;
    Ok(judge(inputs, format!("{folder}/")))
}

/// Compiles files as they stand where another compilation was before.
pub fn compile_after(folder: &str, roots: &[&str], before: &OutputTree) -> Result<Outcome, String> {
    let strip = format!("{folder}/");
    let roots: Vec<String> = roots.iter().map(|root| format!("{strip}{root}")).collect();
    let inputs = diac::cli::load::load(&roots).map_err(|error| error.0)?;
    let text = &before.get("architecture.json").ok_or("no architecture.json")?.text;
    Ok(judge_against(inputs, strip, Some(&Baseline::read(text)?)))
}

fn judge(inputs: Inputs, strip: String) -> Outcome {
    judge_against(inputs, strip, None)
}

fn judge_against(inputs: Inputs, strip: String, baseline: Option<&Baseline>) -> Outcome {
    let resolved = diac::model::resolve::resolve(&inputs);
    let plan = diac::plan::plan(&resolved.model, None);
    let before = inputs.diagnostics.iter().cloned().chain(resolved.diagnostics).collect();
    let checked = diac::check::check_against(&resolved.model, &plan, &inputs.sources, before, TODAY, baseline);
    let tree = checked.sound().map(|sound| diac::targets::emit(&sound));
    let findings = checked.findings;
    Outcome { sources: inputs.sources, findings, tree, strip }
}

/// A folder of a case's own, below the build's folder for such; gone with the case.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("suite-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).unwrap()
    }

    pub fn name(&self) -> &str {
        self.0.to_str().unwrap()
    }

    /// Copies a folder's files.
    pub fn copy(&self, folder: &Path) {
        for (name, path) in files_below(folder) {
            self.put(&name, std::fs::read(path).unwrap());
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// All files below a folder: names with `/` between parts, and paths; sorted, empty where there is no folder.
pub fn files_below(folder: &Path) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    walk(folder, "", &mut found);
    found.sort();
    found
}

fn walk(folder: &Path, below: &str, found: &mut Vec<(String, PathBuf)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = format!("{below}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            walk(&entry.path(), &format!("{name}/"), found);
        } else {
            found.push((name, entry.path()));
        }
    }
}

/// The examples: folders with pages in them, sorted.
pub fn examples() -> Vec<String> {
    let pages = |name: &String| {
        files_below(Path::new(&format!("examples/{name}"))).iter().any(|(file, _)| file.ends_with(".dia"))
    };
    folders("examples").into_iter().filter(pages).collect()
}

/// The folders in a folder, sorted.
/// A folder of schemas that several examples share is none of them.
pub fn folders(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().is_dir() && entry.file_name() != "schemas")
        .map(|entry| entry.file_name().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}
