//! Section 1: what is decided where, what follows, who touches it.

use super::Context;
use super::words::{foreign_writers, kept_by, reader_list, readers, writers};
use crate::model::{Entity, EntityId, Touched, View, ViewId};
use crate::systems::Support;
use crate::targets::docs_text;
use crate::targets::markdown::{Table, code, codes, inline};
use crate::targets::spelling::grouped;

pub fn section(cx: &Context) -> String {
    let mut table = Table::new(&["entity", "decided in", "written by", "followed by", "kept in", "kept by", "read by"]);
    for (id, entity) in cx.entities() {
        let views: Vec<(ViewId, &View)> = cx.followers(id).collect();
        if views.is_empty() {
            table.row([
                code(&entity.name),
                cx.home(entity),
                codes(writers(cx, id)),
                String::new(),
                String::new(),
                String::new(),
                own_readers(cx, id),
            ]);
        }
        for (at, (view_id, view)) in views.into_iter().enumerate() {
            let first = at == 0;
            let mut read_by = if first { own_readers(cx, id) } else { String::new() };
            let view_readers = reader_list(&readers(cx, Touched::View(view_id)));
            if !view_readers.is_empty() {
                read_by =
                    if read_by.is_empty() { view_readers } else { format!("{read_by}; the view: {view_readers}") };
            }
            let same = "″";
            table.row([
                if first { code(&entity.name) } else { same.into() },
                if first { cx.home(entity) } else { same.into() },
                if first { codes(writers(cx, id)) } else { same.into() },
                cx.view_name(view),
                kept_in(cx, id, view_id, view),
                kept_by(cx, view_id, view),
                read_by,
            ]);
        }
    }
    format!(
        "## 1. Component map\n\n\
         Each entity is decided in one place, and only there; every other copy follows from it.\n\n{}{}{}{}",
        table.or("Nothing is declared."),
        documentation(cx),
        systems(cx),
        services(cx)
    )
}

fn own_readers(cx: &Context, id: EntityId) -> String {
    let readers = readers(cx, Touched::Entity(id));
    if readers.is_empty() { String::new() } else { format!("the record: {}", reader_list(&readers)) }
}

fn kept_in(cx: &Context, entity: EntityId, id: ViewId, view: &View) -> String {
    let Some(store) = &view.store else { return "no store: read by other views".into() };
    let system = &cx.model.system(store.system).name;
    if let Some((_, flow)) = cx.any_flow(id, entity) {
        return format!("{system} · {}", super::words::target(&flow.target));
    }
    let name = view.flows.iter().find(|flow| flow.entity == entity).map_or("", |flow| &flow.target.name);
    let foreign = foreign_writers(cx, id);
    let note = if foreign.is_empty() { String::new() } else { format!(", written by {}", codes(foreign)) };
    format!("{system} · {}{note}", code(name))
}

/// What `##` lines say of entities and views.
fn documentation(cx: &Context) -> String {
    let entities = cx.entities().map(|(_, entity)| (code(&entity.name), &entity.docs, size(entity)));
    let views = cx.views().map(|(_, view)| (cx.view_name(view), &view.docs, String::new()));
    let mut text = String::new();
    for (name, docs, more) in entities.chain(views) {
        let docs = inline(&docs_text(docs));
        if !docs.is_empty() || !more.is_empty() {
            text.push_str(&format!(
                "- {name}: {docs}{}{more}\n",
                if docs.is_empty() || more.is_empty() { "" } else { " " }
            ));
        }
    }
    if text.is_empty() { text } else { format!("{text}\n") }
}

fn size(entity: &Entity) -> String {
    let Some(volume) = entity.volume else { return String::new() };
    let rate = volume.writes_per_second.map_or(String::new(), |rate| format!(", {rate}/s writes"));
    format!("About {} rows{rate}.", grouped(volume.rows))
}

fn systems(cx: &Context) -> String {
    let mut table = Table::new(&["system", "kind", "role", "personal data", "declared"]);
    for (at, system) in cx.model.systems.iter().enumerate() {
        let id = crate::model::SystemId(at);
        let records = cx.model.entities.iter().any(|entity| entity.home.system == id);
        let views = cx.model.views.iter().any(|view| view.store.as_ref().is_some_and(|store| store.system == id));
        let log = system.kind.facts().record == Support::Never && !records && !views;
        let role: Vec<&str> = [(records, "record"), (views, "views"), (log, "log or engine")]
            .iter()
            .filter(|(is, _)| *is)
            .map(|(_, word)| *word)
            .collect();
        let personal = if system.may_hold_pii.is_some() {
            "may hold"
        } else if system.may_not_hold_pii.is_some() {
            "may not hold"
        } else {
            "nothing said"
        };
        let declared =
            if system.declared { cx.at(system.span) } else { format!("not, used at {}", cx.at(system.span)) };
        table.row([code(&system.name), system.kind.facts().title.into(), role.join(", "), personal.into(), declared]);
    }
    format!("### Systems\n\n{}", table.or("None."))
}

fn services(cx: &Context) -> String {
    if cx.model.services.is_empty() {
        return "### Services\n\nNo service is declared, so nothing here says who writes and who reads.\n\n".into();
    }
    let mut table = Table::new(&["service", "team", "writes", "emits", "reads"]);
    for service in &cx.model.services {
        let reads: Vec<(&str, Option<&str>)> =
            service.reads.iter().map(|(touch, purpose)| (touch.text.as_str(), purpose.as_deref())).collect();
        table.row([
            code(&service.name),
            service.team.as_deref().map(inline).unwrap_or_default(),
            codes(service.writes.iter().map(|touch| touch.text.as_str())),
            codes(service.emits.iter().map(|touch| touch.text.as_str())),
            reader_list(&reads),
        ]);
    }
    format!("### Services\n\n{}", table.or("None."))
}
