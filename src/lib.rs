//! diac: a compiler for data-integration pipelines.

pub mod check;
pub mod cli;
pub mod diag;
pub mod inputs;
pub mod model;
pub mod output;
pub mod plan;
pub mod profiles;
pub mod render;
pub mod rules;
pub mod source;
pub mod syntax;
pub mod systems;
pub mod targets;
pub mod units;
