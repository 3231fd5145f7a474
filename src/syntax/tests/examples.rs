//! Every example and every construct of the language parses without a finding.

use crate::source::FileId;
use crate::syntax::parse;

/// Reads all files of `examples` that end in `.dia`.
pub(super) fn examples() -> Vec<(String, String)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut files = Vec::new();
    for folder in std::fs::read_dir(root).expect("there are examples") {
        let folder = folder.expect("a folder").path();
        for file in std::fs::read_dir(folder).into_iter().flatten() {
            let file = file.expect("a file").path();
            if file.extension().is_some_and(|ending| ending == "dia") {
                let text = std::fs::read_to_string(&file).expect("UTF-8");
                files.push((file.display().to_string(), text));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn examples_parse() {
    let examples = examples();
    assert!(examples.len() >= 16, "{} examples", examples.len());
    for (name, text) in examples {
        let parsed = parse(FileId(0), &text);
        assert_eq!(parsed.diagnostics, [], "{name}");
        assert!(!parsed.ast.items.is_empty(), "{name}");
    }
}
