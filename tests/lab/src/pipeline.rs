//! A generated pipeline on the real systems: a Connect worker from the generated worker file, what `apply.sh` makes, and Bento from the generated streams.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::clients::{connect, http, kafka};
use crate::generated::Tree;
use crate::home::Run;
use crate::servers::bento::{self, Bento, Streams};
use crate::servers::connect::Connect;
use crate::servers::postgres::Postgres;

/// Deliveries that a store refused: the same version again, and an older one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Refused {
    /// The version that is there already.
    pub duplicates: u64,
    /// An older one.
    pub stale: u64,
}

impl Refused {
    /// Both together.
    pub fn all(self) -> u64 {
        self.duplicates + self.stale
    }

    /// Adds up.
    pub fn plus(self, other: Refused) -> Refused {
        Refused { duplicates: self.duplicates + other.duplicates, stale: self.stale + other.stale }
    }
}

/// A running pipeline.
#[derive(Debug)]
pub struct Pipeline {
    /// Its files.
    pub tree: Tree,
    /// The worker.
    pub connect: Connect,
    /// All streams, where there are any.
    pub bento: Option<Bento>,
}

impl Pipeline {
    /// Starts the worker, applies the files, waits until every connector is running, and starts Bento.
    pub fn start(run: &Run, bootstrap: &str, tree: Tree) -> Result<Pipeline> {
        let mut pipeline = Pipeline::start_worker(run, bootstrap, tree)?;
        pipeline.tree.apply()?;
        pipeline.wait_running()?;
        pipeline.wait_for_first_copy()?;
        pipeline.start_bento(run)?;
        Ok(pipeline)
    }

    /// Starts the worker alone and completes the variables.
    pub fn start_worker(run: &Run, bootstrap: &str, mut tree: Tree) -> Result<Pipeline> {
        tree.set("KAFKA_BOOTSTRAP", bootstrap);
        tree.set("KAFKA_TOPICS", kafka::write_topics_command(run)?.display().to_string());
        let connect = Connect::start(run, &tree.at("connect-worker.properties"), bootstrap, &tree.variables)?;
        tree.set("CONNECT_URL", connect.url.clone());
        Ok(Pipeline { tree, connect, bento: None })
    }

    /// Every connector of the tree and all its tasks are running.
    pub fn wait_running(&self) -> Result<()> {
        for (name, _) in self.tree.connectors()? {
            connect::wait_running(&self.connect.url, &name, Duration::from_secs(60))?;
        }
        Ok(())
    }

    /// Every capture has finished its first copy, and the worker has noted that. A capture that is killed before begins anew at a later position, and
    /// rows deleted between both copies stay in every view (FACTS.md, 9).
    pub fn wait_for_first_copy(&self) -> Result<()> {
        for (name, config) in self.tree.connectors()? {
            if config.contains_key("topic.prefix") {
                connect::wait_for_first_copy(&self.connect.url, &name, Duration::from_secs(180))?;
            }
        }
        Ok(())
    }

    /// Lints and starts the streams.
    pub fn start_bento(&mut self, run: &Run) -> Result<()> {
        let streams = self.tree.files("bento/streams", "yaml")?;
        if streams.is_empty() {
            return Ok(());
        }
        let root = self.tree.at("bento/bento.yaml");
        let environment = self.tree.variables.clone();
        bento::lint(&run.home, &[streams.as_slice(), std::slice::from_ref(&root)].concat(), &environment)?;
        self.bento = Some(Bento::start(run, &Streams { root: &root, streams, environment })?);
        Ok(())
    }

    /// Kills the worker and starts it again.
    pub fn crash_connect(&mut self) -> Result<()> {
        self.connect.process.crash()?;
        self.connect.restart()
    }

    /// Kills Bento and starts it again.
    pub fn crash_bento(&mut self) -> Result<()> {
        let bento = self.bento.as_mut().context("no Bento")?;
        bento.process.crash()?;
        bento.restart()
    }

    /// What Bento's views refused since it was started, by view.
    pub fn refused_by_bento(&self) -> Result<BTreeMap<String, Refused>> {
        let Some(bento) = &self.bento else { return Ok(BTreeMap::new()) };
        let text = http::get(&format!("{}/metrics", bento.url))?.text;
        let mut found: BTreeMap<String, Refused> = BTreeMap::new();
        for line in text.lines().filter(|it| it.starts_with("view_stale{")) {
            let label = |name: &str| Some(line.split_once(&format!("{name}=\""))?.1.split_once('"')?.0);
            let count = line.rsplit(' ').next().and_then(|it| it.parse::<f64>().ok()).unwrap_or(0.0) as u64;
            let Some(view) = label("view") else { continue };
            let refused = found.entry(view.to_owned()).or_default();
            match label("result") {
                Some("duplicate") => refused.duplicates += count,
                Some("stale") => refused.stale += count,
                other => ensure!(other.is_none(), "view_stale has an unknown result: {line}"),
            }
        }
        Ok(found)
    }

    /// Servers that must not have ended by themselves.
    pub fn expect_alive(&mut self) -> Result<()> {
        self.connect.process.expect_alive()?;
        match &mut self.bento {
            Some(bento) => bento.process.expect_alive(),
            None => Ok(()),
        }
    }
}

/// What a database's views refused, by table: from the generated `…__diac` views.
pub fn refused_by_tables(postgres: &Postgres, database: &str) -> Result<BTreeMap<String, Refused>> {
    let mut client = postgres.client(database)?;
    let views = client.query(
        "SELECT relname::text FROM pg_class WHERE relkind = 'v' AND relname LIKE '%\\_\\_diac' ORDER BY 1",
        &[],
    )?;
    let mut found = BTreeMap::new();
    for row in views {
        let view: String = row.get(0);
        let counts = client.query_one(&format!("SELECT duplicates, stale FROM public.\"{view}\""), &[])?;
        let number = |index: usize| u64::try_from(counts.get::<_, i64>(index)).unwrap_or(0);
        found.insert(view.trim_end_matches("__diac").to_owned(), Refused { duplicates: number(0), stale: number(1) });
    }
    Ok(found)
}

/// The sum over all views.
pub fn sum(refused: &BTreeMap<String, Refused>) -> Refused {
    refused.values().fold(Refused::default(), |sum, it| sum.plus(*it))
}

/// Waits until counters stand still, so that what one crash repeats is not taken for what the next one does.
pub fn wait_until_still<T: PartialEq>(mut look: impl FnMut() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    let mut before = look()?;
    loop {
        std::thread::sleep(Duration::from_millis(1500));
        let now = look()?;
        if now == before {
            return Ok(now);
        }
        ensure!(start.elapsed() < Duration::from_secs(60), "deliveries repeat for a minute");
        before = now;
    }
}
