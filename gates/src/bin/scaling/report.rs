//! The table, and the failures.

use crate::LIMIT;
use crate::case::Case;

/// A case and its instructions at both sizes.
pub(crate) struct Verdict<'a> {
    pub(crate) case: &'a Case,
    pub(crate) small: u64,
    pub(crate) large: u64,
}

impl Verdict<'_> {
    fn ratio(&self) -> f64 {
        self.large as f64 / self.small as f64
    }

    /// A ratio far below 4 means that the case does not perform its operations.
    fn is_well(&self) -> bool {
        self.ratio() <= LIMIT
    }
}

/// Prints one row per case, and a line for each failure; returns true if there is none.
pub(crate) fn print(verdicts: &[Verdict<'_>]) -> bool {
    println!(
        "{:<48}{:>8}{:>12}{:>12}{:>8}",
        "instructions per operation", "n", "at n", "at 4n", "ratio"
    );
    for verdict in verdicts {
        let Verdict { case, small, large } = verdict;
        println!(
            "{:<48}{:>8}{:>12.0}{:>12.0}{:>8.2}{}",
            case.name,
            case.n,
            *small as f64 / case.n as f64,
            *large as f64 / (4 * case.n) as f64,
            verdict.ratio(),
            if verdict.is_well() { "" } else { "  <-" },
        );
    }
    println!("\nlinear in the set by their nature, so counted per element:");
    for (case, reason) in verdicts
        .iter()
        .filter_map(|verdict| Some((verdict.case, verdict.case.by_nature?)))
    {
        println!("  {}: {reason}", case.name);
    }
    println!();
    let failed: Vec<_> = verdicts
        .iter()
        .filter(|verdict| !verdict.is_well())
        .collect();
    for verdict in &failed {
        println!(
            "failed: {}: 4 times as many cost {:.1} times as much, more than {LIMIT:.1}",
            verdict.case.name,
            verdict.ratio(),
        );
    }
    if failed.is_empty() {
        println!(
            "{} operations, none costs more than {LIMIT:.1} times as much",
            verdicts.len()
        );
    }
    failed.is_empty()
}
