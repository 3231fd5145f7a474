//! What applications may do, the shortest first. A shape names one script a writer; what the promise is about is any script of that size, so all are tried.

use super::topology::{Kind, Op, Place, Topology, Writer};

/// The shape with every script of its size and below, by the number of writes.
pub(super) fn of(shape: &Topology) -> Vec<Topology> {
    let longest = shape.writers.iter().map(|writer| writer.steps.len()).max().unwrap_or(0);
    let mut all: Vec<Topology> = Vec::new();
    for length in 1..=longest {
        let mut shapes = vec![Topology { writers: Vec::new(), ..shape.clone() }];
        for writer in &shape.writers {
            let forms = forms(writer, length);
            shapes = shapes
                .iter()
                .flat_map(|shape| {
                    forms.iter().map(|form| {
                        let mut shape = shape.clone();
                        shape.writers.push(form.clone());
                        shape
                    })
                })
                .collect();
        }
        for shape in shapes {
            if !all.contains(&shape) {
                all.push(shape);
            }
        }
    }
    all
}

/// A writer's scripts of one length.
fn forms(writer: &Writer, length: usize) -> Vec<Writer> {
    let Some(rows) = rows(writer) else {
        // What is written to several places belongs together: half of it is a crash, and not a shorter script.
        let first = writer.steps.iter().flatten().next().map(|op| op.to);
        let one_place = writer.steps.iter().flatten().all(|op| Some(op.to) == first);
        let length = if one_place { length } else { writer.steps.len() };
        return vec![Writer { steps: writer.steps.iter().take(length).cloned().collect(), ..writer.clone() }];
    };
    let deletes = rows.iter().filter(|op| op.kind == Kind::Delete).count();
    let length = length.min(rows.len());
    let Some(first) = rows.first().copied() else { return vec![writer.clone()] };
    let mut scripts: Vec<Vec<Op>> = vec![Vec::new()];
    for at in 0..length {
        let mut longer = Vec::new();
        for script in scripts {
            let number = u8::try_from(at).unwrap_or(u8::MAX);
            let written = script.iter().filter(|op: &&Op| op.kind == Kind::Put).count();
            let value = u8::try_from(written + 1).unwrap_or(u8::MAX);
            let id = first.id + number;
            let there = script.last().is_some_and(|op| op.kind == Kind::Put);
            let gone = script.iter().filter(|op| op.kind == Kind::Delete).count();
            let put = Op { kind: Kind::Put, value, id, ..first };
            if there && gone < deletes {
                let mut other = script.clone();
                other.push(Op { kind: Kind::Delete, value: 0, id, ..first });
                longer.push(other);
            }
            let mut script = script;
            script.push(put);
            longer.push(script);
        }
        scripts = longer;
    }
    let form = |script: Vec<Op>| Writer { steps: script.into_iter().map(|op| vec![op]).collect(), ..writer.clone() };
    scripts.into_iter().map(form).collect()
}

/// The writes of a script that is of one row of one table and nothing else: puts and deletes of it can come in any order.
fn rows(writer: &Writer) -> Option<Vec<Op>> {
    let mut ops = Vec::new();
    for step in &writer.steps {
        let [op] = step.as_slice() else { return None };
        ops.push(*op);
    }
    let first = ops.first().copied()?;
    let one = |op: &Op| op.to == first.to && op.key == first.key && op.kind != Kind::Fact && op.after.is_none();
    (matches!(first.to, Place::Table(_)) && ops.iter().all(one)).then_some(ops)
}
