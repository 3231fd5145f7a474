//! Expressions in SQL: parentheses everywhere, so that no reader needs to know who binds tighter.

use crate::model::expr::Expr;
use crate::model::types::Type;
use crate::syntax::ast::ArithOp;
use crate::systems::Kind;
use crate::targets::sql::binlog;
use crate::targets::sql::spell::{self, text};

/// Whose SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// PostgreSQL's.
    Postgres,
    /// Snowflake's: a backslash escapes in every text, `LIKE` has no escape of its own, `/` of whole numbers has a fraction.
    Snowflake,
    /// MySQL's and MariaDB's, with backslashes as escapes; a text column is compared letter by letter, whatever its collation says.
    Mysql,
}

impl Dialect {
    /// The dialect of a system that answers SQL.
    pub(crate) fn of(kind: Kind) -> Self {
        match kind {
            Kind::Mysql | Kind::Mariadb => Self::Mysql,
            Kind::Snowflake => Self::Snowflake,
            Kind::Postgres
            | Kind::Sqlserver
            | Kind::Oracle
            | Kind::Mongodb
            | Kind::Kafka
            | Kind::Flink
            | Kind::Elasticsearch
            | Kind::Opensearch
            | Kind::Redis
            | Kind::Bigquery
            | Kind::Clickhouse
            | Kind::Iceberg => Self::Postgres,
        }
    }

    /// A quoted name.
    pub(crate) fn name(self, plain: &str) -> String {
        match self {
            Self::Mysql => binlog::name(plain),
            Self::Postgres | Self::Snowflake => spell::name(plain),
        }
    }

    /// A quoted path.
    pub(crate) fn path(self, namespace: &str, table: &str) -> String {
        format!("{}.{}", self.name(namespace), self.name(table))
    }

    /// Any value as text.
    pub(crate) fn as_text(self, value: &str) -> String {
        match self {
            Self::Mysql => format!("CAST({value} AS CHAR CHARACTER SET utf8mb4)"),
            Self::Postgres | Self::Snowflake => format!("({value})::text"),
        }
    }
}

/// Renders an expression; `column` spells a column by its name in the record.
pub(crate) fn render(dialect: Dialect, expr: &Expr, column: &impl Fn(&str) -> String) -> String {
    let of = |inner: &Expr| render(dialect, inner, column);
    match expr {
        Expr::Column { name, .. } => column(name),
        Expr::Text(value) => literal(dialect, value),
        Expr::Integer(value) => number(&value.to_string()),
        Expr::Decimal(digits) => number(digits),
        Expr::Bool(true) => "true".to_owned(),
        Expr::Bool(false) => "false".to_owned(),
        Expr::Date(day) => format!("DATE {}", literal(dialect, day)),
        Expr::Null => "NULL".to_owned(),
        Expr::And(all) => joined(&all.iter().map(of).collect::<Vec<_>>(), " AND ", "true"),
        Expr::Or(all) => joined(&all.iter().map(of).collect::<Vec<_>>(), " OR ", "false"),
        Expr::Not(inner) => format!("(NOT {})", of(inner)),
        Expr::Compare { op, left, right } => {
            let (first, second) = (beside(dialect, left, right, column), beside(dialect, right, left, column));
            format!("({first} {} {second})", op.sign())
        }
        Expr::IsNull { expr, negated } => format!("({} IS {}NULL)", of(expr), not(*negated)),
        // An empty list holds nothing, also for null; SQL has no spelling for it.
        Expr::In { list, negated, .. } if list.is_empty() => negated.to_string(),
        Expr::In { expr, list, negated } => {
            let list: Vec<String> = list.iter().map(|each| beside(dialect, each, expr, column)).collect();
            format!("({} {}IN ({}))", of(expr), not(*negated), list.join(", "))
        }
        Expr::Like { expr, pattern, negated } => {
            let escape = match dialect {
                Dialect::Snowflake if pattern.contains('\\') => " ESCAPE '\\\\'",
                Dialect::Snowflake | Dialect::Postgres | Dialect::Mysql => "",
            };
            format!("({} {}LIKE {}{escape})", of(expr), not(*negated), literal(dialect, pattern))
        }
        Expr::Arith { op, left, right } => {
            let plain = format!("({} {} {})", of(left), op.sign(), of(right));
            let whole = *op == ArithOp::Div && left.is_whole() && right.is_whole();
            match dialect {
                Dialect::Snowflake if whole => format!("TRUNC{plain}"),
                Dialect::Mysql if whole => format!("({} DIV {})", of(left), of(right)),
                Dialect::Snowflake | Dialect::Mysql | Dialect::Postgres => plain,
            }
        }
        Expr::Coalesce(all) => format!("coalesce({})", all.iter().map(of).collect::<Vec<_>>().join(", ")),
        Expr::Lower(inner) => format!("lower({})", of(inner)),
        Expr::Upper(inner) => format!("upper({})", of(inner)),
    }
}

/// All of these hold: `NULL` counts as no, as in a `WHERE`.
pub(crate) fn all_hold(dialect: Dialect, filters: &[Expr], column: &impl Fn(&str) -> String) -> String {
    let each = |filter| format!("coalesce({}, false)", render(dialect, filter, column));
    filters.iter().map(each).collect::<Vec<_>>().join(" AND ")
}

/// A text value as the dialect spells it.
pub(crate) fn literal(dialect: Dialect, value: &str) -> String {
    match dialect {
        Dialect::Postgres => text(value),
        Dialect::Snowflake | Dialect::Mysql => format!("'{}'", value.replace('\\', "\\\\").replace('\'', "''")),
    }
}

/// An operand beside another: a day compared with an instant is that day's first moment in UTC, whatever zone a session has.
fn beside(dialect: Dialect, expr: &Expr, other: &Expr, column: &impl Fn(&str) -> String) -> String {
    match (expr, other) {
        // The session's zone is UTC.
        (Expr::Date(day), Expr::Column { ty: Type::Timestamp, .. }) if dialect == Dialect::Mysql => {
            format!("TIMESTAMP {}", literal(dialect, &format!("{day} 00:00:00")))
        }
        (Expr::Date(day), Expr::Column { ty: Type::Timestamp, .. }) => {
            format!("CAST({} AS TIMESTAMPTZ)", literal(dialect, &format!("{day} 00:00:00 +00:00")))
        }
        _ => render(dialect, expr, column),
    }
}

/// A negative number in parentheses: `5 - -3` must not become a comment.
fn number(digits: &str) -> String {
    if digits.starts_with('-') { format!("({digits})") } else { digits.to_owned() }
}

fn joined(all: &[String], word: &str, of_none: &str) -> String {
    match all {
        [] => of_none.to_owned(),
        [one] => one.clone(),
        many => format!("({})", many.join(word)),
    }
}

fn not(negated: bool) -> &'static str {
    if negated { "NOT " } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::ast::CompareOp;

    #[test]
    fn expressions_are_spelled_in_full() {
        let stock = Expr::Column { name: "stock".into(), ty: Type::Int, nullable: true };
        let at = Expr::Column { name: "at".into(), ty: Type::Timestamp, nullable: true };
        let minus = Expr::Arith { op: ArithOp::Sub, left: stock.clone().into(), right: Expr::Integer(-3).into() };
        let half = Expr::Arith { op: ArithOp::Div, left: stock.clone().into(), right: Expr::Integer(2).into() };
        let all = Expr::Or(vec![
            Expr::Compare { op: CompareOp::Gt, left: minus.into(), right: half.into() },
            Expr::In { expr: stock.clone().into(), list: vec![Expr::Text("o'\\x".into()), Expr::Null], negated: true },
            Expr::In { expr: stock.clone().into(), list: vec![], negated: false },
            Expr::Compare { op: CompareOp::Ge, left: at.into(), right: Expr::Date("2024-01-31".into()).into() },
            Expr::Like { expr: stock.into(), pattern: "5\\%%".into(), negated: false },
        ]);
        let spell = |dialect| all_hold(dialect, std::slice::from_ref(&all), &|name| format!("\"{name}\""));
        assert_eq!(
            spell(Dialect::Postgres),
            "coalesce(((( \"stock\" - (-3)) > (\"stock\" / 2)) OR (\"stock\" NOT IN (E'o''\\\\x', NULL)) OR false OR \
             (\"at\" >= CAST('2024-01-31 00:00:00 +00:00' AS TIMESTAMPTZ)) OR (\"stock\" LIKE E'5\\\\%%')), false)"
                .replace("(( \"stock\"", "((\"stock\"")
        );
        assert_eq!(
            spell(Dialect::Snowflake),
            "coalesce((((\"stock\" - (-3)) > TRUNC(\"stock\" / 2)) OR (\"stock\" NOT IN ('o''\\\\x', NULL)) OR false OR \
             (\"at\" >= CAST('2024-01-31 00:00:00 +00:00' AS TIMESTAMPTZ)) OR (\"stock\" LIKE '5\\\\%%' ESCAPE '\\\\')), false)"
        );
    }
}
