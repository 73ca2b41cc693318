//! Suggests the key that was perhaps meant.

/// Returns the first of `known` with the smallest edit distance to `word`, if it is close enough to be a typo.
pub(super) fn nearest(word: &str, known: &[&str]) -> Option<String> {
    let limit = (word.chars().count() / 3).max(2);
    let close = known.iter().map(|one| (distance(word, one), *one));
    let best = close.min_by_key(|(distance, _)| *distance)?;
    (best.0 <= limit).then(|| best.1.to_owned())
}

/// Returns the edit distance: insertions, deletions, substitutions and swaps of adjacent letters.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<_>, Vec<_>) = (one.chars().collect(), other.chars().collect());
    let mut rows = vec![(0..=other.len()).collect::<Vec<_>>()];
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let changed = rows[i][j] + usize::from(a != b);
            let mut best = changed.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        let known = ["port", "host", "timeout"];
        assert_eq!(nearest("prot", &known).as_deref(), Some("port"));
        assert_eq!(nearest("timeuot_s", &known).as_deref(), Some("timeout"));
        assert_eq!(nearest("colour", &known), None);
        assert_eq!(nearest("port", &[]), None);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("ab", "ba"), 1);
    }
}
