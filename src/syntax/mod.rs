//! Text to syntax tree: the grammar, the tree, and the parser, which reads every text and never fails.

pub mod ast;
pub mod suggest;
