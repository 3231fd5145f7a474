//! Spans of time and sizes as people write them in a `.dia` file.

/// A span of time in the largest unit that says it exactly: `7d`, `90s`, `1500ms`.
#[must_use]
pub fn duration(ms: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
    for (size, word) in UNITS {
        if ms >= size && ms.is_multiple_of(size) {
            return format!("{}{word}", ms / size);
        }
    }
    format!("{ms}ms")
}

/// A size in the largest unit that says it exactly: `64GiB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    for (unit, word) in UNITS {
        if bytes >= unit && bytes.is_multiple_of(unit) {
            return format!("{}{word}", bytes / unit);
        }
    }
    format!("{bytes}B")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn largest_exact_unit() {
        assert_eq!(duration(604_800_000), "7d");
        assert_eq!(duration(5_400_000), "90m");
        assert_eq!(duration(1_500), "1500ms");
        assert_eq!(duration(0), "0ms");
        assert_eq!(size(64 << 30), "64GiB");
        assert_eq!(size(1000), "1000B");
    }
}
