//! Text to syntax tree: the grammar, the tree, and the parser, which reads every text and never fails.

pub mod ast;
mod build;
mod depth;
pub mod fmt;
mod forms;
mod hints;
mod holes;
mod parse;
mod phrases;
pub mod spell;
pub mod suggest;
#[cfg(test)]
mod tests;

pub use parse::{Comment, CommentKind, Parsed, parse};
