//! `tests/ui/<rule>/<case>.dia`: the markers in it are what is meant and never blessed; `<case>.stderr` is what is said, blessed and read by people.
//! Without markers nothing may be said at all. Files that cases name stand in the case's folder (`.sql`, `.json`) or in `parts/`.

use std::path::{Path, PathBuf};

use libtest_mimic::Trial;

use super::expect;
use super::markers::{self, Mark};
use super::run::{self, Outcome, Scratch, files_below, folders};

/// One case.
#[derive(Clone)]
pub struct Case {
    pub rule: String,
    pub name: String,
}

impl Case {
    pub fn folder(&self) -> String {
        format!("tests/ui/{}", self.rule)
    }

    pub fn path(&self) -> PathBuf {
        Path::new(&self.folder()).join(format!("{}.dia", self.name))
    }

    /// The file's text; what is no UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.path()).unwrap()).into_owned()
    }

    pub fn run(&self) -> Result<Outcome, String> {
        let root = format!("{}.dia", self.name);
        let text = self.text();
        match grown(&text) {
            Some(size) => {
                let scratch = Scratch::new();
                let filling = "# filling\n".repeat(size / 10 + 1);
                scratch.put(&root, format!("{text}{}", &filling[..size - text.len()]));
                Ok(run::compile(scratch.name(), &[&root])?.about(&self.rule))
            }
            None => self.compile(&self.folder()),
        }
    }

    /// Compiles the case as it stands in a folder, behind the compilation of `before/<case>.dia` where there is one.
    pub fn compile(&self, folder: &str) -> Result<Outcome, String> {
        let root = format!("{}.dia", self.name);
        let before = format!("before/{root}");
        if !Path::new(folder).join(&before).exists() {
            return Ok(run::compile(folder, &[&root])?.about(&self.rule));
        }
        let earlier = run::compile(folder, &[&before])?;
        let said = earlier.human();
        let tree = earlier.tree.ok_or_else(|| format!("{before} does not compile:\n{said}"))?;
        Ok(run::compile_after(folder, &[&root], &tree)?.about(&self.rule))
    }

    /// What is meant, in all files the case reads.
    pub fn meant(&self, outcome: &Outcome) -> Vec<Mark> {
        let mut marks = markers::read(&format!("{}.dia", self.name), &self.text());
        for (name, path) in files_below(Path::new(&self.folder())) {
            let read = outcome.sources.files().any(|(_, file)| file.name.ends_with(&format!("{}/{name}", self.rule)));
            if read && name != format!("{}.dia", self.name) {
                // A file may be in another encoding.
                marks.extend(markers::read(&name, &String::from_utf8_lossy(&std::fs::read(path).unwrap())));
            }
        }
        marks
    }
}

/// `#! grow 5242880`: the case stands for itself with filling up to that many bytes.
fn grown(text: &str) -> Option<usize> {
    text.lines().find_map(|line| line.strip_prefix("#! grow "))?.trim().parse().ok()
}

/// All cases, sorted.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for rule in folders("tests/ui") {
        for (file, _) in files_below(Path::new(&format!("tests/ui/{rule}"))) {
            if let Some(name) = file.strip_suffix(".dia").filter(|name| !name.contains('/')) {
                cases.push(Case { rule: rule.clone(), name: name.to_owned() });
            }
        }
    }
    cases
}

pub fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> = cases()
        .into_iter()
        .map(|case| Trial::test(format!("ui/{}/{}", case.rule, case.name), move || check(&case).map_err(Into::into)))
        .collect();
    trials.push(Trial::test("ui/no rendering without its case", || stale().map_err(Into::into)));
    trials
}

fn check(case: &Case) -> Result<(), String> {
    let text = case.text();
    let first = text.lines().next().unwrap_or("");
    if !first.starts_with("# ") || first.len() < 12 {
        return Err("the first line says what the case shows: `# …`".to_owned());
    }
    let outcome = case.run()?;
    let meant = case.meant(&outcome);
    if case.name.starts_with("near_") && meant.iter().any(|mark| !mark.waived) {
        return Err("a near miss is silent: its markers are of waived findings only".to_owned());
    }
    let made = outcome
        .findings
        .iter()
        .map(|finding| {
            let (file, line) = outcome.place(finding);
            Mark { file, line, rule: finding.rule.to_owned(), waived: finding.waived.is_some() }
        })
        .collect();
    for finding in &outcome.findings {
        let rule = diac::rules::named(finding.rule).ok_or_else(|| format!("`{}` has no page", finding.rule))?;
        if finding.waived.is_some() && !rule.waivable {
            return Err(format!("`{}` never yields and is waived", rule.name));
        }
        if finding.help.is_none() {
            return Err(format!("`{}` does not say what to do: {}", rule.name, finding.message));
        }
        if finding.message.ends_with('.')
            || finding.message.starts_with(char::is_uppercase) && !is_proper(&finding.message)
        {
            return Err(format!("a message is lower case and without a full stop: {}", finding.message));
        }
    }
    let said = outcome.human();
    markers::compare(meant, made).map_err(|difference| format!("{difference}\n\n{said}"))?;
    expect::file(&case.path().with_extension("stderr"), &said)
}

/// A product's name starts as its makers write it.
fn is_proper(message: &str) -> bool {
    ["Elasticsearch", "OpenSearch", "Redis", "Kafka", "Flink", "Snowflake"].iter().any(|name| message.starts_with(name))
}

fn stale() -> Result<(), String> {
    for (name, path) in files_below(Path::new("tests/ui")) {
        if name.ends_with(".stderr") && !path.with_extension("dia").exists() {
            expect::file(&path, "")?;
        }
    }
    Ok(())
}
