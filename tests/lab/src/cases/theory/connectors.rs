//! Unsafe connectors: a sink that inserts, a source that flattens in its default mode.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::{INSERTS, Stage, TOMBSTONES};
use crate::clients::connect::{self, Config};
use crate::clients::http;
use crate::clients::kafka::{Records, Topic, count_records, create_topics};
use crate::report::Variant;
use crate::servers::connect::Connect;

const ROWS: i64 = 500;
const DELETED: i64 = 100;
const WHOLE: &str = "whole.public.items";
const FLAT: &str = "flat.public.items";

/// Both, on one table.
pub fn connectors(stage: &mut Stage) -> Result<()> {
    for database in ["items", "inserted"] {
        stage.stack.postgres.create_database(database)?;
    }
    let mut items = stage.stack.postgres.client("items")?;
    items.batch_execute(&format!(
        "CREATE TABLE public.items (id int PRIMARY KEY, v text NOT NULL);
         INSERT INTO public.items SELECT n, 'n' FROM generate_series(1, {ROWS}) n"
    ))?;
    let bootstrap = stage.stack.kafka.bootstrap.clone();
    let topic = |name| Topic { name, partitions: 2, cleanup: "compact" };
    create_topics(&stage.run, &bootstrap, &[topic(WHOLE), topic(FLAT)])?;
    let worker = stage.run.home.sources().join("slice/connect-worker.properties");
    let connect = Connect::start(&stage.run, &worker, &bootstrap, &[])?;
    let port = stage.stack.postgres.port.to_string();
    for (name, more) in [
        ("whole", Vec::new()),
        (
            "flat",
            vec![
                ("transforms", "unwrap"),
                ("transforms.unwrap.type", "io.debezium.transforms.ExtractNewRecordState"),
                ("value.converter.schemas.enable", "false"),
            ],
        ),
    ] {
        connect::put(&connect.url, name, &source(name, &port, &more))?;
        connect::wait_running(&connect.url, name, Duration::from_secs(60))?;
        connect::wait_for_first_copy(&connect.url, name, Duration::from_secs(60))?;
    }
    insert_twice(stage, &connect, &port)?;
    items.execute("DELETE FROM public.items WHERE id <= $1", &[&i32::try_from(DELETED)?])?;
    tombstones(stage)
}

fn source(name: &str, port: &str, more: &[(&str, &str)]) -> Config {
    let slot = format!("theory_{name}");
    let common = [
        ("connector.class", "io.debezium.connector.postgresql.PostgresConnector"),
        ("database.hostname", "127.0.0.1"),
        ("database.port", port),
        ("database.user", "postgres"),
        ("database.password", "lab"),
        ("database.dbname", "items"),
        ("topic.prefix", name),
        ("plugin.name", "pgoutput"),
        ("slot.name", &slot),
        ("publication.name", &slot),
        ("publication.autocreate.mode", "filtered"),
        ("table.include.list", "public\\.items"),
        ("poll.interval.ms", "100"),
        ("key.converter", "org.apache.kafka.connect.json.JsonConverter"),
        ("value.converter", "org.apache.kafka.connect.json.JsonConverter"),
    ];
    common.iter().chain(more).map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// The sink's default mode without a key. Its log is delivered once more, as after a crash before the first commit.
fn insert_twice(stage: &mut Stage, connect: &Connect, port: &str) -> Result<()> {
    let config: Config = [
        ("connector.class", "io.debezium.connector.jdbc.JdbcSinkConnector".to_owned()),
        ("topics", WHOLE.to_owned()),
        ("connection.url", format!("jdbc:postgresql://127.0.0.1:{port}/inserted")),
        ("connection.username", "postgres".to_owned()),
        ("connection.password", "lab".to_owned()),
        ("insert.mode", "insert".to_owned()),
        ("primary.key.mode", "none".to_owned()),
        ("schema.evolution", "basic".to_owned()),
        ("collection.name.format", "public.items".to_owned()),
        ("key.converter", "org.apache.kafka.connect.json.JsonConverter".to_owned()),
        ("value.converter", "org.apache.kafka.connect.json.JsonConverter".to_owned()),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into();
    connect::put(&connect.url, "inserts", &config)?;
    let count = |at_least: i64| -> Result<(i64, i64)> {
        let start = Instant::now();
        let mut client = stage.stack.postgres.client("inserted")?;
        loop {
            let row = client.query_one("SELECT count(*), count(DISTINCT id) FROM public.items", &[]);
            match row {
                Ok(row) if row.get::<_, i64>(0) >= at_least => return Ok((row.get(0), row.get(1))),
                Ok(row) if start.elapsed() > Duration::from_secs(40) => return Ok((row.get(0), row.get(1))),
                Err(error) if start.elapsed() > Duration::from_secs(60) => return Err(error.into()),
                Ok(_) | Err(_) => std::thread::sleep(Duration::from_millis(200)),
            }
        }
    };
    let once = count(ROWS)?;
    ensure!(once.0 == ROWS, "{} rows after the first delivery", once.0);
    let url = format!("{}/connectors/inserts", connect.url);
    http::put(&format!("{url}/stop"), "")?.success()?;
    let start = Instant::now();
    while http::delete(&format!("{url}/offsets"))?.success().is_err() {
        ensure!(start.elapsed() < Duration::from_secs(30), "the offsets cannot be deleted");
        std::thread::sleep(Duration::from_millis(300));
    }
    http::put(&format!("{url}/resume"), "")?.success()?;
    let (rows, ids) = count(2 * ROWS)?;
    http::delete(&url)?.success()?;
    let numbers = format!("{rows} rows for {ids} ids after a second delivery");
    stage.note(
        INSERTS,
        Variant::Unsafe,
        "Debezium JDBC sink 3.6.0, PostgreSQL: insert, no key",
        Some(rows > ids),
        numbers,
    )
}

/// Real tombstones of as many deletes, in the log as it is and in the flattened one.
fn tombstones(stage: &mut Stage) -> Result<()> {
    let wanted = u64::try_from(DELETED)?;
    let start = Instant::now();
    loop {
        let counts = count_records(&stage.run.home, &stage.stack.kafka.bootstrap, &[WHOLE, FLAT])?;
        let of = |topic: &str| counts.iter().find(|it| it.topic == topic).cloned().context("no counts");
        let (whole, flat): (Records, Records) = (of(WHOLE)?, of(FLAT)?);
        let rows = u64::try_from(ROWS)?;
        if whole.tombstones >= wanted && flat.records >= rows + wanted {
            let numbers = format!(
                "{DELETED} deletes: {} tombstones in the log of envelopes, {} in the flattened one",
                whole.tombstones, flat.tombstones
            );
            let staged = "Debezium 3.7.0, Kafka: ExtractNewRecordState with its defaults, JSON";
            return stage.note(TOMBSTONES, Variant::Unsafe, staged, Some(flat.tombstones == 0), numbers);
        }
        ensure!(start.elapsed() < Duration::from_secs(60), "the deletes do not come: {whole}; {flat}");
        std::thread::sleep(Duration::from_millis(500));
    }
}
