//! Where text comes from: files, spans of bytes, and the line table that turns a byte into a line and a column.
//!
//! Spans are byte offsets only; lines and columns are worked out when something is shown.

use std::collections::BTreeMap;

/// A file of the compilation: a `.dia` file or a SQL schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A half-open range of bytes in one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file the bytes are in.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes `start..end` of `file`.
    #[must_use]
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { file, start: clamp(start), end: clamp(end.max(start)) }
    }

    /// The smallest span that covers both; `self` where they are in different files.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        if self.file != other.file {
            return self;
        }
        Self { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The range for slicing the file's text.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A place as people count: lines and columns from 1, columns in Unicode scalar values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in Unicode scalar values.
    pub column: u32,
}

/// The starts of a file's lines.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Reads the text once; lines end at `\n` (a `\r` before it belongs to the line), or at a `\r` alone, as in the language.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        let bytes = text.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            if *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
                starts.push(u32::try_from(at + 1).unwrap_or(u32::MAX));
            }
        }
        Self { starts }
    }

    /// Line (from 0) of a byte.
    #[must_use]
    pub fn line(&self, at: u32) -> usize {
        self.starts.partition_point(|&start| start <= at).saturating_sub(1)
    }

    /// Offset of the first byte of a line (from 0); the last line's where there is no such line.
    #[must_use]
    pub fn start(&self, line: usize) -> u32 {
        self.starts.get(line).or(self.starts.last()).copied().unwrap_or(0)
    }

    /// How many lines there are, at least 1.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.starts.len()
    }

    /// Line and column of a byte.
    #[must_use]
    pub fn position(&self, text: &str, at: u32) -> Position {
        let line = self.line(at);
        let start = self.start(line) as usize;
        let before = text.get(start..at as usize).unwrap_or("");
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Position { line: count(line + 1), column: count(before.chars().count() + 1) }
    }
}

/// One file's name and text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path as the user gave it or as it follows from an `import`, with `/` between parts.
    pub name: String,
    /// The whole text.
    pub text: String,
    lines: LineIndex,
}

impl SourceFile {
    /// The file's line table.
    #[must_use]
    pub fn lines(&self) -> &LineIndex {
        &self.lines
    }
}

/// All files of a compilation, by id and by name.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
    by_name: BTreeMap<String, FileId>,
}

impl SourceMap {
    /// Adds a file; a name that is there already keeps its first text and id.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        let name = name.into();
        if let Some(&id) = self.by_name.get(&name) {
            return id;
        }
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        let text = text.into();
        let lines = LineIndex::new(&text);
        self.by_name.insert(name.clone(), id);
        self.files.push(SourceFile { name, text, lines });
        id
    }

    /// The file, if the id is of this map.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// The id of a file by its name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<FileId> {
        self.by_name.get(name).copied()
    }

    /// The file's name, or the empty text.
    #[must_use]
    pub fn name(&self, id: FileId) -> &str {
        self.get(id).map_or("", |file| &file.name)
    }

    /// The text under a span, or the empty text.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.file).and_then(|file| file.text.get(span.range())).unwrap_or("")
    }

    /// Where a span starts and ends.
    #[must_use]
    pub fn positions(&self, span: Span) -> (Position, Position) {
        let none = Position { line: 1, column: 1 };
        self.get(span.file).map_or((none, none), |file| {
            (file.lines.position(&file.text, span.start), file.lines.position(&file.text, span.end))
        })
    }

    /// All files with their ids, in the order they were added.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(at, file)| (FileId(u32::try_from(at).unwrap_or(u32::MAX)), file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let mut map = SourceMap::default();
        let id = map.add("a.dia", "één\nzwei größe x");
        let at = "één\nzwei größe ".len();
        let (from, to) = map.positions(Span::new(id, at, at + 1));
        assert_eq!((from.line, from.column), (2, 12));
        assert_eq!((to.line, to.column), (2, 13));
    }

    #[test]
    fn lines_end_as_the_language_says() {
        let mut map = SourceMap::default();
        let text = "one\rtwo\r\nthree\nfour\r";
        let id = map.add("a.dia", text);
        let line = |word: &str| {
            let at = text.find(word).unwrap();
            map.positions(Span::new(id, at, at + 1)).0
        };
        assert_eq!(["one", "two", "three", "four"].map(|word| line(word).line), [1, 2, 3, 4]);
        assert_eq!(line("two").column, 1);
    }
}
