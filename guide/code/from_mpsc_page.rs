//! The chapter "From mpsc and oneshot" shows the diff of the two stores, and counts as it does.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

const BEFORE: &str = include_str!("from_mpsc_before.rs");
const AFTER: &str = include_str!("from_mpsc_after.rs");
const PAGE: &str = include_str!("../src/coming_from/mpsc.md");
const TABLE: &str = include_str!("../../docs/benchmarks/table.md");

/// The lines of both texts in order, each with `-`, `+` or a space: what is common is as long as can be.
fn diff(old: &str, new: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    let mut common = vec![vec![0; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] = if old[i] == new[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut text) = (0, 0, String::new());
    while i < old.len() || j < new.len() {
        let (mark, line) = if i < old.len() && j < new.len() && old[i] == new[j] {
            (i, j) = (i + 1, j + 1);
            (' ', old[i - 1])
        } else if i < old.len() && (j == new.len() || common[i + 1][j] >= common[i][j + 1]) {
            i += 1;
            ('-', old[i - 1])
        } else {
            j += 1;
            ('+', new[j - 1])
        };
        writeln!(text, "{}", format!("{mark}{line}").trim_end()).ok();
    }
    text
}

/// `UPDATE_EXPECT=1 cargo test -p guide --test chapters from_mpsc::` writes it.
#[test]
fn the_diff_is_that_of_the_two_files() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("code/from_mpsc.diff");
    let made = diff(BEFORE, AFTER);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &made).expect("it can be written");
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == made,
        "from_mpsc.diff is stale: run with UPDATE_EXPECT=1 and read the difference"
    );
}

#[test]
fn the_page_counts_as_the_diff_does() {
    let made = diff(BEFORE, AFTER);
    let marked = |mark| made.lines().filter(|line| line.starts_with(mark)).count();
    let counts = format!(
        "{} lines become {}: {} are removed, {} are added, and {} stay",
        BEFORE.lines().count(),
        AFTER.lines().count(),
        marked('-'),
        marked('+'),
        made.lines().count() - marked('-') - marked('+'),
    );
    assert!(PAGE.contains(&counts), "the page should say: {counts}");
}

/// The ratio of ambit to the hand-written actor in a row of the published table.
fn ratio(row: &str) -> f64 {
    let line = TABLE
        .lines()
        .find(|line| line.starts_with(&format!("| {row},")));
    let cells = line.unwrap_or_else(|| panic!("no row `{row}`")).split('|');
    let cell = cells.map(str::trim).nth(4).unwrap_or_default();
    let ratio = cell
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')'));
    let ratio = ratio.and_then(|(ratio, _)| ratio.parse().ok());
    ratio.unwrap_or_else(|| panic!("no ratio in `{cell}`"))
}

/// The page agrees with the table about which costs are lower, equal or higher.
#[test]
fn the_page_agrees_with_the_table_of_the_benchmarks() {
    let rows = PAGE.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.split(" | ");
        Some((cells.next()?, cells.next()?.trim_end_matches(" |")))
    });
    let mut seen = 0;
    for (row, word) in rows {
        let expected = match word {
            "lower" => 0.0..0.9,
            "equal" => 0.85..1.15,
            "higher" => 1.1..f64::MAX,
            _ => continue,
        };
        seen += 1;
        assert!(
            expected.contains(&ratio(row)),
            "{row}: {} is {word}?",
            ratio(row)
        );
    }
    assert_eq!(seen, 8, "rows on the page");
}
