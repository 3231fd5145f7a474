//! Processes of the example `courier`, as they are in `golden/courier`, run by the real Bento from its standard input.

use std::process::Command;

use serde_json::{Value, json};

use crate::real::{blobl, feed, program_path, scratch};

fn stream(process: &str) -> Value {
    let path = format!("{}/golden/courier/dev/bento/streams/process.{process}.yaml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The maps of a process, with another program behind them.
fn maps(program: &str) -> String {
    let stream = stream("pay");
    let mapping = stream["pipeline"]["processors"][0]["mapping"].as_str().unwrap_or_else(|| panic!("{stream}"));
    let (maps, _) = mapping.split_once("let tombstone").unwrap_or_else(|| panic!("{mapping}"));
    format!("{maps}{program}")
}

/// What a process makes of records, given as topic, header and value; all of one batch.
fn run(process: &str, records: &[(&str, Option<&str>, &str)]) -> Vec<Value> {
    let stream = stream(process);
    let processors = stream["pipeline"]["processors"].as_array().cloned().unwrap_or_else(|| panic!("{stream}"));
    let arrive = "meta kafka_topic = this.topic\nmeta kafka_partition = 3\nmeta kafka_offset = 7\nmeta event = this.event.or(deleted())\n\
                  root = this.value\n";
    let leave = "root = {\"topic\": @to_topic, \"key\": @to_key, \"event\": @event, \"poison\": @poison, \"stop\": @stop, \"body\": content().string(), \
                 \"rest\": metadata().keys().filter(name -> ![\"event\", \"to_topic\", \"to_key\", \"poison\", \"stop\"].contains(name) && !name.has_prefix(\"kafka_\"))}\n";
    let mut all = vec![json!({"mapping": arrive})];
    all.extend(processors);
    all.push(json!({"mapping": leave}));
    let config = json!({
        "input": {"stdin": {"scanner": {"lines": {}}, "auto_replay_nacks": false}},
        "buffer": {"memory": {"batch_policy": {"enabled": true, "count": records.len(), "period": "5s"}}},
        "pipeline": {"threads": 1, "processors": all},
        "output": {"stdout": {"codec": "lines"}},
        "logger": {"level": "ERROR"},
        "http": {"enabled": false},
    });
    let folder = scratch(&format!("process-{process}-{:?}", std::thread::current().id()));
    let file = folder.join("run.yaml");
    std::fs::write(&file, config.to_string()).unwrap_or_else(|error| panic!("{error}"));
    let lines: String = records
        .iter()
        .map(|(topic, event, value)| format!("{}\n", json!({"topic": topic, "event": event, "value": value})))
        .collect();
    let output = feed(Command::new(program_path()).arg("-c").arg(&file), &lines);
    drop(std::fs::remove_dir_all(&folder));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!text.trim().is_empty(), "{errors}");
    text.lines()
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{text}\n{errors}")))
        .collect()
}

/// A decimal text of a number of that many digits behind the point.
fn decimal(unscaled: i128, scale: usize) -> String {
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = scale + 1);
    let (whole, behind) = digits.split_at(digits.len() - scale);
    let sign = if unscaled < 0 { "-" } else { "" };
    if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{behind}") }
}

pub fn arithmetic_is_exact() {
    let mut seed: u128 = 0x2545_f491_4f6c_dd1d;
    let mut random = move |below: u128| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed &= u128::from(u64::MAX);
        seed % below
    };
    let (mut lines, mut expected) = (Vec::new(), Vec::new());
    for _ in 0..1500 {
        let mut number = || {
            let size = 10_u128.pow(u32::try_from(random(18)).unwrap_or(1) + 1);
            let sign = if random(2) == 0 { 1 } else { -1 };
            (sign * i128::try_from(random(size)).unwrap_or(0), usize::try_from(random(10)).unwrap_or(0))
        };
        let ((a, s), (b, t)) = (number(), number());
        let scale = s.max(t);
        let wide = |n: i128, from: usize| n * 10_i128.pow(u32::try_from(scale - from).unwrap_or(0));
        lines.push(json!([decimal(a, s), decimal(b, t)]).to_string());
        expected.push(json!({
            "plus": decimal(wide(a, s) + wide(b, t), scale),
            "minus": decimal(wide(a, s) - wide(b, t), scale),
            "times": decimal(a * b, s + t),
        }));
    }
    let program = maps(
        "root = {\"plus\": this.apply(\"exact_plus\"), \"minus\": this.apply(\"exact_minus\"), \"times\": this.apply(\"exact_times\")}\n",
    );
    for (at, (found, meant)) in blobl(&program, &lines).iter().zip(&expected).enumerate() {
        assert_eq!(found, meant, "{}", lines[at]);
    }
}

pub fn values_fit_or_are_refused() {
    let program = maps("root = this.map_each(it -> it.apply(\"fit_decimal\").catch(err -> \"refused\"))\n");
    let line = json!([
        ["1", 10, 2],
        ["-0.00", 10, 2],
        ["0012.5", 10, 2],
        ["1.005", 10, 2],
        ["1.500", 10, 2],
        ["12345678901", 10, 2],
        [7, 10, 2],
        ["1e3", 10, 2],
        [null, 10, 2],
        ["NaN", 10, 2],
        [true, 10, 2],
        ["-1", 10, 0],
        ["123456789012345678901234567890.123", -1, -1]
    ]);
    assert_eq!(
        blobl(&program, &[line.to_string()])[0],
        json!([
            "1.00",
            "0.00",
            "12.50",
            "refused",
            "1.50",
            "refused",
            "7.00",
            "refused",
            null,
            "refused",
            "refused",
            "-1",
            "123456789012345678901234567890.123"
        ])
    );
    let program = maps("root = this.map_each(it -> it.apply(\"fit_whole\").catch(err -> \"refused\"))\n");
    let of = |value: Value| json!([value, "-2147483648", "2147483647"]);
    let line = json!([
        of(json!(2_147_483_647)),
        of(json!(2_147_483_648_i64)),
        of(json!(-2_147_483_648_i64)),
        of(json!("12")),
        of(json!("1.5")),
        of(json!(3.0)),
        of(Value::Null),
        of(json!({}))
    ]);
    assert_eq!(
        blobl(&program, &[line.to_string()])[0],
        json!([2_147_483_647, "refused", -2_147_483_648_i64, 12, "refused", 3, null, "refused"])
    );
}

fn parcel(changes: Value) -> String {
    let mut parcel = json!({
        "parcel_id": "0e37df36-f698-11e6-8dd4-cb9ced3df976", "sender_id": 9_007_199_254_740_993_u64, "receiver_id": 12, "driver_id": 7,
        "weight": "30.251", "fee": "99999999.99", "tip": null, "due_on": null, "accepted_at": "2026-11-24T12:00:00.5Z", "unknown": [1, 2]
    });
    for (name, value) in changes.as_object().into_iter().flatten() {
        parcel[name] = value.clone();
    }
    parcel.to_string()
}

pub fn a_process_makes_events() {
    let accepted = Some("parcel_accepted");
    let made = run(
        "pay",
        &[
            ("parcels", accepted, &parcel(json!({}))),
            ("parcels", accepted, &parcel(json!({"tip": "0.10", "due_on": "2026-01-02", "weight": "1"}))),
            ("parcels", accepted, &parcel(json!({"due_on": "2026-01-01", "sender_id": 5}))),
        ],
    );
    let id = "0e37df36-f698-11e6-8dd4-cb9ced3df976";
    let credit = |kind: &str, amount: &str| {
        json!({
            "topic": "driver_credits", "key": "7", "event": "driver_credit", "poison": null, "stop": null, "rest": [],
            "body": json!({"parcel_id": id, "kind": kind, "driver_id": 7, "amount": amount}).to_string()
        })
    };
    let pair = |key: &str, sender: u64, heavy: bool| {
        let body = format!("{{\"heavy\":{heavy},\"parcel_id\":\"{id}\",\"receiver_id\":12,\"sender_id\":{sender}}}");
        json!({"topic": "between_two", "key": key, "event": "between_two", "poison": null, "stop": null, "rest": [], "body": body})
    };
    let big = 9_007_199_254_740_993;
    let mut meant = vec![
        credit("fee", "99999999.99"),
        pair("12:9007199254740993", big, true),
        credit("fee", "99999999.99"),
        credit("levy", "-100000000.09"),
        credit("tip", "0.10"),
        pair("12:9007199254740993", big, false),
        credit("fee", "99999999.99"),
        pair("5:12", 5, true),
    ];
    let mut found = made;
    // Members stand in the order of their names, wherever they are made.
    for value in meant.iter_mut().chain(&mut found) {
        let body: Value = serde_json::from_str(value["body"].as_str().unwrap_or("")).unwrap_or(Value::Null);
        value["body"] = body;
    }
    assert_eq!(found, meant);
}

pub fn several_events_of_a_topic() {
    let delivered = json!({
        "parcel_id": "0e37df36-f698-11e6-8dd4-cb9ced3df976", "driver_id": 7, "delivered_at": "2026-11-24T12:00:00Z", "signed_by": "A. Person"
    })
    .to_string();
    let (accepted_name, delivered_name) = (Some("parcel_accepted"), Some("parcel_delivered"));
    let whats = |made: &[Value]| -> Vec<Value> {
        let body =
            |value: &Value| serde_json::from_str::<Value>(value["body"].as_str().unwrap_or("")).unwrap_or(Value::Null);
        made.iter().map(|value| body(value)["what"].clone()).collect()
    };
    let told = run(
        "tell",
        &[
            ("parcels", accepted_name, &parcel(json!({}))),
            ("parcels", delivered_name, &delivered),
            ("parcels", delivered_name, &delivered.replace("\"A. Person\"", "null")),
        ],
    );
    assert_eq!(whats(&told), [json!("accepted"), json!("delivered")]);
    // Another event of the topic that the process does not read is nothing to it.
    let paid = run("pay", &[("parcels", delivered_name, &delivered), ("parcels", accepted_name, &parcel(json!({})))]);
    assert_eq!(paid.len(), 2, "{paid:?}");
    // What says nothing stops the batch it came with.
    for (event, value, reason) in [
        (None, parcel(json!({})), "no header"),
        (Some("parcel_lost"), parcel(json!({})), "parcel_lost is no event"),
        (accepted_name, "{\"parcel_id\":".to_owned(), "JSON"),
        (accepted_name, "[1]".to_owned(), "no JSON object"),
        (accepted_name, parcel(json!({"fee": "1.234"})), "amount of driver_credit: "),
        (accepted_name, parcel(json!({"driver_id": null})), "driver_id of driver_credit: "),
        (accepted_name, parcel(json!({"parcel_id": "somebody"})), "parcel_id of driver_credit: "),
    ] {
        let made = run("pay", &[("parcels", accepted_name, &parcel(json!({}))), ("parcels", event, &value)]);
        let poison: Vec<&str> = made.iter().filter_map(|value| value["poison"].as_str()).collect();
        assert!(poison.len() == 1 && poison[0].contains(reason), "{reason}: {made:?}");
        assert!(!poison[0].contains("somebody") && !poison[0].contains("1.234"), "{poison:?}");
        assert!(made.iter().all(|value| value["stop"].is_string()), "{made:?}");
    }
}
