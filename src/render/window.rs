//! The few lines around a finding's labels, cut out of their files: what is drawn costs the same in a page and in a megabyte.
//!
//! The cut-out is a text of its own, made of blocks of lines; the block with the culprit comes first, and blocks may be of different files.
//! INVARIANT: every line ends in `\n`; every placed label covers at least one character and lies in one block.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::diag::{Diagnostic, Label};
use crate::source::{FileId, SourceFile, SourceMap};

/// A label over more lines than this is drawn at its first line only.
const TALLEST_LABEL: usize = 6;
/// How far above a label its declaration's head may stand to be shown with it.
const HEAD_DISTANCE: usize = 3;
/// More characters of a line are not shown.
const LONGEST_LINE: usize = 120;
/// Characters shown before the first label of a line that is cut at its front.
const LEAD_IN: usize = 30;

/// The cut-out.
#[derive(Debug, Default)]
pub struct Window {
    /// The blocks' lines, one behind the other.
    pub text: String,
    /// The blocks in the order they are drawn.
    pub blocks: Vec<Block>,
    /// The labels in the order of their places in `text`.
    pub labels: Vec<Placed>,
}

/// Consecutive lines of one file.
#[derive(Debug)]
pub struct Block {
    /// The file's name.
    pub name: String,
    /// Bytes of [`Window::text`].
    pub range: Range<usize>,
    /// First line's number in the file, from 0.
    pub line: usize,
    /// How many lines.
    pub lines: usize,
}

/// A label in the cut-out.
#[derive(Debug)]
pub struct Placed {
    /// Bytes of [`Window::text`].
    pub range: Range<usize>,
    /// What it says; may be empty.
    pub message: String,
    /// Whether it is the culprit.
    pub primary: bool,
    /// Line in the file, from 0.
    pub line: usize,
    /// Column in the file, from 0, in characters.
    pub column: usize,
}

/// A label's place in its file.
struct Seen<'a> {
    file: FileId,
    source: &'a SourceFile,
    message: &'a str,
    primary: bool,
    /// Bytes of the file's text, on character boundaries.
    bytes: Range<usize>,
    /// Lines from 0, the last included.
    lines: (usize, usize),
}

/// Cuts out what a finding labels; empty where its file is not known.
pub fn cut(finding: &Diagnostic, sources: &SourceMap) -> Window {
    let primary = see(&finding.primary, true, sources);
    let others = finding.labels.iter().filter_map(|label| see(label, false, sources));
    let labels: Vec<Seen> = primary.into_iter().chain(others).collect();
    let mut window = Window::default();
    for (source, lines) in blocks(&labels) {
        draw(&mut window, source, lines, &labels);
    }
    untangle(&mut window);
    window
}

fn see<'a>(label: &'a Label, primary: bool, sources: &'a SourceMap) -> Option<Seen<'a>> {
    let source = sources.get(label.span.file)?;
    let text = &source.text;
    let start = boundary(text, label.span.start as usize);
    let end = boundary(text, label.span.end as usize).max(start);
    let end = start + text.get(start..end).map_or(0, |under| under.trim_end().len());
    let index = source.lines();
    let first = line_of(source, start);
    let last = line_of(source, end.max(start + 1).saturating_sub(1)).max(first);
    let (last, end) = if last - first < TALLEST_LABEL {
        (last, end)
    } else {
        let from = index.start(first) as usize;
        (first, from + line_text(source, first).trim_end().len())
    };
    Some(Seen {
        file: label.span.file,
        source,
        message: &label.message,
        primary,
        bytes: start..end.max(start),
        lines: (first, last),
    })
}

fn line_of(source: &SourceFile, at: usize) -> usize {
    source.lines().line(u32::try_from(at).unwrap_or(u32::MAX))
}

fn boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn line_text(source: &SourceFile, line: usize) -> &str {
    let start = source.lines().start(line) as usize;
    let end =
        if line + 1 < source.lines().lines() { source.lines().start(line + 1) as usize } else { source.text.len() };
    let text = source.text.get(start..end).unwrap_or("");
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

/// Ranges of lines to show, the culprit's first, then the other ones of its file, then those of other files.
fn blocks<'a>(labels: &[Seen<'a>]) -> Vec<(&'a SourceFile, Range<usize>)> {
    let mut wanted: BTreeMap<FileId, Vec<Range<usize>>> = BTreeMap::new();
    for label in labels {
        let (first, last) = label.lines;
        let from = head(label.source, first).unwrap_or(first).min(first.saturating_sub(1));
        let to = (last + 2).min(label.source.lines().lines());
        wanted.entry(label.file).or_default().push(from..to);
    }
    let mut shown = Vec::new();
    for (file, mut ranges) in wanted {
        let Some(source) = labels.iter().find(|label| label.file == file).map(|label| label.source) else { continue };
        ranges.sort_by_key(|range| range.start);
        let mut merged: Vec<Range<usize>> = Vec::new();
        for range in ranges {
            match merged.last_mut() {
                // One line between two blocks takes less room than a second frame.
                Some(last) if range.start <= last.end + 1 => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        for range in merged {
            let labelled = |line: usize| {
                labels.iter().any(|label| label.file == file && label.lines.0 <= line && line <= label.lines.1)
            };
            let blank = |line: usize| !labelled(line) && line_text(source, line).trim().is_empty();
            let mut range = range;
            while range.len() > 1 && blank(range.start) {
                range.start += 1;
            }
            while range.len() > 1 && blank(range.end - 1) {
                range.end -= 1;
            }
            let culprit = labels.iter().any(|l| l.primary && l.file == file && range.contains(&l.lines.0));
            let same_file = labels.iter().any(|l| l.primary && l.file == file);
            shown.push(((!culprit, !same_file, file, range.start), source, range));
        }
    }
    shown.sort_by_key(|(order, _, _)| *order);
    shown.into_iter().map(|(_, source, range)| (source, range)).collect()
}

/// The line that opens the block a line stands in, when it is near.
fn head(source: &SourceFile, line: usize) -> Option<usize> {
    let indent = |line: usize| {
        let text = line_text(source, line);
        let rest = text.trim_start();
        (!rest.is_empty()).then(|| text.len() - rest.len())
    };
    let own = indent(line)?;
    (line.saturating_sub(HEAD_DISTANCE)..line).rev().find(|&above| indent(above).is_some_and(|other| other < own))
}

/// What is shown of a line: at most [`LONGEST_LINE`] characters, those that could drive a terminal replaced.
struct Shown<'a> {
    part: &'a str,
    from: usize,
    cut_front: bool,
}

impl<'a> Shown<'a> {
    /// The label that must be seen is the first one given.
    fn of(line: &'a str, labels: &[Range<usize>]) -> Self {
        let (first, reach) = labels.first().map_or((0, 0), |range| (range.start, range.end));
        let visible = line.char_indices().nth(LONGEST_LINE).map_or(line.len(), |(at, _)| at);
        if visible == line.len() {
            return Self { part: line, from: 0, cut_front: false };
        }
        let from = if reach <= visible {
            0
        } else {
            let before = line.get(..first.min(line.len())).unwrap_or("");
            before.char_indices().rev().nth(LEAD_IN - 1).map_or(0, |(at, _)| at)
        };
        let rest = line.get(from..).unwrap_or("");
        let to = rest.char_indices().nth(LONGEST_LINE).map_or(rest.len(), |(at, _)| at);
        Self { part: rest.get(..to).unwrap_or(""), from, cut_front: from > 0 }
    }

    fn text(&self, line: &str) -> String {
        let mut text = String::new();
        if self.cut_front {
            text.push('…');
        }
        text.extend(self.part.chars().map(harmless));
        if self.from + self.part.len() < line.len() {
            text.push('…');
        }
        text
    }

    /// Where a byte of the line stands in [`Shown::text`].
    fn place(&self, at: usize) -> usize {
        if self.cut_front && at < self.from {
            return 0;
        }
        let lead = if self.cut_front { '…'.len_utf8() } else { 0 };
        let before = self.part.char_indices().take_while(|(offset, _)| self.from + offset < at);
        lead + before.map(|(_, c)| harmless(c).len_utf8()).sum::<usize>()
    }
}

/// A character that neither drives a terminal nor turns the direction of what follows.
pub fn harmless(c: char) -> char {
    match c {
        '\t' => '\t',
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\u{7f}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' => '\u{fffd}',
        c => c,
    }
}

fn draw(window: &mut Window, source: &SourceFile, lines: Range<usize>, labels: &[Seen]) {
    let start = window.text.len();
    let inside: Vec<&Seen> =
        labels.iter().filter(|label| std::ptr::eq(label.source, source) && lines.contains(&label.lines.0)).collect();
    // Where each label starts and ends in the window, filled line by line.
    let mut places: Vec<Range<usize>> = vec![0..0; inside.len()];
    for line in lines.clone() {
        let text = line_text(source, line);
        let offset = source.lines().start(line) as usize;
        let within = |at: usize| at.saturating_sub(offset).min(text.len());
        let here: Vec<Range<usize>> = inside
            .iter()
            .filter(|label| label.lines.0 == line)
            .map(|label| within(label.bytes.start)..within(label.bytes.end))
            .collect();
        let shown = Shown::of(text, &here);
        let base = window.text.len();
        let mut drawn = shown.text(text);
        for (label, place) in inside.iter().zip(&mut places) {
            if label.lines.0 == line {
                let at = shown.place(within(label.bytes.start));
                // Something to point at behind the end of a line.
                if at >= drawn.len() {
                    drawn.push(' ');
                }
                let width = drawn.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
                *place = base + at..base + at + width;
            }
            if label.lines.1 == line {
                place.end = place.end.max(base + shown.place(within(label.bytes.end)));
            }
        }
        drawn.push('\n');
        window.text.push_str(&drawn);
    }
    for (label, range) in inside.iter().zip(places) {
        let at = u32::try_from(label.bytes.start).unwrap_or(u32::MAX);
        let position = source.lines().position(&source.text, at);
        window.labels.push(Placed {
            range,
            message: label.message.chars().map(harmless).collect(),
            primary: label.primary,
            line: label.lines.0,
            column: (position.column as usize).saturating_sub(1),
        });
    }
    window.blocks.push(Block {
        name: source.name.chars().map(harmless).collect(),
        range: start..window.text.len(),
        line: lines.start,
        lines: lines.len(),
    });
}

/// Sorts the labels and gives every character under them to one of them, since two underlines cannot share a column: later starts first, then shorter ones;
/// each of the others keeps the first stretch that is left, and one that has none speaks where it begins.
fn untangle(window: &mut Window) {
    let mut labels: Vec<Placed> = Vec::new();
    for label in window.labels.drain(..) {
        match labels.iter_mut().find(|other| other.range == label.range) {
            Some(other) => other.join(label),
            None => labels.push(label),
        }
    }
    labels.sort_by_key(|label| (std::cmp::Reverse(label.range.start), label.range.end));
    let mut placed: Vec<Placed> = Vec::new();
    for mut label in labels {
        // A label over several lines is drawn in the margin and is in nobody's way.
        let under = window.text.get(label.range.clone()).unwrap_or("");
        if under.contains('\n') {
            placed.push(label);
            continue;
        }
        let taken =
            |at: usize| placed.iter().position(|other| !margin(&window.text, other) && other.range.contains(&at));
        let places: Vec<usize> = under.char_indices().map(|(at, _)| label.range.start + at).collect();
        match places.iter().position(|at| taken(*at).is_none()) {
            Some(first) => {
                let run = places.iter().skip(first).find(|at| taken(**at).is_some()).copied();
                label.range = places.get(first).copied().unwrap_or(label.range.start)..run.unwrap_or(label.range.end);
                placed.push(label);
            }
            None => match taken(label.range.start).and_then(|at| placed.get_mut(at)) {
                Some(other) => other.join(label),
                None => placed.push(label),
            },
        }
    }
    placed.sort_by_key(|label| (label.range.start, label.range.end));
    window.labels = placed;
}

/// Whether a label is drawn in the margin, since it spans lines.
fn margin(text: &str, label: &Placed) -> bool {
    text.get(label.range.clone()).unwrap_or("").contains('\n')
}

impl Placed {
    /// Says what another label of the same place says, too.
    fn join(&mut self, other: Self) {
        self.primary |= other.primary;
        if other.message.is_empty() || other.message == self.message {
            return;
        }
        // The culprit speaks first.
        let (first, second) = if other.primary {
            (other.message, std::mem::take(&mut self.message))
        } else {
            (std::mem::take(&mut self.message), other.message)
        };
        self.message = [first, second].into_iter().filter(|message| !message.is_empty()).collect::<Vec<_>>().join("\n");
    }
}
