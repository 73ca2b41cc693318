//! What the command line says.

/// What to do.
pub(crate) struct Options {
    /// How many scripts.
    pub(crate) scripts: u64,
    /// The seed of the first one; the others follow.
    pub(crate) seed: u64,
    /// Compares with the recorded traces, not with Erlang.
    pub(crate) replay: bool,
    /// Writes what Erlang did into the recorded traces.
    pub(crate) record: bool,
    /// Prints the scripts and what ambit does, and compares nothing.
    pub(crate) print: bool,
}

/// How to use it.
pub(crate) const USAGE: &str = "\
usage: otp-compare [--scripts N] [--seed S] [--replay | --record | --print]
  --scripts N  how many scripts, 300 by default
  --seed S     the seed of the first, 1 by default
  --replay     compares with the recorded traces instead of Erlang
  --record     writes what Erlang does into the recorded traces
  --print      prints the scripts and what ambit does";

impl Options {
    /// Reads the arguments.
    ///
    /// # Errors
    /// The argument that is not understood.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            scripts: 300,
            seed: 1,
            replay: false,
            record: false,
            print: false,
        };
        while let Some(argument) = arguments.next() {
            let mut number = || {
                let value = arguments.next().and_then(|value| value.parse().ok());
                value.ok_or_else(|| format!("`{argument}` needs a number"))
            };
            match argument.as_str() {
                "--scripts" => options.scripts = number()?,
                "--seed" => options.seed = number()?,
                "--replay" => options.replay = true,
                "--record" => options.record = true,
                "--print" => options.print = true,
                other => return Err(format!("`{other}` is not an option")),
            }
        }
        Ok(options)
    }
}
