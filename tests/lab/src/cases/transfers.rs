//! Transfers without a distributed transaction: one request is one append, a splitter makes two instructions of it, and a constraint in the ledger lets each
//! in once. Requests are sent twice at random; Bento, a backend of the database and the broker are killed. Money is conserved in every state that is
//! looked at, and at the end each request has taken effect once. Beside it runs a consumer that just adds: it is seen to fail.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use postgres::{Client, NoTls};
use rustix::process::{Pid, Signal, kill_process};

use crate::clients::kafka;
use crate::clients::producer::Producer;
use crate::generated::{Tree, compile};
use crate::home::{Home, Run};
use crate::load::random::Random;
use crate::servers::bento::{Bento, Streams, lint};
use crate::servers::kafka::Kafka;
use crate::servers::postgres::{Postgres, Release};
use crate::servers::stack::broker_and_database;

const REQUESTS: usize = 6000;
const ACCOUNTS: usize = 40;
/// Requests that are sent again, in percent.
const AGAIN: usize = 25;

/// What the clients asked for: of each request the paying and the paid account and the amount in cents.
type Requests = BTreeMap<String, (i64, i64, i64)>;

/// One look at the ledger.
#[derive(Debug, Default)]
struct Look {
    entries: i64,
    half: i64,
}

/// Everything, once.
pub fn transfers(home: &Home) -> Result<()> {
    let start = Instant::now();
    let say = |what: &str| eprintln!("lab: {:5.1} s {what}", start.elapsed().as_secs_f64());
    let run = Run::new(home, "transfers")?;
    let (mut kafka, postgres) = broker_and_database(&run, Release::Fifteen)?;
    postgres.create_database("bank")?;
    let tree = prepare(&run, &kafka, &postgres)?;
    tree.apply()?;
    plain_add(&tree, &kafka, &postgres)?;
    let mut bento = start_bento(&run, &tree)?;
    say("applied; the splitter, the ledger and the plain adder are running");

    let url = postgres.url("bank");
    let mut requests = Requests::new();
    let mut repeated = 0;
    let mut looks: Vec<Look> = Vec::new();
    let mut dice = Random::new(crate::load::seed(21));
    let mut producer = Producer::start(home, &kafka.bootstrap)?;
    let mut done: Vec<(String, String)> = Vec::new();
    let mut killed = 0;
    for number in 0..REQUESTS {
        let (id, value) = request(&mut dice, number, &mut requests);
        producer.send("transfer_requests", &id, &value)?;
        done.push((id, value));
        if dice.percent(AGAIN) {
            // The client has no answer and tries again, at once or much later.
            let (id, value) = dice.pick(&done).context("no request yet")?;
            producer.send("transfer_requests", id, value)?;
            repeated += 1;
        }
        if number % 100 == 99 {
            std::thread::sleep(Duration::from_millis(250));
            looks.extend(look(&url)?);
        }
        match number * 10 / REQUESTS {
            2 if killed == 0 => {
                wait_for_entries(&url, 200)?;
                bento.process.crash()?;
                bento.restart()?;
                killed = 1;
                say("Bento killed and back");
            }
            4 if killed == 1 => {
                killed = 2;
                say(&format!("backend {} of the database killed: the server recovers", kill_backend(&postgres)?));
            }
            6 if killed == 2 => {
                kafka.process.crash()?;
                kafka.restart()?;
                killed = 3;
                say("broker killed and back");
            }
            8 if killed == 3 => {
                bento.process.crash()?;
                bento.restart()?;
                killed = 4;
                say("Bento killed and back once more");
            }
            _ => {}
        }
    }
    let sent = producer.finish()?;
    say(&format!("{sent} requests appended, {repeated} of them repetitions"));
    let all = i64::try_from(2 * requests.len())?;
    let until = Instant::now() + Duration::from_secs(180);
    loop {
        let found = look(&url)?;
        let entries = found.as_ref().map_or(0, |look| look.entries);
        looks.extend(found);
        if entries >= all {
            break;
        }
        ensure!(Instant::now() < until, "{entries} of {all} entries after three minutes:\n{}", bento.process.log());
        std::thread::sleep(Duration::from_millis(400));
    }
    // Repetitions may still be on their way: they must change nothing.
    std::thread::sleep(Duration::from_secs(8));
    let between = looks.iter().filter(|look| look.entries > 0 && look.entries < all).count();
    let halves = looks.iter().filter(|look| look.half > 0).count();
    say(&format!(
        "{} looks, {between} of them while entries came, {halves} with a request whose second leg was to come",
        looks.len()
    ));
    ensure!(between > 5, "hardly a look while something happened");
    compare(&url, &requests)?;
    let repeats = bento.counter("view_stale", "ledger")?;
    say(&format!(
        "{all} entries and the balances of {ACCOUNTS} accounts are as asked for; repetitions left alone since the last kill: {repeats}"
    ));
    ensure!(repeats > 0, "no repetition reached the ledger");

    let audit = tree.audit(&["--settle", "20"])?;
    ensure!(audit.code == 0, "audit.py: exit {}\n{}", audit.code, audit.text);
    say("the generated audits find every balance equal to its entries");
    another_body(home, &kafka, &tree, &url, &requests, &mut bento)?;
    say("a request that says something else under its old id is refused with the reason, and nothing changes");
    plain_add_fails(&url, &requests, &say)?;
    bento.process.expect_alive()?;
    kafka.process.expect_alive()
}

fn prepare(run: &Run, kafka: &Kafka, postgres: &Postgres) -> Result<Tree> {
    let page = run.home.sources().join("pages/transfers/transfers.dia");
    let text = format!(
        "edition 2026\nimport \"{}\"\n\nsecret bank_password\n\nenvironment lab {{\n  deploy files\n  replication = 1\n  partitions = 2\n  \
         secret bank_password = env \"BANK_PASSWORD\"\n  system log {{ bootstrap = \"{}\" }}\n  system bank {{ host = \"127.0.0.1\", port = {}, \
         database = \"bank\", user = \"diac_bank\", password = secret bank_password, sslmode = \"disable\" }}\n}}\n",
        page.display(),
        kafka.bootstrap,
        postgres.port
    );
    let page = run.write("lab.dia", &text)?;
    let variables = [
        ("BANK_DBA_URL", postgres.url("bank")),
        ("BANK_AUDIT_URL", postgres.url("bank")),
        ("BANK_PASSWORD", "100% of {it} \"is\" $secret".to_owned()),
        ("KAFKA_BOOTSTRAP", kafka.bootstrap.clone()),
        ("KAFKA_TOPICS", kafka::write_topics_command(run)?.display().to_string()),
        // There is no connector to make.
        ("CONNECT_URL", "http://127.0.0.1:9".to_owned()),
    ];
    compile(run, &page, "lab", variables.map(|(name, value)| (name.to_owned(), value)).to_vec())
}

fn start_bento(run: &Run, tree: &Tree) -> Result<Bento> {
    let streams = tree.files("bento/streams", "yaml")?;
    let root = tree.at("bento/bento.yaml");
    let environment = tree.variables.clone();
    lint(&run.home, &[streams.as_slice(), std::slice::from_ref(&root)].concat(), &environment)?;
    Bento::start(run, &Streams { root: &root, streams, environment })
}

/// A request between two accounts, as a client writes it.
fn request(dice: &mut Random, number: usize, requests: &mut Requests) -> (String, String) {
    let id = format!("{:08x}-0000-4000-8000-{number:012x}", dice.bits() as u32);
    let from = dice.below(ACCOUNTS);
    let to = (from + 1 + dice.below(ACCOUNTS - 1)) % ACCOUNTS;
    let cents = dice.between(1, 9_999_999);
    // Account numbers beyond what a float holds.
    let account = |at: usize| 9_007_199_254_740_993 + i64::try_from(at).unwrap_or(0);
    requests.insert(id.clone(), (account(from), account(to), cents));
    let value = json_of(&id, account(from), account(to), cents);
    (id, value)
}

fn json_of(id: &str, from: i64, to: i64, cents: i64) -> String {
    format!(
        "{{\"request_id\":\"{id}\",\"from_account\":{from},\"to_account\":{to},\"amount\":\"{}.{:02}\",\"requested_at\":\"2026-11-24T12:00:00.000001Z\"}}",
        cents / 100,
        cents % 100
    )
}

/// What holds in every state: looked at in one snapshot; nothing while the server recovers.
fn look(url: &str) -> Result<Option<Look>> {
    let Ok(mut client) = Client::connect(url, NoTls) else { return Ok(None) };
    let question = "
        SELECT (SELECT count(*) FROM public.account_entries),
               (SELECT count(*) FROM (SELECT FROM public.account_entries GROUP BY request_id HAVING count(*) = 1) AS half),
               (SELECT count(*) FROM (SELECT FROM public.account_entries GROUP BY request_id
                                      HAVING count(*) > 2 OR (count(*) = 2 AND sum(amount) <> 0)) AS wrong),
               (SELECT count(*) FROM public.balances FULL JOIN
                       (SELECT account_id, sum(amount) AS balance FROM public.account_entries GROUP BY account_id) AS summed USING (account_id)
                 WHERE balances.balance IS DISTINCT FROM summed.balance)";
    let isolated =
        client.build_transaction().isolation_level(postgres::IsolationLevel::RepeatableRead).read_only(true).start();
    let Ok(mut snapshot) = isolated else { return Ok(None) };
    let Ok(row) = snapshot.query_one(question, &[]) else { return Ok(None) };
    let (wrong, drifted): (i64, i64) = (row.get(2), row.get(3));
    ensure!(wrong == 0, "{wrong} requests whose entries do not add up to nothing");
    ensure!(drifted == 0, "{drifted} balances that are not the sum of their entries");
    Ok(Some(Look { entries: row.get(0), half: row.get(1) }))
}

fn wait_for_entries(url: &str, least: i64) -> Result<()> {
    let until = Instant::now() + Duration::from_secs(90);
    while look(url)?.is_none_or(|look| look.entries < least) {
        ensure!(Instant::now() < until, "no {least} entries after a minute and a half");
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// SIGKILL of a backend that writes the ledger: the server ends all of them and recovers from its log.
fn kill_backend(postgres: &Postgres) -> Result<i32> {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let found = postgres.client("bank").and_then(|mut client| {
            Ok(client.query_opt(
                "SELECT pid FROM pg_stat_activity WHERE usename = 'diac_bank' ORDER BY state = 'active' DESC LIMIT 1",
                &[],
            )?)
        });
        if let Ok(Some(row)) = found {
            let pid: i32 = row.get(0);
            kill_process(Pid::from_raw(pid).context("no process")?, Signal::KILL)?;
            return Ok(pid);
        }
        ensure!(Instant::now() < until, "no backend of the ledger's role");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The ledger holds exactly what was asked for.
fn compare(url: &str, requests: &Requests) -> Result<()> {
    let mut client = Client::connect(url, NoTls)?;
    let mut expected: BTreeMap<(String, String), (i64, String)> = BTreeMap::new();
    let mut balances: BTreeMap<i64, i64> = BTreeMap::new();
    for (id, (from, to, cents)) in requests {
        let amount = |sign: &str| format!("{sign}{}.{:02}", cents / 100, cents % 100);
        expected.insert((id.clone(), "debit".into()), (*from, amount("-")));
        expected.insert((id.clone(), "credit".into()), (*to, amount("")));
        *balances.entry(*from).or_default() -= cents;
        *balances.entry(*to).or_default() += cents;
    }
    let rows =
        client.query("SELECT request_id::text, leg, account_id, amount::text FROM public.account_entries", &[])?;
    let found: BTreeMap<(String, String), (i64, String)> =
        rows.iter().map(|row| ((row.get(0), row.get(1)), (row.get(2), row.get(3)))).collect();
    ensure!(rows.len() == expected.len() && found == expected, "the ledger is not what was asked for");
    let rows = client.query("SELECT account_id, (balance * 100)::bigint FROM public.balances", &[])?;
    let found: BTreeMap<i64, i64> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    ensure!(found == balances, "the balances are not what was asked for");
    ensure!(found.values().sum::<i64>() == 0, "money was made or lost");
    Ok(())
}

/// An old request id with another amount: the splitter cannot know, the ledger does.
fn another_body(
    home: &Home,
    kafka: &Kafka,
    tree: &Tree,
    url: &str,
    requests: &Requests,
    bento: &mut Bento,
) -> Result<()> {
    let (id, (from, to, cents)) = requests.iter().next().context("no request")?;
    let mut producer = Producer::start(home, &kafka.bootstrap)?;
    producer.send("transfer_requests", id, &json_of(id, *from, *to, cents + 1))?;
    producer.finish()?;
    let until = Instant::now() + Duration::from_secs(60);
    while !bento.process.log().contains("request_id, leg is there already, with another amount") {
        ensure!(
            Instant::now() < until,
            "nobody says that a request came with another amount:\n{}",
            bento.process.log()
        );
        std::thread::sleep(Duration::from_millis(200));
    }
    ensure!(bento.counter("view_poison", "ledger")? > 0, "the refused fact is not counted");
    compare(url, requests)?;
    let audit = tree.audit(&[])?;
    ensure!(audit.code == 0, "audit.py: exit {}\n{}", audit.code, audit.text);
    Ok(())
}

/// The unsafe variant, staged by hand: the same instructions are added to balances as they come.
fn plain_add(tree: &Tree, kafka: &Kafka, postgres: &Postgres) -> Result<()> {
    postgres
        .client("bank")?
        .batch_execute("CREATE TABLE public.plain (account_id bigint PRIMARY KEY, balance numeric NOT NULL)")?;
    let text = format!(
        "input:\n  kafka:\n    addresses: [\"{}\"]\n    topics: [account_instructions]\n    consumer_group: plain\n    commit_period: 1s\n    group:\n      \
         session_timeout: 6s\n      heartbeat_interval: 2s\n      rebalance_timeout: 10s\n    checkpoint_limit: 1024\npipeline:\n  threads: 1\n  processors:\n    \
         - sql_raw:\n        driver: postgres\n        dsn: \"{}?sslmode=disable\"\n        query: \"INSERT INTO public.plain VALUES ($1, $2::numeric) ON CONFLICT \
         (account_id) DO UPDATE SET balance = plain.balance + excluded.balance\"\n        args_mapping: root = [this.account_id.string(), this.amount]\n        \
         exec_only: true\noutput:\n  reject_errored:\n    drop: {{}}\n",
        kafka.bootstrap,
        postgres.url("bank")
    );
    std::fs::write(tree.at("bento/streams/plain.yaml"), text)?;
    Ok(())
}

fn plain_add_fails(url: &str, requests: &Requests, say: &impl Fn(&str)) -> Result<()> {
    let mut client = Client::connect(url, NoTls)?;
    let rows = client.query(
        "SELECT balances.account_id FROM public.balances LEFT JOIN public.plain USING (account_id) WHERE plain.balance IS DISTINCT FROM balances.balance",
        &[],
    )?;
    let total: String = client.query_one("SELECT sum(balance)::text FROM public.plain", &[])?.get(0);
    say(&format!(
        "the unsafe variant, a plain add of {} requests: {} of {ACCOUNTS} balances are wrong, all of them add up to {total}",
        requests.len(),
        rows.len()
    ));
    ensure!(!rows.is_empty(), "the plain adder was right: the faults did not bite");
    Ok(())
}
