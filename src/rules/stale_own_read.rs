use super::{Context, Sink, rule};
use crate::model::relation::Term;
use crate::model::walk::Readings;
use crate::model::{Model, View, ViewId};
use crate::source::Span;
use crate::units::duration;

rule! {
    /// Who has just written may read the old value.
    ///
    /// `read your writes within d` needs a freshness of at most `d` that is stated for the view and for every stored view above it, and a way for a reader to know that it
    /// is not there yet: a `sequence per key` column in the view, as a token, or a reading service that also `reads` the record and asks there for `d` after a write.
    ///
    /// ```dia,bad
    /// system profiles: postgres
    /// system cache: redis
    /// entity profile in profiles.public.profiles { user_id bigint key, name text }
    /// service web { reads session_profile, profile for lookup }
    /// view session_profile {
    ///   profile | cache.profile
    ///   guarantee read your writes within 1s
    ///   objective fresh within 5s
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system profiles: postgres
    /// system cache: redis
    /// entity profile in profiles.public.profiles { user_id bigint key, name text }
    /// service web { reads session_profile, profile for lookup }
    /// view session_profile {
    ///   profile | cache.profile
    ///   guarantee read your writes within 5s
    ///   objective fresh within 5s
    /// }
    /// ```
    {
        name: "stale_own_read", severity: Error, waivable: false, title: "own writes cannot be read back in time", check: Some(check),
    }
}

/// What is wrong with a promise.
enum Why<'a> {
    /// A view promises to be fresh only within more.
    Late { view: &'a View, fresh: Span, ms: u64 },
    /// A view of the chain promises no freshness.
    Unsaid(&'a View),
    /// A reader cannot know that its write is not there yet.
    NoToken,
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let readings = model.readings();
    for (id, view) in model.all_views() {
        for (span, within) in Model::own_reads(view) {
            let Some(why) = why(model, &readings, id, within) else { continue };
            let time = duration(within);
            let rows = model.records(view).first().map_or("the record", |record| model.record_name(*record)).to_owned();
            let message = format!("own writes of `{rows}` cannot be read back from `{}` within {time}", view.name);
            let finding = sink.of(view, span, message);
            let finding = match why {
                Why::Late { view: slow, fresh, ms } => finding
                    .here(format!("{time} are promised"))
                    .also(fresh, format!("`{}` may be {} behind", slow.name, duration(ms)))
                    .help(format!(
                        "write `guarantee read your writes within {}`, and let readers ask the record meanwhile",
                        duration(ms)
                    )),
                Why::Unsaid(silent) => finding
                    .here("nothing says how far it may be behind")
                    .also(silent.span, format!("`{}` states no freshness", silent.name))
                    .help(format!("add `objective fresh within {time}` to `{}`, or less", silent.name)),
                Why::NoToken => finding
                    .here("a reader cannot know that its write is not there yet")
                    .also(view.span, "carries no `sequence per key`, and no reader reads the record")
                    .help(format!(
                        "carry a `sequence per key` column of `{rows}`; or add `{rows}` to what the view's reader reads"
                    )),
            };
            sink.push(finding.story([
                format!(
                    "Somebody saves a row of `{rows}`, and the next page reads it from {}.",
                    model.store_path(view)
                ),
                "It shows the old value. They save again: three updates and a call to support.".to_owned(),
            ]));
        }
    }
}

fn why<'a>(model: &'a Model, readings: &Readings, id: ViewId, within: u64) -> Option<Why<'a>> {
    let view = model.view(id);
    let above = model.views_above(view).into_iter().map(|id| model.view(id));
    // What is applied on the way, without a place of its own, takes no time of its own.
    let stored = above.filter(|above| above.store.is_some() || !above.row_by_row());
    for link in std::iter::once(view).chain(stored) {
        match &link.fresh {
            Some(fresh) if fresh.value.ms > within => {
                return Some(Why::Late { view: link, fresh: fresh.span, ms: fresh.value.ms });
            }
            Some(_) => {}
            None => return Some(Why::Unsaid(link)),
        }
    }
    if has_token(model, view) || readings.has_fallback(model, id) || model.meant.contains(&view.name) {
        return None;
    }
    Some(Why::NoToken)
}

/// Whether the view carries a column that counts the changes of a row.
fn has_token(model: &Model, view: &View) -> bool {
    let Some(relation) = &view.relation else { return true };
    let counts = |column: &crate::model::relation::ColumnRef| {
        model.record_column(column.record, &column.column).is_some_and(|column| column.sequence.is_some())
    };
    relation.columns.iter().any(|column| match &column.term {
        Term::Column(column) => column.joined.is_none() && counts(column),
        Term::Literal(_) | Term::Apply(..) => false,
    })
}
