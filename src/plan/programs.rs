//! Programs that run beside Kafka Connect, and what is known of them.

/// A program that runs views.
#[derive(Debug)]
pub struct Program {
    /// Its name as its makers write it.
    pub name: &'static str,
    /// The version the facts are of.
    pub version: &'static str,
    /// Licence.
    pub licence: &'static str,
    /// Where it comes from, for people.
    pub coordinates: &'static str,
    /// Whether this repository's lab runs it.
    pub verified: bool,
}

/// Bento, which keeps views in search engines and Redis.
pub static BENTO: Program = Program {
    name: "Bento",
    version: "1.17.0",
    licence: "MIT",
    coordinates: "Go module `github.com/warpstreamlabs/bento` v1.17.0, or its makers' container image",
    verified: true,
};
