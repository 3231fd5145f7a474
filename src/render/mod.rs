//! Findings for people and for machines. Rendering reads findings and texts and returns text; printing is `cli`'s.

pub mod github;
pub mod human;
pub mod json;
pub mod sarif;
pub mod trace;
mod window;
