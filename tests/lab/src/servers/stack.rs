//! The usual set of servers, started side by side.

use std::thread::ScopedJoinHandle;

use anyhow::{Result, anyhow};

use super::kafka::Kafka;
use super::opensearch::{Engine, OpenSearch};
use super::postgres::{Postgres, Release};
use super::redis::Redis;
use crate::home::Run;

/// Everything but Connect and Bento, which need files first.
#[derive(Debug)]
pub struct Stack {
    /// The broker.
    pub kafka: Kafka,
    /// The database with the sources and the views.
    pub postgres: Postgres,
    /// The cache.
    pub redis: Redis,
    /// The search engine.
    pub opensearch: OpenSearch,
}

impl Stack {
    /// Starts all four.
    pub fn start(run: &Run, release: Release) -> Result<Stack> {
        Stack::start_with(run, release, Engine::OpenSearch)
    }

    /// The same with a search engine of choice.
    pub fn start_with(run: &Run, release: Release, engine: Engine) -> Result<Stack> {
        std::thread::scope(|scope| {
            let kafka = scope.spawn(|| Kafka::start(run));
            let opensearch = scope.spawn(|| OpenSearch::start(run, engine));
            let redis = scope.spawn(|| Redis::start(run));
            let postgres = Postgres::start(run, release, "main");
            let (kafka, opensearch, redis) = (joined(kafka), joined(opensearch), joined(redis));
            Ok(Stack { kafka: kafka?, postgres: postgres?, redis: redis?, opensearch: opensearch? })
        })
    }

    /// Fails when a server has ended by itself.
    pub fn expect_alive(&mut self) -> Result<()> {
        for process in
            [&mut self.kafka.process, &mut self.postgres.process, &mut self.redis.process, &mut self.opensearch.process]
        {
            process.expect_alive()?;
        }
        Ok(())
    }
}

/// A broker and a database: all that views in databases need.
pub fn broker_and_database(run: &Run, release: Release) -> Result<(Kafka, Postgres)> {
    std::thread::scope(|scope| {
        let kafka = scope.spawn(|| Kafka::start(run));
        let postgres = Postgres::start(run, release, "main");
        Ok((joined(kafka)?, postgres?))
    })
}

/// The result of a thread that must not panic.
pub fn joined<T>(thread: ScopedJoinHandle<Result<T>>) -> Result<T> {
    thread.join().unwrap_or_else(|_| Err(anyhow!("a starting thread panicked")))
}
