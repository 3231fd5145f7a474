//! Files of expectations: compared, or rewritten where `UPDATE_EXPECT` is set.

use std::path::Path;

use super::run::files_below;
use diac::output::OutputTree;

fn blessing() -> bool {
    std::env::var_os("UPDATE_EXPECT").is_some_and(|value| !value.is_empty() && value != "0")
}

/// Holds a text against a file; an empty text wants no file.
pub fn file(path: &Path, actual: &str) -> Result<(), String> {
    let there = std::fs::read_to_string(path).ok();
    if there.as_deref().unwrap_or("") == actual && there.is_some() != actual.is_empty() {
        return Ok(());
    }
    if blessing() {
        return bless(path, actual);
    }
    Err(match there {
        Some(_) if actual.is_empty() => format!("{} is there and nothing was said", path.display()),
        Some(there) => format!("{} differs:\n{}", path.display(), diff(&there, actual)),
        None => format!("{} is missing; it would hold:\n{actual}", path.display()),
    })
}

fn bless(path: &Path, text: &str) -> Result<(), String> {
    let done = if text.is_empty() {
        std::fs::remove_file(path)
    } else {
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).and_then(|()| std::fs::write(path, text))
    };
    done.map_err(|error| format!("{}: {error}", path.display()))
}

/// Holds a whole tree against a folder: missing, extra and differing files all count.
pub fn tree(folder: &Path, tree: &OutputTree) -> Result<(), String> {
    let mut wrong = Vec::new();
    for (name, path) in files_below(folder) {
        if tree.get(&name).is_none() {
            if blessing() {
                std::fs::remove_file(&path).map_err(|error| error.to_string())?;
            } else {
                wrong.push(format!("{} is extra: it is not written", path.display()));
            }
        }
    }
    for (name, made) in tree.files() {
        let path = folder.join(name);
        if let Err(problem) = file(&path, &made.text) {
            wrong.push(problem);
        } else if let Err(problem) = mode(&path, made.executable) {
            wrong.push(problem);
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n\n")) }
}

#[cfg(unix)]
fn mode(path: &Path, executable: bool) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).map_err(|error| error.to_string())?.permissions().mode();
    if (mode & 0o111 != 0) == executable {
        return Ok(());
    }
    if blessing() {
        let mode = if executable { 0o755 } else { 0o644 };
        return std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
            .map_err(|error| error.to_string());
    }
    Err(format!("{} is {}to be run", path.display(), if executable { "" } else { "not " }))
}

#[cfg(not(unix))]
fn mode(_: &Path, _: bool) -> Result<(), String> {
    Ok(())
}

/// Whether a file is to be run.
#[cfg(unix)]
pub fn executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|about| about.permissions().mode() & 0o111 != 0)
}

/// Whether a file is to be run.
#[cfg(not(unix))]
pub fn executable(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "sh")
}

/// Removes a folder that nothing stands for any more; reports it where nothing is blessed.
pub fn gone(folder: &Path) -> Result<(), String> {
    if !folder.exists() {
        return Ok(());
    }
    if blessing() {
        return std::fs::remove_dir_all(folder).map_err(|error| error.to_string());
    }
    Err(format!("{} belongs to nothing", folder.display()))
}

/// A unified diff from what was expected to what is.
pub fn diff(expected: &str, actual: &str) -> String {
    let diff = similar::TextDiff::from_lines(expected, actual);
    diff.unified_diff().context_radius(3).header("expected", "actual").to_string()
}
