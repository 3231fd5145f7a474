//! An outbox on the real systems: rows and events of one transaction, some rolled back, the Connect worker killed in the middle. The log holds exactly the
//! events of what was committed, in each customer's order, and beside them the capture of the same database goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::clients::kafka::{self, Record};
use crate::generated::{compile, page, postgres};
use crate::home::{Home, Run};
use crate::pipeline::Pipeline;
use crate::servers::postgres::Release;
use crate::servers::stack::broker_and_database;

const TRANSACTIONS: u64 = 1500;

/// Everything, once.
pub fn outbox(home: &Home) -> Result<()> {
    let start = Instant::now();
    let say = |what: &str| eprintln!("lab: {:5.1} s {what}", start.elapsed().as_secs_f64());
    let run = Run::new(home, "outbox")?;
    let (kafka, server) = broker_and_database(&run, Release::Fifteen)?;
    for database in ["shop", "report"] {
        server.create_database(database)?;
    }
    let table = "CREATE TABLE public.orders (order_id uuid PRIMARY KEY, customer_id bigint NOT NULL, total numeric(12,2) NOT NULL, placed_at timestamptz NOT NULL)";
    server.client("shop")?.batch_execute(table)?;
    let systems = [
        format!("bus {{ bootstrap = \"{}\" }}", kafka.bootstrap),
        postgres("shop", server.port, "shop", ""),
        postgres("report", server.port, "report", ""),
    ];
    let page = page(&home.sources().join("pages/outbox/outbox.dia"), &["shop_password", "report_password"], &systems);
    let page = run.write("lab.dia", &page)?;
    let variables = [
        ("SHOP_DBA_URL", server.url("shop")),
        ("REPORT_DBA_URL", server.url("report")),
        ("SHOP_PASSWORD", "shop's".to_owned()),
        ("REPORT_PASSWORD", "report's".to_owned()),
    ];
    let tree = compile(&run, &page, "lab", variables.map(|(name, value)| (name.to_owned(), value)).to_vec())?;
    // What is committed between the SQL and the connector's first start must not be lost.
    for file in tree.files("sql/shop", "sql")?.iter().take(5) {
        let name = file.file_name().context("no name")?.to_string_lossy().into_owned();
        tree.sql(&server.url("shop"), &format!("sql/shop/{name}"))?;
    }
    let mut meant: Vec<(String, Value)> = Vec::new();
    let mut client = server.client("shop")?;
    for at in 0..5 {
        transact(&mut client, at, &mut meant)?;
    }
    let mut pipeline = Pipeline::start(&run, &kafka.bootstrap, tree)?;
    say("applied, connectors running");
    for at in 5..TRANSACTIONS {
        if at == TRANSACTIONS / 2 {
            pipeline.crash_connect()?;
            say("Connect killed and back");
        }
        transact(&mut client, at, &mut meant)?;
        std::thread::sleep(Duration::from_millis(4));
    }
    say(&format!("{TRANSACTIONS} transactions, {} events committed", meant.len()));

    let found = wait_for(home, &kafka.bootstrap, meant.len())?;
    let repeats = compare(&found, &meant)?;
    say(&format!("the log holds exactly the events that were committed; {repeats} came again"));
    refuses(&mut server.client("shop")?)?;
    say("what would be rounded, null or another topic's is refused in the transaction");
    copied(&server, i64::try_from((0..TRANSACTIONS).filter(|at| at % 7 != 3).count())?)?;
    say("the capture beside it goes on");
    pipeline.wait_running()?;
    pipeline.expect_alive()
}

/// One transaction of the service: a row, its events, now and then a clean-up; every seventh is rolled back.
fn transact(client: &mut ::postgres::Client, at: u64, meant: &mut Vec<(String, Value)>) -> Result<()> {
    let id = format!("00000000-0000-4000-8000-{at:012x}");
    let customer = 9_007_199_254_740_993 + at % 30;
    let total = format!("{}.{:02}", at * 7919 % 100_000, at % 100);
    let text = format!("it's {at} \"%\" {{:}}");
    let note = if at.is_multiple_of(3) { "NULL".to_owned() } else { format!("'{}'", text.replace('\'', "''")) };
    let mut transaction = client.transaction()?;
    transaction.batch_execute(&format!(
        "INSERT INTO public.orders VALUES ('{id}', {customer}, {total}, '2026-11-24 12:00:00.000001+01');
         SELECT public.emit_order_placed('{id}', {customer}, {total}, {note}, '2026-11-24 12:00:00.000001+01', '2026-11-24');"
    ))?;
    let mut placed = json!({
        "order_id": id, "customer_id": customer, "total": total, "placed_at": "2026-11-24T11:00:00.000001Z", "day": "2026-11-24"
    });
    if !at.is_multiple_of(3) {
        placed["note"] = json!(text);
    }
    let mut events = vec![("order_placed", placed)];
    if at.is_multiple_of(2) {
        transaction.batch_execute(&format!("SELECT public.emit_order_paid('{id}', {customer})"))?;
        events.push(("order_paid", json!({"order_id": id, "customer_id": customer})));
    }
    if at.is_multiple_of(5) {
        // Cleared away at once: the log has it all the same.
        transaction.batch_execute("DELETE FROM public.outbox")?;
    }
    if at % 7 == 3 {
        transaction.rollback()?;
    } else {
        transaction.commit()?;
        meant.extend(events.into_iter().map(|(event, value)| (event.to_owned(), value)));
    }
    Ok(())
}

fn identity(record: &Record) -> Result<(String, Value)> {
    let value: Value = serde_json::from_str(&record.value).with_context(|| record.value.clone())?;
    Ok((record.event.clone().unwrap_or_default(), value))
}

fn wait_for(home: &Home, bootstrap: &str, events: usize) -> Result<Vec<Record>> {
    let since = Instant::now();
    loop {
        let found = kafka::read_events(home, bootstrap, &["orders"])?;
        let each: BTreeSet<(Option<&str>, &str)> =
            found.iter().map(|it| (it.event.as_deref(), it.value.as_str())).collect();
        if each.len() >= events || since.elapsed() > Duration::from_secs(120) {
            return Ok(found);
        }
        std::thread::sleep(Duration::from_secs(2));
    }
}

/// The log holds each committed event, nothing else, and each customer's in the order they were committed. Gives how many came again.
fn compare(found: &[Record], meant: &[(String, Value)]) -> Result<usize> {
    let mut first: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for record in found {
        let (event, value) = identity(record)?;
        let customer = value["customer_id"].to_string();
        ensure!(record.key.as_deref() == Some(&*customer), "key {:?} of {value}", record.key);
        ensure!(record.headers.contains(&"id".to_owned()), "no header `id`: {:?}", record.headers);
        if seen.insert((event.clone(), value.to_string())) {
            first.entry(customer).or_default().push((event, value.to_string()));
        }
    }
    let mut wanted: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for (event, value) in meant {
        wanted.entry(value["customer_id"].to_string()).or_default().push((event.clone(), value.to_string()));
    }
    for (customer, events) in &wanted {
        let there = first.get(customer).map_or(&[][..], Vec::as_slice);
        let differ = events.iter().zip(there).find(|(a, b)| a != b);
        ensure!(
            there.len() == events.len() && differ.is_none(),
            "customer {customer}: {} of {}, {differ:?}",
            there.len(),
            events.len()
        );
    }
    ensure!(first.len() == wanted.len(), "{} customers, {} meant", first.len(), wanted.len());
    Ok(found.len() - seen.len())
}

fn refuses(client: &mut ::postgres::Client) -> Result<()> {
    let id = "00000000-0000-4000-8000-00000000ffff";
    for (statement, reason) in [
        (format!("SELECT public.emit_order_placed('{id}', 1, 1.234, NULL, now(), current_date)"), "more digits"),
        (format!("SELECT public.emit_order_placed('{id}', NULL, 1, NULL, now(), current_date)"), "is null"),
        (
            "INSERT INTO public.outbox (event, topic, payload) VALUES ('order_paid', 'elsewhere', '{}')".to_owned(),
            "outbox_events",
        ),
    ] {
        match client.batch_execute(&statement) {
            Ok(()) => anyhow::bail!("{statement} passes"),
            Err(error) => ensure!(format!("{error:?}").contains(reason), "{statement}: {error:?}"),
        }
    }
    Ok(())
}

fn copied(server: &crate::servers::postgres::Postgres, rows: i64) -> Result<()> {
    let since = Instant::now();
    loop {
        let there: i64 = server.client("report")?.query_one("SELECT count(*) FROM public.orders", &[])?.get(0);
        if there == rows {
            return Ok(());
        }
        ensure!(since.elapsed() < Duration::from_secs(60), "{there} of {rows} orders in the view");
        std::thread::sleep(Duration::from_millis(500));
    }
}
