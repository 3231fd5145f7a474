//! fakesnow, which runs Snowflake's SQL on DuckDB: from PyPI, into a folder of its own (`PYTHONPATH` names it; a virtual environment would need one more of
//! Debian's packages).

use std::process::Command;

use anyhow::Result;

use super::run;
use crate::home::Home;

const PACKAGES: [&str; 2] = ["fakesnow==0.12.1", "snowflake-connector-python==3.18.1"];

/// The packages' versions.
pub fn fingerprint(_home: &Home) -> Result<String> {
    Ok(PACKAGES.join("\n"))
}

/// Fetches both.
pub fn fetch(home: &Home) -> Result<()> {
    let folder = home.at("fakesnow");
    let _ = std::fs::remove_dir_all(&folder);
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "-q", "--target"]).arg(&folder).args(PACKAGES);
    run(&mut pip, "fakesnow from PyPI")?;
    Ok(())
}
