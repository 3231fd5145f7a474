//! Did you mean: the candidate nearest to a word that is not known.

/// Finds the candidate nearest to `word`: the one that the fewest insertions, deletions, replacements and swaps of neighbours
/// turn it into, at most one for every three characters of the word. Case does not count; the word itself is no candidate;
/// among equals the first wins.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
    let mut best: Option<&'a str> = None;
    // The most edits that are worth to be found.
    let mut most = wanted.len() / 3;
    let mut letters: Vec<char> = Vec::new();
    let mut lines = Lines::default();
    for candidate in candidates.into_iter().filter(|candidate| *candidate != word) {
        if candidate.is_ascii() && candidate.len().abs_diff(wanted.len()) > most {
            continue;
        }
        letters.clear();
        letters.extend(candidate.chars().flat_map(char::to_lowercase));
        if letters.len().abs_diff(wanted.len()) > most {
            continue;
        }
        let Some(distance) = lines.distance(&wanted, &letters, most) else { continue };
        best = Some(candidate);
        // Only what is nearer counts from here on.
        let Some(less) = distance.checked_sub(1) else { break };
        most = less;
    }
    best
}

/// Lines of the table of edits, kept for the next two words.
#[derive(Default)]
struct Lines {
    before_last: Vec<usize>,
    last: Vec<usize>,
    current: Vec<usize>,
}

impl Lines {
    /// The number of edits between two words, where a swap of neighbours is one edit; none where it is above `most`.
    fn distance(&mut self, a: &[char], b: &[char], most: usize) -> Option<usize> {
        let Self { before_last, last, current } = self;
        before_last.clear();
        last.clear();
        last.extend(0..=b.len());
        let mut previous = None;
        let mut reached = 0;
        for (row, &from) in a.iter().enumerate() {
            current.clear();
            current.push(row + 1);
            let mut left = None;
            let mut line_least = row + 1;
            for (column, &to) in b.iter().enumerate() {
                let at = |line: &[usize], index: usize| line.get(index).copied().unwrap_or(usize::MAX / 2);
                let replaced = at(last, column) + usize::from(from != to);
                let mut least = replaced.min(at(last, column + 1) + 1).min(at(current, column) + 1);
                if previous == Some(to) && left == Some(from) {
                    least = least.min(at(before_last, column.wrapping_sub(1)) + 1);
                }
                current.push(least);
                line_least = line_least.min(least);
                left = Some(to);
            }
            // Every later line follows from the last two.
            if line_least > most && reached > most {
                return None;
            }
            reached = line_least;
            std::mem::swap(before_last, last);
            std::mem::swap(last, current);
            previous = Some(from);
        }
        last.last().copied().filter(|distance| *distance <= most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_a_third_of_the_word_differs() {
        let words = ["where", "select", "because", "key", "is"];
        for (word, expected) in [
            ("wher", Some("where")),
            ("WHERE", Some("where")),
            ("selcet", Some("select")),
            ("becuase", Some("because")),
            ("kye", Some("key")),
            ("si", None),
            ("wh", None),
            ("because", None),
            ("größe", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, words), expected, "{word}");
        }
    }

    #[test]
    fn the_first_of_equals_wins() {
        assert_eq!(nearest("cat", ["car", "can"]), Some("car"));
    }
}
