//! The command line.

/// The settings of a measurement, and its limit.
#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    /// The number of checks of each crate.
    pub(crate) turns: usize,
    /// The maximum cost of a handler, relative to the same by hand.
    pub(crate) fail_above: Option<f64>,
}

/// The help text.
pub(crate) const USAGE: &str = "\
usage: compile [--turns COUNT] [--fail-above RATIO]
  --turns COUNT       checks each crate so often and takes the median; 5 unless it is said
  --fail-above RATIO  fails if a handler costs more of `cargo check` than so many by hand";

impl Options {
    /// Parses the arguments.
    ///
    /// # Errors
    /// If an argument is not understood.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut turns, mut fail_above) = (5, None);
        while let Some(argument) = arguments.next() {
            let value = arguments.next();
            let number = || format!("`{argument}` needs a number above zero");
            match argument.as_str() {
                "--turns" => {
                    let count = value.and_then(|value| value.parse().ok());
                    turns = count.filter(|count| *count > 0).ok_or_else(number)?;
                }
                "--fail-above" => {
                    let limit = value.and_then(|value| value.parse().ok());
                    fail_above = Some(limit.filter(|limit| *limit > 0.0).ok_or_else(number)?);
                }
                other => return Err(format!("`{other}` is not an option")),
            }
        }
        Ok(Self { turns, fail_above })
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
        let (turns, fail_above) = (5, None);
        assert_eq!(parse(""), Ok(Options { turns, fail_above }));
        let (turns, fail_above) = (3, Some(2.5));
        assert_eq!(
            parse("--turns 3 --fail-above 2.5"),
            Ok(Options { turns, fail_above })
        );
    }

    #[test]
    fn invalid_options_are_reported() {
        for wrong in [
            "--turns",
            "--turns 0",
            "--fail-above -1",
            "--fail-above x",
            "x",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
