//! Several writers at once, while something is done to the systems.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use super::{Load, Orders, Progress, Report};

/// A look at the load from outside.
pub struct Storm<'a> {
    progress: &'a Progress,
    total: usize,
}

impl Storm<'_> {
    /// How many statements have been tried so far.
    pub fn done(&self) -> usize {
        self.progress.done.load(Ordering::Relaxed)
    }

    /// Waits until so many hundredths of the statements have been tried.
    pub fn wait_for(&self, percent: usize) -> Result<()> {
        let start = Instant::now();
        loop {
            let done = self.progress.done.load(Ordering::Relaxed);
            if done >= self.total * percent / 100 {
                return Ok(());
            }
            ensure!(!self.progress.stop.load(Ordering::Relaxed), "a writer failed");
            ensure!(start.elapsed() < Duration::from_secs(180), "the load stands still at {done} of {}", self.total);
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Runs the writers, each for so many statements and until `faults` has done its work; gives their counts together.
pub fn under_load(orders: &[Orders], statements: usize, faults: impl FnOnce(&Storm) -> Result<()>) -> Result<Report> {
    under_load_with(&Progress::default(), orders, statements, faults)
}

/// The same where the database itself is killed: writers wait until it is there again.
pub fn under_surviving_load(
    orders: &[Orders],
    statements: usize,
    faults: impl FnOnce(&Storm) -> Result<()>,
) -> Result<Report> {
    let progress = Progress::default();
    progress.survives.store(true, Ordering::Relaxed);
    under_load_with(&progress, orders, statements, faults)
}

fn under_load_with(
    progress: &Progress,
    orders: &[Orders],
    statements: usize,
    faults: impl FnOnce(&Storm) -> Result<()>,
) -> Result<Report> {
    progress.go_on.store(true, Ordering::Relaxed);
    let write = |orders: &Orders| {
        let report = Load::new(orders).and_then(|it| it.run(statements, progress));
        if report.is_err() {
            progress.stop.store(true, Ordering::Relaxed);
        }
        report
    };
    std::thread::scope(|scope| {
        let writers: Vec<_> = orders.iter().map(|orders| scope.spawn(|| write(orders))).collect();
        let done = faults(&Storm { progress, total: statements * orders.len() });
        progress.go_on.store(false, Ordering::Relaxed);
        progress.stop.store(done.is_err(), Ordering::Relaxed);
        let mut total = Report { seed: orders.first().map_or(0, |it| it.seed), ..Report::default() };
        for writer in writers {
            total.add(&writer.join().unwrap_or_else(|_| bail!("a writer panicked"))?);
        }
        done?;
        Ok(total)
    })
}
