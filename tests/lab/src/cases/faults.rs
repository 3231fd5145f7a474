//! Crashes that must be felt. A crash between two commits of an offset makes deliveries repeat; one right after a commit does not, and then a pipeline that
//! is not idempotent passes as well. So a crash that did not bite is tried again, a bounded number of times.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How often a crash is tried.
const ATTEMPTS: usize = 5;

/// How long after a restart repeated deliveries are looked for. A consumer group lets the restarted member in when the crashed one's session has timed
/// out: 6 s in the lab.
const LOOK_FOR: Duration = Duration::from_secs(25);

/// Crashes something (`crash` also brings it back) until `repeats` counts deliveries that came twice; gives that count.
pub fn crash_until_it_bites(
    name: &str,
    mut crash: impl FnMut() -> Result<()>,
    mut repeats: impl FnMut() -> Result<u64>,
) -> Result<u64> {
    for attempt in 0..ATTEMPTS {
        // Another moment of the commit interval each time (offsets are committed every 1 s by Bento, every 5 s by Connect).
        std::thread::sleep(Duration::from_millis(170) * u32::try_from(attempt)?);
        crash()?;
        let start = Instant::now();
        while start.elapsed() < LOOK_FOR {
            let found = repeats()?;
            if found > 0 {
                return Ok(found);
            }
            std::thread::sleep(Duration::from_millis(500));
        }
    }
    bail!("{ATTEMPTS} crashes of {name} under load, and not one made a delivery repeat")
}
