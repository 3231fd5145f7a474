//! The machinery proved without diac: hand-written configuration (`tests/lab/slice`) from one PostgreSQL table to a PostgreSQL view, OpenSearch and Redis,
//! under load, with a SIGKILL of the Connect worker and one of Bento, ends with three equal stores.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::faults::crash_until_it_bites;
use crate::clients::kafka::{Records, Topic, count_records, create_topics};
use crate::clients::{connect, http, opensearch};
use crate::compare::{self, Bodies, Comparison, What};
use crate::home::{Home, Run};
use crate::load::catalogue::{self, Table};
use crate::load::storm::{Storm, under_load};
use crate::load::{Load, Orders};
use crate::pipeline::wait_until_still;
use crate::servers::bento::{self, Bento, Streams};
use crate::servers::connect::Connect;
use crate::servers::postgres::Release;
use crate::servers::stack::Stack;

const TOPIC: &str = "lab.shop.public.products";
const CHANGES_PER_WRITER: usize = 3000;

/// Load, two crashes that bite, equality.
pub fn slice(home: &Home) -> Result<()> {
    let start = Instant::now();
    let say = |what: &str| eprintln!("lab: {:5.1} s {what}", start.elapsed().as_secs_f64());
    let run = Run::new(home, "slice")?;
    let mut stack = Stack::start(&run, Release::Fifteen)?;
    say("PostgreSQL, Kafka, Redis, OpenSearch up");
    let source = Source::create(&run, &stack)?;
    source.fill()?;
    let mut connect =
        Connect::start(&run, &home.sources().join("slice/connect-worker.properties"), &stack.kafka.bootstrap, &[])?;
    say("Connect up");
    create_topics(&run, &stack.kafka.bootstrap, &topics())?;
    create_connectors(&run, &stack, &connect)?;
    say("connectors running");
    let mut bento = start_bento(&run, &stack)?;
    say("Bento up");

    let report = under_load(&[source.orders(7), source.orders(8)], CHANGES_PER_WRITER, |storm| {
        crash_both(&run, &stack, storm, &mut connect, &mut bento, &say)
    })?;
    say(&format!("load done: {report}"));

    wait_until_equal(&source, &stack, Duration::from_secs(120))?;
    say("all three stores equal the source");
    let refused: i64 =
        stack.postgres.client("report")?.query_one("SELECT last_value FROM public.products__refused", &[])?.get(0);
    say(&format!("{}; {refused} refused as stale by the view in PostgreSQL", records(&run, &stack)?));
    ensure!(refused > 1, "no repeated delivery reached the view in PostgreSQL");

    plant_differences(&source, &stack)?;
    say("planted differences found");
    stack.expect_alive()?;
    connect.process.expect_alive()?;
    bento.process.expect_alive()
}

struct Source {
    url: String,
    table: Table,
}

impl Source {
    fn create(run: &Run, stack: &Stack) -> Result<Source> {
        for (database, file) in [("shop", "source.sql"), ("report", "report.sql")] {
            stack.postgres.create_database(database)?;
            stack.postgres.client(database)?.batch_execute(&text(run, file)?).context(file)?;
        }
        let tables = catalogue::read(&mut stack.postgres.client("shop")?, &["public"])?.tables;
        let table = tables.into_iter().find(|it| it.name == "products").context("no table products")?;
        Ok(Source { url: stack.postgres.url("shop"), table })
    }

    fn orders(&self, number: u64) -> Orders {
        Orders {
            url: self.url.clone(),
            schemas: vec!["public".to_owned()],
            without: Vec::new(),
            seed: crate::load::seed(number),
            pace: 150,
        }
    }

    fn fill(&self) -> Result<()> {
        Load::new(&self.orders(1))?.fill(1000)
    }
}

fn text(run: &Run, file: &str) -> Result<String> {
    std::fs::read_to_string(run.home.sources().join("slice").join(file)).with_context(|| file.to_owned())
}

fn topics() -> [Topic<'static>; 4] {
    let topic = |name, partitions, cleanup| Topic { name, partitions, cleanup };
    [
        topic(TOPIC, 6, "compact"),
        topic("lab.shop.diac.heartbeat", 1, "compact"),
        topic("__debezium-heartbeat.lab.shop", 1, "delete"),
        topic("lab.dlq.report", 1, "delete"),
    ]
}

fn create_connectors(run: &Run, stack: &Stack, connect: &Connect) -> Result<()> {
    for (name, file) in [("source", "source.json"), ("report", "report.json")] {
        let config =
            connect::config_from(&text(run, file)?.replace("${POSTGRES_PORT}", &stack.postgres.port.to_string()))?;
        let complaints = connect::validate(&connect.url, name, &config)?;
        ensure!(complaints.is_empty(), "{file}: {}", complaints.join("\n"));
        connect::put(&connect.url, name, &config)?;
        connect::wait_running(&connect.url, name, Duration::from_secs(60))?;
    }
    Ok(())
}

fn start_bento(run: &Run, stack: &Stack) -> Result<Bento> {
    opensearch::put(&stack.opensearch.url, "_index_template/products", &text(run, "search_template.json")?)?;
    opensearch::put(&stack.opensearch.url, "products_v1", "{}")?;
    let file = |name: &str| run.home.sources().join("slice").join(name);
    let environment = [
        ("KAFKA", stack.kafka.bootstrap.clone()),
        ("OPENSEARCH", stack.opensearch.url.clone()),
        ("REDIS", stack.redis.url()),
    ];
    let environment: Vec<(String, String)> =
        environment.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let streams = vec![file("search_products.yaml"), file("cache_product.yaml")];
    bento::lint(&run.home, &streams, &environment)?;
    Bento::start(run, &Streams { root: &file("bento.yaml"), streams, environment })
}

/// SIGKILL of the worker after a quarter of the load, of Bento after six tenths; again when nothing was delivered twice.
fn crash_both(
    run: &Run,
    stack: &Stack,
    storm: &Storm,
    connect: &mut Connect,
    bento: &mut Bento,
    say: &impl Fn(&str),
) -> Result<()> {
    storm.wait_for(25)?;
    let crash = || {
        connect.process.crash()?;
        say("Connect killed");
        connect.restart()?;
        say("Connect back");
        Ok(())
    };
    let repeats = crash_until_it_bites("Connect", crash, || Ok(records(run, stack)?.duplicates))?;
    say(&format!("the source delivered {repeats} changes twice so far"));

    storm.wait_for(60)?;
    let bento = std::cell::RefCell::new(bento);
    let crash = || {
        let mut bento = bento.borrow_mut();
        bento.process.crash()?;
        say("Bento killed");
        bento.restart()?;
        say("Bento back");
        Ok(())
    };
    let stale = || {
        Ok((bento.borrow().counter("view_stale", "search_products")?, bento.borrow().counter("view_result", "stale")?))
    };
    // What the worker's crash made the source deliver twice must be through, else it is taken for what Bento's crash repeats.
    wait_until_still(&stale)?;
    let repeats = crash_until_it_bites("Bento", crash, || stale().map(|(search, cache)| search.min(cache)))?;
    say(&format!("Bento's views refused at least {repeats} each, so far {:?} (OpenSearch, Redis)", stale()?));
    Ok(())
}

fn records(run: &Run, stack: &Stack) -> Result<Records> {
    count_records(&run.home, &stack.kafka.bootstrap, &[TOPIC])?.pop().context("no counts")
}

/// The comparison itself is tried: a row removed, one changed, one resurrected in each store, and all nine found.
fn plant_differences(source: &Source, stack: &Stack) -> Result<()> {
    let mut shop = stack.postgres.client("shop")?;
    let ids: Vec<i64> = shop
        .query("SELECT product_id FROM public.products ORDER BY 1 LIMIT 2", &[])?
        .iter()
        .map(|row| row.get(0))
        .collect();
    let [gone, changed] = ids.as_slice() else { bail!("fewer than two rows") };
    let back = shop.query_one("SELECT max(product_id) - 1 FROM public.products", &[])?.get::<_, i64>(0);

    stack.postgres.client("report")?.batch_execute(&format!(
        "SET session_replication_role = replica; DELETE FROM public.products WHERE product_id = {gone}; UPDATE public.products SET stock = stock # 1 WHERE product_id = {changed};
         INSERT INTO public.products (product_id, name, stock, updated_at, __lsn) VALUES ({back}, 'x', 1, now(), 1)"
    ))?;
    let mut redis = stack.redis.client()?;
    redis.call(&["DEL", &format!("product:{{{gone}}}")])?;
    let key = format!("product:{{{changed}}}");
    let body = redis.call(&["GET", &key])?.text().context("no body")?.replacen("\"name\":\"", "\"name\":\"x", 1);
    redis.call(&["SET", &key, &body])?;
    redis.call(&["SET", &format!("product:{{{back}}}"), &body])?;
    let url = &stack.opensearch.url;
    let version = "version=9000000000000000000&version_type=external";
    http::delete(&format!("{url}/products/_doc/{gone}?{version}"))?.success()?;
    opensearch::put(url, &format!("products/_doc/{changed}?{version}"), &body)?;
    opensearch::put(url, &format!("products/_doc/{back}?{version}"), &body)?;

    for (store, found) in compare_all(source, stack)? {
        let kinds = |wanted: fn(&What) -> bool| found.differences.iter().filter(|it| wanted(&it.what)).count();
        let counts = (
            kinds(|it| *it == What::Missing),
            kinds(|it| matches!(it, What::Changed { .. })),
            kinds(|it| *it == What::LeftOver),
        );
        ensure!(counts == (1, 1, 1), "{store}: a missing, a changed and a left-over row were planted, found {found}");
    }
    Ok(())
}

fn wait_until_equal(source: &Source, stack: &Stack, limit: Duration) -> Result<()> {
    let start = Instant::now();
    loop {
        let found = compare_all(source, stack)?;
        if found.iter().all(|(_, it)| it.is_equal()) {
            return Ok(());
        }
        if start.elapsed() > limit {
            let texts: Vec<String> = found.iter().map(|(store, it)| format!("{store}: {it}")).collect();
            bail!("not equal after {} s:\n{}", limit.as_secs(), texts.join("\n"));
        }
        std::thread::sleep(Duration::from_millis(500));
    }
}

fn compare_all(source: &Source, stack: &Stack) -> Result<Vec<(&'static str, Comparison)>> {
    let mut shop = stack.postgres.client("shop")?;
    let mut report = stack.postgres.client("report")?;
    let view = compare::postgres(&mut shop, &source.table, &mut report, "public.products")?;

    let documents = opensearch::documents(&stack.opensearch.url, "products")?;
    let search =
        compare::json(&mut shop, &source.table, &Bodies { bodies: documents, key: &|key| key.join("|"), extra: &[] })?;

    let mut redis = stack.redis.client()?;
    let keys: Vec<String> = redis.keys("product:*")?.into_iter().filter(|it| !it.ends_with(":v")).collect();
    let values = redis.get_all(&keys)?;
    let bodies: BTreeMap<String, String> =
        keys.into_iter().zip(values).filter_map(|(key, value)| Some((key, value?))).collect();
    let cache = compare::json(
        &mut shop,
        &source.table,
        &Bodies { bodies, key: &|key| format!("product:{{{}}}", key.join("|")), extra: &[] },
    )?;
    Ok(vec![("PostgreSQL", view), ("OpenSearch", search), ("Redis", cache)])
}
