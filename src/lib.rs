//! diac: a compiler for data-integration pipelines.

pub mod diag;
pub mod inputs;
pub mod model;
pub mod source;
pub mod syntax;
pub mod systems;
