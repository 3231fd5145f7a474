//! Planned changes: a table more, a version more, readers over, back again.

use super::{ADD_TABLE, Book, CHECK, NEW_VERSION, ROLL_BACK, SWITCH, heading, keepers, psql, shell_word};
use crate::plan::{Binlog, Sink, Source, Target};
use crate::targets::markdown::{Table, code};

impl Book<'_> {
    pub(super) fn add_table(&self) -> String {
        let mut text = heading(ADD_TABLE);
        text.push_str(
            "1. Add the entity or the view to the `.dia` file, compile, and read the difference of the output.\n\
             2. Run `./apply.sh`: it grants, extends the publication and creates the topic before the capture is told of the table.\n\
             3. Rows that are there already are not captured by that: ask for a snapshot of the new table. Other changes wait until it is done.\n\n\
             The snapshot is of type `blocking` on purpose. Rows of an `incremental` one carry no position, and every view of the table would stop at \
             them.\n\n",
        );
        for source in &self.deployment.sources {
            if let Some(binlog) = source.binlog() {
                text.push_str(&self.add_to_binlog(source, binlog));
                continue;
            }
            let table = source
                .tables
                .first()
                .map_or("public.example".into(), |table| format!("{}.{}", table.namespace, table.table));
            text.push_str(&format!(
                "```bash\n# the new table's name stands for {table}\n{} -c \"INSERT INTO {}.signal (id, type, data) VALUES \
                 (gen_random_uuid()::text, 'execute-snapshot', '{{\\\"data-collections\\\": [\\\"{table}\\\"], \\\"type\\\": \\\"blocking\\\"}}')\"\n```\n\n",
                psql(&source.name),
                source.service_schema
            ));
        }
        text
    }

    /// A table more in a capture that keeps the definitions of its tables itself.
    fn add_to_binlog(&self, source: &Source, binlog: &Binlog) -> String {
        let table =
            source.tables.first().map_or("shop.example".into(), |table| format!("{}.{}", table.namespace, table.table));
        format!(
            "The capture of {} knows the definitions of its tables from {}, where the new one is missing: its first change would stop it. So before step 2 \
             the connector is stopped, and between 2 and 3 it starts once with `snapshot.mode` = `recovery`, which writes the definitions anew and goes on \
             where it was (tried). That is right only while no table was altered since the stop. `./apply.sh` then sets the mode back.\n\n\
             ```sql\n-- the new table's name stands for {table}\nINSERT INTO `{}`.`signal` (id, type, data)\n\
             VALUES (UUID(), 'execute-snapshot', '{{\"data-collections\": [\"{table}\"], \"type\": \"blocking\"}}');\n```\n\n",
            code(&source.name),
            code(&self.deployment.topic(binlog.history).name),
            source.service_schema
        )
    }

    pub(super) fn new_version(&self) -> String {
        let example = self.deployment.sinks.first();
        let name = example.map_or("v", |sink| &sink.name);
        let version = example.map_or(1, |sink| sink.version);
        format!(
            "{}A view whose form changes is not changed in place: a new version fills beside the one that serves.\n\n\
             1. In the `.dia` file, next to the version that is there: `view {name} version {} replaces {version} {{ … }}`\n\
             2. Compile, `./apply.sh`{}. The new version reads the log from its beginning into a target of its own.\n\
             3. Wait until its lag is 0, then \"{CHECK}\" for it.\n\
             4. \"{SWITCH}\".\n\
             5. When nobody reads version {version} any more, take it out of the file. Its target and group stay until somebody removes them.\n\n",
            heading(NEW_VERSION),
            version + 1,
            if self.strimzi() { ", `kubectl apply -k strimzi`" } else { "" },
        )
    }

    pub(super) fn switch(&self) -> String {
        let mut table = Table::new(&["view", "what readers use", "how to switch"]);
        let mut commands = String::new();
        for sink in &self.deployment.sinks {
            for flow in &sink.flows {
                let (used, how) = match &flow.target {
                    Target::Index(index) => {
                        commands.push_str(&switch_alias(sink, &index.alias, &index.index));
                        (format!("alias {}", code(&index.alias)), "the request below, which moves the alias in one step".to_owned())
                    }
                    Target::Keyspace(keyspace) => {
                        (format!("keys {}", code(&keyspace.prefix)), "readers are told the new prefix, such as by their configuration".into())
                    }
                    Target::Table(table) => (
                        format!("table {}", code(&format!("{}.{}", table.namespace, table.name))),
                        "readers are told the new table, or read a view of that name that is replaced in one transaction".into(),
                    ),
                    Target::Snowflake(table) => (
                        format!("view {}", code(&format!("{}.{}", table.namespace, table.name))),
                        "readers are told the new view, or `ALTER VIEW … RENAME` both in one session".into(),
                    ),
                };
                table.row([code(&sink.name), used, how]);
            }
        }
        let mut text = format!("{}{}", heading(SWITCH), table.or("No view has a store here."));
        if !commands.is_empty() {
            text.push_str(&format!(
                "Search, here from the index that is planned now to the next one:\n\n```bash\n{commands}```\n\n\
                 From a bare index of the alias's name: an alias cannot have an index's name, so the bare index must go in the same request \
                 (`remove_index` instead of `remove`), and only after the new one has caught up. There is no way back from that but filling it again.\n\n"
            ));
        }
        text
    }

    pub(super) fn roll_back(&self) -> String {
        let keepers: Vec<String> = self.deployment.sinks.iter().map(keepers).collect();
        format!(
            "{}- **Readers back to the old version**: the same request as for the switch, with the names exchanged. The old version is still kept ({}), so \
             nothing has to be filled.\n\
             - **Configuration back**: take the commit back, compile, `./apply.sh`{}. Connectors and streams go on from where they were.\n\
             - **Not to be taken back so**: the number of a topic's partitions, a key, a topic's or slot's name. Those are new versions, not edits.\n\n",
            heading(ROLL_BACK),
            if keepers.is_empty() { "none here".into() } else { keepers.join("; ") },
            if self.strimzi() { ", `kubectl apply -k strimzi`" } else { "" },
        )
    }
}

fn switch_alias(sink: &Sink, alias: &str, index: &str) -> String {
    let next = format!("{alias}_v{}", sink.version + 1);
    let body = serde_json::json!({"actions": [
        {"remove": {"index": index, "alias": alias}},
        {"add": {"index": next, "alias": alias}},
    ]});
    format!(
        "curl -sS -X POST -H 'Content-Type: application/json' \"${}/_aliases\" -d {}\n",
        super::dba_variable(&sink.store_name, "URL"),
        shell_word(&body.to_string())
    )
}
