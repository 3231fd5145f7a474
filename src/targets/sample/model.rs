//! What the sample means.

use super::filter;
use crate::model::types::Type;
use crate::model::{
    Allow, Audit, Column, Entity, EntityId, Environment, Filter, Flow, Home, Mask, Model, Promise, Service, ServiceId,
    Store, System, SystemId, TargetName, Touch, Touched, Via, View, ViewColumn, ViewId, Volume,
};
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::ast::{AuditKind, Claim, Duration, Expr as Syntax, ExprKind, Name, Spanned};
use crate::systems::Kind;

const TEXT: &str = include_str!("sample.dia");

pub fn sources() -> SourceMap {
    let mut map = SourceMap::default();
    map.add("examples/shop/shop.dia", TEXT);
    map.add("examples/shop/sub/shop.env.dia", "");
    map
}

/// The span of a piece of the sample's text.
pub fn span(piece: &str) -> Span {
    let start = TEXT.find(piece).unwrap_or_else(|| panic!("the sample has no {piece:?}"));
    Span::new(FileId(0), start, start + piece.len())
}

fn column(name: &str, ty: Type) -> Column {
    Column { pii: (name == "email").then(|| span("pii")), ..Column::new(name, span(name), ty) }
}

fn entity(name: &str, table: &str, columns: Vec<Column>) -> Entity {
    Entity {
        name: name.into(),
        span: span(&format!("entity {name}")),
        declared: true,
        home: Home {
            system: SystemId(0),
            namespace: "public".into(),
            table: table.into(),
            span: span(&format!("shop.public.{table}")),
        },
        docs: if name == "product" { vec!["What the storefront sells.".into()] } else { vec![] },
        key: vec![columns[0].name.clone()],
        columns,
        open: false,
        from_topic: None,
        deleted_when: None,
        append_only: None,
        may_truncate: None,
        identity: None,
        volume: (name == "product").then_some(Volume {
            rows: 200_000,
            writes_per_second: Some(40.0),
            largest_row: None,
        }),
        uniques: vec![],
        log_version: None,
        scope: span(&format!("entity {name}")),
    }
}

fn view(name: &str, entity: usize, store: Option<SystemId>, target: &str) -> View {
    let at = span(&format!("view {name}"));
    View {
        flows: vec![Flow {
            record: crate::model::relation::RecordId::Entity(EntityId(entity)),
            columns: vec![],
            filters: vec![],
            target: TargetName { namespace: None, name: target.into() },
        }],
        store: store.map(|system| Store { system, span: at }),
        ..View::new(name, at, true, at)
    }
}

fn system(name: &str, kind: Kind) -> System {
    System {
        may_hold_pii: (name == "shop").then(|| span("may hold pii")),
        ..System::new(name, span(&format!("system {name}")), kind)
    }
}

pub fn model() -> Model {
    let product = vec![
        column("product_id", Type::Bigint),
        column("price", Type::Decimal { precision: Some(12), scale: Some(2) }),
    ];
    let order = vec![column("order_id", Type::Uuid), column("email", Type::Text), column("status", Type::Text)];
    let mut search = view("product_search", 0, Some(SystemId(1)), "products");
    search.docs = vec!["Full-text product search.".into()];
    search.guarantees = vec![Promise {
        claim: Claim::OrderedPer(vec![]),
        span: span("guarantee ordered per product_id"),
        terms: vec![],
        about: vec![],
    }];
    search.fresh = Some(Spanned { value: Duration { ms: 5_000 }, span: span("objective fresh within 5s") });
    search.audits = vec![Audit {
        what: AuditKind::Measure(Syntax {
            kind: ExprKind::Call {
                name: Name { text: "count".into(), span: span("count()") },
                args: vec![],
                star: false,
            },
            span: span("count()"),
        }),
        every: Duration { ms: 3_600_000 },
        within: None,
        span: span("audit count() every 1h"),
    }];
    let mut report = view("open_orders", 1, Some(SystemId(3)), "orders");
    report.flows[0].filters = vec![Filter { expr: filter(), span: span("where status = \"open\"") }];
    report.flows[0].columns = vec![ViewColumn {
        name: "email".into(),
        source: "email".into(),
        span: span("email"),
        ty: Type::Text,
        nullable: false,
        mask: Some(Spanned { value: Mask::Redact, span: span("mask email with redact") }),
        pii: false,
    }];
    let mut settlement = view("settlement", 1, Some(SystemId(4)), "SETTLEMENT");
    settlement.via = Via::Unknown;
    let mut labels = view("labels", 0, Some(SystemId(2)), "labels");
    labels.via = Via::Application(vec![(ServiceId(1), span("via application by importer"))]);
    let service = |name: &str, writes: Vec<Touch>, reads| Service {
        name: name.into(),
        span: span(&format!("service {name}")),
        docs: vec![],
        team: None,
        writes,
        emits: vec![],
        reads,
    };
    let touch = |what, text: &str| Touch { what, span: span(text), text: text.into(), of: None };
    let environment = |name: &str| Environment::new(name, span(&format!("environment {name}")));
    Model {
        edition: 2026,
        pipeline: "shop".into(),
        pipeline_span: None,
        systems: vec![
            system("shop", Kind::Postgres),
            system("search", Kind::Elasticsearch),
            system("cache", Kind::Redis),
            system("report", Kind::Postgres),
            system("warehouse", Kind::Snowflake),
        ],
        entities: vec![entity("product", "products", product), entity("order", "orders", order)],
        events: vec![],
        processes: vec![],
        constraints: vec![],
        views: vec![
            search,
            view("product_card", 0, Some(SystemId(2)), "product"),
            report,
            view("orders_fact", 1, Some(SystemId(4)), "ORDERS_FACT"),
            settlement,
            labels,
        ],
        services: vec![
            service(
                "storefront",
                vec![touch(Touched::Entity(EntityId(0)), "product"), touch(Touched::Entity(EntityId(1)), "order")],
                vec![(touch(Touched::View(ViewId(0)), "product_search"), Some("full_text".into()))],
            ),
            service("importer", vec![touch(Touched::View(ViewId(5)), "labels")], vec![]),
        ],
        environments: vec![environment("dev"), environment("prod")],
        secrets: vec![],
        meant: std::collections::BTreeSet::new(),
        allows: vec![Allow {
            rule: "dual_write".into(),
            rule_span: span("dual_write"),
            because: "moves | in spring".into(),
            until: Some(Spanned { value: "2026-12-31".into(), span: span("2026-12-31") }),
            span: span("allow dual_write because \"moves | in spring\" until 2026-12-31"),
            scopes: vec![span("service storefront").to(span("until 2026-12-31"))],
            unread: false,
        }],
    }
}
