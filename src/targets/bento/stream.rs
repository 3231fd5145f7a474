//! What all streams share: input, counting, output.

use crate::plan::{Deployment, PlannedFlow, Sink, Stream};

use super::yaml::{Node, field};

/// One table's way into its store.
pub(super) struct Way<'a> {
    pub(super) deployment: &'a Deployment,
    pub(super) sink: &'a Sink,
    pub(super) flow: &'a PlannedFlow,
    pub(super) stream: &'a Stream,
}

/// How records are taken from the log.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Taking {
    /// One by one.
    Single,
    /// Many in one request.
    Batches,
    /// Many in one request, of each partition one batch behind the other (facts/runners 8).
    InOrder,
}

impl Way<'_> {
    /// The file of a stream whose processors are given.
    pub(super) fn file(&self, taking: Taking, processors: Vec<Node>, into: &str) -> String {
        let mut all = processors;
        // Two threads would let a batch overtake another one.
        let threads = if taking == Taking::InOrder { 1 } else { self.stream.threads };
        all.extend([self.count()]);
        let mut node = Node::map()
            .with("input", self.input(taking))
            .with("pipeline", Node::map().with("threads", Node::plain(threads)).with("processors", Node::List(all)))
            .with("output", self.output());
        for (path, value) in &self.stream.raw {
            let keys: Vec<&str> = path.split('.').collect();
            node.set(&keys, value);
        }
        node.file(
            &format!("View {} version {}: {} into {into}", self.sink.name, self.sink.version, self.flow.origin(),),
        )
    }

    fn brokers(&self) -> Node {
        Node::List(self.deployment.log.bootstrap.iter().map(Node::env).collect())
    }

    /// Not `kafka_franz`: it waits 45 s for the dead after a kill, and calls itself ready without a broker.
    fn input(&self, taking: Taking) -> Node {
        let (limit, why) = match taking {
            Taking::Single | Taking::Batches => (
                1024,
                "records of a partition on their way at once; no offset is committed before all below it are done",
            ),
            Taking::InOrder => {
                (1, "one batch of a partition at a time: a fact is never kept before an older one of its partition")
            }
        };
        let kafka = Node::map()
            .with("addresses", self.brokers())
            .with("topics", Node::List(vec![Node::text(&self.flow.topic_name)]))
            .with("consumer_group", Node::text(&self.stream.group))
            .with("commit_period", Node::plain("1s"))
            .noted(
                "group",
                Node::map()
                    .with("session_timeout", Node::plain("6s"))
                    .with("heartbeat_interval", Node::plain("2s"))
                    .with("rebalance_timeout", Node::plain("10s")),
                "after a kill the others take over within seconds",
            )
            .noted("checkpoint_limit", Node::plain(limit), why);
        let kafka = match taking {
            Taking::Single => kafka,
            Taking::Batches | Taking::InOrder => kafka.with(
                "batching",
                Node::map()
                    .with("count", Node::plain(500))
                    .with("byte_size", Node::plain(5_000_000))
                    .with("period", Node::plain("100ms")),
            ),
        };
        Node::map().with("kafka", kafka)
    }

    /// Counts what became of each record, and says why one could not be applied.
    fn count(&self) -> Node {
        let counter = |name: &str, result: Node| {
            let labels = Node::map().with("view", Node::text(&field(&self.sink.name))).with("result", result);
            Node::map().with(
                "metric",
                Node::map().with("type", Node::plain("counter")).with("name", Node::plain(name)).with("labels", labels),
            )
        };
        let case = |check: &str, processors: Vec<Node>| {
            Node::map().with("check", Node::plain(check)).with("processors", Node::List(processors))
        };
        let result = || Node::text_in_field("${! metadata(\"result\") }");
        let cases = vec![
            case(
                // A request that failed as a whole is logged once by its own processor.
                "'errored() || @retry != null'",
                vec![self.log("ERROR", "not applied yet, will be tried again", "@retry.or(error())")],
            ),
            case(
                "'@poison != null'",
                vec![self.log("ERROR", self.fate(), "@poison"), counter("view_poison", Node::text("poison"))],
            ),
            case("'[\"applied\", \"deleted\"].contains(@result)'", vec![counter("view_applied", result())]),
            case("'[\"duplicate\", \"stale\"].contains(@result)'", vec![counter("view_stale", result())]),
        ];
        Node::map().with("switch", Node::List(cases))
    }

    fn fate(&self) -> &'static str {
        match self.sink.dead_letters {
            Some(_) => "cannot be applied, goes to the dead-letter topic",
            None => "cannot be applied, the view stops",
        }
    }

    fn log(&self, level: &str, message: &str, reason: &str) -> Node {
        let fields = format!(
            "root.view = {}\nroot.reason = {reason}\nroot.topic = @kafka_topic\nroot.partition = @kafka_partition\nroot.offset = @kafka_offset\n",
            super::bloblang::literal(&self.sink.name)
        );
        Node::map().with(
            "log",
            Node::map()
                .with("level", Node::plain(level))
                .with("message", Node::text(message))
                .with("fields_mapping", Node::Block(fields)),
        )
    }

    /// What is applied is done; what may succeed later is tried again; what never will is kept aside, or stops the view.
    fn output(&self) -> Node {
        let reject = |reason: &str| Node::map().with("reject", Node::text_in_field(reason));
        let bad = match self.sink.dead_letters {
            Some(topic) => Node::map().with("kafka", self.dead_letters(&self.deployment.topic(topic).name)),
            None => reject("bad record: ${! metadata(\"poison\") }"),
        };
        let case = |check: Option<&str>, output: Node| {
            Node::map().with_some("check", check.map(Node::plain)).with("output", output)
        };
        let cases = vec![
            case(
                Some("'errored() || @retry != null || @failed != null'"),
                reject("retry: ${! metadata(\"retry\").or(metadata(\"failed\")).or(error()) }"),
            ),
            case(Some("'@poison != null'"), bad),
            case(None, Node::map().with("drop", Node::map())),
        ];
        Node::map().with("switch", Node::map().with("cases", Node::List(cases)))
    }

    fn dead_letters(&self, topic: &str) -> Node {
        let hidden = ["kafka_key", "kafka_lag", "kafka_tombstone", "command", "result", "retry", "failed"];
        Node::map()
            .with("addresses", self.brokers())
            .with("topic", Node::text(&field(topic)))
            .with("key", Node::plain("'${! metadata(\"kafka_key\") }'"))
            .noted(
                "metadata",
                Node::map().with("exclude_prefixes", Node::List(hidden.iter().map(Node::plain).collect())),
                "headers of the record, with the reason in `poison` and where it came from in `kafka_topic`, `kafka_partition`, `kafka_offset`",
            )
    }
}
