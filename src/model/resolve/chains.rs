//! Views of views: the order to work them out in, circles, and how long a chain may be.

use std::collections::BTreeSet;

use super::views::Tree;
use super::{Context, Named};
use crate::diag::{Diagnostic, codes};
use crate::model::ViewId;
use crate::syntax::ast::{Path, Stage, StageKind};

/// Most views that follow from one another in a row.
const LONGEST_CHAIN: usize = 128;

impl Context<'_> {
    /// The views in an order in which each stands behind those it follows from; where they go in a circle, one of them stands too early. A chain may be
    /// long, so nothing here calls itself.
    pub(super) fn upstream_first(&self, ids: &[ViewId]) -> Vec<ViewId> {
        let mut order = Vec::new();
        let mut met: BTreeSet<ViewId> = BTreeSet::new();
        for id in ids {
            let mut path: Vec<(ViewId, Vec<ViewId>)> = Vec::new();
            if met.insert(*id) {
                path.push((*id, self.follows(*id)));
            }
            while let Some((at, rest)) = path.last_mut() {
                match rest.pop() {
                    Some(next) if met.insert(next) => path.push((next, self.follows(next))),
                    Some(_) => {}
                    None => {
                        order.push(*at);
                        path.pop();
                    }
                }
            }
        }
        order
    }

    /// The views that a view names, the last first.
    fn follows(&self, id: ViewId) -> Vec<ViewId> {
        let Some((_, tree)) = self.trees.get(&id) else { return Vec::new() };
        let (source, stages): (&Path, &[Stage]) = match tree {
            Tree::Named(view) => (&view.source, &view.stages),
            Tree::Bare(pipeline) => (&pipeline.source, &pipeline.stages),
        };
        let joined = stages.iter().flat_map(|stage| match &stage.kind {
            StageKind::Join { path, .. } | StageKind::Nest { path, .. } => std::slice::from_ref(path),
            StageKind::Union(paths) => paths.as_slice(),
            _ => &[],
        });
        let named = std::iter::once(source).chain(joined).filter_map(|path| match path.parts.as_slice() {
            [name] => match self.names.get(&name.text) {
                Some((Named::View(id), _)) => Some(*id),
                _ => None,
            },
            _ => None,
        });
        let mut named: Vec<ViewId> = named.collect();
        named.reverse();
        named
    }

    /// Whether a view that another one follows from is worked out: one that is not follows from the other one in turn, which is reported.
    pub(super) fn upstream(&mut self, id: ViewId, source: &Path, me: ViewId) -> Option<()> {
        if self.done.get(&id) == Some(&true) {
            return self.deep(id, source);
        }
        let name = self.model.view(id).name.clone();
        let mut diagnostic = Diagnostic::new(codes::VIEW_CYCLE, source.span, "a view cannot follow from itself")
            .here(format!("`{name}` follows from this view"))
            .help("cut the cycle at the store that does not decide");
        if id != me {
            diagnostic = diagnostic.also(self.model.view(id).span, "declared here");
        }
        self.report(diagnostic);
        None
    }

    /// Refuses a chain of views that nobody writes by hand, since each of them carries what those before it do.
    fn deep(&mut self, id: ViewId, source: &Path) -> Option<()> {
        let depth = self.depths.get(&id).copied().unwrap_or(0);
        if depth < LONGEST_CHAIN {
            return Some(());
        }
        if depth == LONGEST_CHAIN {
            let message = format!("more than {LONGEST_CHAIN} views follow from one another");
            self.report(
                Diagnostic::new(codes::NESTING_TOO_DEEP, source.span, message)
                    .here(format!("`{}` is the last that can be followed", self.model.view(id).name))
                    .help("let this view follow from an earlier one"),
            );
        }
        None
    }

    /// A view without a store is a topic of its own where no other view follows it.
    pub(super) fn loose_ends(&mut self, ids: &[ViewId]) {
        let followed: BTreeSet<ViewId> = self.model.views.iter().flat_map(|view| view.upstream.clone()).collect();
        for id in ids {
            let view = self.model.view(*id);
            let followed = followed.contains(id);
            if view.store.is_none() && !view.incomplete && !view.engine && !followed {
                let diagnostic = Diagnostic::new(
                    codes::STATEMENT_NOT_BUILT,
                    view.span,
                    "topics of views are not compiled by this version",
                )
                .here("it ends in no store, and no other view follows it")
                .help("end it in a store, or let another view follow it");
                self.report(diagnostic);
            }
        }
    }

    /// Keeps in mind how many views stand behind one another up to this one.
    pub(super) fn measure(&mut self, id: ViewId) {
        let above = self.follows(id).into_iter().filter_map(|above| self.depths.get(&above)).max();
        self.depths.insert(id, above.map_or(1, |depth| depth + 1));
    }
}
