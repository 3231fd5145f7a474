//! The portable types, which stand between a source's type and a target's.

/// A portable type; nullability is told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Type {
    Bool,
    Smallint,
    Int,
    Bigint,
    /// `None` where the source sets no bound (PostgreSQL `numeric`).
    Decimal {
        precision: Option<u32>,
        scale: Option<i32>,
    },
    Float,
    Double,
    Text,
    Uuid,
    Bytes,
    Date,
    /// An instant (PostgreSQL `timestamptz`).
    Timestamp,
    /// A wall clock reading (PostgreSQL `timestamp`).
    Datetime,
    Time,
    /// A time of day with an offset (PostgreSQL `timetz`).
    TimeTz,
    Interval,
    Json,
    Enum(Vec<String>),
    Array(Box<Type>),
    /// A type diac knows no more of than its name (`tsvector`, `inet`, `vector(20)`).
    Other(String),
}

impl Type {
    /// The type's word behind its article.
    #[must_use]
    pub fn phrase(&self) -> String {
        let word = self.word();
        let article = if word.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
        format!("{article} {word}")
    }

    /// The type as people write it in a `.dia` file.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::Bool => "bool".into(),
            Self::Smallint => "smallint".into(),
            Self::Int => "int".into(),
            Self::Bigint => "bigint".into(),
            Self::Decimal { precision: Some(p), scale } => format!("decimal({p},{})", scale.unwrap_or(0)),
            Self::Decimal { precision: None, .. } => "decimal".into(),
            Self::Float => "float".into(),
            Self::Double => "double".into(),
            Self::Text => "text".into(),
            Self::Uuid => "uuid".into(),
            Self::Bytes => "bytes".into(),
            Self::Date => "date".into(),
            Self::Timestamp => "timestamp".into(),
            Self::Datetime => "datetime".into(),
            Self::Time => "time".into(),
            Self::TimeTz => "timetz".into(),
            Self::Interval => "interval".into(),
            Self::Json => "json".into(),
            Self::Enum(values) => {
                let quoted: Vec<String> = values.iter().map(|value| format!("\"{value}\"")).collect();
                format!("enum({})", quoted.join(", "))
            }
            Self::Array(of) => format!("{}[]", of.word()),
            Self::Other(name) => name.clone(),
        }
    }
}
