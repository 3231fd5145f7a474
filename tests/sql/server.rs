//! A PostgreSQL server of a test's own, where the machine has one: private port and folder, ended with the test.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The user of the cluster.
pub const DBA: &str = "dba";

/// A running server.
pub struct Server {
    bin: PathBuf,
    folder: PathBuf,
    port: u16,
}

impl Server {
    /// Starts one; none where PostgreSQL 15 or newer is not installed.
    pub fn start(name: &str) -> Option<Self> {
        let bin = find()?;
        let folder = std::env::temp_dir().join(format!("diac-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Self { bin, folder, port };
        if is_root() {
            assert!(Command::new("chown").arg("postgres").arg(&server.folder).status().unwrap().success());
        }
        let data = server.folder.join("data");
        let locale = ["-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "-N", "-U", DBA];
        server.must("initdb", &[&["-D", text(&data)], &locale[..]].concat());
        // Another zone than UTC on purpose: nothing may depend on it.
        let options = format!(
            "-p {port} -k {} -c listen_addresses=127.0.0.1 -c wal_level=logical -c timezone=Europe/Berlin -c fsync=off \
             -c max_slot_wal_keep_size=10GB",
            text(&server.folder)
        );
        let log = server.folder.join("log");
        server.must("pg_ctl", &["-D", text(&data), "-w", "-o", &options, "-l", text(&log), "start"]);
        Some(server)
    }

    fn must(&self, tool: &str, arguments: &[&str]) {
        let tool = self.bin.join(tool);
        let mut command = if is_root() {
            // The server refuses to be root's.
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(tool);
            command
        } else {
            Command::new(tool)
        };
        let status = command.args(arguments).current_dir("/").stdout(Stdio::null()).status().unwrap();
        assert!(status.success(), "{arguments:?}");
    }

    /// A psql session with that user in that database.
    pub fn psql(&self, user: &str, database: &str) -> Command {
        let beside = self.bin.join("psql");
        let mut command = Command::new(if beside.exists() { beside } else { PathBuf::from("psql") });
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", user, "-d", database]);
        command.env("PGHOST", "127.0.0.1").env("PGPORT", self.port.to_string());
        command
    }

    /// What a statement as the cluster's user answers.
    pub fn ask(&self, database: &str, sql: &str) -> String {
        answer(&self.run(DBA, database, sql))
    }

    /// Runs statements.
    pub fn run(&self, user: &str, database: &str, sql: &str) -> Output {
        let mut command = self.psql(user, database);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(sql.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    /// A libpq address.
    #[allow(dead_code, reason = "each test program uses what it needs of this file")]
    pub fn url(&self, user: &str, database: &str) -> String {
        format!("postgresql://{user}@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.must("pg_ctl", &["-D", text(&self.folder.join("data")), "-m", "immediate", "stop"]);
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The output's text; an error is a failed test.
pub fn answer(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// The programs in the folder `DIAC_POSTGRES_BIN` names, else the newest ones of 15 or later: where Debian puts them or where `pg_config` says.
fn find() -> Option<PathBuf> {
    if let Some(bin) = std::env::var_os("DIAC_POSTGRES_BIN") {
        return Some(PathBuf::from(bin));
    }
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for entry in std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten() {
        if let Some(version) = entry.file_name().to_str().and_then(|name| name.parse().ok()) {
            found.push((version, entry.path().join("bin")));
        }
    }
    if let Ok(output) = Command::new("pg_config").args(["--version", "--bindir"]).output() {
        let answer = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut lines = answer.lines();
        let version =
            lines.next().and_then(|line| line.split([' ', '.']).nth(1)).and_then(|number| number.parse().ok());
        found.extend(version.zip(lines.next().map(PathBuf::from)));
    }
    found.retain(|(version, bin)| *version >= 15 && bin.join("initdb").exists());
    found.into_iter().max().map(|(_, bin)| bin)
}
