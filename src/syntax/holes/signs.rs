//! Signs, numbers and texts of other languages, where a hole fails.

use super::Place;
use super::wreck::Wreck;
use crate::diag::{Diagnostic, codes};
use crate::source::Span;
use crate::syntax::parse::{Rule, is_sound};

/// Signs of other languages: the sign, what replaces it, what the finding says, what to do.
static SIGNS: &[(&str, Option<&str>, &str, &str)] = &[
    (">>", Some("|"), "pipelines are written with `|`, not with arrows", "write `|`"),
    ("→", Some("|"), "pipelines are written with `|`, not with arrows", "write `|`"),
    ("-->", Some("|"), "pipelines are written with `|`, not with arrows", "write `|`"),
    ("->", Some("|"), "pipelines are written with `|`, not with arrows", "write `|`"),
    ("=>", Some("|"), "pipelines are written with `|`, not with arrows", "write `|`"),
    ("==", Some("="), "equality is written `=`, not `==`", "write `=`"),
    ("&&", Some("and"), "`&&` is written `and`", "write `and`"),
    ("||", None, "`||` is no operator", "write `or`; texts are not joined in a pipeline"),
    ("//", Some("#"), "a remark starts with `#`", "write `#`"),
    ("/*", None, "a remark starts with `#` and ends with its line", "write `#`"),
    ("--", Some("#"), "a remark starts with `#`", "write `#`"),
    (";", Some(""), "a statement ends with its line, not with `;`", "delete the `;`"),
    (
        "##",
        None,
        "documentation stands on a line of its own, above what it describes",
        "move it up, or write a remark with one `#`",
    ),
];

impl Wreck<'_> {
    /// A quote inside a text that is not doubled: where the text seemed to end.
    pub fn doubled_quote(&self) -> Option<usize> {
        let quote = self.at.checked_sub(1)?;
        (self.slice.get(quote..self.at) == Some("'") && !self.word(self.at).is_empty()).then_some(quote)
    }

    /// Signs of other languages.
    pub(super) fn sign(&self) -> Option<Diagnostic> {
        if self.place == Place::Stage
            && self.slice.starts_with('>')
            && self.text.get(..self.start).is_some_and(|text| text.ends_with('|'))
        {
            let span = Span::new(self.file, self.start - 1, self.start + 1);
            let finding = Diagnostic::new(codes::SYNTAX, span, "a pipe is written `|`, not `|>`").help("write `|`");
            let sound = is_sound(Rule::only_stage, self.slice.get(1..).unwrap_or_default().trim_start());
            return Some(if sound { finding.fix(span, "|") } else { finding });
        }
        if let Some(quote) = self.doubled_quote() {
            let finding =
                self.finding(codes::SYNTAX, quote, self.at, "a quote inside a text is doubled").help("write `''`");
            return Some(self.tried(finding, quote, self.at, "''"));
        }
        let before = self.at.checked_sub(1).filter(|at| self.slice.is_char_boundary(*at)).unwrap_or(self.at);
        for from in [before, self.at] {
            let rest = self.slice.get(from..).unwrap_or_default();
            for (sign, new, message, help) in SIGNS {
                if !rest.starts_with(sign) {
                    continue;
                }
                let to = from + sign.len();
                if *new == Some("|") && self.reads_json(from) {
                    let finding = self.finding(codes::SYNTAX, from, to, "the inside of a `json` is not read");
                    return Some(finding.help("take the value out in the record's own database"));
                }
                let finding = self.finding(codes::SYNTAX, from, to, *message).help(*help);
                let Some(new) = new else { return Some(finding) };
                // A remark is no line of its own, and a stage is none of a view's statements.
                let alone = from == 0 && *new == "#" && !self.slice.contains(['\n', '\r']);
                let stage = self.place == Place::View && from == 0 && *new == "|";
                let stage = stage && is_sound(Rule::only_stage, self.slice.get(to..).unwrap_or_default().trim());
                return Some(if alone || stage {
                    finding.fix(self.span(from, to), *new)
                } else {
                    self.tried(finding, from, to, new)
                });
            }
        }
        let rest = self.rest();
        if rest.starts_with(':') && self.expected.contains(&Rule::type_word) {
            let finding = self
                .finding(codes::SYNTAX, self.at, self.at + 1, "a column is written without `:`")
                .help("delete the `:`");
            return Some(self.tried(finding, self.at, self.at + 1, ""));
        }
        if rest.starts_with('(') && self.expected.contains(&Rule::lbrace) {
            let message = "the body of a declaration stands in braces, not in parentheses";
            return Some(self.finding(codes::SYNTAX, self.at, self.at + 1, message).help("write `{` and `}`"));
        }
        if rest.starts_with('=') && self.place == Place::File && self.word(0) == "secret" {
            let message = "the value of a secret never stands in a file";
            let help = "say in an environment where it is, as in `secret name = env \"VARIABLE\"`";
            return Some(self.finding(codes::SYNTAX, self.at, self.at + 1, message).help(help));
        }
        if rest.starts_with(':') && self.expected.contains(&Rule::eq) {
            let finding = self
                .finding(codes::SYNTAX, self.at, self.at + 1, "a setting is written with `=`, not `:`")
                .help("write `=`");
            return Some(self.tried(finding, self.at, self.at + 1, " ="));
        }
        if rest.starts_with(['“', '”', '„', '‘', '’', '«']) {
            let message = "typographic quotes do not make a text";
            return Some(
                self.finding(codes::SYNTAX, self.at, self.word_end(self.at), message).help("write straight quotes"),
            );
        }
        self.name_of_other_signs()
    }

    /// Whether an arrow is an operator of PostgreSQL's JSON.
    fn reads_json(&self, at: usize) -> bool {
        let behind = self.slice.get(at..).unwrap_or_default().trim_start_matches(['-', '>']).trim_start();
        self.place == Place::Stage && at > 0 && behind.starts_with(|c: char| c == '\'' || c.is_ascii_digit())
    }

    /// `shop-db`, `größe`: names that only backticks can write.
    fn name_of_other_signs(&self) -> Option<Diagnostic> {
        let part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let sign = self.rest().chars().next()?;
        let head = self.slice.get(..self.at)?;
        let from = head
            .rfind(|c: char| !part(c))
            .map_or(0, |at| at + head.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8));
        let to = self.at + self.rest().find(|c: char| !part(c)).unwrap_or(self.rest().len());
        let name = self.slice.get(from..to)?;
        let hyphen = sign == '-' && from < self.at && to > self.at + 1;
        if !hyphen && (sign.is_ascii() || !sign.is_alphabetic()) {
            return None;
        }
        let quoted = format!("`{name}`");
        if !self.cures(from, to, &quoted) {
            return None;
        }
        let message = format!("the name `{name}` has signs other than letters, digits and `_`");
        let finding = self.finding(codes::SYNTAX, from, to, message);
        // A pipeline's name becomes part of other names, where backticks would not help.
        if self.slice.get(..from).is_some_and(|before| before.trim() == "pipeline") {
            let plain = name.to_lowercase().replace('-', "_");
            if plain.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                return Some(finding.help(format!("write `{plain}`")).fix(self.span(from, to), plain));
            }
            return Some(finding.help("use lower-case letters, digits and `_`"));
        }
        Some(finding.help("put the name in backticks").fix(self.span(from, to), quoted))
    }

    /// A text without quotes.
    pub(super) fn bare_text(&self) -> Option<Diagnostic> {
        let setting = matches!(self.place, Place::Environment | Place::Settings);
        let from = if self.expected.contains(&Rule::string) {
            self.at
        } else {
            let eq = self.slice.find('=').filter(|_| setting)?;
            self.slice.len() - self.slice.get(eq + 1..)?.trim_start().len()
        };
        let text = self.slice.get(from..)?.lines().next()?.split([' ', '}', ',']).next()?.trim_end_matches(';');
        if text.is_empty() || text.contains(['"', '\'']) {
            return None;
        }
        let to = from + text.len();
        let quoted = format!("\"{text}\"");
        if !self.cures(from, to, &quoted) {
            return None;
        }
        let finding = self.finding(codes::SYNTAX, from, to, format!("the text `{text}` lacks its quotes"));
        Some(finding.help(format!("write `{quoted}`")).fix(self.span(from, to), quoted))
    }
}
