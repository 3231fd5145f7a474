//! Constructs of other languages that a word alone does not give away, where a hole fails.

use super::Place;
use super::wreck::Wreck;
use crate::diag::{Diagnostic, codes};
use crate::syntax::hints;
use crate::syntax::parse::{Rule, is_sound};
use crate::syntax::suggest;

impl Wreck<'_> {
    /// Constructs of other languages.
    pub(super) fn habit(&self) -> Option<Diagnostic> {
        self.unseen()
            .or_else(|| self.quoted_name())
            .or_else(|| self.quoted_value())
            .or_else(|| self.broken_head())
            .or_else(|| self.raw_misspelt())
            .or_else(|| self.assigned_body())
            .or_else(|| self.kind_behind())
            .or_else(|| self.other_file())
            .or_else(|| self.comma_before_bracket())
            .or_else(|| self.word_as_column())
            .or_else(|| self.operator())
            .or_else(|| self.stage_in_stage())
            .or_else(|| self.of_a_table())
            .or_else(|| self.setting_as_word())
    }

    /// Signs that nobody sees: most come with text that was copied.
    fn unseen(&self) -> Option<Diagnostic> {
        let sign = self.rest().chars().next()?;
        let blank = matches!(sign, '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}');
        let joins =
            matches!(sign, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}' | '\u{feff}');
        if !(blank || joins || sign.is_control() && !matches!(sign, '\n' | '\r' | '\t')) {
            return None;
        }
        let to = self.at + sign.len_utf8();
        let message = format!("a sign that nobody sees stands here: U+{:04X}", u32::from(sign));
        let finding = self.finding(codes::SYNTAX, self.at, to, message);
        let (help, new) = if blank { ("write a blank", " ") } else { ("delete it", "") };
        Some(self.tried(finding.help(help), self.at, to, new))
    }

    /// `"product"` where a name is meant.
    fn quoted_name(&self) -> Option<Diagnostic> {
        let rest = self.rest();
        let quote = rest.chars().next().filter(|sign| matches!(sign, '"' | '\''))?;
        let length = rest.get(1..)?.find([quote, '\n', '\r'])? + 2;
        let to = self.at + length;
        let bare = name(rest.get(..length)?.trim_matches(quote))?;
        let message = "a name stands without quotes";
        let finding = self.finding(codes::SYNTAX, self.at, to, message).help("leave the quotes out");
        if self.cures(self.at, to, &bare) {
            return Some(finding.fix(self.span(self.at, to), bare));
        }
        // `"host": "x"` is of JSON throughout.
        let behind = self.slice.get(to..)?;
        let colon = to + (behind.len() - behind.trim_start().len());
        if behind.trim_start().starts_with(':') && self.cures(self.at, colon + 1, &format!("{bare} =")) {
            let finding = finding.help(format!("write `{bare} =`"));
            return Some(finding.fix(self.span(self.at, colon + 1), format!("{bare} =")));
        }
        // A list of such names is one mistake.
        let last = self.slice.rfind(quote)? + 1;
        let mut all = String::new();
        for (at, part) in self.slice.get(self.at..last)?.split(quote).enumerate() {
            all.push_str(&if at % 2 == 0 { part.to_owned() } else { name(part)? });
        }
        self.cures(self.at, last, &all).then(|| finding.fix(self.span(self.at, last), all))
    }

    /// `within "5s"`.
    fn quoted_value(&self) -> Option<Diagnostic> {
        let rest = self.rest();
        let quote = rest.chars().next().filter(|sign| matches!(sign, '"' | '\''))?;
        let length = rest.get(1..)?.find([quote, '\n', '\r'])? + 2;
        let (to, bare) = (self.at + length, rest.get(1..length - 1)?);
        let value = bare.starts_with(|c: char| c.is_ascii_digit()) && self.cures(self.at, to, bare);
        let finding = self.finding(codes::SYNTAX, self.at, to, format!("`{bare}` stands without quotes"));
        value.then(|| finding.help("leave the quotes out").fix(self.span(self.at, to), bare))
    }

    /// A head that goes on in the next line.
    fn broken_head(&self) -> Option<Diagnostic> {
        let head = self.slice.get(..self.at)?.trim_end().len();
        let behind = self.slice.get(head..)?;
        let next = head + (behind.len() - behind.trim_start().len());
        if self.place != Place::File
            || self.slice.get(next..)?.starts_with('{')
            || !self.slice.get(head..next)?.contains(['\n', '\r'])
            || !self.cures(head, next, " ")
        {
            return None;
        }
        let end = self.slice.get(next..)?.find(['\n', '\r']).map_or(self.slice.len(), |at| next + at);
        let finding = self.finding(codes::SYNTAX, next, end, "the head of a declaration stands on one line");
        Some(finding.help("join the two lines").fix(self.span(head, next), " "))
    }

    /// `rwa "batch.size" = 2000`.
    fn raw_misspelt(&self) -> Option<Diagnostic> {
        let first = self.word(0);
        let settings = matches!(self.place, Place::Settings | Place::Environment);
        if !settings || !self.rest().starts_with('"') || first == "raw" || !self.cures(0, first.len(), "raw") {
            return None;
        }
        suggest::nearest(first, ["raw"])?;
        let message = format!("unknown word `{first}`, did you mean `raw`?");
        let finding = self.finding(codes::SYNTAX, 0, first.len(), message);
        Some(finding.help("write `raw`").fix(self.span(0, first.len()), "raw"))
    }

    /// `= {` and `: {`.
    fn assigned_body(&self) -> Option<Diagnostic> {
        let rest = self.rest();
        let sign = rest.get(..1).filter(|sign| matches!(*sign, "=" | ":"))?;
        let brace = rest.get(1..)?.trim_start_matches([' ', '\t']);
        if !self.expected.contains(&Rule::lbrace) || !brace.starts_with('{') {
            return None;
        }
        let finding = self.finding(codes::SYNTAX, self.at, self.at + 1, format!("a body stands without `{sign}`"));
        let to = self.at + rest.len() - brace.len();
        Some(self.tried(finding.help(format!("delete the `{sign}`")), self.at, to, ""))
    }

    /// `system shop = postgres`, `system shop is postgres`.
    fn kind_behind(&self) -> Option<Diagnostic> {
        if self.place != Place::File || self.word(0) != "system" || !self.expected.contains(&Rule::colon) {
            return None;
        }
        let to = self.word_end(self.at);
        let head = self.slice.get(..self.at)?.trim_end().len();
        let finding = self.finding(codes::SYNTAX, self.at, to, "the kind of a system stands behind a `:`");
        self.cures(head, to, ":").then(|| finding.help("write `:`").fix(self.span(head, to), ":"))
    }

    /// Files of other languages.
    fn other_file(&self) -> Option<Diagnostic> {
        let rest = self.rest();
        if rest.starts_with('$') && self.expected.contains(&Rule::value) {
            let to = self.at + rest.find([' ', ',', '}', '\n', '\r']).map_or(rest.len(), |at| at.max(1));
            let message = "a page holds no variables";
            let help = "name a `secret`, or leave the setting out: then its value is looked up where it runs";
            return Some(self.finding(codes::SYNTAX, self.at, to, message).help(help));
        }
        if self.place != Place::File {
            return None;
        }
        if rest.starts_with('{') && self.word(0) == "pipeline" {
            let finding = self.finding(codes::SYNTAX, self.at, self.at + 1, "a `pipeline` has no body");
            return Some(finding.help("leave the braces out; the declarations stand below it"));
        }
        let page = "write declarations such as `entity name in system.schema.table` and `source | store`";
        if rest.starts_with('[') && self.word(0) == "import" {
            let finding = self.finding(codes::SYNTAX, self.at, self.at + 1, "an `import` names one file");
            return Some(finding.help("write a line `import \"file.dia\"` for each file"));
        }
        if self.at == 0 && (rest.starts_with('{') || rest.starts_with('[')) {
            return Some(self.finding(codes::SYNTAX, 0, 1, "a page is no JSON").help(page));
        }
        if self.at == 0 && rest.starts_with("- ") {
            return Some(self.finding(codes::SYNTAX, 0, 1, "a page is no list of YAML").help(page));
        }
        let first = self.word(0);
        if rest.starts_with(':') && self.slice.get(..self.at)?.trim_end() == first && !first.is_empty() {
            let finding = self.finding(codes::SYNTAX, 0, self.at + 1, format!("`{first}:` declares nothing"));
            return Some(finding.help(page));
        }
        None
    }

    /// `["a", "b",]`, `(a, b,)`.
    fn comma_before_bracket(&self) -> Option<Diagnostic> {
        let head = self.slice.get(..self.at)?.trim_end();
        if !self.rest().starts_with([']', ')']) || !head.ends_with(',') {
            return None;
        }
        let comma = head.len() - 1;
        let message = "a `,` at the end goes on with the list";
        let finding = self.finding(codes::SYNTAX, comma, comma + 1, message).help("delete the `,`");
        Some(self.tried(finding, comma, comma + 1, ""))
    }

    /// `where end > 5`: a column whose name is a word of expressions.
    fn word_as_column(&self) -> Option<Diagnostic> {
        const WORDS: &[&str] =
            &["and", "or", "not", "is", "in", "as", "null", "when", "then", "else", "end", "like", "case"];
        // Behind it a parenthesis was expected: it reads as a function.
        let head = self.slice.get(..self.at)?.trim_end();
        let start = head.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(0, |at| at + 1);
        [self.at, start].into_iter().find_map(|at| {
            let word = Some(self.word(at)).filter(|word| at > 0 && WORDS.contains(word))?;
            let (to, new) = (at + word.len(), format!("`{word}`"));
            if !self.cures(at, to, &new) {
                return None;
            }
            let finding = self.finding(codes::SYNTAX, at, to, format!("`{word}` is a word of expressions"));
            Some(finding.help("put the name in backticks if it is a column").fix(self.span(at, to), new))
        })
    }

    /// Operators of other languages.
    fn operator(&self) -> Option<Diagnostic> {
        let rest = self.rest();
        if rest.starts_with('!') && !rest.starts_with("!=") && self.cures(self.at, self.at + 1, "not ") {
            let finding = self.finding(codes::SYNTAX, self.at, self.at + 1, "`!` is written `not`");
            return Some(finding.help("write `not`").fix(self.span(self.at, self.at + 1), "not "));
        }
        if !self.expected.contains(&Rule::cmp_op) {
            return None;
        }
        let word = self.word(self.at).to_lowercase();
        for (sign, new, message, help) in hints::OPERATORS {
            let word_of_it = sign.starts_with(|c: char| c.is_alphabetic());
            if if word_of_it { word == *sign } else { rest.starts_with(sign) } {
                let to = self.at + sign.len();
                let finding = self.finding(codes::SYNTAX, self.at, to, *message).help(*help);
                return Some(if new.is_empty() { finding } else { self.tried(finding, self.at, to, new) });
            }
        }
        None
    }

    /// `select a where b > 0`: stages without their pipes.
    fn stage_in_stage(&self) -> Option<Diagnostic> {
        let word = self.word(self.at);
        let lower = word.to_lowercase();
        let known = Place::Stage.words().contains(&lower.as_str()) && !matches!(lower.as_str(), "key" | "left");
        if self.place != Place::Stage || self.at == 0 || !known || !self.expected.contains(&Rule::EOI) {
            return None;
        }
        let rest = self.slice.get(self.at + word.len()..)?;
        if !rest.starts_with([' ', '\t']) {
            return None;
        }
        let to = self.at + word.len();
        let stage = if lower == "group" { "group by" } else { lower.as_str() };
        let span_end = if lower == "group" && rest.trim_start().starts_with("by") {
            self.word_end(to + (rest.len() - rest.trim_start().len()))
        } else {
            to
        };
        let finding = self.finding(codes::SYNTAX, self.at, span_end, format!("`{stage}` is a stage of its own"));
        // What a stage behind `select` reads may no longer be there.
        if lower == "group" || self.word(0).eq_ignore_ascii_case("select") {
            return Some(finding.help(format!("write `| {stage} …` above this stage")));
        }
        let stages = format!("{lower}{rest}");
        let finding = finding.help(format!("write `| {lower} …`"));
        let before = self.slice.get(..self.at)?.trim();
        let sound = is_sound(Rule::only_stage, before) && is_sound(Rule::only_stage, &stages);
        Some(if sound { finding.fix(self.span(self.at, to), format!("| {lower}")) } else { finding })
    }

    /// What a table's definition says and an entity does not.
    fn of_a_table(&self) -> Option<Diagnostic> {
        if self.place != Place::Record {
            return None;
        }
        let head = self.slice.get(..self.at)?.trim_end();
        let last = |head: &str| head.rsplit([' ', '\t']).next().unwrap_or_default().to_lowercase();
        if last(head) == "default" {
            let finding = self.finding(
                codes::SYNTAX,
                self.at,
                self.word_end(self.at),
                "a `default` is a fixed value, and the database knows it already",
            );
            return Some(finding.help("write a number, a text, `true` or `false`, or leave the `default` out"));
        }
        let before = head.rsplit_once([' ', '\t']).map_or("", |(before, _)| before.trim_end());
        if self.rest().starts_with('(') && last(before) == "references" {
            let target = head.rsplit([' ', '\t']).next().unwrap_or_default();
            let to = self.at + self.rest().find(')').map_or(1, |at| at + 1);
            let message = "`references` names an entity, not its column";
            let finding = self.finding(codes::SYNTAX, self.at, to, message);
            return Some(self.tried(finding.help(format!("write `references {target}`")), self.at, to, ""));
        }
        let first = self.word(0);
        let third = self.slice.split_whitespace().nth(2).unwrap_or_default().to_lowercase();
        let named = matches!(third.split('(').next(), Some("primary" | "foreign" | "unique" | "check"));
        if first.eq_ignore_ascii_case("constraint") && named {
            let finding = self.finding(codes::SYNTAX, 0, first.len(), "a `constraint` of a table has no name here");
            let help = match third.split('(').next() {
                Some("primary") => "write `key (…)`",
                Some("unique") => "write `unique (…)`",
                Some("foreign") => "write `references` behind the column's type",
                _ => "write `hard constraint … on …: …` at the top of a file",
            };
            return Some(finding.help(help));
        }
        None
    }

    /// `partitions 6` where no settings stand.
    fn setting_as_word(&self) -> Option<Diagnostic> {
        let word = self.word(0);
        let settings = matches!(self.place, Place::Environment | Place::Settings | Place::Stage | Place::Source);
        if settings || self.sound_start || !hints::SETTINGS.contains(&word) {
            return None;
        }
        let behind = self.slice.get(word.len()..)?.trim_start();
        let value = behind.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '"' | '\''));
        let factor = word == "replication" && behind.starts_with("factor");
        let end = if factor { self.slice.find("factor")? + "factor".len() } else { word.len() };
        let message = format!("`{word}` is a setting and belongs in an environment, not {}", self.place.what());
        let finding = self.finding(codes::MISPLACED_STATEMENT, 0, end, message);
        (value || factor).then(|| finding.help(format!("write `{word} = …` in an `environment`")))
    }
}

/// A name as a page writes it; nothing where none can be made of the text.
fn name(text: &str) -> Option<String> {
    let plain = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    if text.split('.').all(plain) {
        return Some(text.to_owned());
    }
    (!text.is_empty() && !text.contains(['`', '"', '\n', '\r'])).then(|| format!("`{text}`"))
}
