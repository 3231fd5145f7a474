//! Compares what diac reads from SQL files with what PostgreSQL itself makes of them.
//!
//! A scratch server on a socket in a temporary folder runs each file; then its catalog and diac's schema are rendered
//! alike and compared, table by table. Where no PostgreSQL is found the cases are reported as ignored. The server's
//! programs are looked for in `PG_BINDIR`, then where `pg_config` says, then in the search path.
//!
//! `DIAC_ORACLE_FILES` names further files, or folders of migrations, parted by `:`.

#![expect(clippy::print_stderr, reason = "a test program says what it compared")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use diac::model::ddl::read;
use diac::model::schema::{Action, Generated, Persistence, ReplicaIdentity, Schema, Shape, Table};
use diac::model::types::Type;
use diac::source::FileId;
use diac::systems::Kind;
use libtest_mimic::{Arguments, Failed, Trial};

type Outcome<T> = Result<T, Box<dyn Error>>;
/// The facts about each table, by its name.
type Facts = BTreeMap<String, Vec<String>>;

fn main() {
    let arguments = Arguments::from_args();
    let server = Server::start();
    let missing = server.is_err();
    if let Err(error) = &server {
        eprintln!("no PostgreSQL to compare with: {error}");
    }
    let (socket, runner) = server.as_ref().map(|s| (s.folder.clone(), s.runner())).unwrap_or_default();
    let trials = cases()
        .into_iter()
        .enumerate()
        .map(|(number, (name, files))| {
            let (socket, runner) = (socket.clone(), runner.clone());
            Trial::test(name, move || {
                compare(&Database { socket, runner, name: format!("case{number}") }, &files)
                    .map_err(|e| Failed::from(e.to_string()))
            })
            .with_ignored_flag(missing)
        })
        .collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    drop(server);
    conclusion.exit();
}

/// The cases: a name, and the files in order.
fn cases() -> Vec<(String, Vec<PathBuf>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut cases = vec![("pagila".to_owned(), vec![root.join("examples/pagila/pagila.sql")])];
    for path in sorted(&root.join("tests/ddl_oracle/cases")) {
        cases.push((path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default(), vec![path]));
    }
    for path in std::env::var("DIAC_ORACLE_FILES").unwrap_or_default().split(':').filter(|path| !path.is_empty()) {
        let path = PathBuf::from(path);
        let files = if path.is_dir() { sorted(&path) } else { vec![path.clone()] };
        cases.push((path.to_string_lossy().into_owned(), files));
    }
    cases
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|e| e == "sql")).collect();
    files.sort();
    files
}

/// Fails with every difference, unless the table is one PostgreSQL would not make.
fn compare(database: &Database, files: &[PathBuf]) -> Outcome<()> {
    database.sql("postgres", &format!("CREATE DATABASE {}", database.name))?;
    database.sql(&database.name, include_str!("prelude.sql"))?;
    let texts: Vec<String> =
        files.iter().map(|file| Ok(adapt(&String::from_utf8_lossy(&std::fs::read(file)?)))).collect::<Outcome<_>>()?;
    let mut refused = Vec::new();
    for text in &texts {
        refused.extend(database.load(text)?);
    }
    let numbered: Vec<(FileId, &str)> =
        texts.iter().enumerate().map(|(n, text)| (FileId(u32::try_from(n).unwrap_or(0)), text.as_str())).collect();
    let (schema, findings) = read(Kind::Postgres, &numbered);
    let theirs = facts(&database.sql(&database.name, include_str!("catalog.sql"))?);
    let ours = render(&schema);
    let mut differences = Vec::new();
    let mut equal = 0;
    for (table, facts) in &theirs {
        match ours.get(table) {
            None => differences.push(format!("{table}: not known")),
            Some(own) => {
                // A table without rows of its own has no room to move values to, whatever its columns.
                let own: Vec<String> = own.iter().map(|fact| blur(fact, facts)).collect();
                let before = differences.len();
                differences.extend(
                    own.iter().filter(|fact| !facts.contains(fact)).map(|f| format!("{table}: diac only: {f}")),
                );
                differences
                    .extend(facts.iter().filter(|fact| !own.contains(fact)).map(|f| format!("{table}: missing: {f}")));
                equal += usize::from(before == differences.len());
            }
        }
    }
    let extra: Vec<&String> = ours.keys().filter(|table| !theirs.contains_key(*table)).collect();
    eprintln!(
        "{}: {equal} of {} tables equal, {} columns; {} tables only diac knows, {} findings; {} statements refused by PostgreSQL",
        files.first().map(|file| file.display().to_string()).unwrap_or_default(),
        theirs.len(),
        schema.tables.iter().map(|table| table.columns.len()).sum::<usize>(),
        extra.len(),
        findings.len(),
        refused.len(),
    );
    for error in refused.iter().take(if std::env::var_os("DIAC_ORACLE_TALK").is_some() { 400 } else { 0 }) {
        eprintln!("  refused: {error}");
    }
    // A table PostgreSQL refused, for want of an extension, say, is no difference; one it made and diac does not know is.
    if refused.is_empty() {
        differences.extend(extra.iter().map(|table| format!("{table}: PostgreSQL has no such table")));
        differences.extend(findings.iter().map(|finding| {
            let at = finding.primary.span;
            let line =
                texts.get(at.file.0 as usize).and_then(|t| t.get(..at.start as usize)).map_or(0, |t| t.lines().count());
            format!("finding near line {line}: {}", finding.message)
        }));
    } else {
        for table in extra {
            eprintln!("  only diac: {table}");
        }
        for finding in findings {
            let at = finding.primary.span;
            let line =
                texts.get(at.file.0 as usize).and_then(|t| t.get(..at.start as usize)).map_or(0, |t| t.lines().count());
            eprintln!("  finding near line {line}: {}", finding.message);
        }
    }
    if differences.is_empty() { Ok(()) } else { Err(differences.join("\n").into()) }
}

/// What PostgreSQL 15 does not know is said to both in words it knows.
fn adapt(text: &str) -> String {
    text.replace(") VIRTUAL", ") STORED").replace("SET transaction_timeout", "-- SET transaction_timeout")
}

/// Leaves out of a fact what the server says nothing about.
fn blur(fact: &str, theirs: &[String]) -> String {
    let is_silent = theirs.iter().any(|fact| fact.contains("\ttoast ?\t"));
    if is_silent {
        fact.replace("\tno toast\t", "\ttoast ?\t").replace("\ttoast\t", "\ttoast ?\t")
    } else {
        fact.to_owned()
    }
}

/// Sorts the server's lines under their tables; the table's own line starts each group.
fn facts(lines: &str) -> Facts {
    let mut facts = Facts::new();
    for line in lines.lines() {
        let (table, fact) = line.split_once('\t').unwrap_or((line, ""));
        facts.entry(table.to_owned()).or_default().push(fact.to_owned());
    }
    facts
}

fn render(schema: &Schema) -> Facts {
    let tables = schema.tables.iter().filter(|table| !matches!(table.persistence, Persistence::Temporary(_)));
    tables.map(|table| (format!("{}.{}", table.schema, table.name), render_table(table))).collect()
}

fn render_table(table: &Table) -> Vec<String> {
    let shape = match &table.shape {
        Shape::Ordinary => "ordinary".into(),
        Shape::Partitioned => "partitioned".into(),
        Shape::Foreign => "foreign".into(),
        Shape::PartitionOf { schema, name } => format!("partition of {schema}.{name}"),
    };
    let logged = if table.persistence == Persistence::Logged { "logged" } else { "unlogged" };
    let identity = match &table.replica_identity {
        ReplicaIdentity::Default => "default".into(),
        ReplicaIdentity::Full => "full".into(),
        ReplicaIdentity::Nothing => "nothing".into(),
        ReplicaIdentity::Index(name) if table.uniques.iter().any(|u| u.name == *name) => format!("index {name}"),
        ReplicaIdentity::Index(_) => "index gone".into(),
    };
    let toast = if table.columns.iter().any(|column| column.toastable) { "toast" } else { "no toast" };
    let text =
        |text: &Option<String>| text.as_ref().map_or(String::new(), |t| serde_json::to_string(t).unwrap_or_default());
    let mut facts = vec![["table", &shape, logged, &identity, toast, &text(&table.comment)].join("\t")];
    for column in &table.columns {
        let generated = match column.generated {
            Generated::No => "",
            Generated::Stored => "stored",
            Generated::Virtual => "virtual",
        };
        let labels =
            if let Type::Enum(labels) = &column.ty { format!("enum {}", labels.join("|")) } else { String::new() };
        let null = if column.nullable { "null" } else { "not null" };
        let default = if column.has_default { "default" } else { "" };
        let comment = text(&column.comment);
        facts.push(["column", &column.name, &column.native, null, generated, default, &comment, &labels].join("\t"));
    }
    if let Some(key) = &table.primary_key {
        facts.push(["key", &key.columns.join(","), if key.deferrable { "deferrable" } else { "" }].join("\t"));
    }
    for unique in &table.uniques {
        let partial = if unique.partial { "partial" } else { "" };
        let deferrable = if unique.deferrable { "deferrable" } else { "" };
        facts.push(["unique", &unique.name, &unique.columns.join(","), partial, deferrable].join("\t"));
    }
    for key in &table.foreign_keys {
        let letter = |action| match action {
            Action::NoAction => "a",
            Action::Restrict => "r",
            Action::Cascade => "c",
            Action::SetNull => "n",
            Action::SetDefault => "d",
        };
        let to = format!("{}.{}", key.to_schema, key.to_table);
        facts.push(
            ["foreign key", &key.columns.join(","), &to, letter(key.on_delete), letter(key.on_update)].join("\t"),
        );
    }
    facts
}

/// A database of the scratch server.
struct Database {
    socket: PathBuf,
    runner: Vec<String>,
    name: String,
}

impl Database {
    fn psql(&self, database: &str) -> Command {
        let mut command = command(&self.runner, "psql");
        command.args(["-X", "-q", "-A", "-t", "-v", "VERBOSITY=terse", "-U", "postgres", "-d", database, "-h"]);
        command.arg(&self.socket);
        command.env("PGOPTIONS", "-c client_min_messages=error");
        command
    }

    fn sql(&self, database: &str, sql: &str) -> Outcome<String> {
        let file = self.socket.join(format!("{}.sql", self.name));
        std::fs::write(&file, sql)?;
        let output = self.psql(database).args(["-v", "ON_ERROR_STOP=1", "-f"]).arg(&file).output()?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned().into())
        }
    }

    /// Runs a file and returns what the server refused.
    fn load(&self, text: &str) -> Outcome<Vec<String>> {
        let file = self.socket.join(format!("{}.load.sql", self.name));
        std::fs::write(&file, text)?;
        let output =
            self.psql(&self.name).args(["-v", "ON_ERROR_STOP=0", "-f"]).arg(&file).stdout(Stdio::null()).output()?;
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        // Owners and grants name roles that are not there; that changes no table.
        let counts = |line: &&str| line.contains("ERROR") && !line.contains("role \"");
        Ok(errors.lines().filter(counts).map(str::to_owned).collect())
    }
}

/// A PostgreSQL that lives as long as the tests.
struct Server {
    folder: PathBuf,
    bin: PathBuf,
    process: std::process::Child,
}

impl Server {
    fn start() -> Outcome<Self> {
        let bin = bin().ok_or("no `initdb` found")?;
        let folder = std::env::temp_dir().join(format!("diac-oracle-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        if is_root() {
            Command::new("chown").arg("postgres").arg(&folder).status()?;
        }
        let runner = runner(&bin);
        let data = folder.join("data");
        let made = command(&runner, "initdb")
            .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N", "-D"])
            .arg(&data)
            .stdout(Stdio::null())
            .status()?;
        if !made.success() {
            return Err("initdb failed".into());
        }
        let process = command(&runner, "postgres")
            .arg("-D")
            .arg(&data)
            .args([
                "-c",
                "listen_addresses=",
                "-c",
                "fsync=off",
                "-c",
                "allow_system_table_mods=on",
                "-c",
                "log_min_messages=panic",
                "-k",
            ])
            .arg(&folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let server = Self { folder, bin, process };
        for _ in 0..100 {
            let ready = command(&runner, "pg_isready").arg("-q").arg("-h").arg(&server.folder).status()?;
            if ready.success() {
                return Ok(server);
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        Err("the server does not answer".into())
    }

    fn runner(&self) -> Vec<String> {
        runner(&self.bin)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.folder.join("data");
        let _ = command(&self.runner(), "pg_ctl").args(["-m", "immediate", "-s", "stop", "-D"]).arg(&data).status();
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// PostgreSQL refuses to run as root, as which tests in containers often run.
fn runner(bin: &Path) -> Vec<String> {
    let mut runner: Vec<String> = Vec::new();
    if is_root() {
        runner.extend(["runuser", "-u", "postgres", "--"].map(str::to_owned));
    }
    runner.push(bin.to_string_lossy().into_owned());
    runner
}

fn command(runner: &[String], program: &str) -> Command {
    let (bin, words) = runner.split_last().map_or(("", [].as_slice()), |(bin, words)| (bin.as_str(), words));
    let program = Path::new(bin).join(program);
    match words.split_first() {
        None => Command::new(program),
        Some((first, rest)) => {
            let mut command = Command::new(first);
            command.args(rest).arg(program);
            command
        }
    }
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.starts_with(b"0"))
}

fn bin() -> Option<PathBuf> {
    let configured = || {
        let output = Command::new("pg_config").arg("--bindir").output().ok()?;
        Some(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
    };
    let in_path = || std::env::split_paths(&std::env::var_os("PATH")?).find(|folder| folder.join("initdb").is_file());
    let named = std::env::var_os("PG_BINDIR").map(PathBuf::from);
    named.or_else(configured).filter(|bin| bin.join("initdb").is_file()).or_else(in_path)
}
