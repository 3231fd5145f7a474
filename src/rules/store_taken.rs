use std::collections::{BTreeMap, BTreeSet};

use super::{Context, Sink, rule};
use crate::model::{Entity, EntityId, Model, SystemId, TargetName, View};
use crate::source::Span;

rule! {
    /// A view's target is a record's home, or two views share one target.
    ///
    /// Every place has one writer. Two flows into one place overwrite each other, and a view that ends in a record would decide what it should follow.
    /// Two systems are one place where an environment gives them one server and one database.
    ///
    /// ```dia,bad
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// entity brand in shop.public.brands { brand_id bigint key }
    /// view products { product | search.catalog }
    /// view brands { brand | search.catalog }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres
    /// system search: elasticsearch
    /// entity product in shop.public.products { product_id bigint key }
    /// entity brand in shop.public.brands { brand_id bigint key }
    /// view products { product | search.products }
    /// view brands { brand | search.brands }
    /// ```
    {
        name: "store_taken", severity: Error, waivable: false, title: "two flows share one place", check: Some(check),
    }
}

/// A place that a view fills.
struct Taken<'a> {
    system: SystemId,
    target: &'a TargetName,
    /// The entity whose rows stand there, the first of several; none where they are events.
    of: Option<EntityId>,
    view: &'a View,
    span: Span,
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    // Only what has the same name can be the same place; the order of the page decides which came first.
    let mut records: BTreeMap<String, Vec<&Entity>> = BTreeMap::new();
    for entity in &model.entities {
        records.entry(entity.home.table.to_ascii_lowercase()).or_default().push(entity);
    }
    let mut taken: BTreeMap<String, Vec<Taken>> = BTreeMap::new();
    // Two views of whole systems share many places and are one mistake.
    let mut said: BTreeSet<(Span, Span)> = BTreeSet::new();
    for view in &model.views {
        let Some(store) = &view.store else { continue };
        for (target, of) in places(view) {
            let here = Taken { system: store.system, target, of, view, span: store.span };
            let name = target.name.to_ascii_lowercase();
            if let Some(home) = records.get(&name).and_then(|named| record(model, named, &here)) {
                if said.insert((store.span, store.span)) {
                    over_record(model, sink, &here, home);
                }
                continue;
            }
            let taken = taken.entry(name).or_default();
            match taken.iter().find(|other| shared(model, other, &here)) {
                Some(other) if said.insert((other.span, here.span)) => over_view(model, sink, other, &here),
                Some(_) => {}
                None => taken.push(here),
            }
        }
    }
}

/// The places a view fills, compiled or not, each with the entity whose rows stand there.
fn places(view: &View) -> Vec<(&TargetName, Option<EntityId>)> {
    match &view.target {
        Some(target) => vec![(target, view.copies.first().map(|copy| copy.entity))],
        None if view.whole_system.is_some() => {
            view.copies.iter().map(|copy| (&copy.target, Some(copy.entity))).collect()
        }
        // A view of a view of a whole system, of which it is said that it is not compiled.
        None => Vec::new(),
    }
}

/// The entity recorded where a view ends.
fn record<'a>(model: &Model, named: &[&'a Entity], here: &Taken) -> Option<&'a Entity> {
    named.iter().copied().find(|entity| {
        let home = &entity.home;
        same(here.target, Some(&home.namespace), &home.table) && model.same_place(home.system, here.system)
    })
}

fn shared(model: &Model, other: &Taken, here: &Taken) -> bool {
    // Versions of one view share the name readers use, not the place.
    let versions = other.view.named && other.view.name == here.view.name && other.view.version != here.view.version;
    let target = other.target;
    !versions
        && same(here.target, target.namespace.as_deref(), &target.name)
        && model.same_place(other.system, here.system)
}

fn over_record(model: &Model, sink: &mut Sink, here: &Taken, home: &Entity) {
    let path = place(model, here);
    let message = format!("{} would write into the record of `{}`", called(model, here), home.name);
    let mut finding = sink.at(here.span, message).here("a view ends here");
    if home.span != here.span {
        finding = finding.also(home.span, "recorded here");
    }
    if home.home.system != here.system {
        finding = one_place(model, finding, home.home.system, here.system);
    }
    sink.push(finding.help("end the view in a place of its own").story([
        format!("The view writes {path}; so do the services that own `{}`.", home.name),
        "A row changed by a service is overwritten by an older version from the log.".to_owned(),
    ]));
}

fn over_view(model: &Model, sink: &mut Sink, other: &Taken, here: &Taken) {
    let (name, first) = (place(model, here), called(model, other));
    let message = format!("{first} and {} share one target, {name}", called(model, here));
    let mut finding =
        sink.at(here.span, message).here("written here as well").also(other.span, format!("taken by {first}"));
    if other.system != here.system {
        finding = one_place(model, finding, other.system, here.system);
    }
    sink.push(finding.help("give each view a place of its own").story([
        format!("Row 17 of one and row 17 of the other have one place in {name}."),
        "Each overwrites the other; a delete in one removes what the other still holds.".to_owned(),
    ]));
}

fn one_place(model: &Model, finding: crate::diag::Diagnostic, a: SystemId, b: SystemId) -> crate::diag::Diagnostic {
    let (a, b) = (model.system(a), model.system(b));
    finding.also(b.span, format!("`{}` and `{}` are one server and database", a.name, b.name))
}

/// The view's name, or what an unnamed one carries.
fn called(model: &Model, here: &Taken) -> String {
    if here.view.named {
        return format!("`{}`", here.view.name);
    }
    let from = here.of.map_or_else(|| here.view.name.clone(), |entity| model.home_path(entity));
    format!("the pipeline from {from}")
}

fn place(model: &Model, here: &Taken) -> String {
    let system = &model.system(here.system).name;
    match &here.target.namespace {
        Some(namespace) => format!("{system}.{namespace}.{}", here.target.name),
        None => format!("{system}.{}", here.target.name),
    }
}

fn same(target: &TargetName, namespace: Option<&str>, name: &str) -> bool {
    let namespaces = match (target.namespace.as_deref(), namespace) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        _ => true,
    };
    namespaces && target.name.eq_ignore_ascii_case(name)
}
