//! The sample plan's files as they stand in `tests/sql/expected`: what the programs in `tests/` run on real servers is what these targets write.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::{Path, PathBuf};

use super::sample;
use crate::check::SoundPlan;
use crate::output::OutputTree;
use crate::source::SourceMap;
use crate::targets::Target as _;

fn emitted() -> OutputTree {
    let (model, plan, sources) = (sample::model(), sample::plan(), SourceMap::default());
    let sound = SoundPlan::for_tests(&model, &plan, &sources);
    let mut out = OutputTree::default();
    super::Sql.emit(&sound, &mut out);
    crate::targets::snowflake::Snowflake.emit(&sound, &mut out);
    crate::targets::audits::Audits.emit(&sound, &mut out);
    out.add("record.sql", sample::RECORD, "the sample");
    out
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files_below(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn the_sample_is_written_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sql/expected");
    let out = emitted();
    let mut there = Vec::new();
    files_below(&folder, &mut there);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        for path in there {
            std::fs::remove_file(path).unwrap();
        }
        for (path, file) in out.files() {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &file.text).unwrap();
        }
        return;
    }
    for path in &there {
        let name = path.strip_prefix(&folder).unwrap().to_str().unwrap().replace('\\', "/");
        assert!(out.get(&name).is_some(), "{name} is expected and not written");
    }
    for (path, file) in out.files() {
        let expected = std::fs::read_to_string(folder.join(path)).unwrap_or_default();
        let diff = similar::TextDiff::from_lines(&expected, &file.text);
        assert!(expected == file.text, "{path} differs:\n{}", diff.unified_diff());
    }
}
