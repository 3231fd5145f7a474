//! Every spelling of a type has one canonical one, one portable type, and its room.

use super::schema;

/// A spelling, the canonical spelling, the portable type, and whether a value can be moved out of its row.
struct Spelling(&'static str, &'static str, &'static str, Toast);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Toast {
    Yes,
    No,
}
use Toast::{No, Yes};

#[test]
fn types_have_one_spelling() {
    for Spelling(written, native, word, toast) in SPELLINGS {
        let (schema, findings) = schema(&format!("CREATE TABLE t (x {written});"));
        assert_eq!(findings, [], "{written}");
        let column = schema.tables.first().and_then(|table| table.columns.first()).expect(written);
        assert_eq!(column.native, *native, "{written}");
        assert_eq!(column.ty.word(), *word, "{written}");
        assert_eq!(if column.toastable { Yes } else { No }, *toast, "{written}");
    }
}

static SPELLINGS: &[Spelling] = &[
    Spelling("int", "integer", "int", No),
    Spelling("INTEGER", "integer", "int", No),
    Spelling("int4", "integer", "int", No),
    Spelling("pg_catalog.int4", "integer", "int", No),
    Spelling("\"int4\"", "integer", "int", No),
    Spelling("serial", "integer", "int", No),
    Spelling("int2", "smallint", "smallint", No),
    Spelling("smallserial", "smallint", "smallint", No),
    Spelling("int8", "bigint", "bigint", No),
    Spelling("BIGSERIAL", "bigint", "bigint", No),
    Spelling("bool", "boolean", "bool", No),
    Spelling("real", "real", "float", No),
    Spelling("float4", "real", "float", No),
    Spelling("float(24)", "real", "float", No),
    Spelling("float(25)", "double precision", "double", No),
    Spelling("float", "double precision", "double", No),
    Spelling("double precision", "double precision", "double", No),
    Spelling("numeric", "numeric", "decimal", Yes),
    Spelling("decimal(10)", "numeric(10,0)", "decimal(10,0)", No),
    Spelling("dec(10, 2)", "numeric(10,2)", "decimal(10,2)", No),
    Spelling("numeric(3,-2)", "numeric(3,-2)", "decimal(3,-2)", No),
    Spelling("text", "text", "text", Yes),
    Spelling("varchar", "character varying", "text", Yes),
    Spelling("varchar(20)", "character varying(20)", "text", No),
    Spelling("character varying(255)", "character varying(255)", "text", No),
    Spelling("character varying(600)", "character varying(600)", "text", Yes),
    Spelling("national char varying (3)", "character varying(3)", "text", No),
    Spelling("char", "character(1)", "text", No),
    Spelling("character(3)", "character(3)", "text", No),
    Spelling("national character(3)", "character(3)", "text", No),
    Spelling("bpchar", "bpchar", "text", Yes),
    Spelling("bpchar(3)", "character(3)", "text", No),
    Spelling("\"char\"", "\"char\"", "text", No),
    Spelling("pg_catalog.\"char\"", "\"char\"", "text", No),
    Spelling("name", "name", "text", No),
    Spelling("citext", "citext", "text", Yes),
    Spelling("public.citext", "citext", "text", Yes),
    Spelling("uuid", "uuid", "uuid", No),
    Spelling("bytea", "bytea", "bytes", Yes),
    Spelling("date", "date", "date", No),
    Spelling("time", "time without time zone", "time", No),
    Spelling("time(3) without time zone", "time(3) without time zone", "time", No),
    Spelling("timetz", "time with time zone", "timetz", No),
    Spelling("time (0) with time zone", "time(0) with time zone", "timetz", No),
    Spelling("timestamp", "timestamp without time zone", "datetime", No),
    Spelling("timestamp(3)", "timestamp(3) without time zone", "datetime", No),
    Spelling("timestamptz", "timestamp with time zone", "timestamp", No),
    Spelling("timestamptz(6)", "timestamp(6) with time zone", "timestamp", No),
    Spelling("timestamp(3) with time zone", "timestamp(3) with time zone", "timestamp", No),
    Spelling("interval", "interval", "interval", No),
    Spelling("interval(3)", "interval(3)", "interval", No),
    Spelling("interval day to second", "interval day to second", "interval", No),
    Spelling("interval second(2)", "interval second(2)", "interval", No),
    Spelling("json", "json", "json", Yes),
    Spelling("jsonb", "jsonb", "json", Yes),
    Spelling("bit", "bit(1)", "bit(1)", No),
    Spelling("bit(8)", "bit(8)", "bit(8)", No),
    Spelling("bit varying", "bit varying", "bit varying", Yes),
    Spelling("varbit(5)", "bit varying(5)", "bit varying(5)", No),
    Spelling("money", "money", "money", No),
    Spelling("oid", "oid", "bigint", No),
    Spelling("inet", "inet", "inet", No),
    Spelling("xml", "xml", "xml", Yes),
    Spelling("tsvector", "tsvector", "tsvector", Yes),
    Spelling("hstore", "hstore", "hstore", Yes),
    Spelling("int4range", "int4range", "int4range", No),
    Spelling("point", "point", "point", No),
    Spelling("vector(20)", "vector(20)", "vector(20)", Yes),
    Spelling("extensions.vector(20)", "vector(20)", "vector(20)", Yes),
    Spelling("geometry(Point,4326)", "geometry(Point,4326)", "geometry(Point,4326)", Yes),
    Spelling(
        "public.GEOMETRY( MULTIPOLYGONZ , 4326 )",
        "geometry(MultiPolygonZ,4326)",
        "geometry(MultiPolygonZ,4326)",
        Yes,
    ),
    Spelling("text[]", "text[]", "text[]", Yes),
    Spelling("integer ARRAY", "integer[]", "int[]", Yes),
    Spelling("int[3]", "integer[]", "int[]", Yes),
    Spelling("int4[][]", "integer[]", "int[]", Yes),
    Spelling("numeric(10,2)[]", "numeric(10,2)[]", "decimal(10,2)[]", Yes),
    Spelling("timestamp(3) with time zone ARRAY[4]", "timestamp(3) with time zone[]", "timestamp[]", Yes),
    Spelling("app.thing", "app.thing", "app.thing", Yes),
    Spelling("\"My Type\"", "\"My Type\"", "\"My Type\"", Yes),
];

#[test]
fn short_texts_stay_in_the_row_unless_there_are_many() {
    let toastable = |columns: &str| {
        let (schema, _) = schema(&format!("CREATE TABLE t ({columns});"));
        let columns = schema.tables.into_iter().flat_map(|table| table.columns);
        columns.filter(|column| column.toastable).map(|column| column.name).collect::<Vec<_>>().join(",")
    };
    assert_eq!(toastable("a varchar(255), b int"), "");
    assert_eq!(toastable("a varchar(255), b varchar(255), c varchar(20)"), "a,b");
    // The long one goes first, and the short one alone is never worth moving.
    assert_eq!(toastable("a text, b varchar(100)"), "a");
    assert_eq!(toastable("a text STORAGE PLAIN, b varchar(100)"), "");
}
