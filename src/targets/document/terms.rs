//! Values as a `.dia` file writes them, from their normal form: which column of which record a value is, or what it is computed from.

use std::collections::BTreeSet;

use super::Context;
use crate::model::Model;
use crate::model::relation::{ColumnRef, InputId, RecordId, Relation, Term};
use crate::source::Span;
use crate::targets::markdown::{code, codes};

/// The name of an entity or event.
pub fn record_name(model: &Model, record: RecordId) -> &str {
    match record {
        RecordId::Entity(id) => &model.entity(id).name,
        RecordId::Event(id) => &model.event(id).name,
    }
}

/// The name of what rows are taken from.
pub fn input_name(model: &Model, input: InputId) -> &str {
    match input {
        InputId::Entity(id) => &model.entity(id).name,
        InputId::Event(id) => &model.event(id).name,
        InputId::View(id) => &model.view(id).name,
    }
}

/// Where an entity, event or view is declared.
pub fn input_span(model: &Model, input: InputId) -> Span {
    match input {
        InputId::Entity(id) => model.entity(id).span,
        InputId::Event(id) => model.event(id).span,
        InputId::View(id) => model.view(id).span,
    }
}

/// Where a record's column is declared.
pub fn column_span(model: &Model, column: &ColumnRef) -> Option<Span> {
    record_column(model, column).map(|found| found.span)
}

/// The record's column itself.
pub fn record_column<'a>(model: &'a Model, column: &ColumnRef) -> Option<&'a crate::model::Column> {
    model.record_column(column.record, &column.column)
}

/// Writes terms: columns of one record alone go by their own names, those of several with the record's name in front.
#[derive(Clone, Copy)]
pub struct Writer<'a> {
    model: &'a Model,
    plain: bool,
}

impl<'a> Writer<'a> {
    /// For terms over the rows of a view.
    pub fn of(cx: &Context<'a>, relation: &Relation) -> Self {
        let terms = relation.columns.iter().map(|column| &column.term).chain(&relation.key);
        let records: BTreeSet<_> = terms.flat_map(Term::reads).map(|column| (column.record, column.joined)).collect();
        Self { model: cx.model, plain: records.len() < 2 }
    }

    /// With the record's name in front of each column.
    pub fn full(cx: &Context<'a>) -> Self {
        Self { model: cx.model, plain: false }
    }

    /// For terms over one record's columns.
    pub fn plain(cx: &Context<'a>) -> Self {
        Self { model: cx.model, plain: true }
    }

    /// One term.
    pub fn text(&self, term: &Term) -> String {
        match term {
            Term::Column(column) if self.plain => column.column.clone(),
            Term::Column(column) => format!("{}.{}", record_name(self.model, column.record), column.column),
            Term::Literal(text) => text.clone(),
            Term::Apply(word, terms) => self.applied(word, terms),
        }
    }

    /// A part of a view's key: by the column that shows it, where one does.
    pub fn key(&self, relation: &Relation, term: &Term) -> String {
        let shown = relation.columns.iter().find(|column| column.term == *term);
        shown.map_or_else(|| self.text(term), |column| column.name.clone())
    }

    /// A view's key as code.
    pub fn keys(&self, relation: &Relation) -> String {
        codes(relation.key.iter().map(|term| self.key(relation, term)))
    }

    /// Several terms as code.
    pub fn list(&self, terms: &[Term]) -> String {
        codes(terms.iter().map(|term| self.text(term)))
    }

    fn applied(&self, word: &str, terms: &[Term]) -> String {
        let all = |terms: &[Term]| terms.iter().map(|term| self.text(term)).collect::<Vec<_>>().join(", ");
        match (word, terms) {
            ("count", []) => "count(*)".into(),
            ("-", [one]) => format!("-{}", self.inner(one)),
            ("not", [one]) => format!("not {}", self.inner(one)),
            ("is null" | "is not null", [one]) => format!("{} {word}", self.inner(one)),
            ("in" | "not in", [one, list @ ..]) => format!("{} {word} ({})", self.inner(one), all(list)),
            // Of a union: the value of whichever row it is.
            ("either", _) => terms.iter().map(|term| self.text(term)).collect::<Vec<_>>().join(" / "),
            ("case", _) => self.case(terms),
            (cast, [one]) if cast.starts_with("cast ") => {
                format!("cast({} as {})", self.text(one), cast.trim_start_matches("cast "))
            }
            (_, [_, _, ..]) if is_infix(word) => {
                terms.iter().map(|term| self.inner(term)).collect::<Vec<_>>().join(&format!(" {word} "))
            }
            _ => format!("{word}({})", all(terms)),
        }
    }

    /// The conditions stand first, then the values; one value more than conditions is the one behind `else`.
    fn case(&self, terms: &[Term]) -> String {
        let (whens, values) = terms.split_at(terms.len() / 2);
        let mut text = String::from("case");
        for (when, then) in whens.iter().zip(values) {
            text.push_str(&format!(" when {} then {}", self.text(when), self.text(then)));
        }
        if let Some(otherwise) = values.get(whens.len()) {
            text.push_str(&format!(" else {}", self.text(otherwise)));
        }
        text + " end"
    }

    /// In brackets, where it is made of parts.
    fn inner(&self, term: &Term) -> String {
        match term {
            Term::Apply(word, terms) if is_infix(word) && terms.len() > 1 || word == "not" => {
                format!("({})", self.text(term))
            }
            Term::Column(_) | Term::Literal(_) | Term::Apply(..) => self.text(term),
        }
    }
}

fn is_infix(word: &str) -> bool {
    matches!(word, "and" | "or" | "like" | "not like" | "+" | "-" | "*" | "/" | "%")
        || matches!(word, "=" | "<>" | "!=" | "<" | "<=" | ">" | ">=")
}

/// Where a term's columns are declared.
pub fn places(cx: &Context, term: &Term) -> String {
    let mut spans: Vec<Span> = term.reads().into_iter().filter_map(|column| column_span(cx.model, column)).collect();
    spans.sort_unstable();
    spans.dedup();
    spans.into_iter().map(|span| cx.at(span)).collect::<Vec<_>>().join(", ")
}

/// A term with where its columns are declared: `` `product.product_id` (`shop.dia:11`) ``.
pub fn traced(cx: &Context, term: &Term) -> String {
    let (text, places) = (code(&Writer::full(cx).text(term)), places(cx, term));
    if places.is_empty() { text } else { format!("{text} ({places})") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EntityId;
    use crate::targets::sample;

    #[test]
    fn terms_read_as_they_are_written() {
        let model = sample::model();
        let writer = Writer { model: &model, plain: true };
        let column = |name: &str| {
            Term::Column(ColumnRef { record: RecordId::Entity(EntityId(0)), column: name.into(), joined: None })
        };
        let apply = |word: &str, terms: Vec<Term>| Term::Apply(word.into(), terms);
        let minus = apply("-", vec![column("on_hand"), column("reserved")]);
        let one = Term::Literal("1".into());
        let cases = [
            (apply("sum", vec![minus.clone()]), "sum(on_hand - reserved)"),
            (apply("*", vec![minus.clone(), one.clone()]), "(on_hand - reserved) * 1"),
            (apply("-", vec![minus.clone()]), "-(on_hand - reserved)"),
            (apply("not", vec![apply("=", vec![minus, one.clone()])]), "not ((on_hand - reserved) = 1)"),
            (apply("count", vec![]), "count(*)"),
            (apply("in", vec![column("a"), one.clone(), one.clone()]), "a in (1, 1)"),
            (apply("is null", vec![column("a")]), "a is null"),
            (apply("cast bigint", vec![column("a")]), "cast(a as bigint)"),
            (apply("case", vec![column("a"), one.clone(), one]), "case when a then 1 else 1 end"),
            (apply("either", vec![column("a"), column("b")]), "a / b"),
            (apply("pair", vec![column("a"), column("b")]), "pair(a, b)"),
        ];
        for (term, text) in cases {
            assert_eq!(writer.text(&term), text);
        }
        assert_eq!(Writer { model: &model, plain: false }.text(&column("a")), "product.a");
    }
}
