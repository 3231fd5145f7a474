//! What newcomers type, and what it is called here.

use super::holes::Place;

/// Words of another language where a word of this one is meant.
pub(super) struct Hint {
    /// Where.
    pub place: Place,
    /// The words, in lower case.
    pub words: &'static str,
    /// What replaces them; nothing where there is no single answer.
    pub instead: Option<&'static str>,
    /// What the finding says.
    pub says: &'static str,
    /// What to do.
    pub help: &'static str,
}

const fn hint(
    place: Place,
    words: &'static str,
    instead: &'static str,
    says: &'static str,
    help: &'static str,
) -> Hint {
    Hint { place, words, instead: Some(instead), says, help }
}

const fn advice(place: Place, words: &'static str, says: &'static str, help: &'static str) -> Hint {
    Hint { place, words, instead: None, says, help }
}

/// All hints; of several that fit, the first counts.
pub(super) static HINTS: &[Hint] = &[
    hint(Place::File, "table", "entity", "a `table` is declared as an `entity`", "write `entity`"),
    hint(Place::File, "topic", "event", "a `topic` is declared by the `event` in it", "write `event`"),
    hint(Place::File, "stream", "event", "a `stream` is declared by the `event` in it", "write `event`"),
    hint(Place::File, "database", "system", "a `database` is declared as a `system`", "write `system`"),
    hint(Place::File, "store", "system", "a `store` is declared as a `system`", "write `system`"),
    hint(Place::File, "application", "service", "an `application` is declared as a `service`", "write `service`"),
    hint(Place::File, "app", "service", "an `app` is declared as a `service`", "write `service`"),
    hint(Place::File, "env", "environment", "`env` is written `environment`", "write `environment`"),
    hint(Place::File, "include", "import", "`include` is written `import`", "write `import`"),
    hint(Place::File, "materialized view", "view", "every `view` is materialized", "write `view`"),
    hint(
        Place::File,
        "constraint",
        "hard constraint",
        "a `constraint` is `hard` or `soft`",
        "write `hard constraint` or `soft constraint`",
    ),
    advice(Place::File, "create", "`create` declares nothing here", "name the thing itself: `entity`, `event`, `view`"),
    advice(Place::File, "source", "a `source` is not declared", "write a `view`; its first line is the source"),
    advice(Place::File, "sink", "a `sink` is not declared", "write a `view`; its last stage is the store"),
    advice(Place::File, "connector", "a `connector` is not declared, it follows from a `view`", "write a `view`"),
    hint(Place::Record, "primary key", "key", "`primary key` is written `key`", "write `key`"),
    hint(
        Place::Record,
        "not null",
        "",
        "every column is `not null` unless its type ends in `?`",
        "leave `not null` out",
    ),
    hint(
        Place::Record,
        "null",
        "?",
        "a column that may be null has a `?` behind its type",
        "write `?` behind the type",
    ),
    hint(
        Place::Record,
        "nullable",
        "?",
        "a column that may be null has a `?` behind its type",
        "write `?` behind the type",
    ),
    hint(
        Place::Record,
        "optional",
        "?",
        "a column that may be null has a `?` behind its type",
        "write `?` behind the type",
    ),
    hint(
        Place::Record,
        "double precision",
        "double",
        "the type `double precision` is written `double`",
        "write `double`",
    ),
    hint(Place::Record, "precision", "", "the type `double precision` is written `double`", "leave `precision` out"),
    hint(
        Place::Record,
        "with time zone",
        "",
        "the type `timestamp` is an instant already",
        "leave `with time zone` out",
    ),
    advice(Place::Record, "without time zone", "the type without a time zone is `datetime`", "write `datetime`"),
    hint(Place::Record, "personal", "pii", "personal data is marked `pii`", "write `pii`"),
    advice(
        Place::Record,
        "foreign key",
        "a `foreign key` is said by its column",
        "write `references` behind the column's type",
    ),
    advice(
        Place::Record,
        "check",
        "a `check` is a constraint of its own",
        "write `hard constraint … on …: …` at the top of a file",
    ),
    advice(Place::Record, "index", "an `index` is left to the system that holds the record", "leave `index` out"),
    advice(
        Place::Record,
        "auto_increment",
        "how a database makes numbers does not matter here",
        "leave `auto_increment` out",
    ),
    advice(
        Place::Record,
        "on delete",
        "what a database does when a parent goes is read from its schema",
        "leave `on delete` out",
    ),
    hint(Place::Source, "from", "", "the source of a view stands without a word", "leave `from` out"),
    advice(Place::Source, "select", "a view is a pipeline, not a query", "write the source first, then `| select …`"),
    hint(Place::Stage, "filter", "where", "unknown pipeline stage `filter`, did you mean `where`?", "write `where`"),
    hint(Place::Stage, "having", "where", "unknown pipeline stage `having`, did you mean `where`?", "write `where`"),
    hint(
        Place::Stage,
        "project",
        "select",
        "unknown pipeline stage `project`, did you mean `select`?",
        "write `select`",
    ),
    hint(Place::Stage, "map", "select", "unknown pipeline stage `map`, did you mean `select`?", "write `select`"),
    hint(Place::Stage, "inner join", "join", "an `inner join` is written `join`", "write `join`"),
    hint(
        Place::Stage,
        "left outer join",
        "left join",
        "a `left outer join` is written `left join`",
        "write `left join`",
    ),
    hint(
        Place::Stage,
        "dedup",
        "distinct",
        "unknown pipeline stage `dedup`, did you mean `distinct by`?",
        "write `distinct by`",
    ),
    hint(
        Place::Stage,
        "deduplicate",
        "distinct",
        "unknown pipeline stage `deduplicate`, did you mean `distinct by`?",
        "write `distinct by`",
    ),
    hint(Place::Stage, "merge", "union", "unknown pipeline stage `merge`, did you mean `union`?", "write `union`"),
    hint(
        Place::Stage,
        "redact",
        "mask",
        "unknown pipeline stage `redact`, did you mean `mask … with redact`?",
        "write `mask`",
    ),
    hint(Place::Stage, "into", "", "the store of a pipeline is its last stage, without a word", "leave `into` out"),
    hint(Place::Stage, "to", "", "the store of a pipeline is its last stage, without a word", "leave `to` out"),
    advice(
        Place::Stage,
        "order by",
        "rows of a stream have no order but that of their log",
        "say `guarantee ordered per …` in the view",
    ),
    advice(
        Place::Stage,
        "sort",
        "rows of a stream have no order but that of their log",
        "say `guarantee ordered per …` in the view",
    ),
    advice(Place::Stage, "limit", "a stream has no end to count from", "leave `limit` out"),
    hint(
        Place::View,
        "guarantee fresh",
        "objective fresh",
        "freshness is an `objective`: it is watched, not proved",
        "write `objective`",
    ),
    hint(Place::View, "fresh", "objective fresh", "freshness is an `objective`", "write `objective fresh within …`"),
    hint(
        Place::View,
        "freshness",
        "objective fresh within",
        "freshness is an `objective`",
        "write `objective fresh within …`",
    ),
    hint(
        Place::View,
        "objective ordered",
        "guarantee ordered",
        "order is a `guarantee`: it is proved",
        "write `guarantee`",
    ),
    hint(
        Place::View,
        "objective exactly",
        "guarantee exactly",
        "`exactly once` is a `guarantee`: it is proved",
        "write `guarantee`",
    ),
    hint(Place::View, "ordered", "guarantee ordered", "order is a `guarantee`", "write `guarantee ordered …`"),
    hint(
        Place::View,
        "exactly once",
        "guarantee exactly once",
        "`exactly once` is a `guarantee`",
        "write `guarantee exactly once …`",
    ),
    hint(
        Place::View,
        "replayable",
        "guarantee replayable",
        "`replayable` is a `guarantee`",
        "write `guarantee replayable …`",
    ),
    hint(
        Place::View,
        "read your writes",
        "guarantee read your writes",
        "`read your writes` is a `guarantee`",
        "write `guarantee …`",
    ),
    hint(Place::View, "retention", "retain", "`retention` is written `retain`", "write `retain`"),
    hint(Place::View, "ttl", "expire after", "`ttl` is written `expire after`", "write `expire after`"),
    hint(Place::Record, "retention", "retain", "`retention` is written `retain`", "write `retain`"),
    hint(Place::Service, "publishes", "emits", "what a service `publishes` it `emits`", "write `emits`"),
    hint(Place::Service, "produces", "emits", "what a service `produces` it `emits`", "write `emits`"),
    hint(Place::Service, "consumes", "reads", "what a service `consumes` it `reads`", "write `reads`"),
    hint(Place::Service, "owner", "team", "the `owner` of a service is its `team`", "write `team`"),
    hint(Place::Process, "publish", "emit", "what a process publishes it `emit`s", "write `emit`"),
    hint(Place::Process, "image", "run", "the `image` of a process is what it `run`s", "write `run`"),
    hint(Place::Environment, "target", "deploy", "`target` is written `deploy`", "write `deploy`"),
    hint(Place::System, "ddl", "schema", "`ddl` is written `schema`", "write `schema`"),
    hint(Place::System, "region", "leader in", "the region of a system is that of its `leader`", "write `leader in …`"),
];

/// The unit that a word for a span of time means.
pub(super) fn unit(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "ms" | "msec" | "millis" | "millisecond" | "milliseconds" => "ms",
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        "w" | "week" | "weeks" => "w",
        "y" | "yr" | "year" | "years" => "y",
        _ => return None,
    })
}

/// The unit of bytes that a word comes nearest to.
pub(super) fn byte_unit(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "k" | "kb" | "ki" | "kib" => "KiB",
        "m" | "mb" | "mi" | "mib" => "MiB",
        "g" | "gb" | "gi" | "gib" => "GiB",
        "t" | "tb" | "ti" | "tib" => "TiB",
        _ => return None,
    })
}
