//! Prints a new cookie, or checks an existing one.
//!
//! ```text
//! ambit-cookie               prints a new cookie
//! ambit-cookie --check       reads a cookie from standard input and reports whether it is valid
//! ```

#![forbid(unsafe_code)]

use std::error::Error;
use std::io::{self, Read, Write};
use std::process::ExitCode;

use ambit_dist::Cookie;

/// The maximum number of bytes to read: no cookie is that long.
const MAX: u64 = 64 * 1024;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let done = match arguments.as_slice() {
        [] => print(),
        [only] if only == "--check" => check(),
        _ => Err(
            "without arguments it prints a cookie, with `--check` it reads one and judges it"
                .into(),
        ),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ambit-cookie: {error}");
            ExitCode::FAILURE
        }
    }
}

fn print() -> Result<(), Box<dyn Error>> {
    let cookie = Cookie::generate()?;
    writeln!(io::stdout(), "{}", *cookie.reveal())?;
    Ok(())
}

fn check() -> Result<(), Box<dyn Error>> {
    let mut given = Vec::new();
    io::stdin().take(MAX).read_to_end(&mut given)?;
    Cookie::try_from(given)?;
    writeln!(io::stdout(), "the cookie is good")?;
    Ok(())
}
