//! Causality across two topics: who unfriends somebody and then writes must not be read by them. Friendships and messages travel apart, and the copy of
//! friendships is held back on purpose. A message is shown only when the copy has come as far as its writer had seen. Beside it stands the same view
//! without the wait: it is seen to fail.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use postgres::Client;

use crate::clients::producer::Producer;
use crate::clients::{connect, http};
use crate::generated::{Tree, compile};
use crate::home::{Home, Run};
use crate::load::random::Random;
use crate::pipeline::Pipeline;
use crate::servers::kafka::Kafka;
use crate::servers::postgres::{Postgres, Release};
use crate::servers::stack::broker_and_database;

const PAIRS: usize = 30;
const STEPS: usize = 3000;
const SINK: &str = "social-sink-friendship_copy-v1";

/// What really happened: the state of each pair, and of each message whether its pair were friends when it was written.
#[derive(Debug, Default)]
struct Truth {
    pairs: BTreeMap<i64, (bool, i64)>,
    messages: BTreeMap<String, (i64, bool)>,
}

/// What one look at both views found.
#[derive(Debug, Default)]
struct Look {
    shown: usize,
    /// Messages that are shown to somebody unfriended before they were written.
    betrayed: usize,
    /// The same in the view without the wait.
    unsafe_betrayed: usize,
}

/// Everything, once.
pub fn social(home: &Home) -> Result<()> {
    let start = Instant::now();
    let say = |what: &str| eprintln!("lab: {:5.1} s {what}", start.elapsed().as_secs_f64());
    let run = Run::new(home, "social")?;
    let (mut kafka, postgres) = broker_and_database(&run, Release::Fifteen)?;
    let mut friends = make_databases(&postgres)?;
    let tree = prepare(&run, &kafka, &postgres)?;
    let mut pipeline = Pipeline::start(&run, &kafka.bootstrap, tree)?;
    let mut notify = postgres.client("notify")?;
    // The unsafe variant, staged by hand: the same join and the same condition, and no wait.
    notify.batch_execute(
        "CREATE VIEW public.unsafe_messages AS SELECT m.message_id FROM public.deliverable_messages__landed AS m \
         JOIN public.friendships AS f USING (low_user, high_user) WHERE f.state = 'friends'",
    )?;
    say("applied, connectors running, Bento up");

    let mut truth = Truth { pairs: (0..PAIRS).map(|at| (pair(at), (true, 1))).collect(), ..Truth::default() };
    let mut dice = Random::new(crate::load::seed(33));
    let mut producer = Producer::start(home, &kafka.bootstrap)?;
    let mut looks: Vec<Look> = Vec::new();
    let (mut paused, mut pauses) = (false, 0);
    for step in 0..STEPS {
        if dice.percent(20) {
            change(&mut friends, &mut truth, &mut dice)?;
        } else {
            write(&mut producer, &mut truth, &mut dice, step)?;
        }
        // One topic is late, again and again; in between it catches up.
        if step % 500 == 100 || step % 500 == 400 {
            let word = if paused { "resume" } else { "pause" };
            http::put(&format!("{}/connectors/{SINK}/{word}", pipeline.connect.url), "")?.success()?;
            paused = !paused;
            pauses += usize::from(paused);
        }
        if step == STEPS / 2 {
            pipeline.crash_bento()?;
            say("Bento killed and back");
        }
        if step % 20 == 19 {
            std::thread::sleep(Duration::from_millis(150));
            looks.push(look(&mut notify, &truth)?);
        }
    }
    if paused {
        http::put(&format!("{}/connectors/{SINK}/resume", pipeline.connect.url), "")?.success()?;
    }
    let sent = producer.finish()?;
    let unfriended = truth.messages.values().filter(|(_, were)| !were).count();
    say(&format!(
        "{sent} messages, {unfriended} of them written by somebody unfriended; the copy was held back {pauses} times"
    ));

    let expected: BTreeSet<String> = truth
        .messages
        .iter()
        .filter(|(_, (pair, were))| *were && truth.pairs.get(pair).is_some_and(|(are, _)| *are))
        .map(|(id, _)| id.clone())
        .collect();
    let until = Instant::now() + Duration::from_secs(150);
    loop {
        looks.push(look(&mut notify, &truth)?);
        let found = shown(&mut notify, "deliverable_messages")?;
        if found == expected && landed(&mut notify)? == truth.messages.len() {
            break;
        }
        ensure!(
            Instant::now() < until,
            "{} messages shown, {} expected, {} of {} landed",
            found.len(),
            expected.len(),
            landed(&mut notify)?,
            truth.messages.len()
        );
        std::thread::sleep(Duration::from_millis(400));
    }
    let waiting = notify.query_one("SELECT waiting, unknown FROM public.deliverable_messages__diac", &[])?;
    let (waiting, unknown): (i64, i64) = (waiting.get(0), waiting.get(1));
    ensure!((waiting, unknown) == (0, 0), "{waiting} messages wait and {unknown} wait in vain, with everything there");
    let betrayed: usize = looks.iter().map(|look| look.betrayed).sum();
    let failing = looks.iter().filter(|look| look.unsafe_betrayed > 0).count();
    let worst = looks.iter().map(|look| look.unsafe_betrayed).max().unwrap_or(0);
    let showing = looks.iter().filter(|look| look.shown > 0).count();
    say(&format!(
        "{} looks, {showing} of them with messages shown: {betrayed} shown to somebody unfriended before they were written",
        looks.len()
    ));
    say(&format!("{} messages are shown at the end, as they must be; none waits", expected.len()));
    say(&format!(
        "the unsafe variant, without the wait: wrong in {failing} of {} looks, {worst} messages at worst",
        looks.len()
    ));
    ensure!(betrayed == 0 && showing > 20, "the wait does not hold");
    ensure!(failing > 0, "the unsafe variant was right: the delay did not bite");
    connect::wait_running(&pipeline.connect.url, SINK, Duration::from_secs(60))?;
    pipeline.expect_alive()?;
    kafka.process.expect_alive()
}

fn pair(at: usize) -> i64 {
    i64::try_from(at).unwrap_or(0) + 1
}

/// Two databases: the friend service's, with everybody friends, and the notifier's.
fn make_databases(postgres: &Postgres) -> Result<Client> {
    for database in ["friends", "notify"] {
        postgres.create_database(database)?;
    }
    let mut friends = postgres.client("friends")?;
    friends.batch_execute(&format!(
        "CREATE TYPE state AS ENUM ('friends', 'none'); \
         CREATE TABLE public.friendships (low_user bigint, high_user bigint, state state NOT NULL, revision bigint NOT NULL, PRIMARY KEY (low_user, high_user)); \
         INSERT INTO public.friendships SELECT n, n + 1000, 'friends', 1 FROM generate_series(1, {PAIRS}) AS n"
    ))?;
    Ok(friends)
}

fn prepare(run: &Run, kafka: &Kafka, postgres: &Postgres) -> Result<Tree> {
    let page = run.home.sources().join("pages/social/social.dia");
    let database = |name: &str, more: &str| {
        format!(
            "  system {name} {{ host = \"127.0.0.1\", port = {}, database = \"{name}\", user = \"diac_{name}\", password = secret {name}_password{more} }}\n",
            postgres.port
        )
    };
    let text = format!(
        "edition 2026\nimport \"{}\"\n\nsecret friends_password\nsecret notify_password\n\nenvironment lab {{\n  deploy files\n  replication = 1\n  partitions = 2\n  \
         secret friends_password = env \"FRIENDS_PASSWORD\"\n  secret notify_password = env \"NOTIFY_PASSWORD\"\n  system log {{ bootstrap = \"{}\" }}\n{}{}}}\n",
        page.display(),
        kafka.bootstrap,
        database("friends", ""),
        database("notify", ", sslmode = \"disable\""),
    );
    let page = run.write("lab.dia", &text)?;
    let variables = [
        ("FRIENDS_DBA_URL", postgres.url("friends")),
        ("FRIENDS_AUDIT_URL", postgres.url("friends")),
        ("FRIENDS_PASSWORD", "friends".to_owned()),
        ("NOTIFY_DBA_URL", postgres.url("notify")),
        ("NOTIFY_AUDIT_URL", postgres.url("notify")),
        ("NOTIFY_PASSWORD", "notify".to_owned()),
    ];
    compile(run, &page, "lab", variables.map(|(name, value)| (name.to_owned(), value)).to_vec())
}

/// The friend service: one row, one transaction, and the number grows by one with it.
fn change(friends: &mut Client, truth: &mut Truth, dice: &mut Random) -> Result<()> {
    let id = pair(dice.below(PAIRS));
    let (are, revision) = truth.pairs.get_mut(&id).context("no such pair")?;
    (*are, *revision) = (!*are, *revision + 1);
    let state = if *are { "friends" } else { "none" };
    let changed = friends.execute(
        &format!("UPDATE public.friendships SET state = '{state}', revision = revision + 1 WHERE low_user = $1"),
        &[&id],
    )?;
    ensure!(changed == 1, "no friendship {id}");
    Ok(())
}

/// The chat service: it has seen the pair as it is now, and does not ask whether they are friends.
fn write(producer: &mut Producer, truth: &mut Truth, dice: &mut Random, step: usize) -> Result<()> {
    let id = pair(dice.below(PAIRS));
    let (are, revision) = *truth.pairs.get(&id).context("no such pair")?;
    let message = format!("{:08x}-0000-4000-8000-{step:012x}", dice.bits() as u32);
    let value = format!(
        "{{\"message_id\":\"{message}\",\"conversation_id\":{id},\"low_user\":{id},\"high_user\":{},\"sender_id\":{id},\"body\":\"it's \\\"{step}\\\" ä\",\
         \"seen_revision\":{revision},\"sent_at\":\"2026-11-24T12:00:00Z\",\"unknown\":[1]}}",
        id + 1000
    );
    producer.send("messages", &id.to_string(), &value)?;
    if dice.percent(10) {
        producer.send("messages", &id.to_string(), &value)?;
    }
    truth.messages.insert(message, (id, are));
    Ok(())
}

fn look(notify: &mut Client, truth: &Truth) -> Result<Look> {
    let safe = shown(notify, "deliverable_messages")?;
    let plain = shown(notify, "unsafe_messages")?;
    let betrayed =
        |all: &BTreeSet<String>| all.iter().filter(|id| truth.messages.get(*id).is_some_and(|(_, were)| !were)).count();
    Ok(Look { shown: safe.len(), betrayed: betrayed(&safe), unsafe_betrayed: betrayed(&plain) })
}

fn shown(notify: &mut Client, view: &str) -> Result<BTreeSet<String>> {
    let rows = notify.query(&format!("SELECT message_id::text FROM public.{view}"), &[])?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

fn landed(notify: &mut Client) -> Result<usize> {
    let count: i64 = notify.query_one("SELECT count(*) FROM public.deliverable_messages__landed", &[])?.get(0);
    Ok(usize::try_from(count)?)
}
