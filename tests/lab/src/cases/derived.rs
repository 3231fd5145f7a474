//! `examples/orders` on the real systems: PostgreSQL, Debezium, Kafka, Flink, Bento, OpenSearch and Redis. Under load Flink is killed twice and the Connect
//! worker once; at the end every joined, nested, counted and windowed view equals what the source's database answers to the same question in SQL.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::shop::compare_all;
use crate::clients::kafka::count_records;
use crate::compare::views::{Databases, Place, View};
use crate::generated::{compile, page, postgres};
use crate::home::{Home, Run};
use crate::load::storm::under_load;
use crate::load::{Load, Orders};
use crate::pipeline::Pipeline;
use crate::report;
use crate::servers::flink::Flink;
use crate::servers::postgres::Release;
use crate::servers::stack::Stack;

const STATEMENTS_PER_WRITER: usize = 1500;
const ROWS_PER_TABLE: usize = 300;

const VIEWS: [View; 6] = [
    view("order_search", &["order_id"], Place::Index("orders")),
    view("product_card", &["sku"], Place::Keys("product")),
    view("paid_orders", &["order_id"], Place::Index("paid_orders")),
    view("orders_by_customer", &["customer_id", "currency"], Place::Index("orders_by_customer")),
    view("revenue_hourly", &["currency", "window_start"], Place::Index("revenue_hourly")),
    view("revenue_sliding", &["currency", "since"], Place::Index("revenue_sliding")),
];

/// The change logs that Flink reads.
const LOGS: [&str; 5] = [
    "orders.shop.public.customers",
    "orders.shop.public.orders",
    "orders.shop.public.order_lines",
    "orders.shop.public.products",
    "orders.shop.public.stock",
];

const fn view(name: &'static str, key: &'static [&'static str], place: Place) -> View {
    View { name, expected: ("expected", name), key, place }
}

/// Everything, once.
pub fn derived(home: &Home) -> Result<()> {
    ensure!(home.at("flink").is_dir(), "Flink is not installed: cargo run -p diac-lab -- install");
    let start = Instant::now();
    let say = |what: &str| eprintln!("lab: {:5.1} s {what}", start.elapsed().as_secs_f64());
    let run = Run::new(home, "derived")?;
    let mut stack = Stack::start(&run, Release::Fifteen)?;
    stack.postgres.create_database("shop")?;
    let pages = home.sources().join("pages/derived");
    for file in ["schema.sql", "expected.sql"] {
        stack.postgres.client("shop")?.batch_execute(&std::fs::read_to_string(pages.join(file))?)?;
    }
    let systems = [
        postgres("shop", stack.postgres.port, "shop", ""),
        format!("search {{ url = \"{}\" }}", stack.opensearch.url),
        format!("reports {{ url = \"{}\" }}", stack.opensearch.url),
        format!("cache {{ url = \"redis://127.0.0.1:{}\" }}", stack.redis.port),
        "compute { url = \"http://127.0.0.1:1\" }".to_owned(),
    ];
    let page = page(&home.repository.join("examples/orders/orders.dia"), &["shop_password"], &systems);
    let page = run.write("lab.dia", &page)?;
    let variables = [
        ("SHOP_DBA_URL", stack.postgres.url("shop")),
        ("SHOP_AUDIT_URL", stack.postgres.url("shop")),
        ("SHOP_PASSWORD", "a secret".to_owned()),
        ("SEARCH_URL", stack.opensearch.url.clone()),
        ("REPORTS_URL", stack.opensearch.url.clone()),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    let tree = compile(&run, &page, "lab", variables.to_vec())?;
    let orders = |number| Orders {
        url: stack.postgres.url("shop"),
        schemas: vec!["public".to_owned()],
        without: Vec::new(),
        seed: crate::load::seed(number),
        pace: 100,
    };
    Load::new(&orders(1))?.fill(ROWS_PER_TABLE)?;
    let mut pipeline = Pipeline::start(&run, &stack.kafka.bootstrap, tree)?;
    say("applied, connectors running, Bento up");
    let files = pipeline.tree.files("flink", "sql")?;
    let mut flink = Flink::start(&run, &files, &pipeline.tree.variables)?;
    say(&format!("{} jobs of Flink handed over", files.len()));

    let report = under_load(&[orders(7), orders(8)], STATEMENTS_PER_WRITER, |storm| {
        storm.wait_for(15)?;
        wait_for_checkpoints(&run, files.len())?;
        flink.crash()?;
        say("Flink killed and back");
        pipeline.crash_connect()?;
        say("Connect killed and back");
        storm.wait_for(60)?;
        flink.crash()?;
        say("Flink killed and back once more");
        Ok(())
    })?;
    say(&format!("load done: {report}"));

    pipeline.wait_running()?;
    let databases = Databases { stack: &stack, source: "shop", view: "shop" };
    let rows = settled(&databases, &say)?;
    say(&format!("{rows} rows of {} views equal the source's answers", VIEWS.len()));
    let seconds = start.elapsed().as_secs_f64();
    let twice: u64 = count_records(home, &stack.kafka.bootstrap, &LOGS)?.iter().map(|log| log.duplicates).sum();
    say(&format!("{twice} changes stood in the logs twice"));
    let what = "joins, nests, groups and windows by Flink";
    report::fault(what, "kill -9 of Flink twice, of Connect", crate::load::seed(7), twice, rows, 0, seconds)?;
    flink.process.expect_alive()?;
    pipeline.expect_alive()?;
    stack.expect_alive()
}

/// Every job has a checkpoint to go on from.
fn wait_for_checkpoints(run: &Run, jobs: usize) -> Result<()> {
    let start = Instant::now();
    while Flink::checkpointed(run) < jobs {
        ensure!(start.elapsed().as_secs() < 180, "only {} of {jobs} jobs have a checkpoint", Flink::checkpointed(run));
        std::thread::sleep(Duration::from_millis(300));
    }
    Ok(())
}

/// Compares until all is equal, for as long as Flink and the streams may need on a loaded machine.
fn settled(databases: &Databases, say: &impl Fn(&str)) -> Result<usize> {
    let start = Instant::now();
    loop {
        match compare_all(databases, &VIEWS, say) {
            Ok(rows) => return Ok(rows),
            Err(error) if start.elapsed().as_secs() > 100 => return Err(error),
            Err(error) => {
                let reason: String = format!("{error:#}").chars().take(300).collect();
                say(&format!("not yet: {reason}"));
                std::thread::sleep(Duration::from_secs(3));
            }
        }
    }
}
