use super::{Context, Sink, rule};
use crate::model::relation::InputId;
use crate::model::walk::Reader;
use crate::model::{EntityId, Model};
use crate::syntax::ast::Claim;

rule! {
    /// A promise to replay history from a log that keeps only the newest version of each row.
    ///
    /// An entity's log is compacted: of every row the newest version stays, for ever. A view can be made again from it (`rebuild from log`), but what
    /// happened in between cannot be read a second time. Events are kept one by one; so are the rows of an entity that is `append only`.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key, price decimal(12,2) }
    /// view prices {
    ///   product | search.prices
    ///   guarantee replayable forever
    /// }
    /// ```
    ///
    /// ```dia,good
    /// system log: kafka
    /// system search: elasticsearch
    /// event price_changed in log.price_changes partitioned by product_id {
    ///   change_id   uuid           key operation from client
    ///   product_id  bigint
    ///   price       decimal(12,2)
    ///   retain forever
    /// }
    /// view prices {
    ///   price_changed | search.prices
    ///   guarantee replayable forever
    /// }
    /// ```
    {
        name: "compacted_history", severity: Error, waivable: false,
        title: "a compacted log cannot replay history", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for reader in model.all_readers() {
        let promise = reader
            .guarantees()
            .iter()
            .find(|promise| matches!(promise.claim, Claim::ReplayableForever | Claim::ReplayableFor(_)));
        let (Some(promise), Some(id)) = (promise, compacted(model, reader)) else { continue };
        let entity = model.entity(id);
        let name = &entity.name;
        sink.push(
            sink.of(reader.view(), promise.span, format!("`{}` cannot be replayed: the log of `{name}` keeps only the newest version of a row", reader.name()))
                .here("promised here")
                .also(entity.span, format!("`{name}` is an entity: its log is compacted"))
                .help("record what happens as an event and derive the view from it, or delete the promise: `rebuild from log` makes the newest state again")
                .story([
                    format!("Row 17 of `{name}` changes three times in a day."),
                    "The log is compacted: two of the three versions are gone.".to_owned(),
                    format!("`{}` is replayed and sees one change. Every count of changes is one.", reader.name()),
                ]),
        );
    }
}

/// The first entity, by the order of the page, whose versions are forgotten.
fn compacted(model: &Model, reader: Reader) -> Option<EntityId> {
    let follows = model.follows(reader);
    let entities = follows.into_iter().filter_map(|input| match input {
        InputId::Entity(id) => Some(id),
        InputId::Event(_) | InputId::View(_) => None,
    });
    entities.into_iter().find(|id| model.is_compacted(model.entity(*id)))
}
