//! Everything diac can say: one rule, one file, with its page. A new rule is a file here and two lines below.

mod batch_would_do;
mod broken_order;
mod cascade_not_captured;
mod clear_secret;
mod compacted_history;
mod companion_topic_missing;
mod consumers_disagree;
mod dedup_horizon;
mod dropped_changes;
mod dual_write;
mod exactly_once_on_state;
mod expiring_copy;
mod freshness_budget;
mod freshness_mechanism;
mod ghost_rows;
mod hard_rule_on_copy;
mod impassable_value;
mod in_sync_exceeds_replicas;
mod incompatible_schema;
mod incomplete_environment;
mod join_multiplies_rows;
mod key_bytes_change;
mod keyless_publication;
mod lambda;
mod language;
mod late_operation_id;
mod lexical_number;
mod log_too_short;
mod lossy_type;
mod lost_operation_id;
mod many_leaders;
mod missed_deletes;
mod missed_rows;
mod needs_engine;
mod no_audit;
mod no_common_order;
mod no_snapshot;
mod nondeterminism;
mod one_database_enough;
mod open_key;
mod order_key_mismatch;
mod outbox_elsewhere;
mod owned_property;
mod pii_escapes;
mod processing_time_window;
mod renamed_capture;
mod repartition;
mod retention_too_short;
mod shared_dedup_id;
mod shared_slot;
mod single_partition;
mod skipped_records;
mod slot_too_small;
mod snapshot_gap;
mod split_hard_rule;
mod stale_own_read;
mod store_taken;
mod sum_before_dedup;
mod swallowed_tombstone;
mod swallowed_truncate;
mod target_changed_in_place;
mod tombstone_horizon;
mod topic_name_collision;
mod torn_request;
mod total_order_many_leaders;
mod total_order_split;
mod two_phase_commit;
mod two_records;
mod unbounded_slot;
mod undeclared_store;
mod undocumented;
mod unenforced_operation_id;
mod unfindable_cause;
mod unknown_mechanism;
mod unknown_property;
mod unread_view;
mod unreadable_column;
mod unrepaired_soft_rule;
mod view_written;
pub mod waivers;
mod write_then_emit;

use crate::diag::{Code, Diagnostic, Severity};
use crate::model::{Model, View};
use crate::plan::baseline::{Baseline, OldDeployment, OldForm};
use crate::plan::{Deployment, Plan};
use crate::prove::Verdicts;
use crate::source::{SourceMap, Span};

/// A rule: its name for ever, its weight, its page, and the check where it is not made by an earlier pass.
pub struct Rule {
    /// The name: code, page, waiver word.
    pub name: &'static str,
    /// The weight of its findings (a rule may weigh single findings otherwise; its page says when).
    pub severity: Severity,
    /// Whether `allow` can set it aside. Warnings and advice always can.
    pub waivable: bool,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// The version that brought it.
    pub since: &'static str,
    /// The page: what, why, an example and its cure.
    pub page: &'static str,
    /// The check; none where reading or resolving reports it.
    pub check: Option<fn(&Context, &mut Sink)>,
}

/// What a rule may ask.
pub struct Context<'a> {
    /// What is meant.
    pub model: &'a Model,
    /// What would run.
    pub plan: &'a Plan,
    /// The texts.
    pub sources: &'a SourceMap,
    /// What an earlier compilation wrote down, where there is one.
    pub baseline: Option<&'a Baseline>,
    /// What the two engines say of shapes of pipelines, each asked once.
    pub verdicts: &'a Verdicts,
}

impl<'a> Context<'a> {
    /// Deployments of which it is known how they were before.
    pub fn compared(&self) -> impl Iterator<Item = (&'a Deployment, &'a OldDeployment)> + use<'a> {
        let baseline = self.baseline;
        let find = move |deployment: &'a Deployment| baseline?.environments.get(&deployment.name);
        self.plan.deployments.iter().filter_map(move |deployment| Some((deployment, find(deployment)?)))
    }

    /// The forms in which the logs of what is deployed hold records of earlier compilations.
    #[must_use]
    pub fn old_forms(&self) -> Vec<OldForm<'a>> {
        let names: Vec<&str> = self.plan.deployments.iter().map(|deployment| deployment.name.as_str()).collect();
        self.baseline.map(|baseline| baseline.forms(&names)).unwrap_or_default()
    }
}

/// Rules that hold a page against an earlier compilation (language 2.10, 18), in the order of their names.
pub const COMPARING: &[&str] =
    &["incompatible_schema", "key_bytes_change", "renamed_capture", "repartition", "target_changed_in_place"];

/// Takes a rule's findings; name and weight are filled in.
pub struct Sink<'a> {
    code: Code,
    found: &'a mut Vec<Diagnostic>,
    /// Places that could not be read, in their order.
    unread: &'a [Span],
}

impl Sink<'_> {
    /// A finding at a place; finish it with [`Diagnostic`]'s own methods and hand it to [`Sink::push`].
    #[must_use]
    pub fn at(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(self.code, span, message)
    }

    /// A finding about a statement, of a view or of something else. Where `defaults` make the statement for all views, the view is said beside it.
    #[must_use]
    pub fn of<'v>(&self, view: impl Into<Option<&'v View>>, statement: Span, message: impl Into<String>) -> Diagnostic {
        let finding = self.at(statement, message);
        let Some(view) = view.into().filter(|view| !view.says(statement)) else { return finding };
        finding.also(view.span, format!("`{}` says nothing else: what is said for all views holds", view.name))
    }

    /// Whether something in a declaration could not be read. What seems to be missing there may be just that, and is not said as well.
    #[must_use]
    pub fn misread(&self, scope: Span) -> bool {
        let first = self.unread.partition_point(|span| (span.file, span.start) < (scope.file, scope.start));
        let mut behind = self.unread.iter().skip(first);
        let within = |span: &&Span| span.file == scope.file && span.start <= scope.end;
        behind.by_ref().take_while(within).any(|span| span.end <= scope.end)
    }

    /// Adds a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }
}

/// Declares a rule from its doc comment and a few words.
macro_rules! rule {
    (
        $(#[doc = $doc:literal])*
        { name: $name:literal, severity: $severity:ident, waivable: $waivable:literal, title: $title:literal, check: $check:expr $(,)? }
    ) => {
        $(#[doc = $doc])*
        pub static RULE: crate::rules::Rule = crate::rules::Rule {
            name: $name,
            severity: crate::diag::Severity::$severity,
            waivable: $waivable,
            title: $title,
            since: "0.1.0",
            page: concat!($($doc, "\n"),*),
            check: $check,
        };
    };
}
pub(crate) use rule;

/// All rules, in the order of their names.
pub static ALL: &[&Rule] = &[
    &language::ambiguous_column::RULE,
    &language::ambiguous_log::RULE,
    &language::bad_value::RULE,
    &batch_would_do::RULE,
    &broken_order::RULE,
    &cascade_not_captured::RULE,
    &clear_secret::RULE,
    &language::column_not_in_log::RULE,
    &compacted_history::RULE,
    &companion_topic_missing::RULE,
    &consumers_disagree::RULE,
    &dedup_horizon::RULE,
    &dropped_changes::RULE,
    &dual_write::RULE,
    &exactly_once_on_state::RULE,
    &waivers::expired_allow::RULE,
    &expiring_copy::RULE,
    &language::file_too_large::RULE,
    &freshness_budget::RULE,
    &freshness_mechanism::RULE,
    &ghost_rows::RULE,
    &hard_rule_on_copy::RULE,
    &impassable_value::RULE,
    &language::import_not_found::RULE,
    &in_sync_exceeds_replicas::RULE,
    &incompatible_schema::RULE,
    &incomplete_environment::RULE,
    &join_multiplies_rows::RULE,
    &key_bytes_change::RULE,
    &keyless_publication::RULE,
    &lambda::RULE,
    &late_operation_id::RULE,
    &lexical_number::RULE,
    &log_too_short::RULE,
    &lossy_type::RULE,
    &lost_operation_id::RULE,
    &many_leaders::RULE,
    &language::misplaced_statement::RULE,
    &missed_deletes::RULE,
    &missed_rows::RULE,
    &language::name_taken::RULE,
    &needs_engine::RULE,
    &language::nesting_too_deep::RULE,
    &no_audit::RULE,
    &language::no_change_log::RULE,
    &no_common_order::RULE,
    &no_snapshot::RULE,
    &nondeterminism::RULE,
    &language::not_utf8::RULE,
    &waivers::not_waivable::RULE,
    &one_database_enough::RULE,
    &open_key::RULE,
    &order_key_mismatch::RULE,
    &outbox_elsewhere::RULE,
    &owned_property::RULE,
    &pii_escapes::RULE,
    &processing_time_window::RULE,
    &renamed_capture::RULE,
    &repartition::RULE,
    &retention_too_short::RULE,
    &shared_dedup_id::RULE,
    &shared_slot::RULE,
    &single_partition::RULE,
    &skipped_records::RULE,
    &slot_too_small::RULE,
    &snapshot_gap::RULE,
    &split_hard_rule::RULE,
    &stale_own_read::RULE,
    &language::statement_not_built::RULE,
    &store_taken::RULE,
    &sum_before_dedup::RULE,
    &swallowed_tombstone::RULE,
    &swallowed_truncate::RULE,
    &language::syntax::RULE,
    &target_changed_in_place::RULE,
    &language::target_not_built::RULE,
    &tombstone_horizon::RULE,
    &topic_name_collision::RULE,
    &torn_request::RULE,
    &total_order_many_leaders::RULE,
    &total_order_split::RULE,
    &two_phase_commit::RULE,
    &two_records::RULE,
    &language::type_mismatch::RULE,
    &unbounded_slot::RULE,
    &undeclared_store::RULE,
    &undocumented::RULE,
    &unenforced_operation_id::RULE,
    &unfindable_cause::RULE,
    &language::unit_missing::RULE,
    &language::unknown_column::RULE,
    &language::unknown_edition::RULE,
    &language::unknown_kind::RULE,
    &unknown_mechanism::RULE,
    &language::unknown_name::RULE,
    &unknown_property::RULE,
    &language::unknown_table::RULE,
    &unread_view::RULE,
    &unreadable_column::RULE,
    &language::unreadable_schema::RULE,
    &unrepaired_soft_rule::RULE,
    &language::unsalted_hash::RULE,
    &waivers::unused_allow::RULE,
    &language::view_cycle::RULE,
    &view_written::RULE,
    &write_then_emit::RULE,
];

/// The rule of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.name == name)
}

/// Runs every rule that has a check.
pub fn check(cx: &Context, found: &mut Vec<Diagnostic>) {
    let unread = found.iter().filter(|finding| finding.rule == language::syntax::RULE.name);
    let mut unread: Vec<Span> = unread.map(|finding| finding.primary.span).collect();
    unread.sort_unstable();
    for rule in ALL {
        if let Some(check) = rule.check {
            let code = Code { name: rule.name, severity: rule.severity };
            check(cx, &mut Sink { code, found, unread: &unread });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_stand_in_the_order_of_their_names_and_each_has_a_page() {
        let names: Vec<&str> = ALL.iter().map(|rule| rule.name).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        assert_eq!(names, sorted);
        for rule in ALL {
            assert!(rule.page.lines().count() >= 5, "{} has no page", rule.name);
            assert!(rule.severity == Severity::Error || rule.waivable, "{} must be waivable", rule.name);
        }
    }
}
