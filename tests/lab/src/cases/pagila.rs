//! A whole database that was not made for diac (`examples/pagila`), kept equal in a second one: PostgreSQL 18, partitions, a VIRTUAL column, a tsvector,
//! an enum, a domain, triggers.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::faults::crash_until_it_bites;
use super::{machinery, oracle, shop};
use crate::compare;
use crate::generated::{self, compile, diac};
use crate::home::{Home, Run};
use crate::load::catalogue;
use crate::load::storm::under_load;
use crate::load::{Load, Orders};
use crate::pipeline::{Pipeline, refused_by_tables, sum};
use crate::report;
use crate::servers::postgres::{Postgres, Release};
use crate::servers::stack::broker_and_database;

const STATEMENTS_PER_WRITER: usize = 2500;
const ROWS_PER_TABLE: usize = 60;

/// The tables of the schema without `film_embedding`, which needs an extension that cannot be had.
const TABLES: usize = 15;

/// Every table is copied, under load and a crash of the worker.
pub fn copied(home: &Home) -> Result<()> {
    let start = Instant::now();
    let say = |what: &str| eprintln!("lab: {:5.1} s {what}", start.elapsed().as_secs_f64());
    let run = Run::new(home, "pagila")?;
    let (kafka, postgres) = broker_and_database(&run, Release::Eighteen)?;
    machinery::create_pagila(&postgres, &run)?;
    postgres.create_database("reports")?;
    let systems = [
        generated::postgres("rentals", postgres.port, "pagila", ""),
        generated::postgres("reports", postgres.port, "reports", ""),
    ];
    let example = home.repository.join("examples/pagila/pagila.dia");
    let text = generated::page(&example, &["rentals_password", "reports_password"], &systems);
    let page = run.write("lab.dia", &text)?;
    let variables = [
        ("RENTALS_DBA_URL", postgres.url("pagila")),
        ("RENTALS_AUDIT_URL", postgres.url("pagila")),
        ("RENTALS_PASSWORD", "rentals' own".to_owned()),
        ("REPORTS_DBA_URL", postgres.url("reports")),
        ("REPORTS_AUDIT_URL", postgres.url("reports")),
        ("REPORTS_PASSWORD", "reports' own".to_owned()),
    ];
    let tree = compile(&run, &page, "lab", variables.map(|(name, value)| (name.to_owned(), value)).to_vec())?;
    let before = oracle::inventory(&postgres, &["pagila", "reports"])?;
    let orders = |number| Orders {
        url: postgres.url("pagila"),
        schemas: vec!["public".to_owned()],
        without: Vec::new(),
        seed: crate::load::seed(number),
        pace: 150,
    };
    Load::new(&orders(1))?.fill(ROWS_PER_TABLE)?;
    say("compiled, and the source filled");
    let mut pipeline = Pipeline::start(&run, &kafka.bootstrap, tree)?;
    say("applied, connectors running");
    oracle::validate(&pipeline)?;

    let report = under_load(&[orders(18), orders(19)], STATEMENTS_PER_WRITER, |storm| {
        storm.wait_for(30)?;
        let crash = || pipeline.crash_connect();
        let repeats =
            crash_until_it_bites("Connect", crash, || Ok(sum(&refused_by_tables(&postgres, "reports")?).all()))?;
        say(&format!("Connect killed and back, {repeats} deliveries refused so far"));
        storm.wait_for(70)?;
        say(&format!("{} payments moved to another partition", move_payments(&postgres)?));
        Ok(())
    })?;
    say(&format!("load done: {report}"));

    pipeline.wait_running()?;
    shop::audit_equal(&pipeline.tree, 1, &say)?;
    let rows = wait_until_equal(&postgres, Duration::from_secs(30))?;
    say(&format!("{} tables equal by the lab's own comparison: {rows:?}", rows.len()));
    let refused = refused_by_tables(&postgres, "reports")?;
    ensure!(refused.len() == TABLES && rows.len() == TABLES, "{} guards, {} tables", refused.len(), rows.len());
    let all = sum(&refused);
    say(&format!("refused in all: {} duplicates, {} stale", all.duplicates, all.stale));
    ensure!(all.duplicates > 0, "the crash made no delivery repeat");
    let (compared, seconds) = (rows.iter().map(|(_, rows)| rows).sum(), start.elapsed().as_secs_f64());
    report::fault("pagila", "kill -9 of Connect", crate::load::seed(18), all.all(), compared, 0, seconds)?;
    pipeline.expect_alive()?;
    oracle::apply_again_and_tear_down(&postgres, pipeline, &[("rentals", "pagila"), ("reports", "reports")], &before)?;
    say("applied twice, swept, torn down: nothing is left");
    Ok(())
}

/// Moves rows from each partition of `payment` to another one.
fn move_payments(postgres: &Postgres) -> Result<u64> {
    let moved = postgres.client("pagila")?.execute(
        "UPDATE public.payment SET payment_date = CASE WHEN payment_date < '2022-03-01' THEN payment_date + interval '2 months'
                                                       ELSE payment_date - interval '1 month' END
          WHERE payment_date >= '2022-02-01'",
        &[],
    )?;
    ensure!(moved > 0, "no payment to move");
    Ok(moved)
}

/// Every table of the source equals the table of that name; gives each one's rows.
fn wait_until_equal(postgres: &Postgres, limit: Duration) -> Result<Vec<(String, usize)>> {
    let start = Instant::now();
    let (mut source, mut view) = (postgres.client("pagila")?, postgres.client("reports")?);
    let tables = catalogue::read(&mut source, &["public"])?.tables;
    let mut rows = Vec::new();
    for table in tables {
        loop {
            let found = compare::postgres(&mut source, &table, &mut view, &table.sql())?;
            ensure!(found.rows > 0, "{}: no rows", table.name);
            if found.is_equal() {
                rows.push((table.name.clone(), found.rows));
                break;
            }
            if start.elapsed() > limit {
                bail!("{}: {found}", table.name);
            }
            std::thread::sleep(Duration::from_millis(500));
        }
    }
    Ok(rows)
}

/// Tables that a publication would take down are refused, each at its own line of the schema. diac alone decides it.
pub fn refused(home: &Home) -> Result<()> {
    let run = Run::new(home, "refused")?;
    let example = home.repository.join("examples/pagila");
    let schema = std::fs::read_to_string(example.join("pagila.sql"))?;
    let added = [
        "CREATE TABLE public.visits (at timestamp with time zone, page text);",
        "CREATE UNLOGGED TABLE public.sessions (id bigint PRIMARY KEY, data text);",
        "CREATE TABLE public.bookings (id bigint PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, note text);",
    ];
    let text = format!("{schema}\n{}\n", added.join("\n"));
    let line_of = |table: &&str| {
        text.lines().position(|line| line == *table).map(|it| ("keyless_publication".to_owned(), it + 1))
    };
    let wanted: Vec<(String, usize)> = added.iter().filter_map(line_of).collect();
    run.write("pagila.sql", &text)?;
    let page = run.write("pagila.dia", &std::fs::read_to_string(example.join("pagila.dia"))?)?;
    let (code, text) = diac(&["check", "--format", "json", &page.display().to_string()])?;
    ensure!(code == 1, "diac check: exit {code}\n{text}");
    let found: Value = serde_json::from_str(&text).with_context(|| text.clone())?;
    let line = |it: &Value| it["line"].as_u64().and_then(|it| usize::try_from(it).ok()).unwrap_or(0);
    let place = |it: &Value| (it["rule"].as_str().unwrap_or_default().to_owned(), line(it));
    let errors: Vec<(String, usize)> = found["diagnostics"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|it| it["severity"] == "error")
        .map(place)
        .collect();
    ensure!(wanted.len() == added.len() && errors == wanted, "wanted {wanted:?}, found {errors:?}");
    Ok(())
}
