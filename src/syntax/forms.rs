//! How each statement is written: the help of a finding that has no better one.

use super::holes::Place;

/// The first word of a statement, where it stands, and its form.
static FORMS: &[(Place, &str, &str)] = &[
    (Place::File, "edition", "edition 2026"),
    (Place::File, "pipeline", "pipeline name"),
    (Place::File, "import", "import \"file.dia\""),
    (Place::File, "system", "system name: kind { … }"),
    (Place::File, "entity", "entity name in system.schema.table { … }"),
    (Place::File, "event", "event name in log.topic partitioned by column { … }"),
    (Place::File, "view", "view name { source | stages | store }"),
    (Place::File, "process", "process name from event { … }"),
    (Place::File, "service", "service name { … }"),
    (Place::File, "hard", "hard constraint name on entity: rule"),
    (Place::File, "soft", "soft constraint name on entity: rule { … }"),
    (Place::File, "environment", "environment name extends other { … }"),
    (Place::File, "secret", "secret name"),
    (Place::File, "defaults", "defaults { … }"),
    (Place::System, "schema", "schema \"file.sql\""),
    (Place::System, "encoding", "encoding avro evolves backward"),
    (Place::System, "leader", "leader in region"),
    (Place::System, "leaders", "leaders in region, region"),
    (Place::System, "replicas", "replicas in region"),
    (Place::System, "may", "may hold pii"),
    (Place::System, "log", "log name"),
    (Place::System, "version", "version 17"),
    (Place::System, "epoch", "epoch 2"),
    (Place::System, "managed", "managed rds"),
    (Place::System, "standby", "standby"),
    (Place::Record, "key", "key (column, column)"),
    (Place::Record, "unique", "unique (column, column)"),
    (Place::Record, "volume", "volume 1_000 rows, 40/s writes"),
    (Place::Record, "retain", "retain 7d"),
    (Place::Record, "deleted", "deleted when condition"),
    (Place::Record, "append", "append only"),
    (Place::Record, "may", "may truncate"),
    (Place::Record, "identity", "identity full"),
    (Place::View, "guarantee", "guarantee ordered per column"),
    (Place::View, "objective", "objective fresh within 5s"),
    (Place::View, "partitioned", "partitioned by column"),
    (Place::View, "survives", "survives outage of 3d"),
    (Place::View, "bootstrap", "bootstrap within 6h"),
    (Place::View, "mapping", "mapping \"file.json\""),
    (Place::View, "team", "team \"name\""),
    (Place::View, "via", "via cdc"),
    (Place::View, "audit", "audit count() every 1h"),
    (Place::View, "rebuild", "rebuild from log within 6h"),
    (Place::View, "bad", "bad records stop"),
    (Place::View, "expire", "expire after 7d"),
    (Place::View, "deletes", "deletes remove"),
    (Place::View, "retain", "retain 7d"),
    (Place::Stage, "where", "| where condition"),
    (Place::Stage, "select", "| select column, expression as name"),
    (Place::Stage, "drop", "| drop column"),
    (Place::Stage, "mask", "| mask column with redact"),
    (Place::Stage, "join", "| join other as o on o.id = id"),
    (Place::Stage, "left", "| left join other as o on o.id = id"),
    (Place::Stage, "group", "| group by column"),
    (Place::Stage, "window", "| window tumbling 1h on column"),
    (Place::Stage, "nest", "| nest other as name (column) on other.id = id"),
    (Place::Stage, "distinct", "| distinct by column"),
    (Place::Stage, "union", "| union other"),
    (Place::Stage, "key", "| key by column"),
    (Place::Process, "emit", "emit event (column, expression as name)"),
    (Place::Process, "run", "run \"image\""),
    (Place::Process, "guarantee", "guarantee effect after cause"),
    (Place::Service, "writes", "writes entity, entity"),
    (Place::Service, "emits", "emits event"),
    (Place::Service, "reads", "reads view for lookup"),
    (Place::Service, "team", "team \"name\""),
    (Place::Constraint, "check", "check every 5m"),
    (Place::Constraint, "compensate", "compensate with event"),
    (Place::Constraint, "because", "because \"reason\""),
    (Place::Environment, "deploy", "deploy strimzi { … }"),
    (Place::Environment, "secret", "secret name = env \"VARIABLE\""),
    (Place::Environment, "system", "system name { … }"),
    (Place::Environment, "entity", "entity name { … }"),
    (Place::Environment, "event", "event name { … }"),
    (Place::Environment, "view", "view name { … }"),
    (Place::Environment, "process", "process name { … }"),
];

/// Finds how a statement of a place is written that starts with `word`.
pub(super) fn form(place: Place, word: &str) -> &'static str {
    let place = if place == Place::Defaults { Place::View } else { place };
    let known = FORMS.iter().find(|(home, first, _)| *home == place && *first == word);
    match (known, word, place) {
        (Some((_, _, form)), _, _) => form,
        (None, "allow", _) => "allow rule because \"reason\" until 2027-12-31",
        (None, "assume", _) => "assume deterministic because \"reason\"",
        (None, _, Place::File) => "source | stages | store",
        (None, _, Place::Record) => "column type key",
        (None, _, Place::Environment | Place::Settings) => "name = value",
        (None, _, Place::Source) => "source | stages | store",
        (None, _, Place::Stage) => "| system.schema.table",
        (None, _, Place::System) => "schema \"file.sql\"",
        (None, _, Place::View | Place::Defaults) => "guarantee ordered per column",
        (None, _, Place::Process) => "emit event",
        (None, _, Place::Service) => "reads view for lookup",
        (None, _, Place::Constraint) => "check every 5m",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse::is_sound;

    #[test]
    fn forms_are_of_the_language() {
        for (place, word, form) in FORMS {
            assert!(place.words().contains(word), "{word}");
            // The dots stand for a body, whose statements other forms show.
            let body = match (*place, *word) {
                (Place::File, "service") => "{ reads a }",
                (Place::File, "process") => "{ emit a }",
                (Place::File, "defaults") => "{ bad records stop }",
                (Place::File, "soft") => "{ check every 5m }",
                (Place::Environment, _) | (Place::File, "environment") => "{ tasks = 4 }",
                _ => "{ }",
            };
            let text = form.replace("{ … }", body);
            assert!(is_sound(place.probe(), text.trim_start_matches("| ")), "{text}");
        }
        for place in Place::WITH_STATEMENTS {
            for word in place.words().iter().filter(|word| !matches!(**word, "allow" | "assume")) {
                assert!(FORMS.iter().any(|(home, first, _)| *home == place && first == word), "{place:?} {word}");
            }
        }
    }
}
