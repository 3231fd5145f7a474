//! A pipeline made by hand for the targets' own tests: one shop, a search index and a cache by Bento, a PostgreSQL report and a Snowflake table by
//! Connect, one view an application keeps and one nobody knows, in two environments.

mod model;

use std::collections::BTreeMap;

use super::Target;
use crate::check::SoundPlan;
use crate::diag::{Code, Diagnostic, Waived};
use crate::model::types::Type;
use crate::model::{EntityId, EnvId, Flavour, Mask, Provider, SystemId, ViewId, expr::Expr};
use crate::output::OutputTree;
use crate::plan::{
    Address, Arrival, Captured, Carried, Changes, Connector, Decided, Decision, Deployment, Feed, Index, KeyColumn,
    Keyspace, Log, Origin, Plan, PlannedFlow, Plugin, Property, Runner, Sink, SnowflakeTable, Source, Stream, Strimzi,
    Table, TableColumn, Target as Goal, Template, Topic, TopicId, TopicRole, Variable, Why,
};
use crate::syntax::ast::CompareOp;
use crate::systems::Kind;
pub use model::{model, sources, span};

static SOURCE: Plugin = Plugin {
    name: "debezium-postgres",
    class: "io.debezium.connector.postgresql.PostgresConnector",
    version: "3.7.0.Final",
    licence: "Apache-2.0",
    coordinates: "Maven `io.debezium:debezium-connector-postgres:3.7.0.Final` (tar.gz, classifier `plugin`)",
    config_def: "{}",
    verified: true,
};
static JDBC: Plugin = Plugin {
    name: "debezium-jdbc",
    class: "io.debezium.connector.jdbc.JdbcSinkConnector",
    version: "3.6.0.Final",
    licence: "Apache-2.0",
    coordinates: "Maven `io.debezium:debezium-connector-jdbc:3.6.0.Final` (tar.gz, classifier `plugin`)",
    config_def: "{}",
    verified: true,
};
static SNOWFLAKE: Plugin = Plugin {
    name: "snowflake",
    class: "com.snowflake.kafka.connector.SnowflakeSinkConnector",
    version: "2.5.0",
    licence: "Apache-2.0",
    coordinates: "Maven `com.snowflake:snowflake-kafka-connector:2.5.0`",
    config_def: "{}",
    verified: false,
};

/// The files of the sample plan by these targets.
pub fn emit(targets: &[&dyn Target]) -> OutputTree {
    emit_plan(&plan(), targets)
}

/// The files of a changed sample plan.
pub fn emit_plan(plan: &Plan, targets: &[&dyn Target]) -> OutputTree {
    let mut out = others();
    let (model, sources) = (model(), sources());
    let sound = SoundPlan::for_tests(&model, plan, &sources);
    for target in targets {
        target.emit(&sound, &mut out);
    }
    out
}

/// Calls `f` with the sample as a sound plan, with a waived finding in it.
pub fn with_sound<T>(f: impl FnOnce(&SoundPlan, &OutputTree) -> T) -> T {
    let (model, plan, sources) = (model(), plan(), sources());
    let mut finding = Diagnostic::new(
        Code::error("dual_write"),
        span("writes product, order"),
        "two places are written for one fact",
    );
    finding.waived = Some(Waived { reason: "moves | in spring".into(), until: Some("2026-12-31".into()) });
    let findings = [finding];
    let mut sound = SoundPlan::for_tests(&model, &plan, &sources);
    sound.findings = &findings;
    f(&sound, &others())
}

/// Files that other targets write and the last ones of ours list.
fn others() -> OutputTree {
    let mut out = OutputTree::default();
    for env in ["dev", "prod"] {
        for (path, text) in [
            ("sql/shop/00-preflight.sql", "SELECT 1;"),
            ("sql/shop/01-role-and-grants.sql", "\\getenv password SHOP_PASSWORD\n"),
            ("sql/shop/02-signal-heartbeat.sql", ""),
            ("sql/shop/03-publication.sql", ""),
            ("sql/shop/99-teardown.sql", "-- by hand"),
            ("sql/report/04-view-tables.sql", "\\getenv password REPORT_PASSWORD\n"),
            ("sql/report/05-idempotency.sql", ""),
            ("sql/report/95-sweep.sql", ""),
            ("targets/search/products_v1.template.json", "{}"),
            ("targets/search/products_v1.aliases.json", "{}"),
            ("targets/warehouse/ORDERS_FACT.sql", ""),
            ("bento/bento.yaml", "http:\n  address: 0.0.0.0:4195\n"),
            ("bento/streams/product_search-v1.yaml", "password: ${SEARCH_PASSWORD}\n"),
            ("bento/streams/product_card-v1.yaml", "url: ${CACHE_URL}\n"),
            ("audits/product_search.record.sql", ""),
            ("audits/product_search.view.sql", ""),
        ] {
            out.add(format!("{env}/{path}"), text, "another target");
        }
    }
    out
}

pub(super) fn filter() -> Expr {
    Expr::Compare {
        op: CompareOp::Eq,
        left: Box::new(Expr::Column { name: "status".into(), ty: Type::Text, nullable: false }),
        right: Box::new(Expr::Text("open".into())),
    }
}

fn variable(name: &str, about: &str, provider: Option<Provider>) -> Variable {
    Variable {
        name: name.into(),
        provider,
        secret: name.ends_with("PASSWORD") || name.ends_with("KEY"),
        about: about.into(),
    }
}

fn property(value: impl Into<Template>, note: &str) -> Property {
    Property { value: value.into(), why: Why { origin: Origin::Safety, note: note.into() }, raw: false }
}

fn topic(name: &str, role: TopicRole, partitions: u32) -> Topic {
    Topic {
        name: name.into(),
        role,
        partitions: Decided::default(partitions, "default: six, so that up to six tasks share the work"),
        replication: Decided::default(1, "default of a development environment"),
        config: [
            (
                "cleanup.policy".to_owned(),
                Decided::safety("compact".to_owned(), "the newest change of every row stays for rebuilds"),
            ),
            ("delete.retention.ms".to_owned(), Decided::derived("518400000".to_owned(), "2 × outage of 3d = 6d")),
        ]
        .into(),
        managed: true,
        docs: vec!["What the storefront sells.".into()],
    }
}

fn flow(entity: usize, target: Goal) -> PlannedFlow {
    let (name, table) = if entity == 0 { ("product", "products") } else { ("order", "orders") };
    let key = format!("{name}_id");
    PlannedFlow {
        feed: Feed::Changes(Changes {
            entity: EntityId(entity),
            name: name.into(),
            home: ("public".into(), table.into()),
            system: SystemId(0),
            epoch: 0,
        }),
        topic: TopicId(2 + entity),
        topic_name: format!("shop.shop.public.{table}"),
        key: vec![KeyColumn { source: key.clone(), name: key, ty: Type::Bigint, arrival: Arrival::Integer }],
        columns: if entity == 1 {
            vec![Carried {
                name: "email".into(),
                source: "email".into(),
                ty: Type::Text,
                native: None,
                nullable: false,
                mask: Some(Mask::Redact),
                arrival: Arrival::Text,
                toastable: false,
                docs: vec![],
            }]
        } else {
            vec![]
        },
        filters: vec![],
        filter_arrivals: BTreeMap::new(),
        target,
    }
}

fn sink(
    view: usize,
    name: &str,
    store: (usize, &str, Kind),
    address: Address,
    flows: Vec<PlannedFlow>,
    runner: Runner,
) -> Sink {
    Sink {
        view: ViewId(view),
        name: name.into(),
        version: 1,
        store: SystemId(store.0),
        store_name: store.1.into(),
        kind: store.2,
        address,
        flows,
        runner,
        runner_why: Why {
            origin: Origin::Default,
            note: "writes carry the record's position, so an old one is refused".into(),
        },
        dead_letters: None,
        late: Decided::derived(518_400_000, "2 × outage of 3d = 6d"),
        fresh: (view == 0).then_some(5_000),
    }
}

fn connector(name: &str, plugin: &'static Plugin, config: Vec<(&str, Property)>) -> Connector {
    let mut all: BTreeMap<String, Property> = config.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    all.insert("connector.class".into(), property(plugin.class, "the plug-in"));
    all.insert("tasks.max".into(), property("1", "one task"));
    Connector { name: name.into(), plugin, tasks: Decided::default(1, "one task keeps one order"), config: all }
}

fn stream(id: &str) -> Stream {
    Stream { id: id.into(), group: format!("shop-{id}"), threads: 2, raw: BTreeMap::new() }
}

fn table(namespace: &str, name: &str) -> Table {
    Table {
        namespace: namespace.into(),
        name: name.into(),
        columns: vec![text_column("order_id")],
        key: vec!["order_id".into()],
    }
}

fn text_column(name: &str) -> TableColumn {
    TableColumn {
        name: name.into(),
        sql_type: "text".into(),
        nullable: true,
        source: name.to_lowercase(),
        toastable: false,
    }
}

fn sinks(secret: &dyn Fn(&str, &str) -> Variable) -> Vec<Sink> {
    let index = Index {
        alias: "products".into(),
        index: "products_v1".into(),
        shards: 1,
        replicas: 0,
        properties: serde_json::Map::new(),
        analysis: None,
        retyped: Vec::new(),
        forms: BTreeMap::new(),
    };
    let snowflake = SnowflakeTable {
        namespace: "ANALYTICS".into(),
        name: "ORDERS_FACT".into(),
        log_table: "ORDERS_FACT_LOG".into(),
        state_table: "ORDERS_FACT_STATE".into(),
        columns: vec![text_column("ORDER_ID")],
        key: vec!["ORDER_ID".into()],
    };
    let override_key = "consumer.override.auto.offset.reset";
    let jdbc = connector(
        "shop-sink-open_orders-v1",
        &JDBC,
        vec![
            (
                "connection.password",
                property(
                    Template::variable(secret("REPORT_PASSWORD", "report-db")),
                    "of the role that writes the view",
                ),
            ),
            (override_key, property("earliest", "a new view reads the whole log")),
            (
                "batch.size",
                Property {
                    value: "2000".into(),
                    why: Why { origin: Origin::Stated(span("environment dev")), note: "raw".into() },
                    raw: true,
                },
            ),
        ],
    );
    let lake = connector(
        "shop-sink-orders_fact-v1",
        &SNOWFLAKE,
        vec![(
            "snowflake.private.key",
            property(Template::variable(secret("SNOWFLAKE_KEY", "snowflake")), "key of the user"),
        )],
    );
    let mut report = flow(1, Goal::Table(table("public", "orders")));
    report.filters = vec![filter()];
    vec![
        sink(
            0,
            "product_search",
            (1, "search", Kind::Elasticsearch),
            Address::Search {
                urls: vec!["http://localhost:9200".into()],
                user: Some("elastic".into()),
                password: Some(Template::variable(secret("SEARCH_PASSWORD", "search"))),
            },
            vec![flow(0, Goal::Index(index))],
            Runner::Bento(vec![stream("product_search-v1")]),
        ),
        sink(
            1,
            "product_card",
            (2, "cache", Kind::Redis),
            Address::Redis { url: Template::variable(variable("CACHE_URL", "address of cache", None)) },
            vec![flow(0, Goal::Keyspace(Keyspace { prefix: "product".into(), forms: BTreeMap::new(), expire: None }))],
            Runner::Bento(vec![stream("product_card-v1")]),
        ),
        sink(
            2,
            "open_orders",
            (3, "report", Kind::Postgres),
            Address::Postgres {
                host: "localhost".into(),
                port: "5432".into(),
                database: "report".into(),
                role: "diac_shop_report".into(),
                password: Template::variable(secret("REPORT_PASSWORD", "report-db")),
                sslmode: None,
            },
            vec![report],
            Runner::Connect(vec![jdbc]),
        ),
        sink(
            3,
            "orders_fact",
            (4, "warehouse", Kind::Snowflake),
            Address::Snowflake {
                url: "dev.snowflakecomputing.com:443".into(),
                user: "DIAC".into(),
                private_key: Template::variable(secret("SNOWFLAKE_KEY", "snowflake")),
                role: "DIAC".into(),
                database: "WAREHOUSE".into(),
                warehouse: "DIAC_WH".into(),
            },
            vec![flow(1, Goal::Snowflake(snowflake))],
            Runner::Connect(vec![lake]),
        ),
    ]
}

fn source(secret: &dyn Fn(&str, &str) -> Variable) -> Source {
    let password = Template::variable(secret("SHOP_PASSWORD", "shop-db"));
    let captured = |at: usize, name: &str, table: &str, full: Option<Why>| Captured {
        entity: EntityId(at),
        namespace: "public".into(),
        table: table.into(),
        columns: vec![],
        key: vec![format!("{name}_id")],
        topic: TopicId(2 + at),
        partitioned: false,
        identity_full: full,
        reselect: None,
    };
    Source {
        system: SystemId(0),
        name: "shop".into(),
        kind: Kind::Postgres,
        host: "localhost".into(),
        port: "5432".into(),
        database: "shop".into(),
        role: Decided::stated("diac_cdc".into(), span("system shop"), "stated"),
        password: password.clone(),
        connector: connector(
            "shop-source-shop",
            &SOURCE,
            vec![
                ("database.password", property(password, "of the role that captures")),
                ("heartbeat.interval.ms", property("10000", "the slot moves on also when nothing changes")),
                ("slot.name", property("diac_shop_shop", "one slot a pipeline and system")),
                ("topic.prefix", property("shop.shop", "names every topic of this capture")),
            ],
        ),
        slot: Decided::default("diac_shop_shop".into(), "the pipeline's and the system's name"),
        publication: Decided::default("diac_shop_shop".into(), "the pipeline's and the system's name"),
        prefix: Decided::default("shop.shop".into(), "the pipeline's and the system's name"),
        service_schema: "diac",
        tables: vec![
            captured(
                0,
                "product",
                "products",
                Some(Why { origin: Origin::Safety, note: "`description` is wide".into() }),
            ),
            captured(1, "order", "orders", None),
        ],
        slot_limit: Some(Decided::stated(64 << 30, span("system shop"), "stated")),
        epoch: 0,
    }
}

fn deployment(name: &str, env: usize, strimzi: Option<Strimzi>) -> Deployment {
    let kubernetes = strimzi.is_some();
    let secret = |name: &str, object: &str| {
        let provider = if kubernetes {
            Provider::Kubernetes { secret: object.into(), key: "password".into() }
        } else {
            Provider::Env(name.into())
        };
        variable(name, &format!("secret of {object}"), Some(provider))
    };
    let variables = ["SHOP_PASSWORD", "REPORT_PASSWORD", "SEARCH_PASSWORD", "SNOWFLAKE_KEY"]
        .iter()
        .zip(["shop-db", "report-db", "search", "snowflake"])
        .map(|(name, object)| ((*name).to_owned(), secret(name, object)))
        .chain([("CACHE_URL".to_owned(), variable("CACHE_URL", "address of cache", None))])
        .collect();
    Deployment {
        events: Vec::new(),
        processes: Vec::new(),
        name: name.into(),
        env: Some(EnvId(env)),
        flavour: if kubernetes { Flavour::Strimzi } else { Flavour::Files },
        strimzi,
        log: Log {
            system: None,
            name: "kafka".into(),
            bootstrap: vec!["localhost:9092".into()],
            partitions: Decided::default(6, "default"),
            replication: Decided::default(1, "default"),
            min_insync: Decided::default(1, "default"),
        },
        topics: vec![
            topic("__debezium-heartbeat.shop.shop", TopicRole::Heartbeat(SystemId(0)), 1),
            topic("shop.shop.diac.heartbeat", TopicRole::HeartbeatTable(SystemId(0)), 1),
            topic("shop.shop.public.products", TopicRole::Entity(EntityId(0)), 6),
            topic("shop.shop.public.orders", TopicRole::Entity(EntityId(1)), 6),
        ],
        sources: vec![source(&secret)],
        inside: vec![],
        sinks: sinks(&secret),
        variables,
        decisions: vec![Decision {
            subject: "partitions".into(),
            value: "6".into(),
            why: Why { origin: Origin::Default, note: "changing it later moves keys".into() },
        }],
    }
}

pub fn plan() -> Plan {
    let strimzi = Strimzi { cluster: "events".into(), namespace: "data".into(), connect: "connect-main".into() };
    Plan {
        pipeline: "shop".into(),
        deployments: vec![deployment("dev", 0, None), deployment("prod", 1, Some(strimzi))],
    }
}
