//! What the real Bento makes of the files.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::sample::{self, array, column, decimal, masked};
use diac::model::Mask;
use diac::model::types::Type;
use diac::plan::{Arrival, Carried, PlannedFlow, Runner, Sink, Target, Template, TopicId};

/// The program; none where it is neither named in `DIAC_BENTO` nor in the lab's folder.
pub fn bento() -> Option<PathBuf> {
    let lab = Path::new(env!("CARGO_MANIFEST_DIR")).join(".lab");
    match std::env::var_os("DIAC_BENTO") {
        Some(named) => Some(PathBuf::from(named)),
        None => [lab.join("bin/bento"), lab.join("bento")].into_iter().find(|path| path.is_file()),
    }
}

pub fn program_path() -> PathBuf {
    bento().unwrap_or_else(|| panic!("no Bento"))
}

pub fn feed(command: &mut Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("Bento does not start: {error}"));
    let mut stdin = child.stdin.take().unwrap_or_else(|| panic!("no input"));
    let text = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap_or_else(|error| panic!("{error}"));
    drop(writer.join());
    output
}

pub fn scratch(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("diac-bento-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap_or_else(|error| panic!("{error}"));
    path
}

/// What a Bloblang program makes of each line.
pub fn blobl(program: &str, lines: &[String]) -> Vec<Value> {
    let name = format!("{:x}", program.len() * 31 + lines.iter().map(String::len).sum::<usize>());
    let folder = scratch(&format!("{name}-{:?}", std::thread::current().id()));
    let file = folder.join("program.blobl");
    std::fs::write(&file, program).unwrap_or_else(|error| panic!("{error}"));
    let input: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let output = feed(
        Command::new(program_path()).args(["blobl", "-t", "1", "-f"]).arg(&file).env("DIAC_HASH_SALT", "pepper"),
        &input,
    );
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    drop(std::fs::remove_dir_all(&folder));
    let results: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}\n{errors}\n{program}")))
        .collect();
    assert_eq!(results.len(), lines.len(), "{text}\n{errors}\n{program}");
    results
}

/// The commands a flow gives for records.
pub fn commands(flow: &PlannedFlow, records: &[Value]) -> Vec<Value> {
    let lines: Vec<String> = records.iter().map(Value::to_string).collect();
    commands_of(flow, &lines)
}

fn commands_of(flow: &PlannedFlow, lines: &[String]) -> Vec<Value> {
    blobl(&program_of(flow), lines)
}

/// The mapping in a stream's file, and behind it its result as the message.
fn program_of(flow: &PlannedFlow) -> String {
    let sink = match &flow.target {
        Target::Index(_) => sample::search_sink(flow.clone()),
        Target::Keyspace(_) | Target::Table(_) | Target::Snowflake(_) => sample::redis_sink(flow.clone()),
    };
    let file: Value = serde_yaml::from_str(&sample::stream(&sink)).unwrap_or_else(|error| panic!("{error}"));
    let mapping = file["pipeline"]["processors"][0]["mapping"].as_str().unwrap_or_else(|| panic!("{file}"));
    format!("{mapping}root = if $tombstone {{ {{\"op\": \"none\"}} }} else {{ $command }}\n")
}

fn put(after: Value) -> Value {
    record("u", 7, Value::Null, after)
}

fn record(op: &str, lsn: u64, before: Value, after: Value) -> Value {
    json!({"schema": {"type": "struct"}, "payload": {"op": op, "before": before, "after": after, "source": {"lsn": lsn}}})
}

fn body(command: &Value) -> Value {
    let text = command["body"].as_str().unwrap_or_else(|| panic!("{command}"));
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn poison(command: &Value) -> &str {
    command["poison"].as_str().unwrap_or_else(|| panic!("no poison: {command}"))
}

fn keyed(columns: Vec<Carried>) -> PlannedFlow {
    let mut columns = columns;
    columns.insert(0, column("id", Type::Bigint));
    sample::flow(columns, &[("id", Type::Bigint)])
}

pub fn operations_versions_and_keys() {
    let mut flow = keyed(vec![column("name", Type::Text)]);
    let big = 9_007_199_254_740_993_u64;
    let records = [
        record("r", 1, Value::Null, json!({"id": big, "name": "a"})),
        record("c", big, Value::Null, json!({"id": 1, "name": "日本\u{1}"})),
        record("d", big, json!({"id": -5, "name": ""}), Value::Null),
        record("t", 3, Value::Null, Value::Null),
        record("u", 3, Value::Null, json!({"id": null, "name": "x"})),
        record("d", 3, Value::Null, Value::Null),
        json!({"op": "u", "before": null, "after": {"id": 4, "name": null}, "source": {"lsn": 9}}),
        json!({"payload": {"op": "u", "after": {"id": 4, "name": null}, "source": {"lsn": null}}}),
        record("u", 3, Value::Null, json!({"id": 1})),
        json!("no envelope"),
    ];
    let all = commands(&flow, &records);
    assert_eq!(
        all[0],
        json!({"op": "put", "id": "9007199254740993", "version": "00000000000000000001", "body": "{\"id\":9007199254740993,\"name\":\"a\"}"})
    );
    assert_eq!(all[1]["version"], "00009007199254740993");
    assert_eq!(body(&all[1]), json!({"id": 1, "name": "日本\u{1}"}));
    assert_eq!(all[2], json!({"op": "del", "id": "-5", "version": "00009007199254740993", "body": ""}));
    assert!(poison(&all[3]).contains("operation t is none of a row's"));
    assert!(poison(&all[4]).contains("null"));
    assert!(poison(&all[5]).contains("null"));
    assert_eq!(body(&all[6]), json!({"id": 4, "name": null}));
    assert!(poison(&all[7]).contains("null"));
    assert!(poison(&all[8]).contains("the row has no column name"));
    poison(&all[9]);

    flow.feed = sample::changes(("public", "products"), 2);
    let epochs = commands(&flow, &records[..3]);
    assert_eq!(epochs[1]["version"], json!(format!("{:020}", (2_u64 << 56) + big)));
    flow.feed = sample::changes(("public", "products"), 127);
    assert_eq!(commands(&flow, &records[..1])[0]["version"], json!(format!("{:020}", (127_u64 << 56) + 1)));

    let broken = commands_of(&flow, &["{\"op\":".into(), "\u{fffd}".into()]);
    poison(&broken[0]);
    poison(&broken[1]);
}

pub fn values_keep_what_they_say() {
    let flow = keyed(vec![
        column("n", decimal(30, 4)),
        column("ns", array(decimal(10, 2))),
        column("d", Type::Date),
        column("ds", array(Type::Date)),
        column("dt", Type::Datetime),
        column("dts", array(Type::Datetime)),
        column("t", Type::Time),
        column("ts", Type::Timestamp),
        column("f", Type::Double),
        column("j", Type::Json),
        column("js", array(Type::Json)),
        column("b", Type::Bool),
        column("texts", array(Type::Text)),
    ]);
    let row = json!({
        "id": 1, "n": "123456789012345678901234.5000", "ns": ["1.50", null, "-0.01"], "d": -354634, "ds": [157010, null, -1],
        "dt": -1, "dts": [-30641760000000001_i64, 0, null], "t": 86_399_999_999_i64, "ts": "0999-01-01T00:00:00.000001Z", "f": 0.1,
        "j": "{\"a\": [9007199254740993, 1.0, null]}", "js": ["null", "\"x\"", null], "b": false, "texts": ["a,\"b", null, ""],
    });
    let nulls = json!({"id": 2, "n": null, "ns": null, "d": null, "ds": [], "dt": null, "dts": null, "t": null, "ts": null, "f": null,
        "j": null, "js": null, "b": null, "texts": null});
    let mut nan = nulls.clone();
    nan["n"] = json!("NAN");
    let mut midnight = nulls.clone();
    midnight["t"] = json!(86_400_000_000_i64);
    let all = commands(&flow, &[put(row), put(nulls.clone()), put(nan), put(midnight)]);
    assert_eq!(
        all[0]["body"].as_str(),
        Some(concat!(
            "{\"b\":false,\"d\":\"0999-01-17\",\"ds\":[\"2399-11-18\",null,\"1969-12-31\"],\"dt\":\"1969-12-31T23:59:59.999999\",",
            "\"dts\":[\"0998-12-31T23:59:59.999999\",\"1970-01-01T00:00:00.000000\",null],\"f\":0.1,\"id\":1,",
            "\"j\":{\"a\":[9007199254740993,1.0,null]},\"js\":[null,\"x\",null],\"n\":123456789012345678901234.5000,",
            "\"ns\":[1.50,null,-0.01],\"t\":\"23:59:59.999999\",\"texts\":[\"a,\\\"b\",null,\"\"],\"ts\":\"0999-01-01T00:00:00.000001Z\"}"
        ))
    );
    assert_eq!(body(&all[1]), nulls);
    assert_eq!(body(&all[2])["n"], "NAN");
    assert_eq!(body(&all[3])["t"], "24:00:00.000000");
}

pub fn placeholders_are_never_stored() {
    let mut flow = keyed(vec![
        column("wide", Type::Text),
        column("tags", array(Type::Text)),
        column("ids", array(Type::Bigint)),
        column("name", Type::Text),
    ]);
    let row = json!({"id": 1, "wide": "w", "tags": ["t"], "ids": [1], "name": "n"});
    let with = |name: &str, value: Value| {
        let mut row = row.clone();
        row[name] = value;
        put(row)
    };
    let bytes: Vec<u8> = b"__debezium_unavailable_value".to_vec();
    let placeholder = json!("__debezium_unavailable_value");
    let records = [
        put(row.clone()),
        with("wide", placeholder.clone()),
        with("tags", json!([placeholder])),
        with("ids", json!(bytes)),
        with("tags", json!([])),
        with("ids", json!(null)),
    ];
    let all = commands(&flow, &records);
    assert_eq!(all[0]["op"], "put");
    for (at, name) in [(1, "wide"), (2, "tags"), (3, "ids")] {
        assert!(poison(&all[at]).contains(&format!("the log left out the value of {name}")), "{}", all[at]);
    }
    assert_eq!(all[4]["op"], "put");
    assert_eq!(all[5]["op"], "put");
    // Where nobody knows the columns, every value is looked at.
    flow.columns.clear();
    let open = commands(&flow, &records);
    assert_eq!(body(&open[0]), row);
    assert!(poison(&open[1]).contains("wide"));
    assert!(poison(&open[3]).contains("ids"));
    // A delete carries no values.
    let delete = record("d", 3, json!({"id": 1, "wide": placeholder}), Value::Null);
    assert_eq!(commands(&flow, &[delete])[0]["op"], "del");
}

pub fn masks_hide() {
    let flow = keyed(vec![
        masked("hash", Type::Text, Mask::Hash),
        masked("number", Type::Bigint, Mask::Hash),
        masked("redact", Type::Text, Mask::Redact),
        masked("none", decimal(10, 2), Mask::Null),
        masked("cut", Type::Text, Mask::Truncate(2)),
    ]);
    let all = commands(
        &flow,
        &[
            put(
                json!({"id": 1, "hash": "a", "number": 9_007_199_254_740_993_u64, "redact": "secret", "none": "1.00", "cut": "日本語"}),
            ),
            put(json!({"id": 1, "hash": null, "number": null, "redact": null, "none": null, "cut": null})),
            put(json!({"id": 1, "hash": "", "number": 1, "redact": "", "none": null, "cut": "é"})),
        ],
    );
    // HMAC-SHA256 of "a" under "pepper", made with another program.
    assert_eq!(
        body(&all[0]),
        json!({"id": 1, "hash": "69dfcf5937d48bf9fc1d6ec1c7f067449e2466f352259e7b573d5c9fa9daec72", "number": "941027618e3f0bfc8958aa50d10a6f9d11312944106f16fd5a942fa1973e24d4", "redact": "[redacted]", "none": null, "cut": "日本"})
    );
    assert_eq!(
        body(&all[1]),
        json!({"id": 1, "hash": null, "number": null, "redact": null, "none": null, "cut": null})
    );
    assert_eq!(body(&all[2])["cut"], "é");
}

pub fn nothing_is_hashed_without_the_secret() {
    let text = program_of(&keyed(vec![masked("hash", Type::Text, Mask::Hash)]));
    let folder = scratch("salt");
    let file = folder.join("program.blobl");
    std::fs::write(&file, text).unwrap_or_else(|error| panic!("{error}"));
    let line = put(json!({"id": 1, "hash": "a"})).to_string();
    let output = feed(
        Command::new(program_path()).args(["blobl", "-f"]).arg(&file).env_remove("DIAC_HASH_SALT"),
        &format!("{line}\n"),
    );
    drop(std::fs::remove_dir_all(&folder));
    // Bento does not even take the program; an empty secret would fail the step, which is tried again.
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("failed to parse mapping") && said.contains("DIAC_HASH_SALT"), "{said}");
}

pub fn keys_are_joined_and_escaped() {
    let key = [("a", Type::Text), ("b", Type::Date), ("c", Type::Datetime), ("d", Type::Bigint)];
    let columns = key.iter().map(|(name, ty)| column(name, ty.clone())).collect();
    let flow = sample::flow(columns, &key);
    let all = commands(&flow, &[put(json!({"a": "x:{%}é", "b": 0, "c": -1, "d": 12}))]);
    assert_eq!(all[0]["id"], "x%3A%7B%25%7Dé:1970-01-01:1969-12-31T23%3A59%3A59.999999:12");
}

pub fn ids_have_a_length() {
    let columns = vec![column("a", Type::Text)];
    let target = Target::Index(sample::index(&columns));
    let flow = PlannedFlow { target, ..sample::flow(columns, &[("a", Type::Text)]) };
    let records = ["é".repeat(256), "é".repeat(257), String::new()].map(|a| put(json!({ "a": a })));
    let all = commands(&flow, &records);
    assert_eq!(all[0]["op"], "put");
    assert!(poison(&all[1]).contains("this one has 514"));
    assert!(poison(&all[2]).contains("this one has 0"));
}

pub fn unknown_keys_come_from_the_message() {
    let flow = sample::flow(Vec::new(), &[]);
    // Here the record itself holds what would be its key.
    let program = program_of(&flow).replace("metadata(\"kafka_key\")", "this.key");
    assert!(program.contains("this.key"));
    let keys = [
        json!({"schema": {"fields": [{"field": "b"}, {"field": "a"}]}, "payload": {"a": 1, "b": "x:y"}}).to_string(),
        json!({"schema": {"fields": [{"field": "id"}]}, "payload": {"id": 9_007_199_254_740_993_u64}}).to_string(),
        json!({"schema": {"type": "string"}, "payload": "k{"}).to_string(),
        json!({"b": 2, "a": 1}).to_string(),
        "plain text".to_owned(),
        "17".to_owned(),
        json!({"id": null}).to_string(),
    ];
    let lines: Vec<String> = keys
        .iter()
        .map(|key| json!({"key": key, "op": "c", "after": {"a": 1}, "source": {"lsn": 1}}).to_string())
        .collect();
    let all = blobl(&program, &lines);
    let ids: Vec<&str> = all.iter().filter_map(|command| command["id"].as_str()).collect();
    assert_eq!(ids, ["x%3Ay:1", "9007199254740993", "k%7B", "1:2", "plain text", "17"]);
    assert!(poison(&all[6]).contains("null"));
}

pub fn hostile_names_and_values_stay_names_and_values() {
    let names = [
        "weird name",
        "a.b",
        "a~1b",
        "q\"uote",
        "back\\slash",
        "${HOME}",
        "${!x}",
        "new\nline",
        "日本",
        "null",
        "root",
        "\u{2028}",
        "'",
        "*",
        "#",
        "{",
        "this",
        "\u{7f}",
        "tab\t",
        "$row",
    ];
    let columns: Vec<Carried> = names.iter().map(|name| column(name, Type::Text)).collect();
    let mut flow = keyed(columns.clone());
    let mut row = json!({"id": 1});
    for name in names {
        row[name] = json!(format!("{name} ${{HOME}} ${{! 1 }}"));
    }
    let all = commands(&flow, &[put(row.clone())]);
    assert_eq!(body(&all[0]), row);

    for name in names {
        use diac::model::expr::Expr;
        flow.filters = vec![Expr::Compare {
            op: diac::syntax::ast::CompareOp::Eq,
            left: Box::new(Expr::Column { name: name.into(), ty: Type::Text, nullable: true }),
            right: Box::new(Expr::Text(format!("{name} ${{HOME}} ${{! 1 }}"))),
        }];
        flow.filter_arrivals = [(name.to_owned(), Arrival::Text)].into();
        assert_eq!(commands(&flow, &[put(row.clone())])[0]["op"], "put", "{name:?}");
    }
    // The same names in whole files.
    let hostile = "v\"iew ${HOME} ${! now() } \u{85}\n: #";
    let mut sinks = Vec::new();
    for mut sink in [sample::search_sink(flow.clone()), sample::redis_sink(flow.clone())] {
        if sink.name == "product_search" {
            sink.flows[0].target = Target::Index(sample::index(&columns));
        }
        sink.name = hostile.into();
        sink.dead_letters = Some(TopicId(1));
        sink.flows[0].feed = sample::changes((hostile, hostile), 0);
        sinks.push(sink);
    }
    lint(&sinks);
}

/// Lints the process's file and those of these sinks.
fn lint(sinks: &[Sink]) {
    let folder = scratch(&format!("lint-{:?}", std::thread::current().id()));
    let texts = sinks.iter().map(sample::stream).chain([diac::targets::bento::process()]);
    for text in texts {
        let kept = folder.join("file.yaml");
        std::fs::write(&kept, &text).unwrap_or_else(|error| panic!("{error}"));
        let output = feed(
            Command::new(program_path())
                .arg("lint")
                .arg(&kept)
                .envs([
                    ("KAFKA", "k:9092"),
                    ("SEARCH_URL", "http://s"),
                    ("SEARCH_PASSWORD", "a\"b'c: #\\"),
                    ("CACHE", "redis://c"),
                ])
                .env_remove("HOME"),
            "",
        );
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{said}\n{text}");
    }
    drop(std::fs::remove_dir_all(&folder));
}

pub fn every_file_passes_lint() {
    let mut dead = sample::product_search();
    dead.name = "other".into();
    dead.dead_letters = Some(TopicId(1));
    if let Runner::Bento(streams) = &mut dead.runner {
        streams[0].id = "other-v1".into();
        streams[0].raw.insert("input.kafka.tls.enabled".into(), "true".into());
    }
    if let Target::Index(index) = &mut dead.flows[0].target {
        index.index = "other_v1".into();
    }
    if let diac::plan::Address::Search { urls, .. } = &mut dead.address {
        urls.push(Template::text("https://b'c\"/"));
    }
    let mut open = sample::product_card();
    open.address = diac::plan::Address::Redis { url: sample::secret("CACHE") };
    open.flows[0].columns.clear();
    open.flows[0].key.clear();
    lint(&[sample::product_search(), dead, open]);
}
