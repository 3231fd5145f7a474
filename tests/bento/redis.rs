//! The script on a Redis of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use diac::targets::redis_script::APPLY;

/// Whether a Redis is installed.
pub fn is_there() -> bool {
    Command::new("redis-server").arg("--version").output().is_ok()
}

/// A Redis of its own on a socket; it ends with the test.
struct Redis {
    process: Child,
    folder: PathBuf,
}

impl Redis {
    fn start() -> Self {
        let folder = std::env::temp_dir().join(format!("diac-redis-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap_or_else(|error| panic!("{error}"));
        std::fs::write(folder.join("apply.lua"), APPLY).unwrap_or_else(|error| panic!("{error}"));
        let process = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--unixsocket"])
            .arg(folder.join("socket"))
            .stdout(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("redis-server does not start: {error}"));
        let redis = Self { process, folder };
        for _ in 0..100 {
            if redis.run(&["PING"]) == "PONG" {
                return redis;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("redis-server does not answer");
    }

    fn command(&self) -> Command {
        let mut command = Command::new("redis-cli");
        command.arg("-s").arg(self.folder.join("socket"));
        command
    }

    fn run(&self, arguments: &[&str]) -> String {
        said(self.command().args(arguments))
    }

    fn apply(&self, key: &str, arguments: [&str; 5]) -> String {
        let version = format!("{key}:v");
        let script: &Path = &self.folder.join("apply.lua");
        said(self.command().arg("--eval").arg(script).args([key, &version, ","]).args(arguments))
    }

    fn number(&self, arguments: &[&str]) -> i64 {
        let text = self.run(arguments);
        text.parse().unwrap_or_else(|_| panic!("{text}"))
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

fn said(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("redis-cli does not start: {error}"));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

pub fn newer_wins_and_the_rest_is_told_apart() {
    let redis = Redis::start();
    let (key, seen) = ("product:{1}", "product:{1}:v");
    // Two positions that a double cannot tell apart.
    let (old, new) = ("00009007199254740992", "00009007199254740993");
    assert_eq!(redis.apply(key, ["put", old, "a", "60000", "0"]), "applied");
    assert_eq!(redis.apply(key, ["put", new, "b", "60000", "0"]), "applied");
    assert_eq!(redis.apply(key, ["put", new, "c", "60000", "0"]), "duplicate");
    assert_eq!(redis.apply(key, ["put", old, "c", "60000", "0"]), "stale");
    assert_eq!(redis.apply(key, ["del", old, "", "60000", "0"]), "stale");
    assert_eq!(redis.run(&["GET", key]), "b");
    assert_eq!(redis.number(&["PTTL", seen]), -1);

    // A delete leaves its version for a while, and a late older put does not bring the row back.
    let later = "00009007199254740994";
    assert_eq!(redis.apply(key, ["del", later, "", "60000", "0"]), "deleted");
    assert_eq!(redis.number(&["EXISTS", key]), 0);
    assert!((1..=60_000).contains(&redis.number(&["PTTL", seen])));
    assert_eq!(redis.apply(key, ["put", new, "b", "60000", "0"]), "stale");
    assert_eq!(redis.apply(key, ["del", later, "", "60000", "0"]), "duplicate");

    // A put after it stays for good; an epoch is above every position.
    assert_eq!(redis.apply(key, ["put", "00144115188075855873", "d", "60000", "0"]), "applied");
    assert_eq!(redis.number(&["PTTL", seen]), -1);
    assert_eq!(redis.apply(key, ["put", later, "e", "60000", "0"]), "stale");

    // Bodies that expire: the version lives as long as the longer of both lives.
    assert_eq!(redis.apply("p:{2}", ["put", old, "a", "60000", "1000"]), "applied");
    assert!((1..=1000).contains(&redis.number(&["PTTL", "p:{2}"])));
    assert!((1001..=60_000).contains(&redis.number(&["PTTL", "p:{2}:v"])));
    assert_eq!(redis.apply("p:{3}", ["put", old, "a", "1000", "60000"]), "applied");
    assert!((1001..=60_000).contains(&redis.number(&["PTTL", "p:{3}:v"])));
    std::thread::sleep(Duration::from_millis(1100));
    assert_eq!(redis.number(&["EXISTS", "p:{2}"]), 0);
    assert_eq!(redis.apply("p:{2}", ["put", old, "a", "60000", "1000"]), "duplicate");
    assert_eq!(redis.run(&["GET", "p:{3}"]), "a");
}
