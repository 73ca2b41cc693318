//! The command line.

use crate::work::Work;

/// The command.
#[derive(Debug, PartialEq)]
pub(crate) enum Options {
    /// Measures the probes with this prefix, and compares or records the figures.
    Gate { only: String, update: bool },
    /// Prints the functions with the most instructions.
    Annotate { work: Work, inclusive: bool },
    /// Runs one probe and prints its figures; a gate starts this.
    Probe(String),
    /// Performs `count` operations and prints nothing; callgrind runs this.
    Run { work: Work, count: u64 },
}

/// The help text.
pub(crate) const USAGE: &str = "\
usage: gates [--only PREFIX] [--update]
       gates --annotate WORK [--inclusive]
  --only PREFIX    measures only what begins so, such as instructions/ or allocations/call
  --update         writes the figures into limits.txt
  --annotate WORK  leaves a callgrind profile of call, queued-call, supervised-call, named-call, cast,
                   measured-call, measured-cast, spawn-stop or a raw one, such as raw-call, and prints its most
                   expensive functions
  --inclusive      with what the functions call";

impl Options {
    /// Parses the arguments.
    ///
    /// # Errors
    /// If an argument is not understood.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut only, mut update, mut inclusive, mut annotate) = (None, false, false, None);
        while let Some(argument) = arguments.next() {
            let mut value = || {
                let value = arguments.next();
                value.ok_or_else(|| format!("`{argument}` needs a value"))
            };
            match argument.as_str() {
                "--only" => only = Some(value()?),
                "--update" => update = true,
                "--inclusive" => inclusive = true,
                "--annotate" => annotate = Some(value()?.parse()?),
                "--probe" => return Ok(Self::Probe(value()?)),
                "--run" => {
                    let (work, count) = (value()?.parse()?, value()?.parse());
                    let count = count.map_err(|_| "`--run` needs a number".to_owned())?;
                    return Ok(Self::Run { work, count });
                }
                other => return Err(format!("`{other}` is not an option")),
            }
        }
        match annotate {
            Some(_) if update || only.is_some() => {
                Err("`--annotate` does not measure: leave `--update` and `--only` away".into())
            }
            Some(work) => Ok(Self::Annotate { work, inclusive }),
            None if inclusive => Err("`--inclusive` goes with `--annotate`".into()),
            None => Ok(Self::Gate {
                only: only.unwrap_or_default(),
                update,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn every_way_of_use_is_understood() {
        let gate = |only: &str, update| Options::Gate {
            only: only.into(),
            update,
        };
        assert_eq!(parse(""), Ok(gate("", false)));
        assert_eq!(parse("--update --only bytes/"), Ok(gate("bytes/", true)));
        let (work, inclusive) = (Work::NamedCall, true);
        assert_eq!(
            parse("--annotate named-call --inclusive"),
            Ok(Options::Annotate { work, inclusive })
        );
        assert_eq!(
            parse("--run cast 64"),
            Ok(Options::Run {
                work: Work::Cast,
                count: 64
            })
        );
    }

    #[test]
    fn invalid_options_are_reported() {
        for wrong in [
            "--annotate",
            "--annotate tea",
            "--inclusive",
            "--annotate call --update",
            "--run call x",
            "x",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
