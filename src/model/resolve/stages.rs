//! Stages behind `|`: what they leave of a row.

use super::Context;
use super::expressions::{Scope, ScopeColumn, computed};
use crate::diag::{Diagnostic, codes};
use crate::model::types::Type;
use crate::model::{EntityId, Filter, Mask, ViewColumn};
use crate::source::Span;
use crate::syntax::ast::{ExprKind, MaskItem, Name, Path, SelectItem, Spanned, Stage, StageKind};

/// A row on its way through the stages of a view.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) entity: EntityId,
    pub(super) columns: Vec<ViewColumn>,
    pub(super) filters: Vec<Filter>,
    /// The columns are not known, so all pass.
    pub(super) open: bool,
    /// Names the row goes by in expressions.
    pub(super) names: Vec<String>,
    /// What the database computes and does not tell its log.
    pub(super) computed: Vec<(String, Span)>,
}

impl Row {
    fn scope(&self) -> Scope {
        let columns = self.columns.iter().map(|column| ScopeColumn {
            name: column.name.clone(),
            source: column.source.clone(),
            ty: column.ty.clone(),
            nullable: column.nullable,
            masked: column.mask.is_some(),
        });
        Scope { rows: self.names.clone(), columns: columns.collect(), computed: self.computed.clone(), open: self.open }
    }
}

impl Context<'_> {
    /// All columns of an entity, as they enter a view; what the database computes without telling its log is left out.
    pub(super) fn row_of(&mut self, entity: EntityId, name: &str) -> Row {
        let tree = self.model.entity(entity);
        let columns = tree
            .columns
            .iter()
            .filter(|column| column.generated == crate::model::schema::Generated::No)
            .map(|column| ViewColumn {
                name: column.name.clone(),
                source: column.name.clone(),
                span: column.span,
                ty: column.ty.clone(),
                nullable: column.nullable,
                mask: None,
                pii: column.pii.is_some(),
            })
            .collect();
        Row {
            entity,
            columns,
            filters: Vec::new(),
            open: tree.open,
            names: vec![name.to_owned()],
            computed: computed(tree),
        }
    }

    /// Applies one stage; `false` where this version does not compile it (reported).
    pub(super) fn stage(&mut self, stage: &Stage, row: &mut Row) -> bool {
        match &stage.kind {
            StageKind::Where(condition) => {
                if let Some(expr) = self.condition(condition, &row.scope()) {
                    row.filters.push(Filter { expr, span: stage.span });
                    return true;
                }
                false
            }
            StageKind::Select(items) => self.select(items, row),
            StageKind::Drop(paths) => {
                for path in paths {
                    // What the database computes is left out anyway.
                    let computed = row.scope().column_name(path).is_some_and(|name| {
                        row.computed.iter().any(|(computed, _)| *computed == name.text)
                            && row.columns.iter().all(|column| column.name != name.text)
                    });
                    if computed {
                        continue;
                    }
                    if let Some(name) = self.column_in(path, &row.scope()) {
                        row.columns.retain(|column| column.name != name.text);
                    }
                }
                if row.open {
                    self.not_built(stage.span, "`drop` of columns nobody declares is");
                    return false;
                }
                true
            }
            StageKind::Mask(items) => {
                for item in items {
                    self.mask(item, row);
                }
                true
            }
            StageKind::Join { .. } => self.stage_later(stage.span, "joins are"),
            StageKind::GroupBy(_) => self.stage_later(stage.span, "`group by` is"),
            StageKind::Window { .. } => self.stage_later(stage.span, "windows are"),
            StageKind::Nest { .. } => self.stage_later(stage.span, "`nest` is"),
            StageKind::Distinct(_) => self.stage_later(stage.span, "`distinct` is"),
            StageKind::Union(_) => self.stage_later(stage.span, "`union` is"),
            StageKind::KeyBy(_) => self.stage_later(stage.span, "`key by` is"),
            StageKind::Sink(_) => {
                self.report(
                    Diagnostic::new(codes::MISPLACED_STATEMENT, stage.span, "a store is the last stage")
                        .here("more stages follow")
                        .help("make a view of the stages before, and two views of it"),
                );
                false
            }
        }
    }

    fn stage_later(&mut self, span: Span, what: &str) -> bool {
        self.not_built(span, what);
        false
    }

    fn select(&mut self, items: &[SelectItem], row: &mut Row) -> bool {
        let scope = row.scope();
        let mut columns: Vec<ViewColumn> = Vec::new();
        let mut built = true;
        for item in items {
            match item {
                SelectItem::Star(_) if row.open => {
                    self.not_built(item_span(item), "`*` over columns nobody declares is");
                    built = false;
                }
                SelectItem::Star(_) => {
                    for column in &row.columns {
                        self.add_selected(&mut columns, column.clone());
                    }
                }
                SelectItem::Expr { expr, alias } => {
                    let ExprKind::Path(path) = &expr.kind else {
                        self.not_built(expr.span, "expressions in `select` are");
                        built = false;
                        continue;
                    };
                    if self.computed(path, row) {
                        continue;
                    }
                    let Some(name) = self.column_in(path, &scope) else { continue };
                    let mut column = selected(row, &name);
                    column.span = alias.as_ref().map_or(name.span, |alias| alias.span);
                    if let Some(alias) = alias {
                        column.name.clone_from(&alias.text);
                    }
                    self.add_selected(&mut columns, column);
                }
            }
        }
        row.columns = columns;
        row.open = false;
        built
    }

    /// Whether a path names a column the database computes without telling its log; says so.
    fn computed(&mut self, path: &Path, row: &Row) -> bool {
        let Some(name) = row.scope().column_name(path).cloned() else { return false };
        if row.columns.iter().any(|column| column.name == name.text) {
            return false;
        }
        let Some((_, span)) = row.computed.iter().find(|(computed, _)| *computed == name.text) else { return false };
        self.report(
            Diagnostic::new(codes::COLUMN_NOT_IN_LOG, name.span, format!("`{}` is not in the log", name.text))
                .here("the database computes it and tells its change log nothing of it")
                .also(*span, "generated here")
                .help("leave it out of `select`"),
        );
        true
    }

    fn add_selected(&mut self, columns: &mut Vec<ViewColumn>, column: ViewColumn) {
        if let Some(before) = columns.iter().find(|before| before.name == column.name) {
            let span = before.span;
            self.report(
                Diagnostic::new(codes::NAME_TAKEN, column.span, format!("column `{}` is selected twice", column.name))
                    .also(span, "first selected here")
                    .help("delete one, or rename it with `as`"),
            );
            return;
        }
        columns.push(column);
    }

    fn mask(&mut self, item: &MaskItem, row: &mut Row) {
        let Some(name) = self.column_in(&item.path, &row.scope()) else { return };
        let method = match (item.method.text.as_str(), &item.arg) {
            ("hash", None) => Mask::Hash,
            ("redact", None) => Mask::Redact,
            ("null", None) => Mask::Null,
            ("truncate", Some(n)) => Mask::Truncate(n.value),
            ("truncate", None) => {
                self.report(
                    Diagnostic::new(codes::BAD_VALUE, item.method.span, "`truncate` takes a number of characters")
                        .help("write `truncate(3)`"),
                );
                return;
            }
            ("hash" | "redact" | "null", Some(arg)) => {
                let message = format!("`{}` takes no argument", item.method.text);
                self.report(Diagnostic::new(codes::BAD_VALUE, arg.span, message).help(format!(
                    "write `{} with {}`",
                    item.path.text(),
                    item.method.text
                )));
                return;
            }
            _ => {
                let methods = ["hash", "redact", "truncate", "null"].map(str::to_owned).to_vec();
                self.unknown(&item.method, codes::UNKNOWN_NAME, "mask method", methods);
                // Whatever is meant, the value was not to arrive in clear.
                if let Some(column) = row.columns.iter_mut().find(|column| column.name == name.text) {
                    column.pii = false;
                }
                return;
            }
        };
        let key = self.model.entity(row.entity).key.clone();
        if row.open {
            self.not_built(item.span, "masks of columns nobody declares are");
            return;
        }
        let Some(column) = row.columns.iter_mut().find(|column| column.name == name.text) else { return };
        if key.contains(&column.source) {
            let message = format!("`{}` is part of the key, which stays in clear", name.text);
            self.report(
                Diagnostic::new(codes::BAD_VALUE, item.span, message)
                    .here("the key names the row in the store")
                    .help("key the entity by a column that is not personal"),
            );
            return;
        }
        let text = matches!(column.ty, Type::Text | Type::Enum(_) | Type::Uuid | Type::Other(_) | Type::Json);
        if !text && !matches!(method, Mask::Null | Mask::Hash) {
            let message =
                format!("`{}` writes a text, and `{}` is {}", item.method.text, name.text, column.ty.phrase());
            self.report(
                Diagnostic::new(codes::TYPE_MISMATCH, item.span, message)
                    .help(format!("write `{} with null`", name.text)),
            );
            return;
        }
        match method {
            Mask::Null => column.nullable = true,
            Mask::Hash | Mask::Redact | Mask::Truncate(_) => column.ty = Type::Text,
        }
        column.mask = Some(Spanned { value: method, span: item.span });
        column.pii = false;
    }
}

/// The row's column of that name; of an open row one of unknown type.
fn selected(row: &Row, name: &Name) -> ViewColumn {
    row.columns.iter().find(|column| column.name == name.text).cloned().unwrap_or_else(|| ViewColumn {
        name: name.text.clone(),
        source: name.text.clone(),
        span: name.span,
        ty: Type::Other("unknown".into()),
        nullable: true,
        mask: None,
        pii: false,
    })
}

fn item_span(item: &SelectItem) -> Span {
    match item {
        SelectItem::Star(star) => star.span,
        SelectItem::Expr { expr, .. } => expr.span,
    }
}
