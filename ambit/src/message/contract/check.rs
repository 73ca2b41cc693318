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
use crate::message::contract::parse;
use crate::message::contract::problem::ParseError;
use crate::message::contract::program::{ContractError, Listed, contract};

/// The environment variable that selects the mode of [`assert_contract!`](crate::assert_contract).
const VARIABLE: &str = "AMBIT_CONTRACT";

/// The remedy for most errors.
const WRITE: &str = "`AMBIT_CONTRACT=write cargo test`";

/// The reason why a contract does not match its file.
///
/// ```
/// use std::path::Path;
/// use ambit::message::{CheckError, check_contract, contract};
///
/// let error = check_contract(Path::new("no-such-directory/contract.lock"), &contract([])?).unwrap_err();
/// assert_eq!(error, CheckError::Missing { path: "no-such-directory/contract.lock".to_owned() });
/// # Ok::<(), ambit::message::ContractError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The protocols do not form a contract, because two protocols or types have the same name.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// The file does not exist.
    #[error("there is no `{path}`; write it with {WRITE}, and commit it")]
    Missing {
        /// The path of the file.
        path: String,
    },
    /// The file cannot be read.
    #[error("`{path}` cannot be read: {message}; make it readable, or write it with {WRITE}")]
    Unreadable {
        /// The path of the file.
        path: String,
        /// The error of the operating system.
        message: String,
    },
    /// The file does not contain a valid contract.
    #[error("`{path}`, {error}; take it from version control, or write it anew with {WRITE}")]
    NoContract {
        /// The path of the file.
        path: String,
        /// The syntax error in the text of the file.
        error: ParseError,
    },
    /// The program is incompatible with peers that run the version in the file.
    #[error(
        "the program no longer fulfils `{path}`, and peers that run the old version rely on it:\n{}\nUndo each change as described; or, when no peer runs the old version any more, write the file anew with {WRITE}, and commit it",
        listed_breaks(.breaks)
    )]
    Breaks {
        /// The path of the file.
        path: String,
        /// The incompatible changes.
        breaks: Vec<Break>,
    },
    /// The program has changed in compatible ways since the file was written. Write the file again; otherwise, later
    /// changes would be compared with an outdated version.
    #[error(
        "the program has changed compatibly, so `{path}` is out of date; write it anew with {WRITE}, and commit it:\n{}",
        indented(.lines)
    )]
    Outdated {
        /// The path of the file.
        path: String,
        /// The removed lines, marked with `-`, and the added lines, marked with `+`, below the protocols and types that
        /// contain them.
        lines: Vec<String>,
    },
    /// The file cannot be written.
    #[error("`{path}` cannot be written: {message}")]
    Unwritable {
        /// The path of the file.
        path: String,
        /// The error of the operating system.
        message: String,
    },
}

/// Lists each break of a type once, with the other methods that use the type.
fn listed_breaks(breaks: &[Break]) -> String {
    let mut lines: Vec<(&Break, Vec<String>)> = Vec::new();
    for found in breaks {
        let same = |first: &Break| {
            first.of.is_some()
                && first.of == found.of
                && first.reason == found.reason
                && first.inside == found.inside
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

fn method(found: &Break) -> Option<String> {
    let method = found.method.as_ref()?;
    Some(format!("`{}`, method `{method}`", found.protocol))
}

fn indented(lines: &[String]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}

/// Checks that the contract file at `path` describes exactly `contract`.
///
/// A file that is merely compatible is rejected too: if the file were outdated, it would not detect that a field is
/// removed that was added after the file was written.
///
/// # Errors
/// - [`CheckError::Breaks`] if `contract` is incompatible with peers that run the version in the file.
/// - [`CheckError::Outdated`] if `contract` differs from the file in compatible ways.
/// - [`CheckError::Missing`], [`CheckError::Unreadable`] or [`CheckError::NoContract`] if the file does not exist,
///   cannot be read, or does not contain a valid contract.
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
    let old = match parse::file(text) {
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

/// Writes `contract` to the file at `path`, unless the file already contains it. The first line of each type ends with
/// a hash of the type's definition, so that two branches that change the same type cause a merge conflict.
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

/// Implements [`assert_contract!`](crate::assert_contract); `folder` is the directory of the caller's `Cargo.toml`.
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

/// Asserts in a test that the protocols of a program match its contract file, and so are compatible with the version
/// that the file describes.
///
/// ```no_run
/// // In a test of yours, and with your protocols: `[Counter, dyn Kv]`.
/// ambit::assert_contract!("contract.lock", []);
/// ```
///
/// The brackets list the protocols that other nodes use: servers with a name on the wire, and `dyn Kv` for a
/// `#[protocol(remote = "kv")] trait Kv`. The path is relative to the directory of the `Cargo.toml` of the crate that
/// contains the test. Use a separate file for each test.
///
/// - `AMBIT_CONTRACT=write cargo test` writes the file, regardless of its previous content. Commit the file: its lines
///   are sorted, so its diff shows a reviewer what has changed.
/// - `cargo test` without this variable compares the protocols with the file. The test fails if a change breaks
///   communication with old peers, and reports the method, the reason, and the remedy. It also fails if the program has
///   changed in compatible ways, and lists the changes: write the file again, because later changes would otherwise be
///   compared with an outdated version.
///
/// [`compatible`](crate::message::compatible) lists the rules. To stay compatible with several old versions, keep a
/// file for each version, and call [`compatible`](crate::message::compatible) for each in a test.
///
/// # Panics
/// Panics with the text of a [`CheckError`](crate::message::CheckError) if the file is missing, cannot be read or
/// written, or does not match the protocols. Also panics if `AMBIT_CONTRACT` has a value other than `write`, `check` or
/// the empty string.
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
