//! Snowflake's types. The native names are those `DESCRIBE TABLE` shows, in lower case.

use super::{Known, Written, decimal, named};
use crate::model::types::Type;

pub(super) fn known(written: &Written) -> Known {
    let length = written.number(0);
    let digits = length.unwrap_or(9);
    match written.name.as_str() {
        "number" | "decimal" | "dec" | "numeric" => {
            let (p, s) = (length.unwrap_or(38), super::scale(written));
            Known::new(decimal(Some(p), Some(s)), format!("number({p},{s})"))
        }
        "int" | "integer" | "bigint" | "smallint" | "tinyint" | "byteint" => {
            Known::new(decimal(Some(38), Some(0)), "number(38,0)")
        }
        // All of them have 64 bits.
        "float" | "float4" | "float8" | "double" | "double precision" | "real" => Known::new(Type::Double, "float"),
        "varchar" | "string" | "text" | "nvarchar" | "nvarchar2" | "char varying" | "character varying"
        | "nchar varying" => Known::new(Type::Text, format!("varchar({})", length.unwrap_or(16_777_216))),
        "char" | "character" | "nchar" => Known::new(Type::Text, format!("varchar({})", length.unwrap_or(1))),
        "binary" | "varbinary" | "binary varying" => {
            Known::new(Type::Bytes, format!("binary({})", length.unwrap_or(8_388_608)))
        }
        "boolean" => Known::new(Type::Bool, "boolean"),
        "date" => Known::new(Type::Date, "date"),
        "time" => Known::new(Type::Time, format!("time({digits})")),
        // `timestamp` is an alias that a parameter of the account steers; without one it is a wall clock reading.
        "datetime" | "timestamp" | "timestamp_ntz" | "timestampntz" | "timestamp without time zone" => {
            Known::new(Type::Datetime, format!("timestamp_ntz({digits})"))
        }
        "timestamp_ltz" | "timestampltz" | "timestamp with local time zone" => {
            Known::new(Type::Timestamp, format!("timestamp_ltz({digits})"))
        }
        "timestamp_tz" | "timestamptz" | "timestamp with time zone" => {
            Known::new(Type::Timestamp, format!("timestamp_tz({digits})"))
        }
        // Values of any kind in any depth.
        "variant" | "object" | "array" | "map" => {
            Known::new(Type::Json, format!("{}{}", written.name, written.brackets()))
        }
        "geography" | "geometry" => Known::other(written.name.clone()),
        _ => named(written),
    }
}
