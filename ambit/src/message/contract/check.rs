//! The check of a contract against its file: the only part of this module that accesses files.

use std::env;
use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::message::contract::Contract;
use crate::message::contract::breaks::Break;
use crate::message::contract::compatible::compatible;
use crate::message::contract::difference::difference;
use crate::message::contract::problem::ParseError;
use crate::message::contract::program::{ContractError, Listed, contract};

/// The environment variable that selects the mode of [`assert_contract!`](crate::assert_contract).
const VARIABLE: &str = "AMBIT_CONTRACT";

/// The remedy for most errors.
const WRITE: &str = "`AMBIT_CONTRACT=write cargo test`";

/// The reason why a contract does not match its file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The protocols do not form a contract.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// The file does not exist.
    #[error("there is no `{path}`; write it with {WRITE}, and commit it")]
    Missing {
        /// Its path.
        path: String,
    },
    /// The file cannot be read.
    #[error("`{path}` cannot be read: {message}; make it readable, or write it with {WRITE}")]
    Unreadable {
        /// Its path.
        path: String,
        /// The error of the operating system.
        message: String,
    },
    /// The file contains no contract.
    #[error("`{path}`, {error}; take it from version control, or write it anew with {WRITE}")]
    NoContract {
        /// Its path.
        path: String,
        /// The error in its text.
        error: ParseError,
    },
    /// Peers with the version in the file would break.
    #[error(
        "the program breaks what `{path}` promises to those that still run the old version:\n{}\nUndo the change as said there; or, when no peer runs the old version any more, write the file anew with {WRITE}, and commit it",
        listed_breaks(.breaks)
    )]
    Breaks {
        /// Its path.
        path: String,
        /// The breaks.
        breaks: Vec<Break>,
    },
    /// Nothing breaks; but the next change would be compared with an outdated file.
    #[error(
        "the program has changed in ways that break nobody, and `{path}` does not say so yet; write it anew with {WRITE}, and commit it:\n{}",
        indented(.lines)
    )]
    Outdated {
        /// Its path.
        path: String,
        /// The removed lines, with `-`, and the added ones, with `+`, below the lines that contain them.
        lines: Vec<String>,
    },
    /// The file cannot be written.
    #[error("`{path}` cannot be written: {message}")]
    Unwritable {
        /// Its path.
        path: String,
        /// The error of the operating system.
        message: String,
    },
}

/// Lists each break once, with the other methods that contain it.
fn listed_breaks(breaks: &[Break]) -> String {
    let mut lines: Vec<(&Break, Vec<String>)> = Vec::new();
    for found in breaks {
        let same = |first: &Break| {
            first.of.is_some()
                && first.of == found.of
                && first.reason == found.reason
                && inside(first) == inside(found)
        };
        match lines.iter_mut().find(|(first, _)| same(first)) {
            Some((_, also)) => also.extend(method(found)),
            None => lines.push((found, Vec::new())),
        }
    }
    let lines = lines.into_iter().map(|(found, also)| {
        if also.is_empty() {
            return found.to_string();
        }
        format!("{found} (also in {})", also.join(", "))
    });
    indented(&lines.collect::<Vec<_>>())
}

/// Returns the location of a break inside its type: the last name, and the variant right before it.
fn inside(found: &Break) -> (Option<&str>, Option<&str>) {
    let mut from_the_end = found.path.rsplit(", ");
    let last = from_the_end
        .next()
        .and_then(|part| part.rsplit(['.', ' ']).next());
    let before = from_the_end.next();
    (
        last.map(|name| name.trim_matches('`')),
        before.filter(|part| part.starts_with("variant ")),
    )
}

fn method(found: &Break) -> Option<String> {
    let method = found.method.as_ref()?;
    Some(format!("`{}`, method `{method}`", found.protocol))
}

fn indented(lines: &[String]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}

/// Compares a contract with its file.
///
/// The file must match the contract exactly: if it were outdated, the removal of a field that was added after it would
/// not be detected.
///
/// # Errors
/// - [`CheckError::Breaks`] if the contract has changed in ways that break peers.
/// - [`CheckError::Outdated`] if it has changed in other ways.
/// - [`CheckError::Missing`], [`CheckError::Unreadable`] or [`CheckError::NoContract`] if the file does not exist,
///   cannot be read, or contains no contract.
pub fn check_contract(path: &Path, contract: &Contract) -> Result<(), CheckError> {
    let shown = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => CheckError::Missing {
            path: shown.clone(),
        },
        _ => CheckError::Unreadable {
            path: shown.clone(),
            message: error.to_string(),
        },
    })?;
    verdict(&shown, &text, contract)
}

/// Compares a contract with the text of its file.
fn verdict(path: &str, text: &str, contract: &Contract) -> Result<(), CheckError> {
    let path = path.to_owned();
    let old: Contract = match text.parse() {
        Ok(old) => old,
        Err(error) => return Err(CheckError::NoContract { path, error }),
    };
    let breaks = compatible(&old, contract);
    if !breaks.is_empty() {
        return Err(CheckError::Breaks { path, breaks });
    }
    let lines = difference(&old, contract);
    match lines.is_empty() {
        true => Ok(()),
        false => Err(CheckError::Outdated { path, lines }),
    }
}

/// Writes a contract to a file, unless the file already contains it. The line of each type has a hash of its lines, so
/// that two branches that change one type conflict when they are merged.
///
/// # Errors
/// - [`CheckError::Unwritable`] if the file cannot be written.
pub fn write_contract(path: &Path, contract: &Contract) -> Result<(), CheckError> {
    let text = format!("{contract:#}");
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(path, text).map_err(|error| CheckError::Unwritable {
        path: path.display().to_string(),
        message: error.to_string(),
    })
}

/// Implements [`assert_contract!`](crate::assert_contract): `folder` is that of the caller's `Cargo.toml`.
#[doc(hidden)]
#[track_caller]
pub fn assert_contract_at(
    folder: &str,
    path: impl AsRef<Path>,
    protocols: impl IntoIterator<Item = Listed>,
) {
    let path = Path::new(folder).join(path);
    // Not in a closure, so that a panic has the location of the caller.
    let wanted = wanted();
    let done = contract(protocols)
        .map_err(CheckError::from)
        .and_then(|contract| match wanted {
            Wanted::Check => check_contract(&path, &contract),
            Wanted::Write => write_contract(&path, &contract),
        });
    if let Err(error) = done {
        fail(&error);
    }
}

enum Wanted {
    Check,
    Write,
}

#[track_caller]
fn wanted() -> Wanted {
    match env::var(VARIABLE).as_deref() {
        Err(_) | Ok("" | "check") => Wanted::Check,
        Ok("write") => Wanted::Write,
        Ok(other) => fail(&format_args!(
            "`{VARIABLE}` is `{other}`; set it to `write`, or not at all"
        )),
    }
}

#[track_caller]
fn fail(problem: &dyn fmt::Display) -> ! {
    panic!("{problem}")
}

/// Asserts, in a test, that a program is compatible with the versions that its contract file describes.
///
/// ```no_run
/// // In a test of yours, and with your protocols: `[Counter, dyn Kv]`.
/// ambit::assert_contract!("contract.lock", []);
/// ```
///
/// The brackets contain the protocols that other nodes speak: servers with a name on the wire, and `dyn Kv` for a
/// `#[protocol(remote = "kv")] trait Kv`. The path is relative to the `Cargo.toml` of the crate that contains the test.
/// Each file belongs to one test.
///
/// - `AMBIT_CONTRACT=write cargo test` writes the file, regardless of its previous content. Commit it: its lines are
///   sorted, and its diff shows a reviewer what has changed.
/// - A plain `cargo test` compares. It fails if peers would break, and reports the method, the reason, and the remedy.
///   It also fails if the program has changed in compatible ways, and shows them: write the file again, or later
///   changes would be compared with an outdated version.
///
/// The rules are those of [`compatible`](crate::message::compatible). To stay compatible with more than one old
/// version, keep a file for each and compare with [`compatible`](crate::message::compatible) yourself.
///
/// # Panics
/// Panics if the file is missing, cannot be read, or does not match the protocols. The text of the panic is that of
/// [`CheckError`](crate::message::CheckError).
#[macro_export]
macro_rules! assert_contract {
    ($path:expr, [$($protocol:ty),* $(,)?] $(,)?) => {
        $crate::message::assert_contract_at(
            ::core::env!("CARGO_MANIFEST_DIR"),
            $path,
            [$($crate::message::listed::<$protocol>()),*],
        )
    };
}
