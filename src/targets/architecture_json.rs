//! `architecture.json`: the checked model and its deployments for other tools. Keys are stable: new ones may come, none changes its meaning.

use serde_json::{Map, Value, json};

use super::Target;
use super::document::places::Places;
use super::worker::by_plugin;
use crate::check::SoundPlan;
use crate::model::{BadRecords, Column, Entity, Model, Service, System, Touched, Via, View};
use crate::output::{OutputTree, json as pretty};
use crate::plan::{Deployment, Origin, PlannedFlow, Runner, Sink, Source, Target as Goal, Topic, Why};
use crate::source::Span;

/// The target.
pub struct ArchitectureJson;

impl Target for ArchitectureJson {
    fn name(&self) -> &'static str {
        "architecture as JSON"
    }

    fn emit(&self, plan: &SoundPlan, out: &mut OutputTree) {
        let writer = Writer { model: plan.model, places: Places::new(plan.sources) };
        let value = json!({
            "version": 1,
            "edition": plan.model.edition,
            "pipeline": plan.plan.pipeline,
            "systems": all(&plan.model.systems, |system| writer.system(system)),
            "entities": all(&plan.model.entities, |entity| writer.entity(entity)),
            "views": all(&plan.model.views, |view| writer.view(view)),
            "services": all(&plan.model.services, |service| writer.service(service)),
            "environments": all(&plan.plan.deployments, |deployment| writer.deployment(deployment)),
            "risks": all(&plan.model.allows, |allow| json!({
                "rule": allow.rule,
                "because": allow.because,
                "until": allow.until.as_ref().map(|until| &until.value),
                "at": writer.at(allow.span),
            })),
            "findings": all(plan.findings, |finding| json!({
                "rule": finding.rule,
                "severity": finding.severity.word(),
                "message": finding.message,
                "waived": finding.waived.is_some(),
                "at": writer.at(finding.primary.span),
            })),
        });
        out.add("architecture.json", pretty(&value), "the whole pipeline");
    }
}

fn all<T>(items: &[T], write: impl Fn(&T) -> Value) -> Value {
    Value::Array(items.iter().map(write).collect())
}

struct Writer<'a> {
    model: &'a Model,
    places: Places<'a>,
}

impl Writer<'_> {
    fn at(&self, span: Span) -> String {
        self.places.at(span)
    }

    fn system(&self, system: &System) -> Value {
        json!({
            "name": system.name,
            "kind": system.kind.word(),
            "declared": system.declared,
            "docs": system.docs,
            "may_hold_pii": system.may_hold_pii.is_some(),
            "may_not_hold_pii": system.may_not_hold_pii.is_some(),
            "server_version": system.version.as_ref().map(|version| &version.value),
            "at": self.at(system.span),
        })
    }

    fn entity(&self, entity: &Entity) -> Value {
        json!({
            "name": entity.name,
            "declared": entity.declared,
            "docs": entity.docs,
            "system": self.model.system(entity.home.system).name,
            "namespace": entity.home.namespace,
            "table": entity.home.table,
            "key": entity.key,
            "columns_known": !entity.open,
            "columns": all(&entity.columns, column),
            "from_topic": entity.from_topic.as_ref().map(|topic| &topic.value),
            "volume": entity.volume.map(|volume| json!({"rows": volume.rows, "writes_per_second": volume.writes_per_second})),
            "at": self.at(entity.span),
        })
    }

    fn view(&self, view: &View) -> Value {
        let guarantees = all(&view.guarantees, |guarantee| {
            let text = self.places.text(guarantee.span);
            json!({
                "text": text.strip_prefix("guarantee ").unwrap_or(&text),
                "evidence": "not_analysed",
                "at": self.at(guarantee.span),
            })
        });
        json!({
            "name": view.name,
            "named": view.named,
            "view_version": view.version,
            "replaces": view.replaces,
            "docs": view.docs,
            "entities": all(&view.flows, |flow| json!(self.model.entity(flow.entity).name)),
            "store": view.store.as_ref().map(|store| &self.model.system(store.system).name),
            "targets": all(&view.flows, |flow| json!({"namespace": flow.target.namespace, "name": flow.target.name})),
            "via": self.via(&view.via),
            "guarantees": guarantees,
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
        })
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
            Via::NotBuilt => json!({"mechanism": "not_compiled"}),
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

    fn deployment(&self, deployment: &Deployment) -> Value {
        json!({
            "name": deployment.name,
            "flavour": match deployment.flavour {
                crate::model::Flavour::Files => "files",
                crate::model::Flavour::Strimzi => "strimzi",
            },
            "log": {
                "system": deployment.log.name,
                "bootstrap": all(&deployment.log.bootstrap, |broker| json!(broker.shell())),
            },
            "topics": all(&deployment.topics, |topic| self.topic(topic)),
            "sources": all(&deployment.sources, |source| self.source(deployment, source)),
            "sinks": all(&deployment.sinks, |sink| self.sink(deployment, sink)),
            "plugins": Value::Array(by_plugin(deployment).into_iter().map(|(plugin, _)| json!({
                "name": plugin.name,
                "class": plugin.class,
                "version": plugin.version,
                "licence": plugin.licence,
                "verified": plugin.verified,
            })).collect()),
            "variables": Value::Array(deployment.variables.values().map(|variable| json!({
                "name": variable.name,
                "secret": variable.secret,
                "about": variable.about,
            })).collect()),
            "decisions": all(&deployment.decisions, |decision| json!({
                "subject": decision.subject,
                "value": decision.value,
                "why": self.why(&decision.why),
            })),
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

    fn source(&self, deployment: &Deployment, source: &Source) -> Value {
        json!({
            "system": source.name,
            "connector": source.connector.name,
            "plugin": source.connector.plugin.name,
            "slot": source.slot.value,
            "publication": source.publication.value,
            "topic_prefix": source.prefix.value,
            "epoch": source.epoch,
            "slot_limit_bytes": source.slot_limit.as_ref().map(|limit| limit.value),
            "tables": all(&source.tables, |table| json!({
                "entity": self.model.entity(table.entity).name,
                "namespace": table.namespace,
                "table": table.table,
                "key": table.key,
                "topic": deployment.topic(table.topic).name,
                "replica_identity_full": table.identity_full.as_ref().map(|why| &why.note),
            })),
        })
    }

    fn sink(&self, deployment: &Deployment, sink: &Sink) -> Value {
        let runner = match &sink.runner {
            Runner::Connect(connectors) => {
                json!({"kind": "connect", "connectors": all(connectors, |connector| json!(connector.name))})
            }
            Runner::Bento(streams) => {
                json!({"kind": "bento", "streams": all(streams, |stream| json!({"id": stream.id, "group": stream.group}))})
            }
        };
        json!({
            "view": sink.name,
            "view_version": sink.version,
            "store": sink.store_name,
            "kind": sink.kind.word(),
            "runner": runner,
            "runner_why": self.why(&sink.runner_why),
            "dead_letters": sink.dead_letters.map(|id| &deployment.topic(id).name),
            "late_ms": sink.late.value,
            "fresh_ms": sink.fresh,
            "flows": all(&sink.flows, flow),
        })
    }
}

fn column(column: &Column) -> Value {
    json!({
        "name": column.name,
        "type": column.ty.word(),
        "native_type": column.native,
        "nullable": column.nullable,
        "pii": column.pii.is_some(),
        "docs": column.docs,
    })
}

fn flow(flow: &PlannedFlow) -> Value {
    let target = match &flow.target {
        Goal::Index(index) => json!({"index": index.index, "alias": index.alias}),
        Goal::Keyspace(keyspace) => json!({"key_prefix": keyspace.prefix, "expire_ms": keyspace.expire}),
        Goal::Table(table) => json!({"namespace": table.namespace, "table": table.name}),
        Goal::Snowflake(table) => {
            json!({"namespace": table.namespace, "view": table.name, "log_table": table.log_table})
        }
    };
    json!({
        "entity": flow.entity_name,
        "topic": flow.topic_name,
        "key": all(&flow.key, |column| json!(column.name)),
        "columns": all(&flow.columns, |column| json!({
            "name": column.name,
            "source": column.source,
            "type": column.ty.word(),
            "masked": column.mask.is_some(),
        })),
        "filters": all(&flow.filters, |filter| json!(super::document::expr::text(filter))),
        "target": target,
    })
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
        assert_eq!(read["views"][0]["guarantees"][0]["evidence"], "not_analysed");
        assert_eq!(read["views"][4]["via"]["mechanism"], "unknown");
        assert_eq!(read["views"][5]["via"]["by"][0], "importer");
        assert_eq!(read["environments"][0]["sinks"][2]["flows"][0]["filters"][0], "status = 'open'");
        assert_eq!(read["risks"][0]["at"], "shop.dia:24");
    }
}
