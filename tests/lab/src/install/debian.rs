//! Debian's packages: servers, clients and tools that are not there yet.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::{on_path, run};

/// What must be there, as a program on the search path or a file, and the package of Debian 12 that brings it.
const WANTED: [(&str, &str); 14] = [
    ("/usr/lib/postgresql/15/bin/postgres", "postgresql-15"),
    ("psql", "postgresql-client-15"),
    ("redis-server", "redis-server"),
    ("/usr/sbin/mariadbd", "mariadb-server"),
    ("mariadb", "mariadb-client"),
    ("javac", "default-jdk-headless"),
    ("mvn", "maven"),
    ("python3", "python3"),
    ("pip3", "python3-pip"),
    ("curl", "curl"),
    ("jq", "jq"),
    ("tar", "tar"),
    ("xz", "xz-utils"),
    ("setpriv", "util-linux"),
];

/// The packages whose programs are missing.
pub fn missing() -> Vec<&'static str> {
    WANTED
        .iter()
        .filter(|(what, _)| !on_path(what) && !Path::new(what).is_file())
        .map(|(_, package)| *package)
        .collect()
}

/// Installs the missing packages.
pub fn install() -> Result<()> {
    let packages = missing();
    if packages.is_empty() {
        return Ok(());
    }
    if !rustix::process::geteuid().is_root() {
        bail!("missing, and only root can install them: apt-get install {}", packages.join(" "));
    }
    eprintln!("lab: apt-get install {} …", packages.join(" "));
    let _no_services = NoServices::declare()?;
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments);
        command
    };
    run(&mut apt(&["update", "-qq"]), "apt-get update")?;
    let mut install = apt(&["install", "-y", "-qq", "--no-install-recommends"]);
    run(install.args(&packages), &format!("apt-get install {}", packages.join(" ")))?;
    let still = missing();
    if !still.is_empty() {
        bail!("apt-get brought no {}: the lab is made for Debian 12", still.join(", "));
    }
    Ok(())
}

/// Forbids Debian's packages to start their services: the lab runs its own servers on its own ports. Lifted when dropped.
struct NoServices {
    policy: Option<PathBuf>,
}

impl NoServices {
    fn declare() -> Result<NoServices> {
        let policy = PathBuf::from("/usr/sbin/policy-rc.d");
        if policy.exists() {
            return Ok(NoServices { policy: None });
        }
        std::fs::write(&policy, "#!/bin/sh\nexit 101\n")?;
        std::fs::set_permissions(&policy, std::fs::Permissions::from_mode(0o755))?;
        Ok(NoServices { policy: Some(policy) })
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        if let Some(policy) = &self.policy {
            let _ = std::fs::remove_file(policy);
        }
    }
}
