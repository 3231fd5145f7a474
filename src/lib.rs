//! diac: a compiler for data-integration pipelines.

pub mod diag;
pub mod model;
pub mod source;
pub mod syntax;
