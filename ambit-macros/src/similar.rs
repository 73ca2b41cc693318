//! Finds the word that was probably meant.

/// The words of OTP, Elixir and tokio for options that have another name here.
const OTHER_WORDS: [(&str, &str); 5] = [
    ("capacity", "mailbox"),
    ("intensity", "restarts"),
    ("max_restarts", "restarts"),
    ("max_seconds", "within"),
    ("period", "within"),
];

/// Returns the name that `found` is another word for, or that differs from it only by its spelling, or else by the fewest
/// letters, if those are few.
pub(crate) fn similar<'n>(
    found: &str,
    names: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    let names: Vec<_> = names.into_iter().collect();
    let other_word = OTHER_WORDS.iter().find(|(word, _)| *word == found);
    if let Some(name) = other_word.and_then(|(_, meant)| names.iter().find(|name| *name == meant)) {
        return Some(name);
    }
    let plain = plain(found);
    let allowed = (plain.chars().count() / 3).clamp(1, 2);
    let near = names
        .into_iter()
        .map(|name| (distance(&plain, &self::plain(name)), name));
    let (distance, name) = near.min_by_key(|(distance, _)| *distance)?;
    (distance <= allowed && !plain.is_empty()).then_some(name)
}

/// Returns the last word of a path in a normal form: `Strategy::OneForOne` and `one_for_one` are the same.
fn plain(name: &str) -> String {
    let last = name.rsplit("::").next().unwrap_or(name);
    let letters = last.chars().filter(|letter| *letter != '_');
    letters.flat_map(char::to_lowercase).collect()
}

/// Returns the number of letters to add, remove or replace.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    // From the letters of `one` so far to each beginning of `other`.
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (position, letter) in one.chars().enumerate() {
        let mut next = vec![position + 1];
        for (column, wanted) in other.iter().enumerate() {
            let replaced = row[column] + usize::from(letter != *wanted);
            next.push(replaced.min(row[column + 1] + 1).min(next[column] + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRATEGIES: [&str; 3] = ["OneForOne", "OneForAll", "RestForOne"];

    #[test]
    fn a_misspelt_word_is_found() {
        assert_eq!(similar("OneForOn", STRATEGIES), Some("OneForOne"));
        assert_eq!(similar("one_for_all", STRATEGIES), Some("OneForAll"));
        assert_eq!(
            similar("Strategy::RestForOne", STRATEGIES),
            Some("RestForOne")
        );
        assert_eq!(similar("timout", ["deferred", "timeout"]), Some("timeout"));
        assert_eq!(
            similar("intensity", ["restarts", "within"]),
            Some("restarts")
        );
        assert_eq!(similar("intensity", ["restart", "shutdown"]), None);
    }

    #[test]
    fn another_word_is_not() {
        assert_eq!(similar("Simple", STRATEGIES), None);
        assert_eq!(similar("vis", ["crate", "mailbox"]), None);
        assert_eq!(similar("after_panic", ["not_after_panic"]), None);
        assert_eq!(similar("", STRATEGIES), None);
    }
}
