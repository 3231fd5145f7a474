//! Theory held against reality: each anomaly that the design predicts is staged on the real systems with the unsafe variant, by small scripts of the lab's
//! own, and must occur. Beside it stands what diac generates, staged the same way or under the faults of `matrix`, where it must not.

mod connectors;
mod own_plugin;
mod stores;
mod streams;

use anyhow::{Result, ensure};

use super::matrix::{Addresses, prepare};
use crate::generated::Tree;
use crate::home::{Home, Run};
use crate::report::{Prediction, Variant};
use crate::servers::opensearch::Engine;
use crate::servers::postgres::Release;
use crate::servers::stack::Stack;

/// Two writers, each first to the record and then to the view.
pub const DUAL_WRITE: &str = "dual write: record and view drift apart";
/// An old request that lands after a newer one.
pub const LATE_WRITE: &str = "blind upsert: a late write wins over a newer one";
/// Confluent's search sink in upsert mode.
pub const UNDEAD: &str = "upsert mode with versioned deletes: a deleted document stays";
/// The engine forgets versions of deleted documents.
pub const FORGOTTEN: &str = "gc_deletes: a write later than it brings a deleted document back";
/// Offsets begin anew with a topic.
pub const OFFSETS: &str = "offsets as versions: after the topic was made again, newer rows are refused";
/// What is inserted twice.
pub const INSERTS: &str = "insert mode: what is delivered again is there twice";
/// Flattening at the source.
pub const TOMBSTONES: &str = "flattened at the source by default: a delete leaves no tombstone";
/// No key, no order.
pub const KEYLESS: &str = "no key, two partitions: an older value wins";
/// Cause and effect apart.
pub const TWO_TOPICS: &str = "two topics: the effect is seen before its cause";
/// Effects without an identity.
pub const SPLITTER: &str = "splitter without deduplication: legs are applied twice";
/// A capture killed before its first copy was noted.
pub const FIRST_COPY: &str = "first copy interrupted: rows deleted before it begins anew stay";

/// The servers, the generated files, and what went otherwise than predicted.
pub struct Stage {
    run: Run,
    stack: Stack,
    tree: Tree,
    wrong: Vec<String>,
}

/// All predictions that need no load.
pub fn theory(home: &Home) -> Result<()> {
    let run = Run::new(home, "theory")?;
    let stack = Stack::start_with(&run, Release::Fifteen, Engine::Elasticsearch)?;
    let addresses =
        Addresses { search: stack.opensearch.url.clone(), cache: stack.redis.port, report: stack.postgres.port };
    let mut tree = prepare(&run, &stack, &addresses)?;
    tree.set("KAFKA_BOOTSTRAP", stack.kafka.bootstrap.clone());
    let mut stage = Stage { run, stack, tree, wrong: Vec::new() };
    let forgetful = stores::index_and_delete(&stage)?;
    stores::dual_write(&mut stage)?;
    stores::late_write(&mut stage)?;
    stores::undead(&mut stage)?;
    streams::streams(&mut stage)?;
    connectors::connectors(&mut stage)?;
    own_plugin::confluent(&mut stage)?;
    stores::forgotten(&mut stage, &forgetful)?;
    stage.stack.expect_alive()?;
    ensure!(stage.wrong.is_empty(), "otherwise than predicted:\n{}", stage.wrong.join("\n"));
    Ok(())
}

impl Stage {
    fn note(
        &mut self,
        prediction: &str,
        variant: Variant,
        staged_on: &str,
        seen: Option<bool>,
        numbers: String,
    ) -> Result<()> {
        let text = format!("{prediction} ({variant:?}): {numbers}");
        let noted =
            Prediction { prediction: prediction.to_owned(), variant, staged_on: staged_on.to_owned(), seen, numbers }
                .note()?;
        if !noted {
            self.wrong.push(text);
        }
        Ok(())
    }
}
