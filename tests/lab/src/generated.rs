//! What diac wrote, handled as its own words say: compiled by the program, applied by `apply.sh`, audited by `audits/audit.py`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use anyhow::{Context, Result, bail, ensure};

use crate::clients::connect::{self, Config};
use crate::home::Run;

/// Variables for generated files.
pub type Variables = Vec<(String, String)>;

/// One environment's folder.
#[derive(Debug, Clone)]
pub struct Tree {
    /// The folder.
    pub folder: PathBuf,
    /// What its files read from the environment.
    pub variables: Variables,
}

static BUILT: LazyLock<std::result::Result<PathBuf, String>> =
    LazyLock::new(|| build().map_err(|error| format!("{error:#}")));

/// The diac program, built from the sources as they are now.
fn build() -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let home = crate::home::Home::find()?;
    let output =
        Command::new(cargo).args(["build", "--quiet", "--bin", "diac"]).current_dir(&home.repository).output()?;
    ensure!(output.status.success(), "cargo build: {}", String::from_utf8_lossy(&output.stderr));
    let lab = std::env::current_exe()?;
    Ok(lab.parent().context("the lab is in no folder")?.join("diac"))
}

/// Runs diac; gives its exit code and what it said, both outputs together.
pub fn diac(arguments: &[&str]) -> Result<(i32, String)> {
    let program = BUILT.as_ref().map_err(|error| anyhow::anyhow!("{error}"))?;
    let output = Command::new(program).args(arguments).output().with_context(|| program.display().to_string())?;
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Ok((output.status.code().unwrap_or(-1), text))
}

/// A page with the environment `lab`: what it imports, on the servers as they came up. Each secret is in the variable of its name in capitals.
pub fn page(import: &Path, secrets: &[&str], systems: &[String]) -> String {
    let declared: String = secrets.iter().map(|it| format!("secret {it}\n")).collect();
    let bound: String =
        secrets.iter().map(|it| format!("  secret {it} = env \"{}\"\n", it.to_ascii_uppercase())).collect();
    let systems: String = systems.iter().map(|it| format!("  system {it}\n")).collect();
    format!(
        "edition 2026\nimport \"{}\"\n\n{declared}\nenvironment lab {{\n  deploy files\n  replication = 1\n{bound}{systems}}}\n",
        import.display()
    )
}

/// A PostgreSQL of that name in the page's environment; `more` are settings, each with a comma before it.
pub fn postgres(name: &str, port: u16, database: &str, more: &str) -> String {
    format!(
        "{name} {{ host = \"127.0.0.1\", port = {port}, database = \"{database}\", user = \"diac_{name}\", password = secret {name}_password{more} }}"
    )
}

/// Compiles a page into a folder of the run; gives the folder of one of its environments.
pub fn compile(run: &Run, page: &Path, environment: &str, variables: Variables) -> Result<Tree> {
    let out = run.at("out");
    let (code, text) = diac(&["compile", &page.display().to_string(), "--out", &out.display().to_string()])?;
    ensure!(code == 0, "diac compile {}: exit {code}\n{text}", page.display());
    let folder = out.join(environment);
    ensure!(folder.join("apply.sh").is_file(), "no {}", folder.join("apply.sh").display());
    Ok(Tree { folder, variables })
}

impl Tree {
    /// A generated file.
    pub fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Sets a variable for the files.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.variables.retain(|(taken, _)| taken != name);
        self.variables.push((name.to_owned(), value.into()));
    }

    /// Runs a command in the folder, with the variables; gives its exit code and both outputs.
    fn run(&self, words: &[&str]) -> Result<(i32, String)> {
        let (program, rest) = words.split_first().context("no command")?;
        let mut command = Command::new(program);
        command.args(rest).current_dir(&self.folder).envs(self.variables.iter().cloned());
        let output = command.output().with_context(|| words.join(" "))?;
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        Ok((output.status.code().unwrap_or(-1), text))
    }

    /// Runs a line of a shell, as somebody would who follows the runbook; gives what it said.
    pub fn shell(&self, line: &str) -> Result<String> {
        let (code, text) = self.run(&["bash", "-o", "pipefail", "-c", line])?;
        ensure!(code == 0, "{line}: exit {code}\n{text}");
        Ok(text)
    }

    /// Runs `apply.sh`.
    pub fn apply(&self) -> Result<String> {
        let (code, text) = self.run(&["bash", "apply.sh"])?;
        ensure!(code == 0, "apply.sh: exit {code}\n{text}");
        Ok(text)
    }

    /// Runs one SQL file as its head says.
    pub fn sql(&self, url: &str, file: &str) -> Result<()> {
        let (code, text) = self.run(&["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", file])?;
        ensure!(code == 0, "psql -f {file}: exit {code}\n{text}");
        Ok(())
    }

    /// Runs the audits.
    pub fn audit(&self, arguments: &[&str]) -> Result<Audit> {
        let (code, text) = self.run(&[&["python3", "audits/audit.py"], arguments].concat())?;
        Ok(Audit { code, text })
    }

    /// Files of a folder, by name.
    pub fn files(&self, folder: &str, extension: &str) -> Result<Vec<PathBuf>> {
        let path = self.at(folder);
        if !path.is_dir() {
            return Ok(Vec::new());
        }
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(&path)?.map(|it| Ok(it?.path())).collect::<Result<_>>().context(folder.to_owned())?;
        files.retain(|it| it.extension().is_some_and(|it| it == extension));
        files.sort();
        Ok(files)
    }

    /// The connectors: name and configuration.
    pub fn connectors(&self) -> Result<Vec<(String, Config)>> {
        let read = |path: PathBuf| {
            let name = path.file_stem().context("a file without a name")?.to_string_lossy().into_owned();
            Ok((name, connect::config_from(&std::fs::read_to_string(&path)?)?))
        };
        self.files("connectors", "json")?.into_iter().map(read).collect()
    }

    /// Replaces a text in a file, which must hold it.
    pub fn edit(&self, file: &str, find: &str, replace: &str) -> Result<()> {
        let path = self.at(file);
        let text = std::fs::read_to_string(&path).with_context(|| file.to_owned())?;
        if !text.contains(find) {
            bail!("{file} does not hold {find:?}");
        }
        std::fs::write(&path, text.replace(find, replace))?;
        Ok(())
    }
}

/// What the audits said.
#[derive(Debug, Clone)]
pub struct Audit {
    /// The exit code.
    pub code: i32,
    /// The output.
    pub text: String,
}

impl Audit {
    /// Rows compared, by view.
    pub fn rows(&self) -> BTreeMap<String, usize> {
        let of_line = |line: &str| {
            let (view, rest) = line.split_once(": rows compared ")?;
            Some((view.to_owned(), rest.split(',').next()?.parse().ok()?))
        };
        self.text.lines().filter_map(of_line).collect()
    }

    /// Rows that differ: view and line.
    pub fn findings(&self) -> Vec<(String, String)> {
        let mut view = String::new();
        let mut found = Vec::new();
        for line in self.text.lines() {
            if let Some(name) = line.strip_prefix("view ") {
                name.clone_into(&mut view);
            } else if ["missing ", "changed ", "left over "].iter().any(|it| line.starts_with(it)) {
                found.push((view.clone(), line.to_owned()));
            }
        }
        found
    }

    /// The output with a few lines of each kind of finding in each view.
    pub fn digest(&self) -> String {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut view = "";
        let mut lines = Vec::new();
        for line in self.text.lines() {
            view = line.strip_prefix("view ").unwrap_or(view);
            let kind = ["missing ", "changed ", "left over "].iter().find(|it| line.starts_with(**it));
            let column = line.split_once(": ").and_then(|(_, rest)| rest.split(' ').next()).unwrap_or_default();
            let count = kind.map(|kind| seen.entry(format!("{view} {kind}{column}")).or_default());
            if let Some(count) = count {
                *count += 1;
                if *count > 3 {
                    continue;
                }
            }
            lines.push(line);
        }
        format!("{}\n{seen:#?}", lines.join("\n"))
    }
}
