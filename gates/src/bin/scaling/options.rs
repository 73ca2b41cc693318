//! The command line of `scaling`.

use std::thread::available_parallelism;

pub(crate) const USAGE: &str = "usage: scaling [--only BEGINNING] [--jobs NUMBER] | --list";

/// The command.
#[derive(Debug, PartialEq)]
pub(crate) enum Options {
    /// Counts the cases with this name prefix, in `jobs` processes, and judges them.
    Suite { only: String, jobs: usize },
    /// Prints the names.
    List,
    /// Runs the named cases once per size. The suite starts this under valgrind.
    Part {
        names: Vec<String>,
        sizes: Vec<usize>,
    },
}

impl Options {
    /// # Errors
    /// The first invalid argument.
    pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = arguments.peekable();
        let (mut only, mut jobs) = (String::new(), None);
        while let Some(argument) = arguments.next() {
            let mut value = || {
                let value = arguments.next();
                value.ok_or_else(|| format!("`{argument}` needs a value"))
            };
            match argument.as_str() {
                "--list" => return Ok(Self::List),
                "--only" => only = value()?,
                "--jobs" => jobs = Some(number(&value()?)?),
                "--part" => {
                    let sizes = value()?.split(',').map(number).collect::<Result<_, _>>()?;
                    let names = arguments.collect();
                    return Ok(Self::Part { names, sizes });
                }
                other => return Err(format!("`{other}` is not an option")),
            }
        }
        let jobs = jobs.unwrap_or_else(|| available_parallelism().map_or(1, Into::into));
        Ok(Self::Suite { only, jobs })
    }

    /// Returns true if the case of this name is selected.
    pub(crate) fn selects(&self, name: &str) -> bool {
        match self {
            Self::Suite { only, .. } => name.starts_with(only.as_str()),
            Self::List => true,
            Self::Part { names, .. } => names.iter().any(|wanted| wanted == name),
        }
    }
}

fn number(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| format!("`{text}` is not a number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(Into::into))
    }

    #[test]
    fn a_part_has_sizes_and_names() {
        let part = Options::Part {
            names: vec!["names/register".into()],
            sizes: vec![1, 4],
        };
        assert_eq!(parse("--part 1,4 names/register"), Ok(part));
        assert!(parse("--part 1,x").is_err());
        assert!(parse("--only").is_err());
        assert!(parse("--other").is_err());
    }
}
