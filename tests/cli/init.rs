//! `diac init`: what it writes compiles, is silent but for advice, and overwrites nothing.

use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::process::{diac, expect, refused, text};
use crate::scratch::Scratch;

/// Writes a project from a schema and holds it to what every first page promises; the page.
fn page(schema: &str) -> String {
    let scratch = Scratch::with(&[("dump.sql", schema)]);
    let (out, err) = expect(0, &scratch.0, &["init", "shop", "--schema", "dump.sql"]);
    assert_eq!((out.lines().count(), err.as_str()), (3, ""), "{out}");
    silent(&scratch, "shop/shop.dia");
    silent(&scratch, "shop");
    expect(0, &scratch.0, &["fmt", "--check", "shop"]);
    expect(0, &scratch.0, &["compile", "shop"]);
    scratch.text("shop/shop.dia")
}

/// Neither an error nor a warning.
fn silent(scratch: &Scratch, what: &str) {
    let (json, _) = expect(0, &scratch.0, &["check", what, "--deny", "warnings", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&report["summary"]["errors"], &report["summary"]["warnings"]), (&0.into(), &0.into()), "{json}");
}

/// The lines that are no remark.
fn live(page: &str) -> String {
    let lines = page.lines().map(|line| line.split("  # ").next().unwrap_or("").trim_end());
    lines.filter(|line| !line.starts_with('#') && !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_first_page_compiles_without_a_word() {
    let scratch = Scratch::new();
    let (out, _) = expect(0, &scratch.0, &["init", "new/shop"]);
    assert!(out.contains("new/shop/shop.env.dia"), "{out}");
    assert_eq!(scratch.files(), ["new/shop/shop.dia", "new/shop/shop.env.dia"]);
    for what in ["new/shop", "new/shop/shop.dia"] {
        let (_, err) = expect(0, &scratch.0, &["check", what]);
        assert_eq!(err, "no findings\n");
    }
    expect(0, &scratch.0, &["fmt", "--check", "new/shop"]);
    expect(0, &scratch.0, &["compile", "new/shop"]);
    assert!(scratch.files().contains(&"out/local/apply.sh".to_owned()));
}

#[test]
fn names_of_folders_become_names_of_pipelines() {
    for (folder, page, pipeline) in [
        ("My Data", "my_data.dia", "my_data"),
        ("shop-2", "shop-2.dia", "shop_2"),
        ("42", "42.dia", "pipeline_42"),
        ("größe", "gr__e.dia", "gr__e"),
        ("a.b", "a_b.dia", "a_b"),
    ] {
        let scratch = Scratch::new();
        expect(0, &scratch.0, &["init", folder]);
        assert!(scratch.text(&format!("{folder}/{page}")).contains(&format!("pipeline {pipeline}\n")), "{folder}");
        silent(&scratch, folder);
    }
    // The working folder has a name too.
    let scratch = Scratch::new();
    expect(0, &scratch.0, &["init"]);
    assert_eq!(scratch.files().len(), 2);
    silent(&scratch, ".");
}

#[test]
fn a_template_has_a_name() {
    for template in ["search", "cache", "warehouse", "replica", "hub"] {
        let scratch = Scratch::new();
        expect(0, &scratch.0, &["init", template, "new"]);
        silent(&scratch, "new");
        expect(0, &scratch.0, &["fmt", "--check", "new"]);
        expect(0, &scratch.0, &["compile", "new"]);
        let page = scratch.text("new/new.dia");
        assert_eq!(page.contains("redis"), matches!(template, "search" | "cache" | "hub"), "{page}");
        // Alone it starts here; with a path before it, it is a folder.
        let scratch = Scratch::new();
        expect(0, &scratch.0, &["init", template]);
        assert!(!scratch.files().iter().any(|file| file.contains('/')), "{template}");
        let scratch = Scratch::new();
        expect(0, &scratch.0, &["init", &format!("./{template}")]);
        assert!(scratch.files().iter().all(|file| file.contains('/')), "{template}");
    }
    let scratch = Scratch::with(&[("dump.sql", "CREATE TABLE a (id int PRIMARY KEY);")]);
    refused(&scratch.0, &["init", "serch", "new"], "there is no template `serch`; did you mean `search`?");
    refused(&scratch.0, &["init", "xyz", "new"], "there are `search` (a search index)");
    refused(&scratch.0, &["init", "cache", "new", "--schema", "dump.sql"], "cannot be named as well");
    assert_eq!(scratch.files(), ["dump.sql"]);
}

#[test]
fn nothing_is_overwritten() {
    let scratch = Scratch::with(&[("shop/other.dia", "mine"), ("file", ""), ("bad.sql", "CREATE TABLE a (;")]);
    refused(&scratch.0, &["init", "shop"], "holds a page already, `other.dia`");
    refused(&scratch.0, &["init", "file"], "is a file");
    refused(&scratch.0, &["init", "file/x"], "file");
    refused(&scratch.0, &["init", "x", "--schema", "bd.sql"], "did you mean `bad.sql`?");
    refused(&scratch.0, &["init", "x", "--schema", "*.txt"], "no file is named like");
    refused(&scratch.0, &["init", "x", "--schema", "shop"], "is a folder");
    let (_, err) = expect(1, &scratch.0, &["init", "x", "--schema", "bad.sql"]);
    assert!(err.contains("unreadable_schema"), "{err}");
    assert_eq!(scratch.files(), ["bad.sql", "file", "shop/other.dia"]);
    expect(0, &scratch.0, &["init", "new"]);
    refused(&scratch.0, &["init", "new"], "holds a page already");
}

#[test]
fn pagila_becomes_a_page_worth_reading() {
    let schema = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/pagila/pagila.sql"));
    let page = page(&schema.unwrap());
    for piece in [
        "system shop: postgres { schema \"../dump.sql\" }\n",
        "all of its 16 tables can follow",
        "\nentity film in shop.public.film { key (film_id) }\n",
        "\nentity film_actor in shop.public.film_actor { key (actor_id, film_id) }\n",
        "\n  email        text?  # looks personal: mark `pii`\n",
        "\nshop | copy\n",
    ] {
        assert!(page.contains(piece), "{piece}\n{page}");
    }
    assert!(!live(&page).contains("pii"), "nothing is marked by itself");
    assert!(!live(&page).contains("search"), "nothing is guessed about stores");
    assert!(!page.contains("\n\n\n") && !page.contains("payment_p2022_01"), "{page}");
}

#[test]
fn the_example_view_compiles_once_its_hashes_are_gone() {
    let page = page("CREATE TABLE \"Film x\" (id int PRIMARY KEY, title text NOT NULL, about text, email text);");
    let search = "system search: elasticsearch\n";
    let example = page.split("# ## Who reads it").nth(1).and_then(|rest| rest.split("# }\n").next()).unwrap();
    let example = format!("# ## Who reads it{example}# }}\n");
    let filled: String = example.lines().map(|line| format!("{}\n", line.trim_start_matches("# "))).collect();
    let filled = filled.replace("#\n", "\n");
    let page = page.replace(&example, &filled).replace(&format!("# {search}"), search);
    assert!(
        live(&page).contains("  | where about is not null\n  | select id, title, about\n  | search.film_x"),
        "{page}"
    );
    let scratch = Scratch::with(&[
        ("dump.sql", "CREATE TABLE \"Film x\" (id int PRIMARY KEY, title text NOT NULL, about text, email text);"),
        ("shop/shop.dia", &page),
    ]);
    silent(&scratch, "shop/shop.dia");
}

#[test]
fn what_cannot_be_captured_is_left_out_with_its_reason() {
    let page = page(
        "CREATE TABLE good (id int PRIMARY KEY, name text); COMMENT ON TABLE good IS E'Two\\nlines # and \"more\".';
         CREATE TABLE no_key (a int); CREATE UNLOGGED TABLE quick (id int PRIMARY KEY);
         CREATE TABLE late (id int PRIMARY KEY DEFERRABLE); CREATE TEMP TABLE away (id int PRIMARY KEY);
         CREATE TABLE nothing (id int PRIMARY KEY); ALTER TABLE nothing REPLICA IDENTITY NOTHING;
         CREATE TABLE whole (a int); ALTER TABLE whole REPLICA IDENTITY FULL;
         CREATE TABLE clock (id int PRIMARY KEY, at timetz);
         CREATE FOREIGN TABLE far (id int) SERVER other;
         CREATE TABLE parts (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
         CREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
    );
    for (table, why) in [
        ("no_key", "has no primary key: give it a primary key"),
        ("quick", "is UNLOGGED: make it a logged table"),
        ("late", "has a DEFERRABLE primary key: make its primary key NOT DEFERRABLE"),
        ("away", "is TEMPORARY"),
        ("nothing", "has REPLICA IDENTITY NOTHING: use the default replica identity or FULL"),
        ("whole", "has no primary key: give it a primary key"),
        ("clock", "can change on its way into `copy`"),
        ("far", "is a foreign table"),
    ] {
        let line = page.lines().find(|line| line.contains(&format!("shop.public.{table}")) && line.contains("  # "));
        assert!(line.is_some_and(|line| line.contains(why)), "{table}: {line:?}\n{page}");
    }
    assert!(page.contains("## Two\n## lines # and \"more\".\nentity good in"), "{page}");
    assert!(live(&page).ends_with("\n  | copy") && !page.contains("part_1"), "{page}");
}

#[test]
fn hostile_names_are_written_so_that_they_are_read() {
    let page = page(
        "CREATE SCHEMA \"Größe x\"; CREATE TABLE \"Größe x\".\"a \"\"quoted\"\" .name\" (\"ID #1\" int PRIMARY KEY, \"E-Mail\" text);
         CREATE TABLE \"view\" (\"key\" int PRIMARY KEY, \"unique\" text, volume int, email text, identity text, may text);
         CREATE TABLE \"entity\" (\"where\" int, \"null\" int, \"true\" text, PRIMARY KEY (\"where\", \"null\"));
         CREATE TABLE \"User\" (id int PRIMARY KEY, phone text); CREATE TABLE \"user\" (id int PRIMARY KEY);
         CREATE TABLE copy (id int PRIMARY KEY); CREATE TABLE shop (id int PRIMARY KEY); CREATE TABLE redis (id int PRIMARY KEY);
         CREATE TABLE \"{ | }\" (id int PRIMARY KEY); CREATE TABLE \"1st\" (id int PRIMARY KEY, \"birth day\" date);
         CREATE TABLE \"except\" (a int); CREATE TABLE \"# x\" (a int); CREATE TABLE \"日本\" (\"メール email\" text PRIMARY KEY);
         CREATE TABLE \"system\" (id int PRIMARY KEY); CREATE TABLE a_b (id int PRIMARY KEY); CREATE TABLE \"a b\" (id int PRIMARY KEY);",
    );
    let live = live(&page);
    for piece in [
        "entity `a \"quoted\" .name` in shop.`Größe x`.`a \"quoted\" .name` {",
        "entity `{ | }` in shop.public.`{ | }`",
        "shop except shop.public.user,",
        "shop.public.`# x`,",
        "`メール email`  text  key",
        "| copy",
    ] {
        assert!(live.contains(piece), "{piece}\n{page}");
    }
    for piece in ["`E-Mail`  text?  # looks personal", "`メール email`  text  key  # looks personal"] {
        assert!(page.contains(piece), "{piece}\n{page}");
    }
}

#[test]
fn names_that_no_page_can_write_do_not_stop_it() {
    let page = page("CREATE TABLE \"a`b\" (id int); CREATE TABLE good (id int PRIMARY KEY);");
    assert!(live(&page).contains("entity good") && page.contains("# shop.public.good | copy"), "{page}");
    let page = self::page("CREATE TABLE \"a`b\" (id int PRIMARY KEY, email text);");
    assert!(live(&page).ends_with("shop | copy"), "{page}");
}

#[test]
fn schemas_without_a_table_to_follow_make_a_page_too() {
    for schema in ["", "CREATE TABLE a (b int);", "SELECT 1;", "CREATE TABLE a AS SELECT 1 AS x;"] {
        let page = page(schema);
        assert!(page.contains("No table of the schema can follow yet"), "{page}");
    }
}

#[test]
fn a_hundred_tables_stay_a_page() {
    let tables = (0..100).map(|n| {
        let refers = if n == 0 { String::new() } else { " REFERENCES t0".into() };
        format!("CREATE TABLE t{n} (id int PRIMARY KEY, t int{refers}, phone_{n} text);\n")
            .replace("phone_", if n % 10 == 0 { "phone_" } else { "note_" })
    });
    let page = page(&tables.collect::<String>());
    assert!(page.contains("all of its 100 tables can follow"), "{page}");
    assert_eq!(page.matches("\nentity ").count(), 46, "forty, and those that look personal");
    assert!(page.contains("# 54 more tables of the schema need no entity to follow."), "{page}");
}

#[test]
fn migrations_are_read_through_their_glob_and_from_where_the_page_is() {
    let scratch = Scratch::with(&[
        ("db/V2__b.sql", "ALTER TABLE a ADD COLUMN email text; CREATE TABLE b (id int);"),
        ("db/V1__a.sql", "CREATE TABLE a (id int PRIMARY KEY);"),
    ]);
    expect(0, &scratch.0, &["init", "new/shop", "--schema", "db/*.sql"]);
    let page = scratch.text("new/shop/shop.dia");
    assert!(page.contains("schema \"../../db/*.sql\"") && page.contains("system shop: postgres"), "{page}");
    silent(&scratch, "new/shop");
    // Beside the schema, and by its whole path.
    let whole = scratch.at("db/V1__a.sql");
    expect(0, &scratch.0, &["init", "db", "--schema", &whole]);
    assert!(scratch.text("db/db.dia").contains("schema \"V1__a.sql\""));
    silent(&scratch, "db");
}

/// Names from signs that mean something to SQL, to pages, to SQL and topics made of them; none is empty.
#[test]
fn the_page_names_the_kind_that_the_schema_is_for() {
    for (system, sql) in [
        (
            "system shop: mysql { schema \"../dump.sql\" }",
            "CREATE TABLE `a` (`id` bigint unsigned NOT NULL PRIMARY KEY) ENGINE=InnoDB;",
        ),
        (
            "system shop: mariadb { schema \"../dump.sql\" }",
            "-- MariaDB dump\nCREATE TABLE `a` (`id` int(11) NOT NULL PRIMARY KEY) ENGINE=InnoDB;",
        ),
        (
            "system shop: sqlserver { schema \"../dump.sql\" }",
            "CREATE TABLE [dbo].[a]([id] [int] IDENTITY(1,1) PRIMARY KEY)\nGO\n",
        ),
        (
            "system shop: oracle { schema \"../dump.sql\" }",
            "CREATE TABLE hr.a (id NUMBER(6) PRIMARY KEY, email VARCHAR2(80));",
        ),
        ("system shop: snowflake", "create or replace transient table a (id number(38,0), x variant);"),
        ("system shop: postgres { schema \"../dump.sql\" }", "CREATE TABLE a (id bigint PRIMARY KEY);"),
    ] {
        let page = page(sql);
        assert!(page.contains(&format!("\n{system}\n")), "{page}");
        let later = system.contains("sqlserver") || system.contains("oracle");
        assert_eq!(page.contains("does not capture them yet"), later, "{page}");
    }
    // Names of Oracle's as a page writes them.
    let oracle = page("CREATE TABLE hr.a (id NUMBER(6) PRIMARY KEY, email VARCHAR2(80));");
    assert!(oracle.contains("entity a in shop.hr.a {\n  id     int    key\n  email  text?"), "{oracle}");
}

#[test]
fn a_kind_that_is_said_counts() {
    let scratch = Scratch::with(&[("dump.sql", "CREATE TABLE a (id int PRIMARY KEY, x varchar(3));")]);
    expect(0, &scratch.0, &["init", "shop", "--schema", "dump.sql", "--kind", "mysql"]);
    assert!(scratch.text("shop/shop.dia").contains("system shop: mysql {"));
    refused(&scratch.0, &["init", "other", "--schema", "dump.sql", "--kind", "mysq"], "did you mean `mysql`?");
}

#[test]
fn scripts_in_utf_16_are_read() {
    let text = "CREATE TABLE [dbo].[größe]([id] [int] NOT NULL PRIMARY KEY)\r\nGO\r\n";
    let bytes: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let scratch = Scratch::new();
    std::fs::write(scratch.0.join("dump.sql"), bytes).unwrap();
    expect(0, &scratch.0, &["init", "shop", "--schema", "dump.sql"]);
    assert!(scratch.text("shop/shop.dia").contains("in shop.dbo.`größe`"));
    silent(&scratch, "shop");
}

fn hostile() -> impl Strategy<Value = String> {
    let sign = prop::sample::select(vec![
        "a", "B", "0", "_", " ", ".", "\"", "'", "`", "#", "##", "{", "}", "|", "(", ",", "\\", "$", "é", "日", "-",
        "key", "view", "email", "%", "*", "/", ":", "\t", "&", "<", "=",
    ]);
    prop::collection::vec(sign, 1..5).prop_map(|signs| signs.concat())
}

fn table() -> impl Strategy<Value = String> {
    let ty = prop::sample::select(vec![
        "int",
        "text",
        "varchar(9)",
        "timetz",
        "numeric",
        "numeric(3,-2)",
        "tsvector",
        "text[]",
        "date",
        "jsonb",
        "bytea",
        "interval",
        "mood",
        "int[][]",
        "money",
        "xml",
        "point",
        "bit(3)",
    ]);
    let head = prop::sample::select(vec![
        "CREATE TABLE",
        "CREATE TABLE",
        "CREATE TABLE",
        "CREATE UNLOGGED TABLE",
        "CREATE TEMP TABLE",
    ]);
    let key = prop::sample::select(vec![
        "",
        " PRIMARY KEY",
        " PRIMARY KEY",
        " PRIMARY KEY",
        " PRIMARY KEY",
        " PRIMARY KEY DEFERRABLE",
        " UNIQUE",
    ]);
    let columns = prop::collection::btree_map(hostile(), ty, 1..6);
    (head, prop::option::of(hostile()), hostile(), key, columns, hostile()).prop_map(
        |(head, schema, name, key, columns, comment)| {
            let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
            let path = match schema {
                Some(schema) if head == "CREATE TABLE" => format!("{}.{}", quoted(&schema), quoted(&name)),
                _ => quoted(&name),
            };
            let columns: Vec<String> = columns.iter().map(|(name, ty)| format!("{} {ty}", quoted(name))).collect();
            let comment = comment.replace('\'', "\'\'");
            format!(
                "{head} {path} ({}{key}{});\nCOMMENT ON TABLE {path} IS '{comment}';\n",
                columns[0],
                columns[1..].iter().map(|c| format!(", {c}")).collect::<String>()
            )
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn any_schema_becomes_a_page_or_is_said_to_be_unreadable(tables in prop::collection::vec(table(), 1..12)) {
        let schema = format!("CREATE TYPE mood AS ENUM ('a\\b', 'it''s \"x\"', '');\n{}", tables.concat());
        let scratch = Scratch::with(&[("dump.sql", schema.as_str())]);
        let output = diac(&scratch.0, &["init", "shop", "--schema", "dump.sql"]);
        match output.status.code() {
            Some(0) => {
                silent(&scratch, "shop");
                silent(&scratch, "shop/shop.dia");
            }
            // Two tables of one name are the schema's own mistake.
            _ => {
                let err = text(&output.stderr);
                prop_assert!(err.contains("name_taken") || err.contains("unreadable_schema"), "{err}\n{schema}");
            }
        }
    }
}
