//! Expressions as a `.dia` file writes them: in documents, and to tell whether one has changed.

use crate::model::expr::Expr;
use crate::syntax::spell::value;

/// The expression's text.
#[must_use]
pub fn text(expr: &Expr) -> String {
    match expr {
        Expr::Column { name, .. } => name.clone(),
        Expr::Text(text) => value(text),
        Expr::Integer(number) => number.to_string(),
        Expr::Decimal(digits) => digits.clone(),
        Expr::Bool(truth) => truth.to_string(),
        Expr::Date(date) => date.clone(),
        Expr::Null => "null".into(),
        Expr::And(all) => joined(all, " and "),
        Expr::Or(all) => joined(all, " or "),
        Expr::Not(expr) => format!("not {}", inner(expr)),
        Expr::Compare { op, left, right } => format!("{} {} {}", inner(left), op.sign(), inner(right)),
        Expr::IsNull { expr, negated } => format!("{} is {}null", inner(expr), if *negated { "not " } else { "" }),
        Expr::In { expr, list, negated } => {
            format!("{} {}in ({})", inner(expr), if *negated { "not " } else { "" }, list_of(list))
        }
        Expr::Like { expr, pattern, negated } => {
            format!("{} {}like {}", inner(expr), if *negated { "not " } else { "" }, value(pattern))
        }
        Expr::Arith { op, left, right } => format!("{} {} {}", inner(left), op.sign(), inner(right)),
        Expr::Coalesce(all) => format!("coalesce({})", list_of(all)),
        Expr::Lower(expr) => format!("lower({})", text(expr)),
        Expr::Upper(expr) => format!("upper({})", text(expr)),
    }
}

fn list_of(all: &[Expr]) -> String {
    all.iter().map(text).collect::<Vec<_>>().join(", ")
}

fn joined(all: &[Expr], word: &str) -> String {
    all.iter().map(inner).collect::<Vec<_>>().join(word)
}

/// In brackets, where it is made of parts.
fn inner(expr: &Expr) -> String {
    match expr {
        Expr::And(_)
        | Expr::Or(_)
        | Expr::Not(_)
        | Expr::Compare { .. }
        | Expr::IsNull { .. }
        | Expr::In { .. }
        | Expr::Like { .. }
        | Expr::Arith { .. } => format!("({})", text(expr)),
        Expr::Column { .. }
        | Expr::Text(_)
        | Expr::Integer(_)
        | Expr::Decimal(_)
        | Expr::Bool(_)
        | Expr::Date(_)
        | Expr::Null
        | Expr::Coalesce(_)
        | Expr::Lower(_)
        | Expr::Upper(_) => text(expr),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::types::Type;
    use crate::syntax::ast::CompareOp;

    #[test]
    fn parts_stand_in_brackets() {
        let column = |name: &str| Box::new(Expr::Column { name: name.into(), ty: Type::Int, nullable: false });
        let positive = Expr::Compare { op: CompareOp::Gt, left: column("stock"), right: Box::new(Expr::Integer(0)) };
        let gone = Expr::IsNull { expr: column("deleted_at"), negated: true };
        let both = Expr::And(vec![positive, Expr::Not(Box::new(gone))]);
        assert_eq!(text(&both), "(stock > 0) and (not (deleted_at is not null))");
    }
    #[test]
    fn texts_are_those_of_a_page() {
        let column = Box::new(Expr::Column { name: "name".into(), ty: Type::Text, nullable: false });
        let text_of = Box::new(Expr::Text("it's".into()));
        let same = Expr::Compare { op: CompareOp::Eq, left: column.clone(), right: text_of };
        assert_eq!(text(&same), "name = 'it''s'");
        let like = Expr::Like { expr: column, pattern: "'%".into(), negated: true };
        assert_eq!(text(&like), "name not like '''%'");
    }
}
