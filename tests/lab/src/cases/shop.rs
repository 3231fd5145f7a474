//! The shop's page on the real systems, from nothing but what diac wrote: PostgreSQL to OpenSearch, Redis and a second PostgreSQL database. Under load the
//! Connect worker and Bento are killed; at the end every view equals its source, by the generated audits and by a comparison that diac has no part in.

use std::cell::RefCell;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use super::faults::crash_until_it_bites;
use super::oracle;
use super::planted;
use crate::compare::views::{Databases, Place, View};
use crate::generated::{Tree, Variables, compile, page, postgres};
use crate::home::{Home, Run};
use crate::load::storm::{Storm, under_load};
use crate::load::{Load, Orders};
use crate::pipeline::{Pipeline, Refused, refused_by_tables, sum, wait_until_still};
use crate::report;
use crate::servers::postgres::Release;
use crate::servers::stack::Stack;

const STATEMENTS_PER_WRITER: usize = 3000;
const ROWS_PER_TABLE: usize = 600;

const PRODUCT: &[&str] = &["product_id"];
const LINE: &[&str] = &["region", "order_id", "line"];
const CUSTOMER: &[&str] = &["customer_id"];

/// What each view must hold, and where it is.
pub const VIEWS: [View; 15] = [
    view("products_search", ("public", "products"), PRODUCT, Place::Index("products")),
    view("products_cache", ("public", "products"), PRODUCT, Place::Keys("product")),
    view("products_copy", ("public", "products"), PRODUCT, Place::Table("public.products")),
    view("lines_search", ("public", "order_lines"), LINE, Place::Index("lines")),
    view("lines_cache", ("public", "order_lines"), LINE, Place::Keys("line")),
    view("lines_copy", ("public", "order_lines"), LINE, Place::Table("public.order_lines")),
    view("card_search", ("expected", "card_search"), PRODUCT, Place::Index("cards")),
    view("card_cache", ("expected", "card_cache"), PRODUCT, Place::Keys("card")),
    view("card_copy", ("expected", "card_copy"), &["id"], Place::Table("public.cards")),
    view("offers_search", ("expected", "offers"), PRODUCT, Place::Index("offers")),
    view("offers_cache", ("expected", "offers"), PRODUCT, Place::Keys("offer")),
    view("offers_copy", ("expected", "offers_copy"), PRODUCT, Place::Table("public.offers")),
    view("people_search", ("expected", "people"), CUSTOMER, Place::Index("people")),
    view("people_cache", ("expected", "people"), CUSTOMER, Place::Keys("person")),
    view("people_copy", ("expected", "people_copy"), CUSTOMER, Place::Table("public.people")),
];

const fn view(
    name: &'static str,
    expected: (&'static str, &'static str),
    key: &'static [&'static str],
    place: Place,
) -> View {
    View { name, expected, key, place }
}

/// The page for the servers as they came up; `source` are more settings of the shop's database, each with a comma before it.
pub fn page_for(import: &Path, stack: &Stack, source: &str) -> String {
    let systems = [
        postgres("shop", stack.postgres.port, "shop", source),
        postgres("report", stack.postgres.port, "report", ""),
        format!("search {{ url = \"{}\" }}", stack.opensearch.url),
        format!("cache {{ url = \"redis://127.0.0.1:{}\" }}", stack.redis.port),
    ];
    page(import, &["shop_password", "report_password"], &systems)
}

/// What the files of such a page read from the environment; two passwords are the caller's.
pub fn variables(stack: &Stack, shop_password: &str, report_password: &str) -> Variables {
    [
        ("SHOP_DBA_URL", stack.postgres.url("shop")),
        ("SHOP_AUDIT_URL", stack.postgres.url("shop")),
        ("SHOP_PASSWORD", shop_password.to_owned()),
        ("REPORT_DBA_URL", stack.postgres.url("report")),
        ("REPORT_AUDIT_URL", stack.postgres.url("report")),
        ("REPORT_PASSWORD", report_password.to_owned()),
        ("SEARCH_URL", stack.opensearch.url.clone()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// Makes both databases and compiles the page for the servers.
pub fn prepare(run: &Run, stack: &Stack) -> Result<Tree> {
    let pages = run.home.sources().join("pages/shop");
    for database in ["shop", "report"] {
        stack.postgres.create_database(database)?;
    }
    for file in ["schema.sql", "expected.sql"] {
        stack.postgres.client("shop")?.batch_execute(&std::fs::read_to_string(pages.join(file))?)?;
    }
    let page = run.write("lab.dia", &page_for(&pages.join("shop.dia"), stack, ""))?;
    compile(run, &page, "lab", variables(stack, "it's a \"secret\" $x {y}", "another one: 100%"))
}

/// Everything, once.
pub fn shop(home: &Home) -> Result<()> {
    let start = Instant::now();
    let say = |what: &str| eprintln!("lab: {:5.1} s {what}", start.elapsed().as_secs_f64());
    let run = Run::new(home, "shop")?;
    let mut stack = Stack::start(&run, Release::Fifteen)?;
    say("PostgreSQL, Kafka, Redis, OpenSearch up");
    let tree = prepare(&run, &stack)?;
    let before = oracle::inventory(&stack.postgres, &["shop", "report"])?;
    let orders = |number| Orders {
        url: stack.postgres.url("shop"),
        schemas: vec!["public".to_owned()],
        without: Vec::new(),
        seed: crate::load::seed(number),
        pace: 150,
    };
    Load::new(&orders(1))?.fill(ROWS_PER_TABLE)?;
    say("compiled, and the source filled");
    let mut pipeline = Pipeline::start(&run, &stack.kafka.bootstrap, tree)?;
    say("applied, connectors running, Bento up");
    oracle::validate(&pipeline)?;

    let mut refused = Refused::default();
    let report = under_load(&[orders(7), orders(8)], STATEMENTS_PER_WRITER, |storm| {
        refused = crash_both(&stack, storm, &mut pipeline, &say)?;
        Ok(())
    })?;
    say(&format!("load done: {report}"));

    pipeline.wait_running()?;
    let databases = Databases { stack: &stack, source: "shop", view: "report" };
    audit_equal(&pipeline.tree, VIEWS.len(), &say)?;
    let rows = compare_all(&databases, &VIEWS, &say)?;
    let tables = refused_by_tables(&stack.postgres, "report")?;
    let bento = pipeline.refused_by_bento()?;
    say(&format!("refused by tables {tables:?}"));
    say(&format!("refused by Bento since its crash {bento:?}, before it {refused:?}"));
    let all = sum(&tables).plus(sum(&bento)).plus(refused);
    say(&format!("refused in all: {} duplicates, {} stale", all.duplicates, all.stale));
    ensure!(all.duplicates > 0 && all.stale > 0, "the crashes did not make both kinds of repeated deliveries: {all:?}");

    let seconds = start.elapsed().as_secs_f64();
    report::fault(
        "every kind of column and stage",
        "kill -9 of Connect and of Bento",
        crate::load::seed(7),
        all.all(),
        rows,
        0,
        seconds,
    )?;

    planted::plant_and_find(&stack, &pipeline.tree)?;
    say("nine planted differences found, and nothing else");
    pipeline.expect_alive()?;
    oracle::apply_again_and_tear_down(&stack.postgres, pipeline, &[("shop", "shop"), ("report", "report")], &before)?;
    say("applied twice, swept, torn down: nothing is left");
    stack.expect_alive()
}

/// Values from the ends of their types reach every store as they are.
pub fn edges(home: &Home) -> Result<()> {
    let start = Instant::now();
    let say = |what: &str| eprintln!("lab: {:5.1} s {what}", start.elapsed().as_secs_f64());
    let run = Run::new(home, "edges")?;
    let stack = Stack::start(&run, Release::Fifteen)?;
    let tree = prepare(&run, &stack)?;
    let rows = std::fs::read_to_string(home.sources().join("pages/shop/edges.sql"))?;
    // First as rows that are there before the connector, then as changes.
    stack.postgres.client("shop")?.batch_execute(&rows)?;
    let mut pipeline = Pipeline::start(&run, &stack.kafka.bootstrap, tree)?;
    say("applied, connectors running, Bento up");
    audit_equal(&pipeline.tree, VIEWS.len(), &say)?;
    let again =
        format!("DELETE FROM public.products; DELETE FROM public.order_lines; DELETE FROM public.customers; {rows}");
    stack.postgres.client("shop")?.batch_execute(&again)?;
    audit_equal(&pipeline.tree, VIEWS.len(), &say)?;
    pipeline.wait_running()?;
    compare_all(&Databases { stack: &stack, source: "shop", view: "report" }, &VIEWS, &say)?;
    pipeline.expect_alive()
}

/// SIGKILL of the worker after a quarter of the load, of Bento after six tenths; again when nothing was delivered twice. Gives what Bento's views had
/// refused before their counters were lost.
fn crash_both(stack: &Stack, storm: &Storm, pipeline: &mut Pipeline, say: &impl Fn(&str)) -> Result<Refused> {
    let pipeline = RefCell::new(pipeline);
    let look = || -> Result<Refused> {
        Ok(sum(&refused_by_tables(&stack.postgres, "report")?).plus(sum(&pipeline.borrow().refused_by_bento()?)))
    };
    storm.wait_for(25)?;
    let crash = || {
        pipeline.borrow_mut().crash_connect()?;
        say("Connect killed and back");
        Ok(())
    };
    let repeats = crash_until_it_bites("Connect", crash, || Ok(look()?.all()))?;
    say(&format!("refused by all views so far: {repeats}"));

    storm.wait_for(60)?;
    wait_until_still(|| Ok(sum(&pipeline.borrow().refused_by_bento()?)))?;
    let before = sum(&pipeline.borrow().refused_by_bento()?);
    let crash = || {
        pipeline.borrow_mut().crash_bento()?;
        say("Bento killed and back");
        Ok(())
    };
    let repeats = crash_until_it_bites("Bento", crash, || Ok(sum(&pipeline.borrow().refused_by_bento()?).all()))?;
    say(&format!("refused by Bento's views since its crash: {repeats}"));
    Ok(before)
}

/// The generated audits find every view equal, and had rows to compare.
pub fn audit_equal(tree: &Tree, views: usize, say: &impl Fn(&str)) -> Result<()> {
    let audit = tree.audit(&["--settle", "60"])?;
    ensure!(audit.code == 0, "audit.py: exit {}\n{}", audit.code, audit.digest());
    let rows = audit.rows();
    say(&format!("audits equal: {rows:?}"));
    ensure!(rows.len() == views && rows.values().all(|it| *it > 0), "not every view had rows to compare: {rows:?}");
    Ok(())
}

/// The lab's own comparison finds every view equal; gives how many rows it compared.
pub fn compare_all(databases: &Databases, views: &[View], say: &impl Fn(&str)) -> Result<usize> {
    let start = Instant::now();
    let mut rows = 0;
    for view in views {
        loop {
            let found = databases.compare(view)?;
            ensure!(found.rows > 0, "{}: no rows", view.name);
            if found.is_equal() {
                rows += found.rows;
                break;
            }
            if start.elapsed() > Duration::from_secs(20) {
                bail!("{}: {found}", view.name);
            }
            std::thread::sleep(Duration::from_millis(500));
        }
    }
    say(&format!("{} views equal by the lab's own comparison", views.len()));
    Ok(rows)
}
