//! Markers written by hand: which finding stands at which line. `#~ rule` in a `.dia` file or `--~ rule` in a SQL file, on the line itself or, with a
//! `^` for each line, below it; `waived` behind the rule where an `allow` covers the finding. `#~ parts/x.json:3 rule` stands for a file that can hold no
//! remarks.

use std::fmt;

/// A finding that is meant, or one that was made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    pub file: String,
    pub line: u32,
    pub rule: String,
    pub waived: bool,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}{}", self.file, self.line, self.rule, if self.waived { " waived" } else { "" })
    }
}

/// The markers of a file.
pub fn read(file: &str, text: &str) -> Vec<Mark> {
    let sign = if file.ends_with(".sql") { "--~" } else { "#~" };
    let mut marks = Vec::new();
    for (line, text) in (1u32..).zip(text.lines()) {
        for written in text.split(sign).skip(1) {
            let rest = written.trim_start_matches('^');
            let up = u32::try_from(written.len() - rest.len()).unwrap_or(0);
            let mut words = rest.split_whitespace();
            let mut word = words.next().unwrap_or("");
            let mut place = (file, line.saturating_sub(up));
            if let Some((other, at)) = word.split_once(':') {
                place = (other, at.parse().unwrap_or(0));
                word = words.next().unwrap_or("");
            }
            let (rule, waived) = (word.to_owned(), words.next() == Some("waived"));
            marks.push(Mark { file: place.0.to_owned(), line: place.1, rule, waived });
        }
    }
    marks
}

/// How what was made differs from what is meant.
pub fn compare(mut meant: Vec<Mark>, mut made: Vec<Mark>) -> Result<(), String> {
    meant.sort();
    made.sort();
    if meant == made {
        return Ok(());
    }
    let mut lines = Vec::new();
    let mut rest = made.clone();
    for mark in meant {
        match rest.iter().position(|other| *other == mark) {
            Some(at) => {
                rest.remove(at);
            }
            None => lines.push(format!("meant and not found  {mark}")),
        }
    }
    lines.extend(rest.iter().map(|mark| format!("found and not meant  {mark}")));
    Err(lines.join("\n"))
}
