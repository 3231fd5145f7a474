use std::collections::BTreeSet;

use super::{Context, Sink, rule};
use crate::diag::Diagnostic;
use crate::model::relation::{InputId, RecordId, Term};
use crate::model::walk::{causal, identity, order};
use crate::model::{Claim, Model, Promise, ViewId};

rule! {
    /// What comes after what is promised of two logs that have no common order.
    ///
    /// `effect after cause` holds in one of two ways. Both are events of one topic, put into partitions by one function of the same identities. Or the effect
    /// carries what its maker had seen of the cause, in a column that `sees` its `sequence`; the cause reaches the consumer in the order of its own key; and
    /// the consumer joins it, and so can wait.
    ///
    /// ```dia,bad
    /// system log: kafka
    /// event unfriended in log.friendships partitioned by user_id { change_id uuid key operation from client, user_id bigint }
    /// event message_sent in log.messages partitioned by user_id { message_id uuid key operation from client, user_id bigint }
    /// event notification in log.notifications partitioned by user_id { message_id uuid key, user_id bigint }
    /// process deliver from message_sent, unfriended {
    ///   run "registry.example/deliver:2"
    ///   emit notification
    ///   guarantee message_sent after unfriended
    ///   assume deterministic because "keeps the last state of each user"
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system log: kafka
    /// event unfriended in log.user_events partitioned by user_id { change_id uuid key operation from client, user_id bigint }
    /// event message_sent in log.user_events partitioned by user_id { message_id uuid key operation from client, user_id bigint }
    /// event notification in log.notifications partitioned by user_id { message_id uuid key, user_id bigint }
    /// process deliver from message_sent, unfriended {
    ///   run "registry.example/deliver:2"
    ///   emit notification
    ///   guarantee message_sent after unfriended
    ///   assume deterministic because "keeps the last state of each user"
    /// }
    /// ```
    ///
    /// A column that sees a revision it cannot find again is `unfindable_cause` alone.
    {
        name: "no_common_order", severity: Error, waivable: false, title: "two topics have no common order", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for view in &model.views {
        let inputs: Vec<InputId> = view.inputs.iter().map(|input| input.what).collect();
        for promise in &view.guarantees {
            sink_all(model, sink, promise, &inputs);
        }
    }
    for process in &model.processes {
        let inputs: Vec<InputId> = process.inputs.iter().map(|input| input.value).collect();
        for promise in &process.guarantees {
            sink_all(model, sink, promise, &inputs);
        }
    }
}

fn sink_all(model: &Model, sink: &mut Sink, promise: &Promise, inputs: &[InputId]) {
    let (Claim::After { .. }, [effect, cause]) = (&promise.claim, promise.about.as_slice()) else { return };
    let effects = identity::roots_of(model, effect.value);
    let causes = identity::roots_of(model, cause.value);
    for effect in &effects {
        for cause in causes.iter().filter(|cause| *cause != effect) {
            if let Some(finding) = judge(model, sink, promise, inputs, *effect, *cause) {
                sink.push(finding);
                return;
            }
        }
    }
}

fn judge(
    model: &Model,
    sink: &Sink,
    promise: &Promise,
    inputs: &[InputId],
    effect: RecordId,
    cause: RecordId,
) -> Option<Diagnostic> {
    let misread = |record| sink.misread(identity::scope(model, record));
    if causal::one_log(model, effect, cause) || identity::is_open(model, effect) || misread(effect) || misread(cause) {
        return None;
    }
    let ((first, a), (second, b)) = (identity::named(model, effect), identity::named(model, cause));
    let at = sink.at(promise.span, format!("nothing makes `{first}` come after `{second}`")).here("promised here");
    let story = [
        format!("Somebody changes `{second}`, and then makes a `{first}` that counts on it."),
        format!("The log of `{second}` lags behind that of `{first}`."),
        format!("`{first}` is handled by what held before the change."),
    ];
    let seen = causal::sees(model, effect, cause);
    let Some((column, sees)) = seen.first() else {
        let sequence = model.record_columns(cause).iter().find(|column| column.sequence.is_some());
        let counted = sequence.map_or("revision", |column| column.name.as_str());
        let why = if causal::one_topic(model, effect, cause) {
            "in the same topic, and in other partitions"
        } else {
            "a log of its own"
        };
        let help = format!(
            "let `{first}` carry what its maker saw (`seen_{counted} bigint sees {second}.{counted}`), or record both in one topic, partitioned by the same"
        );
        let at = at.also(a, "it carries nothing that it has seen").also(b, why);
        return Some(at.help(help).story(story));
    };
    if !seen
        .iter()
        .any(|(_, sees)| model.record_column(cause, &sees.column).is_some_and(|column| column.sequence.is_some()))
    {
        let column = *column;
        let at = at.also(column.span, "what was seen");
        let at = match model.record_column(cause, &sees.column) {
            Some(seen) => at.also(seen.span, "it counts nothing: who waits cannot tell earlier from later"),
            None => at,
        };
        return Some(at.help(format!("declare `{} … sequence per key` in `{second}`", sees.column)).story(story));
    }
    let brings: Vec<InputId> = inputs.iter().copied().filter(|input| brings(model, *input, cause, effect)).collect();
    if brings.is_empty() {
        let at = at.also(b, "it does not reach who promises: nothing here can wait for it");
        let help = format!("join `{second}`, or a view of it, and wait for what `{}` saw", column.name);
        return Some(at.help(help).story(story));
    }
    // Out of its own order, a later revision says nothing of the earlier ones.
    let per: Vec<Term> = identity::key(model, cause).iter().map(|name| identity::own(cause, name)).collect();
    let out = brings.iter().find_map(|input| out_of_order(model, *input, cause, &per, &mut BTreeSet::new()))?;
    let view = model.view(out);
    let at = at.also(view.span, format!("it brings `{second}` out of the order of its key"));
    Some(at.help(format!("let `{}` keep the key of `{second}`", view.name)).story(story))
}

/// Whether an input brings rows of the cause, beside the effect.
fn brings(model: &Model, input: InputId, cause: RecordId, effect: RecordId) -> bool {
    let sources = sources(model, input);
    sources.contains(&cause) && (!sources.contains(&effect) || sources.len() > 1)
}

fn sources(model: &Model, input: InputId) -> BTreeSet<RecordId> {
    match input {
        InputId::View(id) => identity::sources(model, model.view(id)),
        InputId::Entity(_) | InputId::Event(_) => identity::roots_of(model, input),
    }
}

/// The view that brings rows of the cause out of the order of its key, on the way to an input.
fn out_of_order(
    model: &Model,
    input: InputId,
    cause: RecordId,
    per: &[Term],
    seen: &mut BTreeSet<ViewId>,
) -> Option<ViewId> {
    let InputId::View(id) = input else { return None };
    let view = model.view(id);
    if identity::roots(model, view).contains(&cause) {
        return order::apart(model, id, per).map(|_| id);
    }
    if !seen.insert(id) {
        return None;
    }
    let next = view.inputs.iter().filter(|input| sources(model, input.what).contains(&cause));
    next.into_iter().find_map(|input| out_of_order(model, input.what, cause, per, seen))
}
