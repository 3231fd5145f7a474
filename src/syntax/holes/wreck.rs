//! The words for a hole: the text is read once more as what it should have been, and where that fails decides.
//!
//! Every edit offered here was tried: the text parses once it is made.

use super::Place;
use crate::diag::{Code, Diagnostic, codes};
use crate::source::{FileId, Span};
use crate::syntax::ast::Name;
use crate::syntax::hints::HINTS;
use crate::syntax::parse::{Miss, Rule, attempt, is_sound};
use crate::syntax::{forms, phrases, suggest};

/// Longer texts are not parsed again to try an edit.
const LONGEST_TRIAL: usize = 64 * 1024;

/// A piece of text that is not of the language.
pub(in crate::syntax) struct Wreck<'a> {
    pub(super) file: FileId,
    pub(super) text: &'a str,
    pub(super) start: usize,
    pub(super) slice: &'a str,
    pub(super) place: Place,
    /// Where it fails, in the slice.
    pub(super) at: usize,
    pub(super) expected: Vec<Rule>,
    /// The first word is not to blame.
    pub(super) sound_start: bool,
}

impl<'a> Wreck<'a> {
    /// Reads the text at `span` as a line of `place`.
    pub fn new(file: FileId, text: &'a str, span: Span, place: Place) -> Self {
        let start = span.start as usize;
        let slice = text.get(span.range()).unwrap_or_default();
        // Text that parses alone is wrong only by what follows it.
        let miss = attempt(place.probe(), slice).err().unwrap_or(Miss { at: 0, expected: Vec::new() });
        let at = miss.at.min(slice.len());
        let mut wreck = Self { file, text, start, slice, place, at, expected: miss.expected, sound_start: false };
        wreck.drop_names();
        wreck
    }

    /// Leaves out what was only expected because any word may also be a name.
    fn drop_names(&mut self) {
        let (first, at) = (self.word(0), self.at);
        let second = !first.is_empty() && self.slice.get(first.len()..at).is_some_and(|gap| gap.trim().is_empty());
        let keyword = self.place.words().contains(&first);
        let idle: &[Rule] = match self.place {
            Place::File if second && keyword => &[Rule::kw_except, Rule::pipe],
            Place::Stage if second && keyword => &[Rule::EOI],
            _ => &[],
        };
        for rule in idle.iter().chain(&[Rule::kw_after]) {
            if self.expected.len() > 1 {
                self.expected.retain(|expected| expected != rule);
            }
        }
    }

    /// Says that everything before an offset of the file is sound.
    pub fn behind(mut self, at: usize) -> Self {
        let least = at.saturating_sub(self.start);
        if self.at < least {
            (self.at, self.expected) = (least, vec![Rule::EOI]);
        }
        self.sound_start = true;
        self
    }

    /// The name of the declaration that the text was to be.
    pub fn declared(&self) -> Option<Name> {
        let first = self.word(0);
        let known = Place::File.words();
        let declares = known.contains(&first)
            || self.slice.contains('{')
            || suggest::nearest(first, known.iter().copied()).is_some();
        let behind = self.slice.get(first.len()..).filter(|_| declares && !first.is_empty())?;
        let at = self.slice.len() - behind.trim_start_matches([' ', '\t']).len();
        let name = self.word(at);
        (!name.is_empty()).then(|| Name { text: name.to_owned(), span: self.span(at, at + name.len()) })
    }

    /// Where it fails, in the file.
    pub fn at(&self) -> usize {
        self.start + self.at
    }

    /// The bytes `from..to` of the slice.
    pub fn span(&self, from: usize, to: usize) -> Span {
        Span::new(self.file, self.start + from, self.start + to)
    }

    /// Finds the words.
    pub fn explain(&self) -> Diagnostic {
        self.sign()
            .or_else(|| self.habit())
            .or_else(|| self.newcomer())
            .or_else(|| self.unit())
            .or_else(|| self.bare_text())
            .or_else(|| self.near(self.at, true))
            .or_else(|| self.near(0, true))
            .or_else(|| self.claim())
            .or_else(|| self.misplaced())
            .or_else(|| self.near(0, false))
            .or_else(|| self.insertion())
            .or_else(|| self.near(self.at, false))
            .or_else(|| self.unknown())
            .unwrap_or_else(|| self.expectation())
    }

    pub(super) fn rest(&self) -> &'a str {
        self.slice.get(self.at..).unwrap_or_default()
    }

    pub(super) fn finding(&self, code: Code, from: usize, to: usize, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, self.span(from, to), message)
    }

    /// Offers an edit if the text parses once it is made.
    pub(super) fn tried(&self, finding: Diagnostic, from: usize, to: usize, new: &str) -> Diagnostic {
        if self.cures(from, to, new) { finding.fix(self.span(from, to), new) } else { finding }
    }

    pub(super) fn cures(&self, from: usize, to: usize, new: &str) -> bool {
        let (Some(before), Some(after)) = (self.slice.get(..from), self.slice.get(to..)) else { return false };
        self.slice.len() <= LONGEST_TRIAL && is_sound(self.place.probe(), &format!("{before}{new}{after}"))
    }

    /// The end of the word at an offset; of the sign where there is no word.
    pub(super) fn word_end(&self, at: usize) -> usize {
        let rest = self.slice.get(at..).unwrap_or_default();
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        if word > 0 { at + word } else { at + rest.chars().next().map_or(0, char::len_utf8) }
    }

    pub(super) fn word(&self, at: usize) -> &'a str {
        let word = self.slice.get(at..self.word_end(at)).unwrap_or_default();
        if word.starts_with(|c: char| c.is_alphabetic() || c == '_') { word } else { "" }
    }

    /// Words of other languages, at the first word or at the failure.
    fn newcomer(&self) -> Option<Diagnostic> {
        // In an entity the first word is mostly the name of a column.
        let places = match self.place {
            Place::Record => [self.at, 0],
            // What declares stands first.
            Place::File => [0, 0],
            _ => [0, self.at],
        };
        places.into_iter().find_map(|at| self.newcomer_at(at))
    }

    fn newcomer_at(&self, at: usize) -> Option<Diagnostic> {
        if at == 0 && self.sound_start {
            return None;
        }
        let place = if self.place == Place::Defaults { Place::View } else { self.place };
        for hint in HINTS.iter().filter(|hint| hint.place == place) {
            let Some(to) = self.starts_with(at, hint.words) else { continue };
            if at == 0 && place == Place::Record && self.at > to + 1 && !hint.words.contains(' ') {
                continue;
            }
            let finding = self.finding(codes::SYNTAX, at, to, hint.says).help(hint.help);
            let Some(new) = hint.instead else { return Some(finding) };
            let from = if new.is_empty() || new == "?" { self.slice.get(..at)?.trim_end().len() } else { at };
            let to = if at == 0 && new.is_empty() {
                self.slice.len() - self.slice.get(to..)?.trim_start().len()
            } else {
                to
            };
            return Some(self.tried(finding, from, to, new));
        }
        None
    }

    /// Where the words end, if they stand at an offset.
    fn starts_with(&self, mut at: usize, words: &str) -> Option<usize> {
        let mut end = at;
        for word in words.split(' ') {
            let rest = self.slice.get(at..)?;
            at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
            end = self.word_end(at);
            if !self.slice.get(at..end)?.eq_ignore_ascii_case(word) {
                return None;
            }
            at = end;
        }
        Some(end)
    }

    /// Did you mean, at the failure or at the first word.
    fn near(&self, at: usize, only_cures: bool) -> Option<Diagnostic> {
        let first = at == 0;
        if first && self.sound_start {
            return None;
        }
        let word = Some(self.word(at)).filter(|word| !word.is_empty())?;
        let to = at + word.len();
        let near = if first && !self.place.words().is_empty() {
            if self.place.words().contains(&word) || self.slice.get(to..)?.starts_with('.') {
                return None;
            }
            suggest::nearest(word, self.place.words().iter().copied())?.to_owned()
        } else {
            phrases::nearest(word, &self.expected)?
        };
        // In these any word may start a line.
        let open = matches!(self.place, Place::Record | Place::Settings | Place::Environment | Place::Source);
        if !self.cures(at, to, &near) && (only_cures || (first && open)) {
            return None;
        }
        let what = if first { self.place.noun() } else { "word" };
        let finding = self.finding(codes::SYNTAX, at, to, format!("unknown {what} `{word}`, did you mean `{near}`?"));
        Some(self.tried(finding.help(format!("write `{near}`")), at, to, &near))
    }

    /// Did you mean, for a claim: its first word also reads as the name of an effect.
    fn claim(&self) -> Option<Diagnostic> {
        let at = self.starts_with(0, "guarantee").filter(|_| !self.sound_start)?;
        let at = at + self.slice.get(at..)?.find(|c: char| !c.is_whitespace())?;
        let word = self.word(at);
        let near = suggest::nearest(word, phrases::words(Rule::claim).iter().copied())?;
        if phrases::words(Rule::claim).contains(&word) || !self.cures(at, at + word.len(), near) {
            return None;
        }
        let finding =
            self.finding(codes::SYNTAX, at, at + word.len(), format!("unknown word `{word}`, did you mean `{near}`?"));
        Some(finding.help(format!("write `{near}`")).fix(self.span(at, at + word.len()), near))
    }

    /// A statement of another place.
    fn misplaced(&self) -> Option<Diagnostic> {
        let word = Some(self.word(0)).filter(|word| !word.is_empty() && !self.sound_start)?;
        let here = self.place.what();
        if self.place.words().contains(&word) {
            return None;
        }
        let finding = |message: String| self.finding(codes::MISPLACED_STATEMENT, 0, word.len(), message);
        let reads_as = |place: Place| is_sound(place.probe(), self.first_line());
        let takes_settings = matches!(self.place, Place::Environment | Place::Settings);
        if !takes_settings && reads_as(Place::Settings) {
            let message = format!("`{word}` is a setting and belongs in an environment, not {here}");
            return Some(finding(message).help("move it into an `environment`"));
        }
        if matches!(self.place, Place::View | Place::Defaults)
            && Place::Stage.words().contains(&word)
            && reads_as(Place::Stage)
        {
            let finding = self.finding(codes::SYNTAX, 0, word.len(), format!("the stage `{word}` lacks its `|`"));
            return Some(finding.help("write `|` in front of it, above the statements").fix(self.span(0, 0), "| "));
        }
        // A column may have any name, so there the whole line must be of the other place.
        let any_name = matches!(self.place, Place::Record | Place::Stage | Place::Settings | Place::Environment);
        let homes: Vec<String> = Place::WITH_STATEMENTS
            .into_iter()
            .filter(|place| place.words().contains(&word) && (!any_name || reads_as(*place)))
            .map(|place| place.what().to_owned())
            .collect();
        if homes.is_empty() || self.place == Place::Source {
            return None;
        }
        let homes = phrases::or(&homes);
        Some(finding(format!("`{word}` belongs {homes}, not {here}")).help("move it there"))
    }

    fn first_line(&self) -> &'a str {
        self.slice.lines().next().unwrap_or_default().trim_end()
    }

    /// A sign or word whose absence is the whole mistake.
    fn insertion(&self) -> Option<Diagnostic> {
        let head = self.slice.get(..self.at)?.trim_end().len();
        // Of several words none is certain.
        if self.place == Place::Source {
            return None;
        }
        let words = self.expected.iter().filter(|rule| phrases::is_word(**rule, &self.expected)).count();
        let mut cures = Vec::new();
        for &rule in self.expected.iter().take(12) {
            let (at, new) = match rule {
                Rule::comma => (head, ",".to_owned()),
                Rule::rparen => (head, ")".to_owned()),
                Rule::rbracket => (head, "]".to_owned()),
                Rule::colon => (head, ":".to_owned()),
                Rule::eq => (self.at, "= ".to_owned()),
                Rule::pipe => (self.at, "| ".to_owned()),
                Rule::lbrace if self.rest().trim_start().starts_with('{') => {
                    let brace = self.slice.len() - self.rest().trim_start().len();
                    let message = "the `{` of a body stands on the line of its declaration";
                    let finding = self.finding(codes::SYNTAX, brace, brace + 1, message);
                    let finding = finding.help("put the `{` at the end of the line above");
                    return Some(self.tried(finding, head, brace + 1, " {"));
                }
                Rule::lbrace if self.rest().starts_with(['\n', '\r']) => (head, " {".to_owned()),
                Rule::EOI => {
                    cures.extend(self.separator().map(|new| (head, new.to_owned())));
                    continue;
                }
                _ => match phrases::keyword(rule) {
                    // A word twice is one that was read as a name.
                    Some(word) if words == 1 && !self.slice.get(..head)?.ends_with(&word) => {
                        (self.at, format!("{word} "))
                    }
                    Some(_) | None => continue,
                },
            };
            if self.cures(at, at, &new) {
                cures.push((at, new));
            }
        }
        if cures.is_empty() && words == 1 {
            return self.replacement();
        }
        match cures.as_slice() {
            [(at, new)] => {
                let help =
                    if new == "\n" { "start a new line".to_owned() } else { format!("write `{}` here", new.trim()) };
                let finding = self.expectation().help(help);
                Some(finding.fix(self.span(*at, *at), new.as_str()))
            }
            _ => None,
        }
    }

    /// The one word that is expected, for another that stands in its place.
    fn replacement(&self) -> Option<Diagnostic> {
        let found = Some(self.word(self.at)).filter(|word| !word.is_empty())?;
        let word = self.expected.iter().find_map(|rule| phrases::keyword(*rule))?;
        let said = phrases::list(&self.expected);
        if said != format!("`{word}`") && said != format!("`{word}` or the end of the line") {
            return None;
        }
        let to = self.at + found.len();
        let finding = self.expectation().help(format!("write `{word}`"));
        self.cures(self.at, to, &word).then(|| finding.fix(self.span(self.at, to), word))
    }

    /// What separates two good statements on one line.
    fn separator(&self) -> Option<&'static str> {
        let (first, second) = (self.slice.get(..self.at)?.trim(), self.rest().trim());
        let next = if self.place == Place::Stage { Place::View } else { self.place };
        let sound = is_sound(next.probe(), second) && (self.sound_start || is_sound(self.place.probe(), first));
        match self.place {
            _ if !sound => None,
            Place::File if self.sound_start => Some("\n"),
            Place::Stage => Some(","),
            _ => self.on_one_line().then_some(","),
        }
    }

    /// A first word that is none of this place.
    fn unknown(&self) -> Option<Diagnostic> {
        let open = matches!(self.place, Place::Record | Place::Settings | Place::Source);
        let word = Some(self.word(0)).filter(|word| !word.is_empty() && !self.sound_start && !open)?;
        let path = self
            .slice
            .get(word.len()..)
            .is_some_and(|rest| rest.starts_with('.') || rest.trim_start().starts_with('|'));
        let alone = self.place == Place::File && self.rest().trim().is_empty();
        if self.place.words().contains(&word) || path || alone || self.expected.is_empty() {
            return None;
        }
        let words: Vec<String> = self.place.words().iter().map(|word| format!("`{word}`")).collect();
        let message = match self.place {
            Place::Stage => format!("unknown pipeline stage `{word}`"),
            place => format!("unknown {} `{word}` {}", place.noun(), place.what()),
        };
        Some(self.finding(codes::SYNTAX, 0, word.len(), message).help(format!("write {}", phrases::or(&words))))
    }

    /// Whether the text stands in a body that opens on the same line, and not far away.
    fn on_one_line(&self) -> bool {
        let before = self.text.as_bytes().get(..self.start).unwrap_or_default();
        let sign = before.iter().rev().take(1000).find(|sign| matches!(sign, b'\n' | b'\r' | b'{'));
        !matches!(self.place, Place::File | Place::Stage | Place::Source) && sign == Some(&b'{')
    }

    /// What was expected, and what was found.
    fn expectation(&self) -> Diagnostic {
        let end = self.word_end(self.at);
        let rest = self.rest();
        // At the end of the hole the sign that ended it was found.
        let next = self.text.get(self.start + self.slice.len()..).unwrap_or_default().trim_start_matches([' ', '\t']);
        let next = next.chars().next().filter(|sign| !matches!(sign, '\n' | '\r' | '#'));
        let (to, found) = match (rest.chars().next(), next) {
            (None | Some('\n' | '\r'), None) | (Some('\n' | '\r'), Some(_)) => {
                (self.at, "the end of the line".to_owned())
            }
            (None, Some(sign)) => (self.at, format!("`{sign}`")),
            (Some(quote @ ('"' | '\'')), _) => {
                let length = rest.get(1..).and_then(|inside| inside.find(quote)).map_or(1, |at| at + 2);
                (self.at + length, "a text".to_owned())
            }
            (Some(_), _) => (end, format!("`{}`", self.slice.get(self.at..end).unwrap_or_default())),
        };
        if self.expected.is_empty() {
            let message = format!("this cannot stand {}", self.place.what());
            let finding = self.finding(codes::SYNTAX, 0, self.word_end(0), message);
            return finding.help(format!("write `{}`", forms::form(self.place, self.word(0))));
        }
        if self.slice.ends_with(',') && self.at == self.slice.len() {
            let comma = self.at - 1;
            let message = "a `,` at the end goes on with the list";
            let finding =
                self.finding(codes::SYNTAX, comma, self.at, message).help("delete the `,` or add what follows");
            return self.tried(finding, comma, self.at, "");
        }
        let mut list = phrases::list(&self.expected);
        if self.on_one_line() {
            let ends = if list.contains("`,`") { "`}`" } else { "`,` or `}`" };
            list = list.replace("the end of the line", ends);
        }
        let finding = self.finding(codes::SYNTAX, self.at, to, format!("expected {list}, found {found}"));
        finding.help(format!("write `{}`", forms::form(self.place, self.word(0))))
    }
}
