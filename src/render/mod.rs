//! Findings for people and for machines. Rendering reads findings and texts and returns text; printing is `cli`'s.

pub mod human;
pub mod json;
mod window;
