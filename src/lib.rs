//! diac: a compiler for data-integration pipelines.

pub mod check;
pub mod diag;
pub mod inputs;
pub mod model;
pub mod output;
pub mod plan;
pub mod source;
pub mod syntax;
pub mod systems;
pub mod targets;
