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
