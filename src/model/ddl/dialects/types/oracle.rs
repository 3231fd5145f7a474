//! Oracle's types. The native names are the words of the data dictionary in lower case.

use super::{Known, Written, decimal, named};
use crate::model::types::Type;

pub(super) fn known(written: &Written) -> Known {
    let length = written.number(0);
    let brackets = written.brackets();
    let sized = |name: &str| format!("{name}{}", if brackets.is_empty() { "(1)" } else { &brackets });
    match written.name.as_str() {
        "number" | "numeric" | "decimal" | "dec" => number(written),
        "integer" | "int" | "smallint" => Known::new(decimal(Some(38), Some(0)), "number(38,0)"),
        // A decimal of up to this many binary digits; its scale is free (facts/sources OR-09).
        "float" => Known::new(decimal(None, None), format!("float({})", length.unwrap_or(126))),
        "double precision" => Known::new(decimal(None, None), "float(126)"),
        "real" => Known::new(decimal(None, None), "float(63)"),
        "binary_float" => Known::new(Type::Float, "binary_float"),
        "binary_double" => Known::new(Type::Double, "binary_double"),
        "boolean" | "bool" => Known::new(Type::Bool, "boolean"),
        "varchar2" | "varchar" | "char varying" | "character varying" => Known::new(Type::Text, sized("varchar2")),
        "nvarchar2" | "national char varying" | "national character varying" | "nchar varying" => {
            Known::new(Type::Text, sized("nvarchar2"))
        }
        "char" | "character" => Known::new(Type::Text, sized("char")),
        "nchar" | "national char" | "national character" => Known::new(Type::Text, sized("nchar")),
        // An update that leaves a LOB alone arrives without it (facts/sources OR-02).
        "clob" | "nclob" => Known::new(Type::Text, written.name.clone()).wide(),
        "long" | "long varchar" => Known::new(Type::Text, "long").wide(),
        "blob" => Known::new(Type::Bytes, "blob").wide(),
        "long raw" => Known::new(Type::Bytes, "long raw").wide(),
        "raw" => Known::new(Type::Bytes, sized("raw")),
        // With a time of day to the second.
        "date" => Known::new(Type::Datetime, "date"),
        "timestamp" => Known::new(Type::Datetime, timestamp(length, "")),
        "timestamp with time zone" => Known::new(Type::Timestamp, timestamp(length, " with time zone")),
        "timestamp with local time zone" => Known::new(Type::Timestamp, timestamp(length, " with local time zone")),
        name if name.starts_with("interval ") => Known::new(Type::Interval, name),
        "json" => Known::new(Type::Json, "json").wide(),
        "xmltype" => Known::other("xmltype").wide(),
        "bfile" | "rowid" => Known::other(written.name.clone()),
        "urowid" => Known::other(format!("urowid{brackets}")),
        _ => named(written),
    }
}

/// `NUMBER(p,s)`: whole numbers arrive as the integer that holds p digits (Debezium's page on Oracle, "Numeric types").
fn number(written: &Written) -> Known {
    let precision = written.number(0);
    let whole = written.args.first().is_some_and(|first| first == "*");
    let scale = super::scale(written);
    let (Some(p), s) = (precision.or(whole.then_some(38)), scale) else {
        return if written.name == "number" {
            Known::new(decimal(None, None), "number")
        } else {
            // The other words are whole numbers without brackets.
            Known::new(decimal(Some(38), Some(0)), "number(38,0)")
        };
    };
    let ty = match p {
        _ if s != 0 => decimal(Some(p), Some(s)),
        1..=4 => Type::Smallint,
        5..=9 => Type::Int,
        10..=18 => Type::Bigint,
        _ => decimal(Some(p), Some(0)),
    };
    Known::new(ty, format!("number({p},{s})"))
}

fn timestamp(digits: Option<u32>, zone: &str) -> String {
    format!("timestamp({}){zone}", digits.unwrap_or(6))
}
