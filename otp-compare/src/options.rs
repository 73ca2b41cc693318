//! The command line.

/// The options.
pub(crate) struct Options {
    /// The number of scripts.
    pub(crate) scripts: u64,
    /// The seed of the first script; the others have the following ones.
    pub(crate) seed: u64,
    pub(crate) mode: Mode,
}

/// The command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Compares with Erlang.
    Compare,
    /// Compares with the recorded traces instead of Erlang.
    Replay,
    /// Compares with Erlang, and records its traces.
    Record,
    /// Prints the scripts and their traces on ambit, and compares nothing.
    Print,
}

/// The help text.
pub(crate) const USAGE: &str = "\
usage: otp-compare [--scripts N] [--seed S] [--replay | --record | --print]
  --scripts N  how many scripts, 300 by default
  --seed S     the seed of the first, 1 by default
  --replay     compares with the recorded traces instead of Erlang
  --record     writes what Erlang does into the recorded traces
  --print      prints the scripts and what ambit does";

impl Options {
    /// Parses the arguments.
    ///
    /// # Errors
    /// If an argument is not understood.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            scripts: 300,
            seed: 1,
            mode: Mode::Compare,
        };
        while let Some(argument) = arguments.next() {
            let mut number = || {
                let value = arguments.next().and_then(|value| value.parse().ok());
                value.ok_or_else(|| format!("`{argument}` needs a number"))
            };
            match argument.as_str() {
                "--scripts" => options.scripts = number()?,
                "--seed" => options.seed = number()?,
                "--replay" => options.choose(Mode::Replay)?,
                "--record" => options.choose(Mode::Record)?,
                "--print" => options.choose(Mode::Print)?,
                other => return Err(format!("`{other}` is not an option")),
            }
        }
        Ok(options)
    }

    fn choose(&mut self, mode: Mode) -> Result<(), String> {
        if self.mode != Mode::Compare {
            return Err("`--replay`, `--record` and `--print` exclude each other: keep one".into());
        }
        self.mode = mode;
        Ok(())
    }
}
