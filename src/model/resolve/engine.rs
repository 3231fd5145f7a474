//! Views that an engine keeps: whether Flink can, exactly.

use super::Context;
use super::stages::{Gap, Row};
use super::stores::FoundStore;
use crate::diag::{Diagnostic, codes};
use crate::model::View;
use crate::model::query::limits::Limits;
use crate::model::relation::{InputId, Nature, Role};
use crate::model::types::Type;
use crate::source::Span;
use crate::systems::Kind;

impl Context<'_> {
    /// Whether an engine is declared, and a view has stages that only an engine runs; what its own store can do side by side stays there.
    pub(super) fn wants_engine(&self, row: &Row, view: &View) -> bool {
        let asks = |gap: &Gap| matches!(gap, Gap::Engine(..) | Gap::Derived | Gap::Later(_));
        let declared = self.model.systems.iter().any(|system| system.kind == Kind::Flink);
        declared && row.gaps.iter().any(asks) && !self.lies_in_store(row, view)
    }

    /// Whether all that a view is made of lies in its own store, which speaks SQL.
    fn lies_in_store(&self, row: &Row, view: &View) -> bool {
        let Some(store) = view.store.as_ref().filter(|store| self.model.system(store.system).kind.is_sql()) else {
            return false;
        };
        let joins = row.inputs.iter().any(|input| input.role != Role::Start);
        row.inputs.iter().all(|input| match input.what {
            InputId::Entity(id) => self.model.entity(id).home.system == store.system,
            // Events are landed beside what they are joined with.
            InputId::Event(_) => input.role == Role::Start && joins,
            InputId::View(id) => self.model.view(id).store.as_ref().is_some_and(|other| other.system == store.system),
        })
    }

    /// Whether Flink can keep a view; says what it cannot. The view's query is known.
    pub(super) fn fits_engine(&mut self, row: &Row, target: Option<&FoundStore>, view: &View) -> bool {
        let mut fits = true;
        for (what, span) in row.inputs.iter().map(|input| (input.what, input.span)) {
            fits &= self.fits_as_input(what, span);
        }
        fits &= self.near_events(row);
        let Some(query) = &view.query else {
            let later =
                row.gaps.iter().find_map(|gap| if let Gap::Later(gap) = gap { Some(gap.clone()) } else { None });
            match later {
                Some(gap) => self.not_built(gap.span, &gap.what),
                None => self.not_built(view.source_span, "what Flink makes of rows whose columns nobody declares is"),
            }
            return false;
        };
        let mut limits = Limits::default();
        for stage in &query.stages {
            let step = row.steps.iter().find(|step| step.span == stage.span);
            limits.stage(&stage.what, step.is_none_or(|step| step.before == Nature::State), stage.span);
        }
        for limit in limits.0 {
            fits = false;
            let message = format!("{} not compiled by this version", limit.what);
            let finding = Diagnostic::new(codes::STATEMENT_NOT_BUILT, limit.span, message);
            self.report(finding.here(limit.why).help(limit.help));
        }
        if fits && row.key.is_empty() {
            self.not_built(view.source_span, "what Flink makes of rows without a key is");
            fits = false;
        }
        if let Some(target) = target.filter(|target| target.built) {
            let kind = self.model.system(target.system).kind;
            if !matches!(kind, Kind::Elasticsearch | Kind::Opensearch | Kind::Redis) {
                self.not_built(target.span, &format!("what Flink makes, in {}, is", kind.facts().title));
                fits = false;
            }
        }
        fits
    }

    fn fits_as_input(&mut self, what: InputId, span: Span) -> bool {
        match what {
            InputId::Entity(id) => {
                let entity = self.model.entity(id);
                let (name, kind) = (entity.name.clone(), self.model.system(entity.home.system).kind);
                if entity.key.is_empty() {
                    self.not_built(span, &format!("Flink over `{name}`, which has no key, is"));
                    return false;
                }
                if kind != Kind::Postgres {
                    self.not_built(span, &format!("Flink over records in {} is", kind.facts().title));
                    return false;
                }
                true
            }
            InputId::Event(_) => true,
            InputId::View(id) => {
                let above = self.model.view(id);
                if above.inside {
                    let name = above.name.clone();
                    self.not_built(span, &format!("Flink over `{name}`, which SQL in its store makes, is"));
                    return false;
                }
                above.engine || (!above.incomplete && above.query.is_some())
            }
        }
    }

    /// `within` is between the moments of two events, which their declarations mark; says so where they do not.
    fn near_events(&mut self, row: &Row) -> bool {
        let marked = |what: InputId| match what {
            InputId::Event(id) => {
                self.model.event(id).columns.iter().any(|column| column.event_time && column.ty == Type::Timestamp)
            }
            InputId::Entity(_) | InputId::View(_) => false,
        };
        let first = row.inputs.first().is_some_and(|input| marked(input.what));
        let near = |role: &Role| matches!(role, Role::Join { within: Some(_), .. });
        let lost = row.inputs.iter().find(|input| near(&input.role) && !(first && marked(input.what)));
        let Some(span) = lost.map(|input| input.span) else { return true };
        self.not_built(span, "`within` between anything but two events with an `event_time` of type `timestamp` is");
        false
    }
}
