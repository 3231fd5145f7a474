//! Values that do not arrive as they are, by type: seen in the lab (tests/lab/FACTS.md, 7), with Debezium's source 3.7.0.Final and JDBC sink 3.6.0.Final.

use super::Target;
use crate::model::types::Type;

/// A kind of value, and what becomes of it.
#[derive(Debug)]
pub struct Limit {
    holds: fn(&Type) -> bool,
    /// In tables of databases only; else everywhere.
    tables: bool,
    /// What becomes of which values, for people.
    pub text: &'static str,
}

impl Limit {
    /// Whether a column of that type, on its way into that target, can hold such a value.
    #[must_use]
    pub fn concerns(&self, ty: &Type, target: &Target) -> bool {
        (self.holds)(ty) && (!self.tables || matches!(target, Target::Table(_)))
    }
}

/// All of them.
pub const LIMITS: &[Limit] = &[
    Limit {
        holds: |ty| matches!(ty, Type::Float | Type::Double),
        tables: true,
        text: "NaN and infinities arrive as 0",
    },
    Limit {
        holds: |ty| matches!(ty, Type::Date),
        tables: false,
        text: "dates before Christ and `infinity` arrive as other days",
    },
    Limit {
        holds: |ty| matches!(ty, Type::Decimal { precision: None, .. }),
        tables: true,
        text: "infinities stop the view",
    },
    Limit { holds: |ty| matches!(ty, Type::Time), tables: true, text: "`24:00:00` stops the view" },
    Limit {
        holds: |ty| matches!(ty, Type::Array(_)),
        tables: false,
        text: "arrays of more than one dimension arrive as text without meaning",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_of_types() {
        let of = |ty: &Type| LIMITS.iter().filter(|limit| (limit.holds)(ty)).count();
        assert_eq!(of(&Type::Double), 1);
        assert_eq!(of(&Type::Decimal { precision: Some(12), scale: Some(2) }), 0);
        assert_eq!(of(&Type::Text), 0);
    }
}
