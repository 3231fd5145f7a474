//! The edge of the compiler: rendering, loading, the output folder, and the program as a process.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout, missing_docs)]

mod against;
mod graph;
mod init;
mod json;
mod load;
mod odd;
mod output;
mod process;
mod prove;
mod render;
mod reports;
mod scratch;
