//! The little Markdown that documents are made of: no name or reason of the user's can break a table or start a heading.

use super::spelling::one_line;

/// Prose from outside on one line: no tags, no heading or list of its own.
#[must_use]
pub fn inline(text: &str) -> String {
    let line = one_line(text);
    let pieces: Vec<&str> = line.split('`').collect();
    // Between a pair of backticks it is code already, where nothing is a tag.
    let closed = pieces.len() % 2 == 1;
    let pieces = pieces
        .iter()
        .enumerate()
        .map(|(at, piece)| if closed && at % 2 == 1 { (*piece).to_owned() } else { piece.replace('<', "&lt;") });
    let line = pieces.collect::<Vec<_>>().join("`");
    if line.starts_with(['#', '-', '+', '*', '>', '=', '~']) { format!("\\{line}") } else { line }
}

/// A name or value as code.
#[must_use]
pub fn code(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_code(&mut out, text);
    out
}

/// Writes a name or value as code.
pub fn write_code(out: &mut String, text: &str) {
    if text.is_empty() {
        out.push_str("(empty)");
        return;
    }
    let longest = if text.contains('`') { text.split(|c| c != '`').map(str::len).max().unwrap_or(0) } else { 0 };
    let fence = |out: &mut String| (0..=longest).for_each(|_| out.push('`'));
    fence(out);
    if longest > 0 {
        out.push(' ');
    }
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        out.push_str(text);
    } else {
        out.extend(text.chars().map(|c| if c.is_control() { ' ' } else { c }));
    }
    if longest > 0 {
        out.push(' ');
    }
    fence(out);
}

/// Names as code with commas between; a dash where there is none.
pub fn codes<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> String {
    let mut out = String::new();
    for name in names {
        if !out.is_empty() {
            out.push_str(", ");
        }
        write_code(&mut out, name.as_ref());
    }
    if out.is_empty() { "–".into() } else { out }
}

/// A sentence: its first letter large, a full stop behind it. A function (`max(…)`) keeps its name.
#[must_use]
pub fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let function = text
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .and_then(|at| text.get(at..))
        .is_some_and(|rest| rest.starts_with('('));
    let large = |c: char| if function { c.to_string() } else { c.to_uppercase().collect() };
    let first: String = chars.next().map(large).unwrap_or_default();
    let stop = if text.is_empty() || text.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{stop}", chars.as_str())
}

/// A table, a row at a time.
#[derive(Debug)]
pub struct Table {
    text: String,
    rows: usize,
}

impl Table {
    /// A table with these headings.
    #[must_use]
    pub fn new(headings: &[&str]) -> Self {
        let rule = "|---".repeat(headings.len());
        Self { text: format!("| {} |\n{rule}|\n", headings.join(" | ")), rows: 0 }
    }

    /// Adds a row; an empty cell becomes a dash.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.text.push('|');
        for cell in &cells {
            self.text.push(' ');
            if cell.is_empty() {
                self.text.push('–');
            }
            if cell.contains(['\n', '|']) {
                self.text.push_str(&cell.replace('\n', " ").replace('|', "\\|"));
            } else {
                self.text.push_str(cell);
            }
            self.text.push_str(" |");
        }
        self.text.push('\n');
        self.rows += 1;
    }

    /// The table with an empty line behind it; `otherwise` where it has no row.
    #[must_use]
    pub fn or(self, otherwise: &str) -> String {
        if self.rows == 0 { format!("{otherwise}\n\n") } else { self.text + "\n" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_stay_in_their_cell() {
        let mut table = Table::new(&["a", "b"]);
        table.row([code("x|`y\nz"), inline("# no\n<b>heading</b> | here")]);
        let text = table.or("none");
        assert_eq!(text.lines().count(), 4);
        assert!(text.contains("| `` x\\|`y z `` | \\# no &lt;b>heading&lt;/b> \\| here |"), "{text}");
    }

    #[test]
    fn code_in_prose_stays_code() {
        assert_eq!(inline("`<a>` and <b>"), "`<a>` and &lt;b>");
        assert_eq!(inline("one ` <b>"), "one ` &lt;b>");
    }

    #[test]
    fn sentences() {
        assert_eq!(sentence("two times 3d"), "Two times 3d.");
        assert_eq!(sentence("max(7d, 6h) = 7d"), "max(7d, 6h) = 7d.");
        assert_eq!(sentence("zone (eu)"), "Zone (eu).");
        assert_eq!(sentence(""), "");
        assert_eq!(codes(Vec::<String>::new()), "–");
    }
}
