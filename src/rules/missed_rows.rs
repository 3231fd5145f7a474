use super::{Context, Sink, rule};
use crate::diag::Severity;
use crate::model::types::Type;
use crate::model::{Column, Model, Via, View};

rule! {
    /// Incremental batch copies miss rows that commit late.
    ///
    /// A value is drawn when a row is written and seen when its transaction commits, and transactions do not commit in the order in which they drew. A copy that has
    /// passed a value never looks below it again. A column that has no order at all (a random uuid, a text) or starts again for each key is an error; a number or a
    /// time is a warning. `deletes keep` does not cure it.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system warehouse: snowflake
    /// entity order in shop.public.orders {
    ///   order_id  uuid  key
    ///   append only
    /// }
    /// view orders_fact {
    ///   order | warehouse.analytics.orders_fact
    ///   via batch incremental on order_id every 1h
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system warehouse: snowflake
    /// entity order in shop.public.orders {
    ///   order_id  uuid  key
    ///   append only
    /// }
    /// view orders_fact {
    ///   order | warehouse.analytics.orders_fact
    ///   via batch full every 1h
    /// }
    /// ```
    {
        name: "missed_rows", severity: Error, waivable: true, title: "incremental batch copies miss rows", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for view in &model.views {
        let (Via::BatchIncremental { on, every }, Some(span)) = (&view.via, view.via_span) else { continue };
        let column = column(model, view, &on.value);
        // A name that stands for no column is said where it is looked up.
        if column.is_none() && view.relation.as_ref().is_some_and(|relation| !relation.open) {
            continue;
        }
        let why = column.and_then(unordered);
        let message = match why {
            Some(_) => format!("rows are missing from `{}`: `{}` has no order", view.name, on.value),
            None => format!("rows may be missing from `{}`: `{}` is not assigned in commit order", view.name, on.value),
        };
        let mut finding = sink.at(view.at(span), message).here("a copy never looks below the last value it has seen");
        if let Some(column) = column {
            let word = why.unwrap_or("drawn before its row commits");
            finding = finding.also(column.span, format!("`{}` is {word}", column.name));
        }
        if why.is_none() {
            finding.severity = Severity::Warning;
        }
        let story = match why {
            Some(_) => vec![
                format!("A copy of `{}` ends with the greatest `{}` there is.", view.name, on.value),
                format!("The next row gets a smaller one: it is never copied to {}.", model.store_path(view)),
            ],
            None => vec![
                format!(
                    "One transaction draws its `{}` and goes on; a second draws the next one and commits.",
                    on.value
                ),
                format!("A copy of `{}` passes the second value. The first transaction commits.", view.name),
                format!("Its row is below what has been seen: it is never copied to {}.", model.store_path(view)),
            ],
        };
        let every = crate::units::duration(every.ms);
        sink.push(finding.help(format!("write `via cdc`, or `via batch full every {every}`")).story(story));
    }
}

/// The column as a record declares it.
fn column<'a>(model: &'a Model, view: &View, name: &str) -> Option<&'a Column> {
    let relation = view.relation.as_ref();
    let found = relation.and_then(|relation| {
        let named = relation.columns.iter().chain(&relation.beside).find(|column| column.name == name)?;
        let source = named.term.copies()?.into_iter().next()?;
        model.record_column(source.record, &source.column)
    });
    found.or_else(|| model.records(view).into_iter().find_map(|record| model.record_column(record, name)))
}

/// Why a column's values say nothing of what came before what; none where they grow, if not in commit order.
fn unordered(column: &Column) -> Option<&'static str> {
    if column.sequence.is_some() {
        return Some("counted for each key anew");
    }
    match column.ty {
        Type::Uuid => Some("a uuid, which has no order"),
        Type::Text | Type::Enum(_) => Some("a text, which grows with nothing"),
        Type::Bool | Type::Bytes | Type::Json | Type::Array(_) | Type::Time | Type::TimeTz | Type::Interval => {
            Some("nothing that grows")
        }
        Type::Smallint
        | Type::Int
        | Type::Bigint
        | Type::Decimal { .. }
        | Type::Float
        | Type::Double
        | Type::Date
        | Type::Timestamp
        | Type::Datetime
        | Type::Other(_) => None,
    }
}
