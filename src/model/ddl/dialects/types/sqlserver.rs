//! SQL Server's types. The native names are those of `sys.types` with the lengths the server fills in.
//!
//! None is wide: a change table's after-image holds every value, LOBs too; only before-images lack them (Microsoft's page
//! on `cdc.<capture_instance>_CT`).

use super::{Known, Written, decimal, named};
use crate::model::types::Type;

pub(super) fn known(written: &Written) -> Known {
    let length = written.number(0);
    let is_own = written.schema.as_deref().is_some_and(|schema| !schema.eq_ignore_ascii_case("sys"));
    if is_own {
        return named(written);
    }
    let sized = |name: &str| {
        let brackets = if written.args.is_empty() { "(1)".to_owned() } else { written.brackets() };
        format!("{name}{brackets}")
    };
    let moment = |name: &str| format!("{name}({})", length.unwrap_or(7));
    match written.name.as_str() {
        "bit" => Known::new(Type::Bool, "bit"),
        "tinyint" => Known::new(Type::Smallint, "tinyint"),
        "smallint" => Known::new(Type::Smallint, "smallint"),
        "int" | "integer" => Known::new(Type::Int, "int"),
        "bigint" => Known::new(Type::Bigint, "bigint"),
        "decimal" | "dec" | "numeric" => {
            let name = if written.name == "numeric" { "numeric" } else { "decimal" };
            let (p, s) = (length.unwrap_or(18), super::scale(written));
            Known::new(decimal(Some(p), Some(s)), format!("{name}({p},{s})"))
        }
        "money" => Known::new(decimal(Some(19), Some(4)), "money"),
        "smallmoney" => Known::new(decimal(Some(10), Some(4)), "smallmoney"),
        "float" if length.is_some_and(|bits| bits <= 24) => Known::new(Type::Float, "real"),
        "float" | "double precision" => Known::new(Type::Double, "float"),
        "real" => Known::new(Type::Float, "real"),
        "date" => Known::new(Type::Date, "date"),
        "time" => Known::new(Type::Time, moment("time")),
        "datetime" | "smalldatetime" => Known::new(Type::Datetime, written.name.clone()),
        "datetime2" => Known::new(Type::Datetime, moment("datetime2")),
        "datetimeoffset" => Known::new(Type::Timestamp, moment("datetimeoffset")),
        "char" | "character" => Known::new(Type::Text, sized("char")),
        "varchar" | "char varying" | "character varying" => Known::new(Type::Text, sized("varchar")),
        "nchar" | "national char" | "national character" => Known::new(Type::Text, sized("nchar")),
        "nvarchar" | "national char varying" | "national character varying" => {
            Known::new(Type::Text, sized("nvarchar"))
        }
        "text" | "ntext" => Known::new(Type::Text, written.name.clone()),
        "sysname" => Known { is_not_null: true, ..Known::new(Type::Text, "nvarchar(128)") },
        "binary" => Known::new(Type::Bytes, sized("binary")),
        "varbinary" | "binary varying" => Known::new(Type::Bytes, sized("varbinary")),
        "image" => Known::new(Type::Bytes, "image"),
        // A counter the server writes; `timestamp` is its old name, and NOT NULL unless it says otherwise (unverified).
        "rowversion" | "timestamp" => {
            Known { is_not_null: true, has_default: true, ..Known::new(Type::Bytes, "timestamp") }
        }
        "uniqueidentifier" => Known::new(Type::Uuid, "uniqueidentifier"),
        "json" => Known::new(Type::Json, "json"),
        "xml" => Known::other("xml"),
        "hierarchyid" | "geography" | "geometry" | "sql_variant" => Known::other(written.name.clone()),
        _ => named(written),
    }
}
