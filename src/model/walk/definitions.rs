//! What a view is by definition, through the views it is written on top of, in a form that can be compared with another view's.

use std::collections::BTreeMap;

use crate::model::relation::{Input, InputId, Role, StepKind, Term};
use crate::model::{Model, View, ViewId};
use crate::source::Span;

/// What a view is by definition.
#[derive(Clone, Debug, Default)]
struct Definition {
    /// The records and steps it is made of, in order. Steps that only choose columns are left out.
    steps: Vec<Made>,
    /// Its columns by name: what each is, without masks.
    columns: BTreeMap<String, (String, Span)>,
}

/// A record or a step.
#[derive(Clone, Debug)]
struct Made {
    /// What it is, in words: `the window`, `what is joined`.
    what: &'static str,
    /// In a form that is equal for equal things.
    form: String,
    /// Where it stands.
    span: Span,
}

/// Works definitions out. What is brought in by a join is worked out once and then known by a number, so that views that join views stay small.
#[derive(Default)]
struct Definer {
    /// Numbers of what has been brought in, by its steps.
    numbers: BTreeMap<String, usize>,
    /// Views that have been brought in.
    brought: BTreeMap<ViewId, Option<Brought>>,
}

/// A view as a join sees it.
#[derive(Clone)]
struct Brought {
    form: String,
    /// Its own joins, by their place among them.
    joins: Joins,
}

/// Joins by the place of each in its pipeline: a joined row is told by which of them brought it.
type Joins = BTreeMap<Span, String>;

impl Definer {
    fn define(&mut self, model: &Model, view: &View) -> Option<(Definition, Joins)> {
        let (mut found, mut joins) = (Definition::default(), Joins::new());
        self.steps(model, view, &mut joins, &mut found.steps, 0)?;
        let relation = view.relation.as_ref()?;
        for column in &relation.columns {
            found.columns.insert(column.name.clone(), (form(&column.term, &joins), column.span));
        }
        Some((found, joins))
    }

    fn steps(
        &mut self,
        model: &Model,
        view: &View,
        joins: &mut Joins,
        steps: &mut Vec<Made>,
        depth: usize,
    ) -> Option<()> {
        let relation = view.relation.as_ref()?;
        let start = view.inputs.first()?;
        match start.what {
            InputId::View(id) if depth < model.views.len() => {
                self.steps(model, model.view(id), joins, steps, depth + 1)?
            }
            what @ (InputId::Entity(_) | InputId::Event(_) | InputId::View(_)) => {
                steps.push(Made { what: "the record", form: format!("{what:?}"), span: start.span });
            }
        }
        for step in &relation.steps {
            let (what, form) = match &step.kind {
                StepKind::Select { .. } | StepKind::Drop | StepKind::Mask => continue,
                StepKind::Where { term, .. } => ("the filter", form(term, joins)),
                StepKind::Group { by } => ("what is grouped by", forms(by, joins)),
                StepKind::Distinct { by } => ("what is told apart", forms(by, joins)),
                StepKind::KeyBy { by } => ("the key", forms(by, joins)),
                StepKind::Window { kind, on, late, .. } => {
                    ("the window", format!("{kind:?} {} {late:?}", form(&on.term, joins)))
                }
                StepKind::Join(at) => {
                    let input = view.inputs.get(*at)?;
                    let brought = self.bring(model, input.what, step.span, joins)?;
                    let words = match input.role {
                        Role::Join { left, many, within, .. } => format!("{left} {many} {within:?}"),
                        Role::Start | Role::Nest | Role::Union => String::new(),
                    };
                    ("what is joined", format!("{words} {brought} on {}", conditions(input, joins)))
                }
                StepKind::Nest(at) => {
                    let input = view.inputs.get(*at)?;
                    let brought = self.bring(model, input.what, step.span, joins)?;
                    ("what is nested", format!("{brought} on {}", conditions(input, joins)))
                }
                StepKind::Union(at) => {
                    let united = view.inputs.iter().skip(*at).take_while(|input| input.role == Role::Union);
                    let mut all = Vec::new();
                    for input in united {
                        all.push(self.bring(model, input.what, step.span, joins)?);
                    }
                    ("what is united", all.join(", "))
                }
            };
            steps.push(Made { what, form, span: step.span });
        }
        Some(())
    }

    /// Brings a record or view in by the step at `span`.
    fn bring(&mut self, model: &Model, input: InputId, span: Span, joins: &mut Joins) -> Option<String> {
        let place = joins.len().to_string();
        joins.entry(span).or_insert_with(|| place.clone());
        let InputId::View(id) = input else { return Some(format!("{input:?}")) };
        if !self.brought.contains_key(&id) {
            // A circle meets itself here.
            self.brought.insert(id, None);
            let made = self.define(model, model.view(id)).map(|(found, joins)| {
                let steps: Vec<String> = found.steps.into_iter().map(|step| step.form).collect();
                let next = self.numbers.len();
                let number = *self.numbers.entry(steps.join(" | ")).or_insert(next);
                Brought { form: format!("#{number}"), joins }
            });
            self.brought.insert(id, made);
        }
        let brought = self.brought.get(&id)?.clone()?;
        for (inner, at) in brought.joins {
            joins.entry(inner).or_insert_with(|| format!("{place}.{at}"));
        }
        Some(brought.form)
    }
}

impl Model {
    /// The first thing in which two views differ by definition: what it is, and where it stands in each; none where they agree.
    #[must_use]
    pub fn disagreement(&self, a: ViewId, b: ViewId) -> Option<(String, Option<Span>, Option<Span>)> {
        let mut definer = Definer::default();
        let (mine, _) = definer.define(self, self.view(a))?;
        let (theirs, _) = definer.define(self, self.view(b))?;
        let most = mine.steps.len().max(theirs.steps.len());
        for at in 0..most {
            match (mine.steps.get(at), theirs.steps.get(at)) {
                (Some(x), Some(y)) if x.form == y.form => {}
                (x, y) => {
                    let what = x.or(y).map_or("a step", |made| made.what);
                    return Some((what.to_owned(), x.map(|made| made.span), y.map(|made| made.span)));
                }
            }
        }
        mine.columns.iter().find_map(|(name, (form, span))| {
            let (other, there) = theirs.columns.get(name)?;
            (form != other).then(|| (format!("`{name}`"), Some(*span), Some(*there)))
        })
    }
}

fn forms(terms: &[Term], joins: &Joins) -> String {
    let all: Vec<String> = terms.iter().map(|term| form(term, joins)).collect();
    all.join(", ")
}

/// A condition in a form that does not depend on the order of what is compared.
fn conditions(input: &Input, joins: &Joins) -> String {
    let Some(on) = &input.on else { return String::new() };
    let mut parts: Vec<&Term> = Vec::new();
    let mut left = vec![on];
    while let Some(term) = left.pop() {
        match term {
            Term::Apply(word, terms) if word == "and" => left.extend(terms),
            Term::Column(_) | Term::Literal(_) | Term::Apply(..) => parts.push(term),
        }
    }
    let mut forms: Vec<String> = parts
        .into_iter()
        .map(|part| match part {
            Term::Apply(word, terms) if word == "=" => {
                let mut sides: Vec<String> = terms.iter().map(|side| form(side, joins)).collect();
                sides.sort();
                sides.join(" = ")
            }
            Term::Column(_) | Term::Literal(_) | Term::Apply(..) => form(part, joins),
        })
        .collect();
    forms.sort();
    forms.join(" and ")
}

/// A value in a form that two views have in common. A mask hides a value and does not change what it is.
fn form(term: &Term, joins: &Joins) -> String {
    match term {
        Term::Column(column) => {
            let joined = column.joined.and_then(|span| joins.get(&span)).map_or("", String::as_str);
            format!("{:?}.{}@{joined}", column.record, column.column)
        }
        Term::Literal(text) => format!("'{text}'"),
        Term::Apply(word, terms) if word == "mask" => forms(terms, joins),
        Term::Apply(word, terms) => format!("{word}({})", forms(terms, joins)),
    }
}
