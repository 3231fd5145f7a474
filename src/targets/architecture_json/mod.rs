//! `architecture.json`: the checked model and its deployments for other tools. Keys are stable: new ones may come, none changes its meaning.
//! docs/architecture-json.md says what each holds.

mod meaning;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};

use super::Target;
use super::document::places::Places;
use super::worker::by_plugin;
use crate::check::SoundPlan;
use crate::diag::Diagnostic;
use crate::model::{Allow, BadRecords, Entity, Model, Service, System, Touched, Via, View, ViewId};
use crate::output::{OutputTree, json as pretty};
use crate::plan::{
    Captured, Decision, Deployment, Origin, PlannedFlow, Reading, Runner, Sink, Source, Target as Goal, Topic, Why,
};
use crate::prove::{self, Depth, Proofs};
use crate::source::Span;

/// The target.
pub struct ArchitectureJson;

impl Target for ArchitectureJson {
    fn name(&self) -> &'static str {
        "architecture as JSON"
    }

    fn emit(&self, plan: &SoundPlan, out: &mut OutputTree) {
        let writer = Writer {
            model: plan.model,
            places: Places::new(plan.sources),
            findings: plan.findings,
            proofs: Proofs::new(plan.model, plan.plan, Depth::USUAL),
        };
        out.add("architecture.json", pretty(&Whole { writer: &writer, plan }), "the whole pipeline");
    }
}

fn all<T>(items: &[T], write: impl Fn(&T) -> Value) -> Value {
    Value::Array(items.iter().map(write).collect())
}

/// A long list, of which one element at a time is in memory.
struct Each<'a, T, F>(&'a [T], F);

impl<'a, T, S: Serialize, F: Fn(&'a T) -> S> Serialize for Each<'a, T, F> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        serializer.collect_seq(self.0.iter().map(&self.1))
    }
}

/// The file. Keys stand in their order, here as in every object below.
struct Whole<'a> {
    writer: &'a Writer<'a>,
    plan: &'a SoundPlan<'a>,
}

impl Serialize for Whole<'_> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let Self { writer, plan } = *self;
        let model = plan.model;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("constraints", &Each(&model.constraints, |constraint| writer.constraint(constraint)))?;
        map.serialize_entry("edition", &model.edition)?;
        map.serialize_entry("entities", &Each(&model.entities, |entity| writer.entity(entity)))?;
        let environments = Each(&plan.plan.deployments, |deployment| Machinery { writer, deployment });
        map.serialize_entry("environments", &environments)?;
        map.serialize_entry("events", &Each(&model.events, |event| writer.event(event)))?;
        let finding = |finding: &Diagnostic| {
            json!({
                "rule": finding.rule,
                "severity": finding.severity.word(),
                "message": finding.message,
                "waived": finding.waived.is_some(),
                "at": writer.at(finding.primary.span),
            })
        };
        map.serialize_entry("findings", &Each(plan.findings, finding))?;
        map.serialize_entry("pipeline", &plan.plan.pipeline)?;
        map.serialize_entry("processes", &Each(&model.processes, |process| writer.process(process)))?;
        let risk = |allow: &Allow| {
            json!({
                "rule": allow.rule,
                "because": allow.because,
                "until": allow.until.as_ref().map(|until| &until.value),
                "at": writer.at(allow.span),
            })
        };
        map.serialize_entry("risks", &Each(&model.allows, risk))?;
        map.serialize_entry("services", &Each(&model.services, |service| writer.service(service)))?;
        map.serialize_entry("systems", &Each(&model.systems, |system| writer.system(system)))?;
        map.serialize_entry("version", &1)?;
        let views: Vec<ViewId> = model.all_views().map(|(id, _)| id).collect();
        map.serialize_entry("views", &Each(&views, |id: &ViewId| writer.view(*id, model.view(*id))))?;
        map.end()
    }
}

/// A deployment.
struct Machinery<'a> {
    writer: &'a Writer<'a>,
    deployment: &'a Deployment,
}

impl Serialize for Machinery<'_> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let Self { writer, deployment } = *self;
        let mut map = serializer.serialize_map(None)?;
        let decision = |decision: &Decision| json!({"subject": decision.subject, "value": decision.value, "why": writer.why(&decision.why)});
        map.serialize_entry("decisions", &Each(&deployment.decisions, decision))?;
        let flavour = match deployment.flavour {
            crate::model::Flavour::Files => "files",
            crate::model::Flavour::Strimzi => "strimzi",
        };
        map.serialize_entry("flavour", flavour)?;
        let brokers = all(&deployment.log.bootstrap, |broker| json!(broker.shell()));
        map.serialize_entry("log", &json!({"system": deployment.log.name, "bootstrap": brokers}))?;
        map.serialize_entry("name", &deployment.name)?;
        let plugins = by_plugin(deployment).into_iter().map(|(plugin, _)| {
            json!({
                "name": plugin.name,
                "class": plugin.class,
                "version": plugin.version,
                "licence": plugin.licence,
                "verified": plugin.verified,
            })
        });
        map.serialize_entry("plugins", &plugins.collect::<Vec<_>>())?;
        map.serialize_entry("sinks", &Each(&deployment.sinks, |sink| Way { writer, deployment, sink }))?;
        map.serialize_entry("sources", &Each(&deployment.sources, |source| Capture { writer, deployment, source }))?;
        map.serialize_entry("topics", &Each(&deployment.topics, |topic| writer.topic(topic)))?;
        let variables = deployment
            .variables
            .values()
            .map(|variable| json!({"name": variable.name, "secret": variable.secret, "about": variable.about}));
        map.serialize_entry("variables", &variables.collect::<Vec<_>>())?;
        map.end()
    }
}

/// A sink.
struct Way<'a> {
    writer: &'a Writer<'a>,
    deployment: &'a Deployment,
    sink: &'a Sink,
}

impl Serialize for Way<'_> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let Self { writer, deployment, sink } = *self;
        let runner = match &sink.runner {
            Runner::Connect(connectors) => {
                json!({"kind": "connect", "connectors": all(connectors, |connector| json!(connector.name))})
            }
            Runner::Bento(streams) => {
                json!({"kind": "bento", "streams": all(streams, |stream| json!({"id": stream.id, "group": stream.group}))})
            }
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("dead_letters", &sink.dead_letters.map(|id| &deployment.topic(id).name))?;
        map.serialize_entry("flows", &Each(&sink.flows, flow))?;
        map.serialize_entry("fresh_ms", &sink.fresh)?;
        map.serialize_entry("kind", sink.kind.word())?;
        map.serialize_entry("late_ms", &sink.late.value)?;
        map.serialize_entry("runner", &runner)?;
        map.serialize_entry("runner_why", &writer.why(&sink.runner_why))?;
        map.serialize_entry("store", &sink.store_name)?;
        map.serialize_entry("view", &sink.name)?;
        map.serialize_entry("view_version", &sink.version)?;
        map.end()
    }
}

/// A source.
struct Capture<'a> {
    writer: &'a Writer<'a>,
    deployment: &'a Deployment,
    source: &'a Source,
}

impl Serialize for Capture<'_> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        let Self { writer, deployment, source } = *self;
        let table = |table: &Captured| {
            json!({
                "entity": writer.model.entity(table.entity).name,
                "namespace": table.namespace,
                "table": table.table,
                "key": table.key,
                "topic": deployment.topic(table.topic).name,
                "replica_identity_full": table.identity_full.as_ref().map(|why| &why.note),
            })
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("connector", &source.connector.name)?;
        map.serialize_entry("epoch", &source.epoch)?;
        map.serialize_entry("plugin", &source.connector.plugin.name)?;
        match &source.reading {
            Reading::Slot(slot) => {
                map.serialize_entry("publication", &slot.publication.value)?;
                map.serialize_entry("slot", &slot.slot.value)?;
                map.serialize_entry("slot_limit_bytes", &slot.limit.as_ref().map(|limit| limit.value))?;
            }
            Reading::Binlog(binlog) => {
                map.serialize_entry("binlog_kept_ms", &binlog.keep.value)?;
                map.serialize_entry("schema_history", &deployment.topic(binlog.history).name)?;
                map.serialize_entry("server_id", &binlog.server_id.literal())?;
            }
        }
        map.serialize_entry("system", &source.name)?;
        map.serialize_entry("tables", &Each(&source.tables, table))?;
        map.serialize_entry("topic_prefix", &source.prefix.value)?;
        map.end()
    }
}

struct Writer<'a> {
    model: &'a Model,
    places: Places<'a>,
    findings: &'a [Diagnostic],
    proofs: Proofs<'a>,
}

impl Writer<'_> {
    fn at(&self, span: Span) -> String {
        self.places.at(span)
    }

    fn system(&self, system: &System) -> Value {
        let value = json!({
            "name": system.name,
            "kind": system.kind.word(),
            "declared": system.declared,
            "docs": system.docs,
            "may_hold_pii": system.may_hold_pii.is_some(),
            "may_not_hold_pii": system.may_not_hold_pii.is_some(),
            "server_version": system.version.as_ref().map(|version| &version.value),
            "at": self.at(system.span),
        });
        Value::Object(meaning::merged(value, self.system_more(system)))
    }

    fn entity<'e>(&'e self, entity: &'e Entity) -> Record<'e> {
        Record {
            append_only: entity.append_only.is_some(),
            at: self.at(entity.span),
            columns: entity.columns.iter().map(|column| self.column(column)).collect(),
            columns_known: !entity.open,
            declared: entity.declared,
            deleted_when: entity.deleted_when.as_ref().map(crate::plan::written::text),
            docs: &entity.docs,
            from_topic: entity.from_topic.as_ref().map(|topic| topic.value.as_str()),
            key: &entity.key,
            may_truncate: entity.may_truncate.is_some(),
            name: &entity.name,
            namespace: &entity.home.namespace,
            system: &self.model.system(entity.home.system).name,
            table: &entity.home.table,
            unique: entity.uniques.iter().map(|unique| unique.value.as_slice()).collect(),
            volume: entity
                .volume
                .map(|volume| json!({"rows": volume.rows, "writes_per_second": volume.writes_per_second})),
        }
    }

    fn view<'w>(&'w self, id: ViewId, view: &'w View) -> Viewed<'w> {
        let ways = if view.guarantees.is_empty() { Vec::new() } else { self.proofs.ways(id) };
        let value = json!({
            "name": view.name,
            "named": view.named,
            "view_version": view.version,
            "replaces": view.replaces,
            "docs": view.docs,
            "entities": all(&view.flows, |flow| json!(self.model.record_name(flow.record))),
            "store": view.store.as_ref().map(|store| &self.model.system(store.system).name),
            "targets": all(&view.flows, |flow| json!({"namespace": flow.target.namespace, "name": flow.target.name})),
            "via": self.via(&view.via),
            "guarantees": all(&view.guarantees, |promise| {
                self.promise(promise, &prove::evidence(view, promise, &ways, self.findings))
            }),
            "objective": view.fresh.as_ref().map(|fresh| json!({
                "fresh_within_ms": fresh.value.ms,
                "evidence": "budgeted_and_watched",
                "at": self.at(fresh.span),
            })),
            "audits": all(&view.audits, |audit| json!({
                "text": self.places.text(audit.span),
                "every_ms": audit.every.ms,
                "within_percent": audit.within,
                "at": self.at(audit.span),
            })),
            "bad_records": match &view.bad_records {
                BadRecords::Stop => json!({"do": "stop"}),
                BadRecords::Topic { topic, keep, .. } => json!({"do": "topic", "topic": topic, "keep_ms": keep.map(|keep| keep.ms)}),
            },
            "expire_after_ms": view.expire.as_ref().map(|expire| expire.value.ms),
            "at": self.at(view.span),
        });
        let members = meaning::merged(value, self.view_more(view));
        Viewed { members, relation: view.relation.as_ref().map(|relation| self.relation(relation)) }
    }

    fn via(&self, via: &Via) -> Value {
        let names = |services: &[(crate::model::ServiceId, crate::source::Span)]| -> Vec<&str> {
            let found = services.iter().filter_map(|(id, _)| self.model.services.get(id.0));
            found.map(|service| service.name.as_str()).collect()
        };
        match via {
            Via::Cdc => json!({"mechanism": "cdc"}),
            Via::Application(services) => json!({"mechanism": "application", "by": names(services)}),
            Via::TwoPhaseCommit(services) => json!({"mechanism": "two_phase_commit", "by": names(services)}),
            Via::Unknown => json!({"mechanism": "unknown"}),
            Via::Events => json!({"mechanism": "events"}),
            Via::BatchFull { every } => json!({"mechanism": "batch_full", "every_ms": every.ms}),
            Via::BatchIncremental { on, every } => {
                json!({"mechanism": "batch_incremental", "on": on.value, "every_ms": every.ms})
            }
            Via::BatchAndStream { every } => json!({"mechanism": "batch_and_stream", "every_ms": every.ms}),
        }
    }

    fn service(&self, service: &Service) -> Value {
        let touched = |what: Touched| match what {
            Touched::Entity(id) => json!({"entity": self.model.entity(id).name}),
            Touched::View(id) => json!({"view": self.model.view(id).name, "view_version": self.model.view(id).version}),
            Touched::Event(id) => json!({"event": self.model.event(id).name}),
            Touched::Undeclared(id) => json!({"undeclared_in": self.model.system(id).name}),
        };
        json!({
            "name": service.name,
            "team": service.team,
            "docs": service.docs,
            "writes": all(&service.writes, |touch| json!({"path": touch.text, "is": touched(touch.what)})),
            "emits": all(&service.emits, |touch| json!({"path": touch.text, "is": touched(touch.what)})),
            "reads": all(&service.reads, |(touch, purpose)| json!({"path": touch.text, "is": touched(touch.what), "for": purpose})),
            "at": self.at(service.span),
        })
    }

    fn why(&self, why: &Why) -> Value {
        let (origin, at) = match why.origin {
            Origin::Stated(span) => ("stated", Some(self.at(span))),
            Origin::Default => ("default", None),
            Origin::Derived => ("derived", None),
            Origin::Safety => ("safety", None),
        };
        json!({"origin": origin, "note": why.note, "at": at})
    }

    fn topic(&self, topic: &Topic) -> Value {
        let config: Map<String, Value> =
            topic.config.iter().map(|(key, value)| (key.clone(), json!(value.value))).collect();
        json!({
            "name": topic.name,
            "holds": super::topics::holds(self.model, topic.role),
            "managed": topic.managed,
            "partitions": topic.partitions.value,
            "partitions_why": self.why(&topic.partitions.why),
            "replication": topic.replication.value,
            "config": config,
        })
    }
}

/// A view. Its relation is by far the largest part, and is written column by column.
struct Viewed<'a> {
    /// All but the relation.
    members: Map<String, Value>,
    relation: Option<meaning::Rows<'a>>,
}

impl Serialize for Viewed<'_> {
    fn serialize<Z: Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        const RELATION: &str = "relation";
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in self.members.iter().filter(|(key, _)| key.as_str() < RELATION) {
            map.serialize_entry(key, value)?;
        }
        map.serialize_entry(RELATION, &self.relation)?;
        for (key, value) in self.members.iter().filter(|(key, _)| key.as_str() > RELATION) {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// An entity.
#[derive(serde::Serialize)]
struct Record<'a> {
    append_only: bool,
    at: String,
    columns: Vec<meaning::RecordColumn<'a>>,
    columns_known: bool,
    declared: bool,
    deleted_when: Option<String>,
    docs: &'a [String],
    from_topic: Option<&'a str>,
    key: &'a [String],
    may_truncate: bool,
    name: &'a str,
    namespace: &'a str,
    system: &'a str,
    table: &'a str,
    unique: Vec<&'a [String]>,
    volume: Option<Value>,
}

/// A table's way into a view.
#[derive(serde::Serialize)]
struct TableWay<'a> {
    columns: Vec<WayColumn<'a>>,
    entity: &'a str,
    filters: Vec<String>,
    key: Vec<&'a str>,
    target: Value,
    topic: &'a str,
}

#[derive(serde::Serialize)]
struct WayColumn<'a> {
    masked: bool,
    name: &'a str,
    source: &'a str,
    r#type: String,
}

fn flow(flow: &PlannedFlow) -> TableWay<'_> {
    let target = match &flow.target {
        Goal::Index(index) => json!({"index": index.index, "alias": index.alias}),
        Goal::Keyspace(keyspace) => json!({"key_prefix": keyspace.prefix, "expire_ms": keyspace.expire}),
        Goal::Table(table) => json!({"namespace": table.namespace, "table": table.name}),
        Goal::Snowflake(table) => {
            json!({"namespace": table.namespace, "view": table.name, "log_table": table.log_table})
        }
    };
    let columns = flow.columns.iter().map(|column| WayColumn {
        masked: column.mask.is_some(),
        name: &column.name,
        source: &column.source,
        r#type: column.ty.word(),
    });
    TableWay {
        columns: columns.collect(),
        entity: flow.name(),
        filters: flow.filters.iter().map(crate::plan::written::text).collect(),
        key: flow.key.iter().map(|column| column.name.as_str()).collect(),
        target,
        topic: &flow.topic_name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::sample;

    #[test]
    fn other_tools_find_the_model() {
        let out = sample::emit(&[&ArchitectureJson]);
        let read: Value = serde_json::from_str(&out.get("architecture.json").unwrap().text).unwrap();
        assert_eq!(read["version"], 1);
        assert_eq!(read["views"][0]["guarantees"][0]["text"], "ordered per product_id");
        assert_eq!(read["views"][0]["guarantees"][0]["evidence"], "proved");
        assert_eq!(read["views"][4]["via"]["mechanism"], "unknown");
        assert_eq!(read["views"][5]["via"]["by"][0], "importer");
        assert_eq!(read["environments"][0]["sinks"][2]["flows"][0]["filters"][0], "status = 'open'");
        assert_eq!(read["risks"][0]["at"], "shop.dia:24");
    }

    /// The file of a page as it would be if nothing stood against it.
    fn page(name: &str) -> Value {
        let inputs = crate::cli::load::load(&[name.to_owned()]).unwrap();
        let resolved = crate::model::resolve::resolve(&inputs);
        let plan = crate::plan::plan(&resolved.model, None);
        let mut out = OutputTree::default();
        ArchitectureJson.emit(&SoundPlan::for_tests(&resolved.model, &plan, &inputs.sources), &mut out);
        serde_json::from_str(&out.get("architecture.json").unwrap().text).unwrap()
    }

    fn named<'a>(list: &'a Value, name: &str) -> &'a Value {
        list.as_array().unwrap().iter().find(|one| one["name"] == name).unwrap()
    }

    #[test]
    fn events_processes_and_rows_are_there() {
        let read = page("examples/transfers");
        let event = named(&read["events"], "instruction");
        assert_eq!(event["key"], json!(["request_id", "leg"]));
        assert_eq!(event["routing"][0]["column"], "account_id");
        assert_eq!(named(&read["events"], "transfer_requested")["retain_ms"], -1);
        let process = named(&read["processes"], "split_transfer");
        assert_eq!(process["inputs"][0]["event"], "transfer_requested");
        assert_eq!(process["emits"][0]["columns"][1]["value"], json!({"literal": "'debit'"}));
        let balance = &named(&read["views"], "balance")["relation"];
        assert_eq!(balance["nature"], "state");
        let sum = named(&balance["columns"], "balance");
        assert_eq!(sum["sources"], json!([{"record": {"event": "instruction"}, "column": "amount"}]));
        assert_eq!(sum["value"]["function"], "sum");
        assert_eq!(sum["copied"], false);
        assert_eq!(balance["steps"][0]["do"], "group");
        assert_eq!(named(&read["views"], "ledger")["guarantees"][1]["claim"]["is"], "exactly_once");
    }

    #[test]
    fn constraints_joins_and_leaders_are_there() {
        let read = page("examples/company");
        let constraint = named(&read["constraints"], "never_oversold");
        assert_eq!((&constraint["hard"], &constraint["compensate_with"]), (&json!(false), &json!("oversold")));
        let search = named(&read["views"], "product_search");
        assert_eq!(search["inputs"][1]["fixes_key"], true);
        assert_eq!(
            search["inputs"][2],
            json!({
                "view": "stock_by_product", "view_version": 1, "role": "join", "left": true, "many": false,
                "within_ms": null, "fixes_key": true, "at": search["inputs"][2]["at"],
            })
        );
        assert_eq!(named(&read["systems"], "profiles")["leadership"]["column"], "home_region");
        assert_eq!(named(&named(&read["entities"], "profile")["columns"], "version")["sequence_per"], "key");
        assert_eq!(named(&read["events"], "order_placed")["outbox"]["table"], "outbox");
    }
}
