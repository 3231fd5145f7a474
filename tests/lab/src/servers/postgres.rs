//! PostgreSQL 15 (Debian's) and 18 (from Maven), each a cluster of its own in the run's folder.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use postgres::{Client, NoTls};

use super::free_port;
use super::kafka::words;
use crate::home::{Home, Run};
use crate::supervise::{Farewell, Process, Program};

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// Debian 12's.
    Fifteen,
    /// Needed by schemas with `uuidv7()` or VIRTUAL columns.
    Eighteen,
}

impl Release {
    fn programs(self, home: &Home) -> PathBuf {
        match self {
            Release::Fifteen => PathBuf::from("/usr/lib/postgresql/15/bin"),
            Release::Eighteen => home.open_to_all().join("pg18/bin"),
        }
    }
}

/// The superuser's password. Roles log in with passwords (scram-sha-256), so that a generated file that forgets one is found.
const PASSWORD: &str = "lab";

/// A running PostgreSQL.
#[derive(Debug)]
pub struct Postgres {
    /// Its process.
    pub process: Process,
    /// Its port on the loopback.
    pub port: u16,
    data: PathBuf,
    program: Program,
}

impl Postgres {
    /// Makes a new cluster and starts it. The time zone is not UTC on purpose: what depends on the server's zone by mistake shows.
    pub fn start(run: &Run, release: Release, name: &str) -> Result<Postgres> {
        let port = free_port()?;
        let programs = release.programs(&run.home);
        let data = data_folder(run, name)?;
        let password = data.join("password");
        std::fs::write(&password, PASSWORD)?;
        let mut initdb = as_postgres();
        initdb.arg(programs.join("initdb")).args([
            "-A",
            "scram-sha-256",
            "-U",
            "postgres",
            "-N",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-D",
        ]);
        initdb.arg(data.join("cluster")).arg(format!("--pwfile={}", password.display())).current_dir(&data);
        let output = initdb.output().context("cannot run initdb")?;
        if !output.status.success() {
            bail!("initdb: {}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        }
        let mut command = vec![
            programs.join("postgres").display().to_string(),
            "-D".to_owned(),
            data.join("cluster").display().to_string(),
        ];
        command.extend(words(&format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c wal_level=logical"
        )));
        // Without fsync a killed server loses nothing, for the machine runs on. With synchronous_commit=off it does: what was acknowledged within the
        // last moments, and a sink whose offsets were committed never writes it again (FACTS.md, 9).
        command.extend(words("-c max_replication_slots=40 -c max_wal_senders=40 -c max_connections=200 -c fsync=off"));
        command.extend(words("-c full_page_writes=off -c timezone=Europe/Berlin -c log_timezone=UTC"));
        let program = Program {
            name: format!("PostgreSQL ({name})"),
            command,
            environment: Vec::new(),
            user: Some("postgres"),
            directory: data.clone(),
            log: run.at(&format!("postgres-{name}.log")),
            farewell: Farewell::Quit,
        };
        let process = started(&program, port)?;
        Ok(Postgres { process, port, data, program })
    }

    /// Starts the same server again on its data.
    pub fn restart(&mut self) -> Result<()> {
        self.process = started(&self.program, self.port)?;
        Ok(())
    }

    /// The superuser's libpq address of a database.
    pub fn url(&self, database: &str) -> String {
        url(self.port, database)
    }

    /// A superuser's connection.
    pub fn client(&self, database: &str) -> Result<Client> {
        Client::connect(&self.url(database), NoTls).with_context(|| format!("cannot connect to database {database}"))
    }

    /// Creates an empty database.
    pub fn create_database(&self, name: &str) -> Result<()> {
        self.client("postgres")?.batch_execute(&format!("CREATE DATABASE \"{name}\" TEMPLATE template0"))?;
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.process.stop();
        let _ = std::fs::remove_dir_all(&self.data);
    }
}

fn url(port: u16, database: &str) -> String {
    format!("postgresql://postgres:{PASSWORD}@127.0.0.1:{port}/{database}")
}

fn started(program: &Program, port: u16) -> Result<Process> {
    let mut process = Process::start(program)?;
    let url = url(port, "postgres");
    process.wait_until(Duration::from_secs(60), || Client::connect(&url, NoTls).is_ok())?;
    Ok(process)
}

/// PostgreSQL refuses to run as root.
fn as_postgres() -> Command {
    if !rustix::process::geteuid().is_root() {
        return Command::new("env");
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "postgres", "--regid", "postgres", "--init-groups", "--"]);
    command
}

/// A folder that belongs to the user postgres and that this user can reach.
fn data_folder(run: &Run, name: &str) -> Result<PathBuf> {
    let data = run.home.open_to_all().join("run").join(&run.name).join(format!("postgres-{name}"));
    let _ = std::fs::remove_dir_all(&data);
    std::fs::create_dir_all(&data)?;
    if rustix::process::geteuid().is_root() {
        let status = Command::new("chown").arg("postgres").arg(&data).status()?;
        if !status.success() {
            bail!("cannot give {} to the user postgres", data.display());
        }
    }
    Ok(data)
}
