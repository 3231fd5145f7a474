//! MariaDB 10.11, Debian's, with a data folder of its own and a binlog of small files, so that it goes on in the next one often.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::free_port;
use super::kafka::words;
use crate::home::Run;
use crate::supervise::{Farewell, Process, Program};

/// The administrator's password, as it stands in an address: signs that options files and shells could trip over.
const PASSWORD: &str = "d%22b%5Ca%25%20%241";
/// The same as SQL's text.
const PASSWORD_SQL: &str = "d\"b\\\\a% $1";

/// A running MariaDB.
#[derive(Debug)]
pub struct MariaDb {
    /// Its process.
    pub process: Process,
    /// Its port on the loopback.
    pub port: u16,
    program: Program,
    data: PathBuf,
}

impl MariaDb {
    /// Makes a new data folder and starts a server on it. The time zone is not UTC on purpose: what depends on the server's zone by mistake shows.
    pub fn start(run: &Run) -> Result<MariaDb> {
        let port = free_port()?;
        let data = run.home.open_to_all().join("run").join(&run.name).join("mariadb");
        let _ = std::fs::remove_dir_all(&data);
        std::fs::create_dir_all(&data)?;
        if rustix::process::geteuid().is_root() {
            let status = Command::new("chown").arg("mysql").arg(&data).status()?;
            if !status.success() {
                bail!("cannot give {} to the user mysql", data.display());
            }
        }
        let folder = data.join("data");
        let mut install = Command::new("mariadb-install-db");
        install.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", "--user=mysql"]);
        let output =
            install.arg(format!("--datadir={}", folder.display())).output().context("cannot run mariadb-install-db")?;
        if !output.status.success() {
            bail!(
                "mariadb-install-db: {}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
        }
        let mut command =
            words("/usr/sbin/mariadbd --no-defaults --log-bin=bin --binlog-format=ROW --binlog-row-image=FULL");
        command.extend(words(
            "--server-id=7 --max-binlog-size=262144 --bind-address=127.0.0.1 --innodb-buffer-pool-size=64M",
        ));
        command.extend(words("--skip-name-resolve --default-time-zone=+05:30 --sync-binlog=1"));
        command.extend([
            format!("--datadir={}", folder.display()),
            format!("--socket={}", data.join("s").display()),
            format!("--port={port}"),
        ]);
        let program = Program {
            name: "MariaDB".to_owned(),
            command,
            environment: Vec::new(),
            user: Some("mysql"),
            directory: data.clone(),
            log: run.at("mariadb.log"),
            farewell: Farewell::Kill,
        };
        let process = Process::start(&program)?;
        let mut server = MariaDb { process, port, program, data };
        server.wait()?;
        server.sql(
            "mysql",
            &format!(
                "CREATE USER 'dba'@'127.0.0.1' IDENTIFIED BY '{PASSWORD_SQL}'; GRANT ALL ON *.* TO 'dba'@'127.0.0.1' WITH GRANT OPTION;"
            ),
        )?;
        Ok(server)
    }

    /// Starts the same server again, on the same data and port.
    pub fn restart(&mut self) -> Result<()> {
        self.process = Process::start(&self.program)?;
        self.wait()
    }

    fn wait(&mut self) -> Result<()> {
        let port = self.port;
        self.process.wait_until(Duration::from_secs(120), || ask(port, "mysql", "SELECT 1", false).is_ok())
    }

    /// The administrator's address, for generated files.
    pub fn url(&self) -> String {
        format!("mysql://dba:{PASSWORD}@127.0.0.1:{}", self.port)
    }

    /// What statements answer: lines of texts with tabs between.
    pub fn sql(&self, database: &str, statements: &str) -> Result<String> {
        ask(self.port, database, statements, false)
    }
}

impl Drop for MariaDb {
    fn drop(&mut self) {
        self.process.stop();
        let _ = std::fs::remove_dir_all(&self.data);
    }
}

/// Runs statements as root in a client of their own; with `force` it goes on behind one that is refused.
pub fn ask(port: u16, database: &str, statements: &str, force: bool) -> Result<String> {
    let mut command = Command::new("mariadb");
    command.args([
        "--no-defaults",
        "--protocol=TCP",
        "--host=127.0.0.1",
        "--user=root",
        "--default-character-set=utf8mb4",
    ]);
    command.arg(format!("--port={port}")).args(["--batch", "--skip-column-names"]);
    if force {
        command.arg("--force");
    }
    let mut child = command
        .arg(database)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot run mariadb")?;
    let mut input = child.stdin.take().context("no input")?;
    let text = statements.to_owned();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output()?;
    let _ = writer.join();
    if !output.status.success() && !force {
        bail!("mariadb: {}", String::from_utf8_lossy(&output.stderr));
    }
    // Without an answer of the server nothing of it was done.
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("ERROR 2002") || said.contains("ERROR 2013") || said.contains("ERROR 2006") {
        bail!("mariadb: {said}");
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
