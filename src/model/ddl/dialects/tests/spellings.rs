//! What each spelling of a type is: the portable type, and the database's own name.

use super::schema;
use crate::systems::Kind;

fn holds(kind: Kind, spellings: &[(&str, &str, &str)]) {
    for (written, ty, native) in spellings {
        let (schema, findings) = schema(kind, &format!("CREATE TABLE t (x {written} NOT NULL);"));
        assert_eq!(findings, [], "{written}");
        let column = schema.tables.first().and_then(|table| table.columns.first()).cloned().expect(written);
        assert_eq!((column.ty.word().as_str(), column.native.as_str()), (*ty, *native), "{kind:?} {written}");
        assert!(!column.nullable, "{written}");
    }
}

#[test]
fn of_mysql() {
    holds(
        Kind::Mysql,
        &[
            ("tinyint(1)", "bool", "tinyint(1)"),
            ("BOOLEAN", "bool", "tinyint(1)"),
            ("tinyint(4)", "smallint", "tinyint"),
            ("tinyint(1) unsigned", "smallint", "tinyint unsigned"),
            ("smallint unsigned", "int", "smallint unsigned"),
            ("mediumint", "int", "mediumint"),
            ("INTEGER(11)", "int", "int"),
            ("int(10) unsigned zerofill", "bigint", "int unsigned zerofill"),
            ("bigint(20)", "bigint", "bigint"),
            ("bigint unsigned", "decimal(20,0)", "bigint unsigned"),
            ("decimal", "decimal(10,0)", "decimal(10,0)"),
            ("NUMERIC(5)", "decimal(5,0)", "decimal(5,0)"),
            ("dec(7,3) unsigned", "decimal(7,3)", "decimal(7,3) unsigned"),
            ("float", "float", "float"),
            ("float(30)", "double", "double"),
            ("float(7,4)", "float", "float(7,4)"),
            ("double precision", "double", "double"),
            ("real", "double", "double"),
            ("bit", "bool", "bit(1)"),
            ("bit(8)", "bit(8)", "bit(8)"),
            ("char", "text", "char(1)"),
            ("varchar(255) character set utf8mb4 collate utf8mb4_bin", "text", "varchar(255)"),
            ("national varchar(3)", "text", "varchar(3)"),
            ("varchar(20) charset binary", "bytes", "varbinary(20)"),
            ("text(60)", "text", "tinytext"),
            ("text(100)", "text", "text"),
            ("blob(70000)", "bytes", "mediumblob"),
            ("long varchar", "text", "mediumtext"),
            ("binary(16)", "bytes", "binary(16)"),
            (
                "enum('a','b c','it''s','x\\'y')",
                "enum(\"a\", \"b c\", \"it's\", \"x'y\")",
                "enum('a','b c','it''s','x''y')",
            ),
            ("set('a','b')", "set('a','b')", "set('a','b')"),
            ("year(4)", "int", "year"),
            ("date", "date", "date"),
            ("time(3)", "time", "time(3)"),
            ("datetime(0)", "datetime", "datetime"),
            ("timestamp(6)", "timestamp", "timestamp(6)"),
            ("json", "json", "json"),
            ("geometrycollection", "geomcollection", "geomcollection"),
            ("point", "point", "point"),
            ("vector(3)", "vector(3)", "vector(3)"),
        ],
    );
    holds(
        Kind::Mariadb,
        &[
            ("json", "json", "longtext"),
            ("longtext check (json_valid(`x`))", "json", "longtext"),
            ("uuid", "uuid", "uuid"),
            ("inet6", "inet6", "inet6"),
        ],
    );
}

#[test]
fn of_sqlserver() {
    holds(
        Kind::Sqlserver,
        &[
            ("[bit]", "bool", "bit"),
            ("tinyint", "smallint", "tinyint"),
            ("[decimal](18, 2)", "decimal(18,2)", "decimal(18,2)"),
            ("numeric", "decimal(18,0)", "numeric(18,0)"),
            ("money", "decimal(19,4)", "money"),
            ("smallmoney", "decimal(10,4)", "smallmoney"),
            ("float(24)", "float", "real"),
            ("float(53)", "double", "float"),
            ("real", "float", "real"),
            ("[varchar](max)", "text", "varchar(max)"),
            ("nvarchar", "text", "nvarchar(1)"),
            ("national character varying(5)", "text", "nvarchar(5)"),
            ("ntext", "text", "ntext"),
            ("sysname", "text", "nvarchar(128)"),
            ("varbinary(max)", "bytes", "varbinary(max)"),
            ("image", "bytes", "image"),
            ("rowversion", "bytes", "timestamp"),
            ("uniqueidentifier", "uuid", "uniqueidentifier"),
            ("time", "time", "time(7)"),
            ("datetime", "datetime", "datetime"),
            ("datetime2(3)", "datetime", "datetime2(3)"),
            ("datetimeoffset", "timestamp", "datetimeoffset(7)"),
            ("xml(CONTENT s.c)", "xml", "xml"),
            ("[sys].[geography]", "geography", "geography"),
            ("hierarchyid", "hierarchyid", "hierarchyid"),
            ("[own].[Flag]", "own.flag", "own.flag"),
        ],
    );
}

#[test]
fn of_oracle() {
    holds(
        Kind::Oracle,
        &[
            ("NUMBER", "decimal", "number"),
            ("NUMBER(4)", "smallint", "number(4,0)"),
            ("NUMBER(9,0)", "int", "number(9,0)"),
            ("NUMBER(18)", "bigint", "number(18,0)"),
            ("NUMBER(19)", "decimal(19,0)", "number(19,0)"),
            ("NUMBER(*,0)", "decimal(38,0)", "number(38,0)"),
            ("NUMBER(8,2)", "decimal(8,2)", "number(8,2)"),
            ("NUMBER(5,-2)", "decimal(5,-2)", "number(5,-2)"),
            ("INTEGER", "decimal(38,0)", "number(38,0)"),
            ("FLOAT", "decimal", "float(126)"),
            ("BINARY_DOUBLE", "double", "binary_double"),
            ("VARCHAR2(20 CHAR)", "text", "varchar2(20 char)"),
            ("VARCHAR2(4000 BYTE)", "text", "varchar2(4000 byte)"),
            ("CHAR", "text", "char(1)"),
            ("NVARCHAR2(10)", "text", "nvarchar2(10)"),
            ("CLOB", "text", "clob"),
            ("LONG", "text", "long"),
            ("LONG RAW", "bytes", "long raw"),
            ("RAW(16)", "bytes", "raw(16)"),
            ("DATE", "datetime", "date"),
            ("TIMESTAMP", "datetime", "timestamp(6)"),
            ("TIMESTAMP(3) WITH TIME ZONE", "timestamp", "timestamp(3) with time zone"),
            ("TIMESTAMP WITH LOCAL TIME ZONE", "timestamp", "timestamp(6) with local time zone"),
            ("INTERVAL YEAR (3) TO MONTH", "interval", "interval year to month"),
            ("INTERVAL DAY(2) TO SECOND(6)", "interval", "interval day to second"),
            ("SYS.XMLTYPE", "xmltype", "xmltype"),
            ("MDSYS.SDO_GEOMETRY", "mdsys.sdo_geometry", "mdsys.sdo_geometry"),
            ("ROWID", "rowid", "rowid"),
            ("JSON", "json", "json"),
        ],
    );
}

#[test]
fn of_snowflake() {
    holds(
        Kind::Snowflake,
        &[
            ("INTEGER", "decimal(38,0)", "number(38,0)"),
            ("NUMBER(10,2)", "decimal(10,2)", "number(10,2)"),
            ("FLOAT8", "double", "float"),
            ("STRING", "text", "varchar(16777216)"),
            ("CHAR", "text", "varchar(1)"),
            ("BINARY", "bytes", "binary(8388608)"),
            ("TIMESTAMP", "datetime", "timestamp_ntz(9)"),
            ("TIMESTAMP_LTZ(3)", "timestamp", "timestamp_ltz(3)"),
            ("VARIANT", "json", "variant"),
            ("ARRAY(NUMBER(10,2) NOT NULL)", "json", "array(number (10,2) not null)"),
            ("VECTOR(FLOAT, 256)", "vector(float,256)", "vector(float,256)"),
            ("GEOGRAPHY", "geography", "geography"),
        ],
    );
}

#[test]
fn lobs_of_oracle_are_wide_and_nothing_else() {
    let wide = |kind, sql| {
        let (schema, _) = schema(kind, sql);
        let columns = schema.tables.into_iter().flat_map(|table| table.columns);
        columns.filter(|column| column.toastable).map(|column| column.name).collect::<Vec<_>>()
    };
    let oracle = "CREATE TABLE t (a CLOB, b BLOB, c XMLTYPE, d VARCHAR2(4000), e NUMBER, f RAW(2000));";
    assert_eq!(wide(Kind::Oracle, oracle), ["A", "B", "C"]);
    assert_eq!(wide(Kind::Mysql, "CREATE TABLE t (a longtext, b longblob, c json);"), [""; 0]);
    assert_eq!(wide(Kind::Sqlserver, "CREATE TABLE t (a varchar(max), b text, c image, d xml);"), [""; 0]);
}
