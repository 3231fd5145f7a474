//! What is printed so far, and how one statement is laid out: on one line where it fits, else broken at the outermost commas.

use super::tokens::{Token, blank_between, may_break};
use crate::syntax::parse::Rule;

/// No line is made longer where it can be broken.
pub(super) const WIDTH: usize = 120;
/// One level.
pub(super) const INDENT: usize = 2;

/// A remark or documentation line as it is printed.
#[derive(Clone, Debug)]
pub(super) struct Remark {
    /// From the first hash, without blanks at the end.
    pub text: String,
    /// Offset of the first hash in the text it was read from.
    pub start: usize,
    /// Whether something stands before it on its line.
    pub behind: bool,
    /// Whether an empty line stands before it.
    pub blank: bool,
}

/// Where two tokens of a line are moved to: the columns of an entity.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stops {
    /// The token and the column it is moved to.
    pub first: Option<(usize, usize)>,
    /// The token and the column it is moved to.
    pub second: Option<(usize, usize)>,
}

impl Stops {
    fn of(self, token: usize) -> Option<usize> {
        [self.first, self.second].into_iter().flatten().find(|(at, _)| *at == token).map(|(_, column)| column)
    }
}

/// What is printed.
#[derive(Debug, Default)]
pub(super) struct Page {
    text: String,
    /// Characters on the last line.
    column: usize,
    /// What was printed, to be held against what is read back.
    pub tokens: Vec<Token>,
    /// The remarks that were printed.
    pub remarks: Vec<String>,
}

impl Page {
    /// The text.
    pub fn into_text(self) -> String {
        self.text
    }

    /// How many characters stand on the last line.
    pub fn column(&self) -> usize {
        self.column
    }

    /// Adds text that holds no newline.
    pub fn put(&mut self, text: &str) {
        self.column += text.chars().count();
        self.text.push_str(text);
    }

    /// Starts a line, unless the page is empty; `blank` leaves one empty before it.
    pub fn start(&mut self, indent: usize, blank: bool) {
        if !self.text.is_empty() {
            self.text.push('\n');
            if blank {
                self.text.push('\n');
            }
        }
        self.column = 0;
        self.put(&" ".repeat(indent));
    }

    /// Ends the last line.
    pub fn finish(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    /// Adds a token as it is.
    pub fn token(&mut self, token: &Token) {
        self.put(&token.text);
        self.tokens.push(token.clone());
    }

    /// Adds a remark.
    pub fn remark(&mut self, remark: &Remark) {
        self.put(&remark.text);
        self.remarks.push(remark.text.clone());
    }

    /// Adds a remark behind what stands on the line.
    pub fn behind(&mut self, remark: Option<&Remark>) {
        if let Some(remark) = remark {
            self.put("  ");
            self.remark(remark);
        }
    }

    /// Adds tokens, with the remarks among them, from the present column on. Further lines are indented by `further`.
    pub fn line(&mut self, tokens: &[Token], remarks: &[Remark], further: usize, stops: Stops) {
        let outermost = outermost(tokens);
        let mut remarks = remarks.iter().peekable();
        let mut broken = false;
        let mut before: Option<&Token> = None;
        for (at, token) in tokens.iter().enumerate() {
            let mut fresh = false;
            while let Some(remark) = remarks.next_if(|remark| remark.start < token.start) {
                if remark.behind && !fresh {
                    self.put("  ");
                } else {
                    self.start(further, false);
                }
                self.remark(remark);
                fresh = true;
            }
            if let Some(before) = before {
                // A piece is measured only where it starts, so that a long line costs no more than its length.
                let too_long = || self.column + piece(tokens, at, outermost) > WIDTH;
                if fresh || (breaks(before, token, outermost) && too_long()) {
                    self.start(further, false);
                    broken = true;
                } else if let Some(column) = stops.of(at).filter(|_| !broken) {
                    self.put(&" ".repeat(column.saturating_sub(self.column).max(2)));
                } else if blank_between(before, token) {
                    self.put(" ");
                }
            }
            self.token(token);
            before = Some(token);
        }
    }
}

/// Whether a line that is too long ends between two tokens.
fn breaks(before: &Token, after: &Token, outermost: usize) -> bool {
    let reason = after.rule == Rule::kw_because && after.within == Rule::because;
    reason || (after.depth == outermost && may_break(before, after))
}

/// How deep the outermost places are where a line may end.
fn outermost(tokens: &[Token]) -> usize {
    let pairs = tokens.iter().zip(tokens.iter().skip(1));
    pairs.filter(|(before, after)| may_break(before, after)).map(|(_, after)| after.depth).min().unwrap_or(0)
}

/// The width from a token to the next place where the line may end, with the blank before it.
fn piece(tokens: &[Token], at: usize, outermost: usize) -> usize {
    let mut width = 0;
    let mut before = at.checked_sub(1).and_then(|at| tokens.get(at));
    for (offset, token) in tokens.iter().enumerate().skip(at) {
        if let Some(before) = before {
            if offset > at && breaks(before, token, outermost) {
                break;
            }
            width += usize::from(blank_between(before, token));
        }
        width += token.text.chars().count();
        before = Some(token);
    }
    width
}

/// How wide tokens are on one line.
pub(super) fn width(tokens: &[Token]) -> usize {
    let blanks =
        tokens.iter().zip(tokens.iter().skip(1)).filter(|(before, after)| blank_between(before, after)).count();
    tokens.iter().map(|token| token.text.chars().count()).sum::<usize>() + blanks
}
