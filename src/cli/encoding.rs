//! SQL files that are not UTF-8: dumps of old databases, and dumps with binary values in their data.
//!
//! What is no UTF-8 is read as Windows-1252 where it can change no name: in remarks and in texts. In a name it would be a guess, and the file is refused.

/// What single bytes from 0x80 to 0x9f stand for in Windows-1252; five of them stand for nothing.
const HIGH: [char; 32] = [
    '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž', '\u{fffd}', '\u{fffd}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}', 'ž', 'Ÿ',
];

/// A text with what was read as Windows-1252.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    /// The text.
    pub(super) text: String,
    /// Where the first sign that was not UTF-8 stands, in bytes of the text.
    pub(super) first: usize,
    /// How many there are.
    pub(super) count: usize,
}

/// Reads bytes that are not all UTF-8: what is UTF-8 stays, what is not is Windows-1252. None where that is more than remarks and texts.
pub(super) fn decode(bytes: &[u8]) -> Option<Decoded> {
    let mut text = String::with_capacity(bytes.len() + 64);
    let mut foreign: Vec<usize> = Vec::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            foreign.push(text.len());
            text.push(sign(*byte));
        }
    }
    let first = *foreign.first()?;
    // Zero bytes are of another encoding, or of no text at all.
    (!text.contains('\0') && harmless(&text, &foreign)).then_some(Decoded { text, first, count: foreign.len() })
}

fn sign(byte: u8) -> char {
    let at = usize::from(byte).wrapping_sub(0x80);
    HIGH.get(at).copied().unwrap_or(char::from(byte))
}

/// Where a scan of SQL is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Code,
    /// A text.
    Text,
    /// A name in quotes, with the sign that ends it.
    Name(char),
    /// A remark that ends with its line.
    Line,
    /// A remark in `/* */`.
    Block,
}

/// Whether each of these places lies in a remark or a text.
fn harmless(text: &str, places: &[usize]) -> bool {
    // Only MySQL and its kin quote names by backticks, and a backslash in a text hides the sign behind it there.
    let mysql = text.contains('`');
    let mut foreign = places.iter().copied().peekable();
    let mut place = Place::Code;
    let mut before = ' ';
    let mut signs = text.char_indices().peekable();
    while let Some((at, sign)) = signs.next() {
        if foreign.peek() == Some(&at) {
            foreign.next();
            if matches!(place, Place::Code | Place::Name(_)) {
                return false;
            }
        }
        let next = signs.peek().map_or(' ', |(_, next)| *next);
        place = match (place, sign) {
            (Place::Code, '\'') => Place::Text,
            (Place::Code, '"' | '`') => Place::Name(sign),
            (Place::Code, '[') => Place::Name(']'),
            (Place::Code, '-') if next == '-' => Place::Line,
            (Place::Code, '#') if mysql => Place::Line,
            (Place::Code, '/') if next == '*' => Place::Block,
            (Place::Text, '\'') => Place::Code,
            (Place::Text, '\\') if mysql => {
                // What is hidden may itself be no UTF-8.
                if let Some((hidden, _)) = signs.next()
                    && foreign.peek() == Some(&hidden)
                {
                    foreign.next();
                }
                Place::Text
            }
            (Place::Name(end), sign) if sign == end => Place::Code,
            (Place::Line, '\n' | '\r') => Place::Code,
            (Place::Block, '/') if before == '*' => Place::Code,
            (place, _) => place,
        };
        before = if place == Place::Block && before == ' ' && sign == '/' { ' ' } else { sign };
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Option<String> {
        decode(bytes).map(|decoded| decoded.text)
    }

    #[test]
    fn remarks_and_texts_are_read_as_windows_1252() {
        let decoded = decode(b"-- caf\xe9\nCREATE TABLE t (a int COMMENT 'Gr\xf6\xdfe \x80');").unwrap();
        assert_eq!(decoded.text, "-- café\nCREATE TABLE t (a int COMMENT 'Größe €');");
        assert_eq!((decoded.first, decoded.count), (6, 4));
        assert!(read(b"/* \xe4 */ SELECT 1").is_some());
        assert!(read("ä, and then -- \u{e4}".as_bytes()).is_none(), "nothing is foreign");
    }

    #[test]
    fn what_is_utf_8_stays() {
        let mut bytes = "-- größe\nINSERT INTO `t` VALUES ('".as_bytes().to_vec();
        bytes.extend(b"\xff\\'\x00'".iter().filter(|byte| **byte != 0));
        bytes.extend(b");");
        assert_eq!(read(&bytes).unwrap(), "-- größe\nINSERT INTO `t` VALUES ('ÿ\\'');");
    }

    #[test]
    fn names_are_not_guessed() {
        for text in [
            &b"CREATE TABLE gr\xf6sse (id int);"[..],
            b"CREATE TABLE `gr\xf6sse` (id int);",
            b"CREATE TABLE \"gr\xf6sse\" (id int);",
            b"CREATE TABLE [gr\xf6sse] (id int);",
            b"CREATE TABLE t (a text DEFAULT 'C:\\', gr\xf6sse int);",
            b"/* x */ CREATE TABLE gr\xf6sse (id int);",
            b"SELECT 'x'; -- y\ngr\xf6sse",
        ] {
            assert_eq!(decode(text), None, "{}", String::from_utf8_lossy(text));
        }
        assert!(read(b"INSERT INTO t VALUES ('C:\\'); -- caf\xe9").is_some());
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert_eq!(decode(b"\x00\x01'\xff'"), None);
    }
}
