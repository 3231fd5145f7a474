use super::{Context, Sink, rule};
use crate::model::Via;

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
        for flow in &view.flows {
            let entity = model.entity(flow.entity);
            for column in flow.columns.iter().filter(|column| column.pii && system.may_hold_pii.is_none()) {
                let Some(marked) = entity.column(&column.source).and_then(|column| column.pii) else { continue };
                let mut finding = sink
                    .at(
                        store.span,
                        format!("`{}` reaches `{}`, which may not hold personal data", column.name, system.name),
                    )
                    .here("personal data ends here")
                    .also(marked, format!("`{}` is personal data", column.source));
                if entity.column(&column.source).is_some_and(|source| source.span != column.span) {
                    finding = finding.also(column.span, "it travels because it is selected here");
                }
                if let Some(fence) = system.may_not_hold_pii {
                    finding = finding.also(fence, "said here");
                }
                let name = &column.name;
                sink.push(
                    finding
                        .help(format!(
                            "add `| mask {name} with redact` or `| drop {name}`; or write `may hold pii` in `{}`",
                            system.name
                        ))
                        .story([
                            format!("A customer asks to be forgotten; the row of `{}` is deleted.", entity.name),
                            format!(
                                "`{name}` stays in {}: in its copies, its exports and its backups.",
                                model.store_path(view)
                            ),
                        ]),
                );
            }
        }
    }
    logs(cx, sink);
}

/// Logs that say they may not hold what their records carry.
fn logs(cx: &Context, sink: &mut Sink) {
    let model = cx.model;
    for (at, entity) in model.entities.iter().enumerate() {
        let captured = model.views.iter().any(|view| {
            view.via == Via::Cdc && view.flows.iter().any(|flow| flow.entity == crate::model::EntityId(at))
        });
        let Some(log) = model.system(entity.home.system).log.map(|log| model.system(log)) else { continue };
        let Some(fence) = log.may_not_hold_pii.filter(|_| captured) else { continue };
        for column in entity.columns.iter().filter(|column| column.pii.is_some()) {
            let Some(marked) = column.pii else { continue };
            sink.push(
                sink.at(
                    fence,
                    format!(
                        "`{}` of `{}` reaches the log `{}`, which may not hold personal data",
                        column.name, entity.name, log.name
                    ),
                )
                .here("said here")
                .also(marked, format!("`{}` is personal data", column.name))
                .help(format!("take `{}` out of `{}`, or let the log hold personal data", column.name, entity.name)),
            );
        }
    }
}
