//! One mistake is one finding. Where a line cannot be read or a name is not known, something seems to be missing that is only misspelt: what rules would say
//! of that is left out until the line is right.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Diagnostic, Label};
use crate::model::relation::{InputId, RecordId};
use crate::model::{Model, View};
use crate::source::{SourceMap, Span};

const NAME: &str = "unknown_name";
const COLUMN: &str = "unknown_column";

/// What reading and resolving say of a line: behind each of these stands a word that was meant.
const ROOTS: &[&str] = &["syntax", NAME, COLUMN, "unknown_kind", "unit_missing"];

/// Rules that find something missing: a stage, a word, a reader, a setting. What is there and wrong stays said.
const MISSING: &[&str] = &[
    "compacted_history",
    "consumers_disagree",
    "dedup_horizon",
    "exactly_once_on_state",
    "expiring_copy",
    "ghost_rows",
    "incomplete_environment",
    "join_multiplies_rows",
    "late_operation_id",
    "log_too_short",
    "lost_operation_id",
    "misplaced_statement",
    "missed_deletes",
    "needs_engine",
    "no_common_order",
    "nondeterminism",
    "open_key",
    "order_key_mismatch",
    "pii_escapes",
    "processing_time_window",
    "retention_too_short",
    "shared_dedup_id",
    "split_hard_rule",
    "stale_own_read",
    "sum_before_dedup",
    "tombstone_horizon",
    "unbounded_slot",
    "unenforced_operation_id",
    "unfindable_cause",
    "unread_view",
    "unrepaired_soft_rule",
    "unused_allow",
    "write_then_emit",
];

/// Takes out what only follows from another finding.
pub fn leave_out(model: &Model, sources: &SourceMap, findings: &mut Vec<Diagnostic>) {
    let roots: Vec<Span> = findings.iter().filter(|it| ROOTS.contains(&it.rule)).map(|it| it.primary.span).collect();
    if roots.is_empty() {
        return;
    }
    let Doubt { declarations, followers } = doubtful(model, &Scopes::new(roots));
    let (doubtful, followers) = (Scopes::new(declarations), Scopes::new(followers));
    let lost = findings.iter().filter(|it| ["syntax", NAME].contains(&it.rule)).map(|it| it.primary.span);
    let views = Broken { at: Scopes::new(lost), views: Scopes::new(model.views.iter().map(|view| view.scope)) };
    let no_engine = findings.iter().any(|it| it.rule == "unknown_kind") || model.meant.contains("flink");
    one_name(sources, findings);
    findings.retain(|finding| {
        let mut places = std::iter::once(&finding.primary).chain(&finding.labels).map(|label| label.span);
        let missing = MISSING.contains(&finding.rule) && places.any(|place| doubtful.around(place).is_some());
        let column = [COLUMN, "ambiguous_column"].contains(&finding.rule);
        let place = finding.primary.span;
        let behind = column && (views.before(place) || followers.around(place).is_some());
        let engine = no_engine && finding.rule == "needs_engine";
        !missing && !behind && !engine
    });
}

/// A name that is misspelt where it is declared is unknown wherever it is used: the first use is told, with the others.
fn one_name(sources: &SourceMap, findings: &mut Vec<Diagnostic>) {
    findings.sort_by_key(|finding| (finding.primary.span.file, finding.primary.span.start));
    let mut first: BTreeMap<(&str, String, Option<String>), usize> = BTreeMap::new();
    let mut kept: Vec<Diagnostic> = Vec::with_capacity(findings.len());
    for finding in findings.drain(..) {
        let name = finding.message.rsplit('`').nth(1).filter(|_| [NAME, COLUMN].contains(&finding.rule));
        let meant = finding.fix.as_ref().and_then(|fix| fix.edits.first()).map(|edit| edit.text.clone());
        let Some(name) = name else {
            kept.push(finding);
            continue;
        };
        let at = *first.entry((finding.rule, name.to_owned(), meant.clone())).or_insert(kept.len());
        match kept.get_mut(at) {
            Some(before) if is_one(sources, finding.rule, meant.as_deref()) => {
                if before.primary.span != finding.primary.span {
                    before.labels.push(Label { span: finding.primary.span, message: "and here".to_owned() });
                    if let (Some(all), Some(more)) = (&mut before.fix, finding.fix) {
                        all.edits.extend(more.edits);
                    }
                }
            }
            Some(_) | None => kept.push(finding),
        }
    }
    *findings = kept;
}

/// Whether two unknown names of one spelling are one mistake: what they come next to is declared and named nowhere else, so its declaration is what is
/// misspelt; or nothing comes near, and a declaration is missing.
fn is_one(sources: &SourceMap, rule: &str, meant: Option<&str>) -> bool {
    let Some(meant) = meant else { return rule == NAME };
    let pages = sources.files().filter(|(_, file)| file.name.ends_with(".dia"));
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let words = pages.flat_map(|(_, file)| file.text.split(|c: char| !is_part(c)));
    words.filter(|word| *word == meant).nth(1).is_none()
}

/// Declarations of which something is not known.
struct Doubt {
    /// Those that hold a root, and those that follow from them.
    declarations: Vec<Span>,
    /// Those that follow from another one: a column may be what is not known there.
    followers: Vec<Span>,
}

fn doubtful(model: &Model, roots: &Scopes) -> Doubt {
    let holds = |scope: Span| roots.inside(scope);
    let mut found: Vec<Span> = Vec::new();
    found.extend(model.systems.iter().map(|system| system.scope).filter(|scope| holds(*scope)));
    found.extend(model.constraints.iter().map(|constraint| constraint.scope).filter(|scope| holds(*scope)));
    let bad_record = |record: RecordId| match record {
        RecordId::Entity(id) => holds(model.entity(id).scope),
        RecordId::Event(id) => holds(model.event(id).scope),
    };
    let entities = model.all_entities().map(|(id, entity)| (RecordId::Entity(id), entity.scope));
    let events = model.all_events().map(|(id, event)| (RecordId::Event(id), event.scope));
    found.extend(entities.chain(events).filter(|(id, _)| bad_record(*id)).map(|(_, scope)| scope));
    let mut views = BTreeSet::new();
    let mut grown = true;
    while grown {
        grown = false;
        let bad = |input: InputId, views: &BTreeSet<crate::model::ViewId>| match input {
            InputId::Entity(id) => bad_record(RecordId::Entity(id)),
            InputId::Event(id) => bad_record(RecordId::Event(id)),
            InputId::View(id) => views.contains(&id),
        };
        for (id, view) in model.all_views() {
            if !views.contains(&id)
                && (view.unresolved || holds(view.scope) || inputs(view).any(|input| bad(input, &views)))
            {
                grown |= views.insert(id);
            }
        }
    }
    found.extend(views.iter().map(|id| model.view(*id).scope));
    // A record's columns are named where they stand, so only views hide what a follower asks for.
    let above = |view: &View| inputs(view).any(|input| matches!(input, InputId::View(id) if views.contains(&id)));
    let followers = views.iter().map(|id| model.view(*id)).filter(|view| above(view)).map(|view| view.scope).collect();
    for process in &model.processes {
        let emits = process.emits.iter().any(|emit| bad_record(RecordId::Event(emit.event)));
        let takes = process.inputs.iter().any(|input| match input.value {
            InputId::Entity(id) => bad_record(RecordId::Entity(id)),
            InputId::Event(id) => bad_record(RecordId::Event(id)),
            InputId::View(id) => views.contains(&id),
        });
        if holds(process.scope) || emits || takes {
            found.push(process.scope);
        }
    }
    for environment in &model.environments {
        if environment.scopes.iter().any(|scope| holds(*scope)) || model.meant.contains(&environment.name) {
            found.extend(&environment.scopes);
        }
    }
    Doubt { declarations: found, followers }
}

fn inputs(view: &View) -> impl Iterator<Item = InputId> {
    view.inputs.iter().map(|input| input.what).chain(view.upstream.iter().copied().map(InputId::View))
}

/// Stretches of texts, none within another.
struct Scopes(Vec<Span>);

impl Scopes {
    fn new(spans: impl IntoIterator<Item = Span>) -> Self {
        let mut all: Vec<Span> = spans.into_iter().collect();
        all.sort_by_key(|span| (span.file, span.start, span.end));
        all.dedup();
        Self(all)
    }

    /// The last that starts where a place does, or before it.
    fn last_before(&self, place: Span) -> Option<Span> {
        let at = self.0.partition_point(|span| (span.file, span.start) <= (place.file, place.start));
        self.0.get(at.checked_sub(1)?).copied().filter(|span| span.file == place.file)
    }

    /// The stretch a place lies in.
    fn around(&self, place: Span) -> Option<Span> {
        self.last_before(place).filter(|span| place.end <= span.end)
    }

    /// Whether one of them lies in a scope.
    fn inside(&self, scope: Span) -> bool {
        let at = self.0.partition_point(|span| (span.file, span.start) < (scope.file, scope.start));
        self.0.get(at).is_some_and(|span| span.file == scope.file && span.start < scope.end.max(scope.start + 1))
    }
}

/// Views with a line that cannot be read.
struct Broken {
    views: Scopes,
    at: Scopes,
}

impl Broken {
    /// Whether a line before that place in the same view cannot be read: it may be what brings the column.
    fn before(&self, place: Span) -> bool {
        let Some(view) = self.views.around(place) else { return false };
        self.at.last_before(place).is_some_and(|line| line.start >= view.start)
    }
}
