//! Did you mean: the candidate nearest to a word that is not known.

/// Finds the candidate nearest to `word`: the one that the fewest insertions, deletions, replacements and swaps of neighbours
/// turn it into, at most one for every three characters of the word. Case does not count; the word itself is no candidate;
/// among equals the first wins.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = word.to_lowercase().chars().collect();
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates.into_iter().filter(|candidate| *candidate != word) {
        let letters: Vec<char> = candidate.to_lowercase().chars().collect();
        if letters.len().abs_diff(wanted.len()) * 3 > wanted.len() {
            continue;
        }
        let distance = distance(&wanted, &letters);
        if distance * 3 <= wanted.len() && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The number of edits between two words, where a swap of neighbours is one edit.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut previous = None;
    for (row, &from) in a.iter().enumerate() {
        let mut current = vec![row + 1];
        let mut left = None;
        for (column, &to) in b.iter().enumerate() {
            let at = |line: &[usize], index: usize| line.get(index).copied().unwrap_or(usize::MAX / 2);
            let replaced = at(&last, column) + usize::from(from != to);
            let mut least = replaced.min(at(&last, column + 1) + 1).min(at(&current, column) + 1);
            if previous == Some(to) && left == Some(from) {
                least = least.min(at(&before_last, column.wrapping_sub(1)) + 1);
            }
            current.push(least);
            left = Some(to);
        }
        before_last = std::mem::replace(&mut last, current);
        previous = Some(from);
    }
    last.last().copied().unwrap_or(0)
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
