//! What is done when something went wrong: outages, refills, removals, alerts.

use super::{ALERTS, Book, CHECK, OUTAGE, REBUILD, TAKE_OUT, heading, limits, psql, shell_word};
use crate::plan::{Address, Connector, Runner, Sink, Target};
use crate::targets::markdown::{Table, code};
use crate::units::duration;

impl Book<'_> {
    pub(super) fn outage(&self) -> String {
        let mut text = format!(
            "{}A shorter outage needs nothing: everything goes on from its last position, and what is repeated is refused as old. Beyond one of these \
             limits something is lost, and going on as if nothing happened would leave views wrong for good.\n\n{}",
            heading(OUTAGE),
            limits(self)
        );
        text.push_str("**The slot was lost, or its log ran out.** The capture has to take a new snapshot; rows deleted meanwhile are in no snapshot, so afterwards every view of that system is emptied and refilled.\n\n");
        for source in &self.deployment.sources {
            text.push_str(&format!(
                "```bash\n# 1. the lost slot, if it is still listed\n{} -c \"SELECT pg_drop_replication_slot('{}')\"\n# 2. the capture begins anew: snapshot, \
                 then changes\n{}# 3. when it streams again: \"{REBUILD}\", for each view\n```\n\n",
                psql(&source.name),
                source.slot.value,
                self.reread(&source.connector)
            ));
        }
        text.push_str(&format!(
            "**A view stood still longer than tombstones live.** Its topic no longer tells it what was deleted: \"{REBUILD}\".\n\n\
             **The database was restored, or failed over to a replica that lacked the last commits.** Positions may have gone back, and stores would \
             refuse what is new as old. Before the capture starts: raise `epoch` in the system's declaration, compile, apply. Then as for a lost slot.\n\n"
        ));
        text
    }

    pub(super) fn rebuild_in_place(&self) -> String {
        let mut text = format!(
            "{}Readers see an incomplete view while it fills; a new version beside the old one does without that. The log holds the newest change of every \
             row, so it is enough to read it from the beginning. **These commands delete the view's contents** (never the record's).\n\n",
            heading(REBUILD)
        );
        for sink in &self.deployment.sinks {
            text.push_str(&format!("{}\n\n```bash\n{}```\n\n", code(&sink.name), self.refill(sink)));
        }
        text
    }

    fn refill(&self, sink: &Sink) -> String {
        let empty: String = sink.flows.iter().map(|flow| empty(sink, &flow.target)).collect();
        match &sink.runner {
            Runner::Connect(connectors) => {
                let each = |step: fn(&Self, &Connector) -> String| {
                    connectors.iter().map(|connector| step(self, connector)).collect::<String>()
                };
                format!("{}{empty}{}", each(Self::stop), each(Self::start_over))
            }
            Runner::Bento(streams) => {
                let groups: String = streams
                    .iter()
                    .map(|stream| {
                        format!(
                            "kafka-consumer-groups.sh --bootstrap-server \"$KAFKA_BOOTSTRAP\" --group {} --all-topics --reset-offsets --to-earliest --execute\n",
                            shell_word(&stream.group)
                        )
                    })
                    .collect();
                let (stop, start) = if self.strimzi() {
                    let name = crate::targets::strimzi::bento_name(&self.plan.pipeline);
                    (
                        format!("kubectl scale deployment {name} --replicas 0\n"),
                        format!("kubectl scale deployment {name} --replicas 1\n"),
                    )
                } else {
                    ("# stop Bento, and wait a minute for its groups to be empty\n".into(), "# start Bento\n".into())
                };
                format!("{stop}{empty}{groups}{start}")
            }
        }
    }

    pub(super) fn take_out(&self) -> String {
        let mut text = format!(
            "{}Nothing is deleted because a line left the `.dia` file: the output only stops naming it. What runs is removed by hand, in this order, when \
             nobody needs it any more.\n\n\
             1. The connector, or the stream's file (Bento is started anew without it).\n\
             2. For a capture: its slot **at once**. A slot that nobody reads keeps the database's log until the disk is full.\n\
             3. Last, the topic and the store's contents: these cannot be brought back.\n\n",
            heading(TAKE_OUT)
        );
        for source in &self.deployment.sources {
            let delete = if self.strimzi() {
                format!(
                    "kubectl delete kafkaconnector {}\n",
                    crate::targets::strimzi::running_name(self.deployment, &source.connector)
                )
            } else {
                format!(
                    "curl -X DELETE \"$CONNECT_URL/connectors/{}\"\n",
                    crate::targets::spelling::path_part(&source.connector.name)
                )
            };
            text.push_str(&format!(
                "```bash\n{delete}{} -c \"SELECT pg_drop_replication_slot('{}')\"\n# role, publication and tables: sql/{}/99-teardown.sql, read it first\n```\n\n",
                psql(&source.name),
                source.slot.value,
                source.name
            ));
        }
        text
    }

    pub(super) fn alert_meanings(&self) -> String {
        let mut table = Table::new(&["what is seen", "what it means", "what to do"]);
        for sink in self.deployment.sinks.iter().filter(|sink| sink.fresh.is_some()) {
            table.row([
                format!("{} is later than {}", code(&sink.name), sink.fresh.map(duration).unwrap_or_default()),
                "readers see old rows; nothing is wrong or lost yet".into(),
                format!("\"{CHECK}\": which of capture, log and view is behind? A lag that grows at a steady rate is too little capacity, one that stands is a stop"),
            ]);
        }
        if self.deployment.connectors().next().is_some() {
            table.row([
                "a task is `FAILED`".into(),
                "it stands until somebody acts; a source's slot keeps the database's log meanwhile".into(),
                "its trace is in the worker's log and in the connector's status. Cure the cause, then restart the task: it goes on from where it was".into(),
            ]);
        }
        for source in &self.deployment.sources {
            let limit = source.slot_limit.as_ref().map_or("there is no limit: the disk is next".into(), |limit| {
                format!("at {} the slot is lost", crate::units::size(limit.value))
            });
            table.row([
                format!("slot {} holds much log", code(&source.slot.value)),
                format!("the capture of {} does not keep up or stands; {limit}", code(&source.name)),
                format!("start the capture. If that takes longer than there is room: \"{OUTAGE}\""),
            ]);
        }
        for sink in self.deployment.sinks.iter() {
            if let Some(dead) = sink.dead_letters {
                table.row([
                    format!("records in {}", code(&self.deployment.topic(dead).name)),
                    format!("{} lacks these changes and goes on without them", code(&sink.name)),
                    "the reason is in each record's headers. After the cure the row's next change sets it right, or a refill does".into(),
                ]);
            }
        }
        if self.deployment.streams().next().is_some() {
            table.row([
                "Bento counts errors and a lag stands".into(),
                "a store refuses writes, or a record cannot be written; it is tried again and again, nothing is skipped".into(),
                "Bento's log names the record and the store's answer".into(),
            ]);
            table.row([
                "many changes are refused as stale".into(),
                "after a restart: repeats, as they should be. All the time: a second writer, or positions that went back".into(),
                format!("was the database restored? \"{OUTAGE}\", epoch"),
            ]);
        }
        table.row([
            "an audit differs".into(),
            "record and view disagree, beyond what is on its way".into(),
            "run it again after a minute. If it stays: find the rows, look for a writer that is not declared, then refill".into(),
        ]);
        let file = if self.alerts { "The rules are in `alerts/prometheus-rules.yaml`.\n\n" } else { "" };
        format!("{}{file}{}", heading(ALERTS), table.or(""))
    }
}

/// The command that empties a target.
fn empty(sink: &Sink, target: &Target) -> String {
    match target {
        Target::Index(index) => format!(
            "curl -X DELETE \"${0}/{1}\"   # and ./apply.sh, which makes it again\n",
            super::dba_variable(&sink.store_name, "URL"),
            index.index
        ),
        Target::Keyspace(keyspace) => format!(
            "redis-cli -u {0} --scan --pattern {1} | xargs -r -d '\\n' redis-cli -u {0} unlink\n",
            match &sink.address {
                Address::Redis { url } => crate::targets::apply::word(url),
                Address::Postgres { .. } | Address::Search { .. } | Address::Snowflake { .. } =>
                    "\"$REDIS_URL\"".into(),
            },
            shell_word(&format!("{}:{{*", keyspace.prefix))
        ),
        Target::Table(table) => format!(
            "{} -c 'TRUNCATE \"{}\".\"{}\"'   # the versions of deleted rows may stay: they are true\n",
            psql(&sink.store_name),
            table.namespace,
            table.name
        ),
        Target::Snowflake(table) => format!("# in Snowflake: TRUNCATE TABLE {}.{}\n", table.namespace, table.log_table),
    }
}
