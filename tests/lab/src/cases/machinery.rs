//! Tests of the lab itself: nothing outlives it, and the load works on a schema that was not written for it.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

use crate::home::{Home, Run};
use crate::load::{Load, Orders, Progress};
use crate::servers::connect::Connect;
use crate::servers::postgres::{Postgres, Release};
use crate::servers::stack::Stack;

/// Starts all servers, says where they are, and holds them until the end of its input.
pub fn hold(name: &str) -> Result<()> {
    let run = Run::new(&Home::find()?, name)?;
    let stack = Stack::start(&run, Release::Fifteen)?;
    let worker = run.home.sources().join("slice/connect-worker.properties");
    let connect = Connect::start(&run, &worker, &stack.kafka.bootstrap, &[])?;
    println!("PostgreSQL {}\nKafka {}\nConnect {}", stack.postgres.url("postgres"), stack.kafka.bootstrap, connect.url);
    println!("OpenSearch {}\nRedis {}", stack.opensearch.url, stack.redis.url());
    println!("ready");
    let mut rest = Vec::new();
    std::io::stdin().read_to_end(&mut rest)?;
    Ok(())
}

/// This program once more. SIGINT does to it what it does in a terminal, also where a shell has put this one into the background and made it deaf to that.
pub fn inner_lab() -> Result<Command> {
    let mut command = Command::new("env");
    command.arg("--default-signal=INT").arg(std::env::current_exe()?);
    Ok(command)
}

/// Whatever ends the lab ends its servers: SIGKILL, SIGTERM, Ctrl-C's SIGINT.
pub fn kill_leaves_nothing(home: &Home) -> Result<()> {
    for signal in [Signal::KILL, Signal::TERM, Signal::INT] {
        let mut lab = inner_lab()?
            .args(["up", "held"])
            .env("DIAC_LAB", &home.lab)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start a lab inside the lab")?;
        let out = lab.stdout.take().context("no output")?;
        let ready = BufReader::new(out).lines().map_while(Result::ok).any(|line| line == "ready");
        let pid = i32::try_from(lab.id()).ok().and_then(Pid::from_raw).context("no process id")?;
        let family = descendants(lab.id())?;
        ensure!(ready, "the lab inside the lab did not come up");
        // Five servers, each with its supervisor, and PostgreSQL's own processes.
        ensure!(family.len() >= 15, "only {} descendants: {family:?}", family.len());
        kill_process(pid, signal)?;
        lab.wait()?;
        let start = Instant::now();
        loop {
            let alive: Vec<&u32> = family.iter().filter(|it| is_alive(**it)).collect();
            if alive.is_empty() {
                break;
            }
            if start.elapsed() > Duration::from_secs(15) {
                bail!("after {signal:?} still alive: {alive:?}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        eprintln!("lab: {} processes gone {:.1} s after {signal:?}", family.len(), start.elapsed().as_secs_f64());
    }
    Ok(())
}

/// The load runs on a schema with references, triggers, checks, domains and partitions, refusals included, and leaves no table empty.
pub fn load_on_pagila(home: &Home) -> Result<()> {
    let run = Run::new(home, "load")?;
    let postgres = Postgres::start(&run, Release::Eighteen, "main")?;
    create_pagila(&postgres, &run)?;
    let orders = Orders {
        url: postgres.url("pagila"),
        schemas: vec!["public".to_owned()],
        without: Vec::new(),
        seed: 18,
        pace: 0,
    };
    let mut load = Load::new(&orders)?;
    load.fill(40)?;
    let report = load.run(4000, &Progress::default())?;
    eprintln!("lab: {report}");
    ensure!(report.changes() > 1500, "too few changes went through: {report}");
    let mut client = postgres.client("pagila")?;
    for row in client.query("SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND relnamespace = 'public'::regnamespace", &[])? {
        let table: String = row.get(0);
        let rows: i64 = client.query_one(&format!("SELECT count(*) FROM public.\"{table}\""), &[])?.get(0);
        ensure!(rows > 0, "{table} stayed empty: {report}");
    }
    Ok(())
}

/// Creates database pagila from the schema file. The extension `vector` cannot be had, so its table is left out; any other error is one.
pub fn create_pagila(postgres: &Postgres, run: &Run) -> Result<()> {
    postgres.create_database("pagila")?;
    let schema = run.home.repository.join("examples/pagila/pagila.sql");
    let text = psql(&postgres.url("pagila"), &schema)?;
    let wrong: Vec<&str> = text
        .lines()
        .filter(|it| it.contains("ERROR:") && !it.contains("vector") && !it.contains("film_embedding"))
        .collect();
    ensure!(wrong.is_empty(), "pagila.sql: {}", wrong.join("\n"));
    Ok(())
}

/// Runs a file through psql to its end; gives all it said.
fn psql(url: &str, file: &Path) -> Result<String> {
    let output = Command::new("psql")
        .args(["-X", "-q", "-v", "ON_ERROR_STOP=0", "-d", url, "-f"])
        .arg(file)
        .output()
        .context("cannot run psql")?;
    Ok(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

/// All processes below one, itself left out.
pub fn descendants(root: u32) -> Result<BTreeSet<u32>> {
    let mut parents = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(pid) = name.to_str().and_then(|it| it.parse::<u32>().ok()) else { continue };
        parents.extend(status(pid, "PPid").and_then(|it| it.parse::<u32>().ok()).map(|parent| (pid, parent)));
    }
    let mut family = BTreeSet::from([root]);
    loop {
        let before = family.len();
        family.extend(
            parents.iter().filter(|(_, parent)| family.contains(parent)).map(|(pid, _)| *pid).collect::<Vec<_>>(),
        );
        if family.len() == before {
            break;
        }
    }
    family.remove(&root);
    Ok(family)
}

/// A zombie has ended; only its parent, gone as well, has not looked yet.
pub fn is_alive(pid: u32) -> bool {
    status(pid, "State").is_some_and(|it| !it.starts_with('Z'))
}

fn status(pid: u32, field: &str) -> Option<String> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':').map(|it| it.trim().to_owned()))
}
