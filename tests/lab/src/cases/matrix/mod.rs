//! The shop of the examples under faults, one after another in one lab, from nothing but what diac wrote: each under a load of its own, each felt, and after
//! each every view equals its source, by the generated audits and by the lab's own comparison.
//!
//! PostgreSQL → Debezium → Kafka → Elasticsearch and Redis by Bento, PostgreSQL by the JDBC sink. The stores stand behind proxies of the lab's own, which
//! can delay, repeat and hold what is written; the pages name the proxies as the stores' addresses, so the generated files are used as they are.

mod acts;
mod runbook;

use std::time::Instant;

use anyhow::{Context, Result, ensure};

use super::shop::compare_all;
use crate::clients::{connect, http, kafka};
use crate::compare::views::{Databases, Place, View};
use crate::generated::{Tree, Variables, compile, page, postgres};
use crate::home::{Home, Run};
use crate::load::storm::{Storm, under_surviving_load};
use crate::load::{Load, Orders};
use crate::pipeline::{Pipeline, Refused, refused_by_tables, sum};
use crate::report::{Fault, Prediction, Variant};
use crate::servers::opensearch::Engine;
use crate::servers::postgres::Release;
use crate::servers::proxy::{Protocol, Proxy};
use crate::servers::stack::Stack;

const STATEMENTS_PER_WRITER: usize = 500;
const ROWS_PER_TABLE: usize = 400;

/// The views that run here. `orders_fact` is Snowflake's; its sink is left out by `apply.sh`, as it says.
const VIEWS: [View; 4] = [
    View {
        name: "product_search",
        expected: ("public", "products"),
        key: &["product_id"],
        place: Place::Index("products"),
    },
    View {
        name: "product_card",
        expected: ("expected", "product_card"),
        key: &["product_id"],
        place: Place::Keys("product"),
    },
    View {
        name: "orders_report",
        expected: ("expected", "orders_report"),
        key: &["order_id"],
        place: Place::Table("public.orders_fact"),
    },
    View {
        name: "products_report",
        expected: ("public", "products"),
        key: &["product_id"],
        place: Place::Table("public.products"),
    },
];

/// What an act counted; nothing when what counts are the deliveries that the stores refused.
type Counted = Result<Option<(u64, &'static str)>>;

/// A fault: what it is called in the table, and what is done, under load.
type Act = (&'static str, fn(&mut Shop, &Storm) -> Counted);

/// What CI runs.
const SHORT: [Act; 6] = [
    ("kill -9 of the Connect worker: sources and sinks restart from their last committed offsets", acts::kill_connect),
    ("kill -9 of Bento", acts::kill_bento),
    (
        "SIGSTOP of Bento beyond its session, a second one takes over, SIGCONT: the zombie writes late",
        acts::zombie_bento,
    ),
    ("writes delayed at random, and each one again seconds later (search engine and Redis)", acts::late_and_double),
    ("every sink from offset 0", acts::from_the_beginning),
    ("kill -9 of the PostgreSQL server", acts::kill_server),
];

/// The rest, for the long form.
const LONG: [Act; 9] = [
    ("kill -9 of the broker", acts::kill_broker),
    ("kill -9 of a PostgreSQL backend: the capture's", acts::kill_backend),
    ("SIGSTOP of the Connect worker beyond its session, a second one takes over, SIGCONT", acts::zombie_connect),
    ("offsets of every sink turned back by 150", acts::turned_back),
    ("all connectors deleted, and made again by apply.sh", acts::recreate_connectors),
    ("views emptied and refilled as the runbook says", acts::refill),
    ("the slot lost, and deletes before the new one: the runbook's way back", acts::lose_slot),
    ("the change logs deleted under the running pipeline: the runbook's way back", acts::recreate_topics),
    ("kill -9 in the first copy, deletes before it begins anew: the runbook's way back", acts::interrupt_first_copy),
];

/// The pipeline and all that stands around it.
pub struct Shop {
    run: Run,
    stack: Stack,
    pipeline: Pipeline,
    search: Proxy,
    cache: Proxy,
    report: Proxy,
    /// What Bento processes that are gone had refused.
    refused_before: Refused,
    /// Anomalies that this fault would show where the design's warnings are not heeded; not seen here if all is equal afterwards.
    absent: Vec<(&'static str, String)>,
    start: Instant,
}

/// The faults of the short form.
pub fn short(home: &Home) -> Result<()> {
    all(home, "faults", &SHORT)
}

/// The faults of the long form.
pub fn long(home: &Home) -> Result<()> {
    all(home, "faults-long", &LONG)
}

fn all(home: &Home, name: &str, acts: &[Act]) -> Result<()> {
    let mut shop = Shop::start(home, name)?;
    // Some alone, by parts of their names with bars between.
    let only = std::env::var("DIAC_LAB_FAULT").unwrap_or_default();
    for (fault, act) in acts.iter().filter(|(fault, _)| only.split('|').any(|it| fault.contains(it))) {
        shop.under(fault, *act).with_context(|| format!("under {fault:?}"))?;
    }
    shop.pipeline.expect_alive()?;
    shop.stack.expect_alive()
}

impl Shop {
    fn start(home: &Home, name: &str) -> Result<Shop> {
        let start = Instant::now();
        let run = Run::new(home, name)?;
        let stack = Stack::start_with(&run, Release::Fifteen, Engine::Elasticsearch)?;
        let port_of = |url: &str| url.rsplit(':').next().and_then(|it| it.parse().ok()).context("no port");
        let search = Proxy::start(Protocol::Http, port_of(&stack.opensearch.url)?)?;
        let cache = Proxy::start(Protocol::Redis, stack.redis.port)?;
        let report = Proxy::start(Protocol::Bytes, stack.postgres.port)?;
        let addresses =
            Addresses { search: format!("http://127.0.0.1:{}", search.port), cache: cache.port, report: report.port };
        let tree = prepare(&run, &stack, &addresses)?;
        Load::new(&orders(&stack, 1))?.fill(ROWS_PER_TABLE)?;
        let pipeline = Pipeline::start(&run, &stack.kafka.bootstrap, tree)?;
        let shop = Shop {
            run,
            stack,
            pipeline,
            search,
            cache,
            report,
            refused_before: Refused::default(),
            absent: Vec::new(),
            start,
        };
        shop.say("the shop runs");
        shop.equal()?;
        Ok(shop)
    }

    fn say(&self, what: &str) {
        eprintln!("lab: {:5.1} s {what}", self.start.elapsed().as_secs_f64());
    }

    /// One fault under load, then equality.
    fn under(&mut self, fault: &str, act: fn(&mut Shop, &Storm) -> Counted) -> Result<()> {
        let start = Instant::now();
        let before = self.refused()?.all();
        let seed = crate::load::seed(31);
        let writers = [orders(&self.stack, 31), orders(&self.stack, 32)];
        let mut counted = None;
        let report = under_surviving_load(&writers, STATEMENTS_PER_WRITER, |storm| {
            storm.wait_for(15 + usize::try_from(seed % 7)? * 5)?;
            counted = act(self, storm)?;
            Ok(())
        })?;
        self.say(&format!("load done: {report}"));
        let failed = self.restart_failed_tasks()?;
        ensure!(failed == 0 || fault.contains("PostgreSQL"), "{failed} tasks are FAILED");
        if failed > 0 {
            // Where the sink meets a database that is starting up (FACTS.md, 9).
            self.say(&format!("{failed} tasks were FAILED and have been restarted, as the runbook says"));
        }
        self.pipeline.wait_running()?;
        let rows = self.equal()?;
        let refused = self.refused()?.all().saturating_sub(before);
        let (bit, counted) = counted.unwrap_or((refused, "repeats refused"));
        self.say(&format!("{refused} deliveries were refused as repeated or stale"));
        for (prediction, numbers) in std::mem::take(&mut self.absent) {
            let staged_on = format!("the shop under {fault:?}");
            let (prediction, numbers) = (prediction.to_owned(), format!("{numbers}; {rows} rows compared, 0 differ"));
            Prediction { prediction, variant: Variant::Generated, staged_on, seen: Some(false), numbers }.note()?;
        }
        ensure!(bit > 0, "the fault was not felt");
        Fault {
            case: "shop".to_owned(),
            fault: fault.to_owned(),
            seed,
            bit,
            counted: counted.to_owned(),
            rows,
            differences: 0,
            seconds: start.elapsed().as_secs_f64(),
        }
        .note()
    }

    /// Every view equals its source, by both judges; gives the rows compared.
    fn equal(&self) -> Result<usize> {
        let names: Vec<&str> = VIEWS.iter().map(|it| it.name).collect();
        let audit = self.pipeline.tree.audit(&[names.as_slice(), &["--settle", "90"]].concat())?;
        ensure!(audit.code == 0, "audit.py: exit {}\n{}", audit.code, audit.digest());
        let rows = audit.rows();
        ensure!(rows.len() == VIEWS.len() && rows.values().all(|it| *it > 0), "no rows to compare: {rows:?}");
        let databases = Databases { stack: &self.stack, source: "shop", view: "report" };
        compare_all(&databases, &VIEWS, &|what| self.say(what))
    }

    /// What all stores refused so far.
    fn refused(&self) -> Result<Refused> {
        let tables = sum(&refused_by_tables(&self.stack.postgres, "report")?);
        Ok(tables.plus(sum(&self.pipeline.refused_by_bento()?)).plus(self.refused_before))
    }

    /// Restarts what is FAILED, as the runbook says; gives how many connectors and tasks that were.
    fn restart_failed_tasks(&self) -> Result<usize> {
        let mut failed = 0;
        for (name, _) in self.pipeline.tree.connectors()? {
            let url = format!("{}/connectors/{name}", self.pipeline.connect.url);
            let count = http::get(&format!("{url}/status"))?.text.matches("\"FAILED\"").count();
            if count > 0 {
                http::post(&format!("{url}/restart?includeTasks=true&onlyFailed=true"), "")?.success()?;
            }
            failed += count;
        }
        Ok(failed)
    }

    /// The connectors that run here, those with a word in their class.
    fn connectors(&self, class: &str) -> Result<Vec<String>> {
        let all = self.pipeline.tree.connectors()?;
        let has = |config: &connect::Config| config.get("connector.class").is_some_and(|it| it.contains(class));
        Ok(all.into_iter().filter(|(_, config)| has(config)).map(|(name, _)| name).collect())
    }
}

fn orders(stack: &Stack, number: u64) -> Orders {
    Orders {
        url: stack.postgres.url("shop"),
        schemas: vec!["public".to_owned()],
        without: Vec::new(),
        seed: crate::load::seed(number),
        pace: 120,
    }
}

/// Where the page is told that the stores are.
pub struct Addresses {
    /// The search engine.
    pub search: String,
    /// Redis' port.
    pub cache: u16,
    /// The port of the database with the views' tables.
    pub report: u16,
}

/// Both databases, the page for those addresses, and the files.
pub fn prepare(run: &Run, stack: &Stack, addresses: &Addresses) -> Result<Tree> {
    for database in ["shop", "report"] {
        stack.postgres.create_database(database)?;
    }
    let pages = run.home.sources().join("pages/faults");
    stack.postgres.client("shop")?.batch_execute(&std::fs::read_to_string(pages.join("schema.sql"))?)?;
    let systems = [
        postgres("shop", stack.postgres.port, "shop", ", heartbeat = 2s"),
        postgres("report", addresses.report, "report", ""),
        format!("search {{ url = \"{}\" }}", addresses.search),
        format!("cache {{ url = \"redis://127.0.0.1:{}\" }}", addresses.cache),
        "warehouse { account = \"lab\", user = \"DIAC\", private_key = secret warehouse_key }".to_owned(),
    ];
    let secrets = ["shop_password", "report_password", "warehouse_key"];
    let page = run.write("lab.dia", &page(&pages.join("faults.dia"), &secrets, &systems))?;
    let path = format!("{}:{}", kafka::write_commands(run)?.display(), std::env::var("PATH").unwrap_or_default());
    let variables: Variables = [
        ("PATH", path),
        ("SHOP_DBA_URL", stack.postgres.url("shop")),
        ("SHOP_AUDIT_URL", stack.postgres.url("shop")),
        ("SHOP_PASSWORD", "one".to_owned()),
        ("REPORT_DBA_URL", stack.postgres.url("report")),
        ("REPORT_AUDIT_URL", stack.postgres.url("report")),
        ("REPORT_PASSWORD", "two".to_owned()),
        ("WAREHOUSE_KEY", "nobody reads it".to_owned()),
        ("SEARCH_URL", addresses.search.clone()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec();
    let tree = compile(run, &page, "lab", variables)?;
    // Snowflake cannot be had: its sink is no connector of this worker.
    for file in tree.files("connectors", "json")? {
        if std::fs::read_to_string(&file)?.contains("com.snowflake.") {
            std::fs::rename(&file, run.at("snowflake.json"))?;
        }
    }
    Ok(tree)
}
