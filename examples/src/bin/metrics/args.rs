//! What the user asked for, read from the command line.
//!
//! Apart from the rest so that everything behind it works on values that cannot be wrong: a repeat count and a mailbox size are at
//! least one, and there is exactly one input.

use std::ffi::{OsStr, OsString};
use std::num::{NonZeroU64, NonZeroUsize};

use crate::source::Source;

pub(crate) const HELP: &str = "\
Reads a web access log in Combined Log Format and prints what happened.

usage: metrics [FILE] [--repeat N] [--mailbox N] [--json]

  FILE           the log to read; `-` is standard input; without it, a built-in sample
  --repeat N     feed the log N times, as one stream (default 1)
  --mailbox N    how many messages may wait at one server (default 1024)
  --json         print one JSON object instead of the table
  --help         print this text
";

/// What a command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Run(Args),
}

/// The settings of one run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Args {
    pub(crate) source: Source,
    pub(crate) repeat: NonZeroU64,
    pub(crate) mailbox: NonZeroUsize,
    pub(crate) json: bool,
}

/// Why a command line could not be understood.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ArgsError {
    #[error("unknown option {0:?}; `metrics --help` lists the options")]
    Unknown(OsString),
    #[error("{0} needs a number, as in `{0} 100`")]
    NoNumber(&'static str),
    #[error("{0} takes a whole number from 1 up, not {1:?}")]
    BadNumber(&'static str, OsString),
    #[error("a second log {0:?}; name one, or join them first and use `-`")]
    SecondLog(OsString),
}

impl Default for Args {
    fn default() -> Self {
        Self {
            source: Source::Sample,
            repeat: NonZeroU64::MIN,
            mailbox: NonZeroUsize::MIN.saturating_add(1023),
            json: false,
        }
    }
}

/// Reads a command line without the program's own name.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Command, ArgsError> {
    let mut words = words.into_iter();
    let mut args = Args::default();
    let mut only_logs = false;
    while let Some(word) = words.next() {
        let (option, value) = split(&word);
        match option {
            _ if only_logs || !option.starts_with('-') || option == "-" => log(&mut args, word)?,
            "--" if value.is_none() => only_logs = true,
            "--help" | "-h" => return Ok(Command::Help),
            "--json" if value.is_none() => args.json = true,
            "--repeat" => args.repeat = number("--repeat", value, &mut words)?,
            "--mailbox" => args.mailbox = number("--mailbox", value, &mut words)?,
            _ => return Err(ArgsError::Unknown(word)),
        }
    }
    Ok(Command::Run(args))
}

/// Cuts `--option=value`; a word that is not UTF-8 can only be a file name.
fn split(word: &OsStr) -> (&str, Option<OsString>) {
    let text = word.to_str().unwrap_or_default();
    match text.split_once('=') {
        Some((option, value)) => (option, Some(value.into())),
        None => (text, None),
    }
}

fn log(args: &mut Args, word: OsString) -> Result<(), ArgsError> {
    if args.source != Source::Sample {
        return Err(ArgsError::SecondLog(word));
    }
    args.source = if word == "-" {
        Source::Stdin
    } else {
        Source::File(word.into())
    };
    Ok(())
}

fn number<N: std::str::FromStr>(
    option: &'static str,
    value: Option<OsString>,
    words: &mut impl Iterator<Item = OsString>,
) -> Result<N, ArgsError> {
    let value = value
        .or_else(|| words.next())
        .ok_or(ArgsError::NoNumber(option))?;
    let parsed = value.to_str().and_then(|text| text.parse().ok());
    parsed.ok_or(ArgsError::BadNumber(option, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Command, ArgsError> {
        parse(line.split_whitespace().map(OsString::from))
    }

    fn run(line: &str) -> Args {
        match read(line) {
            Ok(Command::Run(args)) => args,
            other => panic!("{line:?} gave {other:?}"),
        }
    }

    fn refusal(line: &str) -> String {
        read(line).unwrap_err().to_string()
    }

    #[test]
    fn nothing_means_the_sample_once() {
        let args = run("");
        assert_eq!(args, Args::default());
        assert_eq!((args.repeat.get(), args.mailbox.get()), (1, 1024));
    }

    #[test]
    fn options_and_log_come_in_any_order() {
        let args = run("--repeat 3 access.log --mailbox=7 --json");
        assert_eq!(args.source, Source::File("access.log".into()));
        assert_eq!(
            (args.repeat.get(), args.mailbox.get(), args.json),
            (3, 7, true)
        );
        assert_eq!(run("-").source, Source::Stdin);
        assert_eq!(run("a=b.log").source, Source::File("a=b.log".into()));
        assert_eq!(run("-- --json").source, Source::File("--json".into()));
    }

    #[test]
    fn help_wins_over_what_follows() {
        assert_eq!(read("--help --nonsense"), Ok(Command::Help));
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert!(refusal("--color").starts_with("unknown option \"--color\""));
        assert!(refusal("-x").starts_with("unknown option"));
        assert!(refusal("--json=yes").starts_with("unknown option"));
        assert_eq!(
            refusal("--repeat"),
            "--repeat needs a number, as in `--repeat 100`"
        );
        for wrong in ["0", "-1", "many", "1.5", "99999999999999999999"] {
            let said = refusal(&format!("--repeat {wrong}"));
            assert_eq!(
                said,
                format!("--repeat takes a whole number from 1 up, not {wrong:?}")
            );
        }
        assert!(refusal("--mailbox=").contains("not \"\""));
        assert!(refusal("a.log b.log").starts_with("a second log \"b.log\""));
    }
}
