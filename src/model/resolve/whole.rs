//! Pipelines from a bare system: every table of its schema.

use super::Context;
use super::stores::FoundStore;
use crate::diag::{Diagnostic, codes};
use crate::model::expr::Expr;
use crate::model::relation::RecordId;
use crate::model::schema::{Persistence, Shape};
use crate::model::{Copy, EntityId, Filter, Flow, SystemId, View, ViewColumn, WholeSystem};
use crate::source::Span;
use crate::syntax::ast::{Path, Stage};
use crate::systems::PathForm;

impl Context<'_> {
    pub(super) fn whole_system(
        &mut self,
        system: SystemId,
        source: &Path,
        except: &[Path],
        stages: &[Stage],
        target: Option<&FoundStore>,
        view: &mut View,
    ) {
        if !self.system_capturable(system, source.span) {
            view.incomplete = true;
            return;
        }
        if let Some(stage) = stages.first() {
            self.report(
                Diagnostic::new(codes::MISPLACED_STATEMENT, stage.span, "a whole system goes into a store as it is")
                    .here("this stage would apply to every table")
                    .help("write a view for the table it is meant for, and leave that table out with `except`"),
            );
            view.incomplete = true;
            return;
        }
        let name = self.model.system(system).name.clone();
        let Some(schema) = self.model.system(system).schema.clone() else {
            view.incomplete = true;
            if self.model.system(system).schema_span.is_none() {
                self.report(
                    Diagnostic::new(codes::UNKNOWN_TABLE, source.span, format!("the tables of `{name}` are not known"))
                        .here("a bare system means every table of its schema")
                        .help(format!("write `system {name} {{ schema \"dump.sql\" }}`, or name a table")),
                );
            }
            return;
        };
        let mut left_out = Vec::new();
        for path in except {
            left_out.extend(self.except(system, path, &schema));
        }
        for table in &schema.tables {
            let stored = matches!(table.shape, Shape::Ordinary | Shape::Partitioned);
            if !stored || matches!(table.persistence, Persistence::Temporary(_)) {
                continue;
            }
            if left_out.iter().any(|(schema, name, _)| *schema == table.schema && *name == table.name) {
                continue;
            }
            let Some(entity) = self.entity_at(system, table.schema.clone(), table.name.clone(), source.span) else {
                continue;
            };
            self.copy_of_table(entity, target, view);
        }
        if view.flows.is_empty() && !view.incomplete {
            let message = format!("`{name}` has no table to follow");
            let here =
                if left_out.is_empty() { "its schema declares none" } else { "all of its schema's are left out" };
            self.report(
                Diagnostic::new(codes::UNKNOWN_TABLE, source.span, message)
                    .here(here)
                    .help("name the file that declares them, or delete the pipeline"),
            );
        }
        view.whole_system = Some(WholeSystem { system, except: left_out });
    }

    /// The tables an `except` path leaves out.
    fn except(
        &mut self,
        system: SystemId,
        path: &Path,
        schema: &crate::model::schema::Schema,
    ) -> Vec<(String, String, Span)> {
        let parts: Vec<&str> = path.parts.iter().map(|part| part.text.as_str()).collect();
        let name = self.model.system(system).name.clone();
        let default = match self.model.system(system).kind.facts().path {
            PathForm::SchemaTable(default) => default,
            PathForm::DatabaseTable | PathForm::Single => "",
        };
        let (namespace, table) = match parts.as_slice() {
            [first, namespace, table] if *first == name => (*namespace, *table),
            [first, table] if *first == name => (default, *table),
            [namespace, table] => (*namespace, *table),
            [table] => (default, *table),
            _ => ("", ""),
        };
        // A dump that names no schema has its tables in whichever is written.
        let is = |known: &str, written: &str| {
            let alike = || known.to_lowercase() == written.to_lowercase();
            written == "*" || known == written || schema.ignores_case && alike()
        };
        let lies =
            |known: &str| is(known, namespace) || schema.ignores_case && (known.is_empty() || namespace.is_empty());
        let found: Vec<_> = schema
            .tables
            .iter()
            .filter(|known| lies(&known.schema) && is(&known.name, table))
            .map(|known| (known.schema.clone(), known.name.clone(), path.span))
            .collect();
        if found.is_empty() {
            let candidates: Vec<String> =
                schema.tables.iter().map(|table| format!("{name}.{}.{}", table.schema, table.name)).collect();
            let written = format!("{name}.{namespace}.{table}");
            let mut diagnostic = Diagnostic::new(
                codes::UNKNOWN_TABLE,
                path.span,
                format!("`{name}` has no table `{namespace}.{table}`"),
            )
            .here("there is nothing to leave out");
            diagnostic = match crate::syntax::suggest::nearest(&written, candidates.iter().map(String::as_str)) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(path.span, near),
                None => diagnostic.help("correct the path, or delete it"),
            };
            self.report(diagnostic);
        }
        found
    }

    fn copy_of_table(&mut self, entity: EntityId, target: Option<&FoundStore>, view: &mut View) {
        let found = self.model.entity(entity);
        let columns = if found.open { Vec::new() } else { whole_row(found) };
        let (home, open) = (found.home.clone(), found.open);
        self.one_log(home.system);
        let name = match target {
            Some(target) => self.target_name(target, home.namespace, home.table),
            None => crate::model::TargetName { namespace: None, name: String::new() },
        };
        view.copies.push(Copy { entity, target: name.clone() });
        let mut filters = Vec::new();
        if let Some(expr) = self.model.entity(entity).deleted_when.clone() {
            let span = self.model.entity(entity).span;
            filters.push(Filter { expr: Expr::Not(Box::new(super::views::never_null(expr))), span });
        }
        let flow = Flow { record: RecordId::Entity(entity), columns, filters, target: name };
        if let Some(target) = target {
            view.incomplete |= !self.fits_path(target, &flow.target) || !self.fits(target, &flow, open);
        }
        view.flows.push(flow);
    }
}

/// All columns of an entity's row; what the database computes without telling its log is left out.
fn whole_row(entity: &crate::model::Entity) -> Vec<ViewColumn> {
    let logged = entity.columns.iter().filter(|column| column.generated == crate::model::schema::Generated::No);
    logged
        .map(|column| ViewColumn {
            name: column.name.clone(),
            source: column.name.clone(),
            span: column.span,
            ty: column.ty.clone(),
            nullable: column.nullable,
            mask: None,
            pii: column.pii.is_some(),
        })
        .collect()
}
