//! Words of closed sets that nothing else looks at: functions of audits, assumptions, how schemas may change.

use super::Context;
use crate::diag::codes;
use crate::syntax::ast::{
    AuditKind, Expr, ExprKind, Item, Member, Name, ProcessStatement, SystemStatement, ViewStatement, ViewStatementKind,
};

/// The functions of audits.
const FUNCTIONS: &[&str] = &[
    "count",
    "sum",
    "avg",
    "min",
    "max",
    "checksum",
    "coalesce",
    "lower",
    "upper",
    "pair",
    "window_start",
    "window_end",
];
/// What can be assumed.
const ASSUMPTIONS: &[&str] = &["deterministic"];
/// How a registry lets schemas change.
const CHANGES: &[&str] =
    &["backward", "backward_transitive", "forward", "forward_transitive", "full", "full_transitive", "none"];

impl Context<'_> {
    pub(super) fn words(&mut self) {
        let mut unknown: Vec<(&Name, &str, &[&str])> = Vec::new();
        let mut look = |name, what, known: &'static [&'static str]| unknown.push((name, what, known));
        for (_, item) in self.items() {
            match item {
                Item::System(system) => system.statements.iter().for_each(|statement| match statement {
                    SystemStatement::Encoding { evolves: Some(name), .. } => look(name, "change of schemas", CHANGES),
                    SystemStatement::Assume(assume) => look(&assume.what, "assumption", ASSUMPTIONS),
                    _ => {}
                }),
                Item::Entity(entity) => assumed(&entity.members).for_each(|name| look(name, "assumption", ASSUMPTIONS)),
                Item::Event(event) => assumed(&event.members).for_each(|name| look(name, "assumption", ASSUMPTIONS)),
                Item::Process(process) => process.statements.iter().for_each(|statement| {
                    if let ProcessStatement::Assume(assume) = statement {
                        look(&assume.what, "assumption", ASSUMPTIONS);
                    }
                }),
                Item::View(view) => of_view(&view.statements, &mut look),
                Item::Defaults(defaults) => of_view(&defaults.statements, &mut look),
                Item::Edition(_)
                | Item::Pipeline(_)
                | Item::Import(_)
                | Item::Secret(_)
                | Item::Service(_)
                | Item::Constraint(_)
                | Item::Environment(_)
                | Item::Bare(_) => {}
            }
        }
        for (name, what, known) in unknown {
            if !known.contains(&name.text.as_str()) {
                let known = known.iter().map(|word| (*word).to_owned()).collect();
                self.unknown(name, codes::UNKNOWN_NAME, what, known);
            }
        }
    }
}

fn assumed(members: &[Member]) -> impl Iterator<Item = &Name> {
    members.iter().filter_map(|member| if let Member::Assume(assume) = member { Some(&assume.what) } else { None })
}

fn of_view<'a>(
    statements: &'a [ViewStatement],
    look: &mut impl FnMut(&'a Name, &'static str, &'static [&'static str]),
) {
    for statement in statements {
        if let ViewStatementKind::Assume(assume) = &statement.kind {
            look(&assume.what, "assumption", ASSUMPTIONS);
        }
        let ViewStatementKind::Audit(audit) = &statement.kind else { continue };
        let mut names = Vec::new();
        match &audit.what {
            AuditKind::Measure(expr) | AuditKind::Assert { rule: expr, .. } => calls(expr, &mut names),
            AuditKind::Rows(_) => {}
        }
        names.into_iter().for_each(|name| look(name, "function", FUNCTIONS));
    }
}

/// The functions an expression calls.
fn calls<'a>(expr: &'a Expr, names: &mut Vec<&'a Name>) {
    match &expr.kind {
        ExprKind::Call { name, args, .. } => {
            names.push(name);
            args.iter().for_each(|arg| calls(arg, names));
        }
        ExprKind::Or(all) | ExprKind::And(all) => all.iter().for_each(|part| calls(part, names)),
        ExprKind::Not(part) | ExprKind::Neg(part) | ExprKind::Cast { expr: part, .. } => calls(part, names),
        ExprKind::IsNull { expr, .. } => calls(expr, names),
        ExprKind::Compare { left, right, .. } | ExprKind::Arith { left, right, .. } => {
            calls(left, names);
            calls(right, names);
        }
        ExprKind::Like { expr, pattern, .. } => {
            calls(expr, names);
            calls(pattern, names);
        }
        ExprKind::In { expr, list, .. } => {
            calls(expr, names);
            list.iter().for_each(|item| calls(item, names));
        }
        ExprKind::Case { arms, otherwise } => {
            for (when, then) in arms {
                calls(when, names);
                calls(then, names);
            }
            if let Some(otherwise) = otherwise {
                calls(otherwise, names);
            }
        }
        ExprKind::Duration(_) | ExprKind::Literal(_) | ExprKind::Path(_) => {}
    }
}
