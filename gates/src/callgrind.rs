//! Counting instructions: this program runs under valgrind, which counts each one, and counts the same each time.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use crate::work::Work;

/// So many operations, and then twice as many: the difference has no start and no warm-up in it.
const OPERATIONS: u64 = 6_400;

/// Whether there is a valgrind.
pub(crate) fn is_here() -> bool {
    let version = Command::new("valgrind").arg("--version").output();
    version.is_ok_and(|version| version.status.success())
}

/// Instructions per operation, on one thread.
///
/// # Errors
/// What valgrind says.
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

/// Runs so many operations under callgrind; how many instructions it has counted.
///
/// # Errors
/// What valgrind says.
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

/// The number in `==123== Collected : 29406625`.
fn collected(said: &str) -> Option<u64> {
    let line = said.lines().find(|line| line.contains("Collected :"))?;
    line.rsplit(':').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_instructions_is_found_in_what_valgrind_says() {
        let said = "==7== Events    : Ir\n==7== Collected : 29406625\n==7== \n";
        assert_eq!(collected(said), Some(29_406_625));
        assert_eq!(collected("==7== Process terminating\n"), None);
    }
}
