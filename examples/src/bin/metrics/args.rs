//! The command line.
//!
//! A separate module, so that all other code works on valid values: a number is at least one, an address has a port,
//! and there is exactly one input.

use std::ffi::{OsStr, OsString};
use std::num::{NonZeroU64, NonZeroUsize};
use std::str::FromStr;
use std::time::Duration;

use crate::source::Source;
use crate::tree::Settings;

pub(crate) const HELP: &str = "\
Reads a web access log in Combined Log Format and prints what happened.

usage: metrics [FILE] [--repeat N] [--chaos N] [--mailbox N] [--json]
       metrics serve ADDRESS [--idle SECONDS] [--mailbox N] [--json]
       metrics send ADDRESS FILE

  FILE            the log to read; `-` is standard input; without it, a built-in sample
  --repeat N      feed the log N times, as one stream (default 1)
  --chaos N       kill a client's server every N lines; the totals do not change
  --mailbox N     how many messages may wait at one server (default 1024)
  --json          print one JSON object instead of the table
  --help          print this text

  serve           take lines from any number of TCP connections, print the table each second;
                  Ctrl-C stops the servers in order and prints it once more
  --idle SECONDS  how long the server of a client is kept without work (default 60)
  send            send a log to `metrics serve`, and wait until it is counted
  ADDRESS         a host and a port, as in 127.0.0.1:7000
";

/// The command to run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Run(Args),
    Serve(ServeArgs),
    Send(SendArgs),
}

/// The options of a run over one log.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Args {
    pub(crate) source: Source,
    pub(crate) repeat: NonZeroU64,
    pub(crate) settings: Settings,
    pub(crate) json: bool,
}

/// The options of the service.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ServeArgs {
    pub(crate) address: String,
    pub(crate) settings: Settings,
    pub(crate) json: bool,
}

/// The options of a producer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SendArgs {
    pub(crate) address: String,
    pub(crate) source: Source,
}

/// The error of an invalid command line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ArgsError {
    #[error("unknown option {0:?} here; `metrics --help` shows which form takes what")]
    Unknown(OsString),
    #[error("{0} needs a number, as in `{0} 100`")]
    NoNumber(&'static str),
    #[error("{0} takes a whole number from 1 up, not {1:?}")]
    BadNumber(&'static str, OsString),
    #[error("a second log {0:?}; name one, or join them first and use `-`")]
    SecondLog(OsString),
    #[error("name the address to listen on, as in `metrics serve 127.0.0.1:7000`")]
    NoListen,
    #[error("name the address and the log, as in `metrics send 127.0.0.1:7000 access.log`")]
    NoTarget,
    #[error("{0:?} is no address; write a host and a port, as in 127.0.0.1:7000")]
    BadAddress(OsString),
    #[error("one word too many, {0:?}; `metrics --help` shows how to call it")]
    TooMany(OsString),
}

/// Parses a command line without the program name.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Command, ArgsError> {
    let mut words = words.into_iter().peekable();
    let verb = match words.peek().and_then(|word| word.to_str()) {
        Some("serve") => Verb::Serve,
        Some("send") => Verb::Send,
        _ => Verb::Run,
    };
    if verb != Verb::Run {
        words.next();
    }
    let mut read = Words::default();
    let help = read.all(verb, &mut words)?;
    if help {
        return Ok(Command::Help);
    }
    let settings = Settings {
        mailbox: read.mailbox,
        chaos: read.chaos,
        patience: (verb == Verb::Serve).then(|| Duration::from_secs(read.idle.get())),
    };
    let (json, mut plain) = (read.json, read.plain.into_iter());
    let command = match verb {
        Verb::Run => Command::Run(Args {
            source: plain.next().map_or(Source::Sample, source),
            repeat: read.repeat,
            settings,
            json,
        }),
        Verb::Serve => Command::Serve(ServeArgs {
            address: address(plain.next().ok_or(ArgsError::NoListen)?)?,
            settings,
            json,
        }),
        Verb::Send => Command::Send(SendArgs {
            address: address(plain.next().ok_or(ArgsError::NoTarget)?)?,
            source: source(plain.next().ok_or(ArgsError::NoTarget)?),
        }),
    };
    match plain.next() {
        Some(word) if verb == Verb::Run => Err(ArgsError::SecondLog(word)),
        Some(word) => Err(ArgsError::TooMany(word)),
        None => Ok(command),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    Run,
    Serve,
    Send,
}

/// The words after the command.
struct Words {
    plain: Vec<OsString>,
    repeat: NonZeroU64,
    chaos: Option<NonZeroU64>,
    idle: NonZeroU64,
    mailbox: NonZeroUsize,
    json: bool,
}

impl Default for Words {
    fn default() -> Self {
        Self {
            plain: Vec::new(),
            repeat: NonZeroU64::MIN,
            chaos: None,
            idle: NonZeroU64::MIN.saturating_add(59),
            mailbox: NonZeroUsize::MIN.saturating_add(1023),
            json: false,
        }
    }
}

impl Words {
    /// Reads all words; returns true if one of them asks for help, and stops there.
    fn all(
        &mut self,
        verb: Verb,
        words: &mut impl Iterator<Item = OsString>,
    ) -> Result<bool, ArgsError> {
        let (run, serve) = (verb == Verb::Run, verb == Verb::Serve);
        let mut only_plain = false;
        while let Some(word) = words.next() {
            let (option, value) = split(&word);
            match option {
                _ if only_plain || !option.starts_with('-') || option == "-" => {
                    self.plain.push(word);
                }
                "--" if value.is_none() => only_plain = true,
                "--help" | "-h" => return Ok(true),
                "--json" if value.is_none() && (run || serve) => self.json = true,
                "--mailbox" if run || serve => self.mailbox = number("--mailbox", value, words)?,
                "--repeat" if run => self.repeat = number("--repeat", value, words)?,
                "--chaos" if run => self.chaos = Some(number("--chaos", value, words)?),
                "--idle" if serve => self.idle = number("--idle", value, words)?,
                _ => return Err(ArgsError::Unknown(word)),
            }
        }
        Ok(false)
    }
}

/// Splits `--option=value`; a word that is not UTF-8 can only be a file name.
fn split(word: &OsStr) -> (&str, Option<OsString>) {
    let text = word.to_str().unwrap_or_default();
    match text.split_once('=') {
        Some((option, value)) => (option, Some(value.into())),
        None => (text, None),
    }
}

fn source(word: OsString) -> Source {
    if word == "-" {
        Source::Stdin
    } else {
        Source::File(word.into())
    }
}

fn address(word: OsString) -> Result<String, ArgsError> {
    let port = |text: &str| text.rsplit_once(':')?.1.parse::<u16>().ok();
    match word.into_string() {
        Ok(text) if !text.starts_with(':') && port(&text).is_some() => Ok(text),
        Ok(text) => Err(ArgsError::BadAddress(text.into())),
        Err(word) => Err(ArgsError::BadAddress(word)),
    }
}

fn number<N: FromStr>(
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

    fn serve(line: &str) -> ServeArgs {
        match read(line) {
            Ok(Command::Serve(args)) => args,
            other => panic!("{line:?} gave {other:?}"),
        }
    }

    fn refusal(line: &str) -> String {
        read(line).unwrap_err().to_string()
    }

    #[test]
    fn nothing_means_the_sample_once() {
        let args = run("");
        assert_eq!((args.source, args.json), (Source::Sample, false));
        assert_eq!((args.repeat.get(), args.settings.mailbox.get()), (1, 1024));
        assert_eq!((args.settings.chaos, args.settings.patience), (None, None));
    }

    #[test]
    fn options_and_log_come_in_any_order() {
        let args = run("--repeat 3 access.log --mailbox=7 --json --chaos 50");
        assert_eq!(args.source, Source::File("access.log".into()));
        assert_eq!((args.repeat.get(), args.json), (3, true));
        assert_eq!(args.settings.mailbox.get(), 7);
        assert_eq!(args.settings.chaos, NonZeroU64::new(50));
        assert_eq!(run("-").source, Source::Stdin);
        assert_eq!(run("a=b.log").source, Source::File("a=b.log".into()));
        assert_eq!(run("-- --json").source, Source::File("--json".into()));
        assert_eq!(run("-- serve").source, Source::File("serve".into()));
    }

    #[test]
    fn a_service_has_an_address_and_keeps_idle_servers_for_a_while() {
        let args = serve("serve localhost:0");
        assert_eq!(args.address, "localhost:0");
        assert_eq!(args.settings.patience, Some(Duration::from_secs(60)));
        let args = serve("serve --idle 2 [::1]:7000 --json");
        assert_eq!((&*args.address, args.json), ("[::1]:7000", true));
        assert_eq!(args.settings.patience, Some(Duration::from_secs(2)));
    }

    #[test]
    fn a_producer_has_an_address_and_a_log() {
        let args = |source| {
            let address = "127.0.0.1:7000".into();
            Ok(Command::Send(SendArgs { address, source }))
        };
        let file = Source::File("access.log".into());
        assert_eq!(read("send 127.0.0.1:7000 access.log"), args(file));
        assert_eq!(read("send 127.0.0.1:7000 -"), args(Source::Stdin));
    }

    #[test]
    fn help_wins_over_what_follows() {
        for line in ["--help --nonsense", "serve -h", "send --help"] {
            assert_eq!(read(line), Ok(Command::Help), "{line}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (line, begins) in [
            ("--color", "unknown option \"--color\""),
            ("-x", "unknown option"),
            ("--json=yes", "unknown option"),
            ("--idle 3", "unknown option \"--idle\""),
            ("serve a:1 --chaos 3", "unknown option \"--chaos\""),
            ("send a:1 a.log --json", "unknown option \"--json\""),
            ("--repeat", "--repeat needs a number, as in `--repeat 100`"),
            (
                "--mailbox=",
                "--mailbox takes a whole number from 1 up, not \"\"",
            ),
            (
                "--chaos 0",
                "--chaos takes a whole number from 1 up, not \"0\"",
            ),
            ("a.log b.log", "a second log \"b.log\""),
            ("serve", "name the address to listen on"),
            ("serve a:1 b:2", "one word too many, \"b:2\""),
            ("serve 7000", "\"7000\" is no address"),
            ("serve :7000", "\":7000\" is no address"),
            ("serve a:70000", "\"a:70000\" is no address"),
            ("send", "name the address and the log"),
            ("send a:1", "name the address and the log"),
            ("send a.log a:1", "\"a.log\" is no address"),
            ("send a:1 a.log b.log", "one word too many, \"b.log\""),
        ] {
            assert!(
                refusal(line).starts_with(begins),
                "{line}: {}",
                refusal(line)
            );
        }
        for wrong in ["0", "-1", "many", "1.5", "99999999999999999999"] {
            let said = refusal(&format!("--repeat {wrong}"));
            assert_eq!(
                said,
                format!("--repeat takes a whole number from 1 up, not {wrong:?}")
            );
        }
    }
}
