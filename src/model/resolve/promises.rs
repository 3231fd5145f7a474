//! Guarantees, audits and routing of views: what the names in them stand for.

use super::scope::Scope;
use super::views::Tree;
use super::{Context, Named};
use crate::diag::codes;
use crate::model::relation::{Derived, InputId, Term};
use crate::model::{Promise, View, ViewId};
use crate::source::Span;
use crate::syntax::ast::{AuditKind, Claim, Name, Path, Spanned, Via, ViewStatement, ViewStatementKind};

impl Context<'_> {
    /// Works out the statements of a view that name columns, once its rows are known.
    pub(super) fn promises(&mut self, tree: Tree, view: &mut View) {
        let scope = self.scope_of(view);
        if let Tree::Named(named) = tree {
            for statement in &named.statements {
                self.about_columns(statement, scope.as_ref(), view);
            }
        }
        for statement in self.inherited(tree) {
            let before = self.diagnostics.len();
            self.about_columns(statement, scope.as_ref(), view);
            self.misfit(before, view);
        }
    }

    /// What a statement says of columns.
    fn about_columns(&mut self, statement: &ViewStatement, scope: Option<&Scope>, view: &mut View) {
        match &statement.kind {
            ViewStatementKind::Via(Via::BatchIncremental { on, .. }) => {
                let path = Path { parts: vec![on.clone()], span: on.span };
                if let Some(scope) = scope {
                    self.column_in(&path, scope);
                }
            }
            ViewStatementKind::Guarantee(claim) => {
                let promise = match scope {
                    Some(scope) => self.promise(claim, statement.span, scope),
                    None => Promise {
                        claim: claim.clone(),
                        span: statement.span,
                        terms: Vec::new(),
                        about: self.about(claim),
                    },
                };
                view.guarantees.push(promise);
            }
            ViewStatementKind::Partitioned(exprs) => {
                let Some(scope) = scope else { return };
                let terms: Vec<Option<Term>> =
                    exprs.iter().map(|expr| self.typed(expr, scope).map(|typed| typed.term)).collect();
                view.partitioned = Some(Spanned { value: terms.into_iter().flatten().collect(), span: statement.span });
            }
            ViewStatementKind::Audit(audit) => {
                if let Some(scope) = scope {
                    self.audited(&audit.what, scope, view);
                }
            }
            _ => {}
        }
    }

    /// What a view's statements may name: its columns, and those of the rows it is made of.
    fn scope_of(&self, view: &View) -> Option<Scope> {
        let relation = view.relation.as_ref()?;
        let mut columns: Vec<Derived> = relation.columns.clone();
        let first = columns.len();
        for column in &relation.beside {
            if !columns.iter().any(|known| known.name == column.name && known.row == column.row)
                && !columns.iter().skip(first).any(|known| known.name == column.name)
            {
                columns.push(column.clone());
            }
        }
        let mut rows: Vec<String> = columns.iter().flat_map(|column| column.row.clone()).collect();
        rows.sort();
        rows.dedup();
        let open = relation.open.then(|| view.copies.first().map(|copy| copy.entity)).flatten();
        let open = open.map(crate::model::relation::RecordId::Entity);
        let event = view.inputs.iter().find_map(|input| match input.what {
            InputId::Event(id) if self.model.event(id).open => Some(crate::model::relation::RecordId::Event(id)),
            _ => None,
        });
        Some(Scope {
            columns,
            first,
            rows,
            open: open.or(event),
            grouped: Some(Vec::new()),
            audit: true,
            ..Scope::default()
        })
    }

    /// A guarantee with what its names stand for.
    pub(super) fn promise(&mut self, claim: &Claim, span: Span, scope: &Scope) -> Promise {
        let mut terms = Vec::new();
        match claim {
            Claim::OrderedPer(exprs) => {
                for expr in exprs {
                    terms.extend(self.typed(expr, scope).map(|typed| Spanned { value: typed.term, span: expr.span }));
                }
            }
            Claim::ExactlyOnce { by, .. } => {
                for name in by {
                    let path = Path { parts: vec![name.clone()], span: name.span };
                    let found = self.column_in(&path, scope);
                    terms.extend(found.map(|column| Spanned { value: column.term, span: name.span }));
                }
            }
            Claim::OrderedTotally
            | Claim::EveryChange
            | Claim::ReadYourWrites(_)
            | Claim::AgreesWith(_)
            | Claim::ReplayableForever
            | Claim::ReplayableFor(_)
            | Claim::After { .. } => {}
        }
        Promise { claim: claim.clone(), span, terms, about: self.about(claim) }
    }

    fn about(&mut self, claim: &Claim) -> Vec<Spanned<InputId>> {
        let mut found = Vec::new();
        match claim {
            Claim::AgreesWith(name) => {
                let view = self.view_named(name);
                found.extend(view.map(|id| Spanned { value: InputId::View(id), span: name.span }));
            }
            Claim::After { effect, cause } => {
                for name in [effect, cause] {
                    let subject = self.subject(name);
                    found.extend(subject.map(|value| Spanned { value, span: name.span }));
                }
            }
            Claim::OrderedTotally
            | Claim::OrderedPer(_)
            | Claim::EveryChange
            | Claim::ExactlyOnce { .. }
            | Claim::ReadYourWrites(_)
            | Claim::ReplayableForever
            | Claim::ReplayableFor(_) => {}
        }
        found
    }

    fn view_named(&mut self, name: &Name) -> Option<ViewId> {
        match self.names.get(&name.text).copied() {
            Some((Named::View(id), _)) => Some(id),
            Some((Named::Other | Named::Unread, _)) => None,
            Some((named, span)) => {
                let finding = named.instead(name, name.span, span, "not a view");
                self.report(finding.help("name a view"));
                None
            }
            None => {
                let views = self.names_of(|named| matches!(named, Named::View(_)));
                self.unknown(name, codes::UNKNOWN_NAME, "view", views);
                None
            }
        }
    }

    /// Columns that an audit names.
    fn audited(&mut self, what: &AuditKind, scope: &Scope, view: &View) {
        let mut named: Vec<Name> = Vec::new();
        match what {
            AuditKind::Measure(expr) => {
                self.typed(expr, scope);
            }
            AuditKind::Rows(names) => named.extend(names.iter().cloned()),
            AuditKind::Assert { rule, by } => {
                self.condition(rule, scope);
                named.extend(by.iter().cloned());
            }
        }
        if scope.open.is_some() {
            return;
        }
        let mut known: Vec<String> = scope.columns.iter().map(|column| column.name.clone()).collect();
        for copy in &view.copies {
            known.extend(self.model.entity(copy.entity).columns.iter().map(|column| column.name.clone()));
        }
        known.sort();
        known.dedup();
        for name in named {
            if !known.contains(&name.text) {
                self.unknown(&name, codes::UNKNOWN_COLUMN, "column", known.clone());
            }
        }
    }
}
