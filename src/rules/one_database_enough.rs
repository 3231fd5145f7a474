use super::{Context, Sink, rule};
use crate::model::View;
use crate::systems::Kind;

rule! {
    /// A small table is copied into a search engine for full-text search alone.
    ///
    /// PostgreSQL searches texts as well. Up to 100 000 rows and 10 writes per second, as `volume` states them, the engine and all that feeds it may be more to look after than
    /// it is worth. Advice: other needs may be coming.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products {
    ///   product_id  bigint  key
    ///   name        text
    ///   volume 8_000 rows, 2/s writes
    /// }
    /// service web { reads product_search for full_text }
    /// view product_search { product | search.products }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products {
    ///   product_id  bigint  key
    ///   name        text
    ///   volume 8_000_000 rows, 200/s writes
    /// }
    /// service web { reads product_search for full_text }
    /// view product_search { product | search.products }
    /// ```
    {
        name: "one_database_enough", severity: Advice, waivable: true, title: "one database may be enough", check: Some(check),
    }
}

/// Rows up to which a table is small.
const ROWS: u64 = 100_000;
/// Writes per second up to which it is quiet.
const WRITES: f64 = 10.0;

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let readings = model.readings();
    for (id, view) in model.all_views() {
        let Some(store) = &view.store else { continue };
        let search = matches!(model.system(store.system).kind, Kind::Elasticsearch | Kind::Opensearch);
        if !search || readings.followed(id) || !model.is_wired(view) {
            continue;
        }
        let Some((entity, volume)) = small(cx, view) else { continue };
        let readers = readings.of(id);
        let Some(first) = readers.first() else { continue };
        if readers.iter().any(|reading| reading.purpose != Some("full_text")) {
            continue;
        }
        let database = model.system(model.entity(entity).home.system).kind.facts().title;
        let rate = volume.writes_per_second.map_or_else(String::new, |rate| format!(", {rate} writes/s"));
        sink.push(
            sink.at(view.span, format!("{} rows{rate}, read for full text only", volume.rows))
                .here(format!("kept in {}", model.store_path(view)))
                .also(model.entity(entity).span, "small enough to be searched where it is")
                .also(first.touch.span, format!("`{}` reads it", first.service.name))
                .help(format!(
                    "full-text search in {database} would serve this; keep the view if other needs are coming"
                ))
                .story(["Five moving parts to be woken for, for a table that fits into memory.".to_owned()]),
        );
    }
}

/// The one small table of a PostgreSQL database that a view follows from.
fn small(cx: &Context, view: &View) -> Option<(crate::model::EntityId, crate::model::Volume)> {
    let model = cx.model;
    let origins: Vec<_> = model.records(view).into_iter().collect();
    let [crate::model::relation::RecordId::Entity(id)] = origins.as_slice() else { return None };
    let entity = model.entity(*id);
    let volume = entity.volume?;
    let quiet = volume.writes_per_second.is_none_or(|rate| rate <= WRITES);
    let postgres = model.system(entity.home.system).kind == Kind::Postgres;
    (volume.rows <= ROWS && quiet && postgres && view.whole_system.is_none()).then_some((*id, volume))
}
