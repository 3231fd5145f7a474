//! A flowchart as data: what is drawn, whatever it is written in.

use std::collections::BTreeMap;

/// The form of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// Someone who acts: a service.
    Round,
    /// A store.
    Cylinder,
    /// A topic.
    Hexagon,
    /// A program.
    Box,
}

/// How an edge is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Line {
    /// By diac's own wiring.
    Solid,
    /// By something diac does not see.
    Dotted,
}

/// A flowchart from left to right.
#[derive(Debug, Default)]
pub struct Chart {
    ids: BTreeMap<String, usize>,
    pub(super) nodes: Vec<(Shape, Vec<String>)>,
    pub(super) edges: Vec<(usize, usize, Line, String)>,
    /// Places in `edges`, by their ends.
    drawn: BTreeMap<(usize, usize), Vec<usize>>,
}

impl Chart {
    /// The node of that key; made with this form and these lines where it is not there.
    pub fn node(&mut self, key: impl Into<String>, shape: Shape, lines: Vec<String>) -> usize {
        let next = self.nodes.len();
        let id = *self.ids.entry(key.into()).or_insert(next);
        if id == next {
            self.nodes.push((shape, lines));
        }
        id
    }

    /// Whether nothing is drawn.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// An edge with a text; one that is there already is not drawn twice.
    pub fn edge(&mut self, from: usize, to: usize, line: Line, text: impl Into<String>) {
        let edge = (from, to, line, text.into());
        let drawn = self.drawn.entry((from, to)).or_default();
        if !drawn.iter().any(|at| self.edges.get(*at) == Some(&edge)) {
            drawn.push(self.edges.len());
            self.edges.push(edge);
        }
    }

    /// As Mermaid.
    #[must_use]
    pub fn mermaid(&self) -> String {
        super::mermaid::text(self)
    }

    /// As DOT.
    #[must_use]
    pub fn dot(&self) -> String {
        super::dot::text(self)
    }
}

/// What an empty chart says.
pub(super) const NOTHING: &str = "nothing to show";
