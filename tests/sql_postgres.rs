//! The generated SQL on a real PostgreSQL: every file twice, and what the guard refuses and lets through.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

#[path = "sql/server.rs"]
mod server;

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use server::{DBA, Server, answer};

const PASSWORD: &str = "p'w\\ $x \"y";
/// Epoch 2 of the sample.
const EPOCH: i64 = 2 << 56;

fn expected() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sql/expected")
}

fn run_file(server: &Server, database: &str, file: &str, environment: &[(&str, &str)]) -> Output {
    let mut command = server.psql(DBA, database);
    command.env("SHOP_DATABASE", "shop").env("SHOP_PASSWORD", PASSWORD).env("REPORT_PASSWORD", PASSWORD);
    command.envs(environment.iter().copied());
    command.arg("-f").arg(expected().join(file)).stdin(Stdio::null()).output().unwrap()
}

/// A server with the sample's databases, every file run twice; none where there is no PostgreSQL.
fn prepared(name: &str) -> Option<Server> {
    let Some(server) = Server::start(name) else {
        println!("not run: PostgreSQL 15 or newer is not installed");
        return None;
    };
    server.ask("postgres", "CREATE DATABASE shop;\n CREATE DATABASE report;");
    answer(&run_file(&server, "shop", "record.sql", &[]));
    for _ in 0..2 {
        for file in ["00-preflight", "01-role-and-grants", "02-signal-heartbeat", "03-publication"] {
            answer(&run_file(&server, "shop", &format!("prod/sql/shop/{file}.sql"), &[]));
        }
        for file in ["04-view-tables", "05-idempotency", "95-sweep"] {
            answer(&run_file(&server, "report", &format!("prod/sql/report/{file}.sql"), &[]));
        }
    }
    Some(server)
}

#[test]
fn capture_side() {
    let Some(server) = prepared("capture") else { return };
    let ask = |sql: &str| server.ask("shop", sql);
    let published = "SELECT string_agg(schemaname || '.' || tablename, ', ' ORDER BY schemaname, tablename) FROM pg_publication_tables";
    assert_eq!(ask(published), "diac.heartbeat, diac.signal, public.Order \"Lines, public.products");
    assert_eq!(ask("SELECT pubviaroot FROM pg_publication"), "t");
    assert_eq!(
        ask(
            "SELECT string_agg(relname || relreplident::text, ' ' ORDER BY relname) FROM pg_class WHERE relkind IN ('r', 'p') \
             AND relnamespace = 'public'::regnamespace"
        ),
        "Order \"Linesf lines_0f lines_1f productsf",
        "the identity reaches the partitions"
    );

    // The role logs in with its password, reads what is captured, makes its slot, and can do no more.
    ask("ALTER SYSTEM SET log_statement = 'none'");
    let as_role = |sql: &str| server.run("diac_lab_shop", "shop", sql);
    answer(&as_role("SELECT count(*) FROM public.products; SELECT count(*) FROM public.\"Order \"\"Lines\";"));
    answer(&as_role(
        "INSERT INTO diac.heartbeat (id, ts) VALUES (1, now()) ON CONFLICT (id) DO UPDATE SET ts = excluded.ts;",
    ));
    answer(&as_role("SELECT pg_create_logical_replication_slot('diac_lab_shop', 'pgoutput');"));
    assert!(!as_role("DELETE FROM public.products;").status.success());
    let hash = ask("SELECT rolpassword FROM pg_authid WHERE rolname = 'diac_lab_shop'");
    assert!(hash.starts_with("SCRAM-SHA-256$"), "{hash}");

    // Another set of tables: the publication and the grants follow.
    ask("CREATE TABLE public.extra (id int PRIMARY KEY); GRANT SELECT ON public.extra TO diac_lab_shop; \
         ALTER PUBLICATION diac_lab_shop ADD TABLE public.extra;");
    answer(&run_file(&server, "shop", "prod/sql/shop/01-role-and-grants.sql", &[]));
    answer(&run_file(&server, "shop", "prod/sql/shop/03-publication.sql", &[]));
    assert_eq!(ask(published), "diac.heartbeat, diac.signal, public.Order \"Lines, public.products");
    assert!(!as_role("SELECT * FROM public.extra;").status.success());

    // Partitions made later have no FULL of their own: a second run gives it to them.
    ask(
        "CREATE TABLE public.lines_more (\"Order\" uuid, line_no smallint, amount numeric(12,2), PRIMARY KEY (\"Order\", line_no)); \
         ALTER TABLE public.\"Order \"\"Lines\" DETACH PARTITION public.lines_1; \
         ALTER TABLE public.\"Order \"\"Lines\" ATTACH PARTITION public.lines_more FOR VALUES WITH (MODULUS 2, REMAINDER 1);",
    );
    answer(&run_file(&server, "shop", "prod/sql/shop/03-publication.sql", &[]));
    assert_eq!(ask("SELECT relreplident FROM pg_class WHERE relname = 'lines_more'"), "f");

    // Wrong database and missing variables are said before anything is changed.
    let wrong = run_file(&server, "report", "prod/sql/shop/01-role-and-grants.sql", &[]);
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("another database"), "{wrong:?}");
    let mut missing = server.psql(DBA, "shop");
    missing.env("SHOP_DATABASE", "shop").env_remove("SHOP_PASSWORD").arg("-f");
    let missing = missing.arg(expected().join("prod/sql/shop/01-role-and-grants.sql")).output().unwrap();
    assert!(
        String::from_utf8_lossy(&missing.stderr).contains("set the environment variable SHOP_PASSWORD"),
        "{missing:?}"
    );

    // Two runs of the teardown: the first takes all away, the second finds nothing to do.
    for _ in 0..2 {
        answer(&run_file(&server, "shop", "prod/sql/shop/99-teardown.sql", &[]));
    }
    assert_eq!(ask("SELECT count(*) FROM pg_roles WHERE rolname = 'diac_lab_shop'"), "0");
    assert_eq!(ask("SELECT count(*) FROM pg_replication_slots"), "0");
    assert_eq!(ask("SELECT count(*) FROM pg_publication"), "0");
    assert_eq!(ask("SELECT count(*) FROM pg_namespace WHERE nspname = 'diac'"), "0");
}

#[test]
fn preflight_names_every_reason() {
    let Some(server) = Server::start("preflight") else { return };
    server.ask("postgres", "CREATE DATABASE shop ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C';");
    server.ask(
        "shop",
        "CREATE UNLOGGED TABLE public.products (product_id bigint); \
         CREATE TABLE public.\"Order \"\"Lines\" (\"Order\" uuid, line_no smallint); CREATE PUBLICATION diac_lab_shop FOR ALL TABLES; \
         ALTER SYSTEM SET max_slot_wal_keep_size = '1GB'; SELECT pg_reload_conf();",
    );
    let output = run_file(&server, "shop", "prod/sql/shop/00-preflight.sql", &[]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    for reason in [
        "encoded in SQL_ASCII",
        "publishes all tables",
        "unlogged",
        "has no column \"any\"",
        "has no column amount",
        "not ready",
    ] {
        assert!(said.contains(reason), "{reason} is not in:\n{said}");
    }
    server.ask("shop", "DROP PUBLICATION diac_lab_shop;");
}

/// A change as the sink writes it.
fn upsert(id: i64, lsn: i64, changes: &[(&str, &str)]) -> String {
    let mut row = vec![
        ("product_id", id.to_string()),
        ("name", "'n'".to_owned()),
        ("stock", "1".to_owned()),
        ("updated_at", "'2024-01-01 00:00:00Z'".to_owned()),
        ("__lsn", lsn.to_string()),
        ("__deleted", "'false'".to_owned()),
    ];
    for (column, value) in changes {
        row.retain(|(name, _)| name != column);
        row.push((column, (*value).to_owned()));
    }
    let names: Vec<String> = row.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let values: Vec<&str> = row.iter().map(|(_, value)| value.as_str()).collect();
    let sets: Vec<String> = names.iter().map(|name| format!("{name} = EXCLUDED.{name}")).collect();
    format!(
        "INSERT INTO public.products ({}) VALUES ({}) ON CONFLICT (\"product_id\") DO UPDATE SET {};",
        names.join(", "),
        values.join(", "),
        sets.join(", ")
    )
}

#[test]
fn guard() {
    let Some(server) = prepared("guard") else { return };
    let apply = |id, lsn, changes: &[(&str, &str)]| {
        answer(&server.run("diac_lab_report", "report", &upsert(id, lsn, changes)));
    };
    let row = |id: i64| {
        server.ask(
            "report",
            &format!("SELECT name, stock, wide, \"__lsn\" - {EPOCH} FROM products WHERE product_id = {id}"),
        )
    };
    let counts = || server.ask("report", "SELECT duplicates, stale, gone FROM products__diac");
    let deleted = ("__deleted", "'true'");

    apply(1, 10, &[("name", "'ten'"), ("wide", "'long'")]);
    assert_eq!(row(1), "ten|1|long|10");
    apply(1, 10, &[("name", "'again'")]);
    apply(1, 9, &[("name", "'late'")]);
    assert_eq!(row(1), "ten|1|long|10", "neither a duplicate nor a stale row is taken");
    assert_eq!(counts(), "1|1|0");

    apply(1, 11, &[("name", "'eleven'"), ("wide", "'__debezium_unavailable_value'")]);
    assert_eq!(row(1), "eleven|1|long|11", "the placeholder keeps the value");

    apply(1, 20, &[deleted]);
    assert_eq!(row(1), "");
    apply(1, 15, &[("name", "'risen'")]);
    apply(1, 20, &[("name", "'risen'")]);
    assert_eq!(row(1), "", "a late insert does not bring a deleted row back");
    assert_eq!(counts(), "2|2|1");
    apply(1, 21, &[("name", "'new'")]);
    assert_eq!(row(1), "new|1||21");
    assert_eq!(counts(), "2|2|0");

    apply(1, 30, &[("stock", "0")]);
    assert_eq!(row(1), "", "the condition does not hold any more");
    apply(1, 29, &[]);
    assert_eq!(row(1), "");
    apply(1, 31, &[("stock", "NULL")]);
    assert_eq!(row(1), "", "null is no yes");
    apply(1, 32, &[("stock", "7")]);
    assert_eq!(row(1), "n|7||32", "and back");

    // A change of the key is a delete and an insert with one version.
    apply(1, 40, &[deleted]);
    apply(2, 40, &[("name", "'moved'")]);
    assert_eq!((row(1), row(2)), (String::new(), "moved|1||40".to_owned()));
    apply(1, 32, &[]);
    assert_eq!(row(1), "");

    // Every kind of delete's empty columns, of a row never seen.
    apply(3, 5, &[deleted, ("name", "''")]);
    apply(3, 4, &[]);
    assert_eq!(row(3), "");

    // Masks, and bytes that come as base64 text.
    apply(4, 1, &[("email", "'a@b.c'"), ("note", "'äöüß'"), ("photo", "'AP9+'")]);
    assert_eq!(
        server.ask("report", "SELECT email, note, photo FROM products WHERE product_id = 4"),
        "[redacted]|äöü|\\x00ff7e"
    );
    apply(4, 2, &[("email", "NULL"), ("photo", "'__debezium_unavailable_value'")]);
    assert_eq!(server.ask("report", "SELECT email, note, photo FROM products WHERE product_id = 4"), "|äöü|\\x00ff7e");
}

#[test]
fn guard_of_a_composite_key_with_hostile_names() {
    let Some(server) = prepared("composite") else { return };
    let table = server.ask("report", "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname LIKE 'sales%' AND tablename NOT LIKE '%gone'");
    let apply = |key: &str, lsn: i64, amount: &str, deleted: &str| {
        let sql = format!(
            "INSERT INTO {table} (\"Order\", line_no, amount, \"__lsn\", \"__deleted\") VALUES ('{key}', 1, {amount}, {lsn}, '{deleted}') \
             ON CONFLICT (\"Order\", line_no) DO UPDATE SET amount = EXCLUDED.amount, \"__lsn\" = EXCLUDED.\"__lsn\", \"__deleted\" = EXCLUDED.\"__deleted\";"
        );
        answer(&server.run("diac_lab_report", "report", &sql));
    };
    let rows = || server.ask("report", &format!("SELECT \"Order\", amount IS NULL, \"__lsn\" FROM {table}"));
    let key = "00000000-0000-0000-0000-00000000000a";
    apply(key, 3, "12.50", "false");
    assert_eq!(rows(), format!("{key}|t|3"), "what only the condition reads is not stored");
    apply(key, 4, "NULL", "false");
    assert_eq!(rows(), "");
    apply(key, 3, "1", "false");
    assert_eq!(rows(), "");
    apply(key, 5, "1", "false");
    assert_eq!(rows(), format!("{key}|t|5"));
    apply(key, 6, "1", "true");
    assert_eq!(rows(), "");
}

/// Two sessions that write one key at once, older and newer, many times: the newer one always stays.
#[test]
fn two_sessions_on_one_key() {
    let Some(server) = prepared("sessions") else { return };
    let script = |odd: bool| {
        let mut sql = String::new();
        for id in 1..=300_i64 {
            // One session brings the delete of version 2, the other versions 1 and 3, in two orders.
            let newer = (id % 2 == 0) == odd;
            let (first, second) = if newer { (3, 1) } else { (2, 2) };
            for lsn in [first, second] {
                let deleted = if lsn == 2 { "'true'" } else { "'false'" };
                let name = format!("'v{lsn}'");
                sql.push_str(&upsert(id, lsn, &[("name", &name), ("__deleted", deleted)]));
                sql.push('\n');
            }
        }
        sql
    };
    let (one, two) = (script(true), script(false));
    std::thread::scope(|scope| {
        for sql in [&one, &two] {
            scope.spawn(|| answer(&server.run("diac_lab_report", "report", sql)));
        }
    });
    assert_eq!(server.ask("report", "SELECT count(*), min(name), max(name) FROM products"), "300|v3|v3");
    assert_eq!(server.ask("report", "SELECT gone FROM products__diac"), "0");

    // A writer that has not committed holds the key: the other one waits, then sees what it must not undo.
    let slow = format!("BEGIN;\n{}\nSELECT pg_sleep(1);\nCOMMIT;\n", upsert(999, 8, &[("name", "'eight'")]));
    std::thread::scope(|scope| {
        let first = scope.spawn(|| server.run("diac_lab_report", "report", &slow));
        std::thread::sleep(std::time::Duration::from_millis(300));
        answer(&server.run("diac_lab_report", "report", &upsert(999, 7, &[("name", "'seven'")])));
        answer(&first.join().unwrap());
    });
    assert_eq!(server.ask("report", "SELECT name FROM products WHERE product_id = 999"), "eight");

    // The same with the delete of a row that nobody has seen.
    let slow = format!("BEGIN;\n{}\nSELECT pg_sleep(1);\nCOMMIT;\n", upsert(998, 8, &[("__deleted", "'true'")]));
    std::thread::scope(|scope| {
        let first = scope.spawn(|| server.run("diac_lab_report", "report", &slow));
        std::thread::sleep(std::time::Duration::from_millis(300));
        answer(&server.run("diac_lab_report", "report", &upsert(998, 7, &[])));
        answer(&first.join().unwrap());
    });
    assert_eq!(server.ask("report", "SELECT count(*) FROM products WHERE product_id = 998"), "0");

    // The teardown runs twice and leaves the rows.
    for _ in 0..2 {
        answer(&run_file(&server, "report", "prod/sql/report/99-teardown.sql", &[]));
    }
    assert_eq!(server.ask("report", "SELECT count(*) FROM products"), "301");
    assert_eq!(server.ask("report", "SELECT count(*) FROM pg_proc WHERE proname LIKE '%guard'"), "0");
}

/// Four sessions bring every version of forty rows, each twice and in any order: what stays is what the newest version says.
#[test]
fn four_sessions_in_any_order() {
    const KEYS: i64 = 40;
    const VERSIONS: i64 = 12;
    let Some(server) = prepared("stress") else { return };
    // A third of the versions are deletes, a third of the others are outside the condition.
    let deleted = |key: i64, version: i64| (key * 7 + version * 5) % 3 == 0;
    let outside = |key: i64, version: i64| (key * 5 + version * 11) % 3 == 1;
    let mut changes: Vec<(i64, i64)> = Vec::new();
    for key in 1..=KEYS {
        for version in 1..=VERSIONS {
            changes.extend([(key, version), (key, version)]);
        }
    }
    // Shuffled by a generator of its own: the same every time.
    let mut state: u64 = 42;
    for at in (1..changes.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        changes.swap(at, usize::try_from(state >> 33).unwrap() % (at + 1));
    }
    let scripts: Vec<String> = (0..4)
        .map(|session| {
            let mine = changes.iter().skip(session).step_by(4);
            mine.map(|&(key, version)| {
                let stock = if outside(key, version) { "0" } else { "1" };
                let gone = if deleted(key, version) { "'true'" } else { "'false'" };
                let name = format!("'v{version}'");
                upsert(key, version, &[("stock", stock), ("__deleted", gone), ("name", &name)]) + "\n"
            })
            .collect()
        })
        .collect();
    std::thread::scope(|scope| {
        for script in &scripts {
            scope.spawn(|| answer(&server.run("diac_lab_report", "report", script)));
        }
    });
    let expected: Vec<String> = (1..=KEYS)
        .filter(|&key| !deleted(key, VERSIONS) && !outside(key, VERSIONS))
        .map(|key| format!("{key}|v{VERSIONS}"))
        .collect();
    assert_eq!(server.ask("report", "SELECT product_id, name FROM products ORDER BY 1"), expected.join("\n"));
    let refused = server.ask("report", "SELECT duplicates > 0, stale > 0, gone FROM products__diac");
    assert_eq!(refused, format!("t|t|{}", KEYS - i64::try_from(expected.len()).unwrap()));
}
