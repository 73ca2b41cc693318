//! Instruction counts: the cases run under callgrind, which reports the instructions of each.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, process, thread};

use crate::case::Case;
use crate::run::COUNTED;

/// The measured sizes: `n` and `4n`.
const SIZES: [usize; 2] = [1, 4];

/// Each case has one counted run before those: the small warm-up run.
const STRETCHES: usize = 1 + SIZES.len();

/// Returns true if valgrind is installed.
pub(crate) fn is_here() -> bool {
    let version = Command::new("valgrind").arg("--version").output();
    version.is_ok_and(|version| version.status.success())
}

/// Returns the instructions of each case at both sizes, in the order of the cases, measured by `jobs` processes.
///
/// # Errors
/// The output of valgrind or of a failed case.
pub(crate) fn count(program: &Path, cases: &[Case], jobs: usize) -> Result<Vec<[u64; 2]>, String> {
    let folder = std::env::temp_dir().join(format!("ambit-scaling-{}", process::id()));
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let counted = in_parts(program, cases, jobs.min(cases.len()).max(1), &folder);
    fs::remove_dir_all(&folder).ok();
    counted
}

/// Gives part `i` of `k` the cases `i`, `i + k`, `i + 2k` ..: expensive neighbours run in different parts.
fn in_parts(
    program: &Path,
    cases: &[Case],
    jobs: usize,
    folder: &Path,
) -> Result<Vec<[u64; 2]>, String> {
    let parts: Vec<Result<Vec<[u64; 2]>, String>> = thread::scope(|scope| {
        let part = |job: usize| {
            let names: Vec<&str> = cases
                .iter()
                .skip(job)
                .step_by(jobs)
                .map(|case| case.name)
                .collect();
            let out = folder.join(job.to_string());
            scope.spawn(move || part(program, &names, &out))
        };
        let threads: Vec<_> = (0..jobs).map(part).collect();
        let joined = |thread: thread::ScopedJoinHandle<'_, _>| {
            thread
                .join()
                .unwrap_or_else(|_| Err("a part panicked".into()))
        };
        threads.into_iter().map(joined).collect()
    });
    let parts: Vec<Vec<[u64; 2]>> = parts.into_iter().collect::<Result<_, _>>()?;
    Ok((0..cases.len())
        .map(|case| parts[case % jobs][case / jobs])
        .collect())
}

/// Runs the named cases in one process under callgrind, which writes a file after each counted run.
fn part(program: &Path, names: &[&str], out: &Path) -> Result<Vec<[u64; 2]>, String> {
    let sizes = SIZES.map(|size| size.to_string()).join(",");
    let run = Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(format!("--toggle-collect={COUNTED}"))
        .arg(format!("--dump-after={COUNTED}"))
        .arg(program)
        .args(["--part", &sizes])
        .args(names)
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    if !run.status.success() {
        return Err(String::from_utf8_lossy(&run.stderr).into_owned());
    }
    let stretch = |index: usize| total(&out.with_extension((index + 1).to_string()));
    let case = |case: usize| {
        let first = case * STRETCHES + 1;
        Ok([stretch(first)?, stretch(first + 1)?])
    };
    (0..names.len()).map(case).collect()
}

/// Returns the number in `totals: 29406625`, the last line of a callgrind file.
fn total(file: &PathBuf) -> Result<u64, String> {
    let text = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let text = String::from_utf8_lossy(&text);
    let number = text
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("totals:"));
    let number = number.and_then(|number| number.trim().parse().ok());
    number.ok_or_else(|| format!("{}: no total", file.display()))
}
