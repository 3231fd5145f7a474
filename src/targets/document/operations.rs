//! Section 6: how it starts, how a view is made again, how drift is found.

use super::Context;
use super::words::kept_by;
use crate::model::Via;
use crate::syntax::ast::RebuildFrom;
use crate::targets::markdown::{Table, code};
use crate::units::duration;

pub fn section(cx: &Context) -> String {
    format!("## 6. Bootstrap, rebuild, audit\n\n{}{}{}", bootstrap(cx), rebuild(cx), audits(cx))
}

fn bootstrap(cx: &Context) -> String {
    let folders: Vec<String> =
        cx.plan.deployments.iter().map(|deployment| code(&format!("{}/runbook.md", deployment.name))).collect();
    format!(
        "**Bootstrap.** What comes later depends on what comes before: roles, publication and heartbeat in the records' databases; topics; tables and \
         indexes of the views; then captures, which take a snapshot and go on from its position; then what keeps the views. Each environment's \
         script does it in this order, and {} say how to see that it worked.\n\n",
        if folders.is_empty() { "runbooks".into() } else { folders.join(", ") }
    )
}

fn rebuild(cx: &Context) -> String {
    let mut table = Table::new(&["view", "made again from", "within", "how"]);
    for (id, view) in cx.views() {
        if view.via != Via::Cdc {
            table.row([cx.view_name(view), "not by diac".into(), String::new(), kept_by(cx, id, view)]);
            continue;
        }
        let (from, within) = match &view.rebuild {
            Some(rebuild) => {
                let from = match rebuild.value.0 {
                    RebuildFrom::Log => "the log",
                    RebuildFrom::Snapshot => "a new snapshot",
                };
                let within = rebuild.value.1.map(|within| duration(within.ms));
                (format!("{from} ({})", cx.at(rebuild.span)), within.unwrap_or_default())
            }
            None => ("the log, which keeps the newest change of every row".into(), String::new()),
        };
        table.row([
            cx.view_name(view),
            from,
            within,
            format!("as version {} beside the one that serves; readers switch when it has caught up", view.version + 1),
        ]);
    }
    format!("**Rebuild.**\n\n{}", table.or("There is no view."))
}

fn audits(cx: &Context) -> String {
    let mut table = Table::new(&["view", "audit", "every", "tolerated", "where"]);
    let mut without = Vec::new();
    for (_, view) in cx.views() {
        if view.audits.is_empty() {
            without.push(cx.view_name(view));
        }
        for audit in &view.audits {
            let within = audit.within.as_ref().map_or("no difference".into(), |within| format!("{within}%"));
            table.row([
                cx.view_name(view),
                code(&cx.places.text(audit.span)),
                duration(audit.every.ms),
                within,
                cx.at(audit.span),
            ]);
        }
    }
    let silent = if without.is_empty() {
        String::new()
    } else {
        format!("Without an audit, so drift would be found by a reader: {}.\n\n", without.join(", "))
    };
    format!("**Audit.**\n\n{}{silent}", table.or("No audit is asked for."))
}
