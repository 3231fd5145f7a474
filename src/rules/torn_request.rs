use std::collections::BTreeSet;

use super::{Context, Sink, rule};
use crate::model::relation::{RecordId, Term};
use crate::model::walk::identity;
use crate::model::{Event, EventId, Model, Operation, Touched};
use crate::source::Span;

rule! {
    /// A service appends several events for one request.
    ///
    /// One append happens or does not. Two are two: whoever dies between them leaves half a request, and no record of the whole one. Emit one event that says
    /// all that was asked for, and let a process split it: the process starts again where it stopped.
    ///
    /// Meant are events that share an operation's id: a column of one name that comes `from client` in both, or an id by which both are keyed or partitioned. Events
    /// through an outbox are of one transaction, and sound.
    ///
    /// ```dia,bad
    /// system log: kafka
    /// event debit in log.debits partitioned by account_id {
    ///   request_id  uuid    key operation from client
    ///   account_id  bigint
    /// }
    /// event credit in log.credits partitioned by account_id {
    ///   request_id  uuid    key operation from client
    ///   account_id  bigint
    /// }
    /// service payments { emits debit, credit }
    /// ```
    ///
    /// ```dia,good
    /// system log: kafka
    /// event transfer_requested in log.transfers partitioned by request_id {
    ///   request_id    uuid    key operation from client
    ///   from_account  bigint
    ///   to_account    bigint
    /// }
    /// service payments { emits transfer_requested }
    /// ```
    {
        name: "torn_request", severity: Error, waivable: false, title: "one request, two appends", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for service in &model.services {
        let mut direct: Vec<(EventId, &Event, Span)> = Vec::new();
        for touch in &service.emits {
            let Touched::Event(id) = touch.what else { continue };
            let event = model.event(id);
            if event.outbox.is_none() && direct.iter().all(|(known, ..)| *known != id) {
                direct.push((id, event, touch.span));
            }
        }
        let mut said: BTreeSet<EventId> = BTreeSet::new();
        for (at, (id, event, span)) in direct.iter().enumerate() {
            if said.contains(id) {
                continue;
            }
            let rest = direct.get(at + 1..).unwrap_or_default();
            let torn: Vec<_> = rest.iter().filter_map(|other| Some((other, shared(model, *id, other.0)?))).collect();
            let Some((&(second, next, at), id_name)) = torn.first().map(|(other, name)| (*other, name.clone())) else {
                continue;
            };
            said.extend(torn.iter().map(|((other, ..), _)| *other));
            said.insert(second);
            let names: Vec<String> = std::iter::once(*event)
                .chain(torn.iter().map(|((_, event, _), _)| *event))
                .map(|event| format!("`{}`", event.name))
                .collect();
            let message = format!("`{}` emits {} for one request", service.name, names.join(" and "));
            let mut finding = sink.at(at, message).here("a second append of the same request").also(*span, "the first");
            for event in [*event, next] {
                if let Some(column) = event.column(&id_name) {
                    finding = finding.also(column.span, format!("the request's id in `{}`", event.name));
                }
            }
            sink.push(finding.help("emit one event for the whole request, and split it in a process").story([
                format!("`{}` appends `{}` and dies.", service.name, event.name),
                format!("`{}` is never appended.", next.name),
                format!(
                    "Half of the request took effect, and nothing says that there was another half to `{id_name}`."
                ),
            ]));
        }
    }
}

/// The operation's id that two events share.
fn shared(model: &Model, a: EventId, b: EventId) -> Option<String> {
    let made = |event: &Event, name: &str| {
        event.column(name).and_then(|column| column.operation.as_ref()).map(|made| made.value.clone())
    };
    let routed = |id: EventId, event: &Event, name: &str| {
        let own: Vec<Term> = vec![identity::own(RecordId::Event(id), name)];
        event.routing == own
    };
    let (one, other) = (model.event(a), model.event(b));
    let names: BTreeSet<&str> = one.columns.iter().map(|column| column.name.as_str()).collect();
    names
        .into_iter()
        .find(|name| {
            let (first, second) = (made(one, name), made(other, name));
            let both = first == Some(Operation::Client) && second == Some(Operation::Client);
            // Both are told apart by it alone, and one of them says that the client makes it.
            let whole = |event: &Event| event.key.len() == 1 && event.key.iter().all(|part| part == name);
            let keys =
                (first == Some(Operation::Client) || second == Some(Operation::Client)) && whole(one) && whole(other);
            let by = (first.is_some() || second.is_some()) && routed(a, one, name) && routed(b, other, name);
            both || keys || by
        })
        .map(str::to_owned)
}
