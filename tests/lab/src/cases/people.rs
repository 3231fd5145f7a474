//! The lab for people: the shop of the examples brought up to be looked at, and the test that does what it prints.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

use super::machinery::{descendants, inner_lab, is_alive};
use super::matrix::{Addresses, prepare};
use crate::home::{Home, Run};
use crate::install;
use crate::pipeline::Pipeline;
use crate::servers::opensearch::Engine;
use crate::servers::postgres::Release;
use crate::servers::stack::Stack;

const ROWS: &str = "
INSERT INTO public.products (product_id, name, description, price, stock) VALUES
    (1, 'Teapot', 'Holds a litre, pours without dripping.', 24.90, 12),
    (2, 'Cup', 'Porcelain, 0.2 l.', 6.50, 140),
    (3, 'Kettle', NULL, 59.00, 3);
INSERT INTO public.orders (order_id, customer_id, email, status, total, placed_at) VALUES
    ('00000000-0000-4000-8000-000000000001', 7, 'ann@example.com', 'placed', 31.40, now());";

/// What the printed change writes.
const NEW_NAME: &str = "Blue teapot";

/// The line behind which everything is there.
const READY: &str = "Ctrl-C takes all of it down.";

/// Brings the shop up, prints where everything is, and stays until it is ended.
pub fn up(home: &Home) -> Result<()> {
    install::install(home)?;
    println!("Starting PostgreSQL, Kafka, Connect, Bento, Elasticsearch and Redis; this takes about half a minute …");
    let run = Run::new(home, "up-shop")?;
    let stack = Stack::start_with(&run, Release::Fifteen, Engine::Elasticsearch)?;
    let addresses =
        Addresses { search: stack.opensearch.url.clone(), cache: stack.redis.port, report: stack.postgres.port };
    let tree = prepare(&run, &stack, &addresses)?;
    stack.postgres.client("shop")?.batch_execute(ROWS)?;
    let pipeline = Pipeline::start(&run, &stack.kafka.bootstrap, tree)?;
    print!("{}", words(&stack, &pipeline));
    loop {
        // Whoever ends this process ends all others: each has a supervisor that notices.
        std::thread::park();
    }
}

fn words(stack: &Stack, pipeline: &Pipeline) -> String {
    let (shop, report) = (stack.postgres.url("shop"), stack.postgres.url("report"));
    let bento = pipeline.bento.as_ref().map_or("", |it| it.url.as_str());
    format!(
        "
The shop of examples/shop runs, from nothing but what diac wrote into
  {}

PostgreSQL, the record      {shop}
PostgreSQL, views in tables {report}
Elasticsearch               {search}
Redis                       redis://127.0.0.1:{redis}
Kafka                       {}
Kafka Connect               {}
Bento, its metrics          {bento}/metrics

Change a row in the record …
  psql '{shop}' -c \"UPDATE products SET name = '{NEW_NAME}', stock = stock - 1 WHERE product_id = 1\"
… and see it a second later in the search engine, in Redis and in the table:
  curl -s '{search}/products/_doc/1?pretty'
  redis-cli -p {redis} get 'product:{{1}}'
  psql '{report}' -c \"SELECT * FROM products ORDER BY product_id\"
Search for it:
  curl -s '{search}/products/_search?pretty&q=teapot'

{READY}
",
        pipeline.tree.folder.display(),
        stack.kafka.bootstrap,
        pipeline.connect.url,
        search = stack.opensearch.url,
        redis = stack.redis.port,
    )
}

/// Does what a newcomer does: starts it, runs the lines it prints, sees the change in every store, presses Ctrl-C; then nothing is left.
pub fn shop_for_people(home: &Home) -> Result<()> {
    let mut lab = inner_lab()?
        .args(["up", "shop"])
        .env("DIAC_LAB", &home.lab)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start a lab inside the lab")?;
    let pid = i32::try_from(lab.id()).ok().and_then(Pid::from_raw).context("no process id")?;
    let out = lab.stdout.take().context("no output")?;
    let mut lines = Vec::new();
    for line in BufReader::new(out).lines().map_while(Result::ok) {
        let is_last = line == READY;
        lines.push(line);
        if is_last {
            break;
        }
    }
    let seen = tried(&lines);
    let family = descendants(lab.id())?;
    kill_process(pid, Signal::INT)?;
    lab.wait()?;
    seen?;
    ensure!(family.len() >= 15, "only {} descendants: {family:?}", family.len());
    let start = Instant::now();
    while family.iter().any(|it| is_alive(*it)) {
        ensure!(start.elapsed() < Duration::from_secs(15), "after Ctrl-C processes are left");
        std::thread::sleep(Duration::from_millis(50));
    }
    eprintln!("lab: {} processes gone {:.1} s after Ctrl-C", family.len(), start.elapsed().as_secs_f64());
    Ok(())
}

/// The printed lines do what they say.
fn tried(lines: &[String]) -> Result<()> {
    let text = lines.join("\n");
    ensure!(text.ends_with(READY), "the shop did not come up:\n{text}");
    let commands: Vec<&str> = lines
        .iter()
        .filter_map(|it| it.strip_prefix("  "))
        .filter(|it| ["psql ", "curl ", "redis-cli "].iter().any(|start| it.starts_with(start)))
        .collect();
    let [change, document, card, table, search] = commands.as_slice() else { bail!("not five commands:\n{text}") };
    shell(change)?;
    let start = Instant::now();
    for command in [document, card, table, search] {
        loop {
            let said = shell(command)?;
            if said.contains(NEW_NAME) {
                break;
            }
            ensure!(start.elapsed() < Duration::from_secs(30), "{command}\nsays {said}\nand not {NEW_NAME}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
    eprintln!("lab: the change was in all three stores {:.1} s later", start.elapsed().as_secs_f64());
    Ok(())
}

fn shell(line: &str) -> Result<String> {
    let output = Command::new("bash").args(["-c", line]).output().with_context(|| line.to_owned())?;
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "{line}: {text}");
    Ok(text)
}
