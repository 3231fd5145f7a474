//! `runner = …` in environments: which program carries rows into a store.

use std::collections::BTreeSet;

use super::Context;
use crate::diag::{Diagnostic, codes};
use crate::model::{Runner, Value, Via};
use crate::source::Span;
use crate::systems::Kind;

impl Context<'_> {
    /// Says which runners are none, and which this version does not write; each place once.
    pub(super) fn runners(&mut self) {
        let mut wrong: BTreeSet<Span> = BTreeSet::new();
        let mut later: BTreeSet<(Span, String)> = BTreeSet::new();
        for env in &self.model.environments {
            let global = env.settings.get("runner").into_iter();
            let systems = env.systems.values().filter_map(|settings| settings.get("runner"));
            let views = env.views.values().filter_map(|settings| settings.get("runner"));
            for setting in global.chain(systems).chain(views) {
                if Runner::of(setting).is_none() && matches!(setting.value, Value::Text(_)) {
                    wrong.insert(setting.value_span);
                }
            }
            for (id, view) in self.model.all_views().filter(|(_, view)| self.model.is_wired(view)) {
                let Some(store) = &view.store else { continue };
                let kind = self.model.system(store.system).kind;
                let Some((setting, runner)) = self.model.runner(id, env) else { continue };
                let facts = kind == Kind::Postgres && view.via == Via::Events;
                let usual = if facts { Runner::Bento } else { Runner::usual(kind) };
                if runner != usual {
                    later.insert((setting.span, format!("{} into {} is", runner.title(), kind.facts().title)));
                }
            }
        }
        for span in wrong {
            let message = format!("`{}` is no runner", self.inputs.sources.slice(span));
            self.report(Diagnostic::new(codes::BAD_VALUE, span, message).help("write `connect`, `bento` or `flink`"));
        }
        let mut said: BTreeSet<Span> = BTreeSet::new();
        for (span, what) in later {
            if said.insert(span) {
                self.not_built(span, &what);
            }
        }
    }
}
