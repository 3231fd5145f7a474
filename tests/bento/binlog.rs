//! Versions of rows of a binlog, and the values only such a record has, on the real Bento.

use serde_json::{Value, json};

use crate::real::commands;
use crate::sample::{self, column, decimal};
use diac::model::types::Type;
use diac::plan::{Arrival, Feed, PlannedFlow, Position, binlog_number};

fn flow() -> PlannedFlow {
    let mut number = column("n", decimal(20, 0));
    number.arrival = Arrival::LongNumber;
    let mut key = column("id", decimal(20, 0));
    key.arrival = Arrival::LongNumber;
    let mut flow = sample::flow(vec![key, number, column("t", Type::Time)], &[("id", decimal(20, 0))]);
    flow.key[0].arrival = Arrival::LongNumber;
    if let Feed::Changes(changes) = &mut flow.feed {
        changes.position = Position::Binlog;
    }
    flow
}

fn record(file: Value, pos: Value, row: Value) -> Value {
    let after = json!({"id": u64::MAX, "n": u64::MAX, "t": -36_000_123_456_i64});
    json!({"payload": {"op": "u", "before": null, "after": after, "source": {"file": file, "pos": pos, "row": row}}})
}

pub fn places_are_numbers_as_the_plan_says() {
    let places = [
        ("bin.000001", 4, 0),
        ("bin.000001", 4, 1),
        ("mysql-bin.000008", 322, 0),
        // Neither is read as octal.
        ("host.example-bin.000010", 1_073_741_824, 7),
        ("bin.000089", 4_294_967_295, 0),
        ("bin.16777215", 4_294_967_290, 5),
        ("bin.1000000", 120, 3),
    ];
    let records: Vec<Value> =
        places.iter().map(|(file, pos, row)| record(json!(file), json!(pos), json!(row))).collect();
    let mut flow = flow();
    for (command, (file, pos, row)) in commands(&flow, &records).iter().zip(places) {
        let number = file
            .rsplit('.')
            .next()
            .and_then(|number| number.parse().ok())
            .and_then(|file| binlog_number(file, pos, row));
        assert_eq!(
            command["version"].as_str().map(str::to_owned),
            number.map(|number| format!("{number:020}")),
            "{command}"
        );
    }
    if let Feed::Changes(changes) = &mut flow.feed {
        changes.epoch = 3;
    }
    let raised = commands(&flow, &records[..1]);
    assert_eq!(raised[0]["version"], json!(format!("{:020}", (3_u64 << 56) + (1 << 32) + 4)));
}

pub fn places_without_a_number_stop_the_view() {
    let records = [
        record(json!("bin.16777216"), json!(4), json!(0)),
        record(json!("bin.000001"), json!(4_294_967_295_u64), json!(1)),
        record(json!("bin.000001"), json!(-1), json!(0)),
        record(json!("bin"), json!(4), json!(0)),
        record(Value::Null, json!(4), json!(0)),
        record(json!("bin.000001"), Value::Null, json!(0)),
        record(json!("bin.000001"), json!(4), Value::Null),
        record(json!("bin.99999999999999999999"), json!(4), json!(0)),
    ];
    for (command, record) in commands(&flow(), &records).iter().zip(&records) {
        assert!(command["poison"].is_string(), "{record} gave {command}");
    }
}

pub fn long_numbers_and_negative_times_keep_their_digits() {
    let all = commands(&flow(), &[record(json!("bin.000001"), json!(4), json!(0))]);
    assert_eq!(all[0]["id"], "18446744073709551615");
    let body: Value = serde_json::from_str(all[0]["body"].as_str().unwrap_or_default()).unwrap_or_default();
    // In a search document a number, in a cache a text; never a float.
    assert!(all[0]["body"].as_str().is_some_and(|text| text.contains("18446744073709551615")), "{}", all[0]);
    assert_eq!(body["t"], "-10:00:00.123456");
}
