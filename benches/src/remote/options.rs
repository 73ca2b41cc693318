//! The command line.

use std::path::PathBuf;

use super::rows::{ClusterWork, ROWS, Row, Size, Work};
use super::system::Id;

pub(crate) const HELP: &str = "\
Measures what lies between two processes on one loopback: ambit's nodes and others, in turns.

usage: cargo run --release --manifest-path benches/Cargo.toml --features ractor-cluster,kameo-remote --bin remote -- [options]

  --quick             fewer and shorter rounds: seconds
  --rounds N          so many rounds (7; quick: 3)
  --only TEXT         only rows with TEXT in their key or title; may be repeated
  --systems A,B       only these columns; `quinn` is always there
  --json FILE         where the figures go
  --list              the rows and the columns
";

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Options {
    pub(crate) quick: bool,
    pub(crate) rounds: usize,
    pub(crate) only: Vec<String>,
    pub(crate) systems: Vec<Id>,
    pub(crate) json: Option<PathBuf>,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Help,
    List,
    Run(Options),
}

impl Options {
    /// Returns the selected rows.
    pub(crate) fn rows(&self) -> Vec<&'static Row> {
        let wanted = |row: &&Row| {
            let names = [row.key, &row.title.to_lowercase()].map(str::to_owned);
            let is_meant =
                |text: &String| names.iter().any(|name| name.contains(&text.to_lowercase()));
            self.only.is_empty() || self.only.iter().any(is_meant)
        };
        ROWS.iter().filter(wanted).collect()
    }

    /// Returns the number of rounds of a row: a row that measures memory gives the same result each time.
    pub(crate) fn rounds_of(&self, row: &Row) -> usize {
        match row.work {
            Work::Idle | Work::Cluster(ClusterWork::Sync | ClusterWork::SyncMemory) => {
                self.rounds.min(3)
            }
            _ => self.rounds,
        }
    }

    /// Returns the number of operations of a row with a fixed size.
    pub(crate) fn fixed(&self, row: &Row) -> Option<u64> {
        match row.size {
            Size::Fixed { quick, .. } if self.quick => Some(quick),
            Size::Fixed { full, .. } => Some(full),
            Size::UpTo(_) => None,
        }
    }
}

pub(crate) fn parse(arguments: &[&str]) -> Result<Command, String> {
    let mut options = Options {
        quick: false,
        rounds: 0,
        only: Vec::new(),
        systems: Id::ALL.to_vec(),
        json: None,
    };
    let mut words = arguments.iter().copied();
    while let Some(word) = words.next() {
        let mut value = || {
            let value = words.next().filter(|value| !value.starts_with("--"));
            value.ok_or_else(|| format!("{word} needs a value"))
        };
        match word {
            "--help" | "-h" => return Ok(Command::Help),
            "--list" => return Ok(Command::List),
            "--quick" => options.quick = true,
            "--rounds" => options.rounds = rounds(value()?)?,
            "--only" => options.only.push(value()?.to_owned()),
            "--systems" => options.systems = systems(value()?)?,
            "--json" => options.json = Some(PathBuf::from(value()?)),
            _ => return Err(format!("unknown option `{word}`; --help lists them")),
        }
    }
    if options.rounds == 0 {
        options.rounds = if options.quick { 3 } else { 7 };
    }
    if options.rows().is_empty() {
        return Err("--only leaves no row; --list shows them".to_owned());
    }
    Ok(Command::Run(options))
}

fn rounds(text: &str) -> Result<usize, String> {
    let number = text
        .parse()
        .ok()
        .filter(|number| (1..=1000).contains(number));
    number.ok_or_else(|| format!("--rounds needs a whole number from 1 to 1000, not `{text}`"))
}

fn systems(text: &str) -> Result<Vec<Id>, String> {
    let one = |name: &str| {
        Id::named(name.trim()).ok_or_else(|| format!("unknown column `{name}`; --list shows them"))
    };
    let mut systems = text.split(',').map(one).collect::<Result<Vec<_>, _>>()?;
    systems.push(Id::Quinn);
    systems.sort_unstable();
    systems.dedup();
    Ok(systems)
}

/// Lists the rows and columns, for `--list`.
pub(crate) fn list() -> String {
    let mut text = String::from("rows\n");
    for row in ROWS {
        text += &format!("  {:12} {}\n", row.key, row.title);
    }
    text += "columns\n";
    for id in Id::ALL {
        text += &format!("  {}\n", id.name());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, String> {
        parse(&line.split_whitespace().collect::<Vec<_>>())
    }

    fn options(line: &str) -> Options {
        match parsed(line) {
            Ok(Command::Run(options)) => options,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn the_defaults_select_everything() {
        assert_eq!(options("").rows().len(), ROWS.len());
        assert_eq!(options("").systems, Id::ALL);
        assert_eq!(options("").rounds, 7);
        assert_eq!(options("--quick").rounds, 3);
        assert_eq!(options("--quick --rounds 5").rounds, 5);
    }

    #[test]
    fn quinn_is_always_included() {
        assert_eq!(options("--systems tcp").systems, [Id::Tcp, Id::Quinn]);
    }

    #[test]
    fn rows_are_chosen_by_part_of_their_names() {
        let keys = |line| -> Vec<_> { options(line).rows().iter().map(|row| row.key).collect() };
        assert_eq!(keys("--only cast-16"), ["cast-16"]);
        assert_eq!(keys("--only Callers --only Idle"), ["callers", "idle"]);
    }

    #[test]
    fn bad_options_are_reported_in_one_line() {
        for (line, error) in [
            ("--fast", "unknown option `--fast`; --help lists them"),
            ("--rounds --quick", "--rounds needs a value"),
            (
                "--rounds 0",
                "--rounds needs a whole number from 1 to 1000, not `0`",
            ),
            (
                "--systems tcp,akka",
                "unknown column `akka`; --list shows them",
            ),
            ("--only nonsense", "--only leaves no row; --list shows them"),
        ] {
            assert_eq!(parsed(line), Err(error.to_owned()), "{line}");
        }
    }
}
