//! The edge of the compiler: rendering, loading, the output folder, and the program as a process.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod render;
