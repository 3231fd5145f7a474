//! The columns an expression may name.

use super::Context;
use super::expressions::unknown;
use crate::diag::{Diagnostic, Severity, codes};
use crate::model::relation::{ColumnRef, Derived, RecordId, Term};
use crate::model::schema::Generated;
use crate::model::{Column, Entity, EntityId};
use crate::source::Span;
use crate::syntax::ast::{Name, Path};

/// The columns an expression may name.
#[derive(Clone, Default)]
pub(super) struct Scope {
    /// The columns.
    pub(super) columns: Vec<Derived>,
    /// How many of them a bare name means first: in the condition of a join the row that is joined to.
    pub(super) first: usize,
    /// Names rows go by: `product.price` is `price` of `product`.
    pub(super) rows: Vec<String>,
    /// What the database computes and does not tell its log, with the place of its declaration.
    pub(super) computed: Vec<(String, Span)>,
    /// The columns of this record are not known: every name passes.
    pub(super) open: Option<RecordId>,
    /// Behind `group by`: what rows are grouped by. Aggregates may be used.
    pub(super) grouped: Option<Vec<Term>>,
    /// Behind `window`: its bounds may be used.
    pub(super) windowed: bool,
    /// In an audit: `checksum` may be used.
    pub(super) audit: bool,
    /// Columns are found in any case, whatever they are of.
    pub(super) any_case: bool,
}

impl Scope {
    pub(super) fn of_entity(id: EntityId, entity: &Entity) -> Self {
        let columns = derived(RecordId::Entity(id), &entity.columns, &entity.name);
        Self {
            first: columns.len(),
            columns,
            rows: vec![entity.name.clone()],
            computed: computed(&entity.columns),
            open: entity.open.then_some(RecordId::Entity(id)),
            ..Self::default()
        }
    }

    /// A scope of a record's columns by their bare names.
    pub(super) fn of_columns(record: RecordId, name: &str, columns: &[Column]) -> Self {
        let derived = derived(record, columns, name);
        Self {
            first: derived.len(),
            columns: derived,
            rows: vec![name.to_owned()],
            computed: computed(columns),
            open: columns.is_empty().then_some(record),
            ..Self::default()
        }
    }
}

/// A record's columns as they enter a pipeline; what the database computes without telling its log is left out.
pub(super) fn derived(record: RecordId, columns: &[Column], row: &str) -> Vec<Derived> {
    let logged = columns.iter().filter(|column| column.generated == Generated::No);
    logged
        .map(|column| Derived {
            name: column.name.clone(),
            row: vec![row.to_owned()],
            span: column.span,
            ty: column.ty.clone(),
            nullable: column.nullable,
            term: Term::Column(ColumnRef { record, column: column.name.clone(), joined: None }),
            pii: column.pii,
            mask: None,
        })
        .collect()
}

/// Columns that the database computes, with the places of their declarations.
pub(super) fn computed(columns: &[Column]) -> Vec<(String, Span)> {
    let computed = columns.iter().filter(|column| column.generated != Generated::No);
    computed.map(|column| (column.name.clone(), column.span)).collect()
}

impl Context<'_> {
    /// The column a path names; reports an unknown and an ambiguous one. Of a row whose columns are not known every name passes.
    pub(super) fn column_in(&mut self, path: &Path, scope: &Scope) -> Option<Derived> {
        let (row, name) = match path.parts.as_slice() {
            [name] => (None, name),
            [row, name] if scope.rows.contains(&row.text) => (Some(&row.text), name),
            _ => {
                let message = format!("`{}` is no column here", path.text());
                let row = scope.rows.first().map_or("row", String::as_str);
                let rows: Vec<&str> = scope.rows.iter().map(String::as_str).collect();
                let near = path.parts.first().filter(|_| path.parts.len() == 2);
                let near = near.and_then(|first| Some((first, crate::syntax::suggest::nearest(&first.text, rows)?)));
                let finding = Diagnostic::new(codes::UNKNOWN_COLUMN, path.span, message);
                self.report(match near {
                    Some((first, near)) => finding.help(format!("did you mean `{near}`?")).fix(first.span, near),
                    None => finding.help(format!("write the column's name alone, or `{row}.column`")),
                });
                return None;
            }
        };
        let named = |column: &&Derived| {
            column.name == name.text && row.is_none_or(|row| column.row.is_empty() || column.row.contains(row))
        };
        let (first, rest) = scope.columns.split_at_checked(scope.first).unwrap_or((&scope.columns, &[]));
        let found: Vec<&Derived> = match first.iter().filter(named).collect::<Vec<_>>() {
            found if found.is_empty() => rest.iter().filter(named).collect(),
            found => found,
        };
        match found.as_slice() {
            [column] => return Some((*column).clone()),
            [one, other, ..] => {
                let places: Vec<String> = [one, other]
                    .iter()
                    .filter_map(|column| Some(format!("{}.{}", column.row.first()?, column.name)))
                    .collect();
                let message = format!("`{}` may be two columns", name.text);
                self.report(
                    Diagnostic::new(codes::AMBIGUOUS_COLUMN, name.span, message)
                        .here("two of the joined rows have one of that name")
                        .also(one.span, "one")
                        .also(other.span, "the other")
                        .help(format!("write `{}`", places.join("` or `"))),
                );
                return None;
            }
            [] => {}
        }
        if let Some(column) = self.in_another_case(name, row, scope) {
            return Some(column);
        }
        if let Some((_, span)) = scope.computed.iter().find(|(computed, _)| *computed == name.text) {
            let message = format!("`{}` is not in the log", name.text);
            let mut diagnostic = Diagnostic::new(codes::COLUMN_NOT_IN_LOG, name.span, message)
                .here("the database computes it and tells its change log nothing of it")
                .also(*span, "generated here")
                .help("write the condition or mask with the columns it is computed from");
            // Left out of a row it would be missed; here the whole view would be another one.
            diagnostic.severity = Severity::Error;
            self.report(diagnostic);
            return None;
        }
        if let Some(record) = scope.open {
            return Some(Derived {
                name: name.text.clone(),
                row: scope.rows.iter().take(1).cloned().collect(),
                span: name.span,
                ty: unknown(),
                nullable: true,
                term: Term::Column(ColumnRef { record, column: name.text.clone(), joined: None }),
                pii: None,
                mask: None,
            });
        }
        let mut candidates: Vec<String> = Vec::new();
        for column in &scope.columns {
            if !candidates.contains(&column.name) {
                candidates.push(column.name.clone());
            }
        }
        self.unknown(name, codes::UNKNOWN_COLUMN, "column", candidates);
        None
    }

    /// The only column of that name in another case, of a database to which the case of a name means nothing.
    fn in_another_case(&self, name: &Name, row: Option<&String>, scope: &Scope) -> Option<Derived> {
        let lower = name.text.to_lowercase();
        let mut alike = scope.columns.iter().filter(|column| {
            let here = row.is_none_or(|row| column.row.is_empty() || column.row.contains(row));
            here && column.name.to_lowercase() == lower && (scope.any_case || self.any_case(column))
        });
        let found = alike.next()?;
        alike.next().is_none().then(|| found.clone())
    }

    /// Whether a column is a record's own, in a database that finds it in any case.
    fn any_case(&self, column: &Derived) -> bool {
        let own = match &column.term {
            Term::Column(own) => own,
            Term::Apply(word, terms) if word == "mask" => match terms.first() {
                Some(Term::Column(own)) => own,
                Some(Term::Literal(_) | Term::Apply(..)) | None => return false,
            },
            Term::Literal(_) | Term::Apply(..) => return false,
        };
        own.column == column.name && self.record_in_any_case(own.record)
    }

    /// Whether a record's columns are found in any case.
    pub(super) fn record_in_any_case(&self, record: RecordId) -> bool {
        let RecordId::Entity(id) = record else { return false };
        let entity = self.model.entities.get(id.0);
        entity.is_some_and(|entity| self.model.system(entity.home.system).kind.finds_any_case())
    }
}
