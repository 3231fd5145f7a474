//! Names and numbers as files and people need them.

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

/// A text from outside on one line, each gap one blank: a line break in it must not end the comment it stands in.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// `1 topic`, `3 topics`.
#[must_use]
pub fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// `200_000`, as a `.dia` file writes it.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stated_names_stay_in_their_folder() {
        assert_eq!(path_part("shop-source-shop"), "shop-source-shop");
        assert_eq!(path_part("../../etc/x y"), "%2E.%2F..%2Fetc%2Fx%20y");
        assert_eq!(path_part("größe"), "gr%C3%B6%C3%9Fe");
    }

    #[test]
    fn digits_in_groups() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1_000", "1_234_567"]);
    }
}
