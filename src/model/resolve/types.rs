//! Type names as written to portable types.

use super::Context;
use crate::diag::{Diagnostic, codes};
use crate::model::schema::SchemaColumn;
use crate::model::types::Type;
use crate::source::Span;
use crate::syntax::ast::{Literal, TypeName};
use crate::syntax::suggest::nearest;

/// The words for portable types without arguments.
const WORDS: &[(&str, Type)] = &[
    ("bool", Type::Bool),
    ("smallint", Type::Smallint),
    ("int", Type::Int),
    ("bigint", Type::Bigint),
    ("float", Type::Float),
    ("double", Type::Double),
    ("text", Type::Text),
    ("uuid", Type::Uuid),
    ("bytes", Type::Bytes),
    ("date", Type::Date),
    ("timestamp", Type::Timestamp),
    ("datetime", Type::Datetime),
    ("time", Type::Time),
    ("json", Type::Json),
];

/// The words of the systems that are captured, and of other tools, for what has another one here.
const SQL_WORDS: &[(&str, &str)] = &[
    ("varchar", "text"),
    ("char", "text"),
    ("character", "text"),
    ("string", "text"),
    ("str", "text"),
    ("citext", "text"),
    ("bpchar", "text"),
    ("name", "text"),
    ("varchar2", "text"),
    ("nvarchar", "text"),
    ("nvarchar2", "text"),
    ("nchar", "text"),
    ("ntext", "text"),
    ("clob", "text"),
    ("nclob", "text"),
    ("tinytext", "text"),
    ("mediumtext", "text"),
    ("longtext", "text"),
    ("xml", "text"),
    ("keyword", "text"),
    ("symbol", "text"),
    ("objectid", "text"),
    ("int2", "smallint"),
    ("int16", "smallint"),
    ("short", "smallint"),
    ("tinyint", "smallint"),
    ("int1", "smallint"),
    ("byte", "smallint"),
    ("smallserial", "smallint"),
    ("year", "smallint"),
    ("integer", "int"),
    ("int4", "int"),
    ("int32", "int"),
    ("serial", "int"),
    ("mediumint", "int"),
    ("int8", "bigint"),
    ("int64", "bigint"),
    ("long", "bigint"),
    ("bigserial", "bigint"),
    ("numeric", "decimal"),
    ("number", "decimal"),
    ("dec", "decimal"),
    ("decimal128", "decimal"),
    ("bignumeric", "decimal"),
    ("money", "decimal(19,2)"),
    ("smallmoney", "decimal(10,4)"),
    ("real", "float"),
    ("float4", "float"),
    ("float32", "float"),
    ("single", "float"),
    ("binary_float", "float"),
    ("float8", "double"),
    ("float64", "double"),
    ("binary_double", "double"),
    ("boolean", "bool"),
    ("bit", "bool"),
    ("logical", "bool"),
    ("bytea", "bytes"),
    ("blob", "bytes"),
    ("binary", "bytes"),
    ("varbinary", "bytes"),
    ("image", "bytes"),
    ("tinyblob", "bytes"),
    ("mediumblob", "bytes"),
    ("longblob", "bytes"),
    ("raw", "bytes"),
    ("bindata", "bytes"),
    ("rowversion", "bytes"),
    ("uniqueidentifier", "uuid"),
    ("guid", "uuid"),
    ("jsonb", "json"),
    ("object", "json"),
    ("map", "json"),
    ("variant", "json"),
    ("document", "json"),
    ("struct", "json"),
    ("super", "json"),
    ("bson", "json"),
    ("timestamptz", "timestamp"),
    ("instant", "timestamp"),
    ("datetimeoffset", "timestamp"),
    ("timestamp_tz", "timestamp"),
    ("datetime2", "datetime"),
    ("smalldatetime", "datetime"),
    ("timestamp_ntz", "datetime"),
    ("timetz", "time"),
];

impl Context<'_> {
    /// The portable type; a mistake is reported and answered by `None`.
    pub(super) fn ty(&mut self, written: &TypeName) -> Option<Type> {
        let base = self.base_type(written)?;
        Some(if written.array { Type::Array(Box::new(base)) } else { base })
    }

    fn base_type(&mut self, written: &TypeName) -> Option<Type> {
        let word = written.name.text.as_str();
        match word {
            "decimal" => return self.decimal(written),
            "enum" => return self.enumeration(written),
            _ => {}
        }
        if let Some((_, ty)) = WORDS.iter().find(|(known, _)| *known == word) {
            if let Some(first) = written.args.first() {
                let message = format!("`{word}` takes no argument");
                let whole = written.args.last().map_or(first.span, |last| first.span.to(last.span));
                self.report(
                    Diagnostic::new(codes::BAD_VALUE, whole, message)
                        .here("lengths and precisions are the database's own affair")
                        .help(format!("write `{word}`")),
                );
            }
            return Some(ty.clone());
        }
        let mut diagnostic =
            Diagnostic::new(codes::UNKNOWN_COLUMN, written.name.span, format!("unknown type `{word}`"));
        let lower = word.to_lowercase();
        let known = WORDS.iter().map(|(word, _)| *word).chain(["decimal", "enum"]);
        // MySQL's flag, which its own drivers read as a truth value.
        let flag = lower == "tinyint" && matches!(written.args.as_slice(), [one] if one.value == Literal::Integer(1));
        let sql = SQL_WORDS.iter().find(|(sql, _)| *sql == lower).map(|(_, here)| *here);
        if let Some(here) = sql.map(|here| if flag { "bool" } else { here }) {
            // The arguments go with the word: `varchar(20)` is `text`, `numeric(12,2)` stays `decimal(12,2)`.
            let fix = if here == "decimal" { written.name.span } else { type_span(written) };
            diagnostic = diagnostic.help(format!("write `{here}`")).fix(fix, here);
        } else if let Some(near) = nearest(word, known) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?")).fix(written.name.span, near);
        } else {
            let words: Vec<String> = WORDS.iter().map(|(word, _)| format!("`{word}`")).collect();
            diagnostic = diagnostic.help(format!("use one of {}, `decimal(p,s)`, `enum(…)`", words.join(", ")));
        }
        self.report(diagnostic);
        None
    }

    fn decimal(&mut self, written: &TypeName) -> Option<Type> {
        let number = |at: usize| match written.args.get(at).map(|arg| &arg.value) {
            Some(Literal::Integer(n)) => u32::try_from(*n).ok(),
            _ => None,
        };
        match (written.args.len(), number(0), number(1)) {
            (0, ..) => Some(Type::Decimal { precision: None, scale: None }),
            (1, Some(p), _) if (1..=1000).contains(&p) => Some(Type::Decimal { precision: Some(p), scale: Some(0) }),
            (2, Some(p), Some(s)) if (1..=1000).contains(&p) && s <= p => {
                Some(Type::Decimal { precision: Some(p), scale: i32::try_from(s).ok() })
            }
            _ => {
                self.report(
                    Diagnostic::new(
                        codes::BAD_VALUE,
                        written.span,
                        "`decimal` takes a precision and a scale no larger than it",
                    )
                    .help("write `decimal(12,2)`: 12 digits in all, 2 of them behind the point"),
                );
                None
            }
        }
    }

    fn enumeration(&mut self, written: &TypeName) -> Option<Type> {
        let mut values = Vec::new();
        let mut wrong = false;
        for arg in &written.args {
            match &arg.value {
                Literal::Text(text) if values.contains(text) => {
                    self.report(
                        Diagnostic::new(codes::BAD_VALUE, arg.span, format!("the value \"{text}\" stands twice"))
                            .help("delete one of them"),
                    );
                }
                Literal::Text(text) => values.push(text.clone()),
                _ if wrong => {}
                _ => {
                    wrong = true;
                    self.report(
                        Diagnostic::new(codes::BAD_VALUE, arg.span, "values of an `enum` are texts")
                            .help("put the values in quotes"),
                    );
                }
            }
        }
        if wrong {
            return None;
        }
        if values.is_empty() {
            self.report(
                Diagnostic::new(codes::BAD_VALUE, written.span, "an `enum` names its values")
                    .help("write `enum(\"placed\", \"paid\")`"),
            );
            return None;
        }
        Some(Type::Enum(values))
    }
}

/// The type with its arguments, without `[]` and `?`.
fn type_span(written: &TypeName) -> Span {
    // The closing bracket stands behind the last argument.
    match written.args.last() {
        Some(last) => Span { end: last.span.end + 1, ..written.name.span.to(last.span) },
        None => written.name.span,
    }
}

/// Whether a declared type can be what the schema says: equal, or one that says less.
pub(super) fn compatible(declared: &Type, schema: &Type) -> bool {
    match (declared, schema) {
        (Type::Array(a), Type::Array(b)) => compatible(a, b),
        (Type::Decimal { precision: None, .. }, Type::Decimal { .. }) => true,
        // A type diac knows only by name arrives as text, and an enumeration is one.
        (Type::Text, Type::Enum(_) | Type::Other(_) | Type::Uuid | Type::Interval | Type::TimeTz) => true,
        // A check constraint may hold a text column to values.
        (Type::Enum(_), Type::Text) => true,
        (Type::Enum(a), Type::Enum(b)) => a.iter().all(|value| b.contains(value)) && a.len() == b.len(),
        _ => declared == schema,
    }
}

/// Whether a column may be declared so: a compatible type, or one that the native type is used for although it holds more
/// or less.
pub(super) fn says(declared: &Type, known: &SchemaColumn) -> bool {
    if compatible(declared, &known.ty) {
        return true;
    }
    let native = known.native.as_str();
    match declared {
        // Ids that never reach 2^63.
        Type::Bigint => native == "bigint unsigned" || native.starts_with("number(") && whole(known),
        Type::Smallint => matches!(native, "tinyint(1)" | "year"),
        Type::Int => native == "tinyint(1)",
        Type::Decimal { scale: Some(0), precision: Some(p) } => {
            native.strip_prefix("number(").and_then(|rest| rest.split(',').next()?.parse().ok()) == Some(*p)
                && whole(known)
        }
        // Databases without the type keep it in what holds its 36 signs or 16 bytes.
        Type::Uuid => matches!(
            native,
            "char(36)"
                | "varchar(36)"
                | "binary(16)"
                | "raw(16)"
                | "varchar2(36)"
                | "varchar2(36 char)"
                | "char(36 char)"
        ),
        _ => false,
    }
}

/// Oracle's `number(p,0)`.
fn whole(known: &SchemaColumn) -> bool {
    known.native.ends_with(",0)")
}

/// Whether an update may leave a value of the type out because it is stored out of line (facts/sources PG-14).
pub(super) fn toastable(ty: &Type) -> bool {
    match ty {
        Type::Text | Type::Bytes | Type::Json | Type::Array(_) | Type::Other(_) => true,
        // A bounded numeric of up to a thousand digits stays below 2 kB.
        Type::Decimal { precision, .. } => precision.is_none(),
        Type::Bool
        | Type::Smallint
        | Type::Int
        | Type::Bigint
        | Type::Float
        | Type::Double
        | Type::Uuid
        | Type::Date
        | Type::Timestamp
        | Type::Datetime
        | Type::Time
        | Type::TimeTz
        | Type::Interval
        | Type::Enum(_) => false,
    }
}
