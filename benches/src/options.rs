//! The command line.

use std::path::PathBuf;

use crate::rows::{Id, PRICE, Row, all};

pub(crate) const HELP: &str = "\
Measures ambit and its rivals in turns, and says where ambit is behind.

usage: cargo run --release --manifest-path benches/Cargo.toml -- [options]

  --quick             fewer and shorter rounds: two minutes
  --rounds N          so many rounds (5; 9 for casts)
  --only TEXT         only rows with TEXT in their key or title; may be repeated
  --peers A,B         only these columns; `raw` is always there
  --ct                ambit and raw on one thread as well
  --no-price          without the section on what is optional
  --out DIR           where the report goes (target/bench)
  --json FILE         where the figures go (results.json in DIR)
  --fail-above N      fail if a row of ambit is worse than N times what it must be
  --list              the rows and the columns
";

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Options {
    pub(crate) quick: bool,
    pub(crate) rounds: Option<usize>,
    pub(crate) only: Vec<String>,
    pub(crate) peers: Vec<Id>,
    pub(crate) price: bool,
    pub(crate) out: PathBuf,
    pub(crate) json: Option<PathBuf>,
    pub(crate) fail_above: Option<f64>,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Help,
    List,
    Run(Options),
}

impl Options {
    /// Returns true if a row is selected.
    pub(crate) fn wants(&self, row: &Row) -> bool {
        let titles = row.figures.iter().map(|figure| figure.title);
        let names: Vec<_> = titles.chain([row.key]).map(str::to_lowercase).collect();
        let is_meant = |text: &String| names.iter().any(|name| name.contains(&text.to_lowercase()));
        self.only.is_empty() || self.only.iter().any(is_meant)
    }

    /// Returns the rows to run, the price rows last.
    pub(crate) fn rows(&self) -> Vec<&'static Row> {
        let is_price = |row: &Row| PRICE.iter().any(|price| price.key == row.key);
        let rows = all().filter(|row| self.price || !is_price(row));
        rows.filter(|row| self.wants(row)).collect()
    }

    pub(crate) fn rounds_of(&self, row: &Row) -> usize {
        match (self.rounds, self.quick, row.bimodal) {
            (Some(rounds), ..) => rounds,
            _ if row.counted => 1,
            (None, true, false) => 3,
            (None, true, true) | (None, false, false) => 5,
            (None, false, true) => 9,
        }
    }
}

pub(crate) fn parse(arguments: &[String]) -> Result<Command, String> {
    let mut options = Options {
        quick: false,
        rounds: None,
        only: Vec::new(),
        peers: Id::ALL
            .into_iter()
            .filter(|id| id.base() == Id::Raw)
            .collect(),
        price: true,
        out: PathBuf::from("target/bench"),
        json: None,
        fail_above: None,
    };
    let mut ct = false;
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let mut value = || {
            let value = words.next().filter(|value| !value.starts_with("--"));
            value.ok_or_else(|| format!("{word} needs a value"))
        };
        match word.as_str() {
            "--help" | "-h" => return Ok(Command::Help),
            "--list" => return Ok(Command::List),
            "--quick" => options.quick = true,
            "--no-price" => options.price = false,
            "--ct" => ct = true,
            "--rounds" => options.rounds = Some(number(word, value()?, 1..=1000)?),
            "--only" => options.only.push(value()?.clone()),
            "--peers" => options.peers = peers(value()?)?,
            "--out" => options.out = PathBuf::from(value()?),
            "--json" => options.json = Some(PathBuf::from(value()?)),
            "--fail-above" => options.fail_above = Some(factor(word, value()?)?),
            _ => return Err(format!("unknown option `{word}`; --help lists them")),
        }
    }
    if ct {
        options.peers.extend([Id::RawCt, Id::AmbitCt]);
    }
    complete(&mut options.peers);
    if options.rows().is_empty() {
        return Err("--only leaves no row; --list shows them".to_owned());
    }
    Ok(Command::Run(options))
}

/// Adds the columns to which the ratios of the selected ones refer.
fn complete(peers: &mut Vec<Id>) {
    let bases: Vec<Id> = peers.iter().map(|id| id.base()).collect();
    peers.extend(bases);
    peers.sort();
    peers.dedup();
}

fn number(
    option: &str,
    text: &str,
    range: std::ops::RangeInclusive<usize>,
) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| {
        let (first, last) = (range.start(), range.end());
        format!("{option} needs a whole number from {first} to {last}, not `{text}`")
    })
}

fn factor(option: &str, text: &str) -> Result<f64, String> {
    let factor = text.parse().ok();
    let factor = factor.filter(|factor: &f64| factor.is_finite() && *factor >= 1.0);
    factor.ok_or_else(|| format!("{option} needs a number of 1 or more, not `{text}`"))
}

fn peers(text: &str) -> Result<Vec<Id>, String> {
    let one = |key: &str| {
        let found = Id::ALL.into_iter().find(|id| id.key() == key.trim());
        found.ok_or_else(|| format!("unknown column `{key}`; --list shows them"))
    };
    text.split(',').map(one).collect()
}

/// Lists the rows and columns, for `--list`.
pub(crate) fn list() -> String {
    let mut text = String::from("rows\n");
    for row in all() {
        text += &format!("  {:24} {}\n", row.key, row.figures[0].title);
    }
    text += "columns\n";
    for id in Id::ALL {
        text += &format!("  {}\n", id.key());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse(&words)
    }

    fn options(line: &str) -> Options {
        match parsed(line) {
            Ok(Command::Run(options)) => options,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn the_defaults_select_everything_but_one_thread() {
        let options = options("");
        assert_eq!(options.rows().len(), all().count());
        assert!(options.peers.contains(&Id::Erlang));
        assert!(!options.peers.contains(&Id::AmbitCt));
    }

    #[test]
    fn raw_is_always_included() {
        assert_eq!(options("--peers ambit").peers, [Id::Raw, Id::Ambit]);
        let with_ct = [Id::Raw, Id::Ambit, Id::RawCt, Id::AmbitCt];
        assert_eq!(options("--peers ambit --ct").peers, with_ct);
        assert_eq!(options("--peers ambit-ct").peers, [Id::RawCt, Id::AmbitCt]);
    }

    #[test]
    fn rows_are_chosen_by_part_of_their_names() {
        let keys = |line| -> Vec<_> { options(line).rows().iter().map(|row| row.key).collect() };
        assert_eq!(keys("--only skynet"), ["skynet"]);
        assert_eq!(
            keys("--only Skynet --only LOOK-UP-call"),
            ["skynet", "look-up-call"]
        );
        assert_eq!(keys("--no-price --only spans --only skynet"), ["skynet"]);
    }

    #[test]
    fn casts_take_more_rounds() {
        let row = |key| all().find(|row| row.key == key).unwrap();
        assert_eq!(options("").rounds_of(row("cast")), 9);
        assert_eq!(options("").rounds_of(row("call")), 5);
        assert_eq!(options("--rounds 7").rounds_of(row("cast")), 7);
        assert_eq!(options("--quick").rounds_of(row("bytes")), 1);
    }

    #[test]
    fn bad_options_are_reported_in_one_line() {
        for (line, error) in [
            ("--fast", "unknown option `--fast`; --help lists them"),
            ("--rounds", "--rounds needs a value"),
            ("--rounds --quick", "--rounds needs a value"),
            (
                "--rounds 0",
                "--rounds needs a whole number from 1 to 1000, not `0`",
            ),
            (
                "--fail-above soon",
                "--fail-above needs a number of 1 or more, not `soon`",
            ),
            (
                "--fail-above 0.5",
                "--fail-above needs a number of 1 or more, not `0.5`",
            ),
            (
                "--peers raw,orleans",
                "unknown column `orleans`; --list shows them",
            ),
            ("--only nonsense", "--only leaves no row; --list shows them"),
        ] {
            assert_eq!(parsed(line), Err(error.to_owned()), "{line}");
        }
    }
}
