//! A small plan by hand, for the tests of the SQL targets and the audits: every kind of store, hostile names, composite keys, filters, masks.

use std::collections::BTreeMap;

use crate::model::expr::Expr;
use crate::model::types::Type;
use crate::model::{Audit, EntityId, Flavour, Mask, Model, SystemId, View, ViewId};
use crate::plan::{
    Address, Arrival, Captured, Carried, Changes, Connector, Decided, Deployment, Feed, Index, JsonForm, KeyColumn,
    Keyspace, Log, Origin, Plan, PlannedFlow, Plugin, Runner, Sink, SnowflakeTable, Source, Table, TableColumn, Target,
    Template, Topic, TopicId, TopicRole, Variable, Why,
};
use crate::source::{FileId, Span};
use crate::syntax::ast::{self, AuditKind, CompareOp, Duration};
use crate::systems::Kind;

const SPAN: Span = Span { file: FileId(0), start: 0, end: 0 };

static PLUGIN: Plugin = Plugin {
    name: "sample",
    class: "sample",
    version: "1",
    licence: "none",
    coordinates: "none",
    config_def: "[]",
    verified: false,
};

/// The tables of the record in `shop`, as its owner would make them.
pub(crate) const RECORD: &str = r#"CREATE TABLE public.products (
  product_id bigint PRIMARY KEY,
  name text NOT NULL,
  email varchar(80),
  note text,
  price numeric(12,2),
  "any" numeric,
  weight real,
  ratio double precision,
  stock integer,
  tags text[],
  wide text,
  photo bytea,
  attrs jsonb,
  ok boolean,
  updated_at timestamptz NOT NULL,
  created timestamp,
  day date,
  at time,
  code char(4),
  ident uuid
);
CREATE TABLE public."Order ""Lines" (
  "Order" uuid,
  line_no smallint,
  amount numeric(12,2),
  PRIMARY KEY ("Order", line_no)
) PARTITION BY HASH ("Order");
CREATE TABLE public.lines_0 PARTITION OF public."Order ""Lines" FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE public.lines_1 PARTITION OF public."Order ""Lines" FOR VALUES WITH (MODULUS 2, REMAINDER 1);
"#;

/// Name of a target table that leaves no room for an ending.
pub(crate) const LONG: &str = "Bestellpositionen \"aller\" Länder und Währungen, sehr lang äöü";

fn variable(name: &str, secret: bool, about: &str) -> Template {
    Template::variable(Variable { name: name.into(), provider: None, secret, about: about.into() })
}

fn why(note: &str) -> Why {
    Why { origin: Origin::Safety, note: note.into() }
}

struct Row(&'static str, Type, &'static str, Arrival, JsonForm);

fn products() -> Vec<Row> {
    use JsonForm::{AsIs, Date, Datetime, Json, Number, Time};
    let decimal = |p, s| Type::Decimal { precision: Some(p), scale: Some(s) };
    vec![
        Row("product_id", Type::Bigint, "bigint", Arrival::Integer, AsIs),
        Row("name", Type::Text, "text", Arrival::Text, AsIs),
        Row("email", Type::Text, "character varying(80)", Arrival::Text, AsIs),
        Row("note", Type::Text, "text", Arrival::Text, AsIs),
        Row("price", decimal(12, 2), "numeric(12,2)", Arrival::DecimalText, Number),
        Row("any", Type::Decimal { precision: None, scale: None }, "numeric", Arrival::DecimalText, AsIs),
        Row("weight", Type::Float, "real", Arrival::Float, AsIs),
        Row("ratio", Type::Double, "double precision", Arrival::Float, AsIs),
        Row("stock", Type::Int, "integer", Arrival::Integer, AsIs),
        Row("tags", Type::Array(Type::Text.into()), "text[]", Arrival::Array(Arrival::Text.into()), AsIs),
        Row("wide", Type::Text, "text", Arrival::Text, AsIs),
        Row("photo", Type::Bytes, "bytea", Arrival::Base64, AsIs),
        Row("attrs", Type::Json, "jsonb", Arrival::JsonText, Json),
        Row("ok", Type::Bool, "boolean", Arrival::Bool, AsIs),
        Row("updated_at", Type::Timestamp, "timestamp with time zone", Arrival::InstantText, AsIs),
        Row("created", Type::Datetime, "timestamp without time zone", Arrival::DatetimeMicros, Datetime),
        Row("day", Type::Date, "date", Arrival::EpochDays, Date),
        Row("at", Type::Time, "time without time zone", Arrival::TimeMicros, Time),
        Row("code", Type::Text, "character(4)", Arrival::Text, AsIs),
        Row("ident", Type::Uuid, "uuid", Arrival::Text, AsIs),
    ]
}

fn not_null(name: &str) -> bool {
    ["product_id", "name", "updated_at", "Order", "line_no"].contains(&name)
}

fn carried(rows: &[Row]) -> Vec<Carried> {
    rows.iter()
        .map(|Row(name, ty, native, arrival, _)| Carried {
            name: (*name).into(),
            source: (*name).into(),
            ty: ty.clone(),
            native: Some((*native).into()),
            nullable: !not_null(name),
            mask: match *name {
                "email" => Some(Mask::Redact),
                "note" => Some(Mask::Truncate(3)),
                _ => None,
            },
            arrival: arrival.clone(),
            toastable: *name == "wide",
            docs: if *name == "price" { vec!["What it costs, in €; it's gross.".into()] } else { vec![] },
        })
        .collect()
}

fn table_columns(rows: &[Row]) -> Vec<TableColumn> {
    rows.iter()
        .map(|Row(name, _, native, _, _)| TableColumn {
            name: (*name).into(),
            sql_type: if ["email", "note"].contains(name) { "text".into() } else { (*native).into() },
            nullable: !not_null(name),
            source: (*name).into(),
            toastable: *name == "wide" || *name == "photo",
        })
        .collect()
}

fn key(name: &str, ty: Type, arrival: Arrival) -> KeyColumn {
    KeyColumn { source: name.into(), name: name.into(), ty, arrival }
}

fn stocked() -> Expr {
    Expr::Compare {
        op: CompareOp::Gt,
        left: Expr::Column { name: "stock".into(), ty: Type::Int, nullable: true }.into(),
        right: Expr::Integer(0).into(),
    }
}

fn products_flow(target: Target) -> PlannedFlow {
    PlannedFlow {
        feed: Feed::Changes(Changes {
            entity: EntityId(0),
            name: "product".into(),
            home: ("public".into(), "products".into()),
            system: SystemId(0),
            epoch: 2,
        }),
        topic: TopicId(0),
        topic_name: "lab.shop.public.products".into(),
        key: vec![key("product_id", Type::Bigint, Arrival::Integer)],
        columns: carried(&products()),
        filters: vec![stocked()],
        filter_arrivals: BTreeMap::from([("stock".to_owned(), Arrival::Integer)]),
        target,
    }
}

fn lines() -> Vec<Row> {
    vec![
        Row("Order", Type::Uuid, "uuid", Arrival::Text, JsonForm::AsIs),
        Row("line_no", Type::Smallint, "smallint", Arrival::Integer, JsonForm::AsIs),
    ]
}

/// Composite key, hostile names, a filter over a column that is not shown.
fn lines_flow(target: Target) -> PlannedFlow {
    let column = Expr::Column {
        name: "amount".into(),
        ty: Type::Decimal { precision: Some(12), scale: Some(2) },
        nullable: true,
    };
    PlannedFlow {
        feed: Feed::Changes(Changes {
            entity: EntityId(1),
            name: "line".into(),
            home: ("public".into(), "Order \"Lines".into()),
            system: SystemId(0),
            epoch: 0,
        }),
        topic: TopicId(1),
        topic_name: "lab.shop.public.lines".into(),
        key: vec![key("Order", Type::Uuid, Arrival::Text), key("line_no", Type::Smallint, Arrival::Integer)],
        columns: carried(&lines()),
        filters: vec![Expr::Not(Expr::IsNull { expr: column.into(), negated: false }.into())],
        filter_arrivals: BTreeMap::from([("amount".to_owned(), Arrival::DecimalText)]),
        target,
    }
}

fn forms() -> BTreeMap<String, JsonForm> {
    products().into_iter().map(|Row(name, _, _, _, form)| (name.to_owned(), form)).collect()
}

fn sink(at: usize, name: &str, store: (usize, &str, Kind), address: Address, flows: Vec<PlannedFlow>) -> Sink {
    Sink {
        view: ViewId(at),
        name: name.into(),
        version: 1,
        store: SystemId(store.0),
        store_name: store.1.into(),
        kind: store.2,
        address,
        flows,
        runner: Runner::Connect(vec![]),
        runner_why: why("a sample"),
        dead_letters: None,
        late: Decided::derived(604_800_000, "7d: twice the longest outage and the time to read the topic again"),
        fresh: None,
    }
}

fn sinks() -> Vec<Sink> {
    let report = Address::Postgres {
        host: variable("REPORT_HOST", false, "server of report"),
        port: "5432".into(),
        database: "report".into(),
        role: "diac_lab_report".into(),
        password: variable("REPORT_PASSWORD", true, "password of the role diac_lab_report in report"),
        sslmode: None,
    };
    let line_key = vec!["Order".to_owned(), "line_no".to_owned()];
    let search = Address::Search {
        urls: vec![variable("SEARCH_URL", false, "address of search")],
        user: Some("admin".into()),
        password: Some(variable("SEARCH_PASSWORD", true, "password of admin in search")),
    };
    let warehouse = Address::Snowflake {
        url: "acme.snowflakecomputing.com:443".into(),
        user: "DIAC_LAB".into(),
        private_key: variable("WAREHOUSE_KEY", true, "private key of DIAC_LAB"),
        role: "DIAC".into(),
        database: "WAREHOUSE".into(),
        warehouse: "DIAC_WH".into(),
    };
    let upper = |columns: Vec<TableColumn>, types: &[&str]| -> Vec<TableColumn> {
        columns
            .into_iter()
            .zip(types)
            .map(|(column, ty)| TableColumn { name: column.name.to_uppercase(), sql_type: (*ty).into(), ..column })
            .collect()
    };
    let flake_types = [
        "NUMBER(38,0)",
        "VARCHAR",
        "VARCHAR",
        "VARCHAR",
        "NUMBER(12,2)",
        "VARCHAR",
        "FLOAT",
        "FLOAT",
        "NUMBER(38,0)",
        "ARRAY",
        "VARCHAR",
        "BINARY",
        "VARIANT",
        "BOOLEAN",
        "TIMESTAMP_TZ",
        "TIMESTAMP_NTZ",
        "DATE",
        "TIME",
        "VARCHAR",
        "VARCHAR(36)",
    ];
    vec![
        sink(
            0,
            "report_products",
            (1, "report", Kind::Postgres),
            report.clone(),
            vec![products_flow(Target::Table(Table {
                namespace: "public".into(),
                name: "products".into(),
                columns: table_columns(&products()),
                key: vec!["product_id".into()],
            }))],
        ),
        sink(
            1,
            "report_lines",
            (1, "report", Kind::Postgres),
            report,
            vec![lines_flow(Target::Table(Table {
                namespace: "sales \"x\"".into(),
                name: LONG.into(),
                columns: table_columns(&lines()),
                key: line_key.clone(),
            }))],
        ),
        sink(
            2,
            "product_search",
            (2, "search", Kind::Opensearch),
            search,
            vec![products_flow(Target::Index(Index {
                alias: "products".into(),
                index: "products_v1".into(),
                shards: 1,
                replicas: 0,
                properties: serde_json::Map::new(),
                analysis: None,
                retyped: Vec::new(),
                forms: forms(),
            }))],
        ),
        sink(
            3,
            "product_cache",
            (3, "cache", Kind::Redis),
            Address::Redis { url: variable("CACHE_URL", false, "address of cache") },
            vec![products_flow(Target::Keyspace(Keyspace { prefix: "product".into(), forms: forms(), expire: None }))],
        ),
        sink(
            4,
            "wh_products",
            (4, "warehouse", Kind::Snowflake),
            warehouse,
            vec![
                products_flow(Target::Snowflake(SnowflakeTable {
                    namespace: "PUBLIC".into(),
                    name: "PRODUCTS".into(),
                    log_table: "PRODUCTS_LOG_V1".into(),
                    state_table: "PRODUCTS_V1".into(),
                    columns: upper(table_columns(&products()), &flake_types),
                    key: vec!["PRODUCT_ID".into()],
                })),
                lines_flow(Target::Snowflake(SnowflakeTable {
                    namespace: "PUBLIC".into(),
                    name: "ORDER \"LINES".into(),
                    log_table: "ORDER \"LINES_LOG_V1".into(),
                    state_table: "ORDER \"LINES_V1".into(),
                    columns: upper(table_columns(&lines()), &["VARCHAR(36)", "NUMBER(38,0)"]),
                    key: vec!["ORDER".into(), "LINE_NO".into()],
                })),
            ],
        ),
    ]
}

fn source() -> Source {
    let captured = |at, table: &str, columns: Vec<&str>, key: Vec<&str>, full: Option<Why>| Captured {
        entity: EntityId(at),
        namespace: "public".into(),
        table: table.into(),
        columns: columns.into_iter().map(str::to_owned).collect(),
        key: key.into_iter().map(str::to_owned).collect(),
        topic: TopicId(at),
        partitioned: at == 1,
        identity_full: full,
        reselect: None,
    };
    let wide = why("wide column `wide`: an update that leaves it alone would not carry it");
    Source {
        system: SystemId(0),
        name: "shop".into(),
        kind: Kind::Postgres,
        host: variable("SHOP_HOST", false, "server of shop"),
        port: "5432".into(),
        database: variable("SHOP_DATABASE", false, "database of shop"),
        role: Decided::default("diac_lab_shop".into(), "by pipeline and system"),
        password: variable("SHOP_PASSWORD", true, "password of the role diac_lab_shop in shop"),
        connector: Connector {
            name: "lab-source-shop".into(),
            plugin: &PLUGIN,
            tasks: Decided::default(1, "one log, one reader"),
            config: BTreeMap::new(),
        },
        slot: Decided::default("diac_lab_shop".into(), "by pipeline and system"),
        publication: Decided::default("diac_lab_shop".into(), "by pipeline and system"),
        prefix: Decided::default("lab.shop".into(), "by pipeline and system"),
        service_schema: "diac",
        tables: vec![
            captured(
                1,
                "Order \"Lines",
                vec!["Order", "line_no", "amount"],
                vec!["Order", "line_no"],
                Some(why("asked for by the sample")),
            ),
            captured(0, "products", products().iter().map(|row| row.0).collect(), vec!["product_id"], Some(wide)),
        ],
        slot_limit: Some(Decided::default(10 << 30, "10 GiB")),
        epoch: 2,
    }
}

/// The plan.
pub(crate) fn plan() -> Plan {
    let number = |value| Decided::default(value, "a sample");
    let topic = |at: usize, name: &str| Topic {
        name: name.into(),
        role: TopicRole::Entity(EntityId(at)),
        partitions: number(6),
        replication: Decided::default(1, "a sample"),
        config: BTreeMap::new(),
        managed: true,
        docs: vec!["What the shop sells.".into()],
    };
    Plan {
        pipeline: "lab".into(),
        deployments: vec![Deployment {
            events: Vec::new(),
            processes: Vec::new(),
            name: "prod".into(),
            env: None,
            flavour: Flavour::Files,
            strimzi: None,
            log: Log {
                system: None,
                name: "kafka".into(),
                bootstrap: vec![],
                partitions: number(6),
                replication: Decided::default(1, "a sample"),
                min_insync: Decided::default(1, "a sample"),
            },
            topics: vec![topic(0, "lab.shop.public.products"), topic(1, "lab.shop.public.lines")],
            sources: vec![source()],
            inside: vec![],
            sinks: sinks(),
            variables: BTreeMap::new(),
            decisions: vec![],
        }],
    }
}

fn call(name: &str, path: &str) -> ast::Expr {
    let word = |text: &str| ast::Name { text: text.into(), span: SPAN };
    let args = if path.is_empty() {
        vec![]
    } else {
        let path = ast::Path { parts: vec![word(path)], span: SPAN };
        vec![ast::Expr { kind: ast::ExprKind::Path(path), span: SPAN }]
    };
    ast::Expr { kind: ast::ExprKind::Call { name: word(name), args, star: false }, span: SPAN }
}

/// The model behind it, as far as these targets read it.
pub(crate) fn model() -> Model {
    let hour = Duration { ms: 3_600_000 };
    let audit = |what, within: Option<&str>| Audit { what, every: hour, within: within.map(str::to_owned), span: SPAN };
    let word = |text: &str| ast::Name { text: text.into(), span: SPAN };
    let audits = vec![
        audit(AuditKind::Measure(call("count", "")), None),
        audit(AuditKind::Measure(call("sum", "price")), Some("0.01")),
        audit(AuditKind::Rows(vec![word("name"), word("price")]), None),
    ];
    let view =
        |name: &str, docs: Vec<String>, audits: Vec<Audit>| View { docs, audits, ..View::new(name, SPAN, true, SPAN) };
    Model {
        pipeline: "lab".into(),
        views: vec![
            view("report_products", vec!["Products for people who count; it's theirs.".into()], audits.clone()),
            view("report_lines", vec![], vec![]),
            view("product_search", vec![], audits),
            view("product_cache", vec![], vec![]),
            view("wh_products", vec![], vec![]),
        ],
        ..Model::default()
    }
}
