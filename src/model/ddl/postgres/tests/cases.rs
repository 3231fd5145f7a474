//! Statements, and the tables they make.

use super::{schema, show};

/// A name, the statements, the tables.
struct Case(&'static str, &'static str, &'static str);

#[test]
fn statements_make_tables() {
    for Case(name, sql, expected) in CASES {
        let (schema, findings) = schema(sql);
        assert_eq!(findings, [], "{name}");
        assert_eq!(show(&schema), expected.trim(), "{name}");
    }
}

static CASES: &[Case] = &[
    Case(
        "quoted names are kept, others folded in ASCII only",
        r#"
CREATE TABLE "Film" (ID int PRIMARY KEY, "Title" text, "a""b" int, ÄRGER int, "bıgınt" bigint);
CREATE TABLE U&"d\0061t\+000061" (x int);
"#,
        r#"
public.Film key(id) { id integer; Title text?; a"b integer?; Ärger integer?; bıgınt bigint? }
public.data { x integer? }
"#,
    ),
    Case(
        "a missing schema is public, or what the search path says",
        r#"
CREATE TABLE a (x int);
SET search_path = app, public;
CREATE TABLE b (x int);
ALTER TABLE a ADD COLUMN y text;
SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.c (x int);
SET search_path TO "$user", 'Other One';
CREATE TABLE d (x int);
RESET search_path;
CREATE TABLE e (x int);
BEGIN; SET LOCAL search_path = tmp; CREATE TABLE f (x int); COMMIT;
CREATE TABLE g (x int);
SET SCHEMA 'last';
CREATE TABLE h (x int);
"#,
        r#"
public.a { x integer?; y text? }
app.b { x integer? }
public.c { x integer? }
Other One.d { x integer? }
public.e { x integer? }
tmp.f { x integer? }
public.g { x integer? }
last.h { x integer? }
"#,
    ),
    Case(
        "keys: behind a column, in the table, in an ALTER of either sort",
        r#"
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE b (x int, y int, CONSTRAINT k PRIMARY KEY (y, x) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE c (x int, y int);
ALTER TABLE ONLY c ADD CONSTRAINT c_pkey PRIMARY KEY (x);
CREATE TABLE d (x int);
CREATE UNIQUE INDEX d_i ON d USING btree (x);
ALTER TABLE d ADD CONSTRAINT d_pkey PRIMARY KEY USING INDEX d_i;
CREATE TABLE e (id serial UNIQUE PRIMARY KEY);
ALTER TABLE IF EXISTS c DROP CONSTRAINT IF EXISTS c_pkey;
"#,
        r#"
public.a key(id) { id integer }
public.b key(y,x) deferrable { x integer; y integer }
public.c { x integer; y integer? }
public.d key(x) { x integer }
public.e key(id) { id integer default }
"#,
    ),
    Case(
        "unique constraints and indexes, and the names PostgreSQL makes up",
        r#"
CREATE TABLE a (x int UNIQUE, y int, z text, UNIQUE NULLS NOT DISTINCT (x, y), CONSTRAINT own UNIQUE (z) INCLUDE (y) DEFERRABLE);
CREATE UNIQUE INDEX ON a (y) WHERE y > 0;
CREATE UNIQUE INDEX ON a (lower(z));
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS own2 ON ONLY a ((z) COLLATE "C" DESC NULLS LAST, y int4_ops) NULLS NOT DISTINCT;
CREATE INDEX plain ON a (y);
CREATE TABLE a_name_that_is_long_enough_to_be_cut (a_column_with_a_long_name int, another_column_with_a_long_name int, UNIQUE (a_column_with_a_long_name, another_column_with_a_long_name));
"#,
        r#"
public.a unique a_x_key(x) unique a_x_y_key(x,y) unique own(z) deferrable unique a_y_idx(y) partial unique a_lower_idx() unique own2(z,y) { x integer?; y integer?; z text? }
public.a_name_that_is_long_enough_to_be_cut unique a_name_that_is_long_enough_to_a_column_with_a_long_name_ano_key(a_column_with_a_long_name,another_column_with_a_long_name) { a_column_with_a_long_name integer?; another_column_with_a_long_name integer? }
"#,
    ),
    Case(
        "replica identities",
        r#"
CREATE TABLE a (x int NOT NULL, CONSTRAINT ux UNIQUE (x));
ALTER TABLE ONLY a REPLICA IDENTITY USING INDEX ux;
CREATE TABLE b (x int PRIMARY KEY); ALTER TABLE b REPLICA IDENTITY FULL;
CREATE TABLE c (x int PRIMARY KEY); ALTER TABLE c REPLICA IDENTITY NOTHING;
CREATE TABLE d (x int PRIMARY KEY); ALTER TABLE d REPLICA IDENTITY FULL; ALTER TABLE d REPLICA IDENTITY DEFAULT;
CREATE TABLE e (x int PRIMARY KEY); ALTER TABLE e REPLICA IDENTITY USING INDEX e_pkey;
ALTER INDEX ux RENAME TO uy;
"#,
        r#"
public.a unique uy(x) identity uy { x integer }
public.b key(x) identity full { x integer }
public.c key(x) identity nothing { x integer }
public.d key(x) { x integer }
public.e key(x) { x integer }
"#,
    ),
    Case(
        "foreign keys, before and behind the table they point to",
        r#"
CREATE TABLE a (b_id int REFERENCES b ON DELETE CASCADE ON UPDATE RESTRICT, s int);
CREATE TABLE b (id int PRIMARY KEY, a_id int);
ALTER TABLE b ADD CONSTRAINT fk FOREIGN KEY (a_id) REFERENCES app.x (id) MATCH FULL ON DELETE SET NULL (a_id) ON UPDATE SET DEFAULT NOT VALID;
ALTER TABLE a ADD FOREIGN KEY (s) REFERENCES b;
ALTER TABLE b RENAME TO renamed;
"#,
        r#"
public.a ref(b_id) public.renamed Cascade Restrict ref(s) public.renamed NoAction NoAction { b_id integer?; s integer? }
public.renamed key(id) ref(a_id) app.x SetNull SetDefault { id integer; a_id integer? }
"#,
    ),
    Case(
        "columns added, dropped, renamed, altered",
        r#"
CREATE TABLE a (x int NOT NULL, y text DEFAULT 'q', z int, UNIQUE (z));
ALTER TABLE a ADD COLUMN IF NOT EXISTS x bigint, ADD w int NOT NULL DEFAULT 3, DROP COLUMN IF EXISTS z CASCADE, ALTER x DROP NOT NULL, ALTER COLUMN y TYPE varchar(20) USING y::varchar, ALTER y DROP DEFAULT, ALTER w SET DATA TYPE bigint;
ALTER TABLE a RENAME COLUMN w TO v;
ALTER TABLE a RENAME y TO yy;
ALTER TABLE a ALTER v ADD GENERATED BY DEFAULT AS IDENTITY, ALTER yy SET NOT NULL;
ALTER TABLE a SET SCHEMA other;
ALTER TABLE other.a RENAME TO b;
ALTER SCHEMA other RENAME TO more;
"#,
        r#"
more.b { x integer?; yy character varying(20); v bigint default }
"#,
    ),
    Case(
        "partitions have their parent's columns and keys",
        r#"
CREATE TABLE p (id int GENERATED ALWAYS AS IDENTITY, at date NOT NULL, t text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE p2 PARTITION OF p (t NOT NULL DEFAULT 'x') DEFAULT;
CREATE TABLE p3 PARTITION OF p FOR VALUES WITH (MODULUS 4, REMAINDER 0) PARTITION BY HASH (id);
CREATE TABLE q (id int NOT NULL, at date NOT NULL, t text);
ALTER TABLE ONLY p ATTACH PARTITION q FOR VALUES IN (1);
ALTER TABLE p ADD COLUMN n int;
CREATE TABLE r (LIKE p);
ALTER TABLE p DETACH PARTITION p1;
"#,
        r#"
public.p partitioned key(id,at) { id integer default; at date; t text?; n integer? }
public.p1 key(id,at) { id integer; at date; t text?; n integer? }
public.p2 part of public.p key(id,at) { id integer; at date; t text default; n integer? }
public.p3 part of public.p key(id,at) { id integer; at date; t text?; n integer? }
public.q part of public.p key(id,at) { id integer; at date; t text?; n integer? }
public.r { id integer; at date; t text?; n integer? }
"#,
    ),
    Case(
        "a dump's partitions: attached first, keyed afterwards",
        r#"
CREATE TABLE public.p (id integer NOT NULL) PARTITION BY LIST (id);
CREATE TABLE public.p1 (id integer NOT NULL);
ALTER TABLE ONLY public.p ATTACH PARTITION public.p1 FOR VALUES IN (1);
ALTER TABLE ONLY public.p ADD CONSTRAINT p_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.p1 ADD CONSTRAINT p1_pkey PRIMARY KEY (id);
ALTER INDEX public.p_pkey ATTACH PARTITION public.p1_pkey;
"#,
        r#"
public.p partitioned key(id) { id integer }
public.p1 part of public.p key(id) { id integer }
"#,
    ),
    Case(
        "inheritance and LIKE",
        r#"
CREATE TABLE a (id serial PRIMARY KEY, t text DEFAULT 'x', g int GENERATED ALWAYS AS (1) STORED, i int GENERATED ALWAYS AS IDENTITY);
COMMENT ON COLUMN a.t IS 'text';
CREATE TABLE h (t text NOT NULL, more int) INHERITS (a);
CREATE TABLE l1 (LIKE a);
CREATE TABLE l2 (LIKE a INCLUDING ALL EXCLUDING COMMENTS, own int);
CREATE TABLE l3 (first int, LIKE a INCLUDING DEFAULTS INCLUDING INDEXES);
ALTER TABLE a ADD late int;
"#,
        r#"
public.a key(id) { id integer default; t text? default -- text; g integer? stored; i integer default; late integer? }
public.h { id integer default; t text default; g integer? stored; i integer; more integer?; late integer? }
public.l1 { id integer; t text?; g integer?; i integer }
public.l2 key(id) { id integer default; t text? default; g integer? stored; i integer default; own integer? }
public.l3 key(id) { first integer?; id integer default; t text? default; g integer?; i integer }
"#,
    ),
    Case(
        "generated columns, identities, defaults",
        r#"
CREATE TABLE a (id bigint GENERATED BY DEFAULT AS IDENTITY (START 5), s int GENERATED ALWAYS AS (id * 2) STORED, v int GENERATED ALWAYS AS (id * 2) VIRTUAL, b int GENERATED ALWAYS AS (id * 2), n text DEFAULT NULL, m varchar(3) DEFAULT NULL::character varying, d text COLLATE "de" DEFAULT 'x'::text NOT NULL);
ALTER TABLE a ALTER s DROP EXPRESSION;
"#,
        r#"
public.a { id bigint default; s integer?; v integer? virtual; b integer? virtual; n text?; m character varying(3)?; d text default }
"#,
    ),
    Case(
        "enums follow their type to the end",
        r#"
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE a (m mood, ms mood[] NOT NULL DEFAULT '{}');
ALTER TYPE mood ADD VALUE IF NOT EXISTS 'happy' AFTER 'sad';
ALTER TYPE mood RENAME VALUE 'ok' TO 'fine';
ALTER TYPE mood RENAME TO feeling;
ALTER TYPE feeling SET SCHEMA app;
"#,
        r#"
public.a { m app.feeling?; ms app.feeling[] default }
"#,
    ),
    Case(
        "domains are followed to their base type",
        r#"
CREATE DOMAIN email AS citext CHECK (VALUE ~ '@');
CREATE DOMAIN public.work_email AS email NOT NULL DEFAULT 'a@b';
CREATE DOMAIN tags AS text[];
CREATE DOMAIN amount numeric(12, 2);
CREATE TABLE a (e email, w work_email, t tags, m amount, late late_domain);
ALTER DOMAIN email SET NOT NULL;
CREATE DOMAIN late_domain AS integer;
"#,
        r#"
public.a { e citext; w citext default; t text[]?; m numeric(12,2)?; late integer? }
"#,
    ),
    Case(
        "composite, range and base types are no more than their names",
        r#"
CREATE TYPE addr AS (street text, no int);
CREATE TYPE floatrange AS RANGE (subtype = float8);
CREATE TYPE shell;
CREATE TABLE a (h addr, r floatrange, s shell, o "Odd Type", x ext.thing(3), y addr[]);
CREATE TABLE t OF addr (PRIMARY KEY (no), street WITH OPTIONS DEFAULT 'x');
CREATE TABLE rows (r a, rs a[]);
"#,
        r#"
public.a { h public.addr?; r public.floatrange?; s public.shell?; o "Odd Type"?; x ext.thing(3)?; y public.addr[]? }
public.t key(no) { street text? default; no integer }
public.rows { r public.a?; rs public.a[]? }
"#,
    ),
    Case(
        "what is dropped is gone",
        r#"
CREATE TABLE a (x int); CREATE TABLE b (x int); CREATE TABLE c (x int REFERENCES a);
DROP TABLE IF EXISTS a, public.b CASCADE;
CREATE SCHEMA s; CREATE TYPE s.t AS ENUM ('x'); CREATE TABLE s.a (x int); CREATE TABLE u (y s.t, z int);
DROP SCHEMA s CASCADE;
CREATE UNIQUE INDEX i ON u (z); DROP INDEX i;
CREATE TABLE a (again int);
"#,
        r#"
public.c { x integer? }
public.u { z integer? }
public.a { again integer? }
"#,
    ),
    Case(
        "unlogged, temporary, foreign",
        r#"
CREATE UNLOGGED TABLE a (x int);
CREATE TEMP TABLE t (x int) ON COMMIT DROP;
CREATE GLOBAL TEMPORARY TABLE u (x int);
CREATE FOREIGN TABLE f (x int OPTIONS (column_name 'X') NOT NULL, y text) SERVER s OPTIONS (table_name 'f');
CREATE TABLE l (x int); ALTER TABLE l SET UNLOGGED;
ALTER TABLE a SET LOGGED;
"#,
        r#"
public.a { x integer? }
public.t temporary { x integer? }
public.u temporary { x integer? }
public.f foreign { x integer; y text? }
public.l unlogged { x integer? }
"#,
    ),
    Case(
        "tables made by queries",
        r#"
CREATE TABLE a (id int PRIMARY KEY, t text NOT NULL DEFAULT 'x');
CREATE TABLE b AS SELECT * FROM a;
CREATE TABLE c AS TABLE a WITH NO DATA;
CREATE TABLE d AS SELECT id AS key, t::varchar(3) FROM a WHERE id > 3;
CREATE TABLE e AS SELECT count(*), max(t) FROM a;
SELECT id INTO UNLOGGED f FROM a;
CREATE MATERIALIZED VIEW mv AS SELECT * FROM a;
CREATE VIEW v AS SELECT * FROM a;
"#,
        r#"
public.a key(id) { id integer; t text default }
public.b { id integer?; t text? }
public.c { id integer?; t text? }
public.d { key integer?; t character varying(3)? }
public.e {  }
public.f unlogged { id integer? }
"#,
    ),
    Case(
        "schemas with elements",
        r#"
CREATE SCHEMA app CREATE TABLE a (id int PRIMARY KEY) CREATE VIEW v AS SELECT 1 CREATE UNIQUE INDEX i ON a (id);
CREATE SCHEMA IF NOT EXISTS "Big";
CREATE SCHEMA AUTHORIZATION joe CREATE TABLE b (x int);
CREATE TABLE outside (x int);
"#,
        r#"
app.a key(id) unique i(id) { id integer }
joe.b { x integer? }
public.outside { x integer? }
"#,
    ),
    Case(
        "comments",
        r#"
CREATE TABLE a (x int, y int);
COMMENT ON TABLE a IS 'it''s a table';
COMMENT ON COLUMN public.a.x IS E'line\none';
COMMENT ON COLUMN a.y IS 'gone';
COMMENT ON COLUMN a.y IS NULL;
COMMENT ON VIEW v IS 'x';
COMMENT ON COLUMN nowhere.y IS 'x';
"#,
        r#"
public.a -- it's a table { x integer? -- line
one; y integer? }
"#,
    ),
    Case(
        "one name, IF NOT EXISTS",
        r#"
CREATE TABLE IF NOT EXISTS a (x int);
CREATE TABLE IF NOT EXISTS a (y int);
CREATE TYPE t AS ENUM ('a');
CREATE TABLE app.a (x int);
"#,
        r#"
public.a { x integer? }
app.a { x integer? }
"#,
    ),
    Case(
        "the noise of tables",
        r#"
CREATE TABLE a (x int DEFAULT 1 CONSTRAINT nn NOT NULL CHECK (x > 0), y text STORAGE EXTERNAL COMPRESSION lz4, z int NULL, EXCLUDE USING gist (x WITH =) WHERE (x > 1), CHECK (x IN (1, 2)) NO INHERIT) USING heap WITH (fillfactor = 70) TABLESPACE fast;
CREATE TABLE b (x int) WITH OIDS;
CREATE TABLE c ();
ALTER TABLE a OWNER TO joe; ALTER TABLE a ENABLE ROW LEVEL SECURITY; ALTER TABLE a CLUSTER ON i; ALTER TABLE ONLY a ALTER COLUMN x SET STATISTICS 100; ALTER TABLE a VALIDATE CONSTRAINT nn; ALTER TABLE v OWNER TO joe;
"#,
        r#"
public.a { x integer default; y text?; z integer? }
public.b { x integer? }
public.c {  }
"#,
    ),
    Case(
        "what blocks do can be seen where it is certain",
        r#"
DO $$ BEGIN
 CREATE TYPE "public"."state" AS ENUM('on', 'off');
EXCEPTION
 WHEN duplicate_object THEN null; CREATE TABLE never (x int);
END $$;
CREATE TABLE a (s "public"."state");
DO $body$ BEGIN IF NOT EXISTS (SELECT 1) THEN ALTER TABLE a ADD COLUMN y int; END IF; END $body$;
CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN CREATE TABLE inside (x int); END $$;
"#,
        r#"
public.a { s public.state?; y integer? }
"#,
    ),
    Case(
        "geometry columns added by function",
        r#"
CREATE TABLE places (id int);
SELECT AddGeometryColumn('public', 'places', 'at', 4326, 'POINT', 2);
"#,
        r#"
public.places { id integer?; at geometry(Point,4326)? }
"#,
    ),
    Case(
        "what the parser does not know of exclusion constraints",
        r#"
CREATE TABLE a (x int, r int, EXCLUDE USING gist (x gist_int4_ops WITH =, tsrange(s, "e", '[)') DESC NULLS LAST WITH &&) WHERE (x > 0), y text NOT NULL);
ALTER TABLE a ADD CONSTRAINT ex EXCLUDE USING gist (x gist_int4_ops (siglen = 5) WITH =) DEFERRABLE;
"#,
        r#"
public.a { x integer?; r integer?; y text }
"#,
    ),
    Case(
        "included columns are in the name, not in the key",
        r#"
CREATE TABLE a (x int, y int, z int, UNIQUE (x) INCLUDE (y, z));
CREATE UNIQUE INDEX ON a (y) INCLUDE (z);
"#,
        r#"
public.a unique a_x_y_z_key(x) unique a_y_z_idx(y) { x integer?; y integer?; z integer? }
"#,
    ),
    Case(
        "tables made of literals",
        r#"
CREATE TABLE a AS SELECT 1 AS id, ''::text AS t, true AS b;
"#,
        r#"
public.a { id integer?; t text?; b boolean? }
"#,
    ),
    Case(
        "keys reach the partitions of an attached partition",
        r#"
CREATE TABLE p (a int PRIMARY KEY) PARTITION BY RANGE (a);
CREATE TABLE q (a int NOT NULL) PARTITION BY RANGE (a);
CREATE TABLE q1 PARTITION OF q DEFAULT;
ALTER TABLE p ATTACH PARTITION q DEFAULT;
"#,
        r#"
public.p partitioned key(a) { a integer }
public.q part of public.p key(a) { a integer }
public.q1 part of public.q key(a) { a integer }
"#,
    ),
    Case(
        "the word is no constraint inside a name",
        r#"
CREATE TABLE a_exclude (x int, exclude_it int); CREATE TABLE exclude (x int);
"#,
        r#"
public.a_exclude { x integer?; exclude_it integer? }
public.exclude { x integer? }
"#,
    ),
    Case(
        "placeholders of migration tools in the place of a schema",
        r#"
CREATE TABLE ${flyway:defaultSchema}.a (x int DEFAULT nextval('${s}.q'), j jsonb DEFAULT '{"a": ":b.c"}'::jsonb);
create table {{ index .Options "Namespace" }}.b (x int references {{ index .Options "Namespace" }}.a);
CREATE TABLE :"schema".c (x text DEFAULT 'a'::text); ALTER TABLE @cdm.c ADD y int;
"#,
        r#"
public.a { x integer? default; j jsonb? default }
public.b ref(x) public.a NoAction NoAction { x integer? }
public.c { x text? default; y integer? }
"#,
    ),
];
