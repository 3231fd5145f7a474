//! HTTP to servers on the loopback. A status that is no success is an answer, not an error: the callers judge it.

use std::sync::LazyLock;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use ureq::Agent;

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body.
    pub text: String,
}

impl Answer {
    /// Fails, with the body, unless the status says success.
    pub fn success(self) -> Result<Answer> {
        if (200..300).contains(&self.status) {
            return Ok(self);
        }
        bail!("HTTP {}: {}", self.status, self.text)
    }

    /// The body as JSON.
    pub fn json(&self) -> Result<serde_json::Value> {
        serde_json::from_str(&self.text).with_context(|| format!("no JSON: {}", self.text))
    }
}

/// The largest body read, in bytes: pages of a search result hold documents of several kilobytes each.
const LARGEST_BODY: u64 = 256 << 20;

static AGENT: LazyLock<Agent> = LazyLock::new(|| {
    let config =
        Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(120))).build();
    config.into()
});

/// GET.
pub fn get(url: &str) -> Result<Answer> {
    read(AGENT.get(url).call().with_context(|| format!("GET {url}"))?)
}

/// DELETE.
pub fn delete(url: &str) -> Result<Answer> {
    read(AGENT.delete(url).call().with_context(|| format!("DELETE {url}"))?)
}

/// PUT of a JSON body.
pub fn put(url: &str, body: &str) -> Result<Answer> {
    read(AGENT.put(url).header("Content-Type", "application/json").send(body).with_context(|| format!("PUT {url}"))?)
}

/// PATCH of a JSON body.
pub fn patch(url: &str, body: &str) -> Result<Answer> {
    read(
        AGENT
            .patch(url)
            .header("Content-Type", "application/json")
            .send(body)
            .with_context(|| format!("PATCH {url}"))?,
    )
}

/// POST of a JSON body.
pub fn post(url: &str, body: &str) -> Result<Answer> {
    read(AGENT.post(url).header("Content-Type", "application/json").send(body).with_context(|| format!("POST {url}"))?)
}

fn read(mut response: ureq::http::Response<ureq::Body>) -> Result<Answer> {
    let status = response.status().as_u16();
    let text = response.body_mut().with_config().limit(LARGEST_BODY).read_to_string()?;
    Ok(Answer { status, text })
}
