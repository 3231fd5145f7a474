use super::{Context, Sink, rule};
use crate::model::relation::RecordId;
use crate::model::walk::{causal, identity};
use crate::model::{EntityId, EventId};

rule! {
    /// What was seen cannot be found again.
    ///
    /// A sequence counts for each key: revision 7 is one of many. Who waits for it needs to know whose: the record that has seen it carries the key too, under the
    /// same names, under `<record>_<name>`, in a column that `references` the record, or in one that a join compares with the key.
    ///
    /// ```dia,bad
    /// system friends: postgres
    /// system log: kafka
    /// entity friendship in friends.public.friendships {
    ///   low_user   bigint
    ///   high_user  bigint
    ///   revision   bigint  sequence per key
    ///
    ///   key (low_user, high_user)
    /// }
    /// event message_sent in log.messages {
    ///   message_id     uuid    key operation from client
    ///   low_user       bigint
    ///   seen_revision  bigint  sees friendship.revision
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system friends: postgres
    /// system log: kafka
    /// entity friendship in friends.public.friendships {
    ///   low_user   bigint
    ///   high_user  bigint
    ///   revision   bigint  sequence per key
    ///
    ///   key (low_user, high_user)
    /// }
    /// event message_sent in log.messages {
    ///   message_id     uuid    key operation from client
    ///   low_user       bigint
    ///   high_user      bigint
    ///   seen_revision  bigint  sees friendship.revision
    /// }
    /// ```
    {
        name: "unfindable_cause", severity: Error, waivable: false, title: "what was seen cannot be found again", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let entities = model.entities.iter().enumerate().map(|(at, _)| RecordId::Entity(EntityId(at)));
    let events = model.events.iter().enumerate().map(|(at, _)| RecordId::Event(EventId(at)));
    for record in entities.chain(events) {
        for column in model.record_columns(record) {
            let Some(stated) = &column.sees else { continue };
            let Some(sees) = &stated.value else { continue };
            let missing = causal::missing(model, record, sees);
            let Some(first) = missing.first().filter(|_| !sink.misread(identity::scope(model, record))) else {
                continue;
            };
            let (name, span) = identity::named(model, record);
            let (cause, _) = identity::named(model, sees.record);
            let scope = causal::scope(model, sees).join(", ");
            let message = format!("`{}` counts for each ({scope}), and `{name}` has no `{first}`", sees.column);
            let mut finding = sink.at(stated.span, message).here(format!("which `{cause}` was seen?"));
            if let Some(seen) = model.record_column(sees.record, &sees.column) {
                let at = seen.sequence.as_ref().map_or(seen.span, |sequence| sequence.span);
                finding = finding.also(at, format!("a number for each ({scope})"));
            }
            finding = finding.also(span, format!("carries no {}", missing.join(", ")));
            sink.push(finding.help(format!("carry `{}` in `{name}`", missing.join("`, `"))).story([
                format!("A `{name}` says: I have seen {} 7.", sees.column),
                format!("There is one of that number for each ({scope})."),
                "Who waits does not know for which, and waits for the wrong one or not at all.".to_owned(),
            ]));
        }
    }
}
