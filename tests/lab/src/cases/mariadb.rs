//! MariaDB as the record, from nothing but what diac wrote: its binlog to OpenSearch, Redis and PostgreSQL. Under load the Connect worker, Bento and the
//! server itself are killed; at the end every view equals its source, by the generated audits and by a comparison that diac has no part in.

use std::cell::RefCell;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use super::faults::crash_until_it_bites;
use super::oracle;
use super::shop::{audit_equal, compare_all};
use crate::compare::views::{Databases, Place, View};
use crate::generated::{Tree, compile, page, postgres};
use crate::home::{Home, Run};
use crate::load::maria;
use crate::pipeline::{Pipeline, Refused, refused_by_tables, sum, wait_until_still};
use crate::servers::mariadb::MariaDb;
use crate::servers::postgres::Release;
use crate::servers::stack::Stack;

const STATEMENTS_PER_WRITER: usize = 4000;

const ID: &[&str] = &["id"];
const LINE: &[&str] = &["region", "line"];

const VIEWS: [View; 12] = [
    view("products_search", ("public", "products"), ID, Place::Index("products")),
    view("products_cache", ("public", "products"), ID, Place::Keys("product")),
    view("products_copy", ("public", "products"), ID, Place::Table("public.products")),
    view("lines_search", ("public", "order_lines"), LINE, Place::Index("lines")),
    view("lines_cache", ("public", "order_lines"), LINE, Place::Keys("line")),
    view("lines_copy", ("public", "order_lines"), LINE, Place::Table("public.order_lines")),
    view("places_search", ("public", "places"), ID, Place::Index("places")),
    view("places_cache", ("public", "places"), ID, Place::Keys("place")),
    view("places_copy", ("public", "places"), ID, Place::Table("public.places")),
    view("offers_search", ("expected", "offers"), ID, Place::Index("offers")),
    view("offers_cache", ("expected", "offers"), ID, Place::Keys("offer")),
    view("offers_copy", ("expected", "offers_copy"), ID, Place::Table("public.offers")),
];

const fn view(
    name: &'static str,
    expected: (&'static str, &'static str),
    key: &'static [&'static str],
    place: Place,
) -> View {
    View { name, expected, key, place }
}

/// Everything, once.
pub fn mariadb(home: &Home) -> Result<()> {
    let start = Instant::now();
    let say = |what: &str| eprintln!("lab: {:5.1} s {what}", start.elapsed().as_secs_f64());
    let run = Run::new(home, "mariadb")?;
    let mut stack = Stack::start(&run, Release::Fifteen)?;
    let mut record = MariaDb::start(&run)?;
    say("MariaDB, PostgreSQL, Kafka, Redis, OpenSearch up");
    let tree = prepare(&run, &stack, &record)?;
    maria::fill(record.port, 300)?;
    // A table that is not captured, of a type the connector's parser stops at.
    record.sql("shop", "CREATE TABLE visitors (id int PRIMARY KEY, address inet6)")?;
    say("compiled, and the source filled");
    let mut pipeline = Pipeline::start(&run, &stack.kafka.bootstrap, tree)?;
    say("applied, connectors running, Bento up");
    oracle::validate(&pipeline)?;
    audit_equal(&pipeline.tree, VIEWS.len(), &say)?;

    let mut refused = Refused::default();
    let port = record.port;
    let (sent, unanswered) = maria::under_load(port, &[11, 12], STATEMENTS_PER_WRITER, |progress| {
        refused = crash_all(&stack, &mut record, progress, &mut pipeline, &say)?;
        Ok(())
    })?;
    say(&format!("load done: {sent} statements sent, {unanswered} batches without an answer"));
    ensure!(unanswered > 0, "the server was killed, and no writer noticed");

    pipeline.wait_running()?;
    audit_equal(&pipeline.tree, VIEWS.len(), &say)?;
    mirror(&record, &stack)?;
    compare_all(&Databases { stack: &stack, source: "shop", view: "report" }, &VIEWS, &say)?;
    let tables = refused_by_tables(&stack.postgres, "report")?;
    let bento = pipeline.refused_by_bento()?;
    let all = sum(&tables).plus(sum(&bento)).plus(refused);
    say(&format!("refused in all: {} duplicates, {} stale", all.duplicates, all.stale));
    ensure!(all.duplicates > 0 && all.stale > 0, "the crashes did not make both kinds of repeated deliveries: {all:?}");
    plant_and_find(&stack, &pipeline.tree)?;
    say("planted differences found");
    say(&format!("the record's log: {}", record.sql("shop", "SHOW MASTER STATUS")?.trim()));

    pipeline.tree.apply()?;
    pipeline.expect_alive()?;
    drop(pipeline.connect);
    record.sql("mysql", &std::fs::read_to_string(pipeline.tree.at("sql/shop/99-teardown.sql"))?)?;
    let left =
        record.sql("mysql", "SELECT user FROM mysql.user WHERE user LIKE 'diac%'; SHOW DATABASES LIKE 'diac'")?;
    ensure!(left.trim().is_empty(), "left behind: {left}");
    say("applied twice, torn down: nothing is left");
    stack.expect_alive()
}

fn prepare(run: &Run, stack: &Stack, record: &MariaDb) -> Result<Tree> {
    let pages = run.home.sources().join("pages/mariadb");
    let text = |file: &str| std::fs::read_to_string(pages.join(file)).with_context(|| file.to_owned());
    record.sql("mysql", &text("schema.sql")?)?;
    for database in ["shop", "report"] {
        stack.postgres.create_database(database)?;
    }
    stack.postgres.client("shop")?.batch_execute(&text("expected.sql")?)?;
    let systems = [
        format!(
            "shop {{ host = \"127.0.0.1\", port = {}, user = \"diac_shop\", password = secret shop_password, server_id = 5401, sslmode = \"disable\" }}",
            record.port
        ),
        postgres("report", stack.postgres.port, "report", ""),
        format!("search {{ url = \"{}\" }}", stack.opensearch.url),
        format!("cache {{ url = \"redis://127.0.0.1:{}\" }}", stack.redis.port),
    ];
    let page = page(&pages.join("mariadb.dia"), &["shop_password", "report_password"], &systems);
    let page = run.write("lab.dia", &page)?;
    let variables = [
        ("SHOP_DBA_URL", record.url()),
        ("SHOP_AUDIT_URL", record.url()),
        ("SHOP_PASSWORD", "it's a \"secret\" $x {y} \\ %".to_owned()),
        ("REPORT_DBA_URL", stack.postgres.url("report")),
        ("REPORT_AUDIT_URL", stack.postgres.url("report")),
        ("REPORT_PASSWORD", "another one: 100%".to_owned()),
        ("SEARCH_URL", stack.opensearch.url.clone()),
    ];
    compile(run, &page, "lab", variables.map(|(name, value)| (name.to_owned(), value)).to_vec())
}

/// SIGKILL of the worker, of the server, of Bento, each while the writers write.
fn crash_all(
    stack: &Stack,
    record: &mut MariaDb,
    progress: &maria::Progress,
    pipeline: &mut Pipeline,
    say: &impl Fn(&str),
) -> Result<Refused> {
    let pipeline = RefCell::new(pipeline);
    let look = || -> Result<Refused> {
        Ok(sum(&refused_by_tables(&stack.postgres, "report")?).plus(sum(&pipeline.borrow().refused_by_bento()?)))
    };
    progress.wait_for(STATEMENTS_PER_WRITER / 2)?;
    let crash = || {
        pipeline.borrow_mut().crash_connect()?;
        say("Connect killed and back");
        Ok(())
    };
    let repeats = crash_until_it_bites("Connect", crash, || Ok(look()?.all()))?;
    say(&format!("refused by all views so far: {repeats}"));

    progress.wait_for(STATEMENTS_PER_WRITER)?;
    record.process.crash()?;
    std::thread::sleep(std::time::Duration::from_secs(2));
    record.restart()?;
    say("MariaDB killed and back");
    // The connector tries again by itself; where its task has failed it is started anew, as the runbook says.
    let restarted = pipeline.borrow().restart_failed(std::time::Duration::from_secs(20))?;
    say(&format!("failed tasks started anew: {restarted}"));

    progress.wait_for(STATEMENTS_PER_WRITER * 3 / 2)?;
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

/// Copies the record's tables into PostgreSQL without any part of diac: each value's text as hex digits, read back as the type it is.
fn mirror(record: &MariaDb, stack: &Stack) -> Result<()> {
    let mut client = stack.postgres.client("shop")?;
    for (table, columns) in TABLES {
        let value = |(name, ty): &(&str, &str)| match *ty {
            "bytea" => format!("IFNULL(CONCAT('x', HEX(`{name}`)), '-')"),
            "boolean" => format!("IFNULL(CONCAT('x', HEX(CAST(`{name}` + 0 AS CHAR))), '-')"),
            "double precision" | "real" => {
                format!("IFNULL(CONCAT('x', HEX(CAST(CAST(`{name}` AS DOUBLE) AS CHAR))), '-')")
            }
            _ => format!("IFNULL(CONCAT('x', HEX(CONVERT(CAST(`{name}` AS CHAR) USING utf8mb4))), '-')"),
        };
        let values: Vec<String> = columns.iter().map(value).collect();
        let rows =
            record.sql("shop", &format!("SET time_zone = '+00:00'; SELECT {} FROM {table}", values.join(", ")))?;
        client.batch_execute(&format!("TRUNCATE {table}; SET timezone = 'UTC'"))?;
        let names: Vec<String> = columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let mut insert = Vec::new();
        for row in rows.lines() {
            let literals: Vec<String> = row.split('\t').zip(columns).map(|(text, (_, ty))| literal(text, ty)).collect();
            ensure!(literals.len() == columns.len(), "{table}: {row}");
            insert.push(format!("({})", literals.join(", ")));
        }
        for some in insert.chunks(200) {
            client.batch_execute(&format!("INSERT INTO {table} ({}) VALUES {}", names.join(", "), some.join(", ")))?;
        }
    }
    Ok(())
}

fn literal(text: &str, ty: &str) -> String {
    match text.strip_prefix('x') {
        None => "NULL".to_owned(),
        Some(hex) if ty == "bytea" => format!("'\\x{hex}'::bytea"),
        Some(hex) if ty == "boolean" => format!("(convert_from('\\x{hex}'::bytea, 'UTF8')::integer <> 0)"),
        Some(hex) => format!("convert_from('\\x{hex}'::bytea, 'UTF8')::{ty}"),
    }
}

type Columns = &'static [(&'static str, &'static str)];

const TABLES: [(&str, Columns); 3] = [
    (
        "products",
        &[
            ("id", "numeric"),
            ("sku", "text"),
            ("name", "text"),
            ("price", "numeric"),
            ("weight", "double precision"),
            ("ratio", "real"),
            ("active", "boolean"),
            ("state", "text"),
            ("tags", "text"),
            ("stock", "integer"),
            ("views", "bigint"),
            ("small", "integer"),
            ("tiny", "smallint"),
            ("big", "numeric"),
            ("added", "date"),
            ("seen", "timestamp"),
            ("planned", "timestamp"),
            ("updated_at", "timestamptz"),
            ("made_at", "timestamptz"),
            ("opens", "time"),
            ("season", "integer"),
            ("photo", "bytea"),
            ("flag", "boolean"),
            ("extra", "jsonb"),
            ("notes", "text"),
            ("rank", "integer"),
            ("worth", "numeric"),
            ("double_stock", "bigint"),
        ],
    ),
    (
        "order_lines",
        &[("region", "text"), ("line", "bigint"), ("quantity", "integer"), ("at", "timestamp"), ("order", "text")],
    ),
    ("places", &[("id", "integer"), ("n", "integer")]),
];

/// The audit that finds nothing has to find what is there: a row too many, one too few, one that is another.
fn plant_and_find(stack: &Stack, tree: &Tree) -> Result<()> {
    let mut report = stack.postgres.client("report")?;
    report.batch_execute(
        "ALTER TABLE public.places DISABLE TRIGGER ALL;
         DELETE FROM public.places WHERE id = (SELECT min(id) FROM public.places);
         UPDATE public.places SET n = n + 1 WHERE id = (SELECT max(id) FROM public.places);
         INSERT INTO public.places (id, n, \"__lsn\") VALUES (-7, 1, 0);
         ALTER TABLE public.places ENABLE TRIGGER ALL;",
    )?;
    let audit = tree.audit(&["places_copy"])?;
    let found: Vec<String> = audit.findings().into_iter().map(|(_, line)| line).collect();
    let has = |start: &str| found.iter().filter(|line| line.starts_with(start)).count() == 1;
    ensure!(audit.code == 1 && found.len() == 3, "exit {}: {found:?}", audit.code);
    ensure!(has("missing ") && has("changed ") && has("left over -7"), "{found:?}");
    Ok(())
}
