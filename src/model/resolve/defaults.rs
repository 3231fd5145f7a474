//! `defaults { … }`: statements of views, said for every view that says nothing of their kind itself.

use std::collections::BTreeMap;

use super::Context;
use super::statements::single;
use super::views::Tree;
use crate::diag::{Diagnostic, Label, codes};
use crate::model::{Via as ModelVia, View};
use crate::source::{FileId, Span};
use crate::syntax::ast::{Claim, Defaults, Item, Via, ViewStatement, ViewStatementKind as Kind};

/// How many views a finding names that hold against one statement.
const NAMED: usize = 5;

/// What is said for all views.
#[derive(Debug, Default)]
pub(super) struct Policy<'a> {
    /// The file of the block.
    file: Option<FileId>,
    /// The statements that can be said for all.
    statements: Vec<&'a ViewStatement>,
    /// What was found wrong with a statement in single views: the first finding of its place, and the views.
    misfits: BTreeMap<(Span, &'static str), Misfit>,
}

/// A statement that some views cannot keep.
#[derive(Debug)]
struct Misfit {
    /// What is wrong, as it was found first.
    finding: Diagnostic,
    /// The views: name and place.
    views: Vec<(String, Span)>,
}

impl<'a> Context<'a> {
    /// Reads the block: what has no meaning for all views at once is reported and handed to none.
    pub(super) fn policy(&mut self) {
        let mut blocks = self.items().filter_map(|(file, item)| match item {
            Item::Defaults(block) => Some((file, block)),
            _ => None,
        });
        let (first, second): (Option<(FileId, &'a Defaults)>, _) = (blocks.next(), blocks.next());
        let Some((file, block)) = first else { return };
        if let Some((_, second)) = second {
            self.report(
                Diagnostic::new(codes::NAME_TAKEN, second.span, "`defaults` stands twice")
                    .also(block.span, "first here")
                    .help("keep one block"),
            );
        }
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for statement in &block.statements {
            if let Some(word) = single(&statement.kind) {
                self.once(seen.insert(word, statement.span), statement.span, &format!("`{word}`"));
            }
            match of_one_view(&statement.kind) {
                Some((why, help)) => self.report(
                    Diagnostic::new(codes::MISPLACED_STATEMENT, statement.span, "this cannot be said for all views")
                        .here(why)
                        .help(help),
                ),
                None => self.policy.statements.push(statement),
            }
        }
        self.policy.file = Some(file);
        let mut scopes = vec![block.span];
        scopes.extend(self.trees.values().map(|(_, tree)| match tree {
            Tree::Named(view) => view.span,
            Tree::Bare(pipeline) => pipeline.span,
        }));
        let allows = block.statements.iter().filter_map(|statement| match &statement.kind {
            Kind::Allow(allow) => Some(allow),
            _ => None,
        });
        self.allows_in(&scopes, allows);
        if self.trees.is_empty() {
            // Nobody takes them; what is wrong with them is said all the same.
            let mut nobody = View::new("", block.span, false, block.span);
            for statement in self.policy.statements.clone() {
                self.statement(file, statement, &mut nobody);
            }
        }
    }

    /// The statements that a view takes from `defaults`: those of whose kind it says nothing.
    pub(super) fn inherited(&self, tree: Tree) -> Vec<&'a ViewStatement> {
        let own: Vec<&str> = match tree {
            Tree::Named(view) => view.statements.iter().map(|statement| sort_of(&statement.kind)).collect(),
            Tree::Bare(_) => Vec::new(),
        };
        let says = |statement: &&ViewStatement| own.contains(&sort_of(&statement.kind));
        self.policy.statements.iter().copied().filter(|statement| !says(statement)).collect()
    }

    /// Hands a view what it takes from `defaults`. What is wrong with a statement is the same finding for each view, and shown once.
    pub(super) fn inherit(&mut self, tree: Tree, view: &mut View) {
        let Some(file) = self.policy.file else { return };
        for statement in self.inherited(tree) {
            // What diac does unless something else is said: rows by their change log, events by theirs.
            if !matches!(statement.kind, Kind::Via(Via::Cdc)) {
                self.statement(file, statement, view);
            }
        }
        debug_assert!(view.via_span.is_some() || view.via == ModelVia::Cdc, "nothing is said of how it is kept");
    }

    /// Sets aside what was just found wrong with a statement of `defaults` in one view.
    pub(super) fn misfit(&mut self, before: usize, view: &View) {
        for finding in self.diagnostics.split_off(before.min(self.diagnostics.len())) {
            let place = (finding.primary.span, finding.rule);
            let misfit = self.policy.misfits.entry(place).or_insert(Misfit { finding, views: Vec::new() });
            misfit.views.push((view.name.clone(), view.span));
        }
    }

    /// One finding for each statement that some view cannot keep, with those views.
    pub(super) fn policy_misfits(&mut self) {
        for Misfit { mut finding, views } in std::mem::take(&mut self.policy.misfits).into_values() {
            if finding.primary.message.is_empty() {
                finding.primary.message = "said for all views".to_owned();
            }
            let more = views.len().saturating_sub(NAMED);
            for (at, (name, span)) in views.iter().take(NAMED).enumerate() {
                let and = if more > 0 && at + 1 == NAMED { format!(", and {more} more") } else { String::new() };
                let message = format!("for `{name}`, which says nothing else{and}");
                finding.labels.push(Label { span: *span, message });
            }
            // What is right for one view need not be for the next.
            finding.fix = None;
            finding.help = Some(match views.as_slice() {
                [(name, _)] => format!("say in `{name}` what holds there, or say this only in the views it is about"),
                _ => "say this only in the views it is about, or say something else in these".to_owned(),
            });
            self.report(finding);
        }
    }
}

/// The kind of a statement: a view that says something of it takes none of it from `defaults`.
fn sort_of(kind: &Kind) -> &'static str {
    match kind {
        Kind::Guarantee(Claim::OrderedTotally | Claim::OrderedPer(_)) => "guarantee ordered",
        Kind::Guarantee(Claim::EveryChange) => "guarantee every change",
        Kind::Guarantee(Claim::ExactlyOnce { .. }) => "guarantee exactly once",
        Kind::Guarantee(Claim::ReadYourWrites(_)) => "guarantee read your writes",
        Kind::Guarantee(Claim::ReplayableForever | Claim::ReplayableFor(_)) => "guarantee replayable",
        Kind::Guarantee(Claim::AgreesWith(_)) => "guarantee agrees",
        Kind::Guarantee(Claim::After { .. }) => "guarantee after",
        Kind::Audit(_) => "audit",
        Kind::Team(_) => "team",
        Kind::Assume(_) => "assume",
        Kind::Allow(_) => "allow",
        _ => single(kind).unwrap_or_default(),
    }
}

/// Why a statement is about one view and not about all, and what to do instead.
fn of_one_view(kind: &Kind) -> Option<(&'static str, String)> {
    Some(match kind {
        Kind::Guarantee(Claim::AgreesWith(other)) => (
            "two views agree, and all views would have to agree with one",
            format!("promise it in the view that agrees with `{}`", other.text),
        ),
        Kind::Guarantee(Claim::After { effect, cause }) => (
            "this is about readers of two records, and other views have neither",
            format!("promise it in the views of `{}` that also follow `{}`", effect.text, cause.text),
        ),
        Kind::Mapping(_) => {
            ("a mapping is about the fields of one index", "name it in the view whose index it is about".to_owned())
        }
        Kind::Partitioned(_) => (
            "this is about the topic of one view, and goes by its columns",
            "say it in the view whose topic it is about".to_owned(),
        ),
        _ => return None,
    })
}
