//! `audit.py` against a real PostgreSQL, a real Redis and as much of a search engine as it asks of one.
//!
//! `DIAC_SEARCH_URL` names a real engine to be asked instead; it must hold no index `products`.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

#[path = "sql/server.rs"]
mod server;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use server::{DBA, Server, answer};

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn has(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn started(command: &mut Command, port: u16) -> Running {
    let running = Running(command.stdout(Stdio::null()).spawn().unwrap());
    for _ in 0..100 {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return running;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("{command:?} does not listen");
}

#[test]
fn canonical_values() {
    if !has("python3") {
        println!("not run: python3 is not installed");
        return;
    }
    let mut tests = Command::new("python3");
    tests.args(["-m", "unittest", "test_canonical"]).current_dir(here("src/targets/audits"));
    let output = tests.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn differences_are_found_in_every_store() {
    if !has("python3") {
        println!("not run: python3 is not installed");
        return;
    }
    let Some(server) = Server::start("audits") else {
        println!("not run: PostgreSQL 15 or newer is not installed");
        return;
    };
    server.ask("postgres", "CREATE DATABASE shop;\n CREATE DATABASE report;");
    for (database, file) in [
        ("shop", "record.sql"),
        ("report", "prod/sql/report/04-view-tables.sql"),
        ("report", "prod/sql/report/05-idempotency.sql"),
    ] {
        let mut command = server.psql(DBA, database);
        command.env("REPORT_PASSWORD", "pw").arg("-f").arg(here("tests/sql/expected").join(file));
        answer(&command.output().unwrap());
    }
    let mut case = Command::new("python3");
    case.arg(here("tests/sql/audit_case.py"));
    case.env("SHOP_AUDIT_URL", server.url(DBA, "shop")).env("REPORT_AUDIT_URL", server.url(DBA, "report"));
    case.env("SEARCH_PASSWORD", "secret");
    let _search = match std::env::var("DIAC_SEARCH_URL") {
        Ok(url) => {
            case.env("SEARCH_URL", url).env("REAL_SEARCH", "yes");
            None
        }
        Err(_) => {
            let port = free_port();
            let mut stub = Command::new("python3");
            stub.arg(here("tests/sql/search_stub.py")).arg(port.to_string()).arg("products");
            case.env("SEARCH_URL", format!("http://127.0.0.1:{port}"));
            Some(started(&mut stub, port))
        }
    };
    let _redis = if has("redis-server") {
        let redis = free_port();
        let mut command = Command::new("redis-server");
        command.args(["--port", &redis.to_string(), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]);
        case.env("CACHE_URL", format!("redis://127.0.0.1:{redis}/1"));
        Some(started(command.current_dir(std::env::temp_dir()), redis))
    } else {
        println!("not run on Redis: redis-server is not installed");
        case.env_remove("CACHE_URL");
        None
    };
    let said = answer(&case.output().unwrap());
    assert!(said.contains("OK: "), "{said}");
    println!("{said}");

    // The same questions as SQL for people: they run, and answer alike.
    for (database, side) in [("shop", "record"), ("report", "view")] {
        let mut command = server.psql(DBA, database);
        command.arg("-f").arg(here("tests/sql/expected/prod/audits").join(format!("report_products.{side}.sql")));
        assert!(answer(&command.output().unwrap()).contains("9007199254740993|"));
    }
}
