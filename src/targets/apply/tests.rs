//! The script is run for real, against commands that only write down how they were called.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::*;
use crate::targets::sample;

/// A folder with the script's files and fake commands; removed at the end.
struct Stage {
    root: PathBuf,
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

const PSQL: &str = "printf '%s\\n' \"$PGPASSWORD\" >>\"$STAGE/passwords\"\n";
const CALL: &str = "#!/usr/bin/env bash\nprintf '%s' \"${0##*/}\" >>\"$STAGE/calls\"; printf ' %s' \"$@\" >>\"$STAGE/calls\"; printf '\\n' >>\"$STAGE/calls\"\n";

/// Knows the topics it made.
const TOPICS: &str = r#"
touch "$STAGE/topics"
case " $* " in
  *' --list '*) cut -d' ' -f1 "$STAGE/topics" ;;
  *' --create '*) while [ $# -gt 0 ]; do case $1 in --topic) t=$2 ;; --partitions) p=$2 ;; esac; shift; done; echo "$t $p" >>"$STAGE/topics" ;;
  *' --describe '*) while [ $# -gt 0 ]; do case $1 in --topic) t=$2 ;; esac; shift; done
    printf 'Topic: %s\tTopicId: x\tPartitionCount: %s\tReplicationFactor: 1\n' "$t" "$(grep -F "$t " "$STAGE/topics" | cut -d' ' -f2)" ;;
esac
"#;

/// Knows the addresses that were written; answers the first `PUT` of a connector with 409.
const CURL: &str = r#"
for a in "$@"; do case $a in http*) url=$a ;; esac; done
case " $* " in *' --config - '*) cat >>"$STAGE/stdin" ;; esac
while [ $# -gt 0 ]; do case $1 in --request) m=$2 ;; esac; shift; done
touch "$STAGE/urls"
case $m in
  HEAD) if grep -qxF "$url" "$STAGE/urls"; then printf 200; else printf 404; fi ;;
  POST) echo "${url%/_aliases}/_alias/products" >>"$STAGE/urls"; printf 200 ;;
  PUT)
    case $url in */connectors/*) if [ ! -e "$STAGE/busy" ]; then touch "$STAGE/busy"; printf 409; exit 0; fi ;; esac
    if grep -qxF "$url" "$STAGE/urls"; then printf 200; else echo "$url" >>"$STAGE/urls"; printf 201; fi ;;
esac
"#;

impl Stage {
    fn new(name: &str, env: &str, plan: &Plan) -> Self {
        let root = std::env::temp_dir().join(format!("diac-apply-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        let bin = root.join("bin");
        fs::create_dir_all(&bin).unwrap();
        for (command, body) in
            [("psql", PSQL), ("kafka-topics.sh", TOPICS), ("curl", CURL), ("sleep", ""), ("snow", "")]
        {
            let path = bin.join(command);
            fs::write(&path, format!("{CALL}{body}")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let out = sample::emit_plan(plan, &[&crate::targets::connect_json::ConnectJson, &Apply]);
        for (path, file) in out.files() {
            let Some(path) = path.strip_prefix(&format!("{env}/")) else { continue };
            let path = root.join("out").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &file.text).unwrap();
        }
        Self { root }
    }

    fn run(&self, variables: &[(&str, &str)]) -> Output {
        let path = format!("{}:/usr/bin:/bin", self.root.join("bin").display());
        Command::new("bash")
            .arg(self.root.join("out/apply.sh"))
            .env_clear()
            .env("PATH", path)
            .env("STAGE", &self.root)
            .envs(variables.iter().copied())
            .current_dir(Path::new("/"))
            .output()
            .unwrap()
    }

    fn calls(&self) -> String {
        let calls = fs::read_to_string(self.root.join("calls")).unwrap_or_default();
        let _ = fs::remove_file(self.root.join("calls"));
        calls
    }
}

const ALL: &[(&str, &str)] = &[
    ("CONNECT_URL", "http://connect:8083/"),
    ("SHOP_DBA_URL", "postgresql://dba:s3cret%40%5C@shop/shop"),
    ("REPORT_DBA_URL", "postgresql://dba@report/report"),
    ("SHOP_PASSWORD", "s3cret-shop"),
    ("REPORT_PASSWORD", "s3cret-report"),
    ("SEARCH_PASSWORD", "s3\"cret\\search"),
];

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Places of these pieces in a text rise.
fn in_order(text: &str, pieces: &[&str]) {
    let mut at = 0;
    for piece in pieces {
        let found = text.get(at..).and_then(|rest| rest.find(piece));
        at += found.unwrap_or_else(|| panic!("{piece:?} is not behind the others in\n{text}"));
    }
}

#[test]
fn everything_is_made_in_order() {
    let stage = Stage::new("order", "dev", &sample::plan());
    let output = stage.run(ALL);
    assert!(output.status.success(), "{}", text(&output));
    let calls = stage.calls();
    in_order(
        &calls,
        &[
            "--dbname=postgresql://dba@shop/shop --file=sql/shop/00-preflight.sql",
            "--file=sql/shop/01-role-and-grants.sql",
            "--file=sql/shop/02-signal-heartbeat.sql",
            "--file=sql/shop/03-publication.sql",
            "kafka-topics.sh --bootstrap-server localhost:9092 --list",
            "--create --if-not-exists --topic __debezium-heartbeat.shop.shop --partitions 1 --replication-factor 1",
            "--topic shop.shop.public.products --partitions 6",
            "--dbname=postgresql://dba@report/report --file=sql/report/04-view-tables.sql",
            "--file=sql/report/05-idempotency.sql",
            "--request PUT --header Content-Type: application/json --data-binary @targets/search/products_v1.template.json \
             http://localhost:9200/_index_template/products_v1",
            "--request PUT http://localhost:9200/products_v1",
            "--request POST",
            "http://connect:8083/connectors/shop-source-shop/config",
            "http://connect:8083/connectors/shop-sink-open_orders-v1/config",
        ],
    );
    assert!(!calls.contains("teardown") && !calls.contains("sweep"));
    assert!(!calls.contains("orders_fact"), "the warehouse's sink waits for its tables");
    let said = text(&output);
    assert!(said.contains("bento -c bento/bento.yaml streams --no-api bento/streams/*.yaml"), "{said}");
    assert!(said.contains("WAREHOUSE_SQL=done"), "{said}");
}

#[test]
fn a_second_run_makes_nothing_new() {
    let stage = Stage::new("twice", "dev", &sample::plan());
    assert!(stage.run(ALL).status.success());
    stage.calls();
    let output = stage.run(ALL);
    assert!(output.status.success(), "{}", text(&output));
    let calls = stage.calls();
    assert!(!calls.contains("--create"), "{calls}");
    assert!(!calls.contains("--request POST"), "{calls}");
    assert!(!calls.contains("--request PUT http://localhost:9200/products_v1"), "{calls}");
}

#[test]
fn warehouse_files_run_by_the_given_command() {
    let stage = Stage::new("warehouse", "dev", &sample::plan());
    let mut variables = ALL.to_vec();
    variables.push(("WAREHOUSE_SQL", "snow sql -f"));
    let output = stage.run(&variables);
    assert!(output.status.success(), "{}", text(&output));
    in_order(
        &stage.calls(),
        &["snow sql -f targets/warehouse/ORDERS_FACT.sql", "connectors/shop-sink-orders_fact-v1/config"],
    );
}

#[test]
fn secrets_are_in_no_argument_and_no_message() {
    let stage = Stage::new("secret", "dev", &sample::plan());
    let output = stage.run(ALL);
    for text in [text(&output), stage.calls()] {
        assert!(!text.contains("s3cret") && !text.contains("s3\""), "{text}");
    }
    let passwords = fs::read_to_string(stage.root.join("passwords")).unwrap();
    assert!(passwords.starts_with("s3cret@\\\n"), "{passwords}");
    let stdin = fs::read_to_string(stage.root.join("stdin")).unwrap();
    assert!(stdin.contains(r#"user = "elastic:s3\"cret\\search""#), "{stdin}");
}

#[test]
fn nothing_starts_while_a_variable_is_missing() {
    for missing in ALL {
        let stage = Stage::new(&format!("missing-{}", missing.0), "dev", &sample::plan());
        let some: Vec<(&str, &str)> = ALL.iter().copied().filter(|pair| pair != missing).collect();
        let output = stage.run(&some);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output).contains(missing.0), "{}", text(&output));
        assert_eq!(stage.calls(), "");
    }
}

#[test]
fn a_topic_with_other_partitions_stops_it() {
    let stage = Stage::new("partitions", "dev", &sample::plan());
    fs::write(stage.root.join("topics"), "shop.shop.public.products 1\n").unwrap();
    let output = stage.run(ALL);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("is there with 1 partitions, planned are 6"), "{}", text(&output));
    assert!(!stage.calls().contains("connectors/"));
}

#[test]
fn with_strimzi_topics_and_connectors_are_resources() {
    let stage = Stage::new("strimzi", "prod", &sample::plan());
    let some: Vec<(&str, &str)> = ALL.iter().copied().filter(|pair| pair.0 != "CONNECT_URL").collect();
    let output = stage.run(&some);
    assert!(output.status.success(), "{}", text(&output));
    let calls = stage.calls();
    assert!(!calls.contains("kafka-topics") && !calls.contains("connectors/"), "{calls}");
    assert!(calls.contains("05-idempotency.sql") && text(&output).contains("kubectl apply -k strimzi"));
}

#[test]
fn names_from_outside_run_nothing() {
    let mut plan = sample::plan();
    let deployment = &mut plan.deployments[0];
    deployment.topics[0].name = "a'; touch \"$STAGE/owned\"; '$(touch $STAGE/owned)".into();
    deployment.sources[0].connector.name = "x/../`touch $STAGE/owned`".into();
    for variable in deployment.variables.values_mut() {
        variable.about = "x'\n touch $STAGE/owned\n`touch $STAGE/owned`".into();
    }
    let stage = Stage::new("hostile", "dev", &plan);
    let output = stage.run(ALL);
    assert!(output.status.success(), "{}", text(&output));
    assert!(!stage.root.join("owned").exists());
    assert!(stage.calls().contains("connectors/x%2F..%2F%60touch%20%24STAGE%2Fowned%60/config"));
}

#[test]
fn bash_reads_it() {
    let out = sample::emit(&[&Apply]);
    for env in ["dev", "prod"] {
        let file = out.get(&format!("{env}/apply.sh")).unwrap();
        assert!(file.executable);
        let path = std::env::temp_dir().join(format!("diac-apply-{env}-{}.sh", std::process::id()));
        fs::write(&path, &file.text).unwrap();
        let output = Command::new("bash").arg("-n").arg(&path).output().unwrap();
        let _ = fs::remove_file(&path);
        assert!(output.status.success(), "{}", text(&output));
    }
}

#[test]
fn variables_have_names_of_their_own() {
    let mut names = Variables::default();
    assert_eq!(names.of("shop", "DBA_URL"), "SHOP_DBA_URL");
    assert_eq!(names.of("sh-op", "DBA_URL"), "SH_OP_DBA_URL");
    assert_eq!(names.of("sh_op", "DBA_URL"), "SH_OP_DBA_URL_2");
    assert_eq!(names.of("2nd", "URL"), "_2ND_URL");
    assert!(mentions("'${SHOP_PASSWORD}'", "SHOP_PASSWORD"));
    assert!(!mentions("SHOP_PASSWORD_2", "SHOP_PASSWORD"));
}
