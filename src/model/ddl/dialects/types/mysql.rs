//! MySQL's and MariaDB's types. The native names are those of `information_schema.columns.column_type` without display
//! widths, which MySQL 8.0.19 no longer shows; `tinyint(1)` keeps its own, since it tells a truth value.

use super::{Known, Written, decimal, named};
use crate::model::types::Type;

pub(super) fn known(written: &Written, is_mariadb: bool) -> Known {
    let length = written.number(0);
    let sized = |name: &str, default: u32| format!("{name}({})", length.unwrap_or(default));
    match written.name.as_str() {
        "tinyint" | "int1" if length == Some(1) && !written.is_unsigned => Known::new(Type::Bool, "tinyint(1)"),
        "bool" | "boolean" => Known::new(Type::Bool, "tinyint(1)"),
        "tinyint" | "int1" => integer(written, "tinyint", Type::Smallint, Type::Smallint),
        "smallint" | "int2" => integer(written, "smallint", Type::Smallint, Type::Int),
        "mediumint" | "middleint" | "int3" => integer(written, "mediumint", Type::Int, Type::Int),
        "int" | "integer" | "int4" => integer(written, "int", Type::Int, Type::Bigint),
        // Beyond 2^63-1 only a decimal holds it (facts/sources MY-11).
        "bigint" | "int8" => integer(written, "bigint", Type::Bigint, decimal(Some(20), Some(0))),
        "serial" => {
            Known { is_not_null: true, has_default: true, ..Known::new(decimal(Some(20), Some(0)), "bigint unsigned") }
        }
        "decimal" | "dec" | "numeric" | "fixed" | "number" => {
            let (p, s) = (length.unwrap_or(10), super::scale(written));
            number(written, format!("decimal({p},{s})"), decimal(Some(p), Some(s)))
        }
        "float" => match length {
            // One number is a count of bits; two are a display width, which the native name keeps.
            Some(bits) if written.args.len() == 1 => {
                let (name, ty) = if bits > 24 { ("double", Type::Double) } else { ("float", Type::Float) };
                number(written, name.into(), ty)
            }
            _ => number(written, format!("float{}", written.brackets()), Type::Float),
        },
        "float4" => number(written, "float".into(), Type::Float),
        "double" | "double precision" | "real" | "float8" => {
            number(written, format!("double{}", written.brackets()), Type::Double)
        }
        "bit" if length.unwrap_or(1) == 1 => Known::new(Type::Bool, "bit(1)"),
        "bit" => Known::other(sized("bit", 1)),
        "char" | "character" | "nchar" | "national char" | "national character" => {
            text(written, sized("char", 1), sized("binary", 1))
        }
        "varchar"
        | "character varying"
        | "char varying"
        | "varcharacter"
        | "nvarchar"
        | "national varchar"
        | "national varcharacter"
        | "nchar varying"
        | "national char varying"
        | "national character varying"
        | "varchar2" => text(written, sized("varchar", 1), sized("varbinary", 1)),
        "tinytext" => text(written, "tinytext".into(), "tinyblob".into()),
        "text" => {
            // A length counts letters, which take up to four bytes in utf8mb4 (tried on MariaDB 10.11).
            let name = of_length(length.map(|letters| letters.saturating_mul(if written.is_binary { 1 } else { 4 })));
            text(written, format!("{name}text"), format!("{name}blob"))
        }
        "mediumtext" | "long" | "long varchar" => text(written, "mediumtext".into(), "mediumblob".into()),
        "longtext" | "clob" => text(written, "longtext".into(), "longblob".into()),
        "binary" => Known::new(Type::Bytes, sized("binary", 1)),
        "varbinary" | "binary varying" | "raw" => Known::new(Type::Bytes, sized("varbinary", 1)),
        "blob" => Known::new(Type::Bytes, format!("{}blob", of_length(length))),
        "tinyblob" | "mediumblob" | "longblob" => Known::new(Type::Bytes, written.name.clone()),
        "long varbinary" => Known::new(Type::Bytes, "mediumblob"),
        "enum" => {
            // Blanks at the end of a label are cut off (MySQL's manual, "The ENUM Type").
            let labels: Vec<String> = written.args.iter().map(|label| label.trim_end_matches(' ').to_owned()).collect();
            Known::new(Type::Enum(labels.clone()), format!("enum({})", quoted(&labels)))
        }
        "set" => Known::other(format!("set({})", quoted(&written.args))),
        "date" => Known::new(Type::Date, "date"),
        "time" => Known::new(Type::Time, moment("time", length)),
        "datetime" => Known::new(Type::Datetime, moment("datetime", length)),
        "timestamp" => Known::new(Type::Timestamp, moment("timestamp", length)),
        // Arrives as a whole number.
        "year" => Known::new(Type::Int, "year"),
        // MariaDB's word for a long text that is checked to be JSON.
        "json" if is_mariadb => Known::new(Type::Json, "longtext"),
        "json" => Known::new(Type::Json, "json"),
        "uuid" => Known::new(Type::Uuid, "uuid"),
        "geomcollection" | "geometrycollection" => {
            Known::other(if is_mariadb { "geometrycollection" } else { "geomcollection" })
        }
        _ => named(written),
    }
}

fn number(written: &Written, name: String, ty: Type) -> Known {
    let unsigned = if written.is_unsigned { " unsigned" } else { "" };
    let zerofill = if written.is_zerofill { " zerofill" } else { "" };
    Known::new(ty, format!("{name}{unsigned}{zerofill}"))
}

fn integer(written: &Written, name: &str, signed: Type, unsigned: Type) -> Known {
    number(written, name.into(), if written.is_unsigned { unsigned } else { signed })
}

fn text(written: &Written, name: String, binary: String) -> Known {
    if written.is_binary { Known::new(Type::Bytes, binary) } else { Known::new(Type::Text, name) }
}

/// `text(n)` and `blob(n)` are the smallest that holds n bytes.
fn of_length(length: Option<u32>) -> &'static str {
    match length {
        Some(1..=255) => "tiny",
        Some(65_536..=16_777_215) => "medium",
        Some(16_777_216..) => "long",
        _ => "",
    }
}

fn moment(name: &str, digits: Option<u32>) -> String {
    match digits {
        Some(digits) if digits > 0 => format!("{name}({digits})"),
        _ => name.to_owned(),
    }
}

fn quoted(labels: &[String]) -> String {
    labels.iter().map(|label| format!("'{}'", label.replace('\'', "''"))).collect::<Vec<_>>().join(",")
}
