//! Spans of time, sizes and file names as people and file systems read them.

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

/// A name as one part of a path or address: everything but letters, digits, `.`, `_` and `-` is percent-encoded, and so is a leading dot.
/// Names may be stated by the user, so `../x` must not leave the folder.
#[must_use]
pub fn path_part(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for (at, byte) in name.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') || (byte == b'.' && at > 0);
        if plain {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// `1 topic`, `3 topics`.
#[must_use]
pub fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
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

    #[test]
    fn stated_names_stay_in_their_folder() {
        assert_eq!(path_part("shop-source-shop"), "shop-source-shop");
        assert_eq!(path_part("../../etc/x y"), "%2E.%2F..%2Fetc%2Fx%20y");
        assert_eq!(path_part("größe"), "gr%C3%B6%C3%9Fe");
    }
}
