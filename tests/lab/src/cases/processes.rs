//! Processes on the real systems: the example `courier` from nothing but what diac wrote, events appended by Kafka's own producer, Bento killed in the
//! middle. What was made, less repeats by their identity, is exactly what the inputs call for; a record that says nothing stops its process.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::clients::kafka::{self, Record};
use crate::generated::{Tree, compile, page};
use crate::home::{Home, Run};
use crate::servers::bento::{self, Bento, Streams};
use crate::servers::kafka::Kafka;

const PARCELS: u64 = 12_000;
const A_SECOND: u32 = 600;
const KILLS: u32 = 3;

/// An accepted parcel; amounts in hundredths, weight in thousandths.
struct Parcel {
    id: String,
    sender: u64,
    receiver: u64,
    driver: u64,
    weight: u64,
    fee: u64,
    tip: Option<u64>,
    late: bool,
    delivered: Option<bool>,
}

fn parcels() -> Vec<Parcel> {
    let mut state = crate::load::seed(11).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut random = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    (0..PARCELS)
        .map(|at| Parcel {
            id: format!("{:08x}-0000-4000-8000-{:012x}", random(1 << 32), at),
            // Above 2^53: a float would make others of them.
            sender: 9_007_199_254_740_993 + random(40),
            receiver: random(40),
            driver: random(60),
            weight: random(60_000),
            fee: random(20_000) + if random(50) == 0 { 9_999_970_000 } else { 0 },
            tip: (random(3) > 0).then(|| random(500)),
            late: random(2) == 0,
            delivered: (random(2) == 0).then(|| random(3) > 0),
        })
        .collect()
}

fn cents(amount: u64) -> String {
    format!("{}.{:02}", amount / 100, amount % 100)
}

type Appended = (String, String, Option<String>, String);

fn appended(parcels: &[Parcel]) -> Vec<Appended> {
    let mut all = Vec::new();
    for parcel in parcels {
        let value = json!({
            "parcel_id": parcel.id, "sender_id": parcel.sender, "receiver_id": parcel.receiver, "driver_id": parcel.driver,
            "weight": format!("{}.{:03}", parcel.weight / 1000, parcel.weight % 1000), "fee": cents(parcel.fee),
            "tip": parcel.tip.map(cents), "due_on": if parcel.late { "2026-01-02" } else { "2026-01-01" },
            "accepted_at": "2026-11-24T12:00:00.123456Z", "of_a_later_version": {"nested": [1, 2.5]},
        });
        all.push(("parcels".to_owned(), parcel.id.clone(), Some("parcel_accepted".to_owned()), value.to_string()));
        if let Some(signed) = parcel.delivered {
            let value = json!({
                "parcel_id": parcel.id, "driver_id": parcel.driver, "delivered_at": "2026-11-24T13:00:00Z", "signed_by": signed.then_some("somebody")
            });
            all.push(("parcels".to_owned(), parcel.id.clone(), Some("parcel_delivered".to_owned()), value.to_string()));
        }
    }
    all
}

/// An event as it must stand in the log: topic, key, header, value.
type Meant = (String, String, String, Value);

fn meant(parcels: &[Parcel]) -> Vec<Meant> {
    let mut all = Vec::new();
    for it in parcels {
        let mut credit = |kind: &str, amount: String| {
            let value = json!({"parcel_id": it.id, "kind": kind, "driver_id": it.driver, "amount": amount});
            all.push(("driver_credits".to_owned(), it.driver.to_string(), "driver_credit".to_owned(), value));
        };
        credit("fee", cents(it.fee));
        if it.fee >= 10_000 && it.late {
            credit("levy", format!("-{}", cents(it.fee + it.tip.unwrap_or(0))));
        }
        if let Some(tip) = it.tip.filter(|tip| *tip > 0) {
            credit("tip", cents(tip));
        }
        let value = json!({"parcel_id": it.id, "sender_id": it.sender, "receiver_id": it.receiver, "heavy": it.weight * 2 > 60_500});
        all.push(("between_two".to_owned(), format!("{}:{}", it.receiver, it.sender), "between_two".to_owned(), value));
        let mut tell = |what: &str| {
            let value = json!({"parcel_id": it.id, "what": what});
            all.push(("notices".to_owned(), it.id.clone(), "sender_notice".to_owned(), value));
        };
        tell("accepted");
        if it.delivered == Some(true) {
            tell("delivered");
        }
    }
    all
}

const MADE: [&str; 3] = ["driver_credits", "between_two", "notices"];

fn as_meant(record: &Record) -> Result<Meant> {
    let value = serde_json::from_str(&record.value).with_context(|| record.value.clone())?;
    let (key, event) = (record.key.clone().unwrap_or_default(), record.event.clone().unwrap_or_default());
    ensure!(record.headers == ["event"], "other headers than `event`: {record:?}");
    Ok((record.topic.clone(), key, event, value))
}

/// Everything, once.
pub fn processes(home: &Home) -> Result<()> {
    let start = Instant::now();
    let say = |what: &str| eprintln!("lab: {:5.1} s {what}", start.elapsed().as_secs_f64());
    let run = Run::new(home, "processes")?;
    let kafka = Kafka::start(&run)?;
    say("Kafka up");
    let example = home.repository.join("examples/courier/courier.dia");
    let page =
        run.write("lab.dia", &page(&example, &[], &[format!("bus {{ bootstrap = \"{}\" }}", kafka.bootstrap)]))?;
    let mut tree: Tree = compile(&run, &page, "lab", Vec::new())?;
    tree.set("KAFKA_BOOTSTRAP", &*kafka.bootstrap);
    tree.set("KAFKA_TOPICS", kafka::write_topics_command(&run)?.display().to_string());
    tree.apply()?;
    let streams = tree.files("bento/streams", "yaml")?;
    let root = tree.at("bento/bento.yaml");
    bento::lint(&run.home, &[streams.as_slice(), std::slice::from_ref(&root)].concat(), &tree.variables)?;
    let mut bento = Bento::start(&run, &Streams { root: &root, streams, environment: tree.variables.clone() })?;
    say("applied, Bento up");

    let parcels = parcels();
    let records = appended(&parcels);
    std::thread::scope(|scope| -> Result<()> {
        let writer = scope.spawn(|| kafka::append_events(home, &kafka.bootstrap, A_SECOND, &records));
        for at in 0..KILLS {
            std::thread::sleep(Duration::from_millis(7300 + u64::from(at) * 170));
            bento.process.crash()?;
            bento.restart()?;
            say("Bento killed and back");
        }
        crate::servers::stack::joined(writer)
    })?;
    say(&format!("{} events appended", records.len()));

    let meant = meant(&parcels);
    let made = wait_for_all(home, &kafka.bootstrap, meant.len(), &say)?;
    let repeats = compare(&made, &meant)?;
    say(&format!("{} events made, and all as meant; {repeats} of {} came again", meant.len(), made.len()));
    ensure!(repeats > 0, "no kill made anything come again: they proved nothing");
    order_holds(home, &kafka.bootstrap, &made)?;
    say("each partition's order is kept, and keys lie where Kafka's own producer puts them");
    stops(home, &kafka.bootstrap, &bento, &say)?;
    bento.process.expect_alive()
}

/// Reads until there are as many different events as are meant, and no longer than it takes.
fn wait_for_all(home: &Home, bootstrap: &str, meant: usize, say: &impl Fn(&str)) -> Result<Vec<Record>> {
    let since = Instant::now();
    loop {
        let made = kafka::read_events(home, bootstrap, &MADE)?;
        let different: BTreeSet<(&str, &str)> = made.iter().map(|it| (it.topic.as_str(), it.value.as_str())).collect();
        if different.len() >= meant || since.elapsed() > Duration::from_secs(180) {
            return Ok(made);
        }
        say(&format!("{} of {meant} made", different.len()));
        std::thread::sleep(Duration::from_secs(2));
    }
}

/// What was made, each once, is what is meant; gives how many came again.
fn compare(made: &[Record], meant: &[Meant]) -> Result<usize> {
    let text = |it: &Meant| format!("{}|{}|{}|{}", it.0, it.1, it.2, it.3);
    let found: BTreeSet<String> = made.iter().map(|it| Ok(text(&as_meant(it)?))).collect::<Result<_>>()?;
    let wanted: BTreeSet<String> = meant.iter().map(text).collect();
    ensure!(wanted.len() == meant.len(), "two meant events are alike");
    let missing: Vec<&String> = wanted.difference(&found).take(5).collect();
    let extra: Vec<&String> = found.difference(&wanted).take(5).collect();
    ensure!(missing.is_empty() && extra.is_empty(), "missing {missing:#?}\nnot meant {extra:#?}");
    Ok(made.len() - found.len())
}

/// Of what one input partition calls for, each key's events come first in the order of that partition; and a key that Kafka's own producer wrote lies in the
/// partition of the same number as Bento wrote it.
fn order_holds(home: &Home, bootstrap: &str, made: &[Record]) -> Result<()> {
    let inputs = kafka::read_events(home, bootstrap, &["parcels"])?;
    let mut place: BTreeMap<String, (u64, usize)> = BTreeMap::new();
    for (at, record) in inputs.iter().enumerate() {
        place.entry(record.key.clone().unwrap_or_default()).or_insert((record.partition, at));
    }
    let mut newest: BTreeMap<(String, String, u64), usize> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for record in made {
        let value: Value = serde_json::from_str(&record.value)?;
        let id = value["parcel_id"].as_str().unwrap_or_default().to_owned();
        let (partition, at) = *place.get(&id).with_context(|| format!("no parcel {id}"))?;
        if record.topic == "notices" {
            ensure!(
                record.partition == partition,
                "{id}: partition {partition} by Kafka's producer, {} by Bento",
                record.partition
            );
        }
        if !seen.insert((record.topic.clone(), record.value.clone())) {
            continue;
        }
        let line = (record.topic.clone(), record.key.clone().unwrap_or_default(), partition);
        let before = newest.insert(line.clone(), at).unwrap_or(0);
        ensure!(before <= at, "{line:?}: {id} came after a later one");
    }
    Ok(())
}

/// A record that says nothing: it and what lies behind it in its partition wait, and the metric that raises the alarm counts.
fn stops(home: &Home, bootstrap: &str, bento: &Bento, say: &impl Fn(&str)) -> Result<()> {
    let key = "0e37df36-f698-11e6-8dd4-cb9ced3df976";
    let event = |fee: &str| {
        let value = json!({
            "parcel_id": key, "sender_id": 1, "receiver_id": 2, "driver_id": 999, "weight": "1.000", "fee": fee, "tip": null, "due_on": null,
            "accepted_at": "2026-11-24T12:00:00Z"
        });
        ("parcels".to_owned(), key.to_owned(), Some("parcel_accepted".to_owned()), value.to_string())
    };
    kafka::append_events(home, bootstrap, 1000, &[event("1.234"), event("1.23")])?;
    let since = Instant::now();
    while bento.counter("process_poison", "process=\"pay\"")? == 0 {
        ensure!(since.elapsed() < Duration::from_secs(60), "the process does not stop at a record it cannot take");
        std::thread::sleep(Duration::from_millis(300));
    }
    std::thread::sleep(Duration::from_secs(3));
    let behind = kafka::read_events(home, bootstrap, &["driver_credits"])?;
    ensure!(!behind.iter().any(|it| it.key.as_deref() == Some("999")), "what lies behind the record was made");
    // The other process takes nothing of that column, so it goes on.
    let told = kafka::read_events(home, bootstrap, &["notices"])?;
    ensure!(told.iter().any(|it| it.key.as_deref() == Some(key)), "the other process stands as well");
    say("a record that says nothing stops its process, and no other");
    Ok(())
}
