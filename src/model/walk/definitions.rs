//! What a view is by definition, through the views it is written on top of, in a form that can be compared with another view's.

use std::collections::BTreeMap;

use crate::model::relation::{InputId, Role, StepKind, Term};
use crate::model::{Model, View, ViewId};
use crate::source::Span;

/// What a view is by definition.
#[derive(Clone, Debug, Default)]
pub struct Definition {
    /// The records and steps it is made of, in order. Steps that only choose columns are left out.
    pub steps: Vec<Made>,
    /// Its columns by name: what each is, without masks.
    pub columns: BTreeMap<String, (String, Span)>,
    /// Columns nobody names pass as well.
    pub open: bool,
}

/// A record or a step.
#[derive(Clone, Debug)]
pub struct Made {
    /// What it is, in words: `the window`, `what is joined`.
    pub what: &'static str,
    /// In a form that is equal for equal things.
    pub form: String,
    /// Where it stands.
    pub span: Span,
}

/// Joins met so far: a joined row is told by which of them brought it.
type Joins = Vec<Span>;

impl Model {
    /// What a view is by definition; none where its start is not known (reported), and for a whole system.
    #[must_use]
    pub fn definition(&self, view: &View) -> Option<Definition> {
        let mut joins = Joins::new();
        let mut found = Definition::default();
        self.define(view, &mut joins, &mut found.steps, 0)?;
        let relation = view.relation.as_ref()?;
        found.open = relation.open;
        for column in &relation.columns {
            found.columns.insert(column.name.clone(), (form(&column.term, &joins), column.span));
        }
        Some(found)
    }

    fn define(&self, view: &View, joins: &mut Joins, steps: &mut Vec<Made>, depth: usize) -> Option<()> {
        let relation = view.relation.as_ref()?;
        let start = view.inputs.first()?;
        match start.what {
            InputId::View(id) if depth < self.views.len() => self.define(self.view(id), joins, steps, depth + 1)?,
            what @ (InputId::Entity(_) | InputId::Event(_) | InputId::View(_)) => {
                steps.push(Made { what: "the record", form: format!("{what:?}"), span: start.span })
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
                    let brought = self.brought(input.what, joins, depth)?;
                    joins.push(step.span);
                    let words = match input.role {
                        Role::Join { left, many, within, .. } => format!("{left} {many} {within:?}"),
                        Role::Start | Role::Nest | Role::Union => String::new(),
                    };
                    ("what is joined", format!("{words} {brought}"))
                }
                StepKind::Nest(at) => {
                    let brought = self.brought(view.inputs.get(*at)?.what, joins, depth)?;
                    joins.push(step.span);
                    ("what is nested", brought)
                }
                StepKind::Union(at) => {
                    let united = view.inputs.iter().skip(*at).take_while(|input| input.role == Role::Union);
                    let all: Option<Vec<String>> = united.map(|input| self.brought(input.what, joins, depth)).collect();
                    ("what is united", all?.join(", "))
                }
            };
            steps.push(Made { what, form, span: step.span });
        }
        Some(())
    }

    fn brought(&self, input: InputId, joins: &mut Joins, depth: usize) -> Option<String> {
        let InputId::View(id) = input else { return Some(format!("{input:?}")) };
        if depth > self.views.len() {
            return None;
        }
        let mut steps = Vec::new();
        self.define(self.view(id), joins, &mut steps, depth + 1)?;
        let forms: Vec<String> = steps.into_iter().map(|step| step.form).collect();
        Some(format!("({})", forms.join(" | ")))
    }

    /// The first thing in which two views differ by definition: what it is, and where it stands in each; none where they agree.
    #[must_use]
    pub fn disagreement(&self, a: ViewId, b: ViewId) -> Option<(String, Option<Span>, Option<Span>)> {
        let (mine, theirs) = (self.definition(self.view(a))?, self.definition(self.view(b))?);
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

/// A value in a form that two views have in common. A mask hides a value and does not change what it is.
fn form(term: &Term, joins: &Joins) -> String {
    match term {
        Term::Column(column) => {
            let joined = column.joined.and_then(|span| joins.iter().position(|join| *join == span));
            format!("{:?}.{}@{joined:?}", column.record, column.column)
        }
        Term::Literal(text) => format!("'{text}'"),
        Term::Apply(word, terms) if word == "mask" => forms(terms, joins),
        Term::Apply(word, terms) => format!("{word}({})", forms(terms, joins)),
    }
}
