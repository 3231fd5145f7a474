//! Values that do not arrive as they are: what the document says of them.

use std::collections::BTreeSet;

use crate::plan::Sink;
use crate::plan::limits::{LIMITS, Limit};

use crate::targets::markdown::codes;

/// A line for each limit that a view's columns can meet.
pub(super) fn lines(sink: &Sink) -> Vec<String> {
    LIMITS.iter().filter_map(|limit| line(limit, sink)).collect()
}

fn line(limit: &Limit, sink: &Sink) -> Option<String> {
    let several = sink.flows.len() > 1;
    let mut names: BTreeSet<String> = BTreeSet::new();
    // Facts come another way, which keeps all of them.
    for flow in sink.flows.iter().filter(|flow| flow.facts().is_none()) {
        let columns =
            flow.columns.iter().filter(|column| column.mask.is_none() && limit.concerns(&column.ty, &flow.target));
        names.extend(
            columns.map(
                |column| {
                    if several { format!("{}.{}", flow.name(), column.name) } else { column.name.clone() }
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
