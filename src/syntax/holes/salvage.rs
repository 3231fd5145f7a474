//! What a line that could not be read was meant to declare. The finding is made; what is said of it elsewhere is no second mistake.

use super::{Builder, Place};
use crate::diag::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::{Allow, Column, Member, Modifier, Name, Spanned};
use crate::syntax::parse::{self, Rule};
use crate::syntax::suggest;

/// What is saved of a line.
pub(in crate::syntax) enum Saved {
    Allow(Allow),
    Member(Member),
}

impl Builder<'_> {
    /// What the line at `span` was meant to declare, if others may need it.
    pub fn salvage(&mut self, place: Place, span: Span, finding: Option<&Diagnostic>) -> Option<Saved> {
        let text = self.text.get(span.range())?;
        let mut words = names(text, span);
        let first = words.next()?;
        if place.words().contains(&"allow")
            && (first.text == "allow" || suggest::nearest(&first.text, ["allow"]).is_some())
            && let Some(rule) = words.next()
        {
            let because = Spanned { value: "it could not be read".to_owned(), span };
            return Some(Saved::Allow(Allow { rule, because, until: None, unread: true, span }));
        }
        if place != Place::Record {
            return None;
        }
        if first.text == "key" && text.trim_start_matches(&first.text).trim_start().starts_with('(') {
            return Some(Saved::Member(Member::Key(Spanned { value: words.collect(), span })));
        }
        let cured = finding.and_then(|finding| finding.fix.as_ref()).and_then(|fix| match fix.edits.as_slice() {
            [edit] if edit.span.start >= span.start && edit.span.end <= span.end => {
                let (from, to) = (edit.span.start - span.start, edit.span.end - span.start);
                Some(format!("{}{}{}", text.get(..from as usize)?, edit.text, text.get(to as usize..)?))
            }
            _ => None,
        });
        if let Some(Member::Column(column)) = cured.and_then(|cured| self.member_of(&cured)) {
            return Some(Saved::Member(Member::Column(moved(column, first.span, span))));
        }
        if place.words().contains(&first.text.as_str()) {
            return None;
        }
        let key = text.split(|c: char| !c.is_alphanumeric()).any(|word| word.eq_ignore_ascii_case("key"));
        Some(Saved::Member(Member::Unread { name: first, key }))
    }

    /// A text of its own as the line of an entity.
    fn member_of(&self, text: &str) -> Option<Member> {
        let node = parse::line(Rule::only_member, text)?.find(Rule::member)?.first()?;
        let mut builder = Builder::new(self.file, text, &[]);
        builder.member(&node, Vec::new())
    }
}

/// The names in a text, in order.
fn names(text: &str, span: Span) -> impl Iterator<Item = Name> {
    let mut found = Vec::new();
    let mut at = 0;
    for part in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
        let word = part.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        if word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            let start = span.start as usize + at;
            found.push(Name { text: word.to_owned(), span: Span::new(span.file, start, start + word.len()) });
        }
        at += part.len();
    }
    found.into_iter()
}

/// A column of another text, as if all of it stood at `span`.
fn moved(mut column: Column, name: Span, span: Span) -> Column {
    column.span = span;
    column.name.span = name;
    column.ty.span = span;
    column.ty.name.span = span;
    for arg in &mut column.ty.args {
        arg.span = span;
    }
    for modifier in &mut column.modifiers {
        modifier.span = span;
        match &mut modifier.value {
            Modifier::OperationFromHash(names) => names.iter_mut().for_each(|name| name.span = span),
            Modifier::References(path) | Modifier::Sees(path) => {
                path.span = span;
                path.parts.iter_mut().for_each(|part| part.span = span);
            }
            Modifier::Sequence(Some(name)) | Modifier::Was(name) => name.span = span,
            Modifier::Default(_)
            | Modifier::Key
            | Modifier::Mutable
            | Modifier::Wide
            | Modifier::Unique
            | Modifier::Pii
            | Modifier::OperationFromClient
            | Modifier::OperationFromServer
            | Modifier::EventTime
            | Modifier::Sequence(None)
            | Modifier::Deprecated => {}
        }
    }
    column
}
