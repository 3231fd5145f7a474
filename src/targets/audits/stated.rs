//! Audits a view states: a pair of queries with one answer each, or a rule that must hold in the view.

use serde::Serialize;

use crate::model::{Audit, Model};
use crate::plan::Sink;
use crate::syntax::ast::{ArithOp, AuditKind, CompareOp, Expr, ExprKind, Literal};
use crate::targets::audits::Side;
use crate::targets::sql::spell::{name, text};

/// A stated audit.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Stated {
    /// As stated: `count()`.
    pub(super) name: String,
    /// How often it is to run, in seconds.
    pub(super) every_seconds: u64,
    /// The share by which the answers may differ, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) within_percent: Option<String>,
    /// What is asked; none where the comparison of rows answers it.
    #[serde(flatten)]
    pub(super) question: Question,
}

/// What is asked.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Question {
    /// The same number from both sides.
    Equal {
        /// Asked of the record.
        record: String,
        /// Asked of the view.
        view: String,
    },
    /// Rows that break a rule; there must be none.
    Empty {
        /// Asked of the view.
        view: String,
    },
    /// Every row's columns are compared in any case: these are among them.
    Rows {
        /// The columns.
        columns: Vec<String>,
    },
    /// It is told in words, not run.
    NotRun {
        /// Why.
        because: String,
    },
}

/// The audits of a sink's view, in order; `sides` are the two sides of its only table.
pub(super) fn of(model: &Model, sink: &Sink, sides: Option<&(Side, Side)>) -> Vec<Stated> {
    let view = model.views.get(sink.view.0);
    view.into_iter().flat_map(|view| &view.audits).map(|audit| stated(audit, sides)).collect()
}

fn stated(audit: &Audit, sides: Option<&(Side, Side)>) -> Stated {
    let (title, question) = match (&audit.what, sides) {
        (AuditKind::Measure(measure), Some((record, view))) => {
            let question = match (ask(measure, record), ask(measure, view)) {
                (Some(record), Some(view)) => Question::Equal { record, view },
                _ => Question::NotRun { because: "it uses what this version does not compile".into() },
            };
            (spelled(measure), question)
        }
        (AuditKind::Measure(measure), None) => (spelled(measure), not_sql()),
        (AuditKind::Rows(columns), _) => {
            let columns: Vec<String> = columns.iter().map(|column| column.text.clone()).collect();
            (format!("rows({})", columns.join(", ")), Question::Rows { columns })
        }
        (AuditKind::Assert { rule, by }, sides) => {
            let columns: Vec<String> = by.iter().map(|column| column.text.clone()).collect();
            let title = format!("assert {} by {}", spelled(rule), columns.join(", "));
            let asked = sides.and_then(|(_, view)| broken(rule, &columns, view));
            (title, asked.map_or_else(not_sql, |view| Question::Empty { view }))
        }
    };
    Stated { name: title, every_seconds: audit.every.ms / 1000, within_percent: audit.within.clone(), question }
}

fn not_sql() -> Question {
    Question::NotRun { because: "the store answers no SQL; all rows and columns are compared instead".into() }
}

fn ask(measure: &Expr, side: &Side) -> Option<String> {
    Some(format!("SELECT ({})::text FROM {} WHERE {}", sql(measure, side)?, side.from, side.filter))
}

fn broken(rule: &Expr, by: &[String], side: &Side) -> Option<String> {
    let columns: Vec<String> = by.iter().map(|column| side.column(column)).collect::<Option<_>>()?;
    let columns = columns.join(", ");
    let rule = sql(rule, side)?;
    Some(format!(
        "SELECT concat_ws(':', {columns}) FROM {} WHERE {} GROUP BY {columns} HAVING NOT coalesce({rule}, false)",
        side.from, side.filter
    ))
}

/// The measure in PostgreSQL's SQL; none where it uses what is not compiled.
fn sql(expr: &Expr, side: &Side) -> Option<String> {
    let of = |inner: &Expr| sql(inner, side);
    Some(match &expr.kind {
        ExprKind::Call { name, args, star } => {
            let function = name.text.to_ascii_lowercase();
            match (function.as_str(), args.as_slice()) {
                ("count", []) => "count(*)".to_owned(),
                ("count" | "sum" | "avg" | "min" | "max" | "lower" | "upper", [one]) if !star => {
                    format!("{function}({})", of(one)?)
                }
                // Free of order, and of the exact kind of the columns: the text's md5 as a number, added up.
                ("checksum", all) if !all.is_empty() => {
                    let all: Vec<String> = all.iter().map(|each| side.canonical(each)).collect::<Option<_>>()?;
                    format!(
                        "coalesce(sum(('x' || substr(md5(jsonb_build_array({})::text), 1, 15))::bit(60)::bigint::numeric), 0)",
                        all.join(", ")
                    )
                }
                ("coalesce", all) if !all.is_empty() => {
                    let all: Vec<String> = all.iter().map(of).collect::<Option<_>>()?;
                    format!("coalesce({})", all.join(", "))
                }
                _ => return None,
            }
        }
        ExprKind::Path(path) => side.column(&path.parts.last()?.text)?,
        ExprKind::Literal(literal) => match literal {
            Literal::Bool(truth) => truth.to_string(),
            Literal::Null => "NULL".to_owned(),
            Literal::Date(day) => format!("DATE {}", text(day)),
            Literal::Decimal(digits) => digits.clone(),
            Literal::Integer(number) => number.to_string(),
            Literal::Text(value) => text(value),
        },
        ExprKind::Neg(inner) => format!("(- {})", of(inner)?),
        ExprKind::Arith { op, left, right } => format!("({} {} {})", of(left)?, arith(*op), of(right)?),
        ExprKind::Compare { op, left, right } => format!("({} {} {})", of(left)?, compare(*op), of(right)?),
        ExprKind::And(all) => joined(all, " AND ", side)?,
        ExprKind::Or(all) => joined(all, " OR ", side)?,
        ExprKind::Not(inner) => format!("(NOT {})", of(inner)?),
        ExprKind::IsNull { expr, negated } => {
            format!("({} IS {}NULL)", of(expr)?, if *negated { "NOT " } else { "" })
        }
        ExprKind::In { .. }
        | ExprKind::Like { .. }
        | ExprKind::Case { .. }
        | ExprKind::Cast { .. }
        | ExprKind::Duration(_) => return None,
    })
}

fn joined(all: &[Expr], word: &str, side: &Side) -> Option<String> {
    let all: Vec<String> = all.iter().map(|each| sql(each, side)).collect::<Option<_>>()?;
    Some(format!("({})", all.join(word)))
}

/// The measure as a person would write it, for names.
fn spelled(expr: &Expr) -> String {
    let plain = Side { from: String::new(), filter: String::new(), columns: Vec::new() };
    let side = Side { from: "*".into(), ..plain };
    match &expr.kind {
        ExprKind::Call { name, args, .. } => {
            format!("{}({})", name.text, args.iter().map(spelled).collect::<Vec<_>>().join(", "))
        }
        ExprKind::Path(path) => path.text(),
        ExprKind::Compare { op, left, right } => format!("{} {} {}", spelled(left), compare(*op), spelled(right)),
        ExprKind::Arith { op, left, right } => format!("{} {} {}", spelled(left), arith(*op), spelled(right)),
        ExprKind::Literal(_) => sql(expr, &side).unwrap_or_default(),
        ExprKind::Or(_)
        | ExprKind::And(_)
        | ExprKind::Not(_)
        | ExprKind::IsNull { .. }
        | ExprKind::In { .. }
        | ExprKind::Like { .. }
        | ExprKind::Neg(_)
        | ExprKind::Case { .. }
        | ExprKind::Cast { .. }
        | ExprKind::Duration(_) => "…".to_owned(),
    }
}

fn compare(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Eq => "=",
        CompareOp::Ne => "<>",
        CompareOp::Lt => "<",
        CompareOp::Le => "<=",
        CompareOp::Gt => ">",
        CompareOp::Ge => ">=",
    }
}

fn arith(op: ArithOp) -> &'static str {
    match op {
        ArithOp::Add => "+",
        ArithOp::Sub => "-",
        ArithOp::Mul => "*",
        ArithOp::Div => "/",
        ArithOp::Rem => "%",
    }
}

impl Side {
    /// The quoted column of that name in the view.
    fn column(&self, wanted: &str) -> Option<String> {
        self.columns.iter().find(|column| column.view == wanted).map(|column| name(&column.here))
    }

    fn canonical(&self, expr: &Expr) -> Option<String> {
        let ExprKind::Path(path) = &expr.kind else { return sql(expr, self) };
        let wanted = &path.parts.last()?.text;
        let column = self.columns.iter().find(|column| column.view == *wanted)?;
        Some(column.kind.sql(&name(&column.here)))
    }
}
