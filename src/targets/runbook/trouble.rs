//! What is done when something went wrong: outages, refills, removals, alerts.

use std::collections::BTreeSet;

use super::{ALERTS, Book, CHECK, OUTAGE, REBUILD, TAKE_OUT, WAIT, heading, limits, psql, shell_word};
use crate::plan::{Address, Connector, Runner, Sink, Source, Target};
use crate::targets::markdown::{Table, code, codes};

impl Book<'_> {
    pub(super) fn outage(&self) -> String {
        let mut text = format!(
            "{}A shorter outage needs nothing: everything goes on from its last position, and what is repeated is refused as old. Beyond one of these \
             limits something is lost, and going on as if nothing happened would leave views wrong for good.\n\n{}",
            heading(OUTAGE),
            limits(self)
        );
        text.push_str(
            "**The slot was lost, or its log ran out.** The capture has to take a new snapshot. Rows deleted meanwhile are in no snapshot, and the change logs \
             still hold them: so the logs are made anew, and afterwards every view of that system is emptied and refilled.\n\n",
        );
        for source in &self.deployment.sources {
            text.push_str(&format!(
                "```bash\n# 1. the capture stops\n{}{WAIT}# 2. the lost slot goes, if it is still listed\n{} -c \"SELECT pg_drop_replication_slot(slot_name) \
                 FROM pg_replication_slots WHERE slot_name = '{}'\"\n# 3. its change logs go, and are made again\n{}# 4. the capture begins anew: snapshot, \
                 then changes\n{}# 5. when it streams again: \"{REBUILD}\", for each view\n```\n\n",
                self.stop(&source.connector),
                psql(&source.name),
                source.slot.value,
                self.logs_anew(source),
                self.start_over(&source.connector)
            ));
        }
        text.push_str(
            "**A capture was restarted before its first copy was complete.** It copies again from a later position and tells nobody of rows that were deleted \
             between both copies: they stay in the change log and in every view (tried). The worker's log then tells of a second snapshot (`Snapshot step 1`) that nobody asked \
             for. Then as for a lost slot.\n\n",
        );
        text.push_str(&format!(
            "**A view stood still longer than tombstones live.** Its topic no longer tells it what was deleted: \"{REBUILD}\".\n\n\
             **The database was restored, or failed over to a replica that lacked the last commits.** Positions may have gone back, and stores would \
             refuse what is new as old. Before anything starts again: stop the views, since records with the old, higher positions must not be read again. Then as for \
             a lost slot, with every view emptied.\n\n"
        ));
        text
    }

    /// The lines that delete a capture's change logs and make them again, empty.
    fn logs_anew(&self, source: &Source) -> String {
        let topics = source.tables.iter().filter_map(|table| self.deployment.topics.get(table.topic.0));
        if self.strimzi() {
            let names = topics.map(crate::targets::strimzi::topic_name).collect::<Vec<_>>().join(" ");
            return format!("kubectl delete kafkatopic {names}\nkubectl apply -k strimzi\n");
        }
        let delete: String = topics
            .map(|topic| {
                format!(
                    "kafka-topics.sh --bootstrap-server \"$KAFKA_BOOTSTRAP\" --delete --if-exists --topic {}\n",
                    shell_word(&topic.name)
                )
            })
            .collect();
        format!("{delete}# wait until kafka-topics.sh --list shows none of them\n./apply.sh\n")
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
                format!("{}{WAIT}{empty}{}", each(Self::stop), each(Self::start_over))
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
                    "curl -sS -X DELETE \"$CONNECT_URL/connectors/{}\"\n",
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
        let mut table = Table::new(&["alert", "about", "what it means", "what to do"]);
        let views: Vec<&str> = self.deployment.sinks.iter().map(|sink| sink.name.as_str()).collect();
        if !views.is_empty() {
            table.row([
                code("ViewBehind"),
                codes(&views),
                "readers see old rows; nothing is wrong or lost yet".into(),
                format!("\"{CHECK}\": which of capture, log and view is behind? A lag that grows steadily is too little capacity, one that stands is a stop"),
            ]);
        }
        let kept: BTreeSet<&str> = self.deployment.streams().map(|(sink, _, _)| sink.name.as_str()).collect();
        if !kept.is_empty() {
            table.row([
                code("ViewStopped"),
                codes(&kept),
                "a record cannot be applied; it is tried again and again, and nothing is skipped".into(),
                "Bento's log names the record and the reason. Correct the row at its record, or the view, and compile"
                    .into(),
            ]);
            table.row([
                code("ViewReadAgain"),
                codes(&kept),
                "changes were refused as older than what is there. After a restart: repeats, as they should be. All the time: a second writer, or positions \
                 that went back"
                    .into(),
                format!("was the database restored? \"{OUTAGE}\", its last part"),
            ]);
        }
        let processes: Vec<&str> = self
            .deployment
            .processes
            .iter()
            .filter(|process| process.stream().is_some())
            .map(|process| process.name.as_str())
            .collect();
        if !processes.is_empty() {
            table.row([
                code("ProcessStopped"),
                codes(&processes),
                "a record says nothing the process understands; it and all behind it in its partition wait, and nothing is skipped".into(),
                "Bento's log names the record and the reason. Let the page read it, compile, and start Bento anew; or, where the record is no event at all, \
                 set the group's offset behind it, which leaves it out for good"
                    .into(),
            ]);
        }
        for source in &self.deployment.sources {
            let limit = source.slot_limit.as_ref().map_or("there is no limit: the disk is next".into(), |limit| {
                format!("at {} the slot is lost", crate::units::size(limit.value))
            });
            let names =
                if source.slot_limit.is_some() { codes(["SlotUnread", "SlotNearLimit"]) } else { code("SlotUnread") };
            table.row([
                names,
                code(&source.slot.value),
                format!(
                    "the capture of {} stands or does not keep up, and the database keeps its log; {limit}",
                    code(&source.name)
                ),
                format!("start the capture. If that takes longer than there is room: \"{OUTAGE}\""),
            ]);
        }
        for sink in &self.deployment.sinks {
            if let Some(dead) = sink.dead_letters {
                table.row([
                    code("DeadLetters"),
                    code(&self.deployment.topic(dead).name),
                    format!("{} lacks these changes and goes on without them", code(&sink.name)),
                    "the reason is in each record's headers. After the cure the row's next change sets it right, or a refill does".into(),
                ]);
            }
        }
        let file = if self.alerts {
            "The rules are in `alerts/prometheus-rules.yaml`.\n\n"
        } else {
            "This output has no alert rules; these are the names to give them.\n\n"
        };
        format!("{}{file}{}{}", heading(ALERTS), table.or("Nothing runs here."), self.other_signs())
    }

    /// What no rule watches.
    fn other_signs(&self) -> String {
        let mut list = Vec::new();
        if self.deployment.connectors().next().is_some() {
            list.push(
                "**A task is `FAILED`**: it stands until somebody acts, and a source's slot keeps the database's log meanwhile. The trace is in the worker's \
                 log and in the connector's status. Cure the cause, then restart the task: it goes on from where it was. A database that starts again can end the \
                 sinks of its tables so.",
            );
        }
        list.push(
            "**The audit finds rows**: run it again after a minute. What stays: look for a writer that nobody declared, then correct the row at its record or \
             refill the view.",
        );
        format!("Besides:\n\n- {}\n\n", list.join("\n- "))
    }
}

/// The command that empties a target.
fn empty(sink: &Sink, target: &Target) -> String {
    match target {
        Target::Index(index) => format!(
            "curl -sS -X DELETE \"${0}/{1}\"   # and ./apply.sh, which makes it again\n",
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
