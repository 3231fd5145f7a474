//! The same work on many things, on all processors.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Builder};

/// Stack of a thread, in bytes: as large as a program's own, since readers recurse as deep as texts nest.
const STACK: usize = 8 << 20;

/// What `run` makes of each item, in the order of the items.
pub fn map<T: Sync, R: Send>(items: &[T], run: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(items.len());
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return done };
            done.push((at, run(item)));
        }
    };
    let mut done = thread::scope(|scope| {
        // Where no more threads can be had, this one does all.
        let others = (1..threads).map_while(|_| Builder::new().stack_size(STACK).spawn_scoped(scope, work).ok());
        let others: Vec<_> = others.collect();
        let mut done = work();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..1_000).collect();
        assert_eq!(map(&items, |item| item * 2), (0..1_000).map(|item| item * 2).collect::<Vec<_>>());
        assert!(map(&[], |item: &u8| *item).is_empty());
    }

    #[test]
    fn a_panic_comes_through() {
        let caught = std::panic::catch_unwind(|| map(&[0, 1, 2, 3], |item| assert_ne!(*item, 2)));
        assert!(caught.is_err());
    }
}
