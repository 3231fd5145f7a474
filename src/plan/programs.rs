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

/// Flink, which keeps views that need more than one row.
pub static FLINK: Program = Program {
    name: "Flink",
    version: "2.2.0",
    licence: "Apache-2.0",
    coordinates: "`org.apache.flink` 2.2.0, with `flink-json` and `flink-sql-connector-kafka` 5.0.0-2.2",
    verified: true,
};
