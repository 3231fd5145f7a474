//! Servers that cannot outlive the lab.
//!
//! INVARIANT: no server runs on after the lab has ended, however it ended (`machinery::kill_leaves_nothing` holds it).
//! Each server is the child of a supervisor: this same program, run as `diac-lab supervise`. The supervisor reads a pipe whose other end only the lab
//! holds; when the lab ends the kernel closes that end, the supervisor reads the end of the file and ends the server's whole process group. Should the
//! supervisor itself be killed, the server dies by its parent-death signal (`setpriv --pdeathsig`), which the kernel binds to the supervisor's main thread.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// How a server is asked to end before it is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Farewell {
    /// SIGTERM.
    Terminate,
    /// SIGQUIT: PostgreSQL's immediate shutdown, which still removes its shared memory.
    Quit,
    /// Nothing is asked.
    Kill,
}

impl Farewell {
    fn name(self) -> &'static str {
        match self {
            Farewell::Terminate => "terminate",
            Farewell::Quit => "quit",
            Farewell::Kill => "kill",
        }
    }

    fn from_name(name: &str) -> Option<Farewell> {
        [Farewell::Terminate, Farewell::Quit, Farewell::Kill].into_iter().find(|it| it.name() == name)
    }

    fn signal(self) -> Signal {
        match self {
            Farewell::Terminate => Signal::TERM,
            Farewell::Quit => Signal::QUIT,
            Farewell::Kill => Signal::KILL,
        }
    }
}

/// What is to run, and how.
#[derive(Debug, Clone)]
pub struct Program {
    /// The name used in messages.
    pub name: String,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// Variables added to the lab's own environment.
    pub environment: Vec<(String, String)>,
    /// The user to run as; only root can change it.
    pub user: Option<&'static str>,
    /// The working directory.
    pub directory: PathBuf,
    /// Where both of its outputs go, appended.
    pub log: PathBuf,
    /// How it is asked to end.
    pub farewell: Farewell,
}

/// A running server.
#[derive(Debug)]
pub struct Process {
    name: String,
    log: PathBuf,
    supervisor: Child,
    lifeline: Option<ChildStdin>,
    pid: Pid,
}

impl Process {
    /// Starts a program under a supervisor of its own.
    pub fn start(program: &Program) -> Result<Process> {
        // Not by its path: a lab that runs on while it is built anew has none any more.
        let mut command = Command::new("/proc/self/exe");
        command
            .arg("supervise")
            .arg(&program.log)
            .arg(program.farewell.name())
            .arg(program.user.unwrap_or("-"))
            .args(&program.command);
        command.envs(program.environment.iter().cloned()).current_dir(&program.directory);
        // A process group of its own: Ctrl-C in a terminal must reach the lab only, else the supervisor ends before it has ended the server.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut supervisor =
            command.spawn().with_context(|| format!("cannot start the supervisor of {}", program.name))?;
        let lifeline = supervisor.stdin.take();
        let out = supervisor.stdout.take().context("a supervisor without output")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let pid = line.trim().parse().ok().and_then(Pid::from_raw).ok_or_else(|| {
            let _ = supervisor.kill();
            let _ = supervisor.wait();
            anyhow!("cannot start {}: {}", program.name, line.trim())
        })?;
        Ok(Process { name: program.name.clone(), log: program.log.clone(), supervisor, lifeline, pid })
    }

    /// Its log so far.
    pub fn log(&self) -> String {
        std::fs::read(&self.log).map(|it| String::from_utf8_lossy(&it).into_owned()).unwrap_or_default()
    }

    /// Fails, with the log's end, when the server has ended by itself.
    pub fn expect_alive(&mut self) -> Result<()> {
        match self.supervisor.try_wait()? {
            None => Ok(()),
            Some(status) => {
                bail!("{} ended ({status}); the end of {}:\n{}", self.name, self.log.display(), tail(&self.log(), 25))
            }
        }
    }

    /// Waits until the server answers.
    pub fn wait_until(&mut self, limit: Duration, mut ready: impl FnMut() -> bool) -> Result<()> {
        let start = Instant::now();
        loop {
            self.expect_alive()?;
            if ready() {
                return Ok(());
            }
            if start.elapsed() > limit {
                bail!(
                    "{} did not answer within {} s; the end of {}:\n{}",
                    self.name,
                    limit.as_secs(),
                    self.log.display(),
                    tail(&self.log(), 25)
                );
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Ends the server as a crash does: SIGKILL, no farewell. Returns when it is gone.
    pub fn crash(&mut self) -> Result<()> {
        kill_process(self.pid, Signal::KILL).with_context(|| format!("cannot kill {}", self.name))?;
        self.supervisor.wait()?;
        Ok(())
    }

    /// Stops it in the middle of what it does (SIGSTOP): it holds its connections and hears nothing.
    pub fn pause(&self) -> Result<()> {
        kill_process(self.pid, Signal::STOP).with_context(|| format!("cannot stop {}", self.name))
    }

    /// Lets it go on where it stood (SIGCONT).
    pub fn go_on(&self) -> Result<()> {
        kill_process(self.pid, Signal::CONT).with_context(|| format!("cannot continue {}", self.name))
    }

    /// Ends the server in its own way, and by force when it does not listen.
    pub fn stop(&mut self) {
        drop(self.lifeline.take());
        let _ = self.supervisor.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The last lines of a text.
pub fn tail(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.lines().collect();
    all.get(all.len().saturating_sub(lines)..).unwrap_or_default().join("\n")
}

/// The supervisor's own main function: `supervise LOG FAREWELL USER COMMAND…`. Prints the server's process id, then lives as long as it does.
pub fn supervise(arguments: &[String]) -> i32 {
    let mut out = std::io::stdout();
    let [log, farewell, user, command @ ..] = arguments else {
        let _ = writeln!(out, "usage: supervise LOG FAREWELL USER COMMAND…");
        return 2;
    };
    let Some(farewell) = Farewell::from_name(farewell) else {
        let _ = writeln!(out, "no such farewell: {farewell}");
        return 2;
    };
    let mut server = match spawn(Path::new(log), user, command) {
        Ok(it) => it,
        Err(error) => {
            let _ = writeln!(out, "{error:#}");
            return 1;
        }
    };
    let Some(group) = i32::try_from(server.id()).ok().and_then(Pid::from_raw) else { return 1 };
    let _ = writeln!(out, "{}", server.id());
    let _ = out.flush();

    std::thread::spawn(move || {
        let mut rest = Vec::new();
        let _ = std::io::stdin().read_to_end(&mut rest);
        let _ = kill_process_group(group, farewell.signal());
        std::thread::sleep(Duration::from_secs(6));
        let _ = kill_process_group(group, Signal::KILL);
    });
    let status = server.wait();
    let _ = kill_process_group(group, Signal::KILL);
    status.ok().and_then(|it| it.code()).unwrap_or(1)
}

fn spawn(log: &Path, user: &str, command: &[String]) -> Result<Child> {
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("cannot open {}", log.display()))?;
    let mut setpriv = Command::new("setpriv");
    setpriv.args(["--pdeathsig", "KILL"]);
    if user != "-" && rustix::process::geteuid().is_root() {
        setpriv.args(["--reuid", user, "--regid", user, "--init-groups"]);
    }
    setpriv.arg("--").args(command).process_group(0);
    setpriv.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    setpriv.spawn().context("cannot run setpriv")
}
