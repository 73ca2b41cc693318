//! Instruction counts: this program runs under valgrind, which gives the same count each time.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use crate::work::Work;

/// The number of operations; a second run has twice as many, and the difference contains no start and no warm-up.
const OPERATIONS: u64 = 6_400;

/// Returns true if valgrind is installed.
pub(crate) fn is_here() -> bool {
    let version = Command::new("valgrind").arg("--version").output();
    version.is_ok_and(|version| version.status.success())
}

/// Returns the instructions per operation, on one thread.
///
/// # Errors
/// The output of valgrind.
pub(crate) fn per_operation(program: &Path, work: Work) -> Result<f64, String> {
    let count = |operations| {
        collect(
            program,
            work,
            operations,
            &["--callgrind-out-file=/dev/null".into()],
        )
    };
    let (once, twice) = (count(OPERATIONS)?, count(2 * OPERATIONS)?);
    Ok((twice as f64 - once as f64) / OPERATIONS as f64)
}

/// Runs this number of operations under callgrind; returns the counted instructions.
///
/// # Errors
/// The output of valgrind.
pub(crate) fn collect(
    program: &Path,
    work: Work,
    operations: u64,
    options: &[OsString],
) -> Result<u64, String> {
    let run = Command::new("valgrind")
        .arg("--tool=callgrind")
        .args(options)
        .arg(program)
        .args(["--run", work.name(), &operations.to_string()])
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    let said = String::from_utf8_lossy(&run.stderr);
    let collected = collected(&said).filter(|_| run.status.success());
    collected.ok_or_else(|| format!("valgrind did not count {}:\n{said}", work.name()))
}

/// Returns the number in `==123== Collected : 29406625`.
fn collected(said: &str) -> Option<u64> {
    let line = said.lines().find(|line| line.contains("Collected :"))?;
    line.rsplit(':').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_instruction_count_is_parsed_from_valgrind_output() {
        let said = "==7== Events    : Ir\n==7== Collected : 29406625\n==7== \n";
        assert_eq!(collected(said), Some(29_406_625));
        assert_eq!(collected("==7== Process terminating\n"), None);
    }
}
