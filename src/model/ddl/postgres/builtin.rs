//! The types every PostgreSQL has, and those of well-known extensions: one row each.

use crate::model::types::Type;

/// How much room a value takes, as far as it decides whether the value can be moved out of its row (TOAST).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    /// Always so many bytes, or never moved.
    Fixed(u32),
    /// At most so many bytes, header included.
    AtMost(u32),
    /// Up to 1 GB.
    Any,
}

/// Which modifiers a type takes and what they mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Modifier {
    /// None.
    No,
    /// A number of characters.
    Characters,
    /// A number of bits.
    Bits,
    /// Precision and scale.
    Decimal,
    /// Digits of a second.
    Seconds,
}

/// A built-in type.
#[derive(Debug)]
pub(super) struct Builtin {
    /// The name in `pg_type`.
    pub internal: &'static str,
    /// The canonical spelling up to the modifier.
    pub sql: &'static str,
    /// The canonical spelling behind the modifier.
    pub tail: &'static str,
    /// The portable type, where the modifier says no more.
    pub portable: Portable,
    /// Room without a modifier.
    pub width: Width,
    /// The modifier.
    pub modifier: Modifier,
}

/// The portable type of a built-in type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Portable {
    Bool,
    Smallint,
    Int,
    Bigint,
    Decimal,
    Float,
    Double,
    Text,
    Uuid,
    Bytes,
    Date,
    Timestamp,
    Datetime,
    Time,
    TimeTz,
    Interval,
    Json,
    Other,
}

impl Portable {
    /// The type; `native` names it where diac knows no more.
    pub fn ty(self, native: &str) -> Type {
        match self {
            Self::Bool => Type::Bool,
            Self::Smallint => Type::Smallint,
            Self::Int => Type::Int,
            Self::Bigint => Type::Bigint,
            Self::Decimal => Type::Decimal { precision: None, scale: None },
            Self::Float => Type::Float,
            Self::Double => Type::Double,
            Self::Text => Type::Text,
            Self::Uuid => Type::Uuid,
            Self::Bytes => Type::Bytes,
            Self::Date => Type::Date,
            Self::Timestamp => Type::Timestamp,
            Self::Datetime => Type::Datetime,
            Self::Time => Type::Time,
            Self::TimeTz => Type::TimeTz,
            Self::Interval => Type::Interval,
            Self::Json => Type::Json,
            Self::Other => Type::Other(native.to_owned()),
        }
    }
}

const fn row(internal: &'static str, sql: &'static str, portable: Portable, width: Width) -> Builtin {
    Builtin { internal, sql, tail: "", portable, width, modifier: Modifier::No }
}

const fn other(name: &'static str, width: Width) -> Builtin {
    row(name, name, Portable::Other, width)
}

const fn with(modifier: Modifier, tail: &'static str, row: Builtin) -> Builtin {
    Builtin { modifier, tail, ..row }
}

/// All of them. Widths are `typlen` and `typstorage` of `pg_type`: `Fixed` also where storage is `plain`.
pub(super) static BUILTINS: &[Builtin] = &[
    row("bool", "boolean", Portable::Bool, Width::Fixed(1)),
    row("int2", "smallint", Portable::Smallint, Width::Fixed(2)),
    row("int4", "integer", Portable::Int, Width::Fixed(4)),
    row("int8", "bigint", Portable::Bigint, Width::Fixed(8)),
    row("float4", "real", Portable::Float, Width::Fixed(4)),
    row("float8", "double precision", Portable::Double, Width::Fixed(8)),
    with(Modifier::Decimal, "", row("numeric", "numeric", Portable::Decimal, Width::Any)),
    row("text", "text", Portable::Text, Width::Any),
    with(Modifier::Characters, "", row("varchar", "character varying", Portable::Text, Width::Any)),
    with(Modifier::Characters, "", row("bpchar", "character", Portable::Text, Width::Any)),
    row("char", "\"char\"", Portable::Text, Width::Fixed(1)),
    row("name", "name", Portable::Text, Width::Fixed(64)),
    row("bytea", "bytea", Portable::Bytes, Width::Any),
    row("uuid", "uuid", Portable::Uuid, Width::Fixed(16)),
    row("date", "date", Portable::Date, Width::Fixed(4)),
    with(Modifier::Seconds, " without time zone", row("time", "time", Portable::Time, Width::Fixed(8))),
    with(Modifier::Seconds, " with time zone", row("timetz", "time", Portable::TimeTz, Width::Fixed(12))),
    with(Modifier::Seconds, " without time zone", row("timestamp", "timestamp", Portable::Datetime, Width::Fixed(8))),
    with(Modifier::Seconds, " with time zone", row("timestamptz", "timestamp", Portable::Timestamp, Width::Fixed(8))),
    with(Modifier::Seconds, "", row("interval", "interval", Portable::Interval, Width::Fixed(16))),
    row("json", "json", Portable::Json, Width::Any),
    row("jsonb", "jsonb", Portable::Json, Width::Any),
    row("oid", "oid", Portable::Bigint, Width::Fixed(4)),
    with(Modifier::Bits, "", row("bit", "bit", Portable::Other, Width::Any)),
    with(Modifier::Bits, "", row("varbit", "bit varying", Portable::Other, Width::Any)),
    other("money", Width::Fixed(8)),
    other("xml", Width::Any),
    other("tsvector", Width::Any),
    other("tsquery", Width::Fixed(1)),
    other("inet", Width::AtMost(22)),
    other("cidr", Width::AtMost(22)),
    other("macaddr", Width::Fixed(6)),
    other("macaddr8", Width::Fixed(8)),
    other("point", Width::Fixed(16)),
    other("line", Width::Fixed(24)),
    other("lseg", Width::Fixed(32)),
    other("box", Width::Fixed(32)),
    other("circle", Width::Fixed(24)),
    other("path", Width::Any),
    other("polygon", Width::Any),
    other("int4range", Width::AtMost(17)),
    other("int8range", Width::AtMost(25)),
    other("daterange", Width::AtMost(17)),
    other("tsrange", Width::AtMost(25)),
    other("tstzrange", Width::AtMost(25)),
    other("numrange", Width::Any),
    other("int4multirange", Width::Any),
    other("int8multirange", Width::Any),
    other("nummultirange", Width::Any),
    other("datemultirange", Width::Any),
    other("tsmultirange", Width::Any),
    other("tstzmultirange", Width::Any),
    other("jsonpath", Width::Any),
    other("refcursor", Width::Any),
    other("int2vector", Width::Fixed(1)),
    other("oidvector", Width::Fixed(1)),
    other("aclitem", Width::Fixed(16)),
    other("xid", Width::Fixed(4)),
    other("xid8", Width::Fixed(8)),
    other("cid", Width::Fixed(4)),
    other("tid", Width::Fixed(6)),
    other("pg_lsn", Width::Fixed(8)),
    other("pg_snapshot", Width::Any),
    other("txid_snapshot", Width::Any),
    other("pg_node_tree", Width::Any),
    other("regclass", Width::Fixed(4)),
    other("regcollation", Width::Fixed(4)),
    other("regconfig", Width::Fixed(4)),
    other("regdictionary", Width::Fixed(4)),
    other("regnamespace", Width::Fixed(4)),
    other("regoper", Width::Fixed(4)),
    other("regoperator", Width::Fixed(4)),
    other("regproc", Width::Fixed(4)),
    other("regprocedure", Width::Fixed(4)),
    other("regrole", Width::Fixed(4)),
    other("regtype", Width::Fixed(4)),
];

/// Spellings the grammar knows beside the names in `pg_type`, with the latter.
const SPELLINGS: &[(&str, &str)] = &[
    ("boolean", "bool"),
    ("smallint", "int2"),
    ("int", "int4"),
    ("integer", "int4"),
    ("bigint", "int8"),
    ("real", "float4"),
    ("float", "float8"),
    ("double precision", "float8"),
    ("decimal", "numeric"),
    ("dec", "numeric"),
    ("character varying", "varchar"),
    ("char varying", "varchar"),
    ("nchar varying", "varchar"),
    ("national character varying", "varchar"),
    ("national char varying", "varchar"),
    ("character", "bpchar"),
    ("char", "bpchar"),
    ("nchar", "bpchar"),
    ("national character", "bpchar"),
    ("national char", "bpchar"),
    ("bit varying", "varbit"),
    ("time with time zone", "timetz"),
    ("time without time zone", "time"),
    ("timestamp with time zone", "timestamptz"),
    ("timestamp without time zone", "timestamp"),
];

/// The pseudo-types that make an integer column with a sequence.
const SERIALS: &[(&str, &str)] = &[
    ("serial", "int4"),
    ("serial4", "int4"),
    ("bigserial", "int8"),
    ("serial8", "int8"),
    ("smallserial", "int2"),
    ("serial2", "int2"),
];

/// The type of that name in `pg_type`.
pub(super) fn internal(name: &str) -> Option<&'static Builtin> {
    BUILTINS.iter().find(|row| row.internal == name)
}

/// The type of that spelling, words parted by one blank.
pub(super) fn spelled(words: &str) -> Option<&'static Builtin> {
    // Spellings first: the keyword `char` is `bpchar`, while `pg_type` has another type under that name.
    let spelling = SPELLINGS.iter().find(|(spelling, _)| *spelling == words);
    internal(spelling.map_or(words, |(_, name)| name))
}

/// The integer type below a `serial` of whichever size.
pub(super) fn serial(word: &str) -> Option<&'static str> {
    SERIALS.iter().find(|(serial, _)| *serial == word).map(|&(_, name)| name)
}

/// Types of well-known extensions. An extension can be put in any schema, so the schema is no part of their name here.
const EXTENSIONS: &[(&str, Width)] = &[
    ("citext", Width::Any),
    ("hstore", Width::Any),
    ("ltree", Width::Any),
    ("lquery", Width::Any),
    ("ltxtquery", Width::Any),
    ("cube", Width::Fixed(1)),
    ("earth", Width::Fixed(1)),
    ("seg", Width::Fixed(12)),
    ("isbn", Width::Fixed(8)),
    ("isbn13", Width::Fixed(8)),
    ("issn", Width::Fixed(8)),
    ("issn13", Width::Fixed(8)),
    ("ismn", Width::Fixed(8)),
    ("ismn13", Width::Fixed(8)),
    ("ean13", Width::Fixed(8)),
    ("upc", Width::Fixed(8)),
    ("geometry", Width::Any),
    ("geography", Width::Any),
    ("raster", Width::Any),
    ("topogeometry", Width::Any),
    ("box2d", Width::Fixed(65)),
    ("box3d", Width::Fixed(52)),
    ("vector", Width::Any),
    ("halfvec", Width::Any),
    ("sparsevec", Width::Any),
    ("semver", Width::Any),
    ("query_int", Width::Any),
    ("lo", Width::Fixed(4)),
];

/// The room of a type that an extension everybody knows brings.
pub(super) fn extension(name: &str) -> Option<Width> {
    EXTENSIONS.iter().find(|(extension, _)| *extension == name).map(|&(_, width)| width)
}

/// PostGIS' own spelling of a kind of geometry, whatever case it is written in.
pub(super) fn geometry_kind(word: &str) -> String {
    const KINDS: &[&str] = &[
        "Geometry",
        "Point",
        "LineString",
        "Polygon",
        "MultiPoint",
        "MultiLineString",
        "MultiPolygon",
        "GeometryCollection",
        "CircularString",
        "CompoundCurve",
        "CurvePolygon",
        "MultiCurve",
        "MultiSurface",
        "PolyhedralSurface",
        "Triangle",
        "Tin",
    ];
    let upper = word.to_ascii_uppercase();
    let stem = upper.trim_end_matches(['Z', 'M']);
    let suffix = upper.get(stem.len()..).unwrap_or("");
    KINDS
        .iter()
        .find(|kind| kind.eq_ignore_ascii_case(stem))
        .map_or_else(|| word.to_owned(), |kind| format!("{kind}{suffix}"))
}
