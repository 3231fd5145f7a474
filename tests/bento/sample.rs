//! A plan by hand: products into OpenSearch and Redis.

use std::collections::BTreeMap;

use diac::model::types::Type;
use diac::model::{EntityId, Flavour, Mask, SystemId, ViewId};
use diac::plan::{
    Address, Arrival, Carried, Changes, Decided, Deployment, Feed, Index, JsonForm, KeyColumn, Keyspace, Log,
    PlannedFlow, Runner, Sink, Stream, Target, Template, Topic, TopicId, TopicRole, Variable, Why,
};
use diac::systems::Kind;

/// The planner's, but for types nobody knows by name: here their values arrive as anything, so that the pipes are tried on all of it.
pub fn arrival_of(ty: &Type) -> Arrival {
    if matches!(ty, Type::Other(_)) { Arrival::Unknown } else { diac::plan::arrival(ty) }
}

fn form_of(arrival: &Arrival) -> JsonForm {
    match arrival {
        Arrival::DecimalText => JsonForm::Number,
        Arrival::EpochDays => JsonForm::Date,
        Arrival::DatetimeMicros => JsonForm::Datetime,
        Arrival::TimeMicros => JsonForm::Time,
        Arrival::JsonText => JsonForm::Json,
        Arrival::Array(of) => form_of(of),
        Arrival::Bool
        | Arrival::Integer
        | Arrival::Float
        | Arrival::Text
        | Arrival::Base64
        | Arrival::InstantText
        | Arrival::TimeTzText
        | Arrival::DateText
        | Arrival::DatetimeText
        | Arrival::TimeText
        | Arrival::Unknown => JsonForm::AsIs,
    }
}

pub fn column(name: &str, ty: Type) -> Carried {
    Carried {
        name: name.into(),
        source: name.into(),
        arrival: arrival_of(&ty),
        toastable: matches!(ty, Type::Text | Type::Array(_)) && name != "name",
        ty,
        native: None,
        nullable: true,
        mask: None,
        docs: Vec::new(),
    }
}

pub fn masked(name: &str, ty: Type, mask: Mask) -> Carried {
    Carried { mask: Some(mask), ..column(name, ty) }
}

pub fn decimal(precision: u32, scale: i32) -> Type {
    Type::Decimal { precision: Some(precision), scale: Some(scale) }
}

pub fn array(of: Type) -> Type {
    Type::Array(Box::new(of))
}

fn columns() -> Vec<Carried> {
    vec![
        column("product_id", Type::Bigint),
        column("name", Type::Text),
        column("description", Type::Text),
        column("price", decimal(12, 2)),
        column("stock", Type::Int),
        column("tags", array(Type::Text)),
        column("updated_at", Type::Timestamp),
        column("created", Type::Datetime),
        column("day", Type::Date),
    ]
}

pub fn forms(columns: &[Carried]) -> BTreeMap<String, JsonForm> {
    columns.iter().map(|column| (column.name.clone(), form_of(&column.arrival))).collect()
}

/// The change log of a table, in an epoch.
pub fn changes(home: (&str, &str), epoch: u64) -> Feed {
    let home = (home.0.into(), home.1.into());
    Feed::Changes(Changes { entity: EntityId(0), name: "product".into(), home, system: SystemId(0), epoch })
}

pub fn flow(columns: Vec<Carried>, key: &[(&str, Type)]) -> PlannedFlow {
    PlannedFlow {
        feed: changes(("public", "products"), 0),
        topic: TopicId(0),
        topic_name: "lab.shop.public.products".into(),
        key: key
            .iter()
            .map(|(name, ty)| KeyColumn {
                source: (*name).into(),
                name: (*name).into(),
                arrival: arrival_of(ty),
                ty: ty.clone(),
            })
            .collect(),
        filters: Vec::new(),
        filter_arrivals: BTreeMap::new(),
        target: Target::Keyspace(Keyspace { prefix: "product".into(), forms: forms(&columns), expire: None }),
        columns,
    }
}

pub fn secret(name: &str) -> Template {
    Template::variable(Variable { name: name.into(), provider: None, secret: true, about: String::new() })
}

pub fn reference(name: &str) -> Template {
    Template::variable(Variable { name: name.into(), provider: None, secret: false, about: String::new() })
}

pub fn index(columns: &[Carried]) -> Index {
    let properties = serde_json::json!({
        "product_id": {"type": "long"},
        "name": {"type": "text", "fields": {"raw": {"type": "keyword", "ignore_above": 1024}}},
        "description": {"type": "text"},
        "price": {"type": "scaled_float", "scaling_factor": 100, "ignore_malformed": true},
        "stock": {"type": "integer"},
        "tags": {"type": "keyword"},
        "updated_at": {"type": "date", "ignore_malformed": true},
        "created": {"type": "date", "ignore_malformed": true},
        "day": {"type": "date", "ignore_malformed": true},
    });
    Index {
        alias: "products".into(),
        index: "products_v1".into(),
        shards: 1,
        replicas: 0,
        properties: if columns.is_empty() {
            serde_json::Map::new()
        } else {
            properties.as_object().cloned().unwrap_or_default()
        },
        retyped: Vec::new(),
        analysis: None,
        forms: forms(columns),
    }
}

pub fn search_sink(flow: PlannedFlow) -> Sink {
    sink(
        "product_search",
        "search",
        Kind::Opensearch,
        Address::Search {
            urls: vec![reference("SEARCH_URL")],
            user: Some(Template::text("diac")),
            password: Some(secret("SEARCH_PASSWORD")),
        },
        flow,
    )
}

pub fn redis_sink(flow: PlannedFlow) -> Sink {
    sink("product_card", "cache", Kind::Redis, Address::Redis { url: Template::text("redis://127.0.0.1:6379/0") }, flow)
}

fn sink(name: &str, store: &str, kind: Kind, address: Address, flow: PlannedFlow) -> Sink {
    Sink {
        view: ViewId(0),
        name: name.into(),
        version: 1,
        store: SystemId(1),
        store_name: store.into(),
        kind,
        address,
        runner: Runner::Bento(vec![Stream {
            id: format!("{name}-v1"),
            group: format!("lab-{name}-v1"),
            threads: 2,
            raw: BTreeMap::new(),
        }]),
        flows: vec![flow],
        runner_why: Why { origin: diac::plan::Origin::Default, note: String::new() },
        dead_letters: None,
        late: Decided::default(86_400_000, "a day"),
        fresh: None,
    }
}

pub fn product_search() -> Sink {
    let columns = columns();
    let target = Target::Index(index(&columns));
    search_sink(PlannedFlow { target, ..flow(columns, &[("product_id", Type::Bigint)]) })
}

pub fn product_card() -> Sink {
    redis_sink(flow(columns(), &[("product_id", Type::Bigint)]))
}

/// A deployment called `default` with these sinks and one dead-letter topic.
pub fn deployment(sinks: Vec<Sink>) -> Deployment {
    Deployment {
        name: "default".into(),
        env: None,
        flavour: Flavour::Files,
        strimzi: None,
        log: Log {
            system: None,
            name: "kafka".into(),
            bootstrap: vec![reference("KAFKA")],
            partitions: Decided::default(6, ""),
            replication: Decided::default(1, ""),
            min_insync: Decided::default(1, ""),
        },
        topics: vec![
            topic("lab.shop.public.products", TopicRole::Entity(EntityId(0))),
            topic("lab.dead", TopicRole::DeadLetter(ViewId(0))),
        ],
        sources: Vec::new(),
        inside: Vec::new(),
        sinks,
        events: Vec::new(),
        processes: Vec::new(),
        variables: BTreeMap::new(),
        decisions: Vec::new(),
    }
}

fn topic(name: &str, role: TopicRole) -> Topic {
    Topic {
        name: name.into(),
        role,
        partitions: Decided::default(6, ""),
        replication: Decided::default(1, ""),
        config: BTreeMap::new(),
        managed: true,
        docs: Vec::new(),
    }
}

/// The file of a sink's only stream.
pub fn stream(sink: &Sink) -> String {
    let deployment = deployment(vec![sink.clone()]);
    let mut streams = deployment.streams();
    let (sink, flow, stream) = streams.next().unwrap_or_else(|| panic!("no stream"));
    diac::targets::bento::file(&deployment, sink, flow, stream).unwrap_or_else(|| panic!("no file"))
}
