use std::collections::BTreeSet;

use super::{Context, Sink, rule};
use crate::model::{Entity, EntityId, Via, ViewColumn};
use crate::source::Span;

rule! {
    /// Personal data leaves the systems that may hold it.
    ///
    /// A column marked `pii` may go where `may hold pii` is stated, and nowhere else. A log is inside the fence of the records it carries, unless it says
    /// `may not hold pii`.
    ///
    /// ```dia,bad
    /// system shop: postgres { may hold pii }
    /// system search: elasticsearch
    /// entity customer in shop.public.customers {
    ///   customer_id  bigint  key
    ///   email        text    pii
    /// }
    /// view customers { customer | search.customers }
    /// ```
    ///
    /// ```dia,good
    /// system shop: postgres { may hold pii }
    /// system search: elasticsearch
    /// entity customer in shop.public.customers {
    ///   customer_id  bigint  key
    ///   email        text    pii
    /// }
    /// view customers { customer | mask email with redact | search.customers }
    /// ```
    {
        name: "pii_escapes", severity: Error, waivable: true, title: "personal data leaves its fence", check: Some(check),
    }
}

fn check(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for view in &model.views {
        let Some(store) = &view.store else { continue };
        let system = model.system(store.system);
        if system.may_hold_pii.is_some() {
            continue;
        }
        for flow in &view.flows {
            let entity = model.entity(flow.entity);
            let personal: Vec<&ViewColumn> = flow.columns.iter().filter(|column| column.pii).collect();
            if personal.is_empty() {
                continue;
            }
            let names: Vec<&str> = personal.iter().map(|column| column.name.as_str()).collect();
            let what = words(&names);
            let (reach, stay) = if names.len() == 1 { ("reaches", "stays") } else { ("reach", "stay") };
            let message = format!("{what} {reach} `{}`, which may not hold personal data", system.name);
            let mut finding = sink.at(store.span, message).here("personal data ends here");
            for column in &personal {
                let Some(source) = entity.column(&column.source) else { continue };
                finding =
                    finding.also(source.pii.unwrap_or(source.span), format!("`{}` is personal data", source.name));
                if source.span != column.span {
                    finding = finding.also(column.span, "it travels because it is selected here");
                }
            }
            finding = match system.may_not_hold_pii {
                Some(fence) => finding.also(fence, "said here"),
                None if system.declared => finding.also(system.span, "`may hold pii` is not stated here"),
                None => finding,
            };
            sink.push(finding.help(cure(entity, &personal, &system.name)).story([
                format!("Somebody asks to be forgotten; the row of `{}` is deleted.", entity.name),
                format!("{what} {stay} in {}: in its copies, its exports and its backups.", model.store_path(view)),
            ]));
        }
    }
    logs(cx, sink);
}

/// What to do: a key stays in clear, whatever else is hidden.
fn cure(entity: &Entity, personal: &[&ViewColumn], system: &str) -> String {
    let key = personal.iter().find(|column| entity.key.contains(&column.source));
    if let Some(key) = key {
        return format!(
            "key `{}` by a column that is not personal, since `{}` names the row and stays in clear; or write `may hold pii` in `{system}`",
            entity.name, key.name
        );
    }
    let masks: Vec<String> = personal.iter().map(|column| format!("{} with redact", column.name)).collect();
    let drops: Vec<&str> = personal.iter().map(|column| column.name.as_str()).collect();
    format!("add `| mask {}` or `| drop {}`; or write `may hold pii` in `{system}`", masks.join(", "), drops.join(", "))
}

fn words(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => quoted.concat(),
    }
}

/// Logs that say they may not hold what their records carry.
fn logs(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    let followed = model.views.iter().filter(|view| view.via == Via::Cdc).flat_map(|view| &view.flows);
    let captured: BTreeSet<EntityId> = followed.map(|flow| flow.entity).collect();
    for (at, entity) in model.entities.iter().enumerate() {
        let Some(log) = model.system(entity.home.system).log.map(|log| model.system(log)) else { continue };
        let Some(fence) = log.may_not_hold_pii.filter(|_| captured.contains(&EntityId(at))) else { continue };
        let personal: Vec<(&str, Span)> =
            entity.columns.iter().filter_map(|column| Some((column.name.as_str(), column.pii?))).collect();
        if personal.is_empty() {
            continue;
        }
        let names: Vec<&str> = personal.iter().map(|(name, _)| *name).collect();
        let (what, reach) = (words(&names), if names.len() == 1 { "reaches" } else { "reach" });
        let message =
            format!("{what} of `{}` {reach} the log `{}`, which may not hold personal data", entity.name, log.name);
        let mut finding = sink.at(fence, message).here("said here");
        for (name, span) in &personal {
            finding = finding.also(*span, format!("`{name}` is personal data"));
        }
        sink.push(finding.help(format!("take {what} out of `{}`, or let the log hold personal data", entity.name)));
    }
}
