//! Audits a view states: a pair of queries with one answer each, or a rule that must hold in the view.

use serde::Serialize;

use crate::model::{Audit, Model, ViewId};
use crate::syntax::ast::{AuditKind, Expr, ExprKind, Literal};
use crate::syntax::spell::value as value_of;
use crate::targets::audits::{Side, Sides};
use crate::targets::sql::expr::{Dialect, literal};
use crate::targets::sql::spell::name;

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
    /// The program does not ask it; where a side has SQL, the `.sql` files do.
    NotRun {
        /// Why.
        because: String,
        /// Asked of the record, by hand.
        #[serde(skip)]
        record: Option<String>,
        /// Asked of the view, by hand.
        #[serde(skip)]
        view: Option<String>,
    },
}

/// The audits of a view, in order; `sides` are the two sides of its only table, where they have SQL.
pub(super) fn of(model: &Model, view: ViewId, sides: &Sides) -> Vec<Stated> {
    let view = model.views.get(view.0);
    view.into_iter().flat_map(|view| &view.audits).map(|audit| stated(audit, sides)).collect()
}

fn stated(audit: &Audit, sides: &Sides) -> Stated {
    let by_hand = |record, view| match (record, view, &sides.unread) {
        (Some(record), Some(view), None) => Question::Equal { record, view },
        (record, view, unread) => {
            let because = unread.or(sides.unrecorded).unwrap_or("it uses what this version does not compile");
            Question::NotRun { because: because.to_owned(), record, view }
        }
    };
    let (title, question) = match &audit.what {
        AuditKind::Measure(measure) => {
            let on = |side: &Option<Side>| side.as_ref().and_then(|side| ask(measure, side));
            (spelled(measure), by_hand(on(&sides.record), on(&sides.view)))
        }
        AuditKind::Rows(columns) => {
            let columns: Vec<String> = columns.iter().map(|column| column.text.clone()).collect();
            (format!("rows({})", columns.join(", ")), Question::Rows { columns })
        }
        AuditKind::Assert { rule, by } => {
            let columns: Vec<String> = by.iter().map(|column| column.text.clone()).collect();
            let title = format!("assert {} by {}", spelled(rule), columns.join(", "));
            let asked = sides.view.as_ref().and_then(|view| broken(rule, &columns, view));
            let question = match (asked, &sides.unread) {
                (Some(view), None) => Question::Empty { view },
                (asked, _) => by_hand(None, asked),
            };
            (title, question)
        }
    };
    Stated { name: title, every_seconds: audit.every.ms / 1000, within_percent: audit.within.clone(), question }
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
                ("checksum", all) if !all.is_empty() && side.dialect == Dialect::Postgres => {
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
        ExprKind::Literal(value) => match value {
            Literal::Bool(truth) => truth.to_string(),
            Literal::Null => "NULL".to_owned(),
            Literal::Date(day) => format!("DATE {}", literal(side.dialect, day)),
            Literal::Decimal(digits) => digits.clone(),
            Literal::Integer(number) => number.to_string(),
            Literal::Text(value) => literal(side.dialect, value),
        },
        ExprKind::Neg(inner) => format!("(- {})", of(inner)?),
        ExprKind::Arith { op, left, right } => format!("({} {} {})", of(left)?, op.sign(), of(right)?),
        ExprKind::Compare { op, left, right } => format!("({} {} {})", of(left)?, op.sign(), of(right)?),
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
    match &expr.kind {
        ExprKind::Call { name, args, .. } => {
            format!("{}({})", name.text, args.iter().map(spelled).collect::<Vec<_>>().join(", "))
        }
        ExprKind::Path(path) => path.text(),
        ExprKind::Compare { op, left, right } => format!("{} {} {}", spelled(left), op.sign(), spelled(right)),
        ExprKind::Arith { op, left, right } => format!("{} {} {}", spelled(left), op.sign(), spelled(right)),
        ExprKind::Literal(value) => match value {
            Literal::Bool(truth) => truth.to_string(),
            Literal::Null => "null".to_owned(),
            Literal::Integer(number) => number.to_string(),
            Literal::Date(text) | Literal::Decimal(text) => text.clone(),
            Literal::Text(text) => value_of(text),
        },
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
