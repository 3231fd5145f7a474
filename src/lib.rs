//! diac: a compiler for data-integration pipelines.
//!
//! Text → [`model`] (what is meant) → [`plan`] (what will run, decided once) → [`check`] (the verdict) → files. Passes are plain functions; none reads a file,
//! prints or fails: what is wrong is a [`diag::Diagnostic`]. Only a plan without an unwaived error becomes a [`check::SoundPlan`], and only that can be emitted.
//!
//! ```
//! use diac::{check, inputs::Inputs, model, plan, syntax, targets};
//!
//! let text = "
//!     entity product in postgres.public.products { product_id bigint key }
//!     product | redis.product
//! ";
//! let mut inputs = Inputs::default();
//! let file = inputs.sources.add("page.dia", text);
//! let parsed = syntax::parse(file, text);
//! inputs.files.push((file, parsed.ast));
//! let resolved = model::resolve::resolve(&inputs);
//! let plan = plan::plan(&resolved.model, None);
//! let checked = check::check(&resolved.model, &plan, &inputs.sources, resolved.diagnostics, "2026-01-01");
//! let sound = checked.sound().expect("nothing stands in the way");
//! let tree = targets::emit(&sound);
//! assert!(tree.get("default/bento/streams/redis_product-v1.yaml").is_some());
//! ```

pub mod check;
pub mod cli;
pub mod diag;
pub mod explore;
pub mod flow;
pub mod inputs;
pub mod model;
pub mod output;
pub mod plan;
pub mod profiles;
pub mod prove;
pub mod render;
pub mod rules;
pub mod source;
pub mod syntax;
pub mod systems;
pub mod targets;
pub mod units;
