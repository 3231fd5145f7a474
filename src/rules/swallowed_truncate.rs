use super::{Context, Sink, rule};
use crate::model::Via;
use crate::syntax::ast::Deletes;

rule! {
    /// A table that is emptied by TRUNCATE, and views that would keep its rows.
    ///
    /// TRUNCATE removes all rows and names none. The capture leaves it out: a record without a key has no place in a compacted log and no row in a store that
    /// it could delete. A view that follows the table keeps everything until it is made again.
    ///
    /// Said where an entity says `may truncate` and a view follows it whose deletes travel.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity offer in shop.public.offers {
    ///   offer_id  bigint  key
    ///   may truncate
    /// }
    /// offer | search.offers
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity offer in shop.public.offers { offer_id bigint key }
    /// offer | search.offers
    /// ```
    {
        name: "swallowed_truncate", severity: Warning, waivable: true, title: "TRUNCATE does not reach the view", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for (at, entity) in model.entities.iter().enumerate() {
        let Some(span) = entity.may_truncate else { continue };
        let keeps = |deletes: &Option<crate::syntax::ast::Spanned<Deletes>>| {
            deletes.as_ref().is_some_and(|stated| matches!(stated.value, Deletes::Keep))
        };
        let views = model.views.iter().filter(|view| view.via == Via::Cdc && !keeps(&view.deletes));
        let mut views = views.filter(|view| view.copies.iter().any(|copy| copy.entity.0 == at));
        let Some(view) = views.next() else { continue };
        let table = &entity.home.table;
        sink.push(
            sink.at(span, format!("`{}` would keep the rows of `{}` that a TRUNCATE removes", view.name, entity.name))
                .here("no record of the log says which rows are gone")
                .also(view.span, "follows the table")
                .help("take the right to TRUNCATE away, delete rows instead, and delete the line")
                .story([
                    format!("Somebody empties `{table}` with TRUNCATE."),
                    "The log holds no delete of any row.".to_owned(),
                    format!("`{}` goes on showing all of them.", view.name),
                ]),
        );
    }
}
