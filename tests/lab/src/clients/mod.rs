//! Small clients of the servers' own interfaces.

pub mod connect;
pub mod http;
pub mod kafka;
pub mod opensearch;
pub mod producer;
pub mod redis;
