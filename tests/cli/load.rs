use std::fs;

use diac::cli::load::load;
use diac::inputs::Inputs;

use crate::scratch::Scratch;

fn names(inputs: &Inputs) -> Vec<&str> {
    inputs.files.iter().map(|(id, _)| inputs.sources.name(*id)).collect()
}

/// Rules, files, positions and messages of what loading said.
fn said(inputs: &Inputs) -> Vec<String> {
    let line = |d: &diac::diag::Diagnostic| {
        let (from, _) = inputs.sources.positions(d.primary.span);
        let name = inputs.sources.name(d.primary.span.file);
        let name = name.rsplit('/').next().unwrap();
        format!("{} {name}:{}:{}", d.rule, from.line, from.column)
    };
    inputs.diagnostics.iter().map(line).collect()
}

#[test]
fn each_file_is_read_once_in_order() {
    let scratch = Scratch::with(&[
        ("a.dia", "import \"lib/c.dia\"\nimport \"./b.dia\"\n"),
        ("b.dia", "import \"a.dia\"\n"),
        ("lib/c.dia", "import \"../d.dia\"\n"),
        ("d.dia", ""),
    ]);
    let roots = [scratch.at("b.dia"), scratch.at("./b.dia"), scratch.at("lib/../a.dia")];
    let inputs = load(&roots).unwrap();
    let expected: Vec<String> =
        vec![scratch.at("b.dia"), scratch.at("lib/../a.dia"), scratch.at("lib/c.dia"), scratch.at("d.dia")];
    assert_eq!(names(&inputs), expected);
    assert!(said(&inputs).is_empty());
}

#[test]
fn a_folder_stands_for_its_dia_files() {
    let scratch = Scratch::with(&[("p/b.dia", ""), ("p/a.dia", ""), ("p/c.sql", ""), ("p/sub/d.dia", "")]);
    fs::create_dir(scratch.at("p/e.dia")).unwrap();
    let inputs = load(&[scratch.at("p/")]).unwrap();
    assert_eq!(names(&inputs), [scratch.at("p/a.dia"), scratch.at("p/b.dia")]);
    assert!(load(&[scratch.at("p/e.dia")]).unwrap_err().0.contains("holds no .dia file"));
}

#[test]
fn links_to_one_file_are_one_file() {
    let scratch = Scratch::with(&[("a.dia", "import \"b.dia\"\n")]);
    std::os::unix::fs::symlink("a.dia", scratch.at("b.dia")).unwrap();
    assert_eq!(load(&[scratch.at("a.dia")]).unwrap().files.len(), 1);
}

#[test]
fn an_import_that_is_missing_is_a_finding_with_the_nearest_name() {
    let scratch =
        Scratch::with(&[("a.dia", "import \"lib/systms.dia\"\n"), ("lib/systems.dia", ""), ("lib/systms.sql", "")]);
    let inputs = load(&[scratch.at("a.dia")]).unwrap();
    assert_eq!(said(&inputs), ["import_not_found a.dia:1:8"]);
    let finding = &inputs.diagnostics[0];
    assert_eq!(finding.help.as_deref(), Some("did you mean `lib/systems.dia`?"));
    assert_eq!(finding.fix.as_ref().unwrap().edits[0].text, "\"lib/systems.dia\"");
}

#[test]
fn what_is_no_text_is_a_finding() {
    let scratch =
        Scratch::with(&[("a.dia", "import \"b.dia\"\nimport \"big.dia\"\nimport \"lib\"\n"), ("lib/x.dia", "")]);
    scratch.put("b.dia", b"pipeline shop\nab\xe9cd\n");
    scratch.put("big.dia", vec![b'#'; (4 << 20) + 1]);
    let inputs = load(&[scratch.at("a.dia")]).unwrap();
    assert_eq!(said(&inputs), ["not_utf8 b.dia:2:3", "file_too_large big.dia:1:1", "import_not_found a.dia:3:8"]);
    assert!(inputs.diagnostics[0].primary.message.starts_with("byte 17 is 0xE9"));
    scratch.put("utf16.dia", b"\xff\xfeh\0i\0");
    let inputs = load(&[scratch.at("utf16.dia")]).unwrap();
    assert!(inputs.diagnostics[0].help.as_ref().unwrap().contains("UTF-16"));
}

#[test]
fn a_byte_order_mark_is_no_column() {
    let scratch = Scratch::new();
    scratch.put("a.dia", b"\xef\xbb\xbfimport \"b.dia\"\r\n");
    let inputs = load(&[scratch.at("a.dia")]).unwrap();
    assert_eq!(said(&inputs), ["import_not_found a.dia:1:8"]);
}

#[test]
fn a_root_that_cannot_be_read_is_the_callers_mistake() {
    let scratch = Scratch::with(&[("shop.dia", "")]);
    let error = load(&[scratch.at("shp.dia")]).unwrap_err().0;
    assert!(
        error.contains("no such file") && error.ends_with(&format!("did you mean `{}`?", scratch.at("shop.dia"))),
        "{error}"
    );
}

const SCHEMA: &str = "system shop: postgres {\n  schema \"SCHEMA\"\n}\n";

fn references(inputs: &Inputs) -> Vec<String> {
    let ids = inputs.references.values().flatten();
    ids.map(|id| inputs.sources.name(*id).rsplit('/').next().unwrap().to_owned()).collect()
}

#[test]
fn schemas_are_relative_to_the_file_and_globs_are_sorted() {
    let scratch = Scratch::with(&[
        ("main/a.dia", "import \"../lib/b.dia\"\n"),
        ("lib/b.dia", &SCHEMA.replace("SCHEMA", "sql/V*.sql")),
        ("lib/sql/V2.sql", "-- 2"),
        ("lib/sql/V10.sql", "-- 10"),
        ("lib/sql/U1.sql", "-- 1"),
    ]);
    let inputs = load(&[scratch.at("main/a.dia")]).unwrap();
    assert!(said(&inputs).is_empty(), "{:?}", inputs.diagnostics);
    assert_eq!(references(&inputs), ["V2.sql", "V10.sql"]);
    assert!(inputs.sources.find(&scratch.at("lib/sql/V2.sql")).is_some());
}

#[test]
fn a_schema_two_systems_name_is_read_once() {
    let two =
        format!("{}{}", SCHEMA.replace("SCHEMA", "s.sql"), SCHEMA.replace("SCHEMA", "./s.sql").replace("shop", "crm"));
    let scratch = Scratch::with(&[("a.dia", &two), ("s.sql", "-- one")]);
    let inputs = load(&[scratch.at("a.dia")]).unwrap();
    assert_eq!(references(&inputs), ["s.sql", "s.sql"]);
    assert_eq!(inputs.sources.files().count(), 2);
}

#[test]
fn schemas_that_cannot_be_read_are_findings_at_their_names() {
    let scratch = Scratch::with(&[("schema.sql", ""), ("folder/x.sql", ""), ("a.dia", "")]);
    scratch.put("latin.sql", b"CREATE TABLE caf\xe9 (id int);");
    for (named, rule, help) in [
        ("schem.sql", "unreadable_schema", "did you mean `schema.sql`?"),
        ("none/*.sql", "unreadable_schema", "correct the path; it is relative to this file"),
        ("folder", "unreadable_schema", "name its files, such as `folder/*.sql`"),
        ("latin.sql", "not_utf8", "bring it into UTF-8, from the encoding it is in: `iconv -f WINDOWS-1252 -t UTF-8 "),
    ] {
        scratch.put("a.dia", SCHEMA.replace("SCHEMA", named));
        let inputs = load(&[scratch.at("a.dia")]).unwrap();
        assert_eq!(said(&inputs), [format!("{rule} a.dia:2:10")], "{named}");
        assert!(inputs.diagnostics[0].help.as_deref().unwrap().starts_with(help), "{named}");
        assert!(inputs.references.is_empty());
    }
}

#[test]
fn mappings_are_read_like_schemas() {
    let view = "view v {\n  product\n  | search.products\n  mapping \"over.json\"\n}\n";
    let scratch = Scratch::with(&[("a.dia", view), ("overs.json", "{}")]);
    let inputs = load(&[scratch.at("a.dia")]).unwrap();
    assert_eq!(said(&inputs), ["bad_value a.dia:4:11"]);
    assert_eq!(inputs.diagnostics[0].fix.as_ref().unwrap().edits[0].text, "\"overs.json\"");
    scratch.put("over.json", "{}");
    assert_eq!(references(&load(&[scratch.at("a.dia")]).unwrap()), ["over.json"]);
}
