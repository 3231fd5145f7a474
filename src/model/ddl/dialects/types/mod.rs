//! From a type as written to the portable type and to the database's own name of it.

mod mysql;
mod oracle;
mod snowflake;
mod sqlserver;

use super::Dialect;
use super::written::Written;
use crate::model::types::Type;

/// What is known of a type.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Known {
    /// The portable type.
    pub ty: Type,
    /// The database's own name in lower case, aliases followed.
    pub native: String,
    /// A change event may lack its value.
    pub is_wide: bool,
    /// The type alone makes the column NOT NULL.
    pub is_not_null: bool,
    /// The type alone gives the column a value.
    pub has_default: bool,
}

impl Known {
    fn new(ty: Type, native: impl Into<String>) -> Self {
        Self { ty, native: native.into(), is_wide: false, is_not_null: false, has_default: false }
    }

    /// A type of which only the name is known.
    pub fn other(native: impl Into<String>) -> Self {
        let native = native.into();
        Self::new(Type::Other(native.clone()), native)
    }

    fn wide(self) -> Self {
        Self { is_wide: true, ..self }
    }
}

/// What a written type is, without the types that people declare.
pub(super) fn known(dialect: Dialect, written: &Written) -> Known {
    match dialect {
        Dialect::Mysql | Dialect::Mariadb => mysql::known(written, dialect == Dialect::Mariadb),
        Dialect::Sqlserver => sqlserver::known(written),
        Dialect::Oracle => oracle::known(written),
        Dialect::Snowflake => snowflake::known(written),
    }
}

/// A type of which only the name is known, as it is written.
fn named(written: &Written) -> Known {
    let schema = written.schema.as_ref().map(|schema| format!("{schema}.")).unwrap_or_default();
    let name = if written.name.contains(' ') { &written.name } else { &written.spelled };
    Known::other(format!("{schema}{name}{}", written.brackets()).to_lowercase())
}

fn decimal(precision: Option<u32>, scale: Option<i32>) -> Type {
    Type::Decimal { precision, scale }
}

fn scale(written: &Written) -> i32 {
    written.args.get(1).and_then(|scale| scale.parse().ok()).unwrap_or(0)
}
