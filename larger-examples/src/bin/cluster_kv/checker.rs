//! The checker: knows what each read may return.
//!
//! One client writes a key, with rising versions. A read may return the last acknowledged version, or a later one whose
//! write was tried: a failed write may have been executed. A version that was read must not disappear again.

use std::collections::BTreeMap;

use crate::replica::Versioned;

/// The versions of each key.
#[derive(Debug, Default)]
pub(crate) struct Checker(BTreeMap<String, Versions>);

#[derive(Debug, Default)]
struct Versions {
    /// The highest version that was acknowledged or read.
    seen: u64,
    /// The highest version whose write has begun.
    tried: u64,
}

impl Checker {
    /// Begins a write. Returns the new version and its value.
    pub(crate) fn begin_write(&mut self, key: &str) -> Versioned {
        let versions = self.0.entry(key.to_owned()).or_default();
        versions.tried += 1;
        (versions.tried, value_of(key, versions.tried))
    }

    /// Notes that a write was acknowledged.
    pub(crate) fn written(&mut self, key: &str, version: u64) {
        let versions = self.0.entry(key.to_owned()).or_default();
        versions.seen = versions.seen.max(version);
    }

    /// Begins a read. Returns the lowest version that it may return.
    pub(crate) fn begin_read(&self, key: &str) -> u64 {
        self.0.get(key).map_or(0, |versions| versions.seen)
    }

    /// Checks the answer of a read that began with this lowest version. Returns false if the answer is wrong.
    pub(crate) fn is_right(
        &mut self,
        key: &str,
        lowest: u64,
        (version, value): &Versioned,
    ) -> bool {
        let versions = self.0.entry(key.to_owned()).or_default();
        let is_right =
            (lowest..=versions.tried).contains(version) && *value == value_of(key, *version);
        if is_right {
            versions.seen = versions.seen.max(*version);
        }
        is_right
    }

    /// Returns all keys.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }
}

/// Returns the value of a version. A key that was never written has version 0 and an empty value.
fn value_of(key: &str, version: u64) -> String {
    match version {
        0 => String::new(),
        _ => format!("{key} v{version}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(version: u64) -> Versioned {
        (version, value_of("tea", version))
    }

    /// Returns a checker after two acknowledged writes and a failed one.
    fn after_three_writes() -> Checker {
        let mut checker = Checker::default();
        for version in 1..=3 {
            assert_eq!(checker.begin_write("tea"), answer(version));
        }
        checker.written("tea", 2);
        checker
    }

    #[test]
    fn a_key_that_was_never_written_is_empty() {
        let mut checker = Checker::default();
        assert!(checker.is_right("tea", 0, &answer(0)));
        assert!(!checker.is_right("tea", 0, &answer(1)));
    }

    #[test]
    fn the_acknowledged_and_the_failed_write_are_right() {
        for (version, is_right) in [(0, false), (1, false), (2, true), (3, true), (4, false)] {
            let mut checker = after_three_writes();
            let lowest = checker.begin_read("tea");
            assert_eq!(checker.is_right("tea", lowest, &answer(version)), is_right);
        }
    }

    #[test]
    fn a_version_that_was_read_must_not_disappear() {
        let mut checker = after_three_writes();
        let slow = checker.begin_read("tea");
        assert!(checker.is_right("tea", slow, &answer(3)));
        let lowest = checker.begin_read("tea");
        assert!(!checker.is_right("tea", lowest, &answer(2)));
        // This read began before the other one ended.
        assert!(checker.is_right("tea", slow, &answer(2)));
    }

    #[test]
    fn the_value_of_another_version_is_wrong() {
        let mut checker = after_three_writes();
        let mixed = (2, value_of("tea", 3));
        assert!(!checker.is_right("tea", 2, &mixed));
    }
}
