use super::swallowed_tombstone::sins;
use super::{Context, Sink, rule};
use crate::model::Via;
use crate::model::relation::{InputId, Role};
use crate::profiles::sins::Sin;

rule! {
    /// The rows that were there before, and the changes since, come from two places with a gap between them.
    ///
    /// diac's capture takes a snapshot that knows its position in the log and goes on from there. A view of an entity that is kept `via events` has no
    /// such snapshot: somebody copies the rows, somebody else sends events, and what changed during the copy is in neither. A raw snapshot mode that takes no rows,
    /// or starts behind them, does the same. (Where diac itself decides the snapshot mode, `owned_property` says so.)
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// view found {
    ///   product | search.products
    ///   via events
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// view found {
    ///   product | search.products
    ///   via cdc
    /// }
    /// ```
    {
        name: "snapshot_gap", severity: Warning, waivable: true, title: "bootstrap and stream leave a gap", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for view in model.views.iter().filter(|view| view.via == Via::Events) {
        let Some(span) = view.via_span else { continue };
        let start = view.inputs.iter().find(|input| input.role == Role::Start).map(|input| input.what);
        let entity = match start {
            Some(InputId::Entity(id)) => Some(id),
            // Every table of a system, or a view of rows: the first of what it copies.
            None | Some(InputId::View(_)) => view.copies.first().map(|copy| copy.entity),
            Some(InputId::Event(_)) => None,
        };
        let Some(entity) = entity.map(|id| model.entity(id)) else { continue };
        let name = &entity.name;
        sink.push(
            sink.of(view, span, format!("`{}` is kept by events, and its first rows come from a copy of `{name}`", view.name))
                .here("events carry what changes, not what is there")
                .also(entity.span, format!("`{name}` is an entity: its rows are there before any event"))
                .help("delete the line: the capture takes a snapshot that knows its position in the log; or derive the view from an event")
                .story([
                    format!("A job copies `{name}` in an hour, row by row; the events are read from when it is done."),
                    "Row 17 is copied in the first minute, and changes in the second.".to_owned(),
                    format!("The change is in neither: `{}` shows the old row 17 until it changes again.", view.name),
                ]),
        );
    }
    for (setting, sinful) in sins(cx, Sin::Gap) {
        sink.push(
            sink.at(
                setting.name_span,
                format!("`{}` leaves a gap between the rows that are there and the changes", setting.name),
            )
            .here(sinful.why)
            .help("delete the line")
            .story([
                "The capture starts, and takes what changes from now on.".to_owned(),
                "Rows that nobody touches again never reach a view.".to_owned(),
            ]),
        );
    }
}
