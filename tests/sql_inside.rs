//! Facts and the views a store makes itself, on a real PostgreSQL: a page is compiled, its SQL is run twice, and lines are handed to what was made.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

#[path = "sql/server.rs"]
mod server;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use server::{DBA, Server, answer};

/// The page's output in a folder of its own, and a server with its SQL; none where there is no PostgreSQL.
struct Made {
    server: Server,
    out: PathBuf,
}

impl Made {
    fn new(name: &str) -> Option<Self> {
        let Some(server) = Server::start(name) else {
            println!("not run: PostgreSQL 15 or newer is not installed");
            return None;
        };
        let out = std::env::temp_dir().join(format!("diac-{name}-out-{}", std::process::id()));
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sql/inside.dia");
        let compiled =
            Command::new(env!("CARGO_BIN_EXE_diac")).arg("compile").arg(page).arg("--out").arg(&out).output().unwrap();
        assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stdout));
        server.ask("postgres", "CREATE DATABASE bank;");
        let made = Self { server, out };
        for _ in 0..2 {
            for file in ["04-view-tables", "05-idempotency", "06-views"] {
                made.file(file);
            }
        }
        Some(made)
    }

    fn file(&self, file: &str) {
        let mut command = self.server.psql(DBA, "bank");
        command.env("BANK_DATABASE", "bank").env("BANK_PASSWORD", "secret");
        command.arg("-f").arg(self.out.join(format!("default/sql/bank/{file}.sql"))).stdin(Stdio::null());
        answer(&command.output().unwrap());
    }

    fn ask(&self, sql: &str) -> String {
        self.server.ask("bank", sql)
    }

    /// What the function of a table answers for lines, as the role that Bento logs in as.
    fn take(&self, table: &str, lines: &[String], stop: bool) -> String {
        let lines = lines.join("\n").replace('\'', "''");
        let sql = format!(
            "SELECT string_agg(coalesce(a ->> 'result', 'poison: ' || (a ->> 'poison'), 'retry'), '; ') FROM jsonb_array_elements({table}__take('{lines}', {stop})) a;"
        );
        answer(&self.server.run("diac_inside_bank", "bank", &sql))
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.out);
    }
}

fn uuid(n: u32) -> String {
    format!("00000000-0000-0000-0000-{n:012}")
}

/// A line of `entry`: which fact, whose request, and what of it.
fn entry(id: u32, request: u32, konto: i64, amount: &str, rate: Option<&str>) -> String {
    let rate = rate.map_or_else(|| "null".to_owned(), |rate| format!("\"{rate}\""));
    let (id, request) = (uuid(id), uuid(request));
    format!(
        r#"{{"row": {{"entry_id": "{id}", "request": "{request}", "konto": {konto}, "amount": "{amount}", "rate": {rate}, "note": "it's", "owner": "An", "at": "2026-03-01T00:00:00.123456Z", "day": "2026-03-01"}}, "seen": {{"amount": "{amount}", "at": "2026-03-01T00:00:00Z"}}}}"#
    )
}

#[test]
fn facts_take_effect_once() {
    let Some(made) = Made::new("facts") else { return };
    let take = |lines: &[String]| made.take("book.entries", lines, true);
    let first = entry(1, 1, 9_007_199_254_740_993, "12345678901234.56", Some("1.250"));
    assert_eq!(take(std::slice::from_ref(&first)), "applied");
    assert_eq!(take(&[first.clone(), first.clone()]), "duplicate; duplicate");
    // Twice in one batch, and a condition that does not hold.
    let batch = [entry(2, 2, 7, "1.00", None), entry(2, 2, 7, "1.00", None), entry(3, 3, 7, "0.00", None)];
    assert_eq!(take(&batch), "applied; duplicate; left_out");
    // The caller tried again under another id of the record: the request is the same one.
    assert_eq!(take(&[entry(4, 2, 7, "1.00", None)]), "duplicate");
    // The same request says something else; what stands behind it waits, since the view stops.
    let other = [entry(5, 5, 7, "3.00", None), entry(6, 2, 7, "2.00", None), entry(7, 7, 7, "4.00", None)];
    let refused = "poison: request is there already, with another amount";
    assert_eq!(take(&other), format!("applied; {refused}; retry"));
    // Where bad records go elsewhere, the others are taken.
    assert_eq!(made.take("book.entries", &other, false), format!("duplicate; {refused}; applied"));
    // The key of one fact under two requests.
    assert!(take(&[entry(7, 8, 7, "4.00", None)]).contains("violates unique constraint"));
    // What PostgreSQL cannot store is told apart from what it can.
    let bad =
        [entry(10, 10, 7, "1e400", None), entry(11, 11, 7, "x", None), "{".to_owned(), entry(12, 12, 8, "5", None)];
    let answers = made.take("book.entries", &bad, false);
    assert_eq!(answers.matches("poison: ").count(), 3, "{answers}");
    assert!(answers.ends_with("applied"), "{answers}");
    assert_eq!(
        made.ask("SELECT count(*), sum(amount), max(konto), min(at AT TIME ZONE 'UTC'), min(note) FROM book.entries"),
        "5|12345678901247.56|9007199254740993|2026-03-01 00:00:00.123456|it's"
    );
    // Kept sums are those of the facts, and the role that writes facts can change none.
    let anew = "SELECT konto, sum(amount), count(*), count(rate), min(at), max(amount), round(avg(rate), 3) FROM book.entries GROUP BY konto ORDER BY konto";
    let kept = "SELECT konto, total, entries, rated, first_at, largest, round(mean, 3) FROM book.totals ORDER BY konto";
    assert_eq!(made.ask(kept), made.ask(anew));
    assert_eq!(made.ask("SELECT count(*) FROM book.totals WHERE mean IS NULL"), "2");
    let doubled = "SELECT day, konto, doubled FROM book.by_day ORDER BY konto";
    assert_eq!(
        made.ask(doubled),
        made.ask("SELECT day, konto, sum(amount * 2) FROM book.entries GROUP BY 1, 2 ORDER BY 2")
    );
    assert_eq!(made.ask("SELECT konto FROM book.rich"), "9007199254740993");
    assert!(!made.server.run("diac_inside_bank", "bank", "DELETE FROM book.entries;").status.success());
    assert!(!made.server.run("diac_inside_bank", "bank", "UPDATE book.entries SET amount = 0;").status.success());
}

#[test]
fn facts_without_identity_are_their_place() {
    let Some(made) = Made::new("places") else { return };
    let line = |offset: u32, page: &str| {
        format!(r#"{{"row": {{"page": "{page}", "ms": 5, "__partition": 0, "__offset": {offset}}}}}"#)
    };
    let take = |lines: &[String]| made.take("public.clicks", lines, true);
    assert_eq!(take(&[line(1, "a"), line(2, "a"), line(1, "a")]), "applied; applied; duplicate");
    assert!(take(&[line(2, "b")]).contains("is there already, with another page"));
}

#[test]
fn writers_at_once_lose_and_double_nothing() {
    let Some(made) = Made::new("writers") else { return };
    // Two members of a group hold one partition for a moment: both deliver the same facts, in other batches.
    std::thread::scope(|scope| {
        for writer in 0..4_u32 {
            let made = &made;
            scope.spawn(move || {
                for batch in 0..25_u32 {
                    let lines: Vec<String> = (0..20)
                        .map(|at| {
                            let n = batch * 20 + (at * (7 + 2 * writer)) % 20;
                            entry(1000 + n, 1000 + n, i64::from(n % 5), "1.01", Some("2.000"))
                        })
                        .collect();
                    let answers = made.take("book.entries", &lines, true);
                    assert!(!answers.contains("poison"), "{answers}");
                }
            });
        }
    });
    assert_eq!(made.ask("SELECT count(*), sum(amount) FROM book.entries"), "500|505.00");
    assert_eq!(made.ask("SELECT sum(total), sum(entries), sum(rated) FROM book.totals"), "505.00|500|500");
}

#[test]
fn sums_are_made_anew_where_their_trigger_is_new() {
    let Some(made) = Made::new("anew") else { return };
    assert_eq!(
        made.take("book.entries", &[entry(1, 1, 1, "5.00", None), entry(2, 2, 1, "6.00", None)], true),
        "applied; applied"
    );
    made.ask("UPDATE book.totals SET total = 0");
    made.file("06-views");
    assert_eq!(made.ask("SELECT total FROM book.totals"), "0.00", "what runs again changes nothing");
    made.ask("DROP FUNCTION book.totals__add() CASCADE; INSERT INTO book.entries SELECT gen_random_uuid(), gen_random_uuid(), 1, 7, NULL, '', '', now(), now()");
    made.file("06-views");
    assert_eq!(made.ask("SELECT total, entries FROM book.totals"), "18.00|3");
}

#[test]
fn a_message_waits_for_what_its_writer_saw() {
    let Some(made) = Made::new("waits") else { return };
    let friends = |revision: i64, state: &str| {
        made.ask(&format!(
            "INSERT INTO public.friendships (low_user, high_user, state, revision, __lsn) VALUES (1, 2, '{state}', {revision}, {revision}) \
             ON CONFLICT (low_user, high_user) DO UPDATE SET state = excluded.state, revision = excluded.revision, __lsn = excluded.__lsn"
        ))
    };
    let message = |id: u32, seen: i64| {
        let line = format!(
            r#"{{"row": {{"message_id": "{}", "body": "hi", "low_user": 1, "high_user": 2, "seen_revision": {seen}}}}}"#,
            uuid(id)
        );
        assert_eq!(made.take("public.deliverable__landed", &[line], true), "applied");
    };
    let shown = || {
        made.ask("SELECT coalesce(string_agg(right(message_id::text, 1), '' ORDER BY message_id), '') FROM public.deliverable")
    };
    let counts = || made.ask("SELECT waiting, unknown FROM public.deliverable__diac");
    message(1, 1);
    assert_eq!((shown(), counts()), (String::new(), "1|0".into()), "before any friendship row");
    friends(1, "friends");
    assert_eq!((shown(), counts()), ("1".into(), "0|0".into()));
    message(2, 2);
    message(3, 3);
    assert_eq!((shown(), counts()), ("1".into(), "2|0".into()), "written after an unfriending that has not come yet");
    friends(2, "none");
    assert_eq!(shown(), "", "what may not be delivered any more is not shown");
    friends(3, "friends");
    assert_eq!(
        (shown(), counts()),
        ("13".into(), "0|0".into()),
        "2 was written while they were no friends, and stays away"
    );
    // A state that never passed here: the log was compacted before this copy read it.
    message(5, 5);
    friends(6, "friends");
    assert_eq!((shown(), counts()), ("13".into(), "0|1".into()));
    assert_eq!(made.ask("SELECT state, pairs FROM public.pairs"), "friends|1");
    // What the view shows of the joined row is what it is now.
    assert_eq!(made.ask("SELECT DISTINCT at_revision FROM public.deliverable"), "6");
}
