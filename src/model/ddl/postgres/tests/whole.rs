//! Whole files: Pagila, and dumps of 150 tables in the styles of `pg_dump` and of people.

use std::fmt::Write as _;

use super::{schema, show, show_table};
use crate::model::schema::{Generated, Shape};

pub(super) const PAGILA: &str = include_str!("../../../../../examples/pagila/pagila.sql");

#[test]
fn pagila_is_known_whole() {
    let (schema, findings) = schema(PAGILA);
    assert_eq!(findings, []);
    let made = PAGILA.lines().filter(|line| line.starts_with("CREATE TABLE ")).count();
    assert_eq!(schema.tables.len(), made);
    assert_eq!(
        schema.tables.iter().filter(|table| table.primary_key.is_none()).map(|t| &*t.name).collect::<Vec<_>>(),
        [""; 0]
    );
    let parts = schema
        .tables
        .iter()
        .filter(|table| table.shape == Shape::PartitionOf { schema: "public".into(), name: "payment".into() });
    assert_eq!(parts.count(), PAGILA.matches(" ATTACH PARTITION ").count());
    assert!(matches!(schema.table("public", "payment").map(|t| &t.shape), Some(Shape::Partitioned)));
    let film = schema.table("public", "film").expect("film");
    assert_eq!(film.column("length_hours").map(|c| c.generated), Some(Generated::Virtual));
    assert_eq!(film.column("rating").map(|c| c.ty.word()), Some(r#"enum("G", "PG", "PG-13", "R", "NC-17")"#.into()));
    assert_eq!(film.column("release_year").map(|c| (c.native.as_str(), c.nullable)), Some(("integer", true)));
    let embedding =
        schema.table("public", "film_embedding").and_then(|table| table.column("embedding")).expect("embedding");
    assert_eq!((embedding.native.as_str(), embedding.nullable), ("vector(20)", false));
}

/// 150 tables as `pg_dump` writes them: everything qualified, keys and defaults in statements of their own.
pub(super) fn dump(tables: usize) -> String {
    let mut sql = String::from(
        "\\restrict x\nSELECT pg_catalog.set_config('search_path', '', false);\n\nCREATE TYPE public.state AS ENUM (\n    'new',\n    'done'\n);\n\n\nALTER TYPE public.state OWNER TO joe;\n",
    );
    for n in 0..tables {
        let _ = write!(
            sql,
            "\n--\n-- Name: t{n}; Type: TABLE; Schema: public; Owner: joe\n--\n\nCREATE TABLE public.t{n} (\n    id bigint NOT NULL,\n    t{n}_parent bigint,\n    name character varying(80) DEFAULT 'x; y'::character varying NOT NULL,\n    state public.state DEFAULT 'new'::public.state,\n    tags text[] DEFAULT '{{}}'::text[],\n    at timestamp(6) with time zone NOT NULL,\n    amount numeric(12,2),\n    CONSTRAINT t{n}_check CHECK (((amount > (0)::numeric) OR (amount IS NULL)))\n);\n\n\nALTER TABLE public.t{n} OWNER TO joe;\n\nCREATE SEQUENCE public.t{n}_id_seq\n    START WITH 1\n    INCREMENT BY 1\n    CACHE 1;\n\nALTER TABLE public.t{n}_id_seq OWNER TO joe;\n\nALTER TABLE ONLY public.t{n} ALTER COLUMN id SET DEFAULT nextval('public.t{n}_id_seq'::regclass);\n\nCOPY public.t{n} (id, name) FROM stdin;\n1\tCREATE TABLE x (y int);\n\\.\n"
        );
    }
    for n in 0..tables {
        let before = n.saturating_sub(1);
        let _ = write!(
            sql,
            "\n--\n-- Name: t{n} t{n}_pkey; Type: CONSTRAINT; Schema: public; Owner: joe\n--\n\nALTER TABLE ONLY public.t{n}\n    ADD CONSTRAINT t{n}_pkey PRIMARY KEY (id);\n\nCREATE UNIQUE INDEX t{n}_name ON public.t{n} USING btree (name) WHERE (state = 'new'::public.state);\n\nCREATE TRIGGER touch BEFORE UPDATE ON public.t{n} FOR EACH ROW EXECUTE FUNCTION public.touch();\n\nALTER TABLE ONLY public.t{n}\n    ADD CONSTRAINT t{n}_fk FOREIGN KEY (t{n}_parent) REFERENCES public.t{before}(id) ON DELETE CASCADE;\n"
        );
    }
    sql
}

/// The same tables as people write them.
pub(super) fn script(tables: usize) -> String {
    let mut sql = String::from("begin;\ncreate type state as enum ('new','done');\n");
    for n in 0..tables {
        let before = n.saturating_sub(1);
        let _ = write!(
            sql,
            "create table if not exists T{n} -- table {n}\n(\n  id bigserial primary key,\n  t{n}_parent bigint references T{before} on delete cascade, /* the\n  one before; */\n  name varchar(80) not null default 'x; y',\n  state state default 'new', tags text[] default '{{}}',\n  at timestamptz(6) not null,\n  amount decimal(12,2) check (amount > 0 or amount is null)\n);\ncreate unique index t{n}_name on t{n} (name) where state = 'new';\ninsert into t{n} (name) values ('a'), ('b''c');\n"
        );
    }
    sql.push_str("commit;\n");
    sql
}

#[test]
fn both_styles_say_the_same() {
    for sql in [dump(150), script(150)] {
        let (schema, findings) = schema(&sql);
        assert_eq!(findings, []);
        assert_eq!(schema.tables.len(), 150);
        let last = schema.table("public", "t149").map(show_table).unwrap_or_default();
        assert_eq!(
            last,
            "public.t149 key(id) unique t149_name(name) partial ref(t149_parent) public.t148 Cascade NoAction { \
             id bigint default; t149_parent bigint?; name character varying(80) default; state public.state? default; \
             tags text[]? default; at timestamp(6) with time zone; amount numeric(12,2)? }"
        );
    }
    let (dumped, written) = (schema(&dump(150)).0, schema(&script(150)).0);
    assert_eq!(show(&dumped), show(&written));
}
