//! What `plain` reads is what the parser reads: over all texts of these tests, over every keyword in every place of a name, over spoilt dumps.

use super::super::{Forms, plain, read_by};
use super::whole::{PAGILA, dump, script};
use crate::source::FileId;

#[track_caller]
fn alike(sql: &str) {
    let both = [Forms::PlainFirst, Forms::Parsed].map(|forms| format!("{:#?}", read_by(&[(FileId(0), sql)], forms)));
    let [plain, parsed] = both;
    if plain != parsed {
        let differ = plain.lines().zip(parsed.lines()).find(|(one, other)| one != other);
        panic!("{sql}\nplain and parsed differ: {differ:?}");
    }
}

/// Every form, and what is next to it.
const FORMS: &[&str] = &[
    "create table t (a bigint not null, b text default 'x'::text not null, c numeric(12,2) default -1.5)",
    "CREATE TABLE s.\"T x\" (\"Order\" character varying(80), b character(3), c char, d varchar, e timestamp(6) with time zone)",
    "create table t (a double precision[], b text[][] default '{}'::text[], c public.citext, d pg_catalog.int4, e \"char\")",
    "create table t (a serial, b bigserial not null, c timestamptz default now(), d uuid default gen_random_uuid())",
    "create table t (a bigint default nextval('t_seq'::regclass) not null, b boolean default true, c time without time zone)",
    "create table t (a date default current_date, b text not null default 'it''s', c text default null, d text default null::text)",
    "create table t (a numeric(1,2,3), b text(5), c interval, d interval year, e bit(3), f float, g float(3), h national)",
    "create table t (a int, a text not null)",
    "create table t (a int primary key, b text unique)",
    "create table t (a int, primary key (a), check (a > 0))",
    "create table t (a int) with oids",
    "create table t ()",
    "create table t (a int,)",
    "create table t (a)",
    "create table pg_temp.t (a int)",
    "create table db.s.t (a int)",
    "create table t (a text default e'x', b text default U&'x', c text default ':a.b')",
    "create table t (a text default 'a' 'b', b int default 0not null, c int default 1.)",
    "create table t (a text /* no */, b int) -- none",
    "create table täble (ä text)",
    "create table t (a text default 'ä' not null)",
    "create table t (a text default 'a\\b')",
    "create table if not exists t (a int)",
    "create table t (a int); create table t (b int)",
    "create table t (a int); create table if not exists t (b int); create table s.t (a int)",
    "create temp table t (a int); create table t (b int)",
    "create table t (a int, b int); alter table only t add constraint t_pkey primary key (a, b)",
    "create table t (a int, b int); alter table t add constraint t_u unique (b), add constraint t_v unique (a)",
    "create table t (a int, b int); alter table t add constraint \"U\" unique (b); alter table t add constraint p primary key (a)",
    "create table t (a int, b int); alter table t add constraint u unique (b) deferrable; alter table t owner to \"Joe\"",
    "alter table t owner to joe; alter table t owner to; alter table t owner joe; alter table only s.t owner to current_user",
    "create table t (a int); alter table t add constraint f foreign key (a) references u(b) on delete cascade on update set null; create table u (b int)",
    "create table u (b int); create table t (a int); alter table only t add constraint f foreign key (a) references u",
    "create table u (b int); create table t (a int); alter table t add constraint f foreign key (a) references u(b) on delete no action on delete cascade",
    "create table u (b int); create table t (a int); alter table t add constraint f foreign key (a) references u(b) on update restrict on delete set default not valid",
    "create table t (a int); alter table t add primary key (a); alter table t add constraint x check (a > 0)",
    "create table p (a int, b int) partition by range (a); create table c (a int, b int); alter table p attach partition c default; alter table p add constraint k primary key (a); alter table only p add constraint l unique (b)",
    "create table t (a int); comment on table t is 'it''s'; comment on column t.a is 'x'; comment on column t.a is null",
    "create table s.t (a int); comment on table s.t is ''; comment on column s.t.a is 'exclude (a b c d e f)'",
    "create table t (a int); comment on column a is 'x'; comment on column d.s.t.a is 'x'; comment on table t is 'a' 'b'; comment on table t is",
    "create table t (a int); comment on table t is '${a}.b'; comment on table t is ' :a.b'; comment on column t.a is '@x.y'; comment on table t is e'x'",
    "create schema x create table t (a int); set search_path to x; create table u (a int)",
    "create table t (a int",
    "create table t (a int\ncreate table u (b int);",
    "create table t (a text default 'x);\ncreate table u (b int);",
];

#[test]
fn forms() {
    for sql in FORMS {
        alike(sql);
        // In the midst of others.
        alike(&format!("create table before (x int);\n{sql};\n\ncreate table behind (y int);"));
    }
}

#[test]
fn keywords_as_names() {
    for word in include_str!("keywords.txt").split_whitespace() {
        let sql = format!(
            "create table {word} (a int);\ncreate table s.t ({word} int not null, b text);\ncreate table u (a {word});
             create table v (a text default 'x'::{word});\ncreate table {word}.w (a public.{word});
             alter table s.t owner to {word};\nalter table s.t add constraint {word} unique ({word});
             alter table s.t add constraint f foreign key (b) references {word}({word});
             comment on column s.t.{word} is 'x';\ncomment on table {word} is 'y';"
        );
        for statement in sql.lines() {
            alike(statement);
        }
        alike(&sql);
    }
}

#[test]
fn whole_files_and_spoilt_ones() {
    for sql in [PAGILA, &dump(20), &script(20)] {
        alike(sql);
        let step = sql.len() / 60 + 1;
        for at in (0..sql.len()).step_by(step).filter(|at| sql.is_char_boundary(*at)) {
            let (before, behind) = sql.split_at(at);
            let head: String = behind.chars().skip(1).collect();
            for spoilt in ["'", ")", " not ", ""] {
                // Enough around the place to see what comes of it.
                let from =
                    (0..=before.len().saturating_sub(600)).rev().find(|at| before.is_char_boundary(*at)).unwrap_or(0);
                let to = (600.min(head.len())..=head.len()).find(|at| head.is_char_boundary(*at)).unwrap_or(head.len());
                alike(&format!("{}{spoilt}{}", &before[from..], &head[..to]));
            }
        }
    }
}

#[test]
fn what_a_dump_holds_is_plain() {
    for sql in [
        FORMS[0],
        FORMS[1],
        FORMS[2],
        FORMS[3],
        FORMS[4],
        "alter table only s.t add constraint k primary key (a, b)",
        "alter table only s.t add constraint f foreign key (a) references s.u(b) on delete cascade",
        "ALTER TABLE s.t OWNER TO joe",
        "COMMENT ON COLUMN s.t.a IS 'it''s'",
    ] {
        assert!(plain::read(sql).is_some(), "{sql}");
    }
}
