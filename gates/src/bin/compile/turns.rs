//! Checks the crates in turns, and takes the median time of each.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::crates::Kind;

/// Returns the time of each kind, in their order.
///
/// # Errors
/// The output of cargo for a crate that does not compile.
pub(crate) fn take(workspace: &Path, turns: usize) -> Result<[Duration; 4], String> {
    for kind in Kind::ALL {
        check(workspace, kind)?;
    }
    let mut times = [(); 4].map(|()| Vec::with_capacity(turns));
    for _ in 0..turns {
        for kind in Kind::ALL {
            times[kind as usize].push(timed(workspace, kind)?);
        }
    }
    Ok(times.map(median))
}

/// Checks one crate from scratch, without its dependencies.
fn timed(workspace: &Path, kind: Kind) -> Result<Duration, String> {
    let source = workspace.join(kind.name()).join("src").join("lib.rs");
    let text = fs::read(&source).and_then(|text| fs::write(&source, text));
    text.map_err(|error| format!("{}: {error}", source.display()))?;
    let (began, before) = (Instant::now(), children());
    check(workspace, kind)?;
    Ok(match (before, children()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => began.elapsed(),
    })
}

fn check(workspace: &Path, kind: Kind) -> Result<(), String> {
    let mut cargo = Command::new(option_env!("CARGO").unwrap_or("cargo"));
    cargo
        .args(["check", "--offline", "--quiet", "--package", kind.name()])
        .arg("--target-dir")
        .arg(workspace.join("target"))
        .current_dir(workspace)
        .env("CARGO_INCREMENTAL", "0");
    let done = cargo.output().map_err(|error| format!("cargo: {error}"))?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    Err(format!(
        "the crate of {} does not compile:\n{said}",
        kind.text()
    ))
}

/// Returns the CPU time of all child processes that have been waited for, if the system reports it: other load on the
/// machine affects it less than the wall-clock time.
fn children() -> Option<Duration> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name is in parentheses and may contain anything; `cutime` and `cstime` are the 16th and 17th field.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut ticks = fields.split_whitespace().skip(13).map(str::parse::<u64>);
    let hundredths = ticks.next()?.ok()? + ticks.next()?.ok()?;
    Some(Duration::from_millis(hundredths * 10))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        let times = [9, 1, 2].map(Duration::from_millis);
        assert_eq!(median(times.to_vec()), Duration::from_millis(2));
    }
}
