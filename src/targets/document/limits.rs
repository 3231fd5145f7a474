//! Values that do not arrive as they are, by type: seen in the lab (tests/lab/FACTS.md, 7), with Debezium's source 3.7.0.Final and JDBC sink 3.6.0.Final.

use std::collections::BTreeSet;

use crate::model::types::Type;
use crate::plan::{Sink, Target};

use crate::targets::markdown::codes;

/// A kind of value, and what becomes of it.
struct Limit {
    holds: fn(&Type) -> bool,
    /// In tables of databases only; else everywhere.
    tables: bool,
    text: &'static str,
}

const LIMITS: &[Limit] = &[
    Limit {
        holds: |ty| matches!(ty, Type::Float | Type::Double),
        tables: true,
        text: "NaN and infinities arrive as 0",
    },
    Limit {
        holds: |ty| matches!(ty, Type::Date),
        tables: false,
        text: "dates before Christ and `infinity` arrive as other days",
    },
    Limit {
        holds: |ty| matches!(ty, Type::Decimal { precision: None, .. }),
        tables: true,
        text: "infinities stop the view",
    },
    Limit { holds: |ty| matches!(ty, Type::Time), tables: true, text: "`24:00:00` stops the view" },
    Limit {
        holds: |ty| matches!(ty, Type::Array(_)),
        tables: false,
        text: "arrays of more than one dimension arrive as text without meaning",
    },
];

/// A line for each limit that a view's columns can meet.
pub(super) fn lines(sink: &Sink) -> Vec<String> {
    LIMITS.iter().filter_map(|limit| line(limit, sink)).collect()
}

fn line(limit: &Limit, sink: &Sink) -> Option<String> {
    let several = sink.flows.len() > 1;
    let mut names: BTreeSet<String> = BTreeSet::new();
    for flow in &sink.flows {
        if limit.tables && !matches!(flow.target, Target::Table(_)) {
            continue;
        }
        let columns = flow.columns.iter().filter(|column| column.mask.is_none() && (limit.holds)(&column.ty));
        names.extend(
            columns.map(
                |column| {
                    if several { format!("{}.{}", flow.entity_name, column.name) } else { column.name.clone() }
                },
            ),
        );
    }
    let shown: Vec<&str> = names.iter().take(6).map(String::as_str).collect();
    let rest = match names.len().saturating_sub(shown.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!shown.is_empty()).then(|| {
        format!("Not every value of {}{rest}: {}; an audit of these rows finds them.", codes(shown), limit.text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_of_types() {
        let of = |ty: &Type| LIMITS.iter().filter(|limit| (limit.holds)(ty)).count();
        assert_eq!(of(&Type::Double), 1);
        assert_eq!(of(&Type::Decimal { precision: Some(12), scale: Some(2) }), 0);
        assert_eq!(of(&Type::Text), 0);
    }
}
